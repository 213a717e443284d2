"""Finding the scenes of an archive: every folder is offered to the formats in order, in a guarded child. What was found in folders that
are as they were is remembered."""

from __future__ import annotations

import hashlib
import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import ParamSpec, TypeVar

import orjson

from catalog_builder.archive.delivery import ArchiveFile, FileRole, Folder, SceneFiles, VendorFormat
from catalog_builder.archive.findings import READER_DIED, READER_FAILED, READER_TIMEOUT, UNCLAIMED
from catalog_builder.errors import EnvironmentProblem, UnreadableDelivery
from catalog_builder.findings import Finding
from catalog_builder.workers import Limited, TaskTimeout, WorkerDied

P = ParamSpec("P")
T = TypeVar("T")
Finder = Callable[[VendorFormat, Folder, list[Finding]], tuple[SceneFiles, ...]]
NamedScene = tuple[str, str, str, list[tuple[str, str]]]
"""A scene by names, as it is remembered: format, key file, folder, files with their roles."""

FIND_MEMORY = 2 << 30
FIND_SECONDS, FIND_SECONDS_PER_FILE, FOLDER_SECONDS = 60.0, 0.02, 60.0
"""Limits for finding the scenes of a whole archive (a file takes about a millisecond) and, when that fails, of one folder."""

SHOWN_NAMES = 10


@dataclass(frozen=True, slots=True)
class Found:
    """A scene and the format that found it. The scene's folder holds the files that it claimed and no others, which is all that its
    reader may see: so what is read of a scene depends on that scene, and no folder of ten thousand is sent ten thousand times."""

    format: VendorFormat
    scene: SceneFiles


@dataclass(frozen=True, slots=True)
class InFolder:
    """What the formats found in one folder. ``state`` changes when anything does that they can see; ``scenes`` is JSON of
    :data:`NamedScene`."""

    folder: str
    state: str
    scenes: bytes
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Finds:
    """The scenes of an archive, the findings of none of them, and what was found in each folder."""

    found: list[Found]
    findings: list[Finding]
    folders: list[InFolder]

    @property
    def lasting(self) -> dict[str, bytes]:
        """What may be remembered: where a format failed it is asked again."""
        return {f.state: f.scenes for f in self.folders if not f.findings}


def find_guarded(
    root: Folder, formats: Sequence[VendorFormat], executor: Executor, known: Mapping[str, bytes], others: Sequence[str] = ()
) -> Finds:
    """:func:`find_scenes` in a child. When that hangs or dies, once more folder by folder, so that only the folder that does it
    is lost, with a finding."""
    seconds = FIND_SECONDS + FIND_SECONDS_PER_FILE * sum(1 for _ in root.walk())
    outcome = _result(executor, Limited(look_through, seconds, FIND_MEMORY), root, formats, known, others)
    if isinstance(outcome, Exception):
        outcome = look_through(root, formats, known, others, partial(_find_alone, executor))
    return _together(root, formats, outcome)


def find_scenes(root: Folder, formats: Sequence[VendorFormat]) -> tuple[list[Found], list[Finding]]:
    """The scenes below ``root``: folders from the top, in each the formats in order, each offered what no scene has claimed.

    A format that fails on a folder is a finding; files that nobody claims are one finding per folder.
    """
    finds = _together(root, formats, look_through(root, formats, {}))
    return finds.found, finds.findings


def look_through(
    root: Folder, formats: Sequence[VendorFormat], known: Mapping[str, bytes], others: Sequence[str] = (), find: Finder | None = None
) -> list[InFolder]:
    """What is found in each folder, from the top; ``known`` has scenes by :attr:`InFolder.state`. ``others`` are archive names that
    are no files: links and the like."""
    states = _States(root, formats, others)
    result: list[InFolder] = []
    claimed: set[str] = set()
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        offered = without(folder, claimed)
        state = states.of(folder, offered)
        scenes = known.get(state)
        result.append(InFolder(folder.name, state, scenes) if scenes else _in_folder(folder.name, state, offered, formats, find or _find))
        claimed.update(name for *_, files in _scenes(result[-1]) for name, _ in files)
        waiting += reversed(folder.folders)
    return result


def _in_folder(name: str, state: str, offered: Folder, formats: Sequence[VendorFormat], find: Finder) -> InFolder:
    scenes: list[NamedScene] = []
    findings: list[Finding] = []
    for form in formats:
        found = find(form, offered, findings)
        scenes += [(form.name, s.key.name, s.folder.name, [(file.name, role.value) for file, role in s.files]) for s in found]
        offered = without(offered, {name for s in found for name in s.claimed})
    return InFolder(name, state, orjson.dumps(scenes), tuple(findings))


def _scenes(found: InFolder) -> list[NamedScene]:
    scenes: list[NamedScene] = orjson.loads(found.scenes)
    return scenes


def without(folder: Folder, claimed: set[str]) -> Folder:
    """``folder`` without the files named in ``claimed``; itself when there are none of them."""
    if not claimed:
        return folder
    files = tuple(f for f in folder.files if f.name not in claimed)
    folders = tuple(without(f, claimed) for f in folder.folders)
    same = len(files) == len(folder.files) and all(a is b for a, b in zip(folders, folder.folders, strict=True))
    return folder if same else Folder(folder.name, files, folders)


