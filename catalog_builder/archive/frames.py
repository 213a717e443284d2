"""Index tables of aerial photographs: one row per frame, columns in Vietnamese or English, in any order."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from catalog_builder.archive.delivery import ArchiveFile
from catalog_builder.archive.filenames import fold
from catalog_builder.archive.frame_columns import Column, is_index, meaning_of
from catalog_builder.archive.generic_findings import FRAME_DATE_UNCLEAR, FRAME_TWICE
from catalog_builder.archive.tables import TITLE_ROWS, head_rows, read_table
from catalog_builder.facts import Claim, Field, Origin, Source
from catalog_builder.findings import Finding
from catalog_builder.times import When

MAX_NUMBER_WORDS = 6
"""Words of a file name that roll and frame together may take (``KD_71_56``, ``1204``)."""


@dataclass(frozen=True, slots=True)
class FrameRow:
    """A row of an index table: its place (``row`` as a person counts) and its cells by meaning."""

    row: int
    cells: Mapping[Column, str]

    @property
    def names(self) -> tuple[str, ...]:
        """Folded names under which a file of this frame can go."""
        roll, frame, file = (fold(self.cells.get(c, "")) for c in (Column.ROLL, Column.FRAME, Column.FILE))
        stem = fold(re.sub(r"\.[A-Za-z]\w{1,4}$", "", self.cells.get(Column.FILE, "").replace("\\", "/").rsplit("/", 1)[-1]))
        return tuple(dict.fromkeys(n for n in (stem, file, roll + "_" + frame if roll and frame else "") if n))


@dataclass(frozen=True)
class FrameTable:
    """An index table and the units its titles state."""

    file: ArchiveFile
    rows: tuple[FrameRow, ...]
    titles: Mapping[Column, str] = field(default_factory=dict)

    def rows_of(self, image: ArchiveFile) -> tuple[FrameRow, ...]:
        """Rows whose file name is that of ``image``, else rows whose roll and frame numbers stand in its name."""
        exact = self._by_name.get(fold(image.stem))
        if exact:
            return tuple(exact)
        parts = [_plain(p) for p in fold(image.stem).split("_")]
        for start in range(len(parts)):
            for end in range(start + 2, min(start + MAX_NUMBER_WORDS, len(parts)) + 1):
                rows = self._by_number.get("_".join(parts[start:end]))
                if rows:
                    return tuple(rows)
        return ()

    @cached_property
    def _by_name(self) -> dict[str, list[FrameRow]]:
        found: dict[str, list[FrameRow]] = defaultdict(list)
        for row in self.rows:
            for name in row.names:
                found[name].append(row)
        return found

    @cached_property
    def _by_number(self) -> dict[str, list[FrameRow]]:
        """Rows by roll and frame, leading zeros dropped."""
        found: dict[str, list[FrameRow]] = defaultdict(list)
        for row in self.rows:
            roll, frame = fold(row.cells.get(Column.ROLL, "")), fold(row.cells.get(Column.FRAME, ""))
            if roll and frame:
                found["_".join(_plain(p) for p in f"{roll}_{frame}".split("_"))].append(row)
        return found


def read_frames(file: ArchiveFile) -> FrameTable | None:
    """``file`` as an index table; None when its titles are not those of one.

    A table needs a column that names frames (file, or frame) and one that describes them.

    Raises:
        UnreadableDelivery: it cannot be read at all.
    """
    if file.size > 0 and file.head(4) != b"PK\x03\x04" and not _has_titles(head_rows(file)):
        return None
    rows = read_table(file)
    for start, titles in enumerate(rows[:TITLE_ROWS]):
        meaning = meaning_of(titles)
        if is_index(meaning):
            body = enumerate(rows[start + 1 :], start=start + 2)
            found = tuple(FrameRow(n, {c: row[i] for c, i in meaning.items() if i < len(row) and row[i]}) for n, row in body)
            return FrameTable(file, found, {c: titles[i] for c, i in meaning.items()})
    return None


def frame_claims(table: FrameTable, rows: Sequence[FrameRow], subject: str) -> tuple[tuple[Claim, ...], tuple[Finding, ...]]:
    """What the first of ``rows`` says of its frame; the others are a finding when they say something else."""
    row = rows[0]
    findings: list[Finding] = []
    if any(dict(other.cells) != dict(row.cells) for other in rows[1:]):
        findings.append(FRAME_TWICE(subject, count=len(rows)))
    when = _when(row.cells.get(Column.DATE))
    if when is None and row.cells.get(Column.DATE):
        findings.append(FRAME_DATE_UNCLEAR(table.file.name, value=row.cells[Column.DATE]))
    said: dict[Field, tuple[object, Column]] = {
        Field.FILM_ROLL: (row.cells.get(Column.ROLL), Column.ROLL),
        Field.FRAME: (row.cells.get(Column.FRAME), Column.FRAME),
        Field.ACQUIRED: (when, Column.DATE),
        Field.PHOTO_SCALE: (_scale(row.cells.get(Column.SCALE)), Column.SCALE),
        Field.FLIGHT_HEIGHT: (_length(table, row, Column.HEIGHT, {"km": 1000.0, "ft": 0.3048}), Column.HEIGHT),
        Field.FOCAL_LENGTH: (_length(table, row, Column.FOCAL, {"cm": 10.0}), Column.FOCAL),
        Field.CAMERA: (row.cells.get(Column.CAMERA), Column.CAMERA),
        Field.SCAN_DPI: (number(row.cells.get(Column.DPI)), Column.DPI),
        Field.PROJECT: (row.cells.get(Column.PROJECT), Column.PROJECT),
        Field.MAP_SHEET: (row.cells.get(Column.SHEET), Column.SHEET),
    }
    claims = tuple(
        Claim(f, value, Source(Origin.METADATA, table.file.name, f"row {row.row}, {table.titles[column]}"))
        for f, (value, column) in said.items()
        if value is not None
    )
    return claims, tuple(findings)


def number(text: str | None) -> float | None:
    """A positive number with a decimal point or comma; thousands in groups of three are read: 1.250,5 and 12 000."""
    if not text:
        return None
    plain = re.sub(r"[\s\u00a0']", "", re.sub(r"[^\d.,\s\u00a0'-]", "", text))
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", plain):
        plain = re.sub(r"[.,]", "", plain)
    elif "," in plain and "." in plain:
        plain = plain.replace(".", "").replace(",", ".") if plain.rfind(",") > plain.rfind(".") else plain.replace(",", "")
    try:
        value = float(plain.replace(",", "."))
    except ValueError:
        return None
    return value if 0 < value < 1e9 else None


def _has_titles(rows: Iterable[Sequence[str]]) -> bool:
    return any(is_index(meaning_of(row)) for row in rows)


def _plain(word: str) -> str:
    return word.lstrip("0") or "0"


def _when(text: str | None) -> When | None:
    """A date as people in Vietnam write it: 05/06/1967 is 5 June; also ISO, month/year and year."""
    text = (text or "").strip()
    full = re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T].*)?", text)
    local = re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:\s.*)?", text)
    try:
        if full:
            day = date(int(full[1]), int(full[2]), int(full[3]))
            return When.day(day.year, day.month, day.day)
        if local:
            day = date(int(local[3]), int(local[2]), int(local[1]))
            return When.day(day.year, day.month, day.day)
        if compact := re.fullmatch(r"((?:19|20)\d\d)(\d\d)(\d\d)", text):
            return When.day(int(compact[1]), int(compact[2]), int(compact[3]))
        if month := re.fullmatch(r"(\d{1,2})[-/.](\d{4})", text):
            return When.month(int(month[2]), int(month[1]))
        if re.fullmatch(r"(?:19|20)\d\d", text):
            return When.year(int(text))
    except ValueError:
        return None
    return None


def _scale(text: str | None) -> int | None:
    """The denominator: ``1:20 000``, ``1/20.000``, ``20000``."""
    tail = re.sub(r"^\s*1\s*[:/]\s*", "", text or "")
    value = number(tail)
    return int(value) if value is not None and value >= 100 and value == int(value) else None


def _length(table: FrameTable, row: FrameRow, column: Column, units: Mapping[str, float]) -> float | None:
    """A length in the base unit of its field; a unit word in the cell or in the title's brackets changes it."""
    text = row.cells.get(column)
    value = number(text)
    if value is None:
        return None
    title = " ".join(re.findall(r"[(\[](.*?)[)\]]", table.titles.get(column, "")))
    for unit, factor in units.items():
        if re.search(rf"(?<![a-z]){unit}(?![a-z])", f"{text} {title}".lower()):
            return round(value * factor, 6)
    return value
