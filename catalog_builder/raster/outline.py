"""Reduced validity masks, outlined in pixel coordinates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio.features import shapes
from shapely.geometry import MultiPolygon, Polygon, box

from catalog_builder.crs.geometry import polygons

FINE = 512
"""Side of a mask from which on outlines are simplified by a whole cell; smaller masks keep the steps of their cells."""

SLIVER_CELLS = 3
"""Parts and holes of fewer cells are dropped (unless nothing else is left): they are noise at this scale."""

MAX_RINGS = 200
"""Parts and holes kept, largest first: a speckled mask must not become a megabyte of GeoJSON."""

MAX_POINTS = 1000
"""Points of an outline above which it is simplified more than by one cell, for the same reason."""

MAX_EDGES = 20_000
"""Edges from which on a mask is speckled all over; an ordinary outline has some thousand."""


def data_outline(mask: NDArray[np.bool_], factor: int, width: int, height: int) -> MultiPolygon:
    """The outline of the data in pixel coordinates, simplified by about a cell and cut to the raster; all of it when empty."""
    whole = box(0, 0, width, height)
    if mask.all() or not mask.any():
        return MultiPolygon([whole])
    exact = shapely.make_valid(MultiPolygon(_largest(parts_of(mask))))
    outline = exact
    for tolerance in (min(1.0, max(mask.shape) / FINE), 2.0, 4.0, 8.0):
        outline = shapely.simplify(exact, tolerance, preserve_topology=True)
        if shapely.get_num_coordinates(outline) <= MAX_POINTS:
            break
    scaled = shapely.transform(outline, lambda xy: np.minimum(xy * factor, [width, height]))
    cut = polygons(shapely.intersection(shapely.make_valid(scaled), whole))
    return cut if not cut.is_empty else MultiPolygon([whole])


def parts_of(mask: NDArray[np.bool_]) -> list[Polygon]:
    """The parts of a mask whose cells touch along edges, in cells.

    Faces between the edges of the mask, a quarter of the time of GDAL's walk over every cell; where there are very many edges GDAL
    is faster.
    """
    edges = _edges(mask)
    if len(edges) > MAX_EDGES:
        return [Polygon(g["coordinates"][0], g["coordinates"][1:]) for g, _ in shapes(mask.astype(np.uint8), mask=mask, connectivity=4)]
    faces = shapely.get_parts(shapely.polygonize(np.asarray(shapely.linestrings(edges))))
    inside = shapely.get_coordinates(shapely.point_on_surface(faces)).astype(int)
    return list(shapely.normalize(faces[mask[inside[:, 1], inside[:, 0]]]))


def _edges(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The straight edges between data and no data, whole from corner to corner: (edges, 2, 2) of column and row."""
    padded = np.pad(mask, 1).view(np.int8)
    row, left, right = _runs(padded[1:] - padded[:-1])
    column, top, bottom = _runs(np.ascontiguousarray((padded[:, 1:] - padded[:, :-1]).T))
    across = np.stack([left - 1, row, right - 1, row], axis=-1)
    down = np.stack([column, top - 1, column, bottom - 1], axis=-1)
    return np.concatenate([across, down]).reshape(-1, 2, 2).astype(float)


def _runs(change: NDArray[np.int8]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Maximal runs of one value other than 0 in the rows of ``change``, which begin and end with 0: row, begin, end."""
    flat = change.ravel()
    steps = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    begins = flat[steps] != 0
    row, begin = np.divmod(steps[begins], change.shape[1])
    end = steps[1:][begins[:-1]] - row * change.shape[1]
    return row, begin, end


def _largest(parts: Sequence[Polygon]) -> list[Polygon]:
    """Parts and holes of more than a few cells, at most :data:`MAX_RINGS`, largest first."""
    kept = [p for p in parts if p.area > SLIVER_CELLS] or list(parts)
    kept = sorted(kept, key=lambda p: (-p.area, p.bounds))[:MAX_RINGS]
    holes = sorted((Polygon(h).area for p in kept for h in p.interiors), reverse=True)
    smallest = max(SLIVER_CELLS, holes[MAX_RINGS] if len(holes) > MAX_RINGS else 0.0)
    return [Polygon(p.exterior, [h for h in p.interiors if Polygon(h).area > smallest]) for p in kept]
