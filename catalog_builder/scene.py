"""Making one scene: the task that runs in a worker. Idempotent: the same delivery, policy and software give the same files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pyproj
import rasterio

from catalog_builder import __version__
from catalog_builder.archive.delivery import Delivery
from catalog_builder.definition.assign import Assignment
from catalog_builder.definition.model import Definition
from catalog_builder.facts import Field
from catalog_builder.files import StoredFile, write_json
from catalog_builder.findings import Severity, in_order
from catalog_builder.raster.convert import convert
from catalog_builder.raster.model import Raster
from catalog_builder.raster.options import RasterOptions
from catalog_builder.stac.item import make_item
from catalog_builder.stac.model import Item
from catalog_builder.stac.profile import check_profile
from catalog_builder.stac.schemas import SchemaStore
from catalog_builder.stac.validate import Validator
from catalog_builder.store import Record, Store, load_raster, save_raster


@dataclass(frozen=True, slots=True)
class SceneTask:
    """Everything a worker needs to make one scene. ``pixel_key`` names its products, ``item_key`` also its metadata."""

    delivery: Delivery
    assignment: Assignment
    definition: Definition
    options: RasterOptions
    store: Path
    pixel_key: str
    item_key: str


def plan_scene(delivery: Delivery, assignment: Assignment, definition: Definition, store: Path) -> SceneTask:
    """The task for ``delivery``; its keys change exactly when what it depends on does."""
    small = definition.model_copy(update={"collections": (assignment.collection,), "overrides": (), "orders": (), "projects": ()})
    options = RasterOptions(
        presets=assignment.collection.presets,
        declared_crs=assignment.collection.declared_crs,
        crs_candidates=definition.area.crs_candidates,
        area=definition.area.bbox,
        renderings=assignment.collection.renderings,
    )
    rasters = [(r.key, [t.name for t in r.tiles], repr(replace(r, tiles=(), sidecars=()))) for r in delivery.rasters]
    crs = delivery.facts.claim(Field.DECLARED_CRS)
    pixel_key = _hash(delivery.fingerprint, repr(rasters), repr(crs), repr(options), *software())
    identity = small.model_copy(update={"folder": Path(), "paths": type(small.paths)()})
    policy = (assignment.access.value, assignment.access_reason, repr(assignment.order), repr(assignment.overrides))
    item_key = _hash(pixel_key, delivery.id, repr(delivery.facts), repr(delivery.findings), repr(identity), *policy)
    return SceneTask(delivery, assignment, small, options, store, pixel_key, item_key)


def software() -> tuple[str, ...]:
    """Versions whose change can change the products."""
    return f"catalog-builder {__version__}", f"GDAL {rasterio.__gdal_version__}", f"PROJ {pyproj.proj_version_str}"


def make_scene(task: SceneTask) -> Record:
    """Convert (or take the finished products), make and check the item, write it beside the products."""
    store = Store(task.store)
    folder = store.scene_folder(task.delivery.id, task.pixel_key)
    raster = load_raster(folder)
    if raster is None:
        raster = convert(task.delivery, folder, task.options)
        save_raster(raster, folder)
    item = _checked(make_item(task.delivery, raster, task.assignment, task.definition, folder))
    path = folder / f"{item.id}.json"
    write_json(path, item.json)
    return _record(task, item, raster, path)


def _checked(item: Item) -> Item:
    """The item with what schemas and profile say about it; an item that breaks a rule at error level becomes a draft."""
    if item.draft:
        return item
    findings = [*Validator(SchemaStore.default()).check(item.json, item.id), *check_profile(item.json, item.id)]
    broken = any(f.severity is Severity.ERROR for f in findings)
    return replace(item, findings=(*item.findings, *findings), draft=item.draft or broken)


def _record(task: SceneTask, item: Item, raster: Raster, path: Path) -> Record:
    properties = item.json["properties"]
    findings = in_order([*task.delivery.findings, *raster.findings, *item.findings])
    return Record(
        id=item.id,
        pixel_key=task.pixel_key,
        item_key=task.item_key,
        collection=item.collection,
        access=item.access,
        item=path.relative_to(task.store).as_posix(),
        start=None if item.draft else properties.get("datetime") or properties.get("start_datetime"),
        draft=item.draft,
        title=str(properties.get("title", item.id)),
        files=tuple((f.path.relative_to(task.store).as_posix(), f.size, f.checksum) for f in _files(raster)),
        findings=tuple(findings),
    )


def _files(raster: Raster) -> Iterable[StoredFile]:
    yield from (p.cog for p in raster.products)
    yield from (f for f in (raster.visual, raster.thumbnail, raster.preview) if f is not None)
    yield from (f for f, _, _ in raster.sidecars)


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:16]
