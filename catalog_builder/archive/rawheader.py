"""Raw pixels with a text header beside them (ENVI, Esri BIL/BIP/BSQ): recognised by the header and by their size."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from catalog_builder.archive.delivery import ArchiveFile

RAW_SUFFIXES = frozenset({"", ".img", ".bil", ".bip", ".bsq", ".dat", ".raw", ".bin", ".flt", ".envi"})
"""Usual endings of raw pixels; under any other ending the size must fit the header exactly."""

ENVI_BYTES = {1: 1, 2: 2, 3: 4, 4: 4, 5: 8, 6: 8, 9: 16, 12: 2, 13: 4, 14: 8, 15: 8}
"""Bytes of one sample by ENVI "data type" (ENVI header format description)."""

MAX_HEADER = 1 << 20


MAX_NAME = 255
"""Bytes of a file name that common file systems hold; asking for a longer one is an error, not a no."""


@dataclass(frozen=True, slots=True)
class RawHeader:
    """``size`` is the bytes that the pixels need, with the offset before them."""

    driver: str
    path: Path
    size: int


def raw_header(file: ArchiveFile) -> RawHeader | None:
    """The header that makes ``file`` an image: ``x.hdr`` or ``x.img.hdr`` for ``x.img``; None when there is none."""
    for path in (file.path.with_suffix(".hdr"), file.path.with_suffix(".HDR"), file.path.with_name(file.path.name + ".hdr")):
        if len(path.name.encode()) > MAX_NAME or path == file.path or not path.is_file() or path.stat().st_size > MAX_HEADER:
            continue
        text = path.read_bytes().decode("latin-1")
        found = _envi(text, path) or _esri(text, path)
        if found is not None and (file.suffix in RAW_SUFFIXES or file.size == found.size):
            return found
    return None


def _envi(text: str, path: Path) -> RawHeader | None:
    if not re.match(r"\s*(?:ï»¿)?ENVI\s", text):
        return None
    pairs = {k.strip().lower(): v.strip() for k, v in re.findall(r"^\s*([\w ]+?)\s*=\s*([^{\r\n]*)", text, re.MULTILINE)}
    try:
        pixels = int(pairs["samples"]) * int(pairs["lines"]) * int(pairs.get("bands", "1"))
        return RawHeader("ENVI", path, pixels * ENVI_BYTES[int(pairs["data type"])] + int(pairs.get("header offset") or 0))
    except (KeyError, ValueError):
        return None


def _esri(text: str, path: Path) -> RawHeader | None:
    pairs = {k.lower(): v for k, v in re.findall(r"^\s*(\w+)\s+(\S+)", text, re.MULTILINE)}
    try:
        pixels = int(pairs["nrows"]) * int(pairs["ncols"]) * int(pairs.get("nbands", "1"))
        bits = int(pairs.get("nbits", "32" if pairs.get("byteorder", "").lower().endswith("first") and "nbits" not in pairs else "8"))
        return RawHeader("EHdr", path, pixels * bits // 8 + int(pairs.get("skipbytes", "0")))
    except (KeyError, ValueError):
        return None
