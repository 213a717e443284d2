"""The inventory: every delivery in one row, in tables that cannot carry formulas."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import openpyxl
import orjson
import pytest

from catalog_builder.archive.inventory import HEADINGS, InventoryRow, Outcome, acquired_text, inventory_rows, neutral, write_csv, write_xlsx
from catalog_builder.archive.scan import scan
from catalog_builder.i18n import translations
from catalog_builder.progress import Progress
from catalog_builder.times import When, parse_iso
from catalog_builder.workers import InlineExecutor
from tests.archive.meta_format import AnyTiff, MetaFormat, write_scene


@pytest.fixture
def rows(tmp_path: Path) -> list[InventoryRow]:
    root = tmp_path / "archive"
    write_scene(root / "2019", "s1", b"12345", name="Scene 1", date="2019-05-06", platform="SPOT-6", cloud="12.5")
    write_scene(root / "copy", "s1", b"12345", name="Scene 1", date="2019-05-06", platform="SPOT-6")
    write_scene(root, "undated", b"other", platform='=HYPERLINK("http://x")')
    write_scene(root, "empty", None, date="2019")
    result = scan([root], tmp_path / "work", (), InlineExecutor(), Progress(), formats=(MetaFormat(), AnyTiff()))
    return inventory_rows(result)


def test_every_delivery_has_a_row(rows: list[InventoryRow]) -> None:
    told = {r.origin + "/" + r.id.split("-")[0]: (r.outcome, r.missing, r.acquired) for r in rows}
    assert told == {
        "2019/Scene": (Outcome.BUILD, (), "2019-05-06"),
        "copy/Scene": (Outcome.DUPLICATE, (), "2019-05-06"),
        "/undated": (Outcome.QUARANTINE, ("acquired",), None),
        "/empty": (Outcome.BUILD, ("platform", "raster"), "2019"),
    }
    scene = next(r for r in rows if r.origin == "2019")
    assert (scene.files, scene.cloud, scene.platform, scene.format) == (2, 12.5, "SPOT-6", "meta")
    assert scene.bytes == 5 + len("raster = s1.tif\nname = Scene 1\ndate = 2019-05-06\nplatform = SPOT-6\ncloud = 12.5\n")
    assert next(r for r in rows if r.origin == "copy").of == "Scene-1"


def test_rows_are_json(rows: list[InventoryRow]) -> None:
    data = orjson.loads(orjson.dumps([r.to_json() for r in rows]))
    assert [d["outcome"] for d in data] == [r.outcome.value for r in rows]
    assert set(data[0]) == set(InventoryRow.__slots__)


def test_csv_opens_in_spreadsheets_and_holds_no_formula(rows: list[InventoryRow], tmp_path: Path) -> None:
    path = tmp_path / "inventory.csv"
    write_csv(rows, path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    table = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    assert len(table) == 5 and all(len(line) == len(HEADINGS) for line in table)
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for line in table for cell in line)
    assert any(cell == '\'=HYPERLINK("http://x")' for line in table for cell in line)
    assert table[0][0] == "cảnh"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_formula_starts_are_neutralised(text: str) -> None:
    assert neutral(text) == "'" + text
    assert neutral("a" + text) == "a" + text


def test_xlsx_holds_texts_and_numbers_only_and_is_reproducible(rows: list[InventoryRow], tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.xlsx", "b.xlsx")]
    for path in paths:
        write_xlsx(rows, path, "en")
    assert len({hashlib.sha256(p.read_bytes()).hexdigest() for p in paths}) == 1
    sheet = openpyxl.load_workbook(paths[0]).active
    cells = [c for line in sheet.iter_rows() for c in line if c.value is not None]
    assert {c.data_type for c in cells} == {"s", "n"}
    assert not any(c.hyperlink for c in cells)
    assert any(c.value == '=HYPERLINK("http://x")' and c.data_type == "s" for c in cells)
    assert sheet.max_row == 5 and sheet.cell(1, 1).value == "scene"


def test_headings_are_translated() -> None:
    texts = [h for h, _ in HEADINGS] + [o.value for o in Outcome]
    assert [t for t in texts if translations("vi").gettext(t) == t] == []


@pytest.mark.parametrize("text", ["2021", "2021-06", "2021-06-05", "2021-06-05T03:12:34Z"])
def test_times_keep_their_precision(text: str) -> None:
    assert acquired_text(parse_iso(text)) == text


def test_an_interval_shows_both_ends() -> None:
    when = When.between(parse_iso("1965").start, parse_iso("1967").start)
    assert acquired_text(when) == "1965-01-01T00:00:00Z/1967-01-01T00:00:00Z"
