"""The main job: scan, convert what is new or changed, make items, check, release. Each step is another room's; this is the order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path

from catalog_builder.archive.scan import Scan, scan
from catalog_builder.build_findings import SCENE_FAILED
from catalog_builder.definition.assign import assign
from catalog_builder.definition.model import Access, Definition
from catalog_builder.errors import EnvironmentProblem, UsageError
from catalog_builder.files import StoredFile, checksum_file, json_bytes, read_json
from catalog_builder.findings import Finding, Severity, in_order
from catalog_builder.locks import exclusive
from catalog_builder.progress import Progress
from catalog_builder.release.findings import EMPTY, NO_ARCHIVE, SHRINK, STORE_INSIDE_ARCHIVE
from catalog_builder.release.guard import refuse_leaks
from catalog_builder.release.model import Release
from catalog_builder.release.tree import StoredItem, TreeComposer
from catalog_builder.release.write import Manifest, ReleaseWriter, read_manifest, recover
from catalog_builder.resources import assets_dir, templates_dir
from catalog_builder.scene import SceneTask, make_scene, plan_scene, software
from catalog_builder.site import render
from catalog_builder.stac.audience import for_audience
from catalog_builder.stac.extensions import extension_files
from catalog_builder.store import Record, Store
from catalog_builder.workers import Limited, map_tasks, open_executor

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
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What happened. ``changed`` is False when the served release already was what this build would have written."""

    release: str | None
    changed: bool
    items: int
    built: tuple[str, ...]
    reused: int
    quarantined: tuple[str, ...]
    withdrawn: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def exit_code(self) -> int:
        return 1 if any(f.severity is Severity.ERROR for f in self.findings) else 0


def build(definition: Definition, options: BuildOptions, progress: Progress) -> BuildResult:
    """Make the release of ``options.audience`` from the archive.

    Raises:
        UsageError: the store or the site lies inside an archive.
        EnvironmentProblem: an archive is missing, the site is occupied, another build runs, the disk is full.
    """
    _check_places(options)
    store = Store(options.store)
    with exclusive(store.lock):
        recover(options.site)
        with open_executor(options.jobs, options.scheduler) as executor:
            scanned = scan(options.archive, store.work, definition.overrides, executor, progress)
            tasks, unassigned = _plan(scanned, definition, store)
            before = store.records()
            todo = [t for t in tasks if not _is_current(before.get(t.delivery.id), t, store)]
            if options.dry_run:
                return _forecast(tasks, todo, before, [*scanned.findings, *unassigned])
            records, failures = _make(todo, store, executor, progress)
        current = {t.delivery.id: before[t.delivery.id] for t in tasks if t not in todo} | records
        findings = in_order([*scanned.findings, *unassigned, *failures, *(f for r in current.values() for f in r.findings)])
        result = BuildResult(
            release=None,
            changed=False,
            items=0,
            built=tuple(sorted(records)),
            reused=len(tasks) - len(todo),
            quarantined=tuple(sorted({r.id for r in current.values() if r.draft} | {f.subject for f in failures})),
            withdrawn=tuple(sorted(set(before) - set(current))),
            findings=tuple(findings),
        )
        result = _release(definition, options, store, current, result, progress)
        store.compact(current.values())
        return result


def _check_places(options: BuildOptions) -> None:
    for root in options.archive:
        if not root.is_dir():
            raise EnvironmentProblem(NO_ARCHIVE(str(root), path=str(root)))
        for place in (options.store, options.site):
            if place.resolve().is_relative_to(root.resolve()):
                raise UsageError(STORE_INSIDE_ARCHIVE(str(place), path=str(place), archive=str(root)))


def _plan(scanned: Scan, definition: Definition, store: Store) -> tuple[list[SceneTask], list[Finding]]:
    tasks: list[SceneTask] = []
    unassigned: list[Finding] = []
    for delivery in scanned.deliveries:
        decision = assign(delivery, definition)
        if isinstance(decision, Finding):
            unassigned += [decision, *delivery.findings]
        else:
            tasks.append(plan_scene(delivery, decision, definition, store.folder))
    return tasks, unassigned


def _is_current(record: Record | None, task: SceneTask, store: Store) -> bool:
    return record is not None and record.item_key == task.item_key and (store.folder / record.item).is_file()


def _make(todo: Sequence[SceneTask], store: Store, executor: Executor, progress: Progress) -> tuple[dict[str, Record], list[Finding]]:
    """Make the scenes; each is remembered the moment it is finished. One that fails as a whole is a finding.

    Raises:
        OSError: a disk is full or gone; other scenes would fail the same way.
    """
    records: dict[str, Record] = {}
    failures: list[Finding] = []
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
    return SCENE_FAILED(task.delivery.id, problem=f"{type(problem).__name__}: {problem}")


