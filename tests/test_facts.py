"""Settling claims: trust decides, disagreement is kept, unknown stays unknown."""

from __future__ import annotations

from datetime import UTC, datetime

from catalog_builder.facts import Claim, Field, Origin, Source, settle
from catalog_builder.times import When


def claim(field: Field, value: object, origin: Origin = Origin.METADATA, file: str = "a.xml") -> Claim:
    return Claim(field, value, Source(origin, file, "key"))


def test_the_most_trusted_source_wins_whatever_the_order() -> None:
    name, tag = claim(Field.PLATFORM, "SPOT-6", Origin.FILENAME), claim(Field.PLATFORM, "SPOT-7", Origin.METADATA)
    for order in ([name, tag], [tag, name]):
        facts, conflicts = settle(order)
        assert facts.get(Field.PLATFORM) == "SPOT-7"
        assert [(c.kept.value, c.other.value) for c in conflicts] == [("SPOT-7", "SPOT-6")]


def test_an_override_wins_without_a_conflict() -> None:
    facts, conflicts = settle([claim(Field.GSD, 2.0), claim(Field.GSD, 0.5, Origin.OVERRIDE)])
    assert facts.get(Field.GSD) == 0.5
    assert conflicts == ()


def test_values_within_tolerance_agree() -> None:
    assert settle([claim(Field.SUN_AZIMUTH, 120.0), claim(Field.SUN_AZIMUTH, 120.4)])[1] == ()
    assert len(settle([claim(Field.SUN_AZIMUTH, 120.0), claim(Field.SUN_AZIMUTH, 121.0)])[1]) == 1


def test_spellings_of_one_name_agree() -> None:
    assert settle([claim(Field.PLATFORM, "SPOT-7"), claim(Field.PLATFORM, "spot 7")])[1] == ()


def test_a_day_and_an_instant_within_it_agree() -> None:
    instant = When.instant(datetime(2021, 6, 5, 3, 12, tzinfo=UTC))
    assert settle([claim(Field.ACQUIRED, instant), claim(Field.ACQUIRED, When.day(2021, 6, 5))])[1] == ()
    assert len(settle([claim(Field.ACQUIRED, instant), claim(Field.ACQUIRED, When.day(2021, 6, 7))])[1]) == 1


def test_neighbouring_days_do_not_agree() -> None:
    """The seconds between midnight's two sides are no rounding of the source."""
    days = [claim(Field.ACQUIRED, When.day(2021, 6, 5)), claim(Field.ACQUIRED, When.day(2021, 6, 6))]
    assert len(settle(days)[1]) == 1
    months = [claim(Field.ACQUIRED, When.month(2021, 6)), claim(Field.ACQUIRED, When.day(2021, 6, 30))]
    assert settle(months)[1] == ()
    rounded = [claim(Field.ACQUIRED, When.instant(datetime(2021, 6, 5, 3, 12, s, tzinfo=UTC))) for s in (1, 2)]
    assert settle(rounded)[1] == ()


def test_nothing_claimed_is_nothing_known() -> None:
    facts, conflicts = settle([claim(Field.CLOUD_COVER, None)])
    assert facts.get(Field.CLOUD_COVER) is None and facts.acquired is None and conflicts == ()
