"""Served files whose bytes a disk has changed: put right one by one, because the release that promises them has not changed.

Products come from the store (:func:`repair`); all else is made again (:func:`damaged` says what).
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from pathlib import Path

from catalog_builder.files import PART_SUFFIX, StoredFile, checksum_file, link_or_copy
from catalog_builder.release.write import Manifest, read_manifest


def repair(site: Path, files: Iterable[StoredFile]) -> tuple[str, ...]:
    """Give the files of the served release that should have the bytes of one of ``files``, and have not, those bytes.

    A product lies in the store and in the release as one file with two names, so that what damages one damages both; where it still
    does, it is as sound as ``files`` are. Each file is replaced in one step; returns their paths below ``site``.
    """
    manifest = read_manifest(site)
    if manifest is None:
        return ()
    sound = {(f.size, f.checksum): f.path for f in files}
    mended = []
    for name, promise in sorted(manifest.files.items()):
        source = sound.get(promise)
        if source is not None and not _is_whole(site / name, source, promise[1]):
            _replace(site / name, source)
            mended.append(name)
    return tuple(mended)


def damaged(site: Path, manifest: Manifest, products: Container[tuple[int, str]]) -> tuple[str, ...]:
    """The served files that are not as ``manifest`` promises, but for those with size and checksum of a product."""
    made = ((name, promise) for name, promise in sorted(manifest.files.items()) if promise not in products)
    return tuple(name for name, (_, checksum) in made if not _has(site / name, checksum))


def _has(served: Path, checksum: str) -> bool:
    try:
        return checksum_file(served) == checksum
    except FileNotFoundError:
        return False


def _is_whole(served: Path, source: Path, checksum: str) -> bool:
    return served.exists() and (served.samefile(source) or _has(served, checksum))


def _replace(served: Path, source: Path) -> None:
    temporary = served.with_name(f".{served.name}{PART_SUFFIX}")
    temporary.unlink(missing_ok=True)
    link_or_copy(source, temporary)
    temporary.replace(served)
