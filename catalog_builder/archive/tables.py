"""Rows of small tables that people keep: CSV in any usual form, and XLSX without a spreadsheet library."""

from __future__ import annotations

import csv
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from lxml import etree

from catalog_builder.archive.delivery import ArchiveFile
from catalog_builder.archive.generic_findings import FRAME_TABLE_UNREADABLE
from catalog_builder.archive.keyvalue import read_text
from catalog_builder.errors import UnreadableDelivery

MAX_TABLE_BYTES = 32 << 20
MAX_MEMBER_BYTES = 64 << 20
"""Bytes of one XML part of a workbook after unpacking: 100,000 frames with 20 columns take about 40 MB."""

MAX_ROWS = 200_000
MAX_COLUMNS = 200

TITLE_ROWS = 10
"""Rows at the top among which the column titles are looked for: people put a heading above their tables."""

_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_DATE_FORMATS = frozenset({14, 15, 16, 17, 22, 27, 30, 36, 50, 57})
"""Built-in number formats that show a date (ECMA-376 part 1, 18.8.30)."""


def read_table(file: ArchiveFile) -> list[list[str]]:
    """The rows of a CSV or XLSX file (its first sheet) as trimmed texts; dates of XLSX cells as YYYY-MM-DD.

    Raises:
        UnreadableDelivery: neither, damaged, or too large.
    """
    if file.size > MAX_TABLE_BYTES:
        raise UnreadableDelivery(FRAME_TABLE_UNREADABLE(file.name, problem=f"{file.size} bytes"))
    try:
        rows = _xlsx(file) if file.head(4) == b"PK\x03\x04" else _csv(file)
    except (
        csv.Error,
        zipfile.BadZipFile,
        zlib.error,
        etree.XMLSyntaxError,
        KeyError,
        ValueError,
        IndexError,
        NotImplementedError,
        OverflowError,
    ) as problem:
        raise UnreadableDelivery(FRAME_TABLE_UNREADABLE(file.name, problem=str(problem)[:200])) from problem
    return [row for row in rows if any(row)]


def head_rows(file: ArchiveFile) -> list[list[str]]:
    """The first rows of a text file, to see whether it is a table worth reading; [] for what is none."""
    head = file.head(16384)
    text = head.decode("utf-16", "ignore") if head[:2] in (b"\xff\xfe", b"\xfe\xff") else head.decode("utf-8", "replace")
    try:
        return _rows(text.removeprefix("\ufeff"), TITLE_ROWS)
    except csv.Error:
        return []


def _csv(file: ArchiveFile) -> list[list[str]]:
    return _rows(read_text(file, MAX_TABLE_BYTES).removeprefix("\ufeff"), MAX_ROWS)


def _rows(text: str, limit: int) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.strip()][: limit + 1]
    if not lines or "\x00" in text[:1000]:
        return []
    delimiter = max(";,\t|", key=lambda d: max(line.count(d) for line in lines[:TITLE_ROWS]))
    return [[cell.strip() for cell in row[:MAX_COLUMNS]] for row in csv.reader(lines, delimiter=delimiter)]


def _xlsx(file: ArchiveFile) -> list[list[str]]:
    with zipfile.ZipFile(file.path) as book:
        sheet = _first_sheet(book)
        shared = _shared_strings(book)
        dated = _date_styles(book)
        return list(_sheet_rows(_part(book, sheet), shared, dated, epoch=_epoch(book)))


def _part(book: zipfile.ZipFile, name: str) -> etree._Element:
    if book.getinfo(name).file_size > MAX_MEMBER_BYTES:
        raise ValueError(f"{name} is too large")
    with book.open(name) as stream:
        data = stream.read(MAX_MEMBER_BYTES + 1)
    if len(data) > MAX_MEMBER_BYTES or b"<!DOCTYPE" in data[:4096]:
        raise ValueError(f"{name} is refused")
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False))


def _first_sheet(book: zipfile.ZipFile) -> str:
    workbook, relations = _part(book, "xl/workbook.xml"), _part(book, "xl/_rels/workbook.xml.rels")
    first = next(workbook.iter(f"{_NS}sheet"))
    target = next(str(r.get("Target")) for r in relations if r.get("Id") == first.get(_REL))
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))


def _epoch(book: zipfile.ZipFile) -> datetime:
    """Day 0 of serial dates: workbooks count from 1900 (with its false leap day) or, from old Macs, from 1904."""
    properties = next(_part(book, "xl/workbook.xml").iter(f"{_NS}workbookPr"), None)
    old_mac = properties is not None and properties.get("date1904") in ("1", "true")
    return datetime(1904, 1, 1) if old_mac else datetime(1899, 12, 30)


def _shared_strings(book: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    return ["".join(t.text or "" for t in item.iter(f"{_NS}t")) for item in _part(book, "xl/sharedStrings.xml").iter(f"{_NS}si")]


def _date_styles(book: zipfile.ZipFile) -> frozenset[int]:
    """Indexes of cell styles that show dates."""
    if "xl/styles.xml" not in book.namelist():
        return frozenset()
    styles = _part(book, "xl/styles.xml")
    own = {int(f.get("numFmtId", "0")) for f in styles.iter(f"{_NS}numFmt") if _shows_date(str(f.get("formatCode", "")))}
    cells = next(styles.iter(f"{_NS}cellXfs"), None)
    kinds = [] if cells is None else [int(x.get("numFmtId", "0")) for x in cells]
    return frozenset(i for i, kind in enumerate(kinds) if kind in _DATE_FORMATS or kind in own)


def _shows_date(code: str) -> bool:
    plain = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", code).lower()
    return "y" in plain or ("d" in plain and "m" in plain)


def _sheet_rows(sheet: etree._Element, shared: list[str], dated: frozenset[int], epoch: datetime) -> Iterator[list[str]]:
    for number, row in enumerate(sheet.iter(f"{_NS}row")):
        if number > MAX_ROWS:
            return
        cells: list[str] = []
        for cell in row.iter(f"{_NS}c"):
            column = _column(str(cell.get("r") or "")) if cell.get("r") else len(cells)
            if column < MAX_COLUMNS:
                cells += [""] * (column - len(cells))
                cells.append(_cell(cell, shared, dated, epoch))
        yield cells


def _column(reference: str) -> int:
    number = 0
    for letter in re.sub(r"[^A-Z]", "", reference.upper())[:3]:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _cell(cell: etree._Element, shared: list[str], dated: frozenset[int], epoch: datetime) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return "".join(t.text or "" for t in cell.iter(f"{_NS}t")).strip()
    value = next((v.text or "" for v in cell.iter(f"{_NS}v")), "").strip()
    if kind == "s" and value:
        return shared[int(value)].strip()
    if kind == "n" and value and int(cell.get("s", "0")) in dated:
        return (epoch + timedelta(days=float(value))).strftime("%Y-%m-%d")
    if kind == "n" and value.endswith(".0"):
        return value[:-2]
    return value
