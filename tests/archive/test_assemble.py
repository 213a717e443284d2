"""Assembly: what is impossible is dropped and said, what disagrees is said, identifiers are unique and stable."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog_builder.archive.assemble import Assembled, ReadScene, assemble, with_unique_ids
from catalog_builder.archive.delivery import ArchiveFile, Delivery, FileRole, Folder, RasterSource, Reading, SceneFiles
from catalog_builder.definition.model import Override
from catalog_builder.facts import Claim, Field, Origin, Source
from catalog_builder.times import When

MTIME = int(datetime(2022, 1, 1, tzinfo=UTC).timestamp()) * 10**9


def scene(name: str = "a/scene.xml", mtime: int = MTIME) -> SceneFiles:
    key = ArchiveFile(Path("/x") / name, name, 10, mtime)
    raster = ArchiveFile(Path("/x") / f"{name}.tif", f"{name}.tif", 20, mtime)
    folder = Folder(name.rpartition("/")[0], (key, raster))
    return SceneFiles("test", key, folder, ((key, FileRole.METADATA), (raster, FileRole.RASTER)))


def claim(field: Field, value: object, origin: Origin = Origin.METADATA) -> Claim:
    return Claim(field, value, Source(origin, "a/scene.xml", "where"))


DATE = claim(Field.ACQUIRED, When.day(2021, 6, 5))


def delivery(*claims: Claim, overrides: tuple[Override, ...] = (), mtime: int = MTIME) -> Delivery:
    files = scene(mtime=mtime)
    reading = Reading(claims, (RasterSource("image", files.with_role(FileRole.RASTER)),))
    return assemble(ReadScene(files, reading), overrides).delivery


def codes(d: Delivery) -> list[str]:
    return [f.code for f in d.findings]


def test_unknown_date_is_an_error_and_no_raster_a_warning() -> None:
    assert codes(delivery()) == ["archive.no-date"]
    assert codes(assemble(ReadScene(scene(), Reading((DATE,))), ()).delivery) == ["archive.no-raster"]


def test_disagreement_is_reported_with_both_values() -> None:
    d = delivery(DATE, claim(Field.CLOUD_COVER, 7.5), claim(Field.CLOUD_COVER, 30.0, Origin.FILENAME))
    assert d.facts.get(Field.CLOUD_COVER) == 7.5
    (conflict,) = d.findings
    assert conflict.code == "archive.conflict"
    assert (conflict.params["kept"], conflict.params["other"]) == ("7.5", "30")


@pytest.mark.parametrize(
    ("field", "bad", "good"),
    [
        (Field.CLOUD_COVER, 999.0, 100.0),
        (Field.CLOUD_COVER, -1.0, 0.0),
        (Field.CLOUD_COVER, float("nan"), 1),
        (Field.SUN_ELEVATION, -90.5, -12.0),
        (Field.OFF_NADIR, 91.0, 25.0),
        (Field.VIEW_AZIMUTH, 361.0, 360.0),
        (Field.GSD, 0.0, 0.5),
        (Field.GSD, -1.0, 30.0),
        (Field.CORNERS, ((106.0, 21.0), (107.0, 21.0), (107.0, 95.0), (106.0, 20.0)), ((106.0, 21.0),) * 4),
        (Field.FOOTPRINT, ((720000.0, 2323200.0),), ((-180.0, 90.0), (180.0, -90.0), (0.0, 0.0))),
        (Field.FOOTPRINT, (), ((0.0, 0.0),)),
    ],
)
def test_impossible_values_are_dropped_and_the_next_source_is_used(field: Field, bad: object, good: object) -> None:
    d = delivery(DATE, claim(field, bad), claim(field, good, Origin.FILENAME))
    assert d.facts.get(field) == good
    assert codes(d) == ["archive.value-out-of-range"]
    assert codes(delivery(DATE, claim(field, good))) == []


@pytest.mark.parametrize(
    ("when", "mtime", "kept"),
    [
        (When.day(2022, 1, 1), MTIME, True),
        (When.day(2023, 1, 4), MTIME, True),  # files can carry a wrong time; this version was made later than both
        (When.day(2099, 1, 1), MTIME, False),
        (When.day(2030, 1, 4), MTIME + 9 * 365 * 86400 * 10**9, True),
        (When.day(2030, 1, 4), 315532800 * 10**9, False),  # the DOS epoch
        (When.day(1899, 12, 31), MTIME, False),
        (When.year(1905), MTIME, True),
    ],
)
def test_dates_that_cannot_be(when: When, mtime: int, kept: bool) -> None:
    d = delivery(claim(Field.ACQUIRED, when), mtime=mtime)
    assert (d.facts.acquired == when) is kept
    assert codes(d) == ([] if kept else ["archive.date-impossible", "archive.no-date"])


def test_an_override_beats_everything_without_a_conflict() -> None:
    override = Override(path="a/**", by="An", on="2026-01-01", reason="minutes", acquired="2020-01-01/2020-12-31", cloud_cover=3)
    d = delivery(DATE, claim(Field.CLOUD_COVER, 50.0), overrides=(override,))
    assert d.facts.get(Field.CLOUD_COVER) == 3
    assert d.facts.acquired is not None and d.facts.acquired.end == datetime(2020, 12, 31, 23, 59, 59, tzinfo=UTC)
    source = d.facts.claim(Field.CLOUD_COVER)
    assert source is not None and str(source.source) == "overrides#a/**#cloud_cover"
    assert codes(d) == []


def test_a_failed_reading_keeps_only_what_went_wrong() -> None:
    d = assemble(ReadScene(scene(), None, delivery().findings), ()).delivery
    assert (codes(d), d.rasters, tuple(d.facts)) == (["archive.no-date"], (), ())
    assert len(d.files) == 2


def assembled(name: str, scene_name: str | None = None) -> Assembled:
    claims = (DATE,) if scene_name is None else (DATE, claim(Field.SCENE_NAME, scene_name))
    return assemble(ReadScene(scene(name), Reading(claims)), ())


def test_identifiers_come_from_the_scene_name_else_the_key_file() -> None:
    assert assembled("a/IMG_1.xml", "Hạ Long / 1").delivery.id == "Ha-Long-1"
    assert assembled("a/IMG_1.xml").delivery.id == "IMG_1"
    assert assembled("a/LT05_1.tar.gz!/manifest.safe").delivery.id == "LT05_1"
    assert assembled("METADATA.DIM").delivery.id == "METADATA"


def test_identifiers_are_unique_whatever_the_order() -> None:
    items = [assembled("b/x.xml"), assembled("a/x.xml"), assembled("a/X.xml"), assembled("c/" + "n" * 200 + ".xml"), assembled("d/y.xml")]
    named = with_unique_ids(items)
    again = with_unique_ids(items[::-1])
    assert [(a.key, d.id) for a, d in named] == [(a.key, d.id) for a, d in again]
    ids = {a.key: d.id for a, d in named}
    assert ids["a/X.xml"] == "X" and ids["d/y.xml"] == "y"
    assert len({i.casefold() for i in ids.values()}) == 5
    assert all(len(i) <= 100 for i in ids.values())


def test_many_scenes_of_one_key_file_stay_apart() -> None:
    items = [assembled("a/x.xml") for _ in range(4)]
    assert len({d.id for _, d in with_unique_ids(items)}) == 4
