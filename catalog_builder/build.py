"""The main job: scan, convert what is new or changed, make items, check, release. Each step is another room's; this is the order."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from pathlib import Path

from catalog_builder.archive.scan import Scan, scan
from catalog_builder.audit import Audit, Doubt, audit
from catalog_builder.build_findings import SCENE_FAILED, SERVED_DAMAGED
from catalog_builder.definition.assign import assign
from catalog_builder.definition.model import Access, Definition
from catalog_builder.errors import EnvironmentProblem, UsageError
from catalog_builder.files import StoredFile
from catalog_builder.findings import Finding, Severity, in_order
from catalog_builder.locks import exclusive
from catalog_builder.planning import Planner, Reason, SceneTask, reasons
from catalog_builder.progress import Progress
from catalog_builder.publish import Published, publish
from catalog_builder.release.findings import DISK, NO_ARCHIVE, STORE_INSIDE_ARCHIVE, STORE_QUESTION_MARK
from catalog_builder.release.repair import repair
from catalog_builder.release.swap import recover
from catalog_builder.scene import NotMade, make_scene
from catalog_builder.snapshot import inputs_of, outputs_of
from catalog_builder.store import Record, Store
from catalog_builder.workers import Limited, get_ready, map_tasks, open_executor

SCENE_SECONDS = 4 * 3600.0
SCENE_MEMORY = 8 << 30
"""Limits of making one scene. Far above what a 20 GB scene takes; they end what hangs or grows without bound."""


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """What the command line adds to the definition."""

    archive: tuple[Path, ...]
    store: Path
    site: Path
    audience: Access = Access.PUBLIC
    jobs: int = 2
    scheduler: str | None = None
    allow_shrink: bool = False
    verify: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What happened, or with ``dry_run`` what would. ``changed`` is False when the served release already was what this build would
    have written, or stays because the new one was ``refused``: it would have lost too many items. ``reasons`` say for each scene in
    ``built`` why it was made; ``withdrawn`` are scenes that the archive, or policy, no longer has."""

    release: str | None
    changed: bool
    items: int
    built: tuple[str, ...]
    reused: int
    quarantined: tuple[str, ...]
    withdrawn: tuple[str, ...]
    findings: tuple[Finding, ...]
    reasons: Mapping[str, tuple[Reason, ...]] = field(default_factory=dict)
    refused: bool = False

    @property
    def exit_code(self) -> int:
        return 1 if any(f.severity is Severity.ERROR for f in self.findings) else 0


def build(definition: Definition, options: BuildOptions, progress: Progress) -> BuildResult:
    """Make the release of ``options.audience`` from the archive.

    Raises:
        UsageError: the store or the site lies inside an archive.
        EnvironmentProblem: an archive is missing or went away, the site is occupied, another build runs, the disk is full.
    """
    _check_places(options)
    try:
        store = Store(options.store)
        with exclusive(store.lock):
            recover(options.site)
            return _build(definition, options, store, progress)
    except OSError as error:
        raise EnvironmentProblem(DISK(str(error.filename or options.store), problem=error.strerror or str(error))) from error


