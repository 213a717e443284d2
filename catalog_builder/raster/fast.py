"""The fast way for common rasters: one read of the source writes the COG and gathers everything that is measured.

Bytes differ from the COG driver's, pixels do not; overviews may differ by one because GDAL rounds at each level in its own way.
What this writer does not take (floats, palettes, classes, odd bit depths, very wide rows) goes the general way.

Where the time goes (four bands of 16 bits, 10,000 x 10,000, ZSTD level 1, all products; clocks of all threads on two quiet EPYC cores:
5.4 CPU s at a peak of 417 MB, and 0.45 for the start of the process, where the COG driver alone takes 10.8 in the same minutes):
compression 1.5, tiles into the spool, from there into the file and back for the proof 0.6, decompressing and undoing differences for
the proof 0.6, counting values 0.55, reading 0.4, colours and JPEG 0.35, SHA-256 of the file 0.35, BLAKE3 of the pixels (twice) 0.2,
halving 0.25, interleaving and differences 0.25, the rest 0.35. Two thirds of that are codecs, checksums and copies of the kernel, of
which a compiled kernel would save none; it would count, halve and difference a tile in one go while it is in the cache.
"""

from __future__ import annotations

from concurrent.futures import Executor, Future
from pathlib import Path

import numpy as np
import rasterio
import rasterio.shutil
from lxml import etree
from numpy.typing import NDArray
from rasterio.windows import Window

from catalog_builder.archive.delivery import RasterKind
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.raster import findings, tiff_layout
from catalog_builder.raster.assembly import Assembly
from catalog_builder.raster.codecs import encoder
from catalog_builder.raster.environment import MAX_CACHE_BYTES
from catalog_builder.raster.jpeg_tiles import JpegTiles
from catalog_builder.raster.measure import Measured
from catalog_builder.raster.pixels import strip_of
from catalog_builder.raster.pool import workers
from catalog_builder.raster.presets import TILE, Preset, tile_side
from catalog_builder.raster.pyramid import PyramidWriter, Style
from catalog_builder.raster.scratch import strip_buffers
from catalog_builder.raster.source import RASTER_ERRORS, Header, item_size, overviews_of, problem_of

MAX_STRIP = 256 << 20
"""Bytes of one strip of tiles; two of them and two half as large per level are in memory."""


_NOT_CARRIED = (tiff_layout.OFFSETS, tiff_layout.COUNTS, tiff_layout.JPEG_TABLES)
_OF_JPEG = (tiff_layout.YCBCR_SUBSAMPLING, tiff_layout.REFERENCE_BLACK_WHITE)


def is_common(header: Header, kind: RasterKind, preset: Preset) -> bool:
    """Whether the one-pass writer takes this raster."""
    simple = header.data_type in ("uint8", "uint16", "int16") and header.valid_by in ("all", "nodata", "mask", "alpha")
    alpha = [band for band, colour in enumerate(header.interpretation) if colour == "alpha"]
    plain = not header.palette and header.bits is None and alpha == ([header.bands - 1] if header.valid_by == "alpha" else [])
    averaged = overviews_of(kind, header, preset.overviews) == "AVERAGE" and preset.predictor == "auto" and preset.codec != "LZW"
    narrow = header.width * TILE * header.bands * item_size(header.data_type) <= MAX_STRIP
    return simple and plain and averaged and narrow


