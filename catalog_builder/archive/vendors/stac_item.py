"""A STAC item that a supplier delivers beside its rasters (Umbra v2, Capella, ICEYE and others do).

Taken only when an asset of the item names a file that is there. Properties are read by the STAC specification and its eo, view,
sar, sat, projection, processing and grid extensions. Items that vendor formats know better are read by those.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from catalog_builder.archive import public
from catalog_builder.archive.claims import Claims
from catalog_builder.archive.delivery import ArchiveFile, Band, FileRole, Folder, RasterKind, RasterSource, Reading, SceneFiles
from catalog_builder.archive.findings import METADATA_UNREADABLE
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.facts import Field, Origin, Source
from catalog_builder.times import When

MARKS = (b'"stac_version"', b'"Feature"', b'"assets"')
MAX_ITEM_BYTES = 4 * 1024 * 1024
"""Items have some kilobytes; recognition reads the file whole up to this size."""

MAX_NUMBER = 1e18
"""Beyond this a number is no measurement (and infinite ones are none either)."""

NUMBERS: Mapping[str, tuple[Field, float, float]] = {
    "gsd": (Field.GSD, 0.0001, 100_000),
    "eo:cloud_cover": (Field.CLOUD_COVER, 0, 100),
    "view:off_nadir": (Field.OFF_NADIR, 0, 90),
    "view:incidence_angle": (Field.INCIDENCE_ANGLE, 0, 90),
    "view:sun_elevation": (Field.SUN_ELEVATION, -90, 90),
}
AZIMUTHS = {"view:azimuth": Field.VIEW_AZIMUTH, "view:sun_azimuth": Field.SUN_AZIMUTH}
TEXTS = {
    "sar:instrument_mode": Field.SAR_MODE,
    "sar:frequency_band": Field.SAR_BAND,
    "sar:product_type": Field.PRODUCT_TYPE,
    "product:type": Field.PRODUCT_TYPE,
    "sat:orbit_state": Field.ORBIT_STATE,
    "sar:observation_direction": Field.LOOK_DIRECTION,
    "processing:level": Field.PROCESSING_LEVEL,
    "grid:code": Field.GRID_CODE,
}
ORBITS = {"sat:absolute_orbit": Field.ABSOLUTE_ORBIT, "sat:relative_orbit": Field.RELATIVE_ORBIT}
LISTS = {"instruments": Field.INSTRUMENTS, "sar:polarizations": Field.POLARIZATIONS}


@dataclass(frozen=True, slots=True)
class StacItem:
    """The format: one scene per item with local assets."""

    name: str = "stac-item"

    def find(self, folder: Folder) -> Iterable[SceneFiles]:
        for file in folder.files:
            if file.suffix not in (".json", ".geojson") or file.size > MAX_ITEM_BYTES:
                continue
            data = file.head(MAX_ITEM_BYTES)
            if not all(mark in data for mark in MARKS):
                continue
            assets = [a for name in _names(data.decode("utf-8", "replace")) if (a := folder.file(name)) is not None and a.name != file.name]
            if any(a.suffix in public.RASTER_SUFFIXES for a in assets):
                yield public.scene(self.name, file, folder, assets)

    def read(self, scene: SceneFiles) -> Reading:
        item = public.read_json(scene.key)
        properties = item.get("properties") if isinstance(item, dict) else None
        if not isinstance(item, dict) or item.get("type") != "Feature" or not isinstance(properties, dict):
            raise UnreadableDelivery(METADATA_UNREADABLE(scene.key.name, problem="no STAC item"))
        claims = Claims()
        name = item.get("id") if isinstance(item.get("id"), str) else None
        claims.add(Field.SCENE_NAME, name, _source(scene.key, "id"))
        claims.add(Field.PRODUCT_ID, name, _source(scene.key, "id"))
        _claim_properties(properties, scene.key, claims)
        _claim_time(properties, scene.key, claims)
        _claim_footprint(item.get("geometry"), scene.key, claims)
        return public.reading(claims.claims, _rasters(scene, item, properties), claims.findings)


def _names(text: str) -> list[str]:
    """File names that the hrefs of an item end in; items are often written for another place than where they lie."""
    hrefs = re.findall(r'"href"\s*:\s*"([^"]{1,2000})"', text)
    return list(dict.fromkeys(h.split("?")[0].replace("\\/", "/").rsplit("/", 1)[-1] for h in hrefs))


def _source(file: ArchiveFile, key: str) -> Source:
    return Source(Origin.METADATA, file.name, key)


def _claim_properties(properties: Mapping[str, Any], file: ArchiveFile, claims: Claims) -> None:
    def source(key: str) -> Source:
        return _source(file, f"properties.{key}")

    known = claims.platform(_text(properties.get("platform")), source("platform"))
    if known is None:
        claims.add(Field.CONSTELLATION, _text(properties.get("constellation")), source("constellation"))
    for key, (what, low, high) in NUMBERS.items():
        claims.number(what, _number(properties.get(key)), source(key), low, high)
    for key, what in AZIMUTHS.items():
        claims.azimuth(what, _number(properties.get(key)), source(key))
    for key, what in TEXTS.items():
        if not claims.has(what):
            claims.add(what, _text(properties.get(key)), source(key))
    for key, what in ORBITS.items():
        number = _number(properties.get(key))
        claims.add(what, None if number is None else int(number), source(key))
    for key, what in LISTS.items():
        values = properties.get(key)
        if isinstance(values, list):
            claims.add(what, tuple(v for v in values if isinstance(v, str)) or None, source(key))
    claims.add(Field.DECLARED_CRS, _crs(properties), source("proj:code"))


def _crs(properties: Mapping[str, Any]) -> str | None:
    code, epsg = _text(properties.get("proj:code")), _number(properties.get("proj:epsg"))
    if code and re.fullmatch(r"EPSG:\d{4,6}", code):
        return code
    return f"EPSG:{int(epsg)}" if epsg and epsg > 1000 else None


def _claim_time(properties: Mapping[str, Any], file: ArchiveFile, claims: Claims) -> None:
    """The interval where the item gives one, else the instant."""
    keys = ("start_datetime", "end_datetime", "datetime")
    start, end, instant = (claims.moment(_text(properties.get(k)), _source(file, f"properties.{k}")) for k in keys)
    if start is not None and end is not None and start.start <= end.start:
        claims.add(Field.ACQUIRED, When.between(start.start, end.start), _source(file, "properties.start_datetime"))
    else:
        claims.add(Field.ACQUIRED, instant, _source(file, "properties.datetime"))


def _claim_footprint(geometry: Any, file: ArchiveFile, claims: Claims) -> None:
    if not isinstance(geometry, dict) or geometry.get("type") != "Polygon":
        return
    rings = geometry.get("coordinates")
    if isinstance(rings, list) and rings and isinstance(rings[0], list):
        points = [(_number(p[0]), _number(p[1])) for p in rings[0] if isinstance(p, list) and len(p) >= 2]
        claims.footprint(points, _source(file, "geometry"))


def _rasters(scene: SceneFiles, item: Mapping[str, Any], properties: Mapping[str, Any]) -> tuple[RasterSource, ...]:
    radar = any(key.startswith("sar:") for key in properties)
    assets = item.get("assets")
    found, taken = [], set()
    for key, asset in assets.items() if isinstance(assets, dict) else ():
        if not isinstance(asset, dict) or not isinstance(asset.get("href"), str):
            continue
        file = scene.folder.file(asset["href"].split("?")[0].rsplit("/", 1)[-1])
        if file is None or file.name in taken or file.name not in {f.name for f in scene.with_role(FileRole.RASTER)}:
            continue
        taken.add(file.name)
        roles = asset.get("roles") if isinstance(asset.get("roles"), list) else []
        if {"thumbnail", "overview", "metadata"} & {r for r in roles or [] if isinstance(r, str)}:
            continue
        bands = _bands(asset.get("bands"), asset.get("eo:bands"))
        kind = RasterKind.SAR if radar else RasterKind.IMAGE
        primary = not roles or "data" in roles or "visual" in roles
        found.append(RasterSource(key, (file,), kind, bands, gsd=_number(asset.get("gsd")), primary=primary))
    return tuple(found)


def _bands(*lists: Any) -> tuple[Band, ...]:
    for values in lists:
        if isinstance(values, list) and values and all(isinstance(b, dict) and isinstance(b.get("name"), str) for b in values):
            return tuple(_band(b) for b in values)
    return ()


def _band(band: Mapping[str, Any]) -> Band:
    return Band(
        name=band["name"],
        common_name=_text(band.get("eo:common_name") or band.get("common_name")),
        center_wavelength=_number(band.get("eo:center_wavelength", band.get("center_wavelength"))),
        full_width_half_max=_number(band.get("eo:full_width_half_max", band.get("full_width_half_max"))),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: Any) -> float | None:
    usable = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < MAX_NUMBER
    return float(value) if usable else None


FORMAT = StacItem()
