"""The archive room's work: from roots to deliveries. Finds scenes in order of formats, reads each in a guarded child."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

from catalog_builder.archive.assemble import ReadScene, assemble, with_unique_ids
from catalog_builder.archive.containers import Containers
from catalog_builder.archive.delivery import ArchiveFile, Delivery, Folder, Reading, SceneFiles, VendorFormat
from catalog_builder.archive.duplicates import without_duplicates
from catalog_builder.archive.findings import READER_DIED, READER_FAILED, READER_TIMEOUT, UNCLAIMED, WORK_UNWRITABLE
from catalog_builder.archive.overrides import unused
from catalog_builder.archive.readings import Keys, Readings
from catalog_builder.archive.registry import FORMATS
from catalog_builder.archive.walk import walk_all
from catalog_builder.definition.model import Override
from catalog_builder.errors import EnvironmentProblem, UnreadableDelivery
from catalog_builder.findings import Finding, in_order
from catalog_builder.progress import Progress
from catalog_builder.workers import Limited, TaskTimeout, WorkerDied, map_tasks

P = ParamSpec("P")
T = TypeVar("T")
Finder = Callable[[VendorFormat, Folder, list[Finding]], tuple[SceneFiles, ...]]

READ_SECONDS = 120.0
READ_MEMORY = 2 << 30
"""Limits for reading the metadata of one scene: the largest SAFE takes a second and 200 MB."""

FIND_SECONDS, FIND_SECONDS_PER_FILE, FOLDER_SECONDS = 60.0, 0.02, 60.0
"""Limits for finding the scenes of a whole archive (a file takes about a millisecond) and, when that fails, of one folder."""

SHOWN_NAMES = 10


@dataclass(frozen=True, slots=True)
class DuplicateDelivery:
    """A delivery that is not built because the delivery ``kept`` is the same scene."""

    delivery: Delivery
    kept: str


@dataclass(frozen=True, slots=True)
class Scan:
    """What an archive holds. ``findings`` are those of no single delivery; each delivery carries its own."""

    deliveries: tuple[Delivery, ...]
    findings: tuple[Finding, ...]
    duplicates: tuple[DuplicateDelivery, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A scene and the format that found it."""

    format: VendorFormat
    scene: SceneFiles


def scan(
    roots: Sequence[Path],
    work: Path,
    overrides: Sequence[Override],
    executor: Executor,
    progress: Progress,
    *,
    formats: Sequence[VendorFormat] = FORMATS,
    prune: bool = False,
) -> Scan:
    """Read the archive below ``roots`` without changing it; archive files are unpacked into ``work``, and what was read is
    remembered there. ``prune`` removes from ``work`` what this scan did not need: for whoever scans everything and alone.

    Raises:
        EnvironmentProblem: a root is not there, or ``work`` cannot be written.
        UsageError: roots overlap, or ``work`` lies in one.
    """
    _require_writable(work)
    containers = Containers(work)
    tree = walk_all(roots, containers)
    found, findings = find_guarded(tree.folder, formats, executor)
    keys = Keys(tree.folder, (f.subject for f in tree.findings))
    with Readings(work) as known:
        assembled = [assemble(read, overrides) for read in _read_all(found, keys, known, executor, progress)]
        if prune:
            known.forget_unused()
            containers.prune()
    kept, duplicates = without_duplicates(assembled)
    named = with_unique_ids(kept)
    others = with_unique_ids((d.item for d in duplicates), taken=[d.id for _, d in named])
    kept_ids = {id(a): d.id for a, d in named}
    kept_for = {id(d.item): kept_ids[id(d.kept)] for d in duplicates}
    used = [o for a in assembled for o in a.overrides]
    everything = [*tree.findings, *findings, *(d.finding for d in duplicates), *unused(overrides, used)]
    return Scan(
        deliveries=tuple(sorted((d for _, d in named), key=lambda d: d.id)),
        findings=tuple(in_order(everything)),
        duplicates=tuple(DuplicateDelivery(d, kept_for[id(a)]) for a, d in others),
    )


def _require_writable(work: Path) -> None:
    try:
        work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentProblem(WORK_UNWRITABLE(str(work), problem=error.strerror or type(error).__name__)) from error
    if not os.access(work, os.W_OK):
        raise EnvironmentProblem(WORK_UNWRITABLE(str(work), problem=os.strerror(errno.EACCES)))


def find_guarded(root: Folder, formats: Sequence[VendorFormat], executor: Executor) -> tuple[list[Found], list[Finding]]:
    """:func:`find_scenes` in a child. When that hangs or dies, once more folder by folder, so that only the folder that does it
    is lost, with a finding."""
    seconds = FIND_SECONDS + FIND_SECONDS_PER_FILE * sum(1 for _ in root.walk())
    find = Limited(find_scenes, seconds, READ_MEMORY)
    outcome = _result(executor, find, root, formats)
    if isinstance(outcome, Exception):
        return find_scenes(root, formats, partial(_find_alone, executor))
    return outcome


def _find_alone(executor: Executor, form: VendorFormat, folder: Folder, findings: list[Finding]) -> tuple[SceneFiles, ...]:
    """One format on one folder in a child."""
    outcome = _result(executor, Limited(_find_here, FOLDER_SECONDS, READ_MEMORY), form, folder)
    if isinstance(outcome, Exception):
        findings.append(_ended(outcome, folder.name or ".", form.name) or _failed_find(form, folder, outcome))
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


def _ended(error: Exception, name: str, form: str) -> Finding | None:
    """The finding for a child that was stopped or died; None for other errors."""
    if isinstance(error, TaskTimeout):
        return READER_TIMEOUT(name, format=form, seconds=error.seconds)
    return READER_DIED(name, format=form, problem=str(error)) if isinstance(error, WorkerDied) else None


