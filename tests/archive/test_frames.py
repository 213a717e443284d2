"""Index tables of frames as people keep them: separators, signs, decimal commas, Vietnamese titles, workbooks."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import openpyxl
import pytest

from catalog_builder.archive.delivery import ArchiveFile
from catalog_builder.archive.frames import FrameTable, frame_claims, number, read_frames
from catalog_builder.archive.tables import read_table
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.facts import Field, Origin
from catalog_builder.times import When
from tests.archive.generic_kit import archive_file

VIETNAMESE = "Số cuộn phim;Số hiệu ảnh;Ngày bay chụp;Tỷ lệ ảnh;Độ cao bay (m);Tiêu cự (mm);Máy ảnh\n"
VIETNAMESE += "KD71;0056;05/06/1967;1:20 000;3.100,5;152,4;Wild RC8\n"
ENGLISH = (
    "file,roll,frame,date,scale,flight height (km),focal length,camera\nKD_7156.tif,KD,7156,1967-06-05,1/20000,3.1005,152.4,Wild RC8\n"
)


def table_of(path: Path, text: str | bytes) -> FrameTable:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    table = read_frames(archive_file(path))
    assert table is not None
    return table


def image(name: str) -> ArchiveFile:
    return ArchiveFile(Path(name), name, 1, 1)


def said(table: FrameTable, name: str) -> dict[Field, object]:
    claims, _ = frame_claims(table, table.rows_of(image(name)), name)
    return {c.field: c.value for c in claims}


@pytest.mark.parametrize(
    ("text", "name", "roll", "frame"),
    [
        (VIETNAMESE, "KD71_56.tif", "KD71", "0056"),
        ("\ufeff" + VIETNAMESE.replace(";", "\t"), "scan KD71-0056 v2.tif", "KD71", "0056"),
        (ENGLISH, "KD_7156.tif", "KD", "7156"),
        ("Danh mục ảnh hàng không năm 1967\n\n" + VIETNAMESE, "KD71_0056.tif", "KD71", "0056"),
        (VIETNAMESE.encode("utf-16"), "KD71_56.tif", "KD71", "0056"),
    ],
)
def test_tables_say_the_same_in_every_form(tmp_path: Path, text: str | bytes, name: str, roll: str, frame: str) -> None:
    table = table_of(tmp_path / "index.csv", text)
    assert said(table, name) == {
        Field.FILM_ROLL: roll,
        Field.FRAME: frame,
        Field.ACQUIRED: When.day(1967, 6, 5),
        Field.PHOTO_SCALE: 20000,
        Field.FLIGHT_HEIGHT: 3100.5,
        Field.FOCAL_LENGTH: 152.4,
        Field.CAMERA: "Wild RC8",
    }


def test_claims_name_row_and_column(tmp_path: Path) -> None:
    table = table_of(tmp_path / "index.csv", VIETNAMESE)
    claims, findings = frame_claims(table, table.rows_of(image("KD71_56.tif")), "x")
    roll = next(c for c in claims if c.field is Field.FILM_ROLL)
    assert (roll.source.origin, roll.source.file, roll.source.locator) == (Origin.METADATA, "index.csv", "row 2, Số cuộn phim")
    assert findings == ()


def test_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Roll", "Frame", "Date", "Scale", "Camera"])
    sheet.append(["KD71", 56, dt.date(1967, 6, 5), 20000, "RC8"])
    sheet.append(["KD71", 57, "06/1967", 20000.0, None])
    book.save(tmp_path / "index.xlsx")
    table = read_frames(archive_file(tmp_path / "index.xlsx"))
    assert table is not None
    assert said(table, "KD71_0056.tif")[Field.ACQUIRED] == When.day(1967, 6, 5)
    assert said(table, "KD71_0056.tif")[Field.PHOTO_SCALE] == 20000
    assert said(table, "KD71_0057.tif")[Field.ACQUIRED] == When.month(1967, 6)


def test_workbook_counted_from_1904(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active.append(["Roll", "Frame", "Date"])
    book.active.append(["KD71", 56, dt.date(1967, 6, 5)])
    book.save(tmp_path / "index.xlsx")
    table = read_frames(archive_file(tmp_path / "index.xlsx"))
    assert table is not None and said(table, "KD71_56.tif")[Field.ACQUIRED] == When.day(1967, 6, 5)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("05/06/1967", When.day(1967, 6, 5)),
        ("5.6.1967", When.day(1967, 6, 5)),
        ("1967-06-05 10:00", When.day(1967, 6, 5)),
        ("19670605", When.day(1967, 6, 5)),
        ("6/1967", When.month(1967, 6)),
        ("1967", When.year(1967)),
    ],
)
def test_dates(tmp_path: Path, text: str, value: When) -> None:
    table = table_of(tmp_path / "i.csv", f"roll;frame;date\nA1;7;{text}\n")
    assert said(table, "A1_7.tif")[Field.ACQUIRED] == value


@pytest.mark.parametrize("text", ["31/02/1967", "summer 1967", "13/1967", "06-05-67"])
def test_unclear_dates_are_reported(tmp_path: Path, text: str) -> None:
    table = table_of(tmp_path / "i.csv", f"roll;frame;date\nA1;7;{text}\n")
    claims, findings = frame_claims(table, table.rows_of(image("A1_7.tif")), "x")
    assert not any(c.field is Field.ACQUIRED for c in claims)
    assert [f.code for f in findings] == ["archive.frame-date-unclear"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("152,4", 152.4),
        ("152.4 mm", 152.4),
        ("3.100,5", 3100.5),
        ("3,100.5", 3100.5),
        ("12 000", 12000),
        ("20.000", 20000),
        ("", None),
        ("abc", None),
        ("0", None),
    ],
)
def test_numbers(text: str, value: float | None) -> None:
    assert number(text) == value


def test_frames_are_told_apart(tmp_path: Path) -> None:
    table = table_of(tmp_path / "i.csv", "roll;frame;year\nA1;7;1967\nA1;17;1968\nB1;7;1969\n")
    assert [r.row for r in table.rows_of(image("A1_017.tif"))] == [3]
    assert [r.row for r in table.rows_of(image("to_B1-7_scan.tif"))] == [4]
    assert table.rows_of(image("A1_70.tif")) == ()
    assert table.rows_of(image("7.tif")) == ()


def test_two_rows_of_one_frame_are_reported(tmp_path: Path) -> None:
    table = table_of(tmp_path / "i.csv", "roll;frame;year\nA1;7;1967\nA1;7;1968\n")
    claims, findings = frame_claims(table, table.rows_of(image("A1_7.tif")), "x")
    assert next(c.value for c in claims if c.field is Field.ACQUIRED) == When.year(1967)
    assert [f.code for f in findings] == ["archive.frame-twice"]


@pytest.mark.parametrize("text", ["station,parameter,value\nA,pH,7\n", "GROUP = X\n  DATE = 1\n", "", "frame\n7\n", "a,b\n" * 50])
def test_other_tables_are_left_alone(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.csv").write_text(text)
    assert read_frames(archive_file(tmp_path / "x.csv")) is None


def test_bombs_and_broken_workbooks_are_findings(tmp_path: Path) -> None:
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 and nothing more")
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/workbook.xml", b" " * (65 << 20))
    with zipfile.ZipFile(tmp_path / "entities.xlsx", "w") as book:
        book.writestr("xl/workbook.xml", '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><workbook>&e;</workbook>')
    for name in ("broken", "bomb", "entities"):
        with pytest.raises(UnreadableDelivery) as caught:
            read_table(archive_file(tmp_path / f"{name}.xlsx"))
        assert caught.value.findings[0].code == "archive.frame-table-unreadable"
