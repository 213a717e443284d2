"""Overrides: patterns match what a person would expect, facts and corrections arrive, the template can be filled in."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from catalog_builder.archive.delivery import ArchiveFile, Band, RasterKind, RasterSource
from catalog_builder.archive.overrides import (
    correct_rasters,
    matches,
    override_claims,
    parse_acquired,
    write_override_template,
)
from catalog_builder.archive.scan import Scan, scan
from catalog_builder.definition.model import Override
from catalog_builder.facts import Field
from catalog_builder.findings import Finding, Severity
from catalog_builder.progress import Progress
from catalog_builder.workers import InlineExecutor
from tests.archive.meta_format import AnyTiff, MetaFormat, write_scene


def override(path: str = "**", **facts: Any) -> Override:
    return Override(path=path, by="An", on="2026-01-01", reason="minutes", **facts)


NAMES = ["2019/Hạ Long/a[1].tif", "2019/Hạ Long/x.zip!/IMG/b.TIF"]


@pytest.mark.parametrize(
    "pattern",
    [
        "2019/Hạ Long/a[[]1].tif",
        "2019/*/a*",
        "2019/Hạ Long",
        "2019/",
        "./2019/Hạ Long",
        "**/*.tif",
        "**/b.TIF",
        "2019/**/b.TIF",
        "2019/Hạ Long/x.zip",
        "2019/Hạ Long/x.zip!/IMG/?.TIF",
        unicodedata.normalize("NFD", "2019/Hạ Long/*"),
        "**",
        "*",
        "20[0-9][0-9]/**",
        "20[!0]9/**",
    ],
)
def test_patterns_that_match(pattern: str) -> None:
    assert matches(pattern, NAMES)


@pytest.mark.parametrize(
    "pattern", ["2018", "2019/*.tif", "*.tif", "a[1].tif", "2019/hạ long", "2019/H", "b.TIF", "20[!1]9/**", "2019/Hạ Long/x.zi", "[", "("]
)
def test_patterns_that_do_not_match(pattern: str) -> None:
    assert not matches(pattern, NAMES)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2021-06-05T03:12:34Z", datetime(2021, 6, 5, 3, 12, 34, tzinfo=UTC), None),
        ("2021-06", datetime(2021, 6, 1, tzinfo=UTC), datetime(2021, 6, 30, 23, 59, 59, tzinfo=UTC)),
        ("1965/1967-06", datetime(1965, 1, 1, tzinfo=UTC), datetime(1967, 6, 30, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_acquired(text: str, start: datetime, end: datetime | None) -> None:
    when = parse_acquired(text)
    assert (when.start, when.end) == (start, end)


@pytest.mark.parametrize("text", ["", "soon", "2021-02-31", "2021/", "2022/2021", "05/06/2021"])
def test_dates_that_are_none_are_findings(text: str) -> None:
    result = override_claims([override(acquired=text, platform="SPOT-6")], "a")
    assert [c.field for c in result.claims] == [Field.PLATFORM]
    assert [f.code for f in result.findings] == ["archive.override-invalid"]


def test_of_two_overrides_the_first_wins_and_the_second_is_reported() -> None:
    result = override_claims([override("a", platform="SPOT-6", gsd=1.5), override("b", platform="SPOT-7", gsd=1.5)], "a/scene")
    assert result.claims[0].value == "SPOT-6"
    (finding,) = result.findings
    assert (finding.code, finding.params["kept"], finding.params["other_path"]) == ("archive.override-rivals", "SPOT-6", "b")


def raster(*bands: str) -> RasterSource:
    return RasterSource("image", (ArchiveFile(Path("/x.tif"), "x.tif", 1, 0),), bands=tuple(Band(b) for b in bands), nodata=255)


def test_rasters_are_corrected() -> None:
    (fixed,), findings = correct_rasters([override(nodata=0, kind="scan", band_names=("grey",))], [raster("B1")], "a")
    assert (fixed.nodata, fixed.kind, fixed.bands) == (0, RasterKind.SCAN, (Band("grey"),))
    assert findings == ()
    (fixed,), _ = correct_rasters([override(common_names=("red", ""))], [raster("B1", "B2")], "a")
    assert fixed.bands == (Band("B1", "red"), Band("B2"))
    (fixed,), _ = correct_rasters([override(band_names=("R", "G"), common_names=("red", "green"))], [raster()], "a")
    assert fixed.bands == (Band("R", "red"), Band("G", "green"))


@pytest.mark.parametrize(
    ("facts", "code"),
    [({"band_names": ("a", "b")}, "archive.override-bands"), ({"kind": "photo"}, "archive.override-invalid")],
)
def test_corrections_that_do_not_fit_are_findings(facts: dict[str, Any], code: str) -> None:
    (same,), findings = correct_rasters([override(**facts)], [raster("B1")], "a")
    assert same == raster("B1")
    assert [f.code for f in findings] == [code]


def scanned(root: Path) -> Scan:
    return scan([root], root.parent / "work", (), InlineExecutor(), Progress(), formats=(MetaFormat(), AnyTiff()))


def test_the_template_asks_for_what_is_missing_and_can_be_filled_in(tmp_path: Path) -> None:
    root = tmp_path / "archive"
    write_scene(root / "đĩa [1]", 'evil"name', b"1", name="no date")
    write_scene(root, "fine", b"2", date="2020-01-01")
    write_scene(root, "lost", b"3", date="2020-01-01")
    result = scanned(root)
    path = tmp_path / "template.toml"
    assert write_override_template(result, path) == 1
    text = path.read_text()
    assert "archive.no-date" not in text and "fine" not in text
    assert tomllib.loads(text) == {}, "asks and says nothing"
    filled = re.sub(r"^#(?=\S)", "", text, flags=re.MULTILINE).replace('by = ""', 'by = "An"')
    (entry,) = tomllib.loads(filled)["override"]
    given = Override(**entry)
    again = scan([root], tmp_path / "work", (given,), InlineExecutor(), Progress(), formats=(MetaFormat(), AnyTiff()))
    assert {d.id: [f.code for f in d.findings] for d in again.deliveries} == {"no-date": [], "fine": [], "lost": []}
    assert again.findings == ()


def test_the_template_asks_for_a_crs_when_a_later_room_misses_it(tmp_path: Path) -> None:
    write_scene(tmp_path / "archive", "s1", date="2020-01-01")
    import_module("catalog_builder.crs.findings")
    missing = Finding("crs.missing", Severity.ERROR, "s1.tif", {})
    assert write_override_template(scanned(tmp_path / "archive"), tmp_path / "t.toml", [missing]) == 1
    assert '#crs = "EPSG:5899"' in (tmp_path / "t.toml").read_text()
