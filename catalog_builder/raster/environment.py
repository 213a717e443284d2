"""GDAL under lock: which drivers may open archive files, and what they may not do."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import rasterio
from rasterio.errors import NodataShadowWarning, NotGeoreferencedWarning, RasterioIOError
from rasterio.io import DatasetReader

SOURCE_DRIVERS = (
    "GTiff",
    "JPEG",
    "PNG",
    "JP2OpenJPEG",
    "BMP",
    "GIF",
    "BIGGIF",
    "HFA",
    "ENVI",
    "EHdr",
    "NITF",
    "AAIGrid",
    "SRTMHGT",
    "DTED",
    "WEBP",
)
"""Drivers that hold their own pixels. VRT, WMS, DIMAP, database and network drivers are absent: they can be made to read elsewhere."""

_IMAGE_PREFIXES = ("GTIFF_DIR:", "NITF_IM:")

MIB = 1 << 20
CACHE_BYTES = 256 * MIB
"""GDAL's block cache; given in bytes because rasterio passes small numbers through as bytes."""

MAX_CACHE_BYTES = 1536 * MIB
"""A JPEG 2000 scene in a single tile needs this much; larger blocks are refused (see ``source.MAX_BLOCK``)."""

_LOCKED = {
    "GDAL_VRT_ENABLE_PYTHON": "NO",
    "GDAL_VRT_ENABLE_RAWRASTERBAND": "NO",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".no-network",
    "GDAL_HTTP_MAX_RETRY": "0",
    "GDAL_MAX_DATASET_POOL_SIZE": "64",
}


@contextmanager
def locked_gdal(threads: int = 1) -> Iterator[None]:
    """GDAL without network, Python pixel functions and raw VRT bands, with a bounded cache; missing georeference is no warning.

    It decodes with ``threads``: a JPEG 2000 scene spends nearly all its time there, one of LZW or JPEG tiles a third.
    """
    with warnings.catch_warnings(), rasterio.Env(GDAL_CACHEMAX=CACHE_BYTES, GDAL_NUM_THREADS=str(max(threads, 1)), **_LOCKED):
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        warnings.simplefilter("ignore", NodataShadowWarning)  # nodata before alpha is what we do as well
        yield


@contextmanager
def decoding(needed_cache: int, *, is_compressed: bool) -> Iterator[None]:
    """What GDAL needs to decode a source well: a block cache that holds ``needed_cache`` bytes (at most :data:`MAX_CACHE_BYTES`), so that
    no block of a strip is decoded twice, and no threads of its own where nothing is compressed: it opens a TIFF in memory for every
    block that it hands to a thread, which for rows of plain pixels takes longer than reading them."""
    options: dict[str, Any] = {}
    if needed_cache > CACHE_BYTES:
        options["GDAL_CACHEMAX"] = min(needed_cache, MAX_CACHE_BYTES)
    if not is_compressed:
        options["GDAL_NUM_THREADS"] = "1"
    with rasterio.Env(**options):
        yield


def open_source(path: Path, subdataset: int = 0) -> Any:
    """Open a staged archive file with the allowed drivers only (``rasterio.open`` takes one driver, the reader behind it a list).

    ``subdataset`` counts the images of a multi-image file from 0.

    Raises:
        rasterio.errors.RasterioError: none of them reads it, or it has no such image.
    """
    dataset = DatasetReader(str(path), driver=list(SOURCE_DRIVERS))
    if subdataset == 0:
        return dataset
    with dataset:
        images = [name for name in dataset.subdatasets if name.startswith(_IMAGE_PREFIXES)]
    if subdataset >= len(images):
        raise RasterioIOError(f"the file has {max(len(images), 1)} images, number {subdataset + 1} was asked for")
    return DatasetReader(images[subdataset], driver=list(SOURCE_DRIVERS))
