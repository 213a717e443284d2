"""The inner loops of the one-pass writer, in NumPy: halving, differencing, padding. Arrays are (bands, rows, columns)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def halved(values: NDArray[Any], valid: Mask | None, nodata: int | None) -> NDArray[Any]:
    """Means of 2 x 2 pixels, rounded half up; of the valid ones only where ``valid`` (same shape, or one row of it for all bands).

    Odd last rows and columns are means of what is there. Cells without a valid pixel become ``nodata`` (0 without one); a mean that
    happens to equal ``nodata`` moves to the next value, as in GDAL.
    """
    values = _even(values)
    if valid is None:
        return _mean_of_four(values)
    valid = np.broadcast_to(_even(valid), values.shape)
    sums = _four(np.where(valid, values, values.dtype.type(0)), np.int32)
    counts = _four(valid, np.int32)
    filled = np.floor_divide(2 * sums + counts, np.maximum(2 * counts, 1))
    if nodata is not None:
        step = 1 if nodata < np.iinfo(values.dtype).max else -1
        filled = np.where(filled == nodata, nodata + step, filled)
    return np.asarray(np.where(counts > 0, filled, nodata or 0).astype(values.dtype))


def halved_mask(valid: Mask) -> Mask:
    """True where any of 2 x 2 pixels is."""
    valid = _even(valid)
    rows = valid[..., 0::2, :] | valid[..., 1::2, :]
    return np.asarray(rows[..., 0::2] | rows[..., 1::2])


def _even(values: NDArray[Any]) -> NDArray[Any]:
    """With the last row or column repeated where their number is odd, so that it counts once in a mean of itself."""
    rows, columns = values.shape[-2:]
    if rows % 2 == 0 and columns % 2 == 0:
        return values
    return np.pad(values, [(0, 0)] * (values.ndim - 2) + [(0, rows % 2), (0, columns % 2)], mode="edge")


def _mean_of_four(values: NDArray[Any]) -> NDArray[Any]:
    wide = np.int32 if values.dtype.kind == "i" else np.uint16 if values.dtype.itemsize == 1 else np.uint32
    sums = _four(values, wide)
    sums += sums.dtype.type(2)
    sums >>= sums.dtype.type(2)
    return np.asarray(sums.astype(values.dtype))


def _four(values: NDArray[Any], wide: Any) -> NDArray[Any]:
    rows = np.add(values[..., 0::2, :], values[..., 1::2, :], dtype=wide)
    return np.asarray(rows[..., 0::2] + rows[..., 1::2])


def interleaved(values: NDArray[Any], tile: int) -> NDArray[Any]:
    """A (tile, tile, bands) copy; beyond the raster its last row and column are repeated, which costs nothing after differencing."""
    bands, rows, columns = values.shape
    out = np.empty((tile, tile, bands), values.dtype)
    for band in range(bands):
        out[:rows, :columns, band] = values[band]
    if columns < tile:
        out[:rows, columns:] = out[:rows, columns - 1 : columns]
    if rows < tile:
        out[rows:] = out[rows - 1]
    return out


def differenced(tile: NDArray[Any]) -> NDArray[Any]:
    """Horizontal differences (TIFF predictor 2) of a (rows, columns, bands) tile."""
    out = np.empty_like(tile)
    out[:, 0] = tile[:, 0]
    np.subtract(tile[:, 1:], tile[:, :-1], out=out[:, 1:])
    return out


def packed(valid: Mask, tile: int) -> NDArray[np.uint8]:
    """A (rows, columns) mask as the bits of a tile; beyond the raster nothing is valid."""
    full = np.zeros((tile, tile), bool)
    full[: valid.shape[0], : valid.shape[1]] = valid
    return np.packbits(full, axis=1)
