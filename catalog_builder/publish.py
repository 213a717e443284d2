"""From the records of the store to the served release: which items the audience sees, the tree, the pages, the last look, the swap."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from catalog_builder.definition.model import Access, Definition
from catalog_builder.errors import UsageError
from catalog_builder.files import checksum_file, json_bytes, read_json
from catalog_builder.findings import Finding, Severity, in_order
from catalog_builder.planning import software
from catalog_builder.progress import Progress
from catalog_builder.release.findings import EMPTY, SHRINK
from catalog_builder.release.guard import refuse_leaks, secrets_hash
from catalog_builder.release.memory import Memory
from catalog_builder.release.model import Release
from catalog_builder.release.repair import damaged
from catalog_builder.release.tree import StoredItem, TreeComposer
from catalog_builder.release.write import Manifest, ReleaseWriter, read_manifest
from catalog_builder.resources import PACKAGE, templates_dir
from catalog_builder.site import made_ahead, problems, render
from catalog_builder.snapshot import policy_of
from catalog_builder.stac.audience import for_audience
from catalog_builder.stac.extensions import extension_files
from catalog_builder.store import Record, Store


@dataclass(frozen=True, slots=True)
class Published:
    """What is served now. ``refused``: it is still the old release, because the new one would lose too much. ``damaged`` are served
    files that were found not to be as their release promises, and are now."""

    release: str | None
    changed: bool
    items: int
    findings: tuple[Finding, ...]
    refused: bool = False
    damaged: tuple[str, ...] = ()


def publish(
    definition: Definition,
    audience: Access,
    store: Store,
    site: Path,
    current: Mapping[str, Record],
    findings: Sequence[Finding],
    *,
    allow_shrink: bool,
    progress: Progress,
    known: int = 0,
    jobs: int = 1,
    verify: bool = False,
) -> Published:
    """Write the release of ``current`` to ``site``, unless it is what is served, or would lose too many items, or nothing is left of the
    ``known`` scenes of any audience, as when a share is not connected and its folder is. Where many pages are to be made, ``jobs``
    processes make them. With ``verify`` the bytes of served files are looked at, and those that differ are made again; products are for
    :func:`catalog_builder.release.repair.repair`.

    Raises:
        EnvironmentProblem: the site is occupied, or the release would name something that ``audience`` may not see.
        UsageError: a collection has a name that the site needs itself.
        OSError: the disk is full or gone; the old release is served.
    """
    served = read_manifest(site)
    products = {(size, checksum) for record in current.values() for _, size, checksum in record.files}
    spoilt = damaged(site, served, products) if verify and served is not None else ()
    note = store.remembered(_note(audience))
    code = _program(PACKAGE)
    program = f"{code} {_program(templates_dir())}"
    inputs = _inputs_hash(definition, audience, current.values(), findings, program)
    visible = [r for r in current.values() if not r.draft and r.access.visible_to(audience)]
    if not visible:
        findings = in_order([*findings, EMPTY(audience.value, audience=audience.value)])
    if served is not None and not spoilt and note.get("inputs") == inputs and note.get("release") == served.id:
        return Published(served.id, False, served.items, tuple(findings))
    shrink = _shrink(served.items if served is not None else 0, len(visible), definition.max_shrink_percent)
    if not current and shrink is None:
        shrink = _shrink(known, 0, definition.max_shrink_percent)
    if shrink is not None and not allow_shrink:
        return Published(served.id if served else None, False, served.items if served else 0, tuple(in_order([*findings, shrink])), True)
    hidden = [r for r in current.values() if not r.access.visible_to(audience)]
    secrets = secrets_hash(hidden, visible)
    trusted = served is not None and note.get("release") == served.id and note.get("hidden") == secrets
    writer = ReleaseWriter(site, served, spoilt)
    policy = policy_of(definition)
    memory = Memory.read(
        store.folder / "releases" / audience.value,
        items=f"{policy}\n{code}",
        pages=f"{audience.value}\n{policy}\n{program}",
        load=writer.read_json,
    )
    try:
        _compose(definition, audience, store, current, findings, writer, memory, progress, jobs)
        refuse_leaks(writer, hidden, visible, trust_unchanged=trusted)
        facts = {"audience": audience.value, "catalog": definition.id, "software": list(software())}
        manifest: Manifest = writer.publish(len(visible), facts)
    except BaseException:
        writer.discard()
        raise
    memory.write()
    store.remember(_note(audience), {"release": manifest.id, "inputs": inputs, "hidden": secrets})
    changed = served is None or served.id != manifest.id
    return Published(manifest.id, changed, manifest.items, tuple(findings), damaged=tuple(sorted(writer.damaged)))


def _note(audience: Access) -> str:
    return f"release-{audience.value}"


def _compose(
    definition: Definition,
    audience: Access,
    store: Store,
    current: Mapping[str, Record],
    findings: Sequence[Finding],
    writer: ReleaseWriter,
    memory: Memory,
    progress: Progress,
    jobs: int,
) -> None:
    """Every file of the release: STAC tree, findings, drafts, schemas, pages."""
    items = sorted((_stored(store, r) for r in current.values() if not r.draft), key=lambda i: i.id)
    catalog, collections = TreeComposer(definition, audience, writer, memory).compose(items)
    shown = tuple(_public_findings(findings, current, audience))
    drafts = tuple(
        for_audience(read_json(store.folder / r.item), audience)
        for r in sorted(current.values(), key=lambda r: r.id)
        if r.draft and r.access.visible_to(audience)
    )
    release = Release("", definition, audience, catalog, collections, shown, drafts)
    unfit = [f for f in problems(release) if f.severity is Severity.ERROR]
    if unfit:
        raise UsageError(*unfit)
    writer.put("findings.json", json_bytes([f.to_json() for f in shown]))
    for draft in drafts:
        writer.put(f"qa/drafts/{draft['id']}.json", json_bytes(draft))
    for path, data in extension_files():
        writer.put(path, data)
    folders = set() if definition.site.item_pages == "on-demand" else {item.folder for item in release.items}
    with progress.stage("pages", len(folders)) as advance:
        for page in made_ahead(render(release), lambda page: memory.seals.is_due(page, writer), jobs):
            memory.seals.put(page, writer)
            if page.path.removesuffix("/index.html") in folders:
                advance(page.path)


def _stored(store: Store, record: Record) -> StoredItem:
    start = len(record.item.rpartition("/")[0]) + 1
    files = tuple((path[start:], size, checksum) for path, size, checksum in record.files)
    return StoredItem(record.id, record.collection, record.access, store.folder / record.item, record.start or "", files, record.checksum)


def _public_findings(findings: Iterable[Finding], current: Mapping[str, Record], audience: Access) -> Iterable[Finding]:
    """Findings that this audience may read: those of scenes it may see; findings about anything else are internal."""
    visible: set[tuple[str, str, str]] = set()
    hidden: set[tuple[str, str, str]] = set()
    for record in current.values():
        if record.findings:
            (visible if record.access.visible_to(audience) else hidden).update(_key(f) for f in record.findings)
    if audience is not Access.PUBLIC:
        return [f for f in findings if _key(f) not in hidden]
    shown = visible - hidden
    return [f for f in findings if _key(f) in shown]


def _key(finding: Finding) -> tuple[str, str, str]:
    return finding.code, finding.subject, str(sorted(finding.params.items()))


def _shrink(before: int, after: int, limit: float) -> Finding | None:
    lost = before - after
    if before == 0 or lost * 100 <= limit * before:
        return None
    return SHRINK("release", lost=lost, before=before, percent=round(lost * 100 / before), limit=limit)


def _inputs_hash(definition: Definition, audience: Access, records: Iterable[Record], findings: Iterable[Finding], program: str) -> str:
    """Everything a release depends on: policy, items, findings, and the program with its templates and assets."""
    digest = hashlib.sha256(f"{audience.value}\n{policy_of(definition)}\n".encode())
    for record in sorted(records, key=lambda r: r.id):
        digest.update(f"{record.id}\0{record.item_key}\0{record.checksum}\0{record.access}\0{record.draft}\n".encode())
    for finding in findings:
        digest.update(repr(_key(finding)).encode())
    digest.update(program.encode())
    return digest.hexdigest()


LIBRARIES = ("babel", "jinja2", "markdown-it-py", "orjson", "pyarrow", "shapely")
"""Packages that decide the bytes of a release, besides those that :func:`software` names."""


def _program(folder: Path) -> str:
    """A hash over what turns records into a release: versions, and the code, texts and assets in ``folder``."""
    digest = hashlib.sha256("\n".join([*software(), *(f"{name} {version(name)}" for name in LIBRARIES)]).encode())
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts):
        digest.update(f"{path.relative_to(folder)}\0{checksum_file(path)}\n".encode())
    return digest.hexdigest()