def _build(definition: Definition, options: BuildOptions, store: Store, progress: Progress) -> BuildResult:
    inputs = inputs_of(definition, options.audience, options.archive)
    unchanged = None if options.verify else _last_result(store, options, inputs)
    if unchanged is not None:
        return unchanged
    store.clear_abandoned()
    if options.verify:
        shutil.rmtree(store.work, ignore_errors=True)  # what was unpacked and read before is remembered by size and time
    with open_executor(options.jobs, options.scheduler) as executor:
        if not options.dry_run:
            get_ready(executor, scan.__module__, make_scene.__module__)
        before = store.records()  # while processes get ready
        scanned = scan(options.archive, store.work, definition.overrides, executor, progress, prune=not options.dry_run)
        tasks, unassigned = _plan(scanned, definition, store)
        why = {t.delivery.id: r for t in tasks if (r := reasons(before.get(t.delivery.id), t, store.folder))}
        doubtful = _audited(tasks, before, executor, progress) if options.verify else Audit({}, ())
        why |= doubtful.reasons
        todo = with_threads(largest_first(t for t in tasks if t.delivery.id in why), 1 if options.scheduler else options.jobs)
        if options.dry_run:
            return _forecast(tasks, why, before, [*scanned.findings, *unassigned, *doubtful.findings])
        settled = store.remembered(LAST).get("scenes") == len(before)  # and no line of the journal has been lost since
        store.forget(LAST)  # until this build has ended, nothing is as the last one left it
        for task in todo:
            if task.delivery.id in doubtful.reasons or (options.verify and not _is_known(task, before)):
                store.discard(task.delivery.id, task.pixel_key)
        records, failures = _make(todo, store, executor, progress)
    current = {t.delivery.id: before[t.delivery.id] for t in tasks if t.delivery.id not in why} | records
    findings = in_order([*scanned.findings, *unassigned, *failures, *(f for r in current.values() for f in r.findings)])
    if failures:
        _require_archives(options)
    published = publish(
        definition,
        options.audience,
        store,
        options.site,
        current,
        findings,
        allow_shrink=options.allow_shrink,
        progress=progress,
        known=len(before),
        jobs=options.jobs,
        verify=options.verify,
    )
    more = [*doubtful.findings, *(SERVED_DAMAGED(name) for name in published.damaged)]
    result = BuildResult(
        release=published.release,
        changed=published.changed,
        items=published.items,
        built=tuple(sorted(records)),
        reused=len(tasks) - len(todo),
        quarantined=tuple(
            sorted({r.id for r in current.values() if r.draft} | {f.subject for f in failures if f.code == SCENE_FAILED.code})
        ),
        withdrawn=tuple(sorted(set(before) - set(current))),
        findings=tuple(in_order([*published.findings, *more]) if more else published.findings),
        reasons={name: why[name] for name in sorted(records)},
        refused=published.refused,
    )
    if options.verify:
        repair(options.site, (f for record in current.values() for f in _files(store, record)))
    if not published.refused:
        if settled and not result.withdrawn:
            store.settle(current, why)
        else:
            store.compact(current.values())
        if not failures:
            _remember_result(store, options, inputs, published, result)
    return result


def _audited(tasks: Sequence[SceneTask], before: Mapping[str, Record], executor: Executor, progress: Progress) -> Audit:
    """A look at every scene whose products would be taken as they are."""
    return audit([Doubt(t, before[t.delivery.id]) for t in tasks if _is_known(t, before)], executor, progress)


def _is_known(task: SceneTask, before: Mapping[str, Record]) -> bool:
    """Whether the journal tells what the products of this task should be. Others may lie in the store, of a run that was killed."""
    record = before.get(task.delivery.id)
    return record is not None and record.pixel_key == task.pixel_key


def _files(store: Store, record: Record) -> list[StoredFile]:
    return [StoredFile(store.folder / path, size, checksum) for path, size, checksum in record.files]


def _check_places(options: BuildOptions) -> None:
    if "?" in str(options.store.absolute()):  # sources are read by links in it, see raster/grid_vrt.py
        raise UsageError(STORE_QUESTION_MARK(str(options.store), path=str(options.store)))
    for root in options.archive:
        if not _is_folder(root):
            raise EnvironmentProblem(NO_ARCHIVE(str(root), path=str(root)))
        for place in (options.store, options.site):
            if place.resolve().is_relative_to(root.resolve()):
                raise UsageError(STORE_INSIDE_ARCHIVE(str(place), path=str(place), archive=str(root)))


def _require_archives(options: BuildOptions) -> None:
    """Scenes failed: is that their own fault, or did a share go away under the build?"""
    for root in options.archive:
        if not _is_folder(root, with_files=True):
            raise EnvironmentProblem(NO_ARCHIVE(str(root), path=str(root)))


def _is_folder(root: Path, *, with_files: bool = False) -> bool:
    """Whether a folder is there; a share that went away may also answer with errors of many kinds."""
    try:
        return root.is_dir() and (not with_files or any(root.iterdir()))
    except OSError:
        return False


