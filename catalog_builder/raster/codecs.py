"""Tile codecs of the one-pass writer, by the names and levels of the presets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import imagecodecs
from numpy.typing import NDArray

from catalog_builder.raster.kernels import differenced
from catalog_builder.raster.presets import Preset
from catalog_builder.raster.pyramid import Encode

ISAL_LEVEL = 3
"""ISA-L writes the same DEFLATE streams as libdeflate level 1, 0.8 % larger and three times as fast (389 against 121 MB/s)."""

HAS_ISAL = hasattr(imagecodecs, "isal_encode") and bool(imagecodecs.ISAL.available)
"""The package for Python 3.11 has no ISA-L yet; libdeflate makes the same stream there, more slowly."""


def encoder(preset: Preset) -> Encode:
    """Predictor 2 and the codec of ``preset``, for integers of 8 or 16 bits."""
    if preset.codec == "JPEG":
        return jpeg_encoder(preset.level or 90)
    if preset.codec == "ZSTD":
        return _encoder(imagecodecs.zstd_encode, preset.level or 1)
    if preset.level == 1 and HAS_ISAL:
        return _encoder(imagecodecs.isal_encode, ISAL_LEVEL)
    return _encoder(imagecodecs.deflate_encode, preset.level or 6)


def deflate_encoder() -> Encode:
    """Predictor 2 and DEFLATE at a middle level, for pictures that must stay exact."""
    return _encoder(imagecodecs.deflate_encode, 6)


def _encoder(codec: Callable[..., Any], level: int) -> Encode:
    return lambda tile, room: memoryview(codec(differenced(tile), level=level, out=room))


def jpeg_encoder(quality: int) -> Encode:
    """Baseline JPEG as TIFF tiles hold it: YCbCr with halved chroma for three bands, grey for one."""

    def encode(tile: NDArray[Any], room: memoryview) -> bytes:  # libjpeg grows a buffer of its own
        if tile.shape[2] == 1:
            return bytes(imagecodecs.jpeg8_encode(tile[..., 0], level=quality))
        return bytes(imagecodecs.jpeg8_encode(tile, level=quality, colorspace="RGB", outcolorspace="YCBCR", subsampling="420"))

    return encode
