"""Coverage: how many scenes lie over each cell of a map, and which map window a set of scenes deserves."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from catalog_builder.release.model import PlacedItem
from catalog_builder.site.basemap import Window

Box = tuple[float, float, float, float]

VIET_NAM = Window(101.6, 7.0, 115.2, 23.9)
"""The country with its islands: the locator of every scene inside it."""

CELL_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
"""Cell sizes in degrees."""

MAX_CELLS_ACROSS = 14
"""Cells along the longer side of the map: at 360 px each is still a comfortable target."""

SHOWN_PER_CELL = 60
"""Newest scenes that a cell's page lists; it counts all."""

LEVELS = 5
"""Steps of the density ramp."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with at least one scene: ``key`` names its page, ``level`` 1..5 its shade, ``newest`` some of its scenes."""

    key: str
    box: Box
    count: int
    level: int
    newest: tuple[PlacedItem, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The cells of a set of scenes over one window; ``step`` in degrees."""

    window: Window
    step: float
    cells: tuple[Cell, ...]


def boxes(item: PlacedItem) -> Iterator[Box]:
    """The box of an item, split in two where it crosses the antimeridian; none without geometry."""
    if item.bbox is None:
        return
    west, south, east, north = item.bbox
    if west > east:
        yield west, south, 180.0, north
        yield -180.0, south, east, north
    else:
        yield west, south, east, north


def extent(items: Sequence[PlacedItem]) -> Box | None:
    """The box that a map of ``items`` shows; None when no item has a geometry."""
    return _around([box for found in boxes_on_map(items) for box in found])


def boxes_on_map(items: Sequence[PlacedItem]) -> list[tuple[Box, ...]]:
    """For each item its boxes on a map of all. A scene across the antimeridian would widen that map to the whole world, so only its half
    nearer to the others is on it, unless they lie around half of the world anyway; where there are no others, its wider half."""
    found = [tuple(boxes(item)) for item in items]
    others = _around([parts[0] for parts in found if len(parts) == 1])
    if others and others[2] - others[0] > 180.0:
        return found
    if others:
        is_east = others[0] + others[2] > 0
    else:
        crossing = [parts for parts in found if len(parts) == 2]
        is_east = sum(a[2] - a[0] for a, _ in crossing) >= sum(b[2] - b[0] for _, b in crossing)
    # the first half lies in the east of the map, west of the antimeridian
    return [parts[:1] if len(parts) < 2 or is_east else parts[1:] for parts in found]


def _around(found: Sequence[Box]) -> Box | None:
    if not found:
        return None
    return min(b[0] for b in found), min(b[1] for b in found), max(b[2] for b in found), max(b[3] for b in found)


def window_over(box: Box, margin: float = 0.12, smallest: float = 0.3) -> Window:
    """A window around ``box`` with a margin, not narrower than ``smallest`` degrees nor flatter or steeper than 2:1."""
    west, south, east, north = box
    width, height = max(east - west, smallest) * (1 + 2 * margin), max(north - south, smallest) * (1 + 2 * margin)
    stretch = math.cos(math.radians(min(abs(north + south) / 2, 60.0)))
    width, height = max(width, height / (1.25 * stretch) * 1.0), max(height, width * stretch * 0.62)
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    low_y, high_y = max(middle_y - height / 2, -85.0), min(middle_y + height / 2, 85.0)
    return Window(max(middle_x - width / 2, -180.0), low_y, min(middle_x + width / 2, 180.0), high_y)


def locator_window(box: Box) -> Window:
    """Where a scene is in its wider neighbourhood. Windows are snapped, so that scenes of one place share one basemap."""
    west, south, east, north = box
    country = VIET_NAM
    if west >= country.west and east <= country.east and south >= country.south and north <= country.north:
        return country
    span = max(east - west, north - south)
    if west > east or span > 40:
        return Window(-180.0, -60.0, 180.0, 84.0)
    size = 30.0 if span <= 10 else 60.0 if span <= 20 else 100.0
    snap = size / 3
    left, bottom = math.floor(((west + east) / 2 - size / 2) / snap) * snap, math.floor(((south + north) / 2 - size / 2) / snap) * snap
    left, bottom = min(max(left, -180.0), 180.0 - size), min(max(bottom, -85.0), 85.0 - size)
    return Window(left, bottom, left + size, bottom + size)


def coverage(items: Sequence[PlacedItem]) -> Coverage | None:
    """The coverage of ``items`` (newest first); None when none has a geometry."""
    outer = extent(items)
    if outer is None:
        return None
    step = cell_step(max(outer[2] - outer[0], outer[3] - outer[1]))
    counts: dict[tuple[int, int], int] = {}
    newest: dict[tuple[int, int], list[PlacedItem]] = {}
    for item, parts in zip(items, boxes_on_map(items), strict=True):
        for place in {place for box in parts for place in _places(box, step)}:
            counts[place] = counts.get(place, 0) + 1
            if counts[place] <= SHOWN_PER_CELL:
                newest.setdefault(place, []).append(item)
    limits = _limits(counts.values())
    cells = tuple(
        Cell(cell_key(x * step, y * step), (x * step, y * step, (x + 1) * step, (y + 1) * step), n, _level(n, limits), tuple(newest[x, y]))
        for (x, y), n in sorted(counts.items(), key=lambda entry: (-entry[0][1], entry[0][0]))
    )
    shown = min(c.box[0] for c in cells), min(c.box[1] for c in cells), max(c.box[2] for c in cells), max(c.box[3] for c in cells)
    return Coverage(window_over(shown, margin=0.06, smallest=step), step, cells)


def cell_step(span: float) -> float:
    """The smallest step that needs at most ``MAX_CELLS_ACROSS`` cells over ``span`` degrees."""
    return next((s for s in CELL_STEPS if span / s <= MAX_CELLS_ACROSS - 1), CELL_STEPS[-1])


def cell_key(west: float, south: float) -> str:
    """The name of a cell by its south-west corner: ``n20.50e107.00``; stable as long as the step is."""
    return f"{'n' if south >= 0 else 's'}{abs(south):05.2f}{'e' if west >= 0 else 'w'}{abs(west):06.2f}"


def _places(box: Box, step: float) -> Iterator[tuple[int, int]]:
    """Cells that share more than an edge with ``box``; a box thinner than rounding still has one."""
    slack = 1e-9
    first_x, first_y = math.floor(box[0] / step + slack), math.floor(box[1] / step + slack)
    last_x, last_y = max(first_x, math.ceil(box[2] / step - slack) - 1), max(first_y, math.ceil(box[3] / step - slack) - 1)
    for x in range(first_x, last_x + 1):
        for y in range(first_y, last_y + 1):
            yield x, y


def _limits(counts: Iterable[int]) -> list[int]:
    """Upper counts of the lower shades: quintiles of the distinct counts, so that few different counts use few shades."""
    distinct = sorted(set(counts))
    return [distinct[min(len(distinct) - 1, math.ceil(len(distinct) * k / LEVELS) - 1)] for k in range(1, LEVELS)]


def _level(count: int, limits: list[int]) -> int:
    return 1 + sum(count > limit for limit in limits)
