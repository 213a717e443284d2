"""From pixel values to 8-bit colours. Pure arrays: no files, no GDAL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog_builder.archive.delivery import Category

Bytes = NDArray[np.uint8]

_RELIEF_STOPS = ((0.0, (38, 94, 76)), (0.15, (92, 140, 84)), (0.4, (190, 186, 120)), (0.7, (160, 116, 78)), (1.0, (244, 240, 236)))
"""Ramp from lowland green over ochre to near white, even in lightness; our own."""

_CLASS_COLOURS = ("#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#76b7b2", "#edc948", "#b07aa1", "#ff9da7", "#9c755f", "#bab0ac")
"""Tableau 10, for categories that bring no colours of their own."""

_SUN_AZIMUTH, _SUN_ELEVATION = 315.0, 45.0
"""Degrees; light from the north-west, the convention of relief maps."""


LOOKED_UP_AT_ONCE = 1 << 16
"""Pixels: NumPy widens them to 8 bytes, which should stay in the cache (half the time of a tile at once)."""


def scaled_into(out: Bytes, values: NDArray[Any], low: float, high: float) -> None:
    """As :func:`scaled`, into an array of the same shape."""
    if values.dtype == np.uint16:
        table, rows = _lookup(1 << 16, low, high), max(1, LOOKED_UP_AT_ONCE // max(values.shape[-1], 1))
        for row in range(0, len(values), rows):  # every index is in range; without a mode NumPy buffers
            np.take(table, values[row : row + rows], out=out[row : row + rows], mode="wrap")
    else:
        out[...] = scaled(values, low, high)


def scaled(values: NDArray[Any], low: float, high: float) -> Bytes:
    """``values`` (magnitudes of complex ones) linearly to 0..255 between ``low`` and ``high``; NaN becomes 0."""
    if values.dtype.kind == "c":
        values = np.abs(values)
    if values.dtype == np.uint8 and (low, high) == (0.0, 255.0):
        return np.asarray(values)
    if values.dtype in (np.dtype(np.uint8), np.dtype(np.uint16)):
        return np.take(_lookup(np.iinfo(values.dtype).max + 1, low, high), values)
    return _to_bytes(values, low, high)


@lru_cache(maxsize=8)
def _lookup(size: int, low: float, high: float) -> Bytes:
    return _to_bytes(np.arange(size), low, high)


def _to_bytes(values: NDArray[Any], low: float, high: float) -> Bytes:
    with np.errstate(invalid="ignore", over="ignore"):
        stretched = (values.astype(np.float32) - np.float32(low)) * np.float32(255.0 / (high - low))
        return np.asarray(np.nan_to_num(np.clip(stretched, 0, 255), nan=0.0) + np.float32(0.5)).astype(np.uint8)


def relief(values: NDArray[Any], low: float, high: float, spacing: float | None) -> Bytes:
    """Elevation as (3, rows, columns) colours with hill shading; ``spacing`` metres per pixel, None: no shading.

    Border rows are shaded from one side; pass one more row on each side and cut it off to avoid that.
    """
    ramp = np.stack([np.interp(np.linspace(0, 1, 256), [p for p, _ in _RELIEF_STOPS], [c[i] for _, c in _RELIEF_STOPS]) for i in range(3)])
    colours = ramp[:, scaled(values, low, high)]
    if spacing and min(values.shape) > 1:
        colours = colours * _shade(values, spacing, high - low)
    return np.clip(colours + 0.5, 0, 255).astype(np.uint8)


def _shade(heights: NDArray[Any], spacing: float, span: float) -> NDArray[np.float32]:
    """Light on slopes, 0.55..1.15. Heights are exaggerated so that the shown range reads like a slope of about one in ten."""
    exaggeration = min(max(0.1 * 200 * spacing / max(span, 1e-6), 1.0), 20.0)
    with np.errstate(invalid="ignore", over="ignore"):
        down, right = np.gradient(heights.astype(np.float32) * np.float32(exaggeration / spacing))
        azimuth, elevation = np.radians(360 - _SUN_AZIMUTH + 90), np.radians(_SUN_ELEVATION)
        slope_light = np.sin(elevation) - np.cos(elevation) * (np.cos(azimuth) * right - np.sin(azimuth) * down)
        light = slope_light / np.sqrt(1 + down * down + right * right)
    return np.asarray(0.55 + 0.6 * np.clip(np.nan_to_num(light, nan=0.7), 0, 1), dtype=np.float32)


def class_table(palette: Mapping[int, Sequence[int]] | None, categories: Sequence[Category], size: int = 256) -> Bytes:
    """(size, 3) colours per class value: the categories' own, else the file's palette, else a fixed series by order."""
    table = np.zeros((size, 3), np.uint8)
    for value, colour in (palette or {}).items():
        if 0 <= value < size:
            table[value] = colour[:3]
    for index, category in enumerate(categories):
        if not 0 <= category.value < size or (category.color is None and palette is not None):
            continue
        table[category.value] = _rgb(category.color or _CLASS_COLOURS[index % len(_CLASS_COLOURS)])
    if palette is None and not categories:
        for value in range(1, size):
            table[value] = _rgb(_CLASS_COLOURS[(value - 1) % len(_CLASS_COLOURS)])
    return table


def _rgb(colour: str) -> tuple[int, int, int]:
    digits = colour.removeprefix("#")[:6]
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def classes(values: NDArray[Any], table: Bytes) -> Bytes:
    """Class values as (3, rows, columns) colours; values outside the table wrap to its last entry."""
    return np.ascontiguousarray(table[np.clip(values.astype(np.int64), 0, len(table) - 1)].transpose(2, 0, 1))
