"""The inner loops of the one-pass writer, in NumPy: halving, differencing, padding. Arrays are (bands, rows, columns)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog_builder.raster.scratch import scratch

Mask = NDArray[np.bool_]


def halved(values: NDArray[Any], valid: Mask | None, nodata: int | None, out: NDArray[Any] | None = None) -> NDArray[Any]:
    """Means of 2 x 2 pixels, rounded half up; of the valid ones only where ``valid`` (same shape, or one row of it for all bands).

    Odd last rows and columns are means of what is there. Cells without a valid pixel become ``nodata`` (0 without one); a mean that
    happens to equal ``nodata`` moves to the next value, as in GDAL. The result is written to ``out`` where given.
    """
    values = _even(values)
    if out is None:
        out = np.empty((*values.shape[:-2], values.shape[-2] // 2, values.shape[-1] // 2), values.dtype)
    if valid is None:
        _mean_of_four(values, out)
    else:
        valid = np.broadcast_to(_even(valid), values.shape)
        sums = _four(np.multiply(values, valid), np.float32)
        counts = _four(valid.view(np.uint8), np.uint8)
        # single precision is exact here: sums of four 16-bit integers have at most 20 bits, quotients are eighths at most
        np.floor((2 * sums + counts) / np.maximum(2 * counts, 1), out=out, casting="unsafe")
    limits = np.iinfo(values.dtype)
    if nodata is not None and limits.min < nodata < limits.max:  # a mean of other values is never the lowest or the highest
        out[out == nodata] = nodata + 1
    if valid is not None:
        out[counts == 0] = nodata or 0
    return out


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


def _mean_of_four(values: NDArray[Any], out: NDArray[Any]) -> None:
    """Neighbours are taken in pairs, as numbers of twice their width: their sums cannot overflow and nothing is widened by copying."""
    narrow = values.dtype
    wide = np.dtype(f"{narrow.kind}{2 * narrow.itemsize}")
    bits, two, ones = wide.type(8 * narrow.itemsize), wide.type(2), wide.type((1 << 8 * narrow.itemsize) - 1)
    if values.strides[-1] != narrow.itemsize:  # colours may come pixel by pixel
        values = np.ascontiguousarray(values)
    sums, part = (scratch(f"{purpose} of four {wide}", out.shape[-2:], wide) for purpose in ("sum", "part"))
    for band in np.ndindex(out.shape[:-2]):
        upper, lower = (values[band][row::2].view(wide) for row in (0, 1))
        np.right_shift(upper, bits, out=sums)
        sums += np.right_shift(lower, bits, out=part)
        for pairs in (upper, lower):
            if narrow.kind == "u":
                np.bitwise_and(pairs, ones, out=part)
            else:  # the sign has to come along
                np.left_shift(pairs, bits, out=part)
                part >>= bits
            sums += part
        sums += two
        sums >>= two
        out[band] = sums


def _four(values: NDArray[Any], wide: Any) -> NDArray[Any]:
    """Sums of 2 x 2 pixels, in an array that lives until this thread sums again."""
    *bands, height, width = values.shape
    rows = scratch("pairs of rows", (*bands, height // 2, width), wide)
    np.add(values[..., 0::2, :], values[..., 1::2, :], out=rows, dtype=wide)
    sums = scratch(f"fours {np.dtype(wide)}", (*bands, height // 2, width // 2), wide)
    return np.asarray(np.add(rows[..., 0::2], rows[..., 1::2], out=sums))


def interleaved(values: NDArray[Any], tile: int) -> NDArray[Any]:
    """A (tile, tile, bands) copy; beyond the raster its last row and column are repeated, which costs nothing after differencing.

    It lives until this thread asks for the next one.
    """
    bands, rows, columns = values.shape
    out = scratch("interleaved", (tile, tile, bands), values.dtype)
    for band in range(bands):
        out[:rows, :columns, band] = values[band]
    if columns < tile:
        out[:rows, columns:] = out[:rows, columns - 1 : columns]
    if rows < tile:
        out[rows:] = out[rows - 1]
    return out


def differenced(tile: NDArray[Any]) -> NDArray[Any]:
    """Horizontal differences (TIFF predictor 2) of a contiguous (rows, columns, bands) tile, until this thread asks for the next one."""
    out = scratch("differences", tile.shape, tile.dtype)
    bands, pixels, differences = tile.shape[-1], tile.ravel(), out.ravel()
    np.subtract(pixels[bands:], pixels[:-bands], out=differences[bands:])  # in one run, which NumPy takes two times faster than rows
    out[:, 0] = tile[:, 0]
    return out


def packed(valid: Mask, tile: int) -> NDArray[np.uint8]:
    """A (rows, columns) mask as the bits of a tile; beyond the raster nothing is valid."""
    full = np.zeros((tile, tile), bool)
    full[: valid.shape[0], : valid.shape[1]] = valid
    return np.packbits(full, axis=1)
