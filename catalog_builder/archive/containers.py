"""Archive files (.zip, .tar, compressed tars, single compressed files), recognised by content and unpacked under limits.

Each is unpacked once into ``<work>/<key>/``, the key being made of its place, size and modification time; a list of what was
unpacked is written last, so that a scan which is killed starts that file again and one that is not finds its work done.
Nothing is ever written outside the work area: names are checked and cleaned, links and devices are refused.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import orjson

from catalog_builder.archive.delivery import ArchiveFile
from catalog_builder.archive.findings import (
    CONTAINER_BOMB,
    CONTAINER_CORRUPT,
    CONTAINER_UNSAFE,
    CONTAINER_UNSUPPORTED,
    FILE_UNREADABLE,
    NO_SPACE,
)
from catalog_builder.archive.limits import Bomb, Budget, CorruptContainer, Entry, Kind, Limits, NoRoom, UnsupportedContainer
from catalog_builder.archive.looks import Looks
from catalog_builder.archive.names import clean_name, tagged
from catalog_builder.archive.unpack import open_entries, recognise
from catalog_builder.files import json_bytes
from catalog_builder.findings import Finding
from catalog_builder.processes import is_running

MARKER = "unpacked.json"
FILES = "files"
MAX_PATH = 1024
"""Bytes of one entry's whole name; file systems take 4096 including the work area."""

_OURS = re.compile(r"[0-9a-f]{24}|\.[0-9a-f]{24}\.\d+\.part")
LAYOUT = "1"
"""Part of the key: raised when the way of unpacking changes."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What an archive file held: the files, named as if it were a folder called ``<name>!``, and what was wrong with it."""

    files: tuple[ArchiveFile, ...]
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class Containers:
    """Opens archive files; ``work`` is a folder outside every archive, used for nothing else."""

    work: Path
    limits: Limits = field(default_factory=Limits)
    looks: Looks = field(default_factory=Looks)
    used: set[str] = field(default_factory=set)  # keys asked for since this was made

    def recognise(self, file: ArchiveFile) -> Kind | None:
        """What kind of archive file ``file`` is, by its first bytes; None for everything else, documents included.

        Raises:
            OSError: it cannot be read.
        """
        kind = self.looks.see("container", file, lambda f: recognise(f) or "")
        return Kind(kind) if kind else None

    def unpack(self, file: ArchiveFile, kind: Kind, budget: Budget) -> Unpacked:
        """The files inside ``file``, unpacked now or by an earlier scan. ``budget`` is what the outermost file may still use.

        Every way in which it can go wrong is a finding; then no file of it is given, except that of an archive file with
        dangerous entries the other entries are.
        """
        key = _key(file)
        self.used.add(key)
        folder = self.work / key
        known = _read_marker(folder)
        if known is None:
            known = self._unpack(file, kind, folder, budget)
        else:
            budget.spend(sum(m["size"] for m in known["members"]), len(known["members"]))
        files = tuple(
            ArchiveFile(folder / FILES / m["name"], f"{file.name}!/{m['name']}", m["size"], file.mtime_ns) for m in known["members"]
        )
        return Unpacked(files, tuple(Finding.from_json({**f, "subject": file.name}) for f in known["findings"]))

    def prune(self) -> None:
        """Remove what no archive file asked for since this was made, and what killed scans left half done.

        What a running scan is unpacking stays: a scan takes no lock, and may look at another archive.
        """
        for folder in self.work.iterdir():
            if _OURS.fullmatch(folder.name) and folder.name not in self.used and not _being_unpacked(folder):
                remove_tree(folder)

    def _unpack(self, file: ArchiveFile, kind: Kind, folder: Path, budget: Budget) -> Mapping[str, Any]:
        part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
        remove_tree(part)
        (part / FILES).mkdir(parents=True)
        try:
            content = self._content(file, kind, part / FILES, budget)
            if not content["retry"] and _read_marker(folder) is None:  # else another scan has finished it meanwhile
                (part / MARKER).write_bytes(json_bytes(content))
                remove_tree(folder)
                part.rename(folder)
            return content
        finally:
            remove_tree(part)

    def _content(self, file: ArchiveFile, kind: Kind, target: Path, budget: Budget) -> dict[str, Any]:
        try:
            with open_entries(file, kind, budget, self.work) as entries:
                members, refused = _write_all(entries, target, budget)
        except Bomb as error:
            return _nothing(CONTAINER_BOMB(file.name, problem=str(error)))
        except NoRoom as error:
            return _nothing(NO_SPACE(file.name, needed=error.needed, free=error.free), retry=True)
        except CorruptContainer as error:
            return _nothing(CONTAINER_CORRUPT(file.name, problem=str(error)))
        except UnsupportedContainer as error:
            return _nothing(CONTAINER_UNSUPPORTED(file.name, problem=str(error)))
        except OSError as error:
            return _nothing(FILE_UNREADABLE(file.name, problem=error.strerror or type(error).__name__), retry=True)
        findings = [_unsafe(file, refused).to_json()] if refused else []
        return {"members": [{"name": n, "size": members[n]} for n in sorted(members)], "findings": findings, "retry": False}


