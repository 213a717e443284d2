"""Orthophotos that are tiled JPEG already: their tiles are copied as they are.

Decoding and storing such a scene losslessly would make it three to ten times as large for no gain, and encoding it again would lose.
Copied tiles decode to the same pixels (which is proven like for every product) at a fraction of the time. A mask of the data set,
which photogrammetry software writes around the flown area, is stored anew beside them.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from catalog_builder.archive.delivery import RasterKind, RasterSource
from catalog_builder.raster import tiff_layout as tiff
from catalog_builder.raster.presets import looks_striped
from catalog_builder.raster.source import Header

MAX_TILE_BYTES = 16 << 20
"""Bytes of one compressed tile; a 1024 px JPEG of quality 100 has about 3 MB."""

_SIDES = (128, 256, 512, 1024)
_JPEG = 7
"""TIFF compression scheme (TIFF technical note 2)."""

_MIN_IS_BLACK, _YCBCR = 1, 6
"""Photometric interpretations (TIFF 6.0)."""

_CARRIED = (tiff.BITS, tiff.COMPRESSION, tiff.PHOTOMETRIC, tiff.SAMPLES, tiff.PLANAR, tiff.JPEG_TABLES, tiff.YCBCR_SUBSAMPLING,
            tiff.REFERENCE_BLACK_WHITE, tiff.TILE_WIDTH, tiff.TILE_HEIGHT)  # fmt: skip
"""Tags that say how the tiles are encoded, and so travel with them."""


@dataclass(frozen=True, slots=True)
class JpegTiles:
    """The tiles of one file: where they lie and how they are encoded."""

    path: Path
    side: int
    tags: dict[int, tiff.Tag]
    offsets: tuple[int, ...]
    sizes: tuple[int, ...]

    def reader(self) -> Callable[[int], bytes]:
        """A function that gives the bytes of a tile by its row-major number; every call opens the file, so threads may share it."""
        size_of_file = self.path.stat().st_size

        def read(number: int) -> bytes:
            offset, size = self.offsets[number], self.sizes[number]
            if not 0 < size <= MAX_TILE_BYTES or offset + size > size_of_file:
                raise ValueError(f"tile {number} of {size} bytes lies outside the file")
            with self.path.open("rb") as stream:
                stream.seek(offset)
                return stream.read(size)

        return read

    @property
    def is_picture(self) -> bool:
        """Whether every reader takes the tiles for the colours they show: grey, or YCbCr as browsers expect in JPEG."""
        return _number(self.tags, tiff.PHOTOMETRIC) in (_MIN_IS_BLACK, _YCBCR)


def jpeg_tiles(tile_paths: tuple[Path, ...], source: RasterSource, header: Header) -> JpegTiles | None:
    """The JPEG tiles of a source that can be passed through; None for everything else."""
    plain = header.driver == "GTiff" and header.data_type == "uint8" and header.valid_by in ("all", "mask") and header.bands in (1, 3)
    if not plain or "JPEG" not in (header.compression or "") or len(tile_paths) != 1 or source.subdataset:
        return None
    if header.palette or "alpha" in header.interpretation or source.kind is RasterKind.CATEGORICAL:
        return None
    try:
        tags = tiff.read_tags(tile_paths[0])
    except (ValueError, struct.error):  # big endian, or a directory that only GDAL understands
        return None
    side = _number(tags, tiff.TILE_WIDTH)
    layout = (_number(tags, tiff.COMPRESSION), _number(tags, tiff.PLANAR, 1), _number(tags, tiff.TILE_HEIGHT))
    if side not in _SIDES or layout != (_JPEG, 1, side) or looks_striped(header.width, header.height, side):
        return None
    offsets, sizes = tiff.numbers(tags[tiff.OFFSETS]), tiff.numbers(tags[tiff.COUNTS])
    expected = -(-header.width // side) * -(-header.height // side)
    if not len(offsets) == len(sizes) == expected or 0 in sizes:
        return None
    return JpegTiles(tile_paths[0], side, {t: v for t, v in tags.items() if t in _CARRIED}, offsets, sizes)


def _number(tags: dict[int, tiff.Tag], tag: int, default: int = 0) -> int:
    return tiff.numbers(tags[tag])[0] if tag in tags else default
