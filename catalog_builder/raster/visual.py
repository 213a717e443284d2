"""The ``visual`` COG: 8-bit colours for looking, JPEG with an internal mask; about 1/18 of the bytes of the data at first view.

JPEG (quality 85, YCbCr with halved chroma) because every browser and desktop decodes it: 24 MB of RGB become 1.3 MB, against 0.6 MB
of WebP at three times the time. Class maps stay lossless. The picture is painted while the product is proven where that is
possible, so the product is read only once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray

from catalog_builder.files import StoredFile, atomic_path, describe
from catalog_builder.raster import paint, tiff_layout
from catalog_builder.raster.canvas import Canvas
from catalog_builder.raster.codecs import deflate_encoder, jpeg_encoder
from catalog_builder.raster.cog import check_layout
from catalog_builder.raster.paint import Bytes
from catalog_builder.raster.pixels import Strip
from catalog_builder.raster.pool import workers
from catalog_builder.raster.presets import tile_side
from catalog_builder.raster.pyramid import Paint, PyramidWriter, Style
from catalog_builder.raster.rendering import Look
from catalog_builder.raster.rendering import Style as LookStyle
from catalog_builder.raster.scratch import scratch
from catalog_builder.raster.source import Header, describe_dataset

JPEG_QUALITY = 85


class VisualWriter:
    """Writes the visual COG from strips of colours; use as a context manager.

    With ``watched``, the header of the one product that the look shows, it takes strips of that product and paints them itself.
    """

    def __init__(self, look: Look, grid: Any, work: Path, threads: int, *, masked: bool, watched: Header | None = None) -> None:
        lossless = look.style is LookStyle.CLASSES
        self.look = look
        self.step = tile_side(grid.width, grid.height)
        bands = 1 if look.style is LookStyle.GREY else 3
        tags = _tags(grid, bands, self.step, work, lossless=lossless)
        encode = deflate_encoder() if lossless else jpeg_encoder(JPEG_QUALITY)
        paint_part = None if watched is None else painter(look, watched)
        style = Style(encode, tags, masked=masked, tile=self.step, nearest=lossless, paint=paint_part)
        self._pool = workers(threads, grid.width * grid.height * 3)
        self._writer = PyramidWriter(grid.width, grid.height, bands, np.uint8, style, self._pool, work)

    def __enter__(self) -> VisualWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()
        self._writer.close()

    def add(self, colours: Bytes, valid: NDArray[np.bool_] | None) -> None:
        """The next ``step`` rows."""
        self._writer.add(colours, valid)

    def watch(self, strip: Strip) -> None:
        """Take a strip of the watched product; it must not change until the next one is taken."""
        for row in range(0, strip.values.shape[1], self.step):
            part = slice(row, row + self.step)
            self._writer.add(strip.values[:, part], None if strip.mask is None else strip.mask[part])

    def finish(self, target: Path) -> StoredFile:
        """Write the file.

        Raises:
            OSError: it cannot be written.
            UnreadableDelivery: rio-cogeo rejects the layout.
        """
        with atomic_path(target) as temporary:
            self._writer.finish(temporary)
            check_layout(temporary, target.name)
        return describe(target)


def painter(look: Look, header: Header) -> Paint:
    """Colours of a part of the product; pixels without data are black."""

    def paint_part(values: NDArray[Any], mask: NDArray[np.bool_] | None) -> tuple[Bytes, NDArray[np.bool_] | None]:
        part = Strip(0, values, mask)
        colours = scratch("colours", (len(look.channels), *values.shape[1:]), np.uint8)
        valid: NDArray[np.bool_] | None = None
        for index, channel in enumerate(look.channels):
            paint.scaled_into(colours[index], values[channel.band], channel.low, channel.high)
            marks = part.valid(header, channel.band)
            valid = marks if valid is None or marks is None else valid & marks
        if valid is not None and valid.all():
            return colours, None
        if valid is not None:
            colours *= valid
        return colours, valid

    return paint_part


def write_visual(canvas: Canvas, target: Path, work: Path, threads: int) -> StoredFile:
    """Paint the canvas into a visual COG.

    Raises:
        rasterio.errors.RasterioError, OSError: pixels cannot be read or written.
        UnreadableDelivery: rio-cogeo rejects the layout.
    """
    with VisualWriter(canvas.look, canvas.grid, work, threads, masked=canvas.sparse_anywhere()) as writer:
        for colours, valid in canvas.strips(writer.step):
            full = bool(valid.all())
            writer.add(colours if full else np.where(valid, colours, np.uint8(0)), None if full else valid)
        return writer.finish(target)


def can_watch(look: Look, header: Header) -> bool:
    """Whether the look can be painted strip by strip while its product is proven."""
    simple = look.style in (LookStyle.RGB, LookStyle.GREY) and len({c.product.key for c in look.channels}) == 1
    return simple and not header.is_complex


def _tags(grid: Any, bands: int, side: int, work: Path, *, lossless: bool) -> dict[int, tiff_layout.Tag]:
    """Tags of a sparse TIFF that GDAL writes with the georeference of ``grid``. Tiles carry their own JPEG tables."""
    gcps, gcp_crs = grid.gcps
    profile: dict[str, Any] = {"driver": "GTiff", "width": grid.width, "height": grid.height, "count": bands, "dtype": "uint8"}
    profile |= {"tiled": True, "blockxsize": side, "blockysize": side, "interleave": "pixel", "SPARSE_OK": "TRUE", "BIGTIFF": "NO"}
    colours = "RGB" if lossless else "YCBCR"
    profile |= {"photometric": colours if bands == 3 else "MINISBLACK", "compress": "DEFLATE" if lossless else "JPEG"}
    profile |= {"predictor": 2} if lossless else {}
    if gcps:
        profile |= {"gcps": gcps, "crs": gcp_crs}
    elif describe_dataset(grid).transform is not None:
        profile |= {"transform": grid.transform, "crs": grid.crs}
    skeleton = work / "visual.skeleton.tif"
    with rasterio.open(skeleton, "w", **profile) as out:
        if grid.rpcs is not None:
            out.rpcs = grid.rpcs
    left_out = (tiff_layout.OFFSETS, tiff_layout.COUNTS, tiff_layout.JPEG_TABLES)
    return {t: v for t, v in tiff_layout.read_tags(skeleton).items() if t not in left_out}
