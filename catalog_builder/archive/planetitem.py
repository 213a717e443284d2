"""Planet's item JSON, in both forms that come with deliveries: the Data API item and the STAC item made from it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from catalog_builder.archive.claims import Claims, fraction_as_percent
from catalog_builder.archive.delivery import ArchiveFile
from catalog_builder.archive.findings import METADATA_UNREADABLE
from catalog_builder.archive.keyvalue import read_text
from catalog_builder.archive.xmltree import UNKNOWN
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.facts import Field, Origin, Source

SCENE_ID = re.compile(r"\d{8}_\d{6}(?:_\d\d)?_[0-9a-f]{4}(?![0-9a-z])", re.IGNORECASE)
"""``20170831_172754_101c`` and ``20210605_031234_56_2416``: time and satellite of a PlanetScope scene."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item: its ``properties``, and everything else under ``body``."""

    file: ArchiveFile
    body: Mapping[str, Any]
    properties: Mapping[str, Any]

    def text(self, *names: str) -> str | None:
        for name in names:
            value = self.properties.get(name)
            if isinstance(value, str) and value.strip().lower() not in UNKNOWN:
                return value
        return None

    def number(self, *names: str) -> float | None:
        for name in names:
            value = self.properties.get(name)
            if isinstance(value, int | float) and not isinstance(value, bool):
                return float(value)
        return None

    def source(self, *names: str) -> Source:
        """Where the first of ``names`` that is there stands."""
        name = next((n for n in names if n in self.properties), names[0])
        return Source(Origin.METADATA, self.file.name, f"properties/{name}")

    @property
    def identifier(self) -> str | None:
        value = self.body.get("id")
        return value if isinstance(value, str) and value else None

    @property
    def family(self) -> str:
        """``planetscope``, ``skysat``, ``rapideye`` or another word in lower case; "" when the item does not say."""
        for name in ("constellation", "provider", "pl:item_type", "item_type"):
            word = (self.text(name) or "").lower()
            for family in ("skysat", "rapideye", "planetscope"):
                if family in word:
                    return family
            if word.startswith("psscene") or word.startswith("psortho"):
                return "planetscope"
            if word.startswith("reortho") or word.startswith("rescene"):
                return "rapideye"
        return ""

    @property
    def hrefs(self) -> dict[str, str]:
        """Asset names and what they refer to."""
        assets = self.body.get("assets")
        if not isinstance(assets, Mapping):
            return {}
        return {k: a["href"] for k, a in assets.items() if isinstance(a, Mapping) and isinstance(a.get("href"), str)}


def looks_like_item(file: ArchiveFile) -> bool:
    """Whether ``file`` may be a Planet item, by its first bytes and its name."""
    if file.suffix != ".json":
        return False
    head = file.head(1 << 16)
    return b'"properties"' in head and any(
        w in head.lower() for w in (b'"pl:', b'"planetscope"', b'"skysat"', b'"rapideye"', b'"item_type"')
    )


def read_item(file: ArchiveFile) -> Item:
    """The item in ``file``.

    Raises:
        UnreadableDelivery: not JSON, too large, or no feature.
    """
    try:
        body = orjson.loads(read_text(file))
    except orjson.JSONDecodeError as problem:
        raise UnreadableDelivery(METADATA_UNREADABLE(file.name, problem=str(problem))) from problem
    if not isinstance(body, dict) or not isinstance(body.get("properties"), dict):
        raise UnreadableDelivery(METADATA_UNREADABLE(file.name, problem="no GeoJSON feature"))
    return Item(file, body, body["properties"])


def describe(item: Item, claims: Claims) -> None:
    """Claim what the item says, except platform and instrument."""
    claims.when(Field.ACQUIRED, item.text("datetime", "acquired"), item.source("datetime", "acquired"))
    claims.number(Field.CLOUD_COVER, item.number("eo:cloud_cover", "cloud_percent"), item.source("eo:cloud_cover", "cloud_percent"), 0, 100)
    if not claims.has(Field.CLOUD_COVER):
        claims.add(Field.CLOUD_COVER, fraction_as_percent(item.number("cloud_cover")), item.source("cloud_cover"))
    claims.azimuth(Field.SUN_AZIMUTH, item.number("view:sun_azimuth", "sun_azimuth"), item.source("view:sun_azimuth", "sun_azimuth"))
    elevation = ("view:sun_elevation", "sun_elevation")
    claims.number(Field.SUN_ELEVATION, item.number(*elevation), item.source(*elevation), -90, 90)
    off_nadir = item.number("view:off_nadir", "view_angle")
    source = item.source("view:off_nadir", "view_angle")
    claims.number(Field.OFF_NADIR, None if off_nadir is None else abs(off_nadir), source, 0, 90)
    azimuth = ("view:azimuth", "satellite_azimuth")
    claims.azimuth(Field.VIEW_AZIMUTH, item.number(*azimuth), item.source(*azimuth))
    claims.number(Field.GSD, item.number("gsd"), item.source("gsd"), 0.1, 1000)
    epsg = item.number("proj:epsg", "epsg_code")
    claims.add(Field.DECLARED_CRS, f"EPSG:{int(epsg)}" if epsg and epsg > 1000 else None, item.source("proj:epsg", "epsg_code"))
    claims.add(Field.SCENE_NAME, item.identifier, Source(Origin.METADATA, item.file.name, "id"))
    claims.add(Field.PRODUCT_ID, item.identifier, Source(Origin.METADATA, item.file.name, "id"))
    claims.add(Field.CATALOG_ID, item.text("pl:strip_id", "strip_id"), item.source("pl:strip_id", "strip_id"))
    claims.add(Field.PRODUCT_TYPE, item.text("pl:item_type", "item_type"), item.source("pl:item_type", "item_type"))
    ring = outer_ring(item.body.get("geometry"))
    if ring:
        claims.footprint(ring, Source(Origin.METADATA, item.file.name, "geometry"))


def outer_ring(geometry: Any) -> Sequence[tuple[float, float]]:
    """The outer ring of a GeoJSON polygon with one part; () for anything else."""
    if not isinstance(geometry, Mapping):
        return ()
    coordinates = geometry.get("coordinates")
    if geometry.get("type") == "MultiPolygon" and isinstance(coordinates, list) and len(coordinates) == 1:
        coordinates = coordinates[0]
    elif geometry.get("type") != "Polygon":
        return ()
    if not isinstance(coordinates, list) or not coordinates or not isinstance(coordinates[0], list):
        return ()
    points = [p for p in coordinates[0] if isinstance(p, list) and len(p) >= 2 and all(isinstance(n, int | float) for n in p[:2])]
    return [(float(p[0]), float(p[1])) for p in points] if len(points) == len(coordinates[0]) else ()
