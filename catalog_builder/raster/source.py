"""The pixels of one source raster, opened safely and described before anything is read."""

from __future__ import annotations

import math
import os
import shutil
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from rasterio._err import CPLE_BaseError
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.errors import RasterioError

from catalog_builder.archive.delivery import RasterKind, RasterSource
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.findings import Finding, printable
from catalog_builder.raster import findings
from catalog_builder.raster.environment import open_source
from catalog_builder.raster.options import MAX_SIDE, RasterOptions

RASTER_ERRORS = (RasterioError, CPLE_BaseError, ValueError)
"""What GDAL says of a raster; rasterio lets some of its errors through unwrapped and reports some as ValueError."""

GDAL_ERRORS = (*RASTER_ERRORS, OSError)
"""What reading a damaged raster may raise, where no file of our own is written meanwhile. Want of memory is never its fault."""

MAX_BLOCK = 1 << 30
"""Bytes of one block (strip or tile); a header that needs more to read one pixel is refused."""

Affine6 = tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Header:
    """What a raster says of itself. ``valid_by`` tells how pixels are marked as data: "all", "nodata", "mask", "alpha" or "nan".

    ``transform`` is None without a map grid; ``wkt`` the CRS of the map grid, else of the ground control points.
    """

    width: int
    height: int
    data_type: str
    nodata: float | None
    transform: Affine6 | None
    wkt: str | None
    gcps: int
    rpc: bool
    interpretation: tuple[str, ...]
    descriptions: tuple[str | None, ...]
    scales: tuple[float, ...]
    offsets: tuple[float, ...]
    units: tuple[str | None, ...]
    palette: bool
    valid_by: str
    bits: int | None
    driver: str
    block: tuple[int, int]
    compression: str | None

    @property
    def bands(self) -> int:
        return len(self.interpretation)

    @property
    def is_complex(self) -> bool:
        return self.data_type.startswith("complex")

    @property
    def is_compressed(self) -> bool:
        """Whether reading means decoding; of formats other than TIFF this is assumed."""
        return self.driver != "GTiff" or self.compression is not None

    @property
    def ground_control(self) -> str | None:
        """How a raster without a map grid is tied to the ground: "gcp", "rpc" or None."""
        if self.transform is not None:
            return None
        return "gcp" if self.gcps else "rpc" if self.rpc else None

    @property
    def cache_bytes(self) -> int:
        """What GDAL must hold to decode every block once while strips are read: one row of blocks, and some room."""
        across = -(-self.width // self.block[1]) * self.block[1]
        return self.block[0] * across * self.bands * item_size(self.data_type) * 5 // 4

    @property
    def raw_bytes(self) -> int:
        return self.width * self.height * self.bands * item_size(self.data_type)


def item_size(data_type: str) -> int:
    """Bytes per pixel of a rasterio data type."""
    return 4 if data_type == "complex_int16" else int(np.dtype(data_type).itemsize)


def read_header(path: Path, subject: str, subdataset: int = 0) -> Header:
    """Open one raster file with the allowed drivers and describe it.

    Raises:
        UnreadableDelivery: no allowed driver opens it, or it claims blocks that no machine should allocate.
    """
    try:
        with open_source(path, subdataset) as dataset:
            header = describe_dataset(dataset)
    except GDAL_ERRORS as error:
        raise UnreadableDelivery(findings.UNREADABLE(subject, problem=problem_of(error, path))) from error
    size = math.prod(header.block) * header.bands * item_size(header.data_type)
    if size > MAX_BLOCK:
        raise UnreadableDelivery(findings.BLOCK_TOO_LARGE(subject, width=header.block[1], height=header.block[0], size=size))
    return header


def require_one_mask(path: Path, subject: str, subdataset: int = 0) -> None:
    """Bands may have masks of their own, but those of one COG are the same.

    Raises:
        UnreadableDelivery: they are not, or cannot be read.
    """
    try:
        with open_source(path, subdataset) as dataset:
            if dataset.count == 1 or MaskFlags.per_dataset in dataset.mask_flag_enums[0]:
                return
            for _, window in dataset.block_windows(1):
                first, *others = dataset.read_masks(window=window)
                if any(not np.array_equal(first, other) for other in others):
                    raise UnreadableDelivery(findings.BAND_MASKS(subject))
    except GDAL_ERRORS as error:
        raise UnreadableDelivery(findings.UNREADABLE_PIXELS(subject, problem=problem_of(error, path))) from error


def describe_dataset(dataset: Any) -> Header:
    """The header of an open dataset of any driver."""
    gcps, gcp_crs = dataset.gcps
    transform = None if _identity(dataset) else tuple(dataset.transform)[:6]
    crs = dataset.crs or (gcp_crs if gcps else None)
    types = set(dataset.dtypes)
    interpretation = tuple(c.name for c in dataset.colorinterp)
    return Header(
        width=dataset.width,
        height=dataset.height,
        data_type=dataset.dtypes[0] if len(types) == 1 else _common_type(types),
        nodata=dataset.nodata,
        transform=transform,
        wkt=crs.to_wkt() if crs else None,
        gcps=len(gcps),
        rpc=dataset.rpcs is not None,
        interpretation=interpretation,
        descriptions=tuple(dataset.descriptions),
        scales=tuple(float(s) for s in dataset.scales),
        offsets=tuple(float(o) for o in dataset.offsets),
        units=tuple(u or None for u in dataset.units),
        palette=ColorInterp.palette.name in interpretation,
        valid_by=_valid_by(dataset),
        bits=_bits(dataset),
        driver=dataset.driver,
        block=(int(dataset.block_shapes[0][0]), int(dataset.block_shapes[0][1])),
        compression=dataset.tags(ns="IMAGE_STRUCTURE").get("COMPRESSION"),
    )


def _common_type(types: set[str]) -> str:
    return str(np.result_type(*(np.dtype(t) for t in types)))


def _identity(dataset: Any) -> bool:
    return bool(dataset.transform.is_identity)


def _valid_by(dataset: Any) -> str:
    flags = dataset.mask_flag_enums[0]
    if MaskFlags.alpha in flags:
        return "alpha"
    if MaskFlags.nodata in flags:
        return "nodata"
    if MaskFlags.all_valid in flags:
        return "nan" if np.dtype(_numpy_type(dataset.dtypes[0])).kind == "f" else "all"
    return "mask"


def _numpy_type(data_type: str) -> str:
    return "complex64" if data_type == "complex_int16" else data_type


def _bits(dataset: Any) -> int | None:
    value = dataset.tags(1, ns="IMAGE_STRUCTURE").get("NBITS")
    return int(value) if value and value.isdigit() else None


def check_limits(header: Header, options: RasterOptions, folder: Path, subject: str) -> None:
    """Refuse what would exhaust memory or disk, before reading one pixel.

    Raises:
        UnreadableDelivery: the raster is too large for the limit or for the disk.
    """
    if header.width * header.height > options.max_pixels or max(header.width, header.height) > MAX_SIDE:
        size = {"width": header.width, "height": header.height, "bands": header.bands}
        raise UnreadableDelivery(findings.TOO_LARGE(subject, **size, limit=options.max_pixels))
    needed = header.raw_bytes * 3 // 2  # product, overviews and the working files of the visual copy
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise UnreadableDelivery(findings.DISK_SPACE(subject, needed=needed, free=free))


def merged_header(headers: list[Header], source: RasterSource, subject: str) -> Header:
    """The header of the one grid that R#C# tiles form, placed by ``source.offsets`` (row, column of each first pixel).

    Raises:
        UnreadableDelivery: tiles of different type, overlapping or leaving gaps.
    """
    if len(headers) == 1:
        return headers[0]
    origin = source.offsets.index(min(source.offsets)) if source.offsets else 0
    first = headers[origin]
    if len(source.offsets) != len(headers):
        raise UnreadableDelivery(findings.TILES_UNPLACED(subject, count=len(headers)))
    if len({(h.data_type, h.bands, h.wkt, h.nodata) for h in headers}) > 1:
        raise UnreadableDelivery(findings.TILES_DIFFER(subject))
    width = max(c + h.width for h, (_, c) in zip(headers, source.offsets, strict=True))
    height = max(r + h.height for h, (r, _) in zip(headers, source.offsets, strict=True))
    boxes = [(r, c, r + h.height, c + h.width) for h, (r, c) in zip(headers, source.offsets, strict=True)]
    if sum(h.width * h.height for h in headers) != width * height or any(_overlap(a, b) for a, b in combinations(boxes, 2)):
        raise UnreadableDelivery(findings.TILES_GAPS(subject, count=len(headers), width=width, height=height))
    _require_places(first, headers, source)
    masked = any(h.valid_by == "mask" for h in headers)  # tiles in which everything is data may lack the mask of the others
    return replace(first, width=width, height=height, valid_by="mask" if masked else first.valid_by)


def _require_places(first: Header, headers: list[Header], source: RasterSource) -> None:
    """Each tile with a map grid of its own must lie where the tiling puts it.

    Raises:
        UnreadableDelivery: a tile lies a pixel or more elsewhere; nothing tells which of the two places is right.
    """
    if first.transform is None:
        return
    a, b, c, d, e, f = first.transform
    home = min(source.offsets)
    for header, tile, (row, column) in zip(headers, source.tiles, source.offsets, strict=True):
        if header.transform is None:
            continue
        x, y = header.transform[2] - c, header.transform[5] - f
        if a * e == b * d:  # no pixel size at all: the check of the georeference says so
            return
        columns = (x * e - y * b) / (a * e - b * d) - (column - home[1])
        rows = (y * a - x * d) / (a * e - b * d) - (row - home[0])
        if max(abs(columns), abs(rows)) >= 1:
            raise UnreadableDelivery(findings.TILES_MISPLACED(tile.name, columns=round(columns, 1), rows=round(rows, 1)))


def _overlap(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> bool:
    """Whether two boxes (first row, first column, end row, end column) share a pixel."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def with_declared_nodata(header: Header, source: RasterSource, subject: str) -> tuple[Header, list[Finding]]:
    """The header with the nodata value that the delivery declares (else the file's own), unless no pixel can hold it."""
    nodata = header.nodata if source.nodata is None else source.nodata
    found: list[Finding] = []
    if nodata is not None and not _can_occur(nodata, header.data_type):
        found.append(findings.NODATA_IGNORED(subject, nodata=f"{nodata:g}", data_type=header.data_type))
        nodata = None
    valid_by = header.valid_by
    if valid_by == "alpha" and nodata is not None:  # GDAL too believes nodata before alpha
        valid_by = "nodata"
    if valid_by in ("nodata", "all", "nan"):
        valid_by = "nodata" if nodata is not None else "nan" if header.data_type.startswith("float") else "all"
    return replace(header, nodata=nodata, valid_by=valid_by), found


def _can_occur(value: float, data_type: str) -> bool:
    """Whether ``value`` can occur in pixels of ``data_type``."""
    if np.dtype(_numpy_type(data_type)).kind in "fc":
        return True
    info = np.iinfo(data_type)
    return float(value).is_integer() and info.min <= value <= info.max


def overviews_of(kind: RasterKind, header: Header, preset_choice: str) -> str:
    """Overview resampling that invents no values: class codes and palettes are never averaged, complex values neither."""
    if header.is_complex or header.palette or (header.bits == 1):
        return "MODE" if kind is RasterKind.CATEGORICAL and not header.is_complex else "NEAREST"
    return preset_choice


def not_written(subject: str, error: BaseException, *paths: Path) -> Finding:
    """Why a product could not be written: the system says that the disk does not take it, or GDAL that it cannot."""
    kind = findings.WRITER_FAILED if isinstance(error, RASTER_ERRORS) else findings.NOT_WRITTEN
    return kind(subject, problem=problem_of(error, *paths))


def problem_of(error: BaseException, *paths: Path) -> str:
    """One line about ``error`` with no path of this machine in it: ``paths`` are files that it may name, or folders of such files."""
    text = str(error.__cause__ or error) or type(error).__name__
    for path in paths:
        text = text.replace(f"{path}{os.sep}", "").replace(str(path), path.name).replace(str(path.parent), "")
    return printable(text.splitlines()[0] if text else "", 200).rstrip(".")
