"""Land without boundaries, from Natural Earth (public domain, in the npm package world-atlas as TopoJSON)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import MultiPolygon, Polygon

REGION = (96.0, 2.0, 120.0, 27.0)
"""West, south, east, north of the detailed window; equal to catalog_builder.site.basemap.REGION."""

Ring = list[tuple[float, float]]


def write_basemaps(packages: Path, target: Path) -> None:
    """``region.json`` at 0.01 degrees from the 1:10m land, ``world.json`` at 0.05 degrees from the 1:50m land."""
    target.mkdir(parents=True, exist_ok=True)
    # a little more than the window, so that its edge is never drawn as a coast
    west, south, east, north = REGION
    region = shapely.clip_by_rect(_land(packages / "land-10m.json"), west - 1, south - 1, east + 1, north + 1)
    _write(target / "region.json", shapely.simplify(region, 0.004), 0.01, smallest=0.0004)
    _write(target / "world.json", shapely.simplify(_land(packages / "land-50m.json"), 0.03), 0.05, smallest=0.02)


def _land(path: Path) -> shapely.Geometry:
    topology = json.loads(path.read_text())
    arcs = _arcs(topology)
    polygons = [
        Polygon(_ring(arcs, rings[0]), [_ring(arcs, r) for r in rings[1:]])
        for geometry in topology["objects"]["land"]["geometries"]
        for rings in (geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]])
    ]
    whole = [part for polygon in polygons for part in _polygons(_cut(polygon))]
    return shapely.union_all([part for polygon in whole for part in _polygons(shapely.make_valid(polygon))])


def _cut(polygon: Polygon) -> shapely.Geometry:
    """A polygon whose outline jumps from 180 E to 180 W (Chukotka, Fiji, Antarctica), cut at the antimeridian; others as they are."""
    outline = list(polygon.exterior.coords)
    if all(abs(b[0] - a[0]) <= 180 for a, b in pairwise(outline)):
        return polygon
    unrolled, turn = [outline[0]], 0.0
    for (before, _), (x, y) in pairwise(outline):
        turn += 360 if x - before < -180 else -360 if x - before > 180 else 0
        unrolled.append((x + turn, y))
    if turn:  # once round the pole: closed along it
        unrolled += [(unrolled[-1][0], -90.0), (unrolled[0][0], -90.0)]
    whole = shapely.make_valid(Polygon(unrolled))
    worlds = [shapely.clip_by_rect(whole, -180 + shift, -90, 180 + shift, 90) for shift in (-360, 0, 360)]
    moved = [shapely.transform(part, lambda at, s=shift: at - [s, 0]) for part, shift in zip(worlds, (-360, 0, 360), strict=True)]
    holes = shapely.make_valid(MultiPolygon([Polygon(ring) for ring in polygon.interiors]))
    return shapely.difference(shapely.union_all(moved), holes)


def _polygons(geometry: shapely.Geometry) -> Iterator[Polygon]:
    """The polygons of a geometry; mending a ring can leave lines and nested collections, which are no land."""
    if isinstance(geometry, Polygon):
        yield geometry
    for part in getattr(geometry, "geoms", ()):
        yield from _polygons(part)


def _arcs(topology: dict[str, Any]) -> list[Ring]:
    """Arcs in degrees (TopoJSON: delta-coded integers under a scale and a translation)."""
    (scale_x, scale_y), (move_x, move_y) = topology["transform"]["scale"], topology["transform"]["translate"]
    out = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * scale_x + move_x, y * scale_y + move_y))
        out.append(points)
    return out


def _ring(arcs: list[Ring], indexes: list[int]) -> Ring:
    """Arcs joined end to end; a negative index is the arc backwards."""
    ring: Ring = []
    for index in indexes:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        ring += arc[1:] if ring else arc
    return ring


def _write(path: Path, land: shapely.Geometry, precision: float, smallest: float) -> None:
    gridded = shapely.set_precision(land, precision)
    parts = [p for p in _polygons(gridded) if p.area > smallest]
    ordered = sorted(MultiPolygon(parts).normalize().geoms, key=lambda p: p.bounds)
    polygons = [[_deltas(list(ring.coords), precision) for ring in (p.exterior, *p.interiors)] for p in ordered]
    path.write_text(json.dumps({"precision": precision, "polygons": polygons}, separators=(",", ":")) + "\n")


def _deltas(points: Ring, precision: float) -> list[int]:
    out: list[int] = []
    x = y = 0
    for px, py in points:
        nx, ny = round(px / precision), round(py / precision)
        out += (nx - x, ny - y)
        x, y = nx, ny
    return out
