"""Writing a release: whole or not at all.

A release is written into a staging folder beside the served tree, then takes its place in one step (``renameat2`` with
RENAME_EXCHANGE, Linux), so a reader sees the old release or the new one and nothing between. Files that have not changed are hard
links to the previous release or to the store, so releases that are kept cost only what differs.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catalog_builder.errors import EnvironmentProblem
from catalog_builder.files import StoredFile, checksum_bytes, json_bytes, link_or_copy, read_json
from catalog_builder.release.findings import SITE_OCCUPIED

MANIFEST = "release.json"
"""Names the release and every file of it; the one file that does not list itself."""

KEEP = 3
"""Earlier releases kept beside the served one for rollback and comparison."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a release consists of: ``files`` maps path to (size, checksum)."""

    id: str
    files: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    items: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        files = {path: {"size": size, "checksum": checksum} for path, (size, checksum) in sorted(self.files.items())}
        return {"id": self.id, "items": self.items, **dict(self.facts), "files": files}


def read_manifest(tree: Path) -> Manifest | None:
    """The manifest of the release in ``tree``; None when there is no release."""
    path = tree / MANIFEST
    if not path.is_file():
        return None
    data = read_json(path)
    files = {name: (entry["size"], entry["checksum"]) for name, entry in data.pop("files").items()}
    return Manifest(data.pop("id"), files, data.pop("items"), data)


class ReleaseWriter:
    """Collects the files of one release in a staging folder; :meth:`publish` makes them the served tree ``site``."""

    def __init__(self, site: Path, previous: Manifest | None = None) -> None:
        """``previous`` is the manifest of the served release, where the caller has read it already."""
        self.site = site
        self.kept = site.parent / f".{site.name}-releases"
        self.staging = self.kept / f"staging-{os.getpid()}"
        self.previous = previous or read_manifest(site)
        self._folders: set[str] = set()
        self.files: dict[str, tuple[int, str]] = {}
        if self.previous is None and site.is_dir() and any(site.iterdir()):
            raise EnvironmentProblem(SITE_OCCUPIED(str(site), path=str(site)))
        self._remove_abandoned()
        self.staging.mkdir(parents=True)

    def put(self, path: str, data: bytes) -> StoredFile:
        """Add a file with these bytes; identical bytes of the previous release are linked, not written again.

        Nobody sees a staged file before :meth:`publish`, which brings all of them to the disk at once.
        """
        checksum = checksum_bytes(data)
        if not self.keep(path, len(data), checksum):
            self._add(path, len(data), checksum)
            self._target(path).write_bytes(data)
        return StoredFile(self.staging / path, len(data), checksum)

    def keep(self, path: str, size: int, checksum: str) -> bool:
        """Take a file over from the previous release, if it has it with this size and checksum."""
        if self.previous is None or self.previous.files.get(path) != (size, checksum):
            return False
        try:
            if (self.site / path).stat().st_size != size:
                return False
        except FileNotFoundError:
            return False
        self._add(path, size, checksum)
        link_or_copy(self.site / path, self._target(path))
        return True

    def served(self, path: str) -> tuple[int, str] | None:
        """Size and checksum of a file in the previous release, by its manifest."""
        return None if self.previous is None else self.previous.files.get(path)

    def link(self, path: str, source: Path, size: int, checksum: str) -> None:
        """Add a finished file of the store (size and checksum as the store recorded them)."""
        if not self.keep(path, size, checksum):
            self._add(path, size, checksum)
            link_or_copy(source, self._target(path))

    def is_new(self, path: str) -> bool:
        """Whether a staged file differs from the one of that name in the previous release, or has none there."""
        return self.previous is None or self.previous.files.get(path) != self.files[path]

    def path(self, path: str) -> Path:
        """Where a file of this release is while it is being written."""
        return self.staging / path

    def publish(self, items: int, facts: Mapping[str, Any]) -> Manifest:
        """Write the manifest and make the staged tree the served one. Same content as before: nothing is touched."""
        content = hashlib.sha256(json_bytes([[p, s, c] for p, (s, c) in sorted(self.files.items())])).hexdigest()
        manifest = Manifest(content[:16], self.files, items, facts)
        if self.previous is not None and self.previous.id == manifest.id:
            self.discard()
            return manifest
        (self.staging / MANIFEST).write_bytes(json_bytes(manifest.to_json()))
        sync_file_system(self.staging)
        if self.site.is_dir() and not any(self.site.iterdir()):
            self.site.rmdir()
        if self.site.exists():
            exchange(self.staging, self.site)
            if self.previous is not None:
                self._keep(self.staging, self.previous.id)
        else:
            self.staging.rename(self.site)
        return manifest

    def discard(self) -> None:
        """Forget the staged files."""
        shutil.rmtree(self.staging, ignore_errors=True)

    def _add(self, path: str, size: int, checksum: str) -> None:
        if path in self.files or path.startswith("/") or ".." in path.split("/"):
            raise ValueError(f"{path!r} is written twice or leaves the release")
        self.files[path] = (size, checksum)

    def _target(self, path: str) -> Path:
        """Where ``path`` is staged; its folder is there."""
        target = self.staging / path
        folder = path.rpartition("/")[0]
        if folder not in self._folders:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._folders.add(folder)
        return target

    def _keep(self, tree: Path, release_id: str) -> None:
        target = self.kept / release_id
        shutil.rmtree(target, ignore_errors=True)
        tree.rename(target)
        os.utime(target)
        for old in sorted(self._releases(), key=lambda p: p.stat().st_mtime_ns, reverse=True)[KEEP:]:
            shutil.rmtree(old)

    def _releases(self) -> Iterator[Path]:
        return (p for p in self.kept.iterdir() if p.is_dir() and not p.name.startswith("staging-"))

    def _remove_abandoned(self) -> None:
        """Staging folders of runs that were killed; the lock of the store says that none of them is alive."""
        if self.kept.is_dir():
            for path in self.kept.glob("staging-*"):
                shutil.rmtree(path)


_RENAME_EXCHANGE = 2  # linux/fs.h
_AT_FDCWD = -100  # linux/fcntl.h


def exchange(a: Path, b: Path) -> None:
    """Swap two folders of one file system atomically.

    Where the kernel or the file system cannot (network shares, other systems), two renames follow each other; a kill between them
    leaves ``b`` as ``<b>.old``, which :func:`recover` puts back.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.renameat2(_AT_FDCWD, os.fsencode(a), _AT_FDCWD, os.fsencode(b), _RENAME_EXCHANGE) == 0:
            return
        code = ctypes.get_errno()
        if code not in (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP):
            raise OSError(code, os.strerror(code), str(b))
    aside = _aside(b)
    b.rename(aside)
    a.rename(b)
    aside.rename(a)


def sync_file_system(folder: Path) -> None:
    """Bring everything that was written to the file system of ``folder`` to the disk: one call for a whole release."""
    if sys.platform != "linux":
        os.sync()
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).syncfs(descriptor) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), str(folder))
    finally:
        os.close(descriptor)


def recover(site: Path) -> None:
    """Undo a swap that was killed half-way on a system without an atomic exchange."""
    if not site.exists() and _aside(site).is_dir():
        _aside(site).rename(site)


def _aside(site: Path) -> Path:
    return site.with_name(site.name + ".old")
