"""Making one scene: the task that runs in a worker. Idempotent: the same delivery, policy and software give the same files.

A scene is named by two keys. The *pixel key* covers what decides the products: files, rasters, placement, options, software. The
*item key* adds what decides only the metadata. Both are made of named parts, so that a changed key can say what has changed.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path

import pyproj
import rasterio
from pydantic import ValidationError

from catalog_builder import __version__
from catalog_builder.archive.delivery import Delivery
from catalog_builder.definition.assign import Assignment
from catalog_builder.definition.model import CollectionDefinition, Definition
from catalog_builder.facts import Field
from catalog_builder.files import StoredFile, on_disk_together, write_json
from catalog_builder.findings import Finding, Severity, in_order
from catalog_builder.fingerprints import fingerprints_of, write_fingerprints
from catalog_builder.raster.convert import convert
from catalog_builder.raster.findings import DISK_SPACE, NO_VISUAL, NOT_WRITTEN, WRITER_FAILED
from catalog_builder.raster.model import Raster
from catalog_builder.raster.options import RasterOptions
from catalog_builder.stac import admin_units, people
from catalog_builder.stac.item import make_item
from catalog_builder.stac.model import Item
from catalog_builder.stac.profile import check_profile
from catalog_builder.stac.schemas import SchemaStore
from catalog_builder.stac.validate import Validator
from catalog_builder.store import Record, Store, load_raster, save_raster


class Reason(StrEnum):
    """Why a scene is made again. The order is the order of telling."""

    NEW = "new"
    SOURCES = "sources"
    METADATA = "metadata"
    OPTIONS = "options"
    POLICY = "policy"
    SOFTWARE = "software"
    STORE = "store"
    DAMAGE = "damage"


class SourceMoved(Exception):
    """A file of the scene changed or went away while it was read: nothing that was made of it is kept."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"{self.name} changed or went away while it was read"


