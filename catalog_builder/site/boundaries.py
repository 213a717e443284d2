"""The agency's boundaries as the maps draw them: lines, as fine as the scale of a map lets one see, cut to its window.

They come from the file that the definition names, by the reader that the records of scenes use too. Where the definition names none,
nothing is drawn. A border that two areas share is one line, so it is simplified once and drawn once.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from catalog_builder.definition.model import Definition
from catalog_builder.site.basemap import Window, line_path, polygons_of
from catalog_builder.stac.admin_units import boundaries, outlines

FILE = "assets/basemap/boundaries.json"
"""Where the lines for the live maps stand in a release: one file for all pages."""

SMALLEST = 20.0
"""Steps of a map that an area must be long to be drawn on it: smaller ones would only be a blot."""

MOST_ON_PAGE = 2_000
"""Points of the lines of one map in a page: about 6 kB compressed, so that a page keeps its weight."""

MOST_IN_FILE = 40_000
"""Points in the file for the live maps: about 120 kB compressed."""

PRECISION = 1e-5
"""Degrees of a step in that file, 1.1 m."""

LONGEST = 0.1
"""Degrees of its longest segment: a straight line in degrees is bent in a projected grid, here by less than a metre."""

SURROUNDINGS = 1.5
"""Degrees around a scene that its live map shows at least (``MARGIN`` of scripts/assets-packages/map/grid.js)."""

Lines = NDArray[np.object_]
Sizes = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Boundaries:
    """Lines in WGS 84, as fine as the live maps have them; for each the length in degrees of the largest area that it bounds. Equal only
    to itself."""

    lines: Lines
    sizes: Sizes

    @cached_property
    def key(self) -> str:
        """A hash over everything that is drawn; empty where nothing is."""
        told = (*shapely.to_wkb(self.lines), self.sizes.tobytes())
        return hashlib.blake2b(b"".join(told), digest_size=16).hexdigest() if len(self.lines) else ""

    def path(self, window: Window) -> str:
        """The lines over ``window`` as an SVG path, as fine as its coastline where they are not too many."""
        frame = (window.west, window.south, window.east, window.north)
        found = self._within(*frame)
        cut, line = shapely.get_parts(shapely.intersection(self.lines[found], shapely.box(*frame)), return_index=True)
        lines, _ = _visible(cut, self.sizes[found][line], 1 / window.scale_x, MOST_ON_PAGE)
        return line_path(lines, window)

    def around(self, box: tuple[float, float, float, float]) -> bool:
        """Whether the live map of a scene over ``box`` shows any; a box over the antimeridian has a map without."""
        west, south, east, north = box
        margin = max(SURROUNDINGS, east - west, north - south)
        return west <= east and len(self.lines) > 0 and len(self._within(west - margin, south - margin, east + margin, north + margin)) > 0

    @cached_property
    def file(self) -> bytes:
        """The lines for the live maps: longitudes and latitudes by turns, each by its distance from the last, in ``PRECISION``."""
        return orjson.dumps({"precision": PRECISION, "lines": [_steps(line) for line in shapely.segmentize(self.lines, LONGEST)]})

    def _within(self, west: float, south: float, east: float, north: float) -> NDArray[np.intp]:
        """Numbers of the lines that reach into this window."""
        return np.sort(self._tree.query(shapely.box(west, south, east, north), predicate="intersects"))

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.lines)


def drawn_boundaries(definition: Definition) -> Boundaries:
    """What the maps of the catalogue draw; nothing where its definition names no boundaries or they have no outline."""
    path = boundaries(definition)
    return _lines(tuple(outlines(path).items())) if path else NONE


NONE = Boundaries(np.array([], dtype=object), np.array([]))


@lru_cache(maxsize=4)
def _lines(areas: tuple[tuple[str, shapely.Geometry], ...]) -> Boundaries:
    """The borders of ``areas``, from one meeting point of lines to the next."""
    parts = np.array([part for _, area in areas for part in polygons_of(area)], dtype=object)
    if not len(parts):
        return NONE
    rings = shapely.boundary(parts)
    lines: Lines = shapely.get_parts(shapely.line_merge(shapely.union_all(rings)))
    west, south, east, north = shapely.bounds(parts).T
    middles = shapely.STRtree(shapely.line_interpolate_point(lines, 0.5, normalized=True))
    part, line = middles.query(rings, predicate="dwithin", distance=PRECISION / 100)
    sizes = np.zeros(len(lines))
    np.maximum.at(sizes, line, np.maximum(east - west, north - south)[part])
    return Boundaries(*_visible(lines, sizes, 2 * PRECISION, MOST_IN_FILE))


def _visible(lines: Lines, sizes: Sizes, unit: float, most: int) -> tuple[Lines, Sizes]:
    """What can be seen where ``unit`` degrees are one step on the map: ``lines`` to half of it without areas that are too small, with
    their sizes; coarser where they would have more than ``most`` points."""
    tolerance = unit / 2
    while True:
        seen = sizes >= max(SMALLEST * unit, 4 * tolerance)
        simple: Lines = shapely.simplify(lines[seen], tolerance, preserve_topology=False)
        if shapely.get_num_coordinates(simple).sum() <= most:
            left = shapely.length(simple) > 0
            return simple[left], sizes[seen][left]
        tolerance *= 1.5


def _steps(line: Any) -> list[int]:
    places = np.rint(shapely.get_coordinates(line) / PRECISION).astype(np.int64)
    steps: list[int] = np.diff(places, axis=0, prepend=np.zeros((1, 2), np.int64)).ravel().tolist()
    return steps
