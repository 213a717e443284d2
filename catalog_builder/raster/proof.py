"""Checksums of the decoded pixels of each band, and of the mask: what a product must have in common with its source.

A layout check is no integrity check: a COG with blank tiles can be valid. Only decoded pixels prove pixels. The checksums are published
with the bands, so that whoever holds a copy in another encoding can prove it too. They are BLAKE3, because every pixel passes here
twice: once from the source, once from the product.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from blake3 import blake3
from numpy.typing import NDArray

from catalog_builder.files import MULTIHASH_BLAKE3
from catalog_builder.raster.pixels import Strip
from catalog_builder.raster.source import Header


class PixelDigest:
    """Running checksums over the strips of one raster, in row-major order, little endian: of each band, and of its mask if it has one.

    Complex integers, which NumPy does not have, are hashed as pairs of 16-bit integers, as the file stores them.
    """

    def __init__(self, header: Header) -> None:
        self._complex_int = header.data_type == "complex_int16"
        self._bands = [blake3() for _ in range(header.bands)]
        self._has_mask = header.valid_by == "mask"  # one that is made of a band is proven with it
        self._mask = blake3()

    def update_band(self, band: int, strip: Strip) -> None:
        """One band of the next strip; bands may be hashed in threads of their own."""
        self._bands[band].update(self._as_stored(strip.values[band]).data.cast("B"))

    def update_mask(self, strip: Strip) -> None:
        """The mask of the next strip, where the data set has one."""
        if self._has_mask and strip.mask is not None:
            self._mask.update(np.ascontiguousarray(strip.mask).data.cast("B"))

    def _as_stored(self, values: NDArray[Any]) -> NDArray[Any]:
        if self._complex_int:
            values = np.stack((values.real, values.imag), axis=-1).astype("<i2")
        elif sys.byteorder == "big":
            values = values.astype(values.dtype.newbyteorder("<"))
        return np.ascontiguousarray(values)

    @property
    def bands(self) -> tuple[str, ...]:
        """BLAKE3 multihash of each band."""
        return tuple(MULTIHASH_BLAKE3 + band.hexdigest() for band in self._bands)

    def difference(self, other: PixelDigest) -> str | None:
        """Which bands differ, in words, or that the mask does, or None when all is equal."""
        bands = [str(i + 1) for i, (a, b) in enumerate(zip(self.bands, other.bands, strict=True)) if a != b]
        if bands:
            return f"band {', '.join(bands)}"
        return "mask" if self._mask.digest() != other._mask.digest() else None