class NotMade(Exception):
    """A scene that is not to be remembered, because another try may succeed; ``finding`` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding)
        self.finding = finding


@dataclass(frozen=True, slots=True)
class SceneTask:
    """Everything a worker needs to make one scene. ``pixel_key`` names its products, ``item_key`` also its metadata; ``parts`` are
    the hashes that the keys are made of, by :class:`Reason`."""

    delivery: Delivery
    assignment: Assignment
    definition: Definition
    options: RasterOptions
    store: Path
    pixel_key: str
    item_key: str
    parts: tuple[tuple[str, str], ...] = ()


class Planner:
    """Makes tasks. What scenes of one collection share is worked out once."""

    def __init__(self, definition: Definition, store: Path) -> None:
        self.definition = definition
        self.store = store
        self._collections: dict[str, _Policy] = {}
        self._software = _hash(*software())

    def plan(self, delivery: Delivery, assignment: Assignment) -> SceneTask:
        """The task for ``delivery``; its keys change exactly when what it depends on does."""
        code = assignment.collection.id
        if code not in self._collections:
            self._collections[code] = _Policy(self.definition, assignment.collection)
        policy, rasters = self._collections[code], _rasters(delivery)
        parts = {
            Reason.SOURCES: _sources(delivery),
            Reason.OPTIONS: policy.options_hash,
            Reason.SOFTWARE: self._software,
            Reason.METADATA: _hash(delivery.id, repr(delivery.facts), repr(delivery.findings), rasters),
            Reason.POLICY: _hash(policy.identity, _decision(assignment)),
        }
        placement = repr([delivery.facts.claim(f) for f in _PLACING])
        pixel_key = _hash(parts[Reason.SOURCES], rasters, placement, parts[Reason.OPTIONS], parts[Reason.SOFTWARE])
        named = tuple((reason.value, digest) for reason, digest in sorted(parts.items()))
        item_key = _hash(pixel_key, *(digest for _, digest in named))
        seen = replace(assignment, collection=policy.collection)
        return SceneTask(delivery, seen, policy.definition, policy.options, self.store, pixel_key, item_key, named)


_PLACING = (Field.DECLARED_CRS, Field.CORNERS, Field.FOOTPRINT)
"""Facts that decide where a raster lies."""


def raster_options(definition: Definition, collection: CollectionDefinition) -> RasterOptions:
    """What the definition says about the rasters of one collection."""
    return RasterOptions(
        presets=collection.presets,
        declared_crs=collection.declared_crs,
        crs_candidates=definition.area.crs_candidates,
        area=definition.area.bbox,
        renderings=collection.renderings,
        dem=definition.folder / definition.area.dem if definition.area.dem else None,
        orthorectify=collection.orthorectify,
    )


_UNREPEATED = {"title": {}, "description": {}, "match": (), "order": 0}
"""What a collection says that its items do not repeat. No task gets to see it, so no item can come to depend on it unseen."""


class _Policy:
    """What the definition says to all scenes of one collection."""

    def __init__(self, definition: Definition, collection: CollectionDefinition) -> None:
        area = definition.area.model_copy(update={"dem": None})  # decides pixels, by its content; its path decides nothing
        self.collection = collection.model_copy(update=_UNREPEATED)
        small = {"collections": (self.collection,), "area": area, "overrides": (), "orders": (), "projects": ()}
        self.definition = definition.model_copy(update=small | {"attribution": None, "fallback_collection": None})
        self.options = raster_options(definition, collection)
        self.options_hash = _hash(self.options.identity)

    @cached_property
    def identity(self) -> str:
        """The definition without what items do not repeat: places on this machine, the catalogue's own texts, registers of which
        an item takes single rows (those rows are in it), and the moment of publication: an item keeps the one it was made for."""
        small = self.definition
        silent = (
            "folder",
            "id",
            "title",
            "description",
            "agencies",
            "admin_units",
            "themes",
            "refresh_rules",
            "max_shrink_percent",
            "site",
            "as_of",
        )
        fields = {name: getattr(small, name) for name in type(small).model_fields if name not in (*silent, "paths", "public_address")}
        rows = (people.providers(small, small.collections[0]), people.contacts(small), small.as_of is not None, admin_units.identity(small))
        return _hash(repr(fields), repr(rows))


def reasons(before: Record | None, task: SceneTask, store: Path) -> tuple[Reason, ...]:
    """Why ``task`` must be done although ``before`` is in the store; nothing when it must not."""
    if before is None:
        return (Reason.NEW,)
    if before.item_key == task.item_key:
        return () if _is_there(before, store) else (Reason.STORE,)
    old = dict(before.parts)
    changed = {Reason(name) for name, digest in task.parts if old.get(name) != digest}
    if Reason.SOURCES in changed:  # other metadata is the consequence
        changed.discard(Reason.METADATA)
    return tuple(r for r in Reason if r in changed) or (Reason.SOFTWARE,)


def _is_there(record: Record, store: Path) -> bool:
    """Whether item and products are in the store. One look at the folder that most of them lie in takes half as long as one at each."""
    folder = record.item.rpartition("/")[0]
    try:
        names = set(os.listdir(store / folder))  # noqa: PTH208 - names are enough
    except FileNotFoundError:
        return False
    start = len(folder) + 1
    return all(path[start:] in names or (store / path).is_file() for path in (record.item, *(path for path, _, _ in record.files)))


def _sources(delivery: Delivery) -> str:
    """The scene's files by name, size and modification time. Overrides are not in it: they correct facts, not pixels."""
    return _hash(*sorted({f"{f.name}\0{f.size}\0{f.mtime_ns}" for f, _ in delivery.files}))


def _rasters(delivery: Delivery) -> str:
    return repr([(r.key, [t.name for t in r.tiles], repr(replace(r, tiles=(), sidecars=()))) for r in delivery.rasters])


def _decision(assignment: Assignment) -> str:
    return repr((assignment.access.value, assignment.access_reason, assignment.order, assignment.overrides))


def software() -> tuple[str, ...]:
    """Versions whose change can change the products."""
    return f"catalog-builder {__version__}", f"GDAL {rasterio.__gdal_version__}", f"PROJ {pyproj.proj_version_str}"


