"""Small pictures drawn on the server: activity strips, the acquisition calendar, histograms. Shapes only; pages add the words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from catalog_builder.release.model import PlacedItem
from catalog_builder.site.coverage import LEVELS

STRIP_HEIGHT = 24
HISTOGRAM_BINS, HISTOGRAM_HEIGHT = 64, 32
DARKEST_FROM = 24
"""Scenes in a month that earn the darkest shade at the least; a month with two scenes is not dark because others have one."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A year of an activity strip, in units of the strip (ten wide per year)."""

    x: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the calendar with its scenes and shade 0..5."""

    year: int
    month: int
    count: int
    level: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """A histogram as one path over ``width`` x ``HISTOGRAM_HEIGHT``; ``marks`` are x positions of the 2nd and 98th percentile."""

    path: str
    width: int
    marks: tuple[float, ...]


def years_of(items: Iterable[PlacedItem]) -> Counter[int]:
    """Scenes per year of acquisition (of the start of an interval), UTC."""
    return Counter(item.start.year for item in items)


def strip(counts: Counter[int], first: int, last: int) -> tuple[Bar, ...]:
    """The activity strip of a collection on the common axis of the catalogue; heights by square root, so that few still show."""
    top = max(counts.values(), default=1)
    bars = []
    for year in range(first, last + 1):
        if counts[year]:
            height = round(max(3.0, STRIP_HEIGHT * math.sqrt(counts[year] / top)), 1)
            bars.append(Bar((year - first) * 10, round(STRIP_HEIGHT - height, 1), height))
    return tuple(bars)


def calendar(items: Iterable[PlacedItem]) -> tuple[tuple[Month, ...], ...]:
    """Rows of twelve months per year, oldest year first, every year of the period; a scene known only by year is in no month, and where
    all are like that there is nothing to show by month."""
    items = tuple(items)
    counts = Counter((i.start.year, i.start.month) for i in items if (i.end - i.start).days < 31)
    if not counts:
        return ()
    years = years_of(items)
    first, last, top = min(years), max(years), max(counts.values())
    return tuple(tuple(Month(y, m, counts[y, m], shade(counts[y, m], top)) for m in range(1, 13)) for y in range(first, last + 1))


def shade(count: int, top: int) -> int:
    """Shade 0 for nothing, 1..5 by the logarithm of the count."""
    if count == 0:
        return 0
    return min(LEVELS, 1 + int((LEVELS - 0.01) * math.log(count) / math.log(max(top, DARKEST_FROM))))


@lru_cache(maxsize=256)
def histogram(counts: tuple[int, ...], low: float, high: float, marks: tuple[float | None, ...]) -> Histogram | None:
    """A histogram from bucket counts over [``low``, ``high``]; None without counts. Kept for the next language."""
    if not any(counts):
        return None
    group = math.ceil(len(counts) / HISTOGRAM_BINS)
    bins = np.add.reduceat(np.array(counts, dtype=np.float64), range(0, len(counts), group))
    scaled = np.maximum(np.rint((HISTOGRAM_HEIGHT - 1) * bins / bins.max()), bins > 0)
    tops = (HISTOGRAM_HEIGHT - scaled).astype(np.int64).tolist()
    steps = ("h2" if y == previous else f"V{y}h2" for previous, y in pairwise([None, *tops]))
    width, span = 2 * len(tops), 2 * len(counts) / group
    placed = tuple(round((m - low) / (high - low) * span, 1) for m in marks if m is not None and high > low and low <= m <= high)
    return Histogram(f"M0 {HISTOGRAM_HEIGHT}{''.join(steps)}V{HISTOGRAM_HEIGHT}z", width, placed)
