"""Image formats that the product recognises and cannot, or will not, open."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass

from catalog_builder.archive.delivery import ArchiveFile
from catalog_builder.archive.xmltree import root_name


@dataclass(frozen=True, slots=True)
class Foreign:
    """``refused``: the file only describes an image elsewhere and could make GDAL read other files or hosts."""

    name: str
    refused: bool = False


_SIGNATURES: tuple[tuple[str, bytes], ...] = (
    ("MrSID", b"msid"),
    ("HDF4", b"\x0e\x03\x13\x01"),
    ("HDF5 / netCDF-4", b"\x89HDF\r\n\x1a\n"),
    ("netCDF", b"CDF\x01"),
    ("netCDF", b"CDF\x02"),
    ("netCDF", b"CDF\x05"),
    ("GRIB", b"GRIB"),
    ("LERC", b"Lerc2 "),
    ("LERC", b"CntZImage "),
    ("Surfer grid", b"DSBB"),
    ("Surfer grid", b"DSRB"),
    ("ERDAS LAN/GIS", b"HEAD74"),
    ("OpenEXR", b"\x76\x2f\x31\x01"),
    ("Photoshop", b"8BPS"),
)

_DESCRIPTIONS = {
    "VRTDataset": "VRT",
    "GDAL_WMS": "WMS",
    "GDAL_WMTS": "WMTS",
    "GDAL_WCS": "WCS",
    "WCS_GDAL": "WCS",
    "MRF_META": "MRF",
    "Capabilities": "WMTS",
    "WMT_MS_Capabilities": "WMS",
    "WMS_Capabilities": "WMS",
    "TileMap": "TMS",
    "STACIT": "STAC",
}
"""Root elements of XML files that GDAL would open as an image."""

_PDF_MAP = re.compile(rb"/LGIDict|/Subtype\s*/GEO\b|/GPTS")


def foreign_format(file: ArchiveFile) -> Foreign | None:
    """The image format of ``file`` when it is one that must be converted first or is refused; else None."""
    head = file.head(8192)
    for name, magic in _SIGNATURES:
        if head.startswith(magic):
            return Foreign(name)
    if file.suffix == ".ecw" and head[:1] == b"e":
        return Foreign("ECW")
    if file.suffix == ".sid":
        return Foreign("MrSID")
    if head.startswith(b"EHFA_HEADER_TAG") and file.suffix == ".rrd" and not _has_image(file):
        return Foreign("ERDAS IMAGINE .rrd (overviews without their .img)")
    if head.startswith(b"SQLite format 3\x00"):
        return Foreign("GeoPackage / MBTiles") if _has_tiles(file) else None
    if head.startswith(b"%PDF"):
        return Foreign("GeoPDF") if _is_map(file) else None
    return _description(file, head)


def _description(file: ArchiveFile, head: bytes) -> Foreign | None:
    if head.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] != b"<":
        return None
    root = root_name(file)
    if root in _DESCRIPTIONS and (file.suffix != ".xml" or not (root or "").endswith("Capabilities")):
        return Foreign(_DESCRIPTIONS[root], refused=True)
    return Foreign("VRT", refused=True) if file.suffix == ".vrt" else None


def _has_image(file: ArchiveFile) -> bool:
    return any(file.path.with_suffix(s).is_file() for s in (".img", ".IMG", ".tif", ".TIF"))


def _has_tiles(file: ArchiveFile) -> bool:
    """Whether an SQLite file holds image tiles; vector GeoPackages do not, and a broken file does not either."""
    uri = file.path.absolute().as_uri() + "?mode=ro&immutable=1"
    try:
        connection = sqlite3.connect(uri, uri=True)
    except sqlite3.Error:
        return False
    try:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') LIMIT 10000")}
        if "gpkg_contents" not in tables:
            return {"tiles", "metadata"} <= tables
        kinds = {row[0] for row in connection.execute("SELECT DISTINCT data_type FROM gpkg_contents LIMIT 100")}
        return bool(kinds & {"tiles", "2d-gridded-coverage"})
    except sqlite3.Error:
        return False
    finally:
        connection.close()


def _is_map(file: ArchiveFile) -> bool:
    """Whether a PDF carries map coordinates (OGC or Adobe georeference) in its first or last megabyte."""
    with file.path.open("rb") as stream:
        start = stream.read(1 << 20)
        stream.seek(max(0, file.size - (1 << 20)))
        return bool(_PDF_MAP.search(start) or _PDF_MAP.search(stream.read(1 << 20)))
