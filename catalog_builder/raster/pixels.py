"""Reading pixels in strips: whole rows from top to bottom, so memory stays bounded and checksums see row-major order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.windows import Window

from catalog_builder.raster.presets import TILE
from catalog_builder.raster.source import Header, item_size

STRIP_BYTES = 128 << 20
"""Bytes of one strip of all bands; with GDAL's cache this bounds the memory of a conversion."""


@dataclass(frozen=True, slots=True)
class Strip:
    """Rows ``row``.. of all bands: ``values`` (bands, rows, columns) and ``mask`` (rows, columns) of the data set where it has one."""

    row: int
    values: NDArray[Any]
    mask: NDArray[np.bool_] | None

    def valid(self, header: Header, band: int) -> NDArray[np.bool_] | None:
        """Which pixels of ``band`` (from 0) hold data; None when all do."""
        if self.mask is not None:
            return None if header.interpretation[band] == "alpha" else self.mask
        values = self.values[band]
        if header.valid_by == "nodata" and header.nodata is not None:
            return _differs(values, header.nodata)
        if values.dtype.kind in "fc":
            bad = np.isnan(values)
            return ~bad if bad.any() else None
        return None

    def any_valid(self, header: Header) -> NDArray[np.bool_] | None:
        """Pixels that hold data in at least one band; None when all do."""
        if self.mask is not None:
            return self.mask
        merged: NDArray[np.bool_] | None = None
        for band in range(len(self.values)):
            valid = self.valid(header, band)
            if valid is None:
                return None
            merged = valid if merged is None else np.logical_or(merged, valid, out=merged)
            if merged.all():  # usually after the first band
                return None
        return merged


def strip_of(row: int, values: NDArray[Any], header: Header, dataset: Any = None) -> Strip:
    """A strip of whole rows whose pixels were read already; its mask is in an alpha band or still to be read from ``dataset``."""
    marks: NDArray[np.bool_] | None = None
    if header.valid_by == "alpha":
        marks = values[-1] > 0
        marks = None if marks.all() else marks  # nothing to leave out, which is quicker
    elif header.valid_by == "mask":
        marks = dataset.read_masks(1, window=Window(0, row, header.width, values.shape[1])) > 0
    return Strip(row, values, marks)


def _differs(values: NDArray[Any], nodata: float) -> NDArray[np.bool_]:
    if values.dtype.kind in "fc":
        bad = np.isnan(values)
        if not np.isnan(nodata):
            bad |= values == _as_stored(nodata, values.dtype)
        return np.asarray(~bad)
    return np.asarray(values != values.dtype.type(int(nodata)))


def _as_stored(nodata: float, dtype: np.dtype[Any]) -> Any:
    """``nodata`` as pixels of ``dtype`` hold it; a double just beyond the largest float is that largest float."""
    if dtype.kind == "c":
        return nodata
    limit = float(np.finfo(dtype).max)
    return dtype.type(nodata if np.isinf(nodata) else min(max(nodata, -limit), limit))


def strip_rows(header: Header) -> int:
    """Rows per strip: a multiple of the tile height where memory allows, else a power-of-two part of it."""
    row_bytes = header.width * header.bands * item_size(header.data_type)
    rows = TILE
    while rows > 1 and rows * row_bytes > STRIP_BYTES:
        rows //= 2
    while rows >= TILE and rows * 2 * row_bytes <= STRIP_BYTES // 4 and rows < 4096:
        rows *= 2
    return rows


def strips(dataset: Any, header: Header) -> Iterator[Strip]:
    """All pixels of an open dataset that has ``header``, from top to bottom.

    Raises:
        rasterio.errors.RasterioError: the pixels cannot be read.
    """
    rows = strip_rows(header)
    alpha = header.interpretation.index("alpha") if header.valid_by == "alpha" and "alpha" in header.interpretation else None
    for row in range(0, header.height, rows):
        window = Window(0, row, header.width, min(rows, header.height - row))
        values = dataset.read(window=window)
        mask: NDArray[np.bool_] | None = None
        if alpha is not None:
            mask = values[alpha] > 0
        elif header.valid_by == "mask":
            mask = dataset.read_masks(1, window=window) > 0
        yield Strip(row, values, mask)
