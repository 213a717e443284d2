"""The inventory of an archive: one row per delivery, for the terminal, CSV, XLSX and JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import xlsxwriter

from catalog_builder.archive.delivery import Delivery
from catalog_builder.archive.scan import Scan
from catalog_builder.facts import Field
from catalog_builder.files import atomic_path, write_bytes
from catalog_builder.findings import Severity, printable
from catalog_builder.i18n import N_, translate
from catalog_builder.times import Precision, When, to_stac


class Outcome(StrEnum):
    """What a build will do with a delivery."""

    BUILD = N_("build")
    QUARANTINE = N_("quarantine")
    DUPLICATE = N_("duplicate")


@dataclass(frozen=True, slots=True)
class InventoryRow:
    """One delivery. ``bytes`` is the size of its files, ``gsd`` metres, ``cloud`` percent, ``crs`` what is declared outside the
    raster (a raster's own shows when it is opened), ``missing`` what a person or a better copy must supply, ``of`` the kept twin."""

    id: str
    format: str
    origin: str
    files: int
    bytes: int
    platform: str | None
    acquired: str | None
    gsd: float | None
    cloud: float | None
    crs: str | None
    missing: tuple[str, ...]
    outcome: Outcome
    of: str | None = None
    findings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The row with plain JSON values."""
        return {name: _json(getattr(self, name)) for name in self.__slots__}


HEADINGS: tuple[tuple[str, Callable[[InventoryRow], object]], ...] = (
    (N_("scene"), lambda r: r.id),
    (N_("format"), lambda r: r.format),
    (N_("place in the archive"), lambda r: r.origin),
    (N_("files"), lambda r: r.files),
    (N_("bytes"), lambda r: r.bytes),
    (N_("platform"), lambda r: r.platform),
    (N_("acquired"), lambda r: r.acquired),
    (N_("GSD (m)"), lambda r: r.gsd),
    (N_("cloud cover (%)"), lambda r: r.cloud),
    (N_("declared CRS"), lambda r: r.crs),
    (N_("what is missing"), lambda r: r.missing),
    (N_("what will happen"), lambda r: r.outcome),
    (N_("kept copy"), lambda r: r.of),
    (N_("findings"), lambda r: r.findings),
)
"""Columns of the tables: heading and value."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""Characters with which spreadsheets take a text for a formula (OWASP, CSV injection)."""


def inventory_rows(scan: Scan) -> list[InventoryRow]:
    """A row per delivery, the duplicates that will not be built included, by identifier."""
    rows = [_row(d, None) for d in scan.deliveries] + [_row(d.delivery, d.kept) for d in scan.duplicates]
    return sorted(rows, key=lambda r: r.id)


def write_csv(rows: Sequence[InventoryRow], path: Path, language: str = "vi") -> None:
    """CSV in UTF-8 with byte order mark, as spreadsheets expect; no cell can be a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    for cells in _table(rows, language):
        writer.writerow([neutral(c) if isinstance(c, str) else c for c in cells])
    write_bytes(path, text.getvalue().encode("utf-8-sig"))


def write_xlsx(rows: Sequence[InventoryRow], path: Path, language: str = "vi") -> None:
    """An Excel workbook of plain texts and numbers, the same bytes for the same rows."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with atomic_path(path) as temporary:
        workbook = xlsxwriter.Workbook(str(temporary), options)
        workbook.set_properties({"created": datetime(2000, 1, 1, tzinfo=UTC)})  # a fixed date: the file depends on its rows alone
        sheet = workbook.add_worksheet()
        bold = workbook.add_format({"bold": True})
        for i, cells in enumerate(_table(rows, language)):
            for j, cell in enumerate(cells):
                _write_cell(sheet, i, j, cell, bold if i == 0 else None)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, len(rows), len(HEADINGS) - 1)
        sheet.set_column(0, 2, 40)
        workbook.close()


def neutral(text: str) -> str:
    """``text`` so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _table(rows: Sequence[InventoryRow], language: str) -> Iterator[list[str | int | float | None]]:
    yield [translate(heading, language) for heading, _ in HEADINGS]
    for row in rows:
        yield [_cell(value(row), language) for _, value in HEADINGS]


def _cell(value: object, language: str) -> str | int | float | None:
    if isinstance(value, Outcome):
        return translate(value.value, language)
    if isinstance(value, tuple):
        value = ", ".join(translate(v, language) for v in value)
    if value is None or isinstance(value, int | float):
        return value
    return printable(str(value), limit=32_000)  # Excel's limit is 32 767


def _write_cell(sheet: Any, row: int, column: int, value: str | int | float | None, style: Any) -> None:
    if isinstance(value, int | float):
        sheet.write_number(row, column, value, style)
    elif value:
        sheet.write_string(row, column, value, style)


def _row(delivery: Delivery, kept: str | None) -> InventoryRow:
    facts = delivery.facts
    sizes = {f.name: f.size for f, _ in delivery.files}
    quarantined = any(f.severity is Severity.ERROR for f in delivery.findings)
    outcome = Outcome.DUPLICATE if kept is not None else Outcome.QUARANTINE if quarantined else Outcome.BUILD
    return InventoryRow(
        id=delivery.id,
        format=delivery.format,
        origin=delivery.origin,
        files=len(sizes),
        bytes=sum(sizes.values()),
        platform=facts.get(Field.PLATFORM),
        acquired=None if facts.acquired is None else acquired_text(facts.acquired),
        gsd=facts.get(Field.GSD),
        cloud=facts.get(Field.CLOUD_COVER),
        crs=facts.get(Field.DECLARED_CRS),
        missing=tuple(_missing(delivery)),
        outcome=outcome,
        of=kept,
        findings=tuple(sorted({f.code for f in delivery.findings if f.severity is not Severity.INFO})),
    )


def _missing(delivery: Delivery) -> Iterator[str]:
    if delivery.facts.acquired is None:
        yield Field.ACQUIRED.value
    if delivery.facts.get(Field.PLATFORM) is None:
        yield Field.PLATFORM.value
    if any(f.code.startswith("crs.") and f.severity is Severity.ERROR for f in delivery.findings):
        yield N_("CRS")
    if not delivery.rasters:
        yield N_("raster")


def acquired_text(when: When) -> str:
    """The time with no more precision than is known: ``2021-06-05``, ``2021-06``, ``1965-01-01T00:00:00Z/1967-12-31T23:59:59Z``."""
    digits = {Precision.DAY: 10, Precision.MONTH: 7, Precision.YEAR: 4}
    if when.precision in digits:
        return to_stac(when.start)[: digits[when.precision]]
    return to_stac(when.start) if when.end is None else f"{to_stac(when.start)}/{to_stac(when.end)}"


def _json(value: object) -> Any:
    if isinstance(value, tuple):
        return [_json(v) for v in value]
    return value.value if isinstance(value, StrEnum) else value
