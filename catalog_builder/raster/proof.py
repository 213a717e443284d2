"""Checksums of the decoded pixels of each band, and of the mask: what a product must have in common with its source.

A layout check is no integrity check: a COG with blank tiles can be valid. Only decoded pixels prove pixels. SHA-256 of the source's
pixels is published with the bands; source and product are compared by two sums that cost a twentieth of it.
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

    def update_band(self, band: int, strip: Strip) -> None:
        """One band of the next strip; bands may be hashed in threads of their own."""
        self._bands[band].update(self._as_stored(strip.values[band]).data.cast("B"))

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


class PixelChecks:
    """CRC-32 and Adler-32 of the pixels of each band, and of the mask, in row-major order.

    Equal sums of different pixels have, where the difference is an accident, a probability of about 2**-64.
    """

    def __init__(self, header: Header) -> None:
        self._bands = [(0, 1) for _ in range(header.bands)]
        self._has_mask = header.valid_by == "mask"  # one that is made of a band is proven with it
        self._mask = (0, 1)

    def update_band(self, band: int, strip: Strip) -> None:
        """One band of the next strip; bands may be taken in threads of their own."""
        self._bands[band] = _with(self._bands[band], strip.values[band])

    def update_mask(self, strip: Strip) -> None:
        """The mask of the next strip, where the data set has one."""
        if self._has_mask and strip.mask is not None:
            self._mask = _with(self._mask, strip.mask)

    def difference(self, other: PixelChecks) -> str | None:
        """Which bands differ, in words, or that the mask does, or None when all is equal."""
        bands = [str(i + 1) for i, (a, b) in enumerate(zip(self._bands, other._bands, strict=True)) if a != b]
        if bands:
            return f"band {', '.join(bands)}"
        return "mask" if self._mask != other._mask else None


def _with(sums: tuple[int, int], values: NDArray[Any]) -> tuple[int, int]:
    data = np.ascontiguousarray(values).data.cast("B")
    return imagecodecs.deflate_crc32(data, sums[0]), imagecodecs.deflate_adler32(data, sums[1])
