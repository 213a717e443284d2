"""The Hilbert curve: an order in which neighbours on the map are neighbours in a file."""

from __future__ import annotations

from collections.abc import Sequence

ORDER = 16
"""Bits per axis: cells of 360/65536 degrees, about 600 m at the equator, finer than any scene."""


def hilbert_key(bbox: Sequence[float] | None) -> int:
    """Position of the centre of ``bbox`` (west, south, east, north, degrees) on the curve; -1 without a box."""
    if bbox is None:
        return -1
    west, south, east, north = bbox[0], bbox[1], bbox[2], bbox[3]
    width = (east - west) % 360 if west > east else east - west
    longitude = (west + width / 2 + 180) % 360
    latitude = (south + north) / 2 + 90
    side = (1 << ORDER) - 1
    return _distance(int(longitude / 360 * side), int(latitude / 180 * side))


def _distance(x: int, y: int) -> int:
    """Distance along the curve of cell (``x``, ``y``), by the usual quadrant walk (Warren, Hacker's Delight, chapter 16)."""
    key = 0
    step = 1 << (ORDER - 1)
    while step:
        right, upper = int(bool(x & step)), int(bool(y & step))
        key += step * step * ((3 * right) ^ upper)
        if upper == 0:
            if right:
                x, y = step * 2 - 1 - (x & (step * 2 - 1)), step * 2 - 1 - (y & (step * 2 - 1))
            x, y = y, x
        step >>= 1
    return key
