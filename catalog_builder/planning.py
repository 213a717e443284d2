"""What there is to do for one scene, and why: the keys that say whether anything of it has changed.

A scene is named by two keys. The *pixel key* covers what decides the products: files, rasters, placement, options, software. The
*item key* adds what decides only the metadata. Both are made of named parts, so that a changed key can say what has changed.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path

import pyproj
import rasterio

from catalog_builder import __version__
from catalog_builder.archive.delivery import Delivery
from catalog_builder.definition.assign import Assignment
from catalog_builder.definition.model import CollectionDefinition, Definition
from catalog_builder.facts import Field
from catalog_builder.raster.options import RasterOptions
from catalog_builder.stac import admin_units, people
from catalog_builder.store import Record


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


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:16]
