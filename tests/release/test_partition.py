"""Partitions keep every page bounded and paths stable."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog_builder.release.partition import Placing, partition

STARTS = st.datetimes(datetime(1960, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


@given(st.lists(STARTS, max_size=60))
@settings(max_examples=50)
def test_no_partition_exceeds_the_page(starts: list[datetime]) -> None:
    items = [Placing(f"scene-{n}", start) for n, start in enumerate(starts)]
    keys = partition(items, page=20)
    assert set(keys) == {i.id for i in items}
    assert all(count <= 20 for count in Counter(keys.values()).values())


def test_many_scenes_of_one_day_are_bucketed() -> None:
    day = datetime(2024, 5, 17, 3, tzinfo=UTC)
    keys = partition([Placing(f"tile-{n:05d}", day) for n in range(5000)], page=1000)
    assert all(count <= 1000 for count in Counter(keys.values()).values())
    assert all(key[:3] == ("2024", "05", "17") and key[3].startswith("b") for key in keys.values())


def test_an_overflowing_month_moves_nothing_else() -> None:
    quiet = [Placing(f"quiet-{n}", datetime(2020, 1, 1, tzinfo=UTC)) for n in range(5)]
    busy = [Placing(f"busy-{n}", datetime(2021, 1, 1, tzinfo=UTC) + timedelta(hours=n)) for n in range(50)]
    before, after = partition(quiet, page=20), partition([*quiet, *busy], page=20)
    assert all(after[i.id] == before[i.id] for i in quiet)


def test_order_does_not_matter() -> None:
    items = [Placing(f"s{n}", datetime(2021, 1, 1 + n % 28, tzinfo=UTC)) for n in range(100)]
    assert partition(items, page=30) == partition(reversed(items), page=30)
