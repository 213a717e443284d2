"""MapInfo ``.tab`` files of registered rasters: the ``CoordSys`` clause as WKT and the control points.

Numbers of projections, datums and ellipsoids are those of the MapInfo manual (appendix "Elements of a Coordinate System").
A clause with a number that is not here is unknown, not guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pyproj import CRS
from pyproj.exceptions import CRSError

from catalog_builder.archive.delivery import ArchiveFile, GroundControlPoint
from catalog_builder.archive.keyvalue import read_text

MAX_TAB_BYTES = 1 << 20

ELLIPSOIDS = {
    0: "+ellps=GRS80",
    1: "+a=6378135 +rf=298.26",
    3: "+ellps=krass",
    4: "+ellps=intl",
    6: "+a=6378249.145 +rf=293.465",
    7: "+ellps=clrk66",
    10: "+ellps=bessel",
    11: "+a=6377276.345 +rf=300.8017",
    17: "+a=6377304.063 +rf=300.8017",
    28: "+ellps=WGS84",
    40: "+a=6377301.243 +rf=300.80174",
}
DATUMS = {62: "+datum=NAD27", 74: "+datum=NAD83", 104: "+datum=WGS84"}
UNITS = {"m": "m", "km": "km", "ft": "ft", "survey ft": "us-ft", "survey foot": "us-ft"}
CUSTOM_3, CUSTOM_7 = 999, 9999
"""Datum numbers after which the file gives its own ellipsoid and 3 shifts, or ellipsoid, 7 parameters and prime meridian."""


@dataclass(frozen=True, slots=True)
class TabFile:
    """What a ``.tab`` says: ``coordsys`` as written, its WKT where every number in it is known, and the control points."""

    raster: str | None
    coordsys: str | None
    wkt: str | None
    gcps: tuple[GroundControlPoint, ...]


def parse_tab(file: ArchiveFile) -> TabFile | None:
    """The content of a raster ``.tab``; None for the ``.tab`` of a vector table.

    Raises:
        UnreadableDelivery: the file is too large for a ``.tab``.
    """
    text = read_text(file, MAX_TAB_BYTES)
    if not re.search(r"Type\s+\"RASTER\"", text, re.IGNORECASE):
        return None
    name = re.search(r"^\s*File\s+\"([^\"]+)\"", text, re.IGNORECASE | re.MULTILINE)
    clause = re.search(r"^\s*CoordSys\s+(.+?)\s*$", text, re.IGNORECASE | re.MULTILINE)
    points = re.findall(r"\(\s*([-+.\deE]+)\s*,\s*([-+.\deE]+)\s*\)\s*\(\s*([-+.\deE]+)\s*,\s*([-+.\deE]+)\s*\)", text)
    coordsys = clause.group(1) if clause else None
    return TabFile(
        raster=name.group(1) if name else None,
        coordsys=coordsys,
        wkt=coordsys_to_wkt(coordsys) if coordsys else None,
        gcps=tuple(gcp for gcp in map(_gcp, points) if gcp is not None),
    )


def coordsys_to_wkt(clause: str) -> str | None:
    """WKT of ``Earth Projection 8, 104, "m", 105, 0, 0.9996, 500000, 0``; None when a number in it is not known here."""
    match = re.match(r"Earth\s+Projection\s+(.+?)(?:\s+(?:Affine|Bounds)\b.*)?$", clause, re.IGNORECASE)
    if not match:
        return None
    parts = [p.strip() for p in match.group(1).split(",")]
    try:
        proj = _proj_string(parts)
        return None if proj is None else str(CRS.from_user_input(proj + " +type=crs").to_wkt())
    except (ValueError, IndexError, CRSError):
        return None


def _proj_string(parts: list[str]) -> str | None:
    projection, datum = int(parts[0]), int(parts[1])
    figure, rest = _figure(datum, parts[2:])
    if figure is None:
        return None
    if projection == 1:
        return f"+proj=longlat {figure} +no_defs"
    unit = UNITS.get(rest[0].strip('"').lower())
    numbers = [float(p) for p in rest[1:]]
    if unit is None:
        return None
    tail = f"{figure} +units={unit} +no_defs"
    if projection == 8:
        lon, lat, scale, east, north = numbers[:5]
        return f"+proj=tmerc +lon_0={lon!r} +lat_0={lat!r} +k={scale!r} +x_0={east!r} +y_0={north!r} {tail}"
    if projection == 3:
        lon, lat, lat_1, lat_2, east, north = numbers[:6]
        return f"+proj=lcc +lon_0={lon!r} +lat_0={lat!r} +lat_1={lat_1!r} +lat_2={lat_2!r} +x_0={east!r} +y_0={north!r} {tail}"
    if projection == 10:
        return f"+proj=merc +lon_0={numbers[0]!r} {tail}"
    return None


def _figure(datum: int, rest: list[str]) -> tuple[str | None, list[str]]:
    """The datum part of a PROJ string, and the parameters after it.

    MapInfo writes rotations in the coordinate-frame sense, PROJ's ``+towgs84`` takes the position-vector sense: signs change.
    """
    if datum in DATUMS:
        return DATUMS[datum], rest
    if datum not in (CUSTOM_3, CUSTOM_7):
        return None, rest
    ellipsoid = ELLIPSOIDS.get(int(rest[0]))
    if ellipsoid is None:
        return None, rest
    if datum == CUSTOM_3:
        dx, dy, dz = (float(p) for p in rest[1:4])
        return f"{ellipsoid} +towgs84={dx!r},{dy!r},{dz!r},0,0,0,0", rest[4:]
    dx, dy, dz, rx, ry, rz, scale, meridian = (float(p) for p in rest[1:9])
    prime = f" +pm={meridian!r}" if meridian else ""
    return f"{ellipsoid}{prime} +towgs84={dx!r},{dy!r},{dz!r},{-rx!r},{-ry!r},{-rz!r},{scale!r}", rest[9:]


def _gcp(numbers: tuple[str, ...]) -> GroundControlPoint | None:
    try:
        x, y, column, row = (float(n) for n in numbers)
    except ValueError:
        return None
    return GroundControlPoint(column, row, x, y)
