"""Exact statistics of the valid pixels of a band, gathered strip by strip.

Up to 16 bits a count of every value gives all figures exactly. Wider types need two looks at the pixels: the first gives
minimum, maximum, mean and deviation (merged by the parallel formula of Chan, Golub and LeVeque, 1979), the second counts values in
65,536 bins of that range, from which percentiles follow to 1/65,536 of it; integers of more than 53 bits count as the nearest
double. Complex pixels are described by their magnitude.
"""

from __future__ import annotations

import math
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from catalog_builder.raster.model import Histogram, Statistics
from catalog_builder.raster.scratch import scratch

MAX_BINS = 256
FINE_BINS = 65_536
COUNTED_AT_ONCE = 1 << 17
"""Pixels per count: they are widened to 8 bytes, which should stay in the cache."""

Valid = NDArray[np.bool_] | None


class Gatherer(Protocol):
    """Statistics of one band in the making. ``look`` is called with every strip; ``look_again`` in a second pass over equal pixels
    where ``needs_second_look``."""

    needs_second_look: bool
    knows_nodata: bool  # counts every pixel and leaves out the nodata value in the end, so it needs no mask

    def look(self, values: NDArray[Any], valid: Valid) -> None: ...
    def look_again(self, values: NDArray[Any], valid: Valid) -> None: ...
    def statistics(self) -> Statistics: ...
    def histogram(self) -> Histogram | None: ...


def gatherer(data_type: str, nodata: float | None = None) -> Gatherer:
    """The right way to gather for a rasterio data type; ``nodata`` where one value marks pixels without data."""
    if data_type in ("uint8", "int8", "uint16", "int16"):
        return CountedValues(np.dtype(data_type), nodata)
    return MomentsAndBins(integer=data_type.startswith(("uint", "int")))


