"""Shapes on the globe: unwrapped rings become valid GeoJSON, split at the antimeridian, wound as RFC 7946 asks.

All coordinates are WGS 84 longitude and latitude in degrees.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.affinity import translate
from shapely.geometry import MultiPolygon, Polygon, box
from shapely.geometry.base import BaseGeometry

from catalog_builder.crs.area import Box

DECIMALS = 7
"""Decimals of a degree kept: 1e-7 degree is about 1 cm."""

LonLat = tuple[float, float]

Floats = NDArray[np.float64]


def unwrap(lon: Floats) -> Floats:
    """Longitudes along a line without jumps of a turn: neighbours differ by less than 180 degrees."""
    steps = np.diff(lon, prepend=lon[:1])
    return lon - 360.0 * np.cumsum(np.round(steps / 360.0))


def turned_towards(lon: Floats, reference: Floats) -> Floats:
    """Longitudes moved by whole turns to within 180 degrees of ``reference``; not finite where either is not."""
    with np.errstate(invalid="ignore"):
        return lon + 360.0 * np.round((reference - lon) / 360.0)


def winds_around_pole(lon: Floats) -> bool:
    """Whether an unwrapped closed ring ends a turn away from where it began."""
    return bool(abs(lon[-1] - lon[0]) > 180)


def on_globe(shapes: Iterable[BaseGeometry]) -> MultiPolygon:
    """Unwrapped shapes (longitudes may leave -180..180) as one valid shape within -180..180, split at the antimeridian."""
    pieces: list[BaseGeometry] = []
    for shape in shapes:
        shape = polygons(shapely.make_valid(shape))
        if shape.is_empty:
            continue
        west, _, east, _ = shape.bounds
        for turn in range(math.floor((west + 180) / 360), math.floor((east + 180) / 360) + 1):
            cut = shapely.intersection(shape, box(-180 + 360 * turn, -90, 180 + 360 * turn, 90))
            if not cut.is_empty:
                pieces.append(translate(cut, xoff=-360.0 * turn))
    merged = shapely.set_precision(shapely.union_all(pieces), 10.0**-DECIMALS) if pieces else MultiPolygon()
    return polygons(shapely.orient_polygons(polygons(shapely.make_valid(merged)), exterior_cw=False))


def polygons(shape: BaseGeometry) -> MultiPolygon:
    """Only the polygons of a shape; lines and points that cutting leaves behind are dropped."""
    parts = [p for p in shapely.get_parts(shapely.get_parts(shape)) if isinstance(p, Polygon) and p.area > 0]
    parts.sort(key=_position)
    return MultiPolygon(parts)


def _position(part: Polygon) -> tuple[tuple[float, ...], str]:
    return part.bounds, part.wkt


def geojson(shape: MultiPolygon) -> Mapping[str, Any]:
    """A Polygon where one suffices, else a MultiPolygon, with coordinates rounded to :data:`DECIMALS`."""
    parts = [[_ring(p.exterior.coords), *(_ring(r.coords) for r in p.interiors)] for p in shape.geoms]
    if len(parts) == 1:
        return {"type": "Polygon", "coordinates": parts[0]}
    return {"type": "MultiPolygon", "coordinates": parts}


def _ring(coordinates: Iterable[Sequence[float]]) -> list[list[float]]:
    return [[round(c[0], DECIMALS) + 0.0, round(c[1], DECIMALS) + 0.0] for c in coordinates]


def bounding_box(shape: MultiPolygon) -> Box:
    """West, south, east, north; west > east when the shape crosses the antimeridian (RFC 7946, 5.2)."""
    west, south, east, north = (round(v, DECIMALS) + 0.0 for v in shape.bounds)
    gap = antimeridian_gap(shape)
    return (gap[1], south, gap[0], north) if gap else (west, south, east, north)


def antimeridian_gap(shape: MultiPolygon) -> tuple[float, float] | None:
    """The widest range of longitudes (from, to) without data in a shape that crosses the antimeridian; None when it does not."""
    spans = sorted((p.bounds[0], p.bounds[2]) for p in shape.geoms)
    if not spans or spans[0][0] > -180 + 1e-9 or max(e for _, e in spans) < 180 - 1e-9:
        return None
    widest: tuple[float, float] | None = None
    reach = spans[0][1]
    for west, east in spans[1:]:
        if west > reach and (widest is None or west - reach > widest[1] - widest[0]):
            widest = (round(reach, DECIMALS), round(west, DECIMALS))
        reach = max(reach, east)
    return widest


def centre(shape: MultiPolygon) -> LonLat:
    """The centroid by area in degrees; parts either side of the antimeridian are taken together."""
    gap = antimeridian_gap(shape)
    parts = [translate(p, xoff=360.0) if gap and p.bounds[2] <= gap[0] else p for p in shape.geoms]
    middle = MultiPolygon(parts).centroid
    return wrap(round(middle.x, DECIMALS)), round(middle.y, DECIMALS) + 0.0


def wrap(lon: float) -> float:
    """A longitude within -180..180; 180 stays 180."""
    return (lon if -180 <= lon <= 180 else round((lon + 180) % 360 - 180, DECIMALS)) + 0.0


def ordered_corners(lon: Floats, lat: Floats) -> tuple[LonLat, ...]:
    """The four corners of a quadrilateral (unwrapped) as NW, NE, SE, SW on the ground, whatever the order and direction given.

    The order keeps the outline: neighbours stay neighbours, so that corners of a scene flown at an angle are not mixed up.
    """
    x, y = lon - lon.mean(), lat - lat.mean()
    x, y = x / (float(np.max(np.abs(x))) or 1.0), y / (float(np.max(np.abs(y))) or 1.0)
    index = np.arange(len(lon))
    if float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) > 0:  # anticlockwise
        index = index[::-1]
    ways = [np.roll(index, -shift) for shift in range(len(lon))]
    best = max(ways, key=lambda way: round(float(np.sum(x[way] * [-1, 1, 1, -1] + y[way] * [1, 1, -1, -1])), 9))
    return tuple((wrap(round(float(lon[i]), DECIMALS)), round(float(lat[i]), DECIMALS)) for i in best)


def extreme_corners(ring: Sequence[LonLat]) -> tuple[LonLat, ...]:
    """The vertices of an outline that lie farthest to the NW, NE, SE and SW."""
    lon, lat = unwrap(np.array([p[0] for p in ring], dtype=np.float64)), np.array([p[1] for p in ring], dtype=np.float64)
    x = (lon - (np.max(lon) + np.min(lon)) / 2) / (np.ptp(lon) or 1.0)
    y = (lat - (np.max(lat) + np.min(lat)) / 2) / (np.ptp(lat) or 1.0)
    picks = [int(np.argmax(np.round(x * sx + y * sy, 9))) for sx, sy in ((-1, 1), (1, 1), (1, -1), (-1, -1))]
    return tuple((wrap(round(float(lon[i]), DECIMALS)), round(float(lat[i]), DECIMALS)) for i in picks)
