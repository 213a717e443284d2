"""Opening an untrusted raster for its header: named drivers only, recognised by content, nothing fetched, nothing written.

The driver follows from the first bytes, never from the name, and only drivers whose format cannot point to other files or
hosts are in the list. Formats that can (VRT, WMS and their like) have no entry; the few listed formats with pointers inside
(PCIDSK, ERS, PAM side files) are looked at before GDAL sees them.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from rasterio._err import CPLE_BaseError
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from catalog_builder.archive.delivery import ArchiveFile
from catalog_builder.archive.generic_findings import (
    CONVERT_FIRST,
    RASTER_EMPTY,
    RASTER_NOT_RECOGNISED,
    RASTER_POINTS_OUTSIDE,
    RASTER_TOO_LARGE,
    RASTER_TRUNCATED,
    RASTER_UNREADABLE,
)
from catalog_builder.archive.pointers import check_side_files
from catalog_builder.archive.rastersniff import describe_content, sniff
from catalog_builder.archive.rawheader import raw_header
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.findings import Finding

MAX_SIDE = 2**31 - 1
"""Pixels of one side: GDAL's raster sizes are signed 32-bit."""

MAX_PIXELS = 40_000_000_000
"""Pixels of one raster (width x height). The whole province at 0.5 m is 25 thousand million; beyond this it is a bomb."""

MAX_BLOCK_BYTES = 2**30
"""Decoded bytes of one block of all bands: one is needed whole in memory, and no producer writes larger ones."""

MAX_BLOCKS_PROBED = 4096
"""Blocks of a TIFF whose position is compared with the end of the file; of more, an even sample is."""

UNDECODABLE = {"LERC": "LERC", "LERC_DEFLATE": "LERC", "LERC_ZSTD": "LERC", "SGILOG": "SGILOG", "SGILOG24": "SGILOG"}
"""TIFF codecs whose header opens and whose pixels the GDAL of the rasterio wheels cannot decode or decodes to other values."""

ENVIRONMENT: Mapping[str, str] = {
    "GDAL_VRT_ENABLE_PYTHON": "NO",
    "GDAL_VRT_ENABLE_RAWRASTERBAND": "NO",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "CPL_CURL_ENABLE_VSIMEM": "NO",
    "GDAL_HTTP_TIMEOUT": "1",
    "GDAL_HTTP_MAX_RETRY": "0",
    "GDAL_PAM_ENABLED": "YES",  # .aux.xml is read (after :func:`check_side_files`); headers alone never make PAM write
    "GDAL_DISABLE_READDIR_ON_OPEN": "FALSE",  # side files are searched beside the raster, whatever their case
    "GTIFF_HONOUR_NEGATIVE_SCALEY": "YES",
    "JPEGMEM": "500M",
    "GDAL_MAX_DATASET_POOL_SIZE": "32",
}
"""GDAL options in force whenever an archive file is open. GDAL documents them under "Configuration options"."""

IMAGE_PREFIXES = ("GTIFF_DIR:", "NITF_IM:")
"""Subdataset names that mean another image of the same file."""


@dataclass(frozen=True, slots=True)
class HeaderGcp:
    """A ground control point inside the raster: pixel position (top left corner is 0, 0) and ground position."""

    column: float
    row: float
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class RasterHeader:
    """What the header of one raster (or image of a multi-image file) says. ``transform`` is (a, b, c, d, e, f), pixel to CRS
    units; None while the raster is not georeferenced. Per-band tuples have ``count`` entries. ``bits`` are significant bits."""

    driver: str
    width: int
    height: int
    count: int
    dtypes: tuple[str, ...]
    crs_wkt: str | None
    transform: tuple[float, float, float, float, float, float] | None
    gcps: tuple[HeaderGcp, ...]
    gcp_crs_wkt: str | None
    has_rpc: bool
    nodata: tuple[float | None, ...]
    descriptions: tuple[str | None, ...]
    color_interpretation: tuple[str, ...]
    scales: tuple[float, ...]
    offsets: tuple[float, ...]
    units: tuple[str | None, ...]
    has_palette: bool
    tags: Mapping[str, str]
    mask_flags: tuple[tuple[str, ...], ...]
    block_shape: tuple[int, int]
    subdatasets: tuple[str, ...]
    bits: tuple[int | None, ...]
    compression: str | None

    @property
    def images(self) -> int:
        """Images in the file: TIFF pages that are not overviews or masks, NITF segments."""
        return max(1, sum(name.startswith(IMAGE_PREFIXES) for name in self.subdatasets))


