"""What the columns of an index table of aerial photographs are called, in Vietnamese and English."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

from catalog_builder.archive.filenames import fold


class Column(StrEnum):
    """What a column of an index table can mean."""

    FILE = "file"
    ROLL = "roll"
    FRAME = "frame"
    DATE = "date"
    SCALE = "scale"
    HEIGHT = "height"
    FOCAL = "focal"
    CAMERA = "camera"
    DPI = "dpi"
    PROJECT = "project"
    SHEET = "sheet"


HEADERS: Mapping[Column, tuple[str, ...]] = {
    Column.FILE: (
        "file",
        "filename",
        "file name",
        "image",
        "image name",
        "photo",
        "ten file",
        "ten tep",
        "tep",
        "ten anh",
        "file anh",
        "anh",
    ),
    Column.ROLL: (
        "roll",
        "film",
        "film roll",
        "roll no",
        "roll number",
        "cuon",
        "cuon phim",
        "so cuon",
        "so cuon phim",
        "phim",
        "ten phim",
    ),
    Column.FRAME: (
        "frame",
        "frame no",
        "frame number",
        "photo no",
        "photo number",
        "exposure",
        "so hieu anh",
        "so anh",
        "so hieu",
        "so to",
        "to anh",
        "kieu anh",
    ),
    Column.DATE: (
        "date",
        "acquisition date",
        "date taken",
        "flown",
        "flight date",
        "date flown",
        "ngay chup",
        "ngay bay",
        "ngay bay chup",
        "ngay",
        "thoi gian chup",
        "nam chup",
        "nam bay chup",
        "nam bay",
        "year",
        "nam",
    ),
    Column.SCALE: ("scale", "photo scale", "image scale", "ty le", "ti le", "ty le anh", "ti le anh", "mau so ty le"),
    Column.HEIGHT: (
        "height",
        "flight height",
        "flying height",
        "altitude",
        "flight altitude",
        "do cao bay",
        "do cao bay chup",
        "chieu cao bay",
        "do cao",
    ),
    Column.FOCAL: ("focal", "focal length", "focal length mm", "f", "f mm", "tieu cu", "tieu cu mm", "tieu cu may anh", "fk"),
    Column.CAMERA: ("camera", "camera type", "may anh", "may chup", "loai may anh", "may chup anh"),
    Column.DPI: ("dpi", "scan dpi", "resolution dpi", "scan resolution", "do phan giai quet", "do phan giai dpi"),
    Column.PROJECT: ("project", "du an", "ma du an", "project code"),
    Column.SHEET: ("sheet", "map sheet", "manh", "phien hieu", "phien hieu manh", "so hieu manh"),
}
"""Column titles without signs, units in brackets and punctuation. Vietnamese ones are the terms of photo indexes."""

_MEANING = {title: column for column, titles in HEADERS.items() for title in titles}
_DESCRIBES = frozenset(Column) - {Column.FILE, Column.FRAME, Column.ROLL}


def is_index(meaning: Mapping[Column, int]) -> bool:
    """Whether columns of these meanings make an index of frames: one that names them and one that describes them."""
    return bool({Column.FILE, Column.FRAME} & set(meaning)) and bool(_DESCRIBES & set(meaning))


def meaning_of(titles: Iterable[str]) -> dict[Column, int]:
    """The place of each column that the titles name."""
    found: dict[Column, int] = {}
    for i, title in enumerate(titles):
        words = fold(re.sub(r"[(\[].*?[)\]]", " ", title)).replace("_", " ")
        column = _MEANING.get(words)
        if column is not None:
            found.setdefault(column, i)
    return found