def make_scene(task: SceneTask) -> Record:
    """Convert (or take the finished products), make and check the item, write it beside the products.

    Raises:
        OSError: the store cannot be written.
        NotMade, SourceMoved: nothing is kept; another try may succeed.
    """
    store = Store(task.store)
    folder = store.scene_folder(task.delivery.id, task.pixel_key)
    if (raster := _finished(store, task)) is None:
        with store.making(task.delivery.id, task.pixel_key) as own:
            save_raster(_converted(task, own), own)
        raster = load_raster(folder)
        assert raster is not None  # it has just been given its name
    item = _checked(make_item(task.delivery, raster, task.assignment, task.definition, folder))
    written = write_json(store.item_path(task.delivery.id, task.pixel_key, task.item_key), item.json)
    return _record(task, item, raster, written)


def _finished(store: Store, task: SceneTask) -> Raster | None:
    """The finished products. Where one of them is lost, or nothing can tell any more what they are, all go and None is the answer."""
    try:
        raster = load_raster(store.scene_folder(task.delivery.id, task.pixel_key))
        if raster is None or all(file.path.is_file() for file in raster.files()):
            return raster
    except ValidationError:
        pass  # as lost as a product that is not there
    store.discard(task.delivery.id, task.pixel_key)
    return None


def _converted(task: SceneTask, folder: Path) -> Raster:
    """The products, and what their sources contain, on disk before anything says that they are finished."""
    with on_disk_together(), ThreadPoolExecutor(1) as beside:
        noting = beside.submit(fingerprints_of, task.delivery)
        raster = convert(task.delivery, folder, task.options)
        wait([noting])
        _refuse_passing_trouble(task.delivery, raster.findings, folder)
        write_fingerprints(noting.result(), folder)
    return raster


PASSING = frozenset({NOT_WRITTEN.code, DISK_SPACE.code})
PROBE_BYTES = 1 << 20
"""What must still fit on the disk before a failed conversion is called the scene's own fault."""


def _refuse_passing_trouble(delivery: Delivery, findings: Sequence[Finding], folder: Path) -> None:
    """What failed because a disk was full or an archive went away must not be remembered as a property of the scene.

    Raises:
        OSError: the disk takes no more; other scenes would fail as well.
        NotMade: GDAL gave up on this scene.
        SourceMoved: the archive changed under the work.
    """
    for finding in findings:
        if finding.code in PASSING:
            raise OSError(errno.EIO, finding.message("en"), finding.subject)
    failed = next((f for f in findings if f.code == WRITER_FAILED.code), None)
    if failed is not None and shutil.disk_usage(folder).free < sum(file.size for file, _ in delivery.files):
        raise OSError(errno.ENOSPC, failed.message("en"), failed.subject)
    if failed is not None:
        raise NotMade(failed)
    if any(f.severity is Severity.ERROR or f.code == NO_VISUAL.code for f in findings):
        probe = folder / "probe"
        try:
            probe.write_bytes(bytes(PROBE_BYTES))  # libraries report a full disk as many things
        finally:
            probe.unlink(missing_ok=True)
    for file, _ in delivery.files:
        try:
            status = file.path.stat()
        except OSError:
            raise SourceMoved(file.name) from None
        unpacked = "!/" in file.name  # a member bears the time of its container, its unpacked copy another
        if status.st_size != file.size or (status.st_mtime_ns != file.mtime_ns and not unpacked):
            raise SourceMoved(file.name)


def _checked(item: Item) -> Item:
    """The item with what schemas and profile say about it; an item that breaks a rule at error level becomes a draft."""
    if item.draft:
        return item
    findings = [*Validator(SchemaStore.default()).check(item.json, item.id), *check_profile(item.json, item.id)]
    broken = any(f.severity is Severity.ERROR for f in findings)
    return replace(item, findings=(*item.findings, *findings), draft=item.draft or broken)


def _record(task: SceneTask, item: Item, raster: Raster, written: StoredFile) -> Record:
    properties = item.json["properties"]
    findings = in_order([*task.delivery.findings, *raster.findings, *item.findings])
    return Record(
        id=item.id,
        pixel_key=task.pixel_key,
        item_key=task.item_key,
        collection=item.collection,
        access=item.access,
        item=written.path.relative_to(task.store).as_posix(),
        start=None if item.draft else properties.get("datetime") or properties.get("start_datetime"),
        draft=item.draft,
        title=str(properties.get("title", item.id)),
        files=tuple((f.path.relative_to(task.store).as_posix(), f.size, f.checksum) for f in raster.files()),
        findings=tuple(findings),
        parts=task.parts,
        checksum=written.checksum,
    )


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:16]
