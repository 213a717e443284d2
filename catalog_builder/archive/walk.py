"""Walking an archive: everything below a root as a tree of :class:`Folder`, archive files opened, links and junk left out.

Symbolic links are never followed. A link to something inside the archive adds nothing (its target is found by itself), one that
leads out or nowhere is reported; so no link can make the walk endless or let a file outside be read.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from catalog_builder.archive.containers import Containers
from catalog_builder.archive.delivery import ArchiveFile, Folder
from catalog_builder.archive.findings import (
    CONTAINER_BOMB,
    CONTAINER_NESTED,
    FILE_UNREADABLE,
    FOLDER_TOO_DEEP,
    FOLDER_UNREADABLE,
    LINK_INSIDE,
    LINK_OUTSIDE,
    ROOT_MISSING,
    ROOTS_OVERLAP,
    SPECIAL_FILE,
    WORK_INSIDE_ARCHIVE,
)
from catalog_builder.archive.limits import Bomb, Budget
from catalog_builder.archive.names import clean_names
from catalog_builder.errors import EnvironmentProblem, UsageError
from catalog_builder.findings import Finding

MAX_DEPTH = 64
"""Folders below the root; deeper trees are loops of mounts or mistakes."""

JUNK = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini", ".ds_store", "__macosx", ".spotlight-v100", ".trashes", ".fseventsd"})
JUNK |= {"$recycle.bin", "system volume information", "lost+found", ".directory", "@eadir", ".git"}
"""What operating systems and file servers leave behind (names in lower case)."""


@dataclass(frozen=True, slots=True)
class Walk:
    """The tree below a root and what was met on the way."""

    folder: Folder
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class _Walker:
    root: Path
    containers: Containers
    findings: list[Finding] = field(default_factory=list)
    nested: dict[str, int] = field(default_factory=dict)  # outermost container: archive files too deep inside it

    def folder(self, path: Path, name: str, depth: int) -> Folder:
        """The folder at ``path``; whatever cannot be read is left out and reported."""
        try:
            with os.scandir(path) as listing:
                entries = {e.name: e for e in listing if not is_junk(e.name)}
        except OSError as error:
            self.findings.append(FOLDER_UNREADABLE(name or ".", problem=_problem(error)))
            return Folder(name, ())
        clean = clean_names(entries)
        files: list[ArchiveFile] = []
        folders: list[Folder] = []
        for raw in sorted(entries, key=lambda r: clean[r]):
            child = f"{name}/{clean[raw]}" if name else clean[raw]
            found = self._entry(entries[raw], child, depth)
            if isinstance(found, ArchiveFile):
                files.append(found)
            elif found is not None:
                folders.append(found)
        return self._open_containers(Folder(name, tuple(files), tuple(folders)), 1, None)

    def _entry(self, entry: os.DirEntry[str], name: str, depth: int) -> ArchiveFile | Folder | None:
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError as error:
            self.findings.append(FILE_UNREADABLE(name, problem=_problem(error)))
            return None
        if stat.S_ISLNK(status.st_mode):
            self.findings.append(self._link(Path(entry.path), name))
        elif stat.S_ISREG(status.st_mode):
            return ArchiveFile(Path(entry.path), name, status.st_size, status.st_mtime_ns, status.st_ino)
        elif not stat.S_ISDIR(status.st_mode):
            self.findings.append(SPECIAL_FILE(name, kind=_kind(status.st_mode)))
        elif depth >= MAX_DEPTH:
            self.findings.append(FOLDER_TOO_DEEP(name, limit=MAX_DEPTH))
        else:
            return self.folder(Path(entry.path), name, depth + 1)
        return None

    def _link(self, path: Path, name: str) -> Finding:
        try:
            target = path.resolve(strict=True)
        except (OSError, RuntimeError):  # dangling; loop (RuntimeError before Python 3.13)
            return LINK_OUTSIDE(name)
        return (LINK_INSIDE if target.is_relative_to(self.root) else LINK_OUTSIDE)(name)

    def _open_containers(self, folder: Folder, depth: int, budget: Budget | None) -> Folder:
        """``folder`` with each archive file replaced by the folder of its content."""
        plain: list[ArchiveFile] = []
        inside: list[Folder] = []
        for file in folder.files:
            opened = self._open(file, depth, budget)
            if isinstance(opened, ArchiveFile):
                plain.append(opened)
            elif opened is not None:
                inside.append(opened)
        if len(plain) == len(folder.files):
            return folder
        folders = sorted([*folder.folders, *inside], key=lambda f: f.name)
        return Folder(folder.name, tuple(plain), tuple(folders))

    def _open(self, file: ArchiveFile, depth: int, budget: Budget | None) -> ArchiveFile | Folder | None:
        try:
            kind = self.containers.recognise(file)
        except OSError as error:
            self.findings.append(FILE_UNREADABLE(file.name, problem=_problem(error)))
            return None
        if kind is None:
            return file
        if depth > self.containers.limits.depth:
            outermost = file.name.partition("!/")[0]
            self.nested[outermost] = self.nested.get(outermost, 0) + 1
            return None
        budget = budget or Budget(self.containers.limits, file.size)
        try:
            unpacked = self.containers.unpack(file, kind, budget)
        except Bomb as error:  # what an earlier scan unpacked is too much together
            self.findings.append(CONTAINER_BOMB(file.name, problem=str(error)))
            return None
        self.findings += unpacked.findings
        tree = tree_of(f"{file.name}!", unpacked.files)
        return self._open_inside(tree, depth + 1, budget) if unpacked.files else None

    def _open_inside(self, folder: Folder, depth: int, budget: Budget) -> Folder:
        folders = tuple(self._open_inside(f, depth, budget) for f in folder.folders)
        return self._open_containers(replace(folder, folders=folders), depth, budget)


def walk(root: Path, containers: Containers, prefix: str = "") -> Walk:
    """Everything below ``root``; names are relative to it, after ``prefix`` where an archive has several roots.

    Raises:
        EnvironmentProblem: the root is not there: an unplugged disk must not look like an empty archive.
    """
    if not root.is_dir():
        raise EnvironmentProblem(ROOT_MISSING(str(root)))
    root = root.resolve()
    walker = _Walker(root, containers)
    folder = walker.folder(root, prefix, 0)
    too_deep = [CONTAINER_NESTED(name, count=n, limit=containers.limits.depth) for name, n in sorted(walker.nested.items())]
    return Walk(folder, tuple(walker.findings + too_deep))


def walk_all(roots: Sequence[Path], containers: Containers) -> Walk:
    """The roots as one archive. One root gives its own names; of several, each is a folder named like the root.

    Raises:
        EnvironmentProblem: a root is not there.
        UsageError: one root lies in another, or the work area in a root.
    """
    _check_places(roots, containers.work)
    if len(roots) == 1:
        return walk(roots[0], containers)
    prefixes = _prefixes(roots)
    walks = sorted((walk(root, containers, prefixes[root]) for root in roots), key=lambda w: w.folder.name)
    return Walk(Folder("", (), tuple(w.folder for w in walks)), tuple(f for w in walks for f in w.findings))


def tree_of(name: str, files: Iterable[ArchiveFile]) -> Folder:
    """``files``, whose names all start with ``name/``, as a tree."""
    here: list[ArchiveFile] = []
    below: dict[str, list[ArchiveFile]] = {}
    for file in files:
        head, slash, _ = file.name[len(name) + 1 :].partition("/")
        if is_junk(head) or (not slash and is_junk(file.basename)):
            continue
        if slash:
            below.setdefault(head, []).append(file)
        else:
            here.append(file)
    folders = tuple(tree_of(f"{name}/{head}", below[head]) for head in sorted(below))
    return Folder(name, tuple(sorted(here, key=lambda f: f.name)), folders)


def is_junk(name: str) -> bool:
    """Whether a file or folder of this name is litter of an operating system (``._x`` are macOS resource forks)."""
    return name.lower() in JUNK or name.startswith("._")


def _check_places(roots: Sequence[Path], work: Path) -> None:
    resolved = [root.resolve() for root in roots]
    for i, root in enumerate(resolved):
        if work.resolve().is_relative_to(root):
            raise UsageError(WORK_INSIDE_ARCHIVE(str(work)))
        for other in resolved[:i] + resolved[i + 1 :]:
            if root.is_relative_to(other):
                raise UsageError(ROOTS_OVERLAP(str(root), other=str(other)))


def _prefixes(roots: Sequence[Path]) -> dict[Path, str]:
    """A name for each root: its own, with a number where two are called the same (in the order of their paths)."""
    names: dict[Path, str] = {}
    for root in sorted(roots):
        name = clean_names([root.resolve().name])[root.resolve().name] or "archive"
        number = sum(1 for n in names.values() if n == name or n.startswith(f"{name}-")) + 1
        names[root] = name if number == 1 else f"{name}-{number}"
    return names


def _problem(error: OSError) -> str:
    """The system's words without the path, which would tie the finding to this machine."""
    return error.strerror or type(error).__name__


def _kind(mode: int) -> str:
    kinds: Iterator[str] = (n for test, n in ((stat.S_ISFIFO, "FIFO"), (stat.S_ISSOCK, "socket")) if test(mode))
    return next(kinds, "device")