class CountedValues:
    """Integers of at most 16 bits: how often each value occurs."""

    needs_second_look = False

    def __init__(self, dtype: np.dtype[Any], nodata: float | None = None) -> None:
        self.knows_nodata = nodata is not None
        self._nodata = None if nodata is None else int(nodata)
        info = np.iinfo(dtype)
        self._lowest = int(info.min)
        self._unsigned = np.dtype(f"u{dtype.itemsize}")
        self._seen = np.zeros(int(info.max) - int(info.min) + 1, np.int64)  # by bit pattern: negative values stand behind
        self._pixels = 0

    def look(self, values: NDArray[Any], valid: Valid) -> None:
        self._pixels += values.size
        if values.itemsize == 1 and values.size:  # Pillow counts bytes as bytes, two to five a nanosecond
            marks = None if valid is None else Image.fromarray(valid.view(np.uint8))
            self._seen += Image.fromarray(values.view(np.uint8)).histogram(marks)
            return
        chosen = (values.ravel() if valid is None else values[valid]).view(self._unsigned)
        for start in range(0, chosen.size, COUNTED_AT_ONCE):
            self._count(chosen[start : start + COUNTED_AT_ONCE])

    def _count(self, part: NDArray[Any]) -> None:
        if self._nodata is not None and part[0] == part[-1] == self._nodata % len(self._seen) and (part == part[0]).all():
            return
        wide = scratch("counting", part.shape, np.int64)
        wide[...] = part
        counts = np.bincount(wide)
        self._seen[: len(counts)] += counts

    @property
    def counts(self) -> NDArray[np.int64]:
        """How often each valid value occurs, from the lowest of its type to the highest."""
        counts = np.roll(self._seen, -self._lowest)
        if self._nodata is not None:
            counts[self._nodata - self._lowest] = 0
        return counts

    def look_again(self, values: NDArray[Any], valid: Valid) -> None:
        raise AssertionError("counted values need one look")

    def statistics(self) -> Statistics:
        values, counts = self._present()
        total = int(counts.sum())
        if total == 0:
            return _nothing()
        mean = int(np.dot(counts, values)) / total
        deviation = math.sqrt(float(np.dot(counts, (values - mean) ** 2)) / total)
        running = np.cumsum(counts)
        low, high = (float(values[np.searchsorted(running, q * total)]) for q in (0.02, 0.98))
        return Statistics(float(values[0]), float(values[-1]), mean, deviation, 100 * total / self._pixels, low, high)

    def histogram(self) -> Histogram | None:
        values, counts = self._present()
        return integer_histogram(counts, int(values[0])) if len(values) else None

    def _present(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The values from the lowest that occurs to the highest, and how often each does."""
        counts = self.counts
        present = np.flatnonzero(counts)
        if not present.size:
            return present, present
        first, last = int(present[0]), int(present[-1])
        return np.arange(first, last + 1, dtype=np.int64) + self._lowest, counts[first : last + 1]


def integer_histogram(counts: NDArray[Any], lowest: int) -> Histogram:
    """``counts`` of consecutive integers from ``lowest`` in at most 256 equal bins whose edges lie between integers."""
    width = -(-len(counts) // MAX_BINS)
    bins = -(-len(counts) // width)
    padded = np.zeros(bins * width, np.int64)
    padded[: len(counts)] = counts
    summed = padded.reshape(bins, width).sum(axis=1)
    return Histogram(lowest - 0.5, lowest - 0.5 + bins * width, tuple(int(n) for n in summed))


class MomentsAndBins:
    """Floats, wide integers and magnitudes of complex numbers. Infinite values are not valid: they are no measurement.

    Doubles near the end of their range (a fill value that nobody declared) may leave mean, deviation and percentiles unknown.
    """

    needs_second_look = True
    knows_nodata = False

    def __init__(self, *, integer: bool) -> None:
        self._integer = integer
        self._pixels = 0
        self._count = 0
        self._mean = 0.0
        self._squares = 0.0
        self._low, self._high = math.inf, -math.inf
        self._bins: NDArray[np.int64] | None = None

    def look(self, values: NDArray[Any], valid: Valid) -> None:
        self._pixels += values.size
        chosen = _chosen(values, valid)
        if not chosen.size:
            return
        n = chosen.size
        with np.errstate(over="ignore", invalid="ignore"):
            mean = float(chosen.mean())
            squares = float(np.square(chosen - mean).sum())
        delta, total = mean - self._mean, self._count + n
        self._squares += squares + delta * delta * self._count * n / total
        self._mean += delta * n / total
        self._count = total
        self._low, self._high = min(self._low, float(np.min(chosen))), max(self._high, float(np.max(chosen)))

    def look_again(self, values: NDArray[Any], valid: Valid) -> None:
        if not self._count or not math.isfinite(self._high - self._low):
            return
        if self._bins is None:
            self._bins = np.zeros(self._edges()[2], np.int64)
        low, width, bins = self._edges()
        position = (_chosen(values, valid) - low) / width
        self._bins += np.bincount(np.clip(position.astype(np.int64), 0, bins - 1), minlength=bins)

    def _edges(self) -> tuple[float, float, int]:
        """Lowest edge, bin width, number of bins."""
        if self._integer:
            span = int(self._high) - int(self._low) + 1
            width = -(-span // FINE_BINS)
            return self._low - 0.5, float(width), -(-span // width)
        span_f = self._high - self._low
        return self._low, span_f / FINE_BINS or 1.0, FINE_BINS if span_f > 0 else 1

    def statistics(self) -> Statistics:
        if not self._count:
            return _nothing()
        mean, deviation = (x if math.isfinite(x) else None for x in (self._mean, math.sqrt(self._squares / self._count)))
        valid_percent = 100 * self._count / self._pixels
        return Statistics(self._low, self._high, mean, deviation, valid_percent, self._percentile(0.02), self._percentile(0.98))

    def _percentile(self, q: float) -> float | None:
        if self._bins is None:
            return None
        low, width, _ = self._edges()
        index = int(np.searchsorted(np.cumsum(self._bins), q * self._count))
        return min(max(low + (index + 0.5) * width, self._low), self._high)

    def histogram(self) -> Histogram | None:
        if self._bins is None:
            return None
        low, width, bins = self._edges()
        if self._integer and width == 1:
            return integer_histogram(self._bins, int(low + 0.5))
        group = -(-bins // MAX_BINS)
        padded = np.zeros(-(-bins // group) * group, np.int64)
        padded[:bins] = self._bins
        summed = padded.reshape(-1, group).sum(axis=1)
        return Histogram(low, low + len(padded) * width, tuple(int(n) for n in summed))


def _chosen(values: NDArray[Any], valid: Valid) -> NDArray[np.float64]:
    chosen = values.ravel() if valid is None else values[valid]
    if chosen.dtype.kind == "c":
        chosen = np.abs(chosen)
    if chosen.dtype.kind == "f":
        finite = np.isfinite(chosen)
        chosen = chosen if finite.all() else chosen[finite]
    return chosen.astype(np.float64)


def _nothing() -> Statistics:
    return Statistics(None, None, None, None, 0.0, None, None)