def _being_unpacked(folder: Path) -> bool:
    """Whether ``folder`` is ``.<key>.<process>.part`` of a process that runs here. Of another machine it cannot be known."""
    return folder.name.endswith(".part") and is_running(int(folder.name.split(".")[-2]))


def remove_tree(path: Path) -> None:
    """Remove a folder of the work area, if it is there."""
    if path.exists():
        shutil.rmtree(path)


def _write_all(entries: Iterator[Entry], target: Path, budget: Budget) -> tuple[dict[str, int], dict[str, str]]:
    """Write the plain entries below ``target``: clean name and size of each; and the refused ones: name and reason."""
    names = _Names()
    members: dict[str, int] = {}
    refused: dict[str, str] = {}
    for entry in entries:
        reason = entry.refusal or _unsafe_name(entry.name)
        if reason is not None:
            refused[entry.name] = reason
            continue
        name = names.clean(entry.name)
        path = target / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as out:
                members[name] = budget.copy(entry, out)
        except (FileExistsError, IsADirectoryError, NotADirectoryError):
            refused[entry.name] = "a file and a folder of one name"
    return members, refused


def _unsafe_name(name: str) -> str | None:
    """Why an entry of this name must not be unpacked; None for plain relative names."""
    parts = name.split("/")
    if name.startswith("/") or (len(parts[0]) == 2 and parts[0][1] == ":"):
        return "absolute name"
    if ".." in parts:
        return "name leads out of the folder"
    if "\x00" in name:
        return "NUL in the name"
    if len(name.encode("utf-8", "surrogateescape")) > MAX_PATH:
        return "name too long"
    return None if [p for p in parts if p not in ("", ".")] else "empty name"


class _Names:
    """Clean names of one archive file: per folder, different raw names stay different; the same name keeps its clean one."""

    def __init__(self) -> None:
        self._folders: dict[str, dict[str, str]] = {}

    def clean(self, raw: str) -> str:
        path = ""
        for part in (p for p in raw.split("/") if p not in ("", ".")):
            known = self._folders.setdefault(path, {})
            if part not in known:
                name = clean_name(part)
                known[part] = tagged(name, part) if name in known.values() else name
            path = str(PurePosixPath(path) / known[part])
        return path


def _unsafe(file: ArchiveFile, refused: Mapping[str, str]) -> Finding:
    names = sorted(refused)
    shown = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
    return CONTAINER_UNSAFE(file.name, count=len(names), names=shown)


def _nothing(finding: Finding, retry: bool = False) -> dict[str, Any]:
    return {"members": [], "findings": [finding.to_json()], "retry": retry}


def _key(file: ArchiveFile) -> str:
    place = f"{LAYOUT}\n{file.name}\n{os.path.realpath(file.path)}\n{file.size}\n{file.mtime_ns}"
    return hashlib.sha256(place.encode("utf-8", "surrogateescape")).hexdigest()[:24]


def _read_marker(folder: Path) -> Mapping[str, Any] | None:
    """What an earlier scan unpacked, if all of it is still there with the right sizes."""
    try:
        known: Mapping[str, Any] = orjson.loads((folder / MARKER).read_bytes())
        whole = all((folder / FILES / m["name"]).stat().st_size == m["size"] for m in known["members"])
    except (OSError, orjson.JSONDecodeError, AttributeError, LookupError, TypeError):  # not there, or not as it was written
        return None
    return known if whole else None