def find_scenes(root: Folder, formats: Sequence[VendorFormat], find: Finder | None = None) -> tuple[list[Found], list[Finding]]:
    """The scenes below ``root``: folders from the top, in each the formats in order, each offered what no scene has claimed.

    A format that fails on a folder is a finding; files that nobody claims are one finding per folder.
    """
    found: list[Found] = []
    findings: list[Finding] = []
    claimed: set[str] = set()
    waiting = [root]
    visited: list[Folder] = []
    while waiting:
        folder = waiting.pop()
        visited.append(folder)
        offered = without(folder, claimed)
        for form in formats:
            scenes = (find or _find)(form, offered, findings)
            if scenes:
                found += [Found(form, s) for s in scenes]
                claimed.update(name for s in scenes for name in s.claimed)
                offered = without(offered, claimed)
        waiting += reversed(folder.folders)
    findings += [finding for folder in visited if (finding := _unclaimed(folder, claimed)) is not None]
    return found, findings


def without(folder: Folder, claimed: set[str]) -> Folder:
    """``folder`` without the files named in ``claimed``; itself when there are none of them."""
    if not claimed:
        return folder
    files = tuple(f for f in folder.files if f.name not in claimed)
    folders = tuple(without(f, claimed) for f in folder.folders)
    same = len(files) == len(folder.files) and all(a is b for a, b in zip(folders, folder.folders, strict=True))
    return folder if same else Folder(folder.name, files, folders)


def _find(form: VendorFormat, folder: Folder, findings: list[Finding]) -> tuple[SceneFiles, ...]:
    try:
        return tuple(form.find(folder))
    except UnreadableDelivery as error:
        findings += error.findings
    except Exception as error:  # whatever a reader does to one folder must not end the scan
        findings.append(_failed_find(form, folder, error))
    return ()


def _failed_find(form: VendorFormat, folder: Folder, error: Exception) -> Finding:
    return READER_FAILED(folder.name or ".", format=form.name, problem=_problem(error, folder))


def _unclaimed(folder: Folder, claimed: set[str]) -> Finding | None:
    names = [f.basename for f in folder.files if f.name not in claimed]
    if not names:
        return None
    more = f" … (+{len(names) - SHOWN_NAMES})" if len(names) > SHOWN_NAMES else ""
    return UNCLAIMED(folder.name or ".", count=len(names), names=", ".join(names[:SHOWN_NAMES]) + more)


def _read_all(found: Sequence[Found], keys: Keys, known: Readings, executor: Executor, progress: Progress) -> Iterator[ReadScene]:
    """Each scene with its reading, in the order of ``found``: remembered where nothing has changed, else read now."""
    numbered = [(f, keys.key(f.scene)) for f in found]
    readings: dict[int, Reading | None] = {i: known.get(key) for i, (_, key) in enumerate(numbered)}
    new = [i for i, reading in readings.items() if reading is None]
    read = Limited(read_scene, seconds=READ_SECONDS, memory_bytes=READ_MEMORY)
    with progress.stage("reading", len(new)) as advance:
        sent = [replace(found[i], scene=alone(found[i].scene)) for i in new]
        outcomes = map_tasks(executor, read, sent, lambda task, _: advance(task.scene.key.basename))
        for i, (original, key) in enumerate(numbered):
            reading = readings[i]
            if reading is not None:
                yield ReadScene(original.scene, reading)
                continue
            _, outcome = next(outcomes)
            if isinstance(outcome, Reading):
                known.put(key, outcome)
            yield arrived(original, outcome)


def read_scene(found: Found) -> Reading | tuple[Finding, ...]:
    """What the scene's metadata says, or why it cannot be read: every exception becomes findings. Runs in a child."""
    try:
        return found.format.read(found.scene)
    except UnreadableDelivery as error:
        return tuple(error.findings)
    except MemoryError:  # the guard around the child reports it
        raise
    except Exception as error:  # vendor files can surprise any parser; the scene is quarantined with what is known
        return (_failed(found, error),)


def arrived(found: Found, outcome: Reading | tuple[Finding, ...] | Exception) -> ReadScene:
    """What came of a scene's reading, the end of its child included."""
    name, form = found.scene.key.name, found.format.name
    if isinstance(outcome, Reading):
        return ReadScene(found.scene, outcome)
    if isinstance(outcome, Exception):
        return ReadScene(found.scene, None, (_ended(outcome, name, form) or _failed(found, outcome),))
    return ReadScene(found.scene, None, outcome)


def _failed(found: Found, error: Exception) -> Finding:
    return READER_FAILED(found.scene.key.name, format=found.format.name, problem=_problem(error, found.scene.folder))


def _problem(error: Exception, folder: Folder) -> str:
    """Type and message of ``error`` with archive names for this machine's paths, and without addresses in memory."""
    text = f"{type(error).__name__}: {error}"
    for file in folder.walk():
        path = str(file.path)
        if path in text:
            text = text.replace(path, file.name)
    for file in folder.files[:1]:
        text = text.replace(f"{file.path.parent}{os.sep}", "")
    return re.sub(r"0x[0-9a-fA-F]{6,}", "0x…", text)


def alone(scene: SceneFiles) -> SceneFiles:
    """``scene`` in a folder of the files that it claimed and no others, which is all that its reader may see: so what is read of a
    scene depends on that scene, and a folder of ten thousand is neither sent nor searched ten thousand times."""
    return replace(scene, folder=folder_of(scene.folder.name, (f for f, _ in scene.files)))


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