@contextmanager
def open_raster(file: ArchiveFile, subdataset: int | None = None) -> Iterator[rasterio.DatasetReader]:
    """``file`` opened read-only with the one driver its content asks for, inside :data:`ENVIRONMENT`.

    Raises:
        UnreadableDelivery: empty, not a raster, unreadable, or it would make GDAL look at other files.
    """
    driver = _driver(file)
    check_side_files(file)
    with rasterio.Env(**ENVIRONMENT), warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # a fact of the header, not a surprise
        try:
            dataset = rasterio.open(_dataset_path(file, subdataset), driver=driver)
        except (RasterioError, UnicodeDecodeError) as problem:  # damaged bytes reach even GDAL's messages
            raise UnreadableDelivery(_open_failed(file, str(problem))) from problem
        try:
            yield dataset
        finally:
            dataset.close()


def read_header(file: ArchiveFile, subdataset: int | None = None) -> RasterHeader:
    """The header of ``file``; ``subdataset`` (from 0) chooses an image of a multi-image TIFF.

    Raises:
        UnreadableDelivery: as :func:`open_raster`, and when the size is beyond the limits, the file is cut short, or its
            codec is not in this GDAL.
    """
    with open_raster(file, subdataset) as dataset:
        try:
            header = _header(dataset)
        except (RasterioError, CPLE_BaseError, ValueError) as problem:  # CRSError is a ValueError; properties raise GDAL's own errors
            raise UnreadableDelivery(RASTER_UNREADABLE(file.name, problem=_short(str(problem), file))) from problem
        _check_size(file, header)
        if header.compression in UNDECODABLE:
            raise UnreadableDelivery(CONVERT_FIRST(file.name, format=UNDECODABLE[header.compression]))
        if header.driver == "GTiff":
            _check_complete(file, dataset)
        raw = raw_header(file) if header.driver in ("ENVI", "EHdr") else None
        if raw is not None and file.size < raw.size:
            raise UnreadableDelivery(RASTER_TRUNCATED(file.name, size=file.size, needed=raw.size))
    return header


def _driver(file: ArchiveFile) -> str:
    if file.size == 0:
        raise UnreadableDelivery(RASTER_EMPTY(file.name))
    driver = sniff(file)
    if driver is None:
        raise UnreadableDelivery(RASTER_NOT_RECOGNISED(file.name, content=describe_content(file.head(512))))
    if driver == "PCIDSK" and file.head(368)[360:368].strip() == b"FILE":
        raise UnreadableDelivery(RASTER_POINTS_OUTSIDE(file.name, other="PCIDSK FILE"))
    if driver == "ERS" and re.search(rb"DataFile\s*=|algorithm", file.head(1 << 16), re.IGNORECASE):
        raise UnreadableDelivery(RASTER_POINTS_OUTSIDE(file.name, other="ERS DataFile"))
    return driver


def _dataset_path(file: ArchiveFile, subdataset: int | None) -> Path | str:
    path = file.path.absolute()
    if not subdataset:
        return path
    return f"NITF_IM:{subdataset}:{path}" if sniff(file) == "NITF" else f"GTIFF_DIR:{subdataset + 1}:{path}"


