"""Statistics are exact, whatever the strips, and never invent a value."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from catalog_builder.raster.model import Histogram, Statistics
from catalog_builder.raster.statistics import FINE_BINS, gatherer


def gathered(
    values: NDArray, valid: NDArray | None = None, data_type: str | None = None, strips: int = 1
) -> tuple[Statistics, Histogram | None]:
    one = gatherer(data_type or values.dtype.name)
    parts = np.array_split(values, strips)
    masks = [None] * strips if valid is None else np.array_split(valid, strips)
    for part, mask in zip(parts, masks, strict=True):
        one.look(part, mask)
    if one.needs_second_look:
        for part, mask in zip(parts, masks, strict=True):
            one.look_again(part, mask)
    return one.statistics(), one.histogram()


@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(st.sampled_from(["uint8", "int8", "uint16", "int16"]), st.tuples(st.integers(1, 9), st.integers(1, 9))), st.integers(1, 4)
)
def test_small_integers_are_exact(values: NDArray, strips: int) -> None:
    statistics, histogram = gathered(values, strips=strips)
    wide = values.astype(object)
    assert (statistics.minimum, statistics.maximum) == (wide.min(), wide.max())
    assert statistics.mean == pytest.approx(float(values.astype(np.float64).mean()), rel=1e-12, abs=1e-12)
    assert statistics.stddev == pytest.approx(float(values.astype(np.float64).std()), rel=1e-9, abs=1e-9)
    ordered = np.sort(values.ravel())
    assert statistics.percentile_2 == ordered[math.ceil(0.02 * values.size) - 1]
    assert statistics.percentile_98 == ordered[math.ceil(0.98 * values.size) - 1]
    assert histogram is not None and sum(histogram.counts) == values.size and len(histogram.counts) <= 256


def test_histogram_bins_hold_equally_many_integers() -> None:
    values = np.arange(1000, 1300, dtype="uint16").repeat(3)[None]
    _, histogram = gathered(values)
    assert histogram is not None
    assert histogram.minimum == 999.5 and histogram.maximum == 999.5 + 2 * len(histogram.counts)
    assert set(histogram.counts) == {6}


def test_only_valid_pixels_count() -> None:
    values = np.array([[5, 0, 0, 9]], "uint16")
    statistics, histogram = gathered(values, values != 0)
    assert statistics == Statistics(5, 9, 7, 2, 50, 5, 9)
    assert histogram is not None and histogram.counts == (1, 0, 0, 0, 1)


@pytest.mark.parametrize("data_type", ["uint8", "int16", "float32", "int32", "complex64"])
def test_without_valid_pixels_everything_is_unknown(data_type: str) -> None:
    values = np.zeros((4, 4), data_type)
    assert gathered(values, np.zeros((4, 4), bool)) == (Statistics(None, None, None, None, 0.0, None, None), None)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(-1e6, 1e6), st.floats(1e-3, 1e3), st.integers(1, 5))
def test_floats_match_numpy(seed: int, centre: float, spread: float, strips: int) -> None:
    values = np.random.default_rng(seed).normal(centre, spread, (40, 50))
    statistics, histogram = gathered(values, strips=strips)
    assert statistics.mean == pytest.approx(values.mean(), rel=1e-12, abs=1e-9)
    assert statistics.stddev == pytest.approx(values.std(), rel=1e-6, abs=1e-14 * abs(centre) ** 2 + 1e-12)
    bin_width = (values.max() - values.min()) / FINE_BINS
    ordered = np.sort(values.ravel())
    assert statistics.percentile_98 == pytest.approx(ordered[1959], abs=bin_width * 1.01)
    assert histogram is not None and sum(histogram.counts) == values.size and len(histogram.counts) == 256


def test_large_offset_does_not_lose_the_deviation() -> None:
    values = 1e9 + np.array([[0.0, 1.0, 2.0]])
    assert gathered(values)[0].stddev == pytest.approx(math.sqrt(2 / 3), rel=1e-9)


def test_nan_and_infinite_values_do_not_count() -> None:
    values = np.array([[1.0, np.nan, 3.0, np.inf]], "float32")
    statistics, _ = gathered(values, ~np.isnan(values))
    assert (statistics.minimum, statistics.maximum, statistics.valid_percent) == (1, 3, 50)


def test_what_a_double_cannot_hold_stays_unknown() -> None:
    values = np.array([[1.7e308, 1.7e308, -1.7e308, 5.0]])
    assert gathered(values) == (Statistics(-1.7e308, 1.7e308, None, None, 100.0, None, None), None)
    fill = gathered(np.array([[-1e300, 1.0, 2.0]]))[0]  # the square of it is too large
    assert (fill.mean, fill.stddev, fill.percentile_98) == (pytest.approx(-1e300 / 3), None, pytest.approx(2.0, abs=2e295))


def test_one_constant_float() -> None:
    statistics, histogram = gathered(np.full((3, 3), 2.5))
    assert statistics == Statistics(2.5, 2.5, 2.5, 0.0, 100.0, 2.5, 2.5)
    assert histogram is not None and histogram.counts == (9,)


def test_wide_integers_have_bins_between_integers() -> None:
    _, histogram = gathered(np.array([[100_000, 100_001, 100_003]], "uint32"))
    assert histogram == Histogram(99_999.5, 100_003.5, (1, 1, 0, 1))
    _, wide = gathered(np.array([[0, 2**31]], "int64").astype("uint32"))
    assert wide is not None and sum(wide.counts) == 2 and (wide.minimum * 2) % 2 == 1 and len(wide.counts) <= 256


def test_complex_numbers_are_described_by_magnitude() -> None:
    statistics, _ = gathered(np.array([[3 + 4j, 0j]], "complex64"), data_type="complex_int16")
    assert (statistics.minimum, statistics.maximum) == (0, 5)
