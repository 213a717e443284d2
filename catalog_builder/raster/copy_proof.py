"""Proof of a product whose JPEG tiles were copied: the bytes on disk are those of the source.

What a JPEG tile decodes to is decided by its bytes and by the tags that say how tiles are encoded. The product is read from disk once,
for its checksum, and both are compared with the source for every tile, which is exact and needs no decoding. That GDAL finds
the tiles where they belong is shown by a sample: tiles from all over the raster that must have the same pixels in both files. A mask
is not copied but stored anew, so GDAL reads all of it in both files.
"""

from __future__ import annotations

import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import rasterio
from rasterio.windows import Window

from catalog_builder.errors import UnreadableDelivery
from catalog_builder.files import StoredFile, describe
from catalog_builder.raster import findings
from catalog_builder.raster import tiff_layout as tiff
from catalog_builder.raster.jpeg_tiles import JpegTiles
from catalog_builder.raster.presets import TILE
from catalog_builder.raster.source import GDAL_ERRORS, Header, problem_of
from catalog_builder.raster.tile_proof import SAMPLES


def prove_copied(product: Path, vrt: Path, kept: JpegTiles, header: Header, subject: str) -> StoredFile:
    """Compare the tiles of ``product`` with those that were kept; returns its size and checksum.

    Raises:
        UnreadableDelivery: they differ or cannot be read.
    """
    try:
        with ThreadPoolExecutor(2) as beside:
            described, compared = beside.submit(describe, product), beside.submit(_differing_tile, product, kept)
            what = _differing_tags(product, kept, header) or _differing_pixels(product, vrt, kept, header)
            what = compared.result() or what or _differing_mask(product, vrt, header)
            stored = described.result()
    except (*GDAL_ERRORS, struct.error, KeyError) as error:
        raise UnreadableDelivery(findings.UNREADABLE_PIXELS(subject, problem=problem_of(error, product, vrt))) from error
    if what:
        raise UnreadableDelivery(findings.PIXELS_DIFFER(subject, what=what))
    return stored


def _differing_tags(product: Path, kept: JpegTiles, header: Header) -> str | None:
    tags = tiff.read_tags(product)
    expected = {t: (value[0], value[2]) for t, value in kept.tags.items()}
    found = {t: (tags[t][0], tags[t][2]) for t in expected if t in tags}
    sized = tiff.numbers(tags[tiff.WIDTH]) == (header.width,) and tiff.numbers(tags[tiff.HEIGHT]) == (header.height,)
    return None if found == expected and sized else "tags"


def _differing_tile(product: Path, kept: JpegTiles) -> str | None:
    tags = tiff.read_tags(product)
    offsets, sizes = tiff.numbers(tags[tiff.OFFSETS]), tiff.numbers(tags[tiff.COUNTS])
    if sizes != kept.sizes or len(offsets) != len(sizes):
        return "tiles"
    read = kept.reader()
    with product.open("rb") as stream:
        for number, (offset, size) in enumerate(zip(offsets, sizes, strict=True)):
            stream.seek(offset)
            if stream.read(size) != read(number):
                return f"tile {number}"
    return None


def _differing_pixels(product: Path, vrt: Path, kept: JpegTiles, header: Header) -> str | None:
    across = -(-header.width // kept.side)
    numbers = {int(n) for n in np.linspace(0, len(kept.sizes) - 1, SAMPLES)}
    with rasterio.open(product, driver="GTiff") as ours, rasterio.open(vrt, driver="VRT") as theirs:
        for number in sorted(numbers):
            row, column = number // across * kept.side, number % across * kept.side
            window = Window(column, row, min(kept.side, header.width - column), min(kept.side, header.height - row))
            if not np.array_equal(ours.read(window=window), theirs.read(window=window)):
                return f"tile {number}"
    return None


def _differing_mask(product: Path, vrt: Path, header: Header) -> str | None:
    if header.valid_by != "mask":
        return None
    with rasterio.open(product, driver="GTiff") as ours, rasterio.open(vrt, driver="VRT") as theirs:
        for row in range(0, header.height, TILE):
            window = Window(0, row, header.width, min(TILE, header.height - row))
            if not np.array_equal(ours.read_masks(1, window=window) > 0, theirs.read_masks(1, window=window) > 0):
                return "mask"
    return None
