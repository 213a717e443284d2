"""The noun of the release room: a :class:`Release`, what later rooms (site, exchange, report) read.

Paths are POSIX, relative to the root of the release. A placed item is light; its JSON is read when a page needs it, so that a
release of 100,000 items fits in memory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from catalog_builder.definition.model import Access, Definition
from catalog_builder.findings import Finding
from catalog_builder.stac.model import Json


@dataclass(frozen=True, slots=True)
class PlacedItem:
    """An item of the release. ``start``/``end`` are equal for an instant; ``bbox`` is west, south, east, north (west > east
    across the antimeridian), None for an item without geometry; ``folder`` holds its JSON, page and assets."""

    id: str
    collection: str
    title: str
    path: str  # .../<id>/<id>.json
    start: datetime
    end: datetime
    bbox: tuple[float, float, float, float] | None
    platform: str | None
    instruments: tuple[str, ...]
    gsd: float | None
    cloud_cover: float | None
    resolution_class: str | None
    thumbnail: str | None  # path of the thumbnail in the release
    json_size: int
    json_checksum: str
    load: Callable[[], Json]  # the item as published, with links

    @property
    def folder(self) -> str:
        return self.path.rsplit("/", 1)[0]


@dataclass(frozen=True, slots=True)
class Partition:
    """A sub-catalogue of a collection: a year, month, day or bucket. ``key`` is ("2013",) or ("2013", "07")."""

    key: tuple[str, ...]
    title: Json  # per language
    path: str  # .../catalog.json
    json: Json
    items: tuple[PlacedItem, ...]  # direct items only
    partitions: tuple[Partition, ...] = ()


@dataclass(frozen=True, slots=True)
class PlacedCollection:
    """A collection of the release with its partitions; ``items`` are all items below it, newest first."""

    id: str
    path: str  # <id>/collection.json
    json: Json
    items: tuple[PlacedItem, ...]
    partitions: tuple[Partition, ...]


@dataclass(frozen=True, slots=True)
class Release:
    """A complete release for one audience. ``id`` is derived from its content. ``drafts`` are quarantined scenes that the
    audience may know of: their JSON with what is known, never linked from the catalogue."""

    id: str
    definition: Definition
    audience: Access
    catalog: Json
    collections: tuple[PlacedCollection, ...]
    findings: tuple[Finding, ...]
    drafts: tuple[Json, ...] = ()

    @property
    def items(self) -> tuple[PlacedItem, ...]:
        """All items, newest first, then by id."""
        return tuple(sorted((i for c in self.collections for i in c.items), key=lambda i: (-i.start.timestamp(), i.id)))


@dataclass(frozen=True, slots=True)
class Page:
    """A file that a later room adds to the release: its path and its bytes."""

    path: str
    data: bytes


@dataclass(frozen=True, slots=True)
class PromisedPage:
    """A page that is only made when it is needed: the release keeps the served file of the same ``key`` and never calls ``make``.

    ``key`` sums up everything that the page shows of this release: the items (``json_checksum`` and ``path`` tell all of one),
    numbers, neighbours, findings, drafts, the moment of publication. That software, templates, assets, definition and audience are
    the same is for the release to know. What ``make`` gives must depend on nothing else.
    """

    path: str
    key: str
    make: Callable[[], Page]

    @property
    def data(self) -> bytes:
        """The bytes of the page, made now."""
        return self.make().data
