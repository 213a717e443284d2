"""Numbers, dates, sizes and coordinates as people write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from catalog_builder.site.wording import Wording
from catalog_builder.times import When

VI, EN = Wording("vi"), Wording("en")


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [
        (100000, "100.000", "100,000"),
        (4.2, "4,2", "4.2"),
        (-12.5, "−12,5", "−12.5"),
        (0, "0", "0"),
        (1234.5678, "1.235", "1,235"),
        (0.00123456, "0,001235", "0.001235"),
        (3e-15, "0", "0"),
        (float("nan"), "–", "–"),
    ],
)
def test_numbers(value: float, vi: str, en: str) -> None:
    assert (VI.number(value), EN.number(value)) == (vi, en)


def test_percent_keeps_one_decimal() -> None:
    assert (VI.percent(4.24), EN.percent(4.24)) == ("4,2\u00a0%", "4.2%")


@pytest.mark.parametrize(
    ("size", "shown"), [(0, "0 B"), (999, "999 B"), (1000, "1,0 kB"), (6_049_000, "6,0 MB"), (999_600, "1,0 MB"), (103_000_000, "103 MB")]
)
def test_sizes(size: int, shown: str) -> None:
    assert VI.size(size) == shown.replace(" ", "\u00a0")


def test_an_instant_is_told_in_viet_nam_time() -> None:
    moment = datetime(2025, 3, 14, 22, 45, tzinfo=UTC)
    assert VI.moment(moment) == "15/03/2025 05:45 giờ Việt Nam"
    assert EN.moment(moment) == "15 March 2025 05:45 Viet Nam time"
    assert VI.acquired_day(moment, moment) == "15/03/2025"


@pytest.mark.parametrize(
    ("when", "vi", "en"),
    [
        (When.day(2011, 4, 9), "09/04/2011", "9 April 2011"),
        (When.month(2011, 4), "04/2011", "April 2011"),
        (When.month(2012, 12), "12/2012", "December 2012"),
        (When.year(1994), "1994", "1994"),
        (
            When.between(datetime(2011, 4, 9, tzinfo=UTC), datetime(2011, 5, 2, tzinfo=UTC)),
            "từ 09/04/2011 đến 02/05/2011",
            "between 9 April 2011 and 2 May 2011",
        ),
    ],
)
def test_an_interval_is_not_told_more_exactly_than_it_is_known(when: When, vi: str, en: str) -> None:
    assert when.end is not None
    for precision in (None, when.precision.value):
        assert VI.acquired(when.start, when.end, precision) == vi
        assert EN.acquired(when.start, when.end, precision) == en


def test_a_decade() -> None:
    start, end = datetime(1970, 1, 1, tzinfo=UTC), datetime(1979, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert (VI.acquired(start, end, "decade"), EN.acquired(start, end, "decade")) == ("thập niên 1970", "1970s")


def test_coordinates_name_the_hemisphere() -> None:
    assert (VI.longitude(107.25), VI.latitude(-20.5, 1)) == ("107,2500°Đ", "20,5°N")
    assert (EN.longitude(-107.25), EN.latitude(20.5, 1)) == ("107.2500°W", "20.5°N")
    assert (VI.minutes(107.5, True), VI.minutes(21, False), EN.minutes(0, True)) == ("107°30′Đ", "21°B", "0°")


def test_counts_have_a_singular() -> None:
    assert (EN.count(1, "{n} scene", "{n} scenes"), EN.count(1200, "{n} scene", "{n} scenes")) == ("1 scene", "1,200 scenes")
    assert VI.count(1200, "{n} scene", "{n} scenes") == "1.200 cảnh"