class _States:
    """What a format can see in a folder, summed up: all files at or below it, claimed ones included, as side files are also looked for
    on the disk; which of them are offered; and which formats are asked."""

    def __init__(self, root: Folder, formats: Sequence[VendorFormat], others: Iterable[str]) -> None:
        self._formats = "\n".join(f.name for f in formats).encode()
        self._others: dict[str, list[str]] = defaultdict(list)
        for name in others:
            self._others[name.rpartition("/")[0]].append(name)
        self._sums: dict[str, bytes] = {}
        self._sum(root)

    def of(self, folder: Folder, offered: Folder) -> str:
        digest = hashlib.blake2b(self._formats + self._sums[folder.name], digest_size=20)
        if offered is not folder:
            digest.update(b"\0of these")  # of which there may be none
            for file in offered.walk():
                digest.update(b"\0" + file.name.encode("utf-8", "surrogateescape"))
        return digest.hexdigest()

    def _sum(self, folder: Folder) -> bytes:
        lines = [folder.name, *sorted(self._others.get(folder.name, ()))]
        lines += [f"{f.name}\0{f.path}\0{f.size}\0{f.mtime_ns}\0{f.inode}" for f in folder.files]
        digest = hashlib.blake2b("\n".join(lines).encode("utf-8", "surrogateescape"), digest_size=20)
        for child in folder.folders:
            digest.update(self._sum(child))
        self._sums[folder.name] = digest.digest()
        return self._sums[folder.name]


def _together(root: Folder, formats: Sequence[VendorFormat], folders: list[InFolder]) -> Finds:
    """The scenes with their files of ``root``, and a finding for each folder with files that no scene has."""
    by_format = {f.name: f for f in formats}
    roles = {role.value: role for role in FileRole}
    files = {f.name: f for f in root.walk()}
    found: list[Found] = []
    claimed: set[str] = set()
    for form, key, name, own in (scene for folder in folders for scene in _scenes(folder)):
        mine = tuple((files[file], roles[role]) for file, role in own)
        found.append(Found(by_format[form], SceneFiles(form, files[key], folder_of(name, (f for f, _ in mine)), mine)))
        claimed.update(file for file, _ in own)
    findings = [finding for folder in folders for finding in folder.findings]
    return Finds(found, findings + [f for folder in _all(root) if (f := _unclaimed(folder, claimed)) is not None], folders)


def _all(folder: Folder) -> Iterable[Folder]:
    yield folder
    for child in folder.folders:
        yield from _all(child)


def _unclaimed(folder: Folder, claimed: set[str]) -> Finding | None:
    names = [f.basename for f in folder.files if f.name not in claimed]
    if not names:
        return None
    more = f" … (+{len(names) - SHOWN_NAMES})" if len(names) > SHOWN_NAMES else ""
    return UNCLAIMED(folder.name or ".", count=len(names), names=", ".join(names[:SHOWN_NAMES]) + more)


def folder_of(name: str, files: Iterable[ArchiveFile]) -> Folder:
    """The folder ``name`` with those of ``files`` that lie at or below it."""
    here: dict[str, ArchiveFile] = {}
    below: dict[str, list[ArchiveFile]] = {}
    start = f"{name}/" if name else ""
    for file in files:
        if file.name.startswith(start):
            head, slash, _ = file.name[len(start) :].partition("/")
            if slash:
                below.setdefault(head, []).append(file)
            else:
                here[file.name] = file
    folders = tuple(folder_of(f"{start}{head}", below[head]) for head in sorted(below))
    return Folder(name, tuple(here[n] for n in sorted(here)), folders)


def _find(form: VendorFormat, folder: Folder, findings: list[Finding]) -> tuple[SceneFiles, ...]:
    try:
        return tuple(form.find(folder))
    except UnreadableDelivery as error:
        findings += error.findings
    except Exception as error:  # whatever a reader does to one folder must not end the scan
        findings.append(_failed(form, folder, error))
    return ()


def _find_alone(executor: Executor, form: VendorFormat, folder: Folder, findings: list[Finding]) -> tuple[SceneFiles, ...]:
    """One format on one folder in a child."""
    outcome = _result(executor, Limited(_find_here, FOLDER_SECONDS, FIND_MEMORY), form, folder)
    if isinstance(outcome, Exception):
        findings.append(ended(outcome, folder.name or ".", form.name) or _failed(form, folder, outcome))
        return ()
    scenes, problems = outcome
    findings += problems
    return scenes


def _find_here(form: VendorFormat, folder: Folder) -> tuple[tuple[SceneFiles, ...], list[Finding]]:
    problems: list[Finding] = []
    return _find(form, folder, problems), problems


def _result(executor: Executor, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | Exception:
    try:
        return executor.submit(fn, *args, **kwargs).result()
    except EnvironmentProblem:  # no folder's fault
        raise
    except Exception as error:  # whatever ended the task is the answer
        return error


def ended(error: Exception, name: str, form: str) -> Finding | None:
    """The finding for a child that was stopped or died; None for other errors."""
    if isinstance(error, TaskTimeout):
        return READER_TIMEOUT(name, format=form, seconds=error.seconds)
    return READER_DIED(name, format=form, problem=str(error)) if isinstance(error, WorkerDied) else None


def _failed(form: VendorFormat, folder: Folder, error: Exception) -> Finding:
    return READER_FAILED(folder.name or ".", format=form.name, problem=words_of(error, folder))


def words_of(error: Exception, folder: Folder) -> str:
    """Type and message of ``error`` with archive names for this machine's paths, and without addresses in memory."""
    text = f"{type(error).__name__}: {error}"
    for file in folder.walk():
        path = str(file.path)
        if path in text:
            text = text.replace(path, file.name)
    for file in folder.files[:1]:
        text = text.replace(f"{file.path.parent}{os.sep}", "")
    return re.sub(r"0x[0-9a-fA-F]{6,}", "0x…", text)
