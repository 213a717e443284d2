"""What a collection needs to know of each item: a few light values, so that 100,000 items fit in memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import orjson

from catalog_builder.stac.extent import Box
from catalog_builder.stac.model import Json
from catalog_builder.times import from_stac

BAND_FIELDS = (
    "name",
    "description",
    "data_type",
    "nodata",
    "unit",
    "gsd",
    "eo:common_name",
    "eo:center_wavelength",
    "eo:full_width_half_max",
)
"""Band fields that describe the sensor and not one scene."""

ASSET_FIELDS = ("title", "type", "roles", "cb:kind")


@dataclass(frozen=True, slots=True)
class AssetSummary:
    """One asset as ``item_assets`` would describe it: canonical JSON, and its title per further language."""

    key: str
    json: bytes
    titles: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ItemSummary:
    """One item, light. ``start`` and ``end`` are equal for an instant; codes are every ``proj:code`` of item and assets."""

    id: str
    bbox: Box | None
    start: datetime | None
    end: datetime | None
    values: tuple[tuple[str, Any], ...]
    proj_codes: tuple[str, ...]
    assets: tuple[AssetSummary, ...]

    def get(self, name: str) -> Any:
        """The value of the property ``name`` if it is summarised and known."""
        return next((v for n, v in self.values if n == name), None)


SETS = (
    "platform",
    "constellation",
    "instruments",
    "processing:level",
    "product:type",
    "sat:orbit_state",
    "sar:instrument_mode",
    "sar:frequency_band",
    "sar:polarizations",
    "vn:imaging_mode",
    "vn:processing_level",
    "vn:resolution_class",
    "vn:cloud_class",
    "vn:origin",
    "vn:theme",
)
"""Properties summarised as the set of their values."""

RANGES = ("gsd", "eo:cloud_cover", "view:off_nadir", "view:incidence_angle", "view:sun_azimuth", "view:sun_elevation")
"""Properties summarised as minimum and maximum."""


def summarise(item: Json) -> ItemSummary:
    """The summary of one item's JSON."""
    properties = item["properties"]
    start = properties.get("start_datetime") or properties.get("datetime")
    end = properties.get("end_datetime") or properties.get("datetime")
    codes = [properties.get("proj:code"), *(a.get("proj:code") for a in item["assets"].values())]
    texts = properties.get("cb:texts", {})
    box = item.get("bbox")
    return ItemSummary(
        id=item["id"],
        bbox=None if box is None else (box[0], box[1], box[2], box[3]),
        start=None if start is None else from_stac(start),
        end=None if end is None else from_stac(end),
        values=tuple((n, _light(properties[n])) for n in (*SETS, *RANGES) if properties.get(n) is not None),
        proj_codes=tuple(sorted({c for c in codes if c})),
        assets=tuple(_asset(key, asset, texts) for key, asset in item["assets"].items()),
    )


def _light(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _asset(key: str, asset: Json, texts: Json) -> AssetSummary:
    definition = {name: asset[name] for name in ASSET_FIELDS if name in asset}
    if "bands" in asset:
        definition["bands"] = [{n: band[n] for n in BAND_FIELDS if n in band} for band in asset["bands"]]
    titles = tuple(
        (lang, pointers[f"/assets/{key}/title"]) for lang, pointers in sorted(texts.items()) if f"/assets/{key}/title" in pointers
    )
    return _interned(key, orjson.dumps(definition), titles)


@cache
def _interned(key: str, json: bytes, titles: tuple[tuple[str, str], ...]) -> AssetSummary:
    """One object for all items that share an asset definition."""
    return AssetSummary(key, json, titles)
