"""What ``catalog-builder scan`` does: read an archive, look ahead at what a build would find out, and say what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path

from catalog_builder.archive.findings import OUTPUT_INSIDE_ARCHIVE
from catalog_builder.archive.scan import READ_MEMORY, READ_SECONDS, Scan, scan
from catalog_builder.cli.output import say
from catalog_builder.definition.assign import assign
from catalog_builder.definition.findings import OVERRIDES_FILLED
from catalog_builder.definition.model import Definition
from catalog_builder.errors import UsageError
from catalog_builder.findings import Finding, in_order
from catalog_builder.i18n import N_
from catalog_builder.planning import raster_options
from catalog_builder.progress import Progress
from catalog_builder.raster.findings import UNREADABLE
from catalog_builder.raster.foresee import Prospect, foresee
from catalog_builder.store import Store
from catalog_builder.workers import Limited, map_tasks, open_executor


def survey(definition: Definition, roots: Sequence[Path], store: Path, jobs: int, progress: Progress) -> tuple[Scan, list[Finding]]:
    """What the archive holds, and everything that a build would find wrong with it before it reads pixels.

    Raises:
        EnvironmentProblem: a root is not there, or the store cannot be written.
        UsageError: roots overlap, or the store lies in one.
    """
    with open_executor(jobs, None) as executor:
        scanned = scan(roots, Store(store).work, definition.overrides, executor, progress)
        scanned = _with_prospects(scanned, definition, executor, progress)
    unassigned = [f for d in scanned.deliveries if isinstance(f := assign(d, definition), Finding)]
    return scanned, in_order([*scanned.findings, *unassigned, *(f for d in scanned.deliveries for f in d.findings)])


def keep_out(roots: Sequence[Path], files: Sequence[Path]) -> None:
    """Archives are only read, by tables and templates as well.

    Raises:
        UsageError: one of ``files`` would lie in an archive.
    """
    for file in files:
        for root in roots:
            if file.resolve().is_relative_to(root.resolve()):
                raise UsageError(OUTPUT_INSIDE_ARCHIVE(str(file), path=str(file), archive=str(root)))


def keep_facts(file: Path) -> None:
    """What people wrote is not replaced by questions.

    Raises:
        UsageError: ``file`` is there and holds more than comments.
    """
    lines = file.read_text("utf-8", "replace").splitlines() if file.is_file() else []
    if any(line.strip() and not line.lstrip().startswith("#") for line in lines):
        raise UsageError(OVERRIDES_FILLED(str(file), path=str(file)))


def say_template(file: Path, overrides: Path) -> None:
    """What to do with the file to fill in; one that lies elsewhere is not read by anything."""
    if file.resolve().parent == overrides.resolve():
        say(N_("Questions are in {file}: fill it in, then run this command again."), file=file)
    else:
        say(N_("Questions are in {file}: fill it in and put it into {folder}; it is read there only."), file=file, folder=overrides)


def _with_prospects(scanned: Scan, definition: Definition, executor: Executor, progress: Progress) -> Scan:
    """``scanned`` with what a build would find out about each raster when it opens it: no CRS, impossible coordinates, size."""
    prospects = [
        Prospect(d, raster_options(definition, decision.collection))
        for d in scanned.deliveries
        if d.rasters and not isinstance(decision := assign(d, definition), Finding)
    ]
    foreseen: dict[str, tuple[Finding, ...]] = {}
    with progress.stage("headers", len(prospects)) as advance:
        for prospect, outcome in map_tasks(executor, Limited(foresee, READ_SECONDS, READ_MEMORY), prospects):
            failed = (UNREADABLE(prospect.delivery.rasters[0].tiles[0].name, problem=type(outcome).__name__),)
            foreseen[prospect.delivery.id] = failed if isinstance(outcome, Exception) else outcome
            advance(prospect.delivery.id)
    told = (replace(d, findings=(*d.findings, *foreseen.get(d.id, ()))) for d in scanned.deliveries)
    return replace(scanned, deliveries=tuple(told))
