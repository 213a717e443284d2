"""What kind of file this is, by its first bytes: the raster formats the product takes, and words for the others."""

from __future__ import annotations

import re

from catalog_builder.archive.delivery import ArchiveFile
from catalog_builder.archive.rawheader import raw_header

_SIGNATURES: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    ("GTiff", re.compile(rb"II[*+]\x00|MM\x00[*+]")),
    ("JP2OpenJPEG", re.compile(rb"\x00\x00\x00\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51")),
    ("JPEG", re.compile(rb"\xff\xd8\xff")),
    ("PNG", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("GIF", re.compile(rb"GIF8[79]a")),
    ("WEBP", re.compile(rb"RIFF....WEBP", re.DOTALL)),
    ("HFA", re.compile(rb"EHFA_HEADER_TAG")),
    ("NITF", re.compile(rb"NITF0|NSIF0")),
    ("PCIDSK", re.compile(rb"PCIDSK  ")),
    ("BMP", re.compile(rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\x00\x00\x00", re.DOTALL)),
    ("RMF", re.compile(rb"(?:RSW|MTW)\x00|\x00(?:WSR|WTM)")),
    ("ERS", re.compile(rb"\s*DatasetHeader\s+Begin", re.IGNORECASE)),
    ("DTED", re.compile(rb"UHL1")),
    ("AAIGrid", re.compile(rb"\s*ncols\s+\d", re.IGNORECASE)),
)


HGT_SIZES = frozenset({1201 * 1201 * 2, 3601 * 3601 * 2, 1801 * 3601 * 2})
"""Bytes of the SRTM .hgt tiles of 3, 1 and 1 by 2 arc seconds; the place of a tile is its name."""

_HGT_NAME = re.compile(r"[NS]\d\d[EW]\d{3}", re.IGNORECASE)


def sniff(file: ArchiveFile) -> str | None:
    """The GDAL driver for ``file`` by its content (for raw formats by the .hdr beside it); None when it is no raster we take."""
    head = file.head(512)
    for driver, pattern in _SIGNATURES:
        if pattern.match(head):
            return driver
    if file.suffix == ".hgt" and file.size in HGT_SIZES and _HGT_NAME.match(file.basename):
        return "SRTMHGT"
    raw = raw_header(file) if head else None
    return None if raw is None else raw.driver


def is_raster(file: ArchiveFile) -> bool:
    """Whether the content of ``file`` is a raster format the product takes (side files of TIFF form included)."""
    return sniff(file) is not None


def describe_content(head: bytes) -> str:
    """What the first bytes look like, in a word or two of English, for a finding."""
    if re.match(rb"\s*(?:\xef\xbb\xbf)?<(?:!doctype html|html)", head, re.IGNORECASE):
        return "HTML page"
    if head.lstrip()[:1] == b"<":
        return "XML"
    if head[:4] == b"PK\x03\x04":
        return "ZIP"
    if head and all(b in b"\t\n\r\f" or 32 <= b < 127 for b in head):
        return "plain text"
    return "zeros" if not head.strip(b"\x00") else "unknown binary data"
