"""The catalogue definition: what a province keeps in git, as checked objects.

These models are the edge for user files: every field has a type and a meaning, unknown keys are errors, and the loader
(:mod:`catalog_builder.definition.load`) reports all errors of all files at once. Nothing here knows files or formats.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from catalog_builder.definition.registers import AdminUnit, Agency, Code, Holiday, Model, Project, RefreshRule, Theme


class Access(StrEnum):
    """Who may see something; ordered from open to closed. Unknown means internal; the most restrictive rule wins."""

    PUBLIC = "public"
    INTERNAL = "internal"
    RESTRICTED = "restricted"

    @property
    def rank(self) -> int:
        return _RANKS[self]

    def visible_to(self, audience: Access) -> bool:
        return self.rank <= audience.rank


_RANKS = {access: rank for rank, access in enumerate(Access)}

EpsgCode = Annotated[str, StringConstraints(pattern=r"^EPSG:[0-9]{4,6}$")]

Localised = dict[Literal["vi", "en"], str]
"""A text per language; at least one. :func:`localised` picks."""


class Role(StrEnum):
    """STAC provider roles (STAC 1.1.0, commons)."""

    LICENSOR = "licensor"
    PRODUCER = "producer"
    PROCESSOR = "processor"
    HOST = "host"


class Provider(Model):
    """An agency of the register (``agency``) or another body (``name``) and what it does for a collection."""

    agency: Code | None = None
    name: str | None = None
    url: str | None = None
    roles: tuple[Role, ...]


class Match(Model):
    """Which deliveries belong to a collection: every given key must hold; within a key any value does.

    ``path`` are globs over the delivery's archive-relative origin and file names; ``platform`` compares folded names;
    ``format`` names vendor modules; ``kind`` a RasterKind; ``order`` an order code.
    """

    path: tuple[str, ...] = ()
    platform: tuple[str, ...] = ()
    instrument: tuple[str, ...] = ()
    format: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    order: tuple[Code, ...] = ()


class Rendering(Model):
    """How scenes look: bands by common name or name for red, green, blue (or one for grey), and how values are stretched."""

    title: Localised
    bands: tuple[str, ...]
    stretch: Literal["percentile", "minmax", "fixed"] = "percentile"
    range: tuple[float, float] | None = None


class CollectionDefinition(Model):
    """``collections/<id>.toml``."""

    id: Code
    title: Localised
    description: Localised
    keywords: dict[Literal["vi", "en"], tuple[str, ...]] = Field(default_factory=dict)
    license: str  # SPDX identifier, or "other" with license_url or license_text
    license_url: str | None = None
    license_title: Localised | None = None
    providers: tuple[Provider, ...] = ()
    match: tuple[Match, ...] = ()
    access: Access | None = None  # None: what the definition says of everything
    themes: tuple[Code, ...] = ()
    renderings: tuple[Rendering, ...] = ()
    presets: dict[str, Code] = Field(default_factory=dict)  # RasterKind -> raster preset name
    declared_crs: str | None = None  # used where files declare none and every scene is known to share it
    orthorectify: EpsgCode | None = None  # map grid that scenes which have only RPC are orthorectified into, e.g. "EPSG:32648"
    origin: str | None = None  # vn:origin code list
    funding: tuple[str, ...] = ()
    order: int = 100  # position on the home page and priority of matching: lower first


class Order(Model):
    """``orders/<id>.toml``: scenes that were bought."""

    id: Code
    title: Localised
    contract_no: str | None = None
    contract_date: date | None = None
    supplier: str | None = None
    origin: str
    funding: tuple[str, ...] = ()
    licence: str
    licence_scope: str | None = None
    licence_url: str | None = None
    licence_expires: date | None = None
    access: Access | None = None
    received: date | None = None
    project: Code | None = None
    paths: tuple[str, ...]
    source: str | None = None


class Override(Model):
    """One entry of ``overrides/*.toml``: facts that a person supplies for the deliveries whose path matches."""

    path: str  # glob over the delivery's origin and file names
    by: str
    on: date
    reason: str
    acquired: str | None = None  # ISO date, date-time, month, year, or "start/end"
    crs: str | None = None  # "EPSG:5899", or WKT for HN-72 and Indian 1960 with user parameters
    platform: str | None = None
    instruments: tuple[str, ...] | None = None
    scene_name: str | None = None
    gsd: float | None = None
    cloud_cover: float | None = None
    processing_level: str | None = None
    national_level: str | None = None
    collection: Code | None = None
    access: Access | None = None
    nodata: float | None = None
    project: Code | None = None
    gcps: tuple[tuple[float, float, float, float], ...] = ()  # (column, row, x, y) in ``crs``
    band_names: tuple[str, ...] | None = None
    common_names: tuple[str, ...] | None = None
    kind: str | None = None


class Contact(Model):
    """An office, never a person: no personal data in public metadata."""

    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    address: str | None = None


class Thresholds(Model):
    """Class limits. Defaults: TT 10/2015/TT-BTNMT articles 3 and 7 for very high, high and cloud classes; the rest is ours."""

    very_high_below_m: float = 1.0
    high_up_to_m: float = 20.0
    medium_up_to_m: float = 100.0
    cloud_a_below: float = 10.0
    cloud_b_below: float = 25.0


class AreaOfInterest(Model):
    """Where the catalogue's imagery should lie: WGS 84 box (west, south, east, north); a scene outside is a finding."""

    bbox: tuple[float, float, float, float] | None = None
    crs_candidates: tuple[str, ...] = ()  # offered, ranked, for scenes without a CRS
    boundaries: Path | None = None  # GeoJSON of the agency's own boundaries for the maps
    dem: Path | None = None  # elevation model (heights in metres, with its CRS) for RPC scenes; relative to the definition's folder


class Paths(Model):
    """Places on this machine; relative ones are relative to the definition's folder. The command line can override all."""

    archive: tuple[Path, ...] = ()
    store: Path = Path("../../build/store")
    site: Path = Path("../../build/site")


class SiteOptions(Model):
    """``[site]``: how the site is made. ``on-demand``: instead of a page per scene, one page reads the item that its address names, in
    the browser; for catalogues of more scenes than their host can hold pages. Such pages need JavaScript and have no live map."""

    item_pages: Literal["static", "on-demand"] = "static"


class Definition(Model):
    """``catalog.toml`` with everything that stands beside it."""

    id: Code
    title: Localised
    description: Localised
    languages: tuple[Literal["vi", "en"], ...] = ("vi", "en")
    public_address: str | None = None
    host: Code | None = None  # agency that manages the data (official field y)
    attribution: Localised | None = None
    area: AreaOfInterest = AreaOfInterest()
    paths: Paths = Paths()
    site: SiteOptions = SiteOptions()
    default_access: Access = Access.INTERNAL  # of collections and orders that say nothing
    fallback_collection: Code | None = None  # for deliveries that no collection matches; None: they are quarantined
    thresholds: Thresholds = Thresholds()
    profile: tuple[str, ...] = ("vn",)  # metadata profiles switched on
    max_shrink_percent: float = 20.0
    collections: tuple[CollectionDefinition, ...] = ()
    orders: tuple[Order, ...] = ()
    overrides: tuple[Override, ...] = ()
    agencies: tuple[Agency, ...] = ()
    admin_units: tuple[AdminUnit, ...] = ()
    themes: tuple[Theme, ...] = ()
    projects: tuple[Project, ...] = ()
    refresh_rules: tuple[RefreshRule, ...] = ()
    holidays: tuple[Holiday, ...] = ()
    folder: Path = Path()
    as_of: datetime | None = None  # publication time given by the publisher (--as-of); never the clock by itself

    def collection(self, code: str) -> CollectionDefinition:
        return next(c for c in self.collections if c.id == code)


def localised(text: Localised, language: str) -> str:
    """``text`` in ``language``, else in the other language it has."""
    return text.get(language) or next(iter(text.values()), "")  # type: ignore[call-overload]
