"""Proof that a product holds the pixels of its source: checksums of the decoded pixels of each band, and of the mask.

A layout check is no integrity check: a COG with blank tiles can be valid. Only decoded pixels prove pixels. What GDAL wrote is read
back with GDAL and compared by SHA-256; large files of the one-pass writer are proven by ``tile_proof``.
"""

from __future__ import annotations

import hashlib
import sys
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from catalog_builder.files import multihash
from catalog_builder.raster.pixels import Strip
from catalog_builder.raster.source import Header


class PixelDigest:
    """Running checksums over the strips of one raster, in row-major order, little endian.

    Complex integers, which NumPy does not have, are hashed as pairs of 16-bit integers, as the file stores them.
    """

    def __init__(self, header: Header) -> None:
        self._complex_int = header.data_type == "complex_int16"
        self._bands = [hashlib.sha256() for _ in range(header.bands)]
        self._mask = hashlib.sha256() if header.valid_by == "mask" else None

    def update(self, strip: Strip) -> None:
        """The next strip, all of it."""
        for band in range(len(self._bands)):
            self.update_band(band, strip)
        self.update_mask(strip)

    def update_band(self, band: int, strip: Strip) -> None:
        """One band of the next strip; bands may be hashed in threads of their own."""
        self._bands[band].update(memoryview(self._as_stored(strip.values[band])).cast("B"))

    def update_mask(self, strip: Strip) -> None:
        """The mask of the next strip."""
        if self._mask is not None and strip.mask is not None:
            self._mask.update(memoryview(np.packbits(strip.mask)).cast("B"))

    def _as_stored(self, values: NDArray[Any]) -> NDArray[Any]:
        if self._complex_int:
            values = np.stack((values.real, values.imag), axis=-1).astype("<i2")
        elif sys.byteorder == "big":
            values = values.astype(values.dtype.newbyteorder("<"))
        return np.ascontiguousarray(values)

    @property
    def bands(self) -> tuple[str, ...]:
        """SHA-256 multihash of each band."""
        return tuple(multihash(d.hexdigest()) for d in self._bands)

    @property
    def mask(self) -> str | None:
        """SHA-256 of the mask's bits, packed strip by strip; None without a mask. Comparable only under the same strip height."""
        return None if self._mask is None else self._mask.hexdigest()


class PixelChecks:
    """CRC-32 and Adler-32 of the pixels of each band in row-major order, at a twentieth of the time of SHA-256."""

    def __init__(self, bands: int) -> None:
        self._sums = [(0, 1) for _ in range(bands)]

    def update_band(self, band: int, strip: Strip) -> None:
        """One band of the next strip."""
        data = memoryview(np.ascontiguousarray(strip.values[band])).cast("B")
        crc, adler = self._sums[band]
        self._sums[band] = (imagecodecs.deflate_crc32(data, crc), imagecodecs.deflate_adler32(data, adler))

    def difference(self, other: PixelChecks) -> str | None:
        """Which bands differ, in words, or None when all are equal."""
        bands = [str(i + 1) for i, (a, b) in enumerate(zip(self._sums, other._sums, strict=True)) if a != b]
        return f"band {', '.join(bands)}" if bands else None


def difference(source: PixelDigest, product: PixelDigest) -> str | None:
    """What differs between two rasters, in words, or None when they are equal."""
    bands = [str(i + 1) for i, (a, b) in enumerate(zip(source.bands, product.bands, strict=True)) if a != b]
    if bands:
        return f"band {', '.join(bands)}"
    return "mask" if source.mask != product.mask else None