def _plan(scanned: Scan, definition: Definition, store: Store) -> tuple[list[SceneTask], list[Finding]]:
    planner = Planner(definition, store.folder)
    tasks: list[SceneTask] = []
    unassigned: list[Finding] = []
    for delivery in scanned.deliveries:
        decision = assign(delivery, definition)
        if isinstance(decision, Finding):
            unassigned += [decision, *delivery.findings]
        else:
            tasks.append(planner.plan(delivery, decision))
    return tasks, unassigned


def largest_first(tasks: Iterable[SceneTask]) -> list[SceneTask]:
    """The order of work: a large scene that starts last would leave every other process idle."""
    return sorted(tasks, key=lambda t: (-sum(f.size for f, _ in t.delivery.files), t.delivery.id))


def with_threads(todo: list[SceneTask], jobs: int) -> list[SceneTask]:
    """Where there are fewer scenes than processes, the idle cores help as codec threads. Bytes and keys do not depend on it."""
    threads = max(1, jobs // max(1, len(todo)))
    return [replace(t, options=replace(t.options, threads=threads)) for t in todo]


def _make(todo: Sequence[SceneTask], store: Store, executor: Executor, progress: Progress) -> tuple[dict[str, Record], list[Finding]]:
    """Make the scenes; each is remembered the moment it is finished. One that fails as a whole is a finding.

    Raises:
        OSError: a disk is full or gone; other scenes would fail the same way.
    """
    records: dict[str, Record] = {}
    failures: list[Finding] = []
    for task in todo:
        store.clear_unfinished(task.delivery.id, task.pixel_key)
    with progress.stage("scenes", len(todo)) as advance:

        def remember(task: SceneTask, outcome: Record | Exception) -> None:
            if isinstance(outcome, Record):
                store.append(outcome)
            advance(task.delivery.id)

        for task, outcome in map_tasks(executor, Limited(make_scene, SCENE_SECONDS, SCENE_MEMORY), todo, remember):
            if isinstance(outcome, Record):
                records[outcome.id] = outcome
            elif isinstance(outcome, OSError):
                raise outcome
            else:
                failures += [_failure(task, outcome), *task.delivery.findings]
    return records, failures


def _failure(task: SceneTask, problem: Exception) -> Finding:
    if isinstance(problem, NotMade):
        return problem.finding
    return SCENE_FAILED(task.delivery.id, problem=f"{type(problem).__name__}: {problem}")


def _forecast(
    tasks: Sequence[SceneTask], why: Mapping[str, tuple[Reason, ...]], before: Mapping[str, Record], findings: Sequence[Finding]
) -> BuildResult:
    """What a build would do."""
    known = {t.delivery.id for t in tasks}
    return BuildResult(
        release=None,
        changed=False,
        items=0,
        built=tuple(sorted(why)),
        reused=len(tasks) - len(why),
        quarantined=(),
        withdrawn=tuple(sorted(set(before) - known)),
        findings=tuple(in_order(findings)),
        reasons={name: why[name] for name in sorted(why)},
    )


LAST = "last-build"
"""Note in the store: what the last build read, what it left, and what it said."""


def _last_result(store: Store, options: BuildOptions, inputs: str) -> BuildResult | None:
    """The result of the last build, when nothing that it read or wrote has changed since. It costs a look at every file."""
    note = store.remembered(LAST)
    if note.get("inputs") != inputs or note.get("outputs") != outputs_of(store, options.site):
        return None
    return BuildResult(
        release=note["release"],
        changed=False,
        items=note["items"],
        built=(),
        reused=note["scenes"],
        quarantined=tuple(note["quarantined"]),
        withdrawn=(),
        findings=tuple(Finding.from_json(f) for f in note["findings"]),
    )


def _remember_result(store: Store, options: BuildOptions, inputs: str, published: Published, result: BuildResult) -> None:
    store.remember(
        LAST,
        {
            "inputs": inputs,
            "outputs": outputs_of(store, options.site),
            "release": published.release,
            "items": published.items,
            "scenes": result.reused + len(result.built),
            "quarantined": result.quarantined,
            "findings": [f.brief() for f in published.findings],
        },
    )
