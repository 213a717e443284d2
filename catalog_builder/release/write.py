"""Writing a release: whole or not at all.

What is new is written into a staging folder beside the served tree. In the end a whole tree is assembled there and takes the place of
the served one in one step (``renameat2`` with RENAME_EXCHANGE, Linux), so a reader sees the old release or the new one and nothing
between. Files that have not changed are hard links to the previous release or to the store, so releases that are kept cost only what
differs. The tree is assembled from the oldest kept release, whose time is over: most of its files and folders are those of the new
one, and making a folder takes longer than anything else that is done for an item that has not changed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from catalog_builder.errors import EnvironmentProblem
from catalog_builder.files import StoredFile, checksum_bytes, json_bytes, link_or_copy, read_json
from catalog_builder.release.findings import SITE_OCCUPIED
from catalog_builder.release.swap import exchange, sync_file_system

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
    """The manifest of the release in ``tree``; None when there is none, or something else under its name."""
    path = tree / MANIFEST
    if not path.is_file():
        return None
    try:
        data = read_json(path)
        files = {name: (entry["size"], entry["checksum"]) for name, entry in data.pop("files").items()}
        return Manifest(data.pop("id"), files, data.pop("items"), data)
    except (AttributeError, LookupError, TypeError, orjson.JSONDecodeError):
        return None


class ReleaseWriter:
    """Collects the files of one release; :meth:`publish` makes them the served tree ``site``."""

    def __init__(self, site: Path, previous: Manifest | None = None, damaged: Iterable[str] = ()) -> None:
        """``previous`` is the manifest of the served release, where the caller has read it already; ``damaged`` names files of it that
        must not be taken over, to which are added those that turn out to be missing or of another size."""
        self.site = site
        self.kept = site.parent / f".{site.name}-releases"
        self.staging = self.kept / f"staging-{os.getpid()}"
        """Holds the new files by number: folders are made once, for the tree that will be served."""
        self.previous = previous or read_manifest(site)
        self.damaged = set(damaged)
        self.files: dict[str, tuple[int, str]] = {}
        self._written: dict[str, str] = {}  # path -> staged file
        self._linked: dict[str, str] = {}  # path -> file of the store
        self._same: dict[str, int] = {}  # path of a served file that stays -> its inode
        if self.previous is None and site.is_dir() and any(site.iterdir()):
            raise EnvironmentProblem(SITE_OCCUPIED(str(site), path=str(site)))
        self._remove_abandoned()
        self.staging.mkdir(parents=True)

    def put(self, path: str, data: bytes) -> StoredFile:
        """Add a file with these bytes; identical bytes of the previous release are kept, not written again.

        Nobody sees a staged file before :meth:`publish`, which brings all of them to the disk at once.
        """
        checksum = checksum_bytes(data)
        if not self.keep(path, len(data), checksum):
            self._add(path, len(data), checksum)
            staged = self._written[path] = f"{self.staging}/{len(self._written)}"
            with open(staged, "wb") as stream:  # noqa: PTH123 - a Path for each file would take longer than the rest
                stream.write(data)
        return StoredFile(self.path(path), len(data), checksum)

    def keep(self, path: str, size: int, checksum: str) -> bool:
        """Take a file over from the previous release, if it has it with this size and checksum."""
        if self.served(path) != (size, checksum):
            return False
        try:
            status = os.stat(f"{self.site}/{path}")  # noqa: PTH116 - as in put
        except FileNotFoundError:
            status = None
        if status is None or status.st_size != size:
            self.damaged.add(path)
            return False
        self._add(path, size, checksum)
        self._same[path] = status.st_ino
        return True

    def served(self, path: str) -> tuple[int, str] | None:
        """Size and checksum of a whole file in the previous release, by its manifest."""
        return None if self.previous is None or path in self.damaged else self.previous.files.get(path)

    def link(self, path: str, source: str, size: int, checksum: str) -> None:
        """Add the finished file ``source`` of the store (size and checksum as the store recorded them)."""
        if not self.keep(path, size, checksum):
            self._add(path, size, checksum)
            self._linked[path] = source

    def is_new(self, path: str) -> bool:
        """Whether a staged file differs from the one of that name in the previous release, or has none there."""
        return self.served(path) != self.files[path]

    def path(self, path: str) -> Path:
        """Where a file of this release is while it is being written."""
        return Path(self._written.get(path) or self._linked.get(path) or f"{self.site}/{path}")

    def read_json(self, path: str) -> Any:
        """The content of a JSON of this release, while it is being written."""
        return read_json(self.path(path))

    def publish(self, items: int, facts: Mapping[str, Any]) -> Manifest:
        """Write the manifest and make the staged tree the served one. Same content as before: only damaged files are put right."""
        content = hashlib.sha256(json_bytes([[p, s, c] for p, (s, c) in sorted(self.files.items())])).hexdigest()
        manifest = Manifest(content[:16], self.files, items, facts)
        if self.previous is not None and self.previous.id == manifest.id:
            self._mend()
            self.discard()
            return manifest
        tree = self._assembled()
        (tree / MANIFEST).write_bytes(json_bytes(manifest.to_json()))
        sync_file_system(tree)
        if self.site.is_dir() and not any(self.site.iterdir()):
            self.site.rmdir()
        if self.site.exists():
            exchange(tree, self.site)
            if self.previous is not None:
                self._keep(tree, self.previous.id)
        else:
            tree.rename(self.site)
        shutil.rmtree(self.staging)
        return manifest

    def _mend(self) -> None:
        """Give damaged files of the served tree the bytes that they should have, each in one step."""
        mended = sorted(self.damaged & (self._written.keys() | self._linked.keys()))
        for path in mended:
            if path in self._linked:
                staged = self._written[path] = f"{self.staging}/{len(self._written)}"
                _link(self._linked[path], staged)
        if mended:
            sync_file_system(self.staging)
        for path in mended:
            target = self.site / path
            target.parent.mkdir(parents=True, exist_ok=True)
            Path(self._written[path]).replace(target)

    def discard(self) -> None:
        """Forget the staged files."""
        shutil.rmtree(self.staging, ignore_errors=True)
        shutil.rmtree(self._tree, ignore_errors=True)

    def _add(self, path: str, size: int, checksum: str) -> None:
        if path in self.files or path.startswith("/") or ".." in path.split("/"):
            raise ValueError(f"{path!r} is written twice or leaves the release")
        self.files[path] = (size, checksum)

    @property
    def _tree(self) -> Path:
        return self.kept / f"staging-{os.getpid()}-tree"

    def _assembled(self) -> Path:
        """All files of this release in one folder, without its manifest."""
        tree = self._tree
        there = self._recycled(tree)
        folders = set[str]()
        for path in self.files:
            if path in there:
                continue
            target, folder = f"{tree}/{path}", path.rpartition("/")[0]
            if folder not in folders:
                folders.add(folder)
                (tree / folder).mkdir(parents=True, exist_ok=True)
            if path in self._written:
                os.rename(self._written[path], target)  # noqa: PTH104 - as in put
            else:
                _link(self._linked.get(path) or f"{self.site}/{path}", target)
        return tree

    def _recycled(self, tree: Path) -> set[str]:
        """Make ``tree`` of the oldest kept release, when this release pushes it out; gives the files that are there already."""
        kept, there = self._releases(), set[str]()
        if len(kept) < KEEP:
            tree.mkdir()
        else:
            kept[-1].rename(tree)
            self._strip(str(tree), "", there)
        return there

    def _strip(self, folder: str, prefix: str, there: set[str]) -> bool:
        """Remove from ``folder`` every file but those that this release keeps and that are the same file as the served one, not just
        a file of the same name and size: so what was put right in the served tree stays right. Returns whether anything stays."""
        with os.scandir(folder) as listing:
            entries = list(listing)
        left = False
        for entry in entries:
            path = prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                if self._strip(entry.path, f"{path}/", there):
                    left = True
                else:
                    Path(entry.path).rmdir()
            elif self._same.get(path) == entry.inode():
                there.add(path)
                left = True
            else:
                Path(entry.path).unlink()
        return left

    def _keep(self, tree: Path, release_id: str) -> None:
        target = self.kept / release_id
        shutil.rmtree(target, ignore_errors=True)
        tree.rename(target)
        os.utime(target)
        for old in self._releases()[KEEP:]:
            shutil.rmtree(old)

    def _releases(self) -> list[Path]:
        """The kept releases, newest first."""
        found = (p for p in self.kept.iterdir() if p.is_dir() and not p.name.startswith("staging-"))
        return sorted(found, key=lambda p: p.stat().st_mtime_ns, reverse=True)

    def _remove_abandoned(self) -> None:
        """Staging folders of runs that were killed; the lock of the store says that none of them is alive."""
        if self.kept.is_dir():
            for path in self.kept.glob("staging-*"):
                shutil.rmtree(path)


def _link(source: str, target: str) -> None:
    """As :func:`link_or_copy`, which asks for the folder of each file again."""
    try:
        os.link(source, target)
    except OSError:
        link_or_copy(Path(source), Path(target))
