"""``build --verify``: looks at the bytes of scenes that would be trusted by size, time and the word of the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from catalog_builder.build_findings import PRODUCT_DAMAGED, SCENE_FAILED, SOURCE_CHANGED
from catalog_builder.files import checksum_file
from catalog_builder.findings import Finding
from catalog_builder.fingerprints import FINGERPRINTS, changed_files
from catalog_builder.planning import Reason, SceneTask
from catalog_builder.progress import Progress
from catalog_builder.store import RASTER_FILE, Record, Store, load_raster
from catalog_builder.workers import Limited, map_tasks

AUDIT_SECONDS = 4 * 3600.0
"""Limit of looking at one scene: it is read twice, as source and as product."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A finished scene that is to be looked at, and what the journal says of it."""

    task: SceneTask
    record: Record


@dataclass(frozen=True, slots=True)
class Audit:
    """Scenes that must be made again, with the reasons, and the findings that name the files."""

    reasons: Mapping[str, tuple[Reason, ...]]
    findings: tuple[Finding, ...]


def audit(doubts: Sequence[Doubt], executor: Executor, progress: Progress) -> Audit:
    """Look at every file of these scenes, in the archive and in the store.

    Raises:
        OSError: the archive or the store cannot be read.
    """
    reasons: dict[str, tuple[Reason, ...]] = {}
    findings: list[Finding] = []
    with progress.stage("verifying", len(doubts)) as advance:
        look = Limited(look_at, AUDIT_SECONDS)
        for doubt, outcome in map_tasks(executor, look, doubts, lambda doubt, _: advance(doubt.record.id)):
            if isinstance(outcome, OSError):
                raise outcome
            if isinstance(outcome, Exception):  # the process that looked was stopped or died: nothing is known of this scene
                findings.append(SCENE_FAILED(doubt.record.id, problem=f"{type(outcome).__name__}: {outcome}"))
                continue
            changed, damaged = outcome
            findings += [SOURCE_CHANGED(name, scene=doubt.record.id) for name in changed]
            findings += [PRODUCT_DAMAGED(name, scene=doubt.record.id) for name in damaged]
            if changed or damaged:
                reasons[doubt.record.id] = (Reason.SOURCES,) if changed else (Reason.DAMAGE,)
    return Audit(reasons, tuple(findings))


def look_at(doubt: Doubt) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of source files with other content than before, and files of the store that are not as they were written."""
    task, record = doubt.task, doubt.record
    folder = Store(task.store).scene_folder(record.id, record.pixel_key)
    changed = changed_files(task.delivery, folder)
    promised = [*((path, checksum) for path, _, checksum in record.files), (record.item, record.checksum)]
    damaged = [path for path, checksum in promised if not _is_whole(task.store / path, checksum)]
    if changed is None:
        damaged.append((folder / FINGERPRINTS).relative_to(task.store).as_posix())
    if not _is_readable(folder):
        damaged.append((folder / RASTER_FILE).relative_to(task.store).as_posix())
    return changed or (), tuple(damaged)


def _is_whole(path: Path, checksum: str) -> bool:
    try:
        return checksum_file(path) == checksum
    except FileNotFoundError:
        return False


def _is_readable(folder: Path) -> bool:
    try:
        return load_raster(folder) is not None
    except ValidationError:
        return False
