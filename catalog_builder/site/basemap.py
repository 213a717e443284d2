"""The offline basemap: coastline only, drawn on the server into any window. Boundaries are the agency's (boundaries.py).

``scripts/assets`` makes two land files from Natural Earth (public domain): ``region`` in full detail for 96-120 E, 2-27 N and a
coarse ``world``. Names of islands and seas of Viet Nam stand in Vietnamese in every language. Without the
files the maps still have their graticule, cells and names.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from itertools import pairwise

import orjson
import shapely
from shapely.geometry import LineString, MultiPolygon, Polygon

from catalog_builder.resources import assets_dir

WIDTH = 480.0
"""Width of every map in its own units; pages scale it."""

REGION = (96.0, 2.0, 120.0, 27.0)
"""West, south, east, north of the detailed land file: Viet Nam with its islands, and the coasts around the sea."""

NAMES = (
    ("Quần đảo", "Hoàng Sa", 112.3, 16.5),
    ("Quần đảo", "Trường Sa", 113.9, 9.0),
    ("", "Biển Đông", 111.4, 13.1),
)
"""Labels in two lines with longitude and latitude, those of land from north to south."""

LABEL = 26.0
"""Height of a label in two lines, in units of the map."""

ISLANDS = (
    (111.6, 16.5),
    (112.35, 16.85),
    (112.7, 16.7),
    (111.2, 15.8),
    (111.9, 8.65),
    (113.8, 9.9),
    (114.3, 10.4),
    (114.4, 10.7),
    (112.9, 8.1),
    (114.1, 10.0),
)
"""Island dots: at the scale of these maps the islands are smaller than the coastline's resolution."""

GRATICULES = (1 / 60, 1 / 30, 1 / 12, 1 / 6, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0)
"""Steps of the graticule in degrees: 1, 2, 5, 10, 15, 30 minutes and whole degrees."""


