"""Spatial and temporal extents of many items, right across the antimeridian, computed one box at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees, WGS 84; west > east across the antimeridian (RFC 7946)."""

NEAR_DEGREES = 1.0
"""Boxes closer than this are one part: neighbouring scenes of a strip need not be listed one by one."""

MOST_PARTS = 10
"""More parts than this say less than the overall box; then only that is given."""


def union(boxes: Iterable[Box]) -> Box:
    """The smallest box around ``boxes``; across the antimeridian only where one of them is.

    Raises:
        ValueError: there is no box.
    """
    all_boxes = list(boxes)
    if not all_boxes:
        raise ValueError("no boxes, so no extent")
    south, north = min(b[1] for b in all_boxes), max(b[3] for b in all_boxes)
    if all(b[0] <= b[2] for b in all_boxes):
        return min(b[0] for b in all_boxes), south, max(b[2] for b in all_boxes), north
    west, east = _arc([(b[0], b[2]) for b in all_boxes])
    return west, south, east, north


def spatial(boxes: Sequence[Box]) -> list[list[float]]:
    """STAC ``extent.spatial.bbox``: the overall box, then the parts where the items lie in several separate places."""
    overall = list(union(boxes))
    parts = separate_parts(boxes)
    return [overall, *[list(p) for p in sorted(parts)]] if 2 <= len(parts) <= MOST_PARTS else [overall]


def separate_parts(boxes: Iterable[Box]) -> list[Box]:
    """Boxes merged until those that are left lie farther apart than :data:`NEAR_DEGREES`; stops growing at a few times the limit."""
    parts: list[Box] = []
    for box in boxes:
        merged = box
        while near := [p for p in parts if _near(p, merged)]:
            parts = [p for p in parts if p not in near]
            merged = union([merged, *near])
        parts.append(merged)
        if len(parts) > 20 * MOST_PARTS:
            return [union(parts)]
    return parts


def _near(a: Box, b: Box) -> bool:
    if a[1] - NEAR_DEGREES > b[3] or b[1] - NEAR_DEGREES > a[3]:
        return False
    return any(x[0] - NEAR_DEGREES <= y[1] and y[0] - NEAR_DEGREES <= x[1] for x in _intervals(a) for y in _intervals(b))


def _intervals(box: Box) -> list[tuple[float, float]]:
    return [(box[0], box[2])] if box[0] <= box[2] else [(box[0], 180.0), (-180.0, box[2])]


_ROUNDED = 1e-8
"""Degrees: a gap no wider than this comes of rounding the ends of boxes that touch."""


def _arc(intervals: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The shortest arc of longitudes that holds all ``intervals``: what remains when the widest gap is left out.

    The circle is walked twice, so that what reaches past 360 degrees on the first round is known on the second.
    """
    once = sorted((_turn(west), _turn(west) + _turn(east - west)) for west, east in intervals)
    widest, start, end = _ROUNDED, -180.0, 180.0
    reach = once[0][1]
    for west, east in [*once[1:], *((w + 360, e + 360) for w, e in once)]:
        if west >= 360 and west - reach > widest:
            widest, start, end = west - reach, west, reach
        reach = max(reach, east)
    return (start, end) if widest == _ROUNDED else (_signed(start), _signed(end))


def _turn(degrees: float) -> float:
    """Degrees from 0 up to, without, 360; rounded first, because the remainder of a tiny negative number is 360 itself."""
    return round(degrees % 360, 9) % 360


def _signed(longitude: float) -> float:
    shifted = (longitude + 180) % 360 - 180
    return round(shifted, 9)
