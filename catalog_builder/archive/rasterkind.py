"""What the pixels of a raster mean, judged from its header and its name."""

from __future__ import annotations

import re

from catalog_builder.archive.delivery import RasterKind
from catalog_builder.archive.filenames import is_scan_name, words
from catalog_builder.archive.rasterheader import RasterHeader

ELEVATION_WORDS = frozenset(
    (
        "dem",
        "dtm",
        "dsm",
        "chm",
        "ndsm",
        "elevation",
        "height",
        "heights",
        "altitude",
        "docao",
        "srtm",
        "bathymetry",
    )
)
CATEGORY_WORDS = frozenset(
    (
        "qa",
        "bqa",
        "class",
        "classes",
        "classification",
        "classified",
        "categories",
        "landcover",
        "landuse",
        "lulc",
        "fnf",
        "mask",
        "scl",
        "phanloai",
        "lopphu",
        "hientrang",
    )
)
METRES = frozenset({"m", "metre", "metres", "meter", "meters"})
PHOTO_DRIVERS = frozenset({"PNG", "JPEG", "GIF", "WEBP", "BMP"})
"""Drivers whose palettes are a way to save space in pictures, not classes."""

MIN_SCAN_DPI = 100.0
"""Resolution tags of 72 or 96 dpi are what software writes when nobody scanned anything."""


def raster_kind(header: RasterHeader, name: str, *, is_sar: bool = False) -> RasterKind:
    """The kind of the raster called ``name``. What nothing else claims is an image."""
    if is_sar or any(dtype.startswith("complex") for dtype in header.dtypes):
        return RasterKind.SAR
    if header.driver in ("DTED", "SRTMHGT"):
        return RasterKind.ELEVATION
    said = words(name)
    if header.count == 1:
        if _is_elevation(header, said):
            return RasterKind.ELEVATION
        if _is_categorical(header, said):
            return RasterKind.CATEGORICAL
    return RasterKind.SCAN if _is_scan(header, name) else RasterKind.IMAGE


def scan_dpi(header: RasterHeader) -> float | None:
    """Pixels per inch by the resolution tags; None for absent, unitless and screen resolutions."""
    for tag, unit in (("TIFFTAG_XRESOLUTION", "TIFFTAG_RESOLUTIONUNIT"), ("EXIF_XResolution", "EXIF_ResolutionUnit")):
        try:
            value = float(header.tags.get(tag, "").strip("() "))
        except ValueError:
            continue
        dpi = {"2": value, "3": value * 2.54}.get(header.tags.get(unit, "")[:1], 0.0)
        if MIN_SCAN_DPI <= dpi < 100_000:
            return round(dpi, 3)
    return None


def _is_elevation(header: RasterHeader, said: frozenset[str]) -> bool:
    if (header.units[0] or "").lower() in METRES and header.dtypes[0] != "uint8":
        return True
    return bool(said & ELEVATION_WORDS) and header.dtypes[0] in ("float32", "float64", "int16", "int32", "uint16")


def _is_categorical(header: RasterHeader, said: frozenset[str]) -> bool:
    if header.has_palette and header.driver not in PHOTO_DRIVERS and not said & frozenset({"scan", "map", "topo"}):
        return True
    return bool(said & CATEGORY_WORDS) and header.dtypes[0] in ("uint8", "int8", "uint16", "int16")


def _is_scan(header: RasterHeader, name: str) -> bool:
    """Grey or colour of 8 bits without CRS, with a scanner's resolution or a name that speaks of film, frames or maps."""
    plain = header.crs_wkt is None and not header.has_rpc and header.count in (1, 3, 4) and set(header.dtypes) == {"uint8"}
    return plain and (scan_dpi(header) is not None or is_scan_name(name) or (header.count == 1 and _is_film_age(name)))


def _is_film_age(name: str) -> bool:
    """A grey picture named after one year before digital aerial cameras and metre-class satellites (1999)."""
    years = {int(y) for y in re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", name)}
    return len(years) == 1 and 1930 <= years.pop() < 1999
