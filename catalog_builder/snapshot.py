"""What a build reads and leaves, summed up from names, sizes and times alone, so that "nothing has changed" costs a look at each file.

A summary is equal only when the scan, the plan and the release would come out the same. It trusts size and modification time, as the
scan does; whatever cannot be looked at makes it differ from every other.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from catalog_builder.definition.model import Access, Definition
from catalog_builder.planning import software
from catalog_builder.release.write import MANIFEST
from catalog_builder.resources import PACKAGE, assets_dir, templates_dir
from catalog_builder.store import Store


def inputs_of(definition: Definition, audience: Access, archives: Sequence[Path]) -> str:
    """A hash over everything that a build reads: definition, program, templates, assets and every file of the archives."""
    digest = hashlib.sha256(f"{audience.value}\n{policy_of(definition)}\n".encode())
    digest.update("\n".join(software()).encode())
    named = (definition.folder / path for path in (definition.area.boundaries, definition.area.dem) if path)
    digest.update("\n".join(_stamp(path) for path in named if path.is_file()).encode())
    for root in (PACKAGE, templates_dir(), assets_dir(), *archives):
        digest.update(f"\n{root}\n".encode("utf-8", "surrogateescape"))
        for lines in _lines(str(root)):
            digest.update(lines)
    return digest.hexdigest()


def outputs_of(store: Store, site: Path) -> str:
    """A hash over what a build left: which release is served, and the journal."""
    return hashlib.sha256("\n".join(map(_stamp, (site / MANIFEST, store.journal))).encode()).hexdigest()


def policy_of(definition: Definition) -> str:
    """The definition as text, without places on this machine and the moment of publication: an hour that passes changes nothing."""
    same = definition.model_copy(update={"folder": Path(), "paths": type(definition.paths)(), "as_of": None})
    return f"{same!r} {definition.as_of is not None}"


def _lines(folder: str) -> Iterator[bytes]:
    """For each folder below ``folder`` its path and its entries with kind, size and modification time."""
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            with os.scandir(here) as listing:
                entries = sorted(_entry(e, waiting) for e in listing if e.name != "__pycache__")
        except OSError as error:
            entries = [f"? {error}"]
        yield f"{here}\n{''.join(entries)}".encode("utf-8", "surrogateescape")


def _entry(entry: os.DirEntry[str], waiting: list[str]) -> str:
    """One line. Links are not followed, as the scan does not."""
    status = entry.stat(follow_symlinks=False)
    if entry.is_dir(follow_symlinks=False):
        waiting.append(entry.path)
        return f"{entry.name}/\n"
    return f"{entry.name}\0{status.st_mode}\0{status.st_size}\0{status.st_mtime_ns}\n"


def _stamp(path: Path) -> str:
    try:
        status = path.stat()
    except FileNotFoundError:
        return f"{path} -"
    return f"{path} {status.st_size} {status.st_mtime_ns} {status.st_ino}"
