"""The archive room's work: from roots to deliveries. Finds scenes in order of formats, reads each in a guarded child."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from catalog_builder.archive.assemble import ReadScene, assemble, with_unique_ids
from catalog_builder.archive.containers import Containers
from catalog_builder.archive.delivery import Delivery, Folder, Reading, VendorFormat
from catalog_builder.archive.duplicates import without_duplicates
from catalog_builder.archive.find import Finds, Found, ended, find_guarded, words_of
from catalog_builder.archive.findings import READER_FAILED, WORK_UNWRITABLE
from catalog_builder.archive.looks import Looks
from catalog_builder.archive.memory import About, Memory
from catalog_builder.archive.overrides import unused
from catalog_builder.archive.readings import Keys, Readings
from catalog_builder.archive.registry import FORMATS
from catalog_builder.archive.walk import walk_all
from catalog_builder.definition.model import Override
from catalog_builder.errors import EnvironmentProblem, UnreadableDelivery
from catalog_builder.findings import Finding, in_order
from catalog_builder.progress import Progress
from catalog_builder.workers import Limited, map_tasks

READ_SECONDS = 120.0
READ_MEMORY = 2 << 30
"""Limits for reading the metadata of one scene: the largest SAFE takes a second and 200 MB."""


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
    with Memory(work) as memory:
        looks = Looks(memory.all(About.FILE))
        containers = Containers(work, looks=looks)
        tree = walk_all(roots, containers)
        no_files = [f.subject for f in tree.findings]
        finds = _find_all(tree.folder, formats, no_files, memory, executor)
        keys = Keys(tree.folder, no_files)
        assembled = [assemble(read, overrides) for read in _read_all(finds.found, keys, Readings(memory), executor, progress)]
        kept, duplicates = without_duplicates(assembled, looks)
        memory.put(About.FILE, looks.new)
        if prune:
            memory.keep(About.FILE, looks.used)
            memory.forget_unused()
            containers.prune()
    named = with_unique_ids(kept)
    others = with_unique_ids((d.item for d in duplicates), taken=[d.id for _, d in named])
    kept_ids = {id(a): d.id for a, d in named}
    kept_for = {id(d.item): kept_ids[id(d.kept)] for d in duplicates}
    used = [o for a in assembled for o in a.overrides]
    everything = [*tree.findings, *finds.findings, *(d.finding for d in duplicates), *unused(overrides, used)]
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


def _find_all(root: Folder, formats: Sequence[VendorFormat], others: Sequence[str], memory: Memory, executor: Executor) -> Finds:
    """The scenes below ``root``, remembering what was found where."""
    known = memory.all(About.FOLDER)
    finds = find_guarded(root, formats, executor, known, others)
    memory.put(About.FOLDER, {state: scenes for state, scenes in finds.lasting.items() if state not in known})
    memory.keep(About.FOLDER, finds.lasting)
    return finds


def _read_all(found: Sequence[Found], keys: Keys, known: Readings, executor: Executor, progress: Progress) -> Iterator[ReadScene]:
    """Each scene with its reading, in the order of ``found``: remembered where nothing has changed, else read now."""
    numbered = [(f, keys.key(f.scene)) for f in found]
    readings: dict[int, Reading | None] = {i: known.get(key) for i, (_, key) in enumerate(numbered)}
    new = [i for i, reading in readings.items() if reading is None]
    read = Limited(read_scene, seconds=READ_SECONDS, memory_bytes=READ_MEMORY)
    with progress.stage("reading", len(new)) as advance:
        outcomes = map_tasks(executor, read, [found[i] for i in new], lambda task, _: advance(task.scene.key.basename))
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
        return ReadScene(found.scene, None, (ended(outcome, name, form) or _failed(found, outcome),))
    return ReadScene(found.scene, None, outcome)


def _failed(found: Found, error: Exception) -> Finding:
    return READER_FAILED(found.scene.key.name, format=found.format.name, problem=words_of(error, found.scene.folder))