def write_in_one_pass(
    vrt: Path, target: Path, header: Header, preset: Preset, threads: int, subject: str, kept: JpegTiles | None = None
) -> tuple[Measured, Assembly]:
    """Write the COG of the normalised source ``vrt`` to ``target`` and measure the source on the way; ``kept`` tiles are copied.
    The tiles of the full image are still to come, see :class:`Assembly`, which the caller closes.

    Raises:
        UnreadableDelivery: the source cannot be read to the end.
        OSError: the target cannot be written.
    """
    measured = Measured.of(header)
    side = kept.side if kept else tile_side(header.width, header.height)
    tags = _tags(vrt, header, preset, side)
    nodata = None if header.nodata is None else int(header.nodata)
    own = {t: v for t, v in tags.items() if t not in _OF_JPEG} | kept.tags if kept else tags
    style = Style(
        encoder(preset),
        own,
        nodata,
        masked=header.valid_by == "mask",
        tile=side,
        stored=kept.reader() if kept else None,
        below=tags,
        alpha=header.valid_by == "alpha",
    )
    with workers(threads, header.raw_bytes) as pool:
        writer = PyramidWriter(header.width, header.height, header.bands, header.data_type, style, pool, target.parent)
        try:
            with rasterio.Env(GDAL_CACHEMAX=_cache_for(header, side)):
                _pour(vrt, header, writer, measured, pool)
            return measured, writer.assemble(target)
        except RASTER_ERRORS as error:
            raise UnreadableDelivery(findings.UNREADABLE_PIXELS(subject, problem=problem_of(error, vrt))) from error
        finally:
            writer.close()


def _cache_for(header: Header, rows: int) -> int:
    """Bytes of all blocks that ``rows`` rows touch: GDAL reads band after band, and decodes each block once only if they all fit."""
    high, wide = header.block
    touched = (rows // high + 2) * high * -(-header.width // wide) * wide
    return min(touched * header.bands * item_size(header.data_type) * 9 // 8 + (4 << 20), MAX_CACHE_BYTES)


def _pour(vrt: Path, header: Header, writer: PyramidWriter, measured: Measured, pool: Executor) -> None:
    """Read strip after strip into two buffers in turn; while one is read, threads compress and measure the other."""
    step = writer.style.tile
    shape = (header.bands, min(step, header.height), header.width)
    buffers = strip_buffers(shape, header.data_type)
    measuring: list[Future[None]] = []
    with rasterio.open(vrt, driver="VRT") as dataset:
        for number, row in enumerate(range(0, header.height, step)):
            values = _read(dataset, row, header, buffers[number % 2])
            for future in measuring:
                future.result()
            strip = strip_of(row, values, header, dataset)
            measuring = measured.submit(strip, header, pool)  # first: threads take it up while the last tiles of the other are waited for
            writer.add(values, strip.mask)
    for future in measuring:
        future.result()


def _read(dataset: rasterio.DatasetReader, row: int, header: Header, buffer: NDArray[np.generic]) -> NDArray[np.generic]:
    rows = min(buffer.shape[1], header.height - row)
    values = buffer[:, :rows]
    if rows == buffer.shape[1]:
        dataset.read(out=values, window=Window(0, row, header.width, rows))
        return values
    return np.asarray(dataset.read(window=Window(0, row, header.width, rows)))


def _tags(vrt: Path, header: Header, preset: Preset, side: int) -> dict[int, tiff_layout.Tag]:
    """Let GDAL encode georeference, metadata and layout: a sparse TIFF of the same VRT without its pixels."""
    root = etree.fromstring(vrt.read_bytes())
    for mask in root.findall("MaskBand"):
        root.remove(mask)
    for band in root.iter("VRTRasterBand"):
        for source in band.findall("SimpleSource"):
            band.remove(source)
    empty, skeleton = vrt.with_suffix(".empty.vrt"), vrt.with_suffix(".skeleton.tif")
    empty.write_bytes(etree.tostring(root))
    options = {"TILED": "YES", "BLOCKXSIZE": side, "BLOCKYSIZE": side, "COMPRESS": preset.codec, "SPARSE_OK": "TRUE"}
    options |= {"INTERLEAVE": "PIXEL", "BIGTIFF": "NO", "COPY_SRC_OVERVIEWS": "NO"}
    if preset.codec == "JPEG":
        options |= {"PHOTOMETRIC": "YCBCR" if header.bands == 3 else "MINISBLACK"}
    else:
        options |= {"PREDICTOR": 2}
    with rasterio.open(empty, driver="VRT") as dataset:
        rasterio.shutil.copy(dataset, skeleton, driver="GTiff", **options)
    return {t: v for t, v in tiff_layout.read_tags(skeleton).items() if t not in _NOT_CARRIED}
