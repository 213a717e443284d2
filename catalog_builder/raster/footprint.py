"""Where a raster has data, as a GeoJSON footprint on WGS 84.

Validity is reduced to at most about 1000 cells a side by maximum (a cell is data when any of its pixels is), outlined,
simplified by about one cell, densified so that straight pixel edges follow their curves on the globe, and transformed with
the pinned operation of the CRS.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon, box
from shapely.geometry.base import BaseGeometry

from catalog_builder.crs import ResolvedCrs, findings
from catalog_builder.crs.geometry import (
    Floats,
    LonLat,
    bounding_box,
    centre,
    extreme_corners,
    geojson,
    on_globe,
    ordered_corners,
    polygons,
    turned_towards,
    unwrap,
    winds_around_pole,
)
from catalog_builder.crs.plausible import check_transform
from catalog_builder.crs.transform import crs_is_geographic, from_wgs84, to_wgs84
from catalog_builder.findings import Finding
from catalog_builder.raster.model import Footprint, Grid
from catalog_builder.raster.outline import data_outline
from catalog_builder.raster.reduce import COVERAGE_SIDE

EDGE_STEPS = 64
"""Points put on each side of a raster before transforming."""

Ground = Callable[[Floats, Floats], tuple[Floats, Floats]]
"""Pixel columns and rows (0, 0 at the upper left corner) to longitudes and latitudes."""

Result = tuple[Footprint | None, tuple[Finding, ...]]


def grid_footprint(mask: NDArray[np.bool_], factor: int, grid: Grid, *, subject: str, method: str = "mask") -> Result:
    """The footprint of a raster on a map grid from its reduced validity mask.

    Args:
        mask: a cell is True when any of its ``factor`` x ``factor`` pixels is data; last cells may reach beyond the raster.
        factor: pixels per cell side.
        grid: the full raster; needs a transform and a CRS.
        subject: what findings are about.
        method: how validity was known: ``mask``, ``nodata`` or ``extent``.
    """
    if grid.transform is None or grid.crs is None:
        raise ValueError("a grid without transform or CRS has no footprint; use gcp_footprint or rpc_footprint")
    if problem := check_transform(grid.transform):
        return None, (findings.OUT_OF_RANGE(subject, values=problem),)
    found: tuple[Finding, ...] = ()
    if not mask.any():
        found, method = (findings.NO_DATA(subject),), "extent"
    outline = data_outline(mask, factor, grid.width, grid.height)
    affine = Affine(*grid.transform)
    footprint = _on_ground(outline, affine_ground(affine, grid.crs), grid.width, grid.height, method, False, pole_pixels(affine, grid.crs))
    if footprint is None:
        xs, ys = apply(affine, np.array([0.0, grid.width]), np.array([0.0, grid.height]))
        values = "; ".join(f"{x:.10g}, {y:.10g}" for x, y in zip(xs, ys, strict=True))
        return None, (*found, findings.OUT_OF_RANGE(subject, values=f"{grid.crs.code or grid.crs.declared}: {values}"))
    return footprint, found


def extent_footprint(grid: Grid, *, subject: str) -> Result:
    """The footprint of the whole grid, where every pixel is data."""
    return grid_footprint(np.ones((1, 1), bool), max(grid.width, grid.height), grid, subject=subject, method="extent")


def apply(affine: Affine, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """An affine applied to arrays; the operator for it changed between versions of the affine package."""
    with np.errstate(invalid="ignore"):  # points that a projection could not place are infinite
        return affine.a * x + affine.b * y + affine.c, affine.d * x + affine.e * y + affine.f


def affine_ground(affine: Affine, crs: ResolvedCrs) -> Ground:
    """Pixel to ground for a map grid. Longitudes of geographic grids keep their turn (a grid from 170 to 190 stays one)."""
    geographic = crs_is_geographic(crs)

    def ground(columns: Floats, rows: Floats) -> tuple[Floats, Floats]:
        xs, ys = apply(affine, columns, rows)
        if geographic:
            limit = 90.0 + max(abs(affine.d), abs(affine.e)) * 1.000001
            ys = np.where((np.abs(ys) > 90) & (np.abs(ys) <= limit), np.sign(ys) * 90.0, ys)
        lon, lat = to_wgs84(crs, xs, ys)
        if geographic:
            lon = turned_towards(lon, xs)
        return lon, lat

    return ground


def pole_pixels(affine: Affine, crs: ResolvedCrs) -> tuple[tuple[float, float], ...]:
    """Pixel positions of the poles, for projections in which a pole is a point."""
    if crs_is_geographic(crs):
        return ()
    found = []
    for latitude in (90.0, -90.0):
        xs, ys = from_wgs84(crs, [0.0, 90.0, 180.0], [latitude] * 3)
        if np.isfinite([xs, ys]).all() and np.ptp(xs) + np.ptp(ys) < 1.0:
            column, row = apply(~affine, xs[:1], ys[:1])
            found.append((float(column[0]), float(row[0])))
    return tuple(found)


def _on_ground(
    outline: MultiPolygon,
    ground: Ground,
    width: int,
    height: int,
    method: str,
    approximate: bool,
    poles: Sequence[tuple[float, float]] = (),
) -> Footprint | None:
    """Transform an outline in pixels; None when it cannot be on the globe."""
    step = max(width, height) / EDGE_STEPS
    pieces = [_to_lonlat(shapely.segmentize(part, step), ground, poles) for part in _cut_at(outline, poles)]
    if any(piece is None for piece in pieces):
        return None
    merged = on_globe(_thinned(p, width, height) for p in pieces if p is not None)
    if merged.is_empty:
        return None
    corners = _raster_corners(ground, width, height)
    return Footprint(geojson(merged), bounding_box(merged), centre(merged), corners, approximate, method)


def _raster_corners(ground: Ground, width: int, height: int) -> tuple[LonLat, ...]:
    """The corners of the raster, followed along its edge so that those across the antimeridian keep their side; () without."""
    edge = np.linspace(0.0, 1.0, EDGE_STEPS, endpoint=False)
    flat = np.zeros(EDGE_STEPS)
    columns = np.concatenate([edge, flat + 1, 1 - edge, flat]) * width
    rows = np.concatenate([flat, edge, flat + 1, 1 - edge]) * height
    lon, lat = ground(columns, rows)
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        return ()
    return ordered_corners(unwrap(lon)[::EDGE_STEPS], lat[::EDGE_STEPS])


def _cut_at(outline: MultiPolygon, poles: Sequence[tuple[float, float]]) -> list[Polygon]:
    """The parts of an outline, cut into quadrants around each pole inside it, so that none goes around the pole."""
    west, north, east, south = outline.bounds
    pieces: list[BaseGeometry] = [outline]
    for column, row in poles:
        if not (west < column < east and north < row < south):
            continue
        quadrants = [
            box(west, north, column, row),
            box(column, north, east, row),
            box(column, row, east, south),
            box(west, row, column, south),
        ]
        pieces = [shapely.intersection(p, q) for p in pieces for q in quadrants]
    return [part for piece in pieces for part in polygons(piece).geoms]


def _to_lonlat(pixel: Polygon, ground: Ground, poles: Sequence[tuple[float, float]]) -> Polygon | None:
    rings = [_ring_to_lonlat(np.asarray(ring.coords), ground, poles) for ring in (pixel.exterior, *pixel.interiors)]
    if rings[0] is None:
        return None
    shell, holes = rings[0], [h for h in rings[1:] if h is not None]
    middle = shell[:, 0].mean()
    return Polygon(shell, [np.column_stack([h[:, 0] + 360 * np.round((middle - h[:, 0].mean()) / 360), h[:, 1]]) for h in holes])


def _ring_to_lonlat(ring: Floats, ground: Ground, poles: Sequence[tuple[float, float]]) -> Floats | None:
    """One closed pixel ring on the globe, unwrapped; points that the projection cannot place are left out."""
    at_pole = np.zeros(len(ring), bool)
    for pole in poles:
        at_pole |= np.hypot(ring[:, 0] - pole[0], ring[:, 1] - pole[1]) < 1e-6
    lon, lat = ground(ring[:, 0].copy(), ring[:, 1].copy())
    good = np.isfinite(lon) & np.isfinite(lat) & ((np.abs(lat) <= 90) | at_pole)
    if np.abs(lat[np.isfinite(lat)]).max(initial=0.0) > 90 or good.sum() < 4:
        return None
    lon, lat = _meridians_at_pole(lon[good], lat[good], at_pole[good])
    lon = unwrap(lon)
    if winds_around_pole(lon):
        return None
    return np.column_stack([lon, lat])


def _meridians_at_pole(lon: Floats, lat: Floats, at_pole: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Replace a vertex at a pole by two: the pole on the meridian of the point before it and of the point after it."""
    if not at_pole.any():
        return lon, lat
    open_lon, open_lat, flags = lon[:-1], lat[:-1], at_pole[:-1]
    start = int(np.argmin(flags))  # begin with a vertex that is not at the pole
    open_lon, open_lat, flags = np.roll(open_lon, -start), np.roll(open_lat, -start), np.roll(flags, -start)
    points: list[LonLat] = []
    for i, (x, y) in enumerate(zip(open_lon.tolist(), open_lat.tolist(), strict=True)):
        if not flags[i]:
            points.append((x, y))
            continue
        pole = math.copysign(90.0, y)
        points += [(float(open_lon[i - 1]), pole), (float(open_lon[(i + 1) % len(flags)]), pole)]
    points.append(points[0])
    closed = np.array(points)
    return closed[:, 0], closed[:, 1]


