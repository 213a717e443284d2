"""What only the printed sheet of a scene has: its public address as a QR code, and the corners of the image as surveyors write them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from pyproj import CRS
from pyproj.exceptions import CRSError

from catalog_builder.crs import Confidence, ResolvedCrs
from catalog_builder.crs.parse import crs_of
from catalog_builder.crs.transform import to_wgs84
from catalog_builder.i18n import N_
from catalog_builder.site.grids import crs_name
from catalog_builder.site.qr import Code, qr_code
from catalog_builder.site.reading import mapping, number, sequence, text
from catalog_builder.site.scene import Scene, per_scene
from catalog_builder.site.wording import Wording

CORNERS = (N_("Upper left"), N_("Upper right"), N_("Lower right"), N_("Lower left"))

LONGEST = 400
"""Bytes of an address whose code (version 15, 77 modules) a telephone still reads when it is printed 30 mm wide."""


@dataclass(frozen=True, slots=True)
class Corner:
    """A corner of the image: position in its own grid (empty where that is WGS 84 itself) and in WGS 84."""

    name: str
    own: tuple[str, ...]
    wgs84: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Corners:
    """The four corners; ``grid`` names the reference system of ``own``, ``unit`` its unit."""

    grid: str
    unit: str
    rows: tuple[Corner, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The part of a page that is for paper only. ``code`` is missing where the page has no public ``address`` or one that is too long."""

    identifier: str
    address: str | None
    code: Code | None
    corners: Corners | None


def printed_sheet(scene: Scene, address: str | None, say: Wording) -> Sheet:
    """The sheet of ``scene``, whose page has the public ``address``."""
    code = qr_code(address) if address is not None and len(address.encode()) <= LONGEST else None
    return Sheet(scene.item.id, address, code, corners(scene, say))


def corners(scene: Scene, say: Wording) -> Corners | None:
    """The corners of the main image by its affine and grid; None where the item does not state them."""
    found = _placed(scene)
    if found is None:
        return None
    crs, places, degrees = found
    is_wgs84, (unit, decimals) = crs.code == "EPSG:4326", _unit(crs)
    return Corners(
        grid="" if is_wgs84 else _name(crs, say),
        unit=unit,
        rows=tuple(
            Corner(
                say(name),
                () if is_wgs84 else (say.number(x, decimals), say.number(y, decimals)),
                (say.latitude(latitude, 6), say.longitude(longitude, 6)),
            )
            for name, (x, y), (longitude, latitude) in zip(CORNERS, places, degrees, strict=True)
        ),
    )


@per_scene
def _placed(scene: Scene) -> tuple[ResolvedCrs, list[tuple[float, float]], list[tuple[float, float]]] | None:
    """The grid of the main image, and its corners there and in WGS 84 (longitude, latitude)."""
    main = scene.main_asset
    asset = mapping(mapping(scene.json.get("assets")).get(main.key)) if main else {}
    crs = _crs(scene, asset)
    affine = [n for n in map(number, sequence(asset.get("proj:transform"))) if n is not None][:6]
    if crs is None or len(affine) < 6 or main is None or not main.width or not main.height:
        return None
    a, b, c, d, e, f = affine
    ends = ((0, 0), (main.width, 0), (main.width, main.height), (0, main.height))
    places = [(a * x + b * y + c, d * x + e * y + f) for x, y in ends]
    try:
        longitudes, latitudes = to_wgs84(crs, [x for x, _ in places], [y for _, y in places])
    except LookupError:
        return None
    if not (np.isfinite(longitudes).all() and np.isfinite(latitudes).all()):
        return None
    return crs, places, list(zip(map(float, longitudes), map(float, latitudes), strict=True))


def _crs(scene: Scene, asset: Mapping[str, object]) -> ResolvedCrs | None:
    properties = scene.properties
    holder = asset if "proj:code" in asset or "proj:projjson" in asset else properties
    code, whole = text(holder.get("proj:code")), holder.get("proj:projjson")
    source = code or (json.dumps(whole, sort_keys=True) if isinstance(whole, Mapping) else None)
    return _resolved(source, code, text(mapping(properties.get("vn:crs")).get("operation"))) if source else None


@lru_cache(maxsize=512)
def _resolved(source: str, code: str | None, operation: str | None) -> ResolvedCrs | None:
    try:
        return ResolvedCrs(source, code, CRS.from_user_input(source).to_wkt(), Confidence.AUTHORITY, operation)
    except CRSError:
        return None


@lru_cache(maxsize=512)
def _unit(crs: ResolvedCrs) -> tuple[str, int]:
    """Unit of the coordinates as it is written, and the decimals that are worth printing: centimetres, or a tenth of a metre."""
    name = next((axis.unit_name for axis in crs_of(crs.wkt).axis_info), "")
    return {"metre": ("m", 2), "degree": ("°", 6)}.get(name, (name, 2))


def _name(crs: ResolvedCrs, say: Wording) -> str:
    known = crs_name(crs.code, say.language) if crs.code else None
    if known:
        return f"{known} ({crs.code})"
    return crs.code or crs_of(crs.wkt).name