@dataclass(frozen=True)
class Window:
    """A map window in degrees; x grows to the east, y to the south, in units of a ``WIDTH``-wide picture."""

    west: float
    south: float
    east: float
    north: float

    @cached_property
    def scale_x(self) -> float:
        return WIDTH / (self.east - self.west)

    @cached_property
    def scale_y(self) -> float:
        """Plate carrée, true to scale at the middle latitude."""
        middle = min(abs((self.north + self.south) / 2), 60.0)
        return self.scale_x / math.cos(math.radians(middle))

    @cached_property
    def height(self) -> float:
        return round((self.north - self.south) * self.scale_y)

    def x(self, longitude: float) -> float:
        return (longitude - self.west) * self.scale_x

    def y(self, latitude: float) -> float:
        return (self.north - latitude) * self.scale_y

    def holds(self, longitude: float, latitude: float) -> bool:
        return self.west <= longitude <= self.east and self.south <= latitude <= self.north


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the graticule at ``at`` map units, meaning ``degrees``."""

    at: float
    degrees: float


@dataclass(frozen=True, slots=True)
class Name:
    """A label of the map, in Vietnamese, in two lines."""

    over: str
    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True, eq=False)
class Basemap:
    """What lies under the data of one window, ready for SVG. Equal only to itself, as there is one for each window."""

    width: float
    height: float
    land: str
    meridians: tuple[Tick, ...]
    parallels: tuple[Tick, ...]
    names: tuple[Name, ...]
    islands: tuple[tuple[float, float], ...]


@lru_cache(maxsize=256)
def basemap(window: Window) -> Basemap:
    """The basemap of ``window``; items of one place share it, so thousands of pages cost one drawing."""
    step = graticule_step(max(window.east - window.west, window.north - window.south))
    return Basemap(
        width=WIDTH,
        height=window.height,
        land=svg_path(_land(window), window),
        meridians=tuple(Tick(round(window.x(d), 1), d) for d in _multiples(window.west, window.east, step)),
        parallels=tuple(Tick(round(window.y(d), 1), d) for d in _multiples(window.south, window.north, step)),
        names=_apart([Name(over, text, window.x(lon), window.y(lat)) for over, text, lon, lat in NAMES if window.holds(lon, lat)]),
        islands=tuple((round(window.x(lon), 1), round(window.y(lat), 1)) for lon, lat in ISLANDS if window.holds(lon, lat)),
    )


def _apart(names: list[Name]) -> tuple[Name, ...]:
    """``names`` so that each can be read: on a map of half the world the archipelagos move apart, and the sea goes without its name."""
    lands, seas = [n for n in names if n.over], [n for n in names if not n.over]
    middle = sum(n.y for n in lands) / max(len(lands), 1)
    places = [middle + (i - (len(lands) - 1) / 2) * LABEL for i in range(len(lands))]
    if any(b.y - a.y < LABEL for a, b in pairwise(lands)):
        lands = [replace(n, y=y) for n, y in zip(lands, places, strict=True)]
    seas = [s for s in seas if all(abs(s.y - n.y) > 0.75 * LABEL for n in lands)]
    return tuple(replace(n, x=round(n.x, 1), y=round(n.y, 1)) for n in (*lands, *seas))


def graticule_step(span: float) -> float:
    """The step that gives about four to eight lines over ``span`` degrees."""
    return next((step for step in GRATICULES if span / step <= 8), GRATICULES[-1])


def svg_path(geometry: shapely.Geometry, window: Window) -> str:
    """The rings of a geometry in degrees as an SVG path in map units, to a tenth of a unit; each point by its distance from the last,
    which is half as long, because pages by the thousand have such a path in them."""
    pieces: list[str] = []
    for ring in _rings(geometry):
        points = _thinned([(round(window.x(x) * 10), round(window.y(y) * 10)) for x, y in ring])
        if len(points) > 2:
            pieces.append(f"M{_pair(*points[0])}l{_steps(points[:-1])}z")
    return "".join(pieces)


def line_path(lines: Iterable[LineString], window: Window) -> str:
    """Lines in degrees as an SVG path, written as :func:`svg_path` does."""
    pieces: list[str] = []
    for line in lines:
        points = _thinned([(round(window.x(x) * 10), round(window.y(y) * 10)) for x, y, *_ in line.coords])
        if len(points) > 1:
            pieces.append(f"M{_pair(*points[0])}l{_steps(points)}")
    return "".join(pieces)


_NEEDLESS = re.compile(r" (?=-)|(?<=\.\d) (?=\.)")


def _steps(points: list[tuple[int, int]]) -> str:
    return _spaced(_pair(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(points))


def _pair(x: int, y: int) -> str:
    """Two lengths in tenths of a unit as SVG writes them shortest."""
    return _spaced((_tenths(x), _tenths(y)))


def _spaced(numbers: Iterable[str]) -> str:
    """A minus separates by itself, as does a point after a number that has one."""
    return _NEEDLESS.sub("", " ".join(numbers))


def _tenths(value: int) -> str:
    whole, tenth = divmod(abs(value), 10)
    return f"{'-' if value < 0 else ''}{whole or '' if tenth else whole}{f'.{tenth}' if tenth else ''}"


def _thinned(points: list[tuple[int, int]]) -> list[tuple[int, int]]:
    return [p for i, p in enumerate(points) if i == 0 or p != points[i - 1]]


def _rings(geometry: shapely.Geometry) -> Iterator[list[tuple[float, float]]]:
    for part in polygons_of(geometry):
        yield [(x, y) for x, y, *_ in part.exterior.coords]
        for interior in part.interiors:
            yield [(x, y) for x, y, *_ in interior.coords]


def polygons_of(geometry: shapely.Geometry) -> Iterator[Polygon]:
    """The polygons of any geometry; clipping and mending can leave lines and nested collections."""
    if isinstance(geometry, Polygon) and not geometry.is_empty:
        yield geometry
    for part in getattr(geometry, "geoms", ()):
        yield from polygons_of(part)


def _multiples(low: float, high: float, step: float) -> list[float]:
    first, last = math.ceil(low / step + 1e-9), math.floor(high / step - 1e-9)
    return [i * step for i in range(first, last + 1)]


def _land(window: Window) -> shapely.Geometry:
    """The land of ``window``, simplified to a third of a map unit and without islands that nobody could see."""
    inside_region = window.west >= REGION[0] and window.south >= REGION[1] and window.east <= REGION[2] and window.north <= REGION[3]
    land = _load("region" if inside_region else "world")
    clipped = shapely.clip_by_rect(land, window.west, window.south, window.east, window.north)
    simple = shapely.simplify(clipped, 0.5 / window.scale_x, preserve_topology=True)
    smallest = 2.0 / (window.scale_x * window.scale_y)
    return MultiPolygon([p for p in polygons_of(simple) if p.area > smallest])


@cache
def _load(name: str) -> shapely.Geometry:
    path = assets_dir() / "basemap" / f"{name}.json"
    if not path.is_file():
        return MultiPolygon([])
    data = orjson.loads(path.read_bytes())
    polygons = [
        Polygon(_decoded(rings[0], data["precision"]), [_decoded(r, data["precision"]) for r in rings[1:]]) for rings in data["polygons"]
    ]
    return shapely.make_valid(MultiPolygon(polygons))


def _decoded(deltas: list[int], precision: float) -> list[tuple[float, float]]:
    """A ring from its alternating x, y differences in units of ``precision`` degrees."""
    points, x, y = [], 0, 0
    for i in range(0, len(deltas), 2):
        x, y = x + deltas[i], y + deltas[i + 1]
        points.append((x * precision, y * precision))
    return points
