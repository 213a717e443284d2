"""Times: UTC in, precision kept, nothing added."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_builder.times import Precision, When, age, from_stac, in_vietnam, now, parse_iso, to_stac

MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))


@given(MOMENTS)
def test_stac_text_comes_back_as_the_same_moment(moment: datetime) -> None:
    assert from_stac(to_stac(moment)) == moment


@pytest.mark.parametrize(
    ("text", "start", "precision"),
    [
        ("2021-06-05T03:12:34.5Z", datetime(2021, 6, 5, 3, 12, 34, 500000, UTC), Precision.SECOND),
        ("2021-03-31T23:01:59.7380207Z", datetime(2021, 3, 31, 23, 1, 59, 738020, UTC), Precision.SECOND),
        ("2021-06-05 10:12:34+07:00", datetime(2021, 6, 5, 3, 12, 34, 0, UTC), Precision.SECOND),
        ("2010-07-01", datetime(2010, 7, 1, tzinfo=UTC), Precision.DAY),
        ("1967-02", datetime(1967, 2, 1, tzinfo=UTC), Precision.MONTH),
        ("1967", datetime(1967, 1, 1, tzinfo=UTC), Precision.YEAR),
    ],
)
def test_iso_forms(text: str, start: datetime, precision: Precision) -> None:
    when = parse_iso(text)
    assert (when.start, when.precision) == (start, precision)
    assert when.is_instant == (precision is Precision.SECOND)


@pytest.mark.parametrize("text", ["2021-02-31", "2021-13-01T00:00:00Z", "", "yesterday", "2021-06-05T25:00:00Z", "-", "0"])
def test_impossible_dates_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_iso(text)


def test_an_interval_cannot_run_backwards_and_must_be_utc() -> None:
    moment = datetime(2020, 1, 1, tzinfo=UTC)
    with pytest.raises(ValueError, match="before"):
        When(moment, moment - timedelta(days=1))
    with pytest.raises(ValueError, match="not UTC"):
        When(datetime(2020, 1, 1, tzinfo=timezone(timedelta(hours=7))))


def test_vietnam_shows_the_next_day_for_a_late_pass() -> None:
    assert in_vietnam(datetime(2021, 8, 9, 22, 45, tzinfo=UTC)).strftime("%d/%m %H:%M") == "10/08 05:45"


def test_a_month_ends_with_its_last_second() -> None:
    assert When.month(2024, 2).end == datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC)


def test_the_age_of_a_file_is_in_seconds(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"")
    written = now().timestamp() - 7200
    os.utime(path, (written, written))
    assert 7200 <= age(path.stat().st_mtime_ns) < 7200 + 600
    assert now().utcoffset() == timedelta(0)