def _thinned(piece: Polygon, width: int, height: int) -> BaseGeometry:
    """Drop densified points that do not bend: those within a hundredth of a cell of the straight line."""
    west, south, east, north = piece.bounds
    tolerance = max(min(east - west, north - south) / min(COVERAGE_SIDE, max(1, min(width, height))) / 20, 1e-9)
    return shapely.simplify(shapely.make_valid(piece), tolerance, preserve_topology=True)


def sensor_footprint(
    ground: Ground, width: int, height: int, *, subject: str, method: str, mask: NDArray[np.bool_] | None = None, factor: int = 1
) -> Result:
    """The approximate footprint of a raster in sensor geometry, placed by ``ground`` (control points or RPC)."""
    found: tuple[Finding, ...] = ()
    if mask is not None and not mask.any():
        found, mask = (findings.NO_DATA(subject),), None
    outline = MultiPolygon([box(0, 0, width, height)]) if mask is None else data_outline(mask, factor, width, height)
    footprint = _on_ground(outline, ground, width, height, method, True)
    if footprint is None:
        return None, (*found, findings.OUT_OF_RANGE(subject, values=method.upper()))
    return footprint, found


def outline_footprint(ring: Sequence[LonLat], *, subject: str, method: str = "metadata") -> Result:
    """The approximate footprint of a scene known only by an outline (open or closed ring of longitude, latitude)."""
    points = [(float(x), float(y)) for x, y in ring]
    if len(points) > 1 and points[0] == points[-1]:
        points = points[:-1]
    if len(set(points)) < 3:
        return None, _impossible(points, subject)
    if not all(math.isfinite(x) and abs(x) <= 360 and math.isfinite(y) and abs(y) <= 90 for x, y in points):
        return None, _impossible(points, subject)
    closed = np.array([*points, points[0]])
    lon = unwrap(closed[:, 0])
    if winds_around_pole(lon):
        pole = math.copysign(90.0, float(closed[:, 1].mean()))
        lon, lat = np.append(lon, [lon[-1], lon[0]]), np.append(closed[:, 1], [pole, pole])
    else:
        lat = closed[:, 1]
    merged = on_globe([Polygon(np.column_stack([lon, lat]))])
    if merged.is_empty:
        return None, _impossible(points, subject)
    corners = ordered_corners(lon[:4], lat[:4]) if len(points) == 4 else extreme_corners(points)
    return Footprint(geojson(merged), bounding_box(merged), centre(merged), corners, True, method), ()


def _impossible(points: Sequence[LonLat], subject: str) -> tuple[Finding, ...]:
    return (findings.OUT_OF_RANGE(subject, values="; ".join(f"{x:.10g}, {y:.10g}" for x, y in points[:8])),)