def _header(dataset: rasterio.DatasetReader) -> RasterHeader:
    points, gcp_crs = dataset.gcps
    indexes = dataset.indexes
    structure = dataset.tags(ns="IMAGE_STRUCTURE")
    interpretation = tuple(c.name for c in dataset.colorinterp)
    return RasterHeader(
        driver=dataset.driver,
        width=dataset.width,
        height=dataset.height,
        count=dataset.count,
        dtypes=tuple(dataset.dtypes),
        crs_wkt=dataset.crs.to_wkt() if dataset.crs else None,
        transform=None if dataset.transform.is_identity else tuple(dataset.transform)[:6],
        gcps=tuple(HeaderGcp(p.col, p.row, p.x, p.y) for p in points),
        gcp_crs_wkt=gcp_crs.to_wkt() if gcp_crs else None,
        has_rpc=bool(dataset.tags(ns="RPC")),
        nodata=tuple(dataset.nodatavals),
        descriptions=_texts(dataset, "descriptions"),
        color_interpretation=interpretation,
        scales=tuple(dataset.scales),
        offsets=tuple(dataset.offsets),
        units=_texts(dataset, "units"),
        has_palette="palette" in interpretation,
        tags=_tags(dataset),
        mask_flags=tuple(tuple(f.name for f in flags) for flags in dataset.mask_flag_enums),
        block_shape=tuple(dataset.block_shapes[0]) if dataset.count else (0, 0),
        subdatasets=tuple(dataset.subdatasets),
        bits=tuple(_bits(dataset.tags(i, ns="IMAGE_STRUCTURE").get("NBITS")) for i in indexes),
        compression=structure.get("COMPRESSION"),
    )


def _tags(dataset: rasterio.DatasetReader) -> dict[str, str]:
    """Tags of the default domain and of EXIF, and those of an ENVI header as ``ENVI_<key>``."""
    tags = {**dataset.tags(), **dataset.tags(ns="EXIF")}
    tags |= {f"ENVI_{key}": value for key, value in dataset.tags(ns="ENVI").items()}
    return dict(sorted(tags.items()))


def _texts(dataset: rasterio.DatasetReader, name: str) -> tuple[str | None, ...]:
    """A text per band; none where the file holds them in another encoding than UTF-8, as rasterio leaves out such tags."""
    try:
        texts: list[str | None] = list(getattr(dataset, name))
    except UnicodeDecodeError:
        return (None,) * int(dataset.count)
    return tuple(text or None for text in texts)


def _itemsize(dtype: str) -> int:
    return 4 if dtype == "complex_int16" else int(np.dtype(dtype).itemsize)


def _bits(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None


def _check_size(file: ArchiveFile, header: RasterHeader) -> None:
    rows, columns = header.block_shape
    block = rows * columns * sum(_itemsize(dtype) for dtype in header.dtypes)
    if max(header.width, header.height) > MAX_SIDE or header.width * header.height > MAX_PIXELS:
        raise UnreadableDelivery(RASTER_TOO_LARGE(file.name, width=header.width, height=header.height, limit=MAX_PIXELS))
    if block > MAX_BLOCK_BYTES:
        raise UnreadableDelivery(RASTER_TOO_LARGE(file.name, width=columns, height=rows, limit=MAX_BLOCK_BYTES))


def _check_complete(file: ArchiveFile, dataset: rasterio.DatasetReader) -> None:
    """A TIFF whose header is whole may still have lost its end: no block may lie behind the end of the file."""
    rows, columns = dataset.block_shapes[0]
    down, across = -(-dataset.height // rows), -(-dataset.width // columns)
    blocks = down * across
    for number in range(0, blocks, max(1, blocks // MAX_BLOCKS_PROBED)):
        _check_block(file, dataset, number % across, number // across)
    _check_block(file, dataset, across - 1, down - 1)


def _check_block(file: ArchiveFile, dataset: rasterio.DatasetReader, column: int, row: int) -> None:
    offset = dataset.get_tag_item(f"BLOCK_OFFSET_{column}_{row}", "TIFF", bidx=dataset.count)
    size = dataset.get_tag_item(f"BLOCK_SIZE_{column}_{row}", "TIFF", bidx=dataset.count)
    if offset is not None and size is not None and int(offset) + int(size) > file.size:
        raise UnreadableDelivery(RASTER_TRUNCATED(file.name, size=file.size, needed=int(offset) + int(size)))


def _open_failed(file: ArchiveFile, problem: str) -> Finding:
    codec = re.search(r"missing codec (?:of code )?(\w+)", problem)
    if codec:
        return CONVERT_FIRST(file.name, format=f"TIFF ({codec.group(1)})")
    return RASTER_UNREADABLE(file.name, problem=_short(problem, file))


def _short(problem: str, file: ArchiveFile) -> str:
    """GDAL's words without the path on this machine."""
    return problem.replace(str(file.path.absolute()), file.basename).replace(str(file.path), file.basename)