def _release(
    definition: Definition, options: BuildOptions, store: Store, current: Mapping[str, Record], result: BuildResult, progress: Progress
) -> BuildResult:
    """Write the release unless its inputs are those of the one that is served."""
    served = read_manifest(options.site)
    inputs = _inputs_hash(definition, options.audience, current.values(), result.findings)
    if served is not None and store.last_inputs() == inputs and served.facts.get("audience") == options.audience.value:
        return replace(result, release=served.id, items=served.items)
    visible = [r for r in current.values() if not r.draft and r.access.visible_to(options.audience)]
    findings = list(result.findings)
    if not visible:
        findings.append(EMPTY(options.audience.value, audience=options.audience.value))
    shrink = _shrink(served.items if served is not None else 0, len(visible), definition.max_shrink_percent)
    if shrink is not None and not options.allow_shrink:
        return replace(result, findings=tuple(in_order([*findings, shrink])), release=served.id if served else None)
    writer = ReleaseWriter(options.site)
    try:
        manifest = _write(definition, options.audience, store, current, findings, writer, progress)
    except BaseException:
        writer.discard()
        raise
    store.remember_inputs(inputs)
    changed = served is None or served.id != manifest.id
    return replace(result, release=manifest.id, changed=changed, items=len(visible), findings=tuple(in_order(findings)))


def _write(
    definition: Definition,
    audience: Access,
    store: Store,
    current: Mapping[str, Record],
    findings: Sequence[Finding],
    writer: ReleaseWriter,
    progress: Progress,
) -> Manifest:
    """Every file of the release: STAC tree, findings, schemas, pages."""
    items = sorted((_stored(store, r) for r in current.values() if not r.draft), key=lambda i: i.id)
    catalog, collections = TreeComposer(definition, audience, writer).compose(items)
    shown = tuple(_public_findings(findings, current, audience))
    drafts = tuple(
        for_audience(read_json(store.folder / r.item), audience)
        for r in sorted(current.values(), key=lambda r: r.id)
        if r.draft and r.access.visible_to(audience)
    )
    release = Release("", definition, audience, catalog, collections, shown, drafts)
    writer.put("findings.json", json_bytes([f.to_json() for f in shown]))
    for draft in drafts:
        writer.put(f"qa/drafts/{draft['id']}.json", json_bytes(draft))
    for path, data in extension_files():
        writer.put(path, data)
    folders = {item.folder for item in release.items}
    with progress.stage("pages", len(folders)) as advance:
        for page in render(release):
            writer.put(page.path, page.data)
            if page.path.removesuffix("/index.html") in folders:
                advance(page.path)
    hidden = [r for r in current.values() if not r.access.visible_to(audience)]
    refuse_leaks(writer, hidden)
    facts = {"audience": audience.value, "catalog": definition.id, "software": list(software())}
    return writer.publish(sum(len(c.items) for c in collections), facts)


def _stored(store: Store, record: Record) -> StoredItem:
    files = tuple(StoredFile(store.folder / path, size, checksum) for path, size, checksum in record.files)
    return StoredItem(record.id, record.collection, record.access, store.folder / record.item, record.start or "", files)


def _public_findings(findings: Iterable[Finding], current: Mapping[str, Record], audience: Access) -> Iterable[Finding]:
    """Findings that this audience may read: those of scenes it may see; findings about anything else are internal."""
    if audience is not Access.PUBLIC:
        limit = audience
        hidden = {f for r in current.values() if not r.access.visible_to(limit) for f in _keys(r)}
        return [f for f in findings if _key(f) not in hidden]
    visible = {k for r in current.values() if r.access.visible_to(audience) for k in _keys(r)}
    hidden = {k for r in current.values() if not r.access.visible_to(audience) for k in _keys(r)}
    return [f for f in findings if _key(f) in visible - hidden]


def _key(finding: Finding) -> tuple[str, str, str]:
    return finding.code, finding.subject, str(sorted(finding.params.items()))


def _keys(record: Record) -> list[tuple[str, str, str]]:
    return [_key(f) for f in record.findings]


def _shrink(before: int, after: int, limit: float) -> Finding | None:
    lost = before - after
    if before == 0 or lost * 100 <= limit * before:
        return None
    return SHRINK("release", lost=lost, before=before, percent=round(lost * 100 / before), limit=limit)


def _inputs_hash(definition: Definition, audience: Access, records: Iterable[Record], findings: Iterable[Finding]) -> str:
    """Everything a release depends on: policy, items, findings, software, templates, assets."""
    digest = hashlib.sha256(audience.value.encode())
    digest.update(repr(definition.model_copy(update={"folder": Path(), "paths": type(definition.paths)()})).encode())
    for record in sorted(records, key=lambda r: r.id):
        digest.update(f"{record.id}\0{record.item_key}\0{record.access}\0{record.draft}\n".encode())
    for finding in findings:
        digest.update(repr(_key(finding)).encode())
    for part in software():
        digest.update(part.encode())
    for folder in (templates_dir(), assets_dir()):
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            digest.update(f"{path.relative_to(folder)}\0{checksum_file(path)}\n".encode())
    return digest.hexdigest()


def _forecast(
    tasks: Sequence[SceneTask], todo: Sequence[SceneTask], before: Mapping[str, Record], findings: Iterable[Finding]
) -> BuildResult:
    """What a build would do."""
    known = {t.delivery.id for t in tasks}
    return BuildResult(
        None,
        False,
        0,
        tuple(sorted(t.delivery.id for t in todo)),
        len(tasks) - len(todo),
        (),
        tuple(sorted(set(before) - known)),
        tuple(in_order(findings)),
    )
