"""Files for looking: the 8-bit ``visual`` COG, the preview and the thumbnail.

The visual copy is JPEG (quality 85, YCbCr) in a COG with an internal mask: about 1/18 of the bytes of the data at first view, and
every browser decodes it. Class maps stay lossless. Previews are JPEG, or WebP where pixels are transparent (JPEG 5 ms, WebP 34 ms,
PNG 275 ms at 1024 px).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import rasterio.shutil
from numpy.typing import NDArray
from PIL import Image
from rasterio.enums import Resampling
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window

from catalog_builder.files import StoredFile, atomic_path, describe, write_bytes
from catalog_builder.raster import paint
from catalog_builder.raster.cog import check_layout
from catalog_builder.raster.paint import Bytes
from catalog_builder.raster.presets import TILE, tile_side
from catalog_builder.raster.rendering import Look, Style
from catalog_builder.raster.source import describe_dataset

JPEG_QUALITY = 85
PREVIEW_QUALITY = 80
WEBP_METHOD = 2
PREVIEW_SIDE = 1024
THUMBNAIL_SIDE = 256

Painted = tuple[Bytes, NDArray[np.bool_]]


@dataclass
class Canvas:
    """The open products of a look, painted window by window on the grid of its first product."""

    look: Look
    datasets: list[Any]

    @property
    def grid(self) -> Any:
        return self.datasets[0]

    @property
    def bands(self) -> int:
        return 1 if self.look.style is Style.GREY else 3

    def paint(self, window: Window, shape: tuple[int, int] | None = None) -> Painted:
        """Colours (bands, rows, columns) and which pixels hold data, of a window, decimated to ``shape`` where given."""
        style, channels = self.look.style, self.look.channels
        sampling = Resampling.nearest if style is Style.CLASSES else Resampling.average
        size = shape or (int(window.height), int(window.width))
        valid = np.ones(size, bool)
        values = []
        for channel, dataset in zip(channels, self.datasets, strict=True):
            read = {"indexes": channel.band + 1, "window": window, "out_shape": size, "resampling": sampling}
            values.append(dataset.read(**read))
            valid &= dataset.read_masks(**{**read, "resampling": Resampling.nearest}) > 0
            if values[-1].dtype.kind == "f":
                valid &= ~np.isnan(values[-1])
        return self._colours(values, window.width / size[1]), valid

    def _colours(self, values: list[NDArray[Any]], step: float) -> Bytes:
        channels, style = self.look.channels, self.look.style
        if style is Style.CLASSES:
            return paint.classes(values[0], paint.class_table(_palette(self.grid), self.look.product.categories))
        if style is Style.RELIEF:
            gsd = self.look.product.gsd
            return paint.relief(values[0], channels[0].low, channels[0].high, gsd * step if gsd else None)
        return np.stack([paint.scaled(v, c.low, c.high) for v, c in zip(values, channels, strict=True)])

    def strips(self) -> Iterator[tuple[int, Painted]]:
        """The whole picture in rows of tiles; relief strips overlap by a row so that their shading has no seams."""
        width, height = self.grid.width, self.grid.height
        margin = 1 if self.look.style is Style.RELIEF else 0
        for row in range(0, height, TILE):
            rows = min(TILE, height - row)
            top, bottom = max(row - margin, 0), min(row + rows + margin, height)
            colours, valid = self.paint(Window(0, top, width, bottom - top))
            inner = slice(row - top, row - top + rows)
            yield row, (colours[:, inner], valid[inner])


def _palette(dataset: Any) -> dict[int, tuple[int, ...]] | None:
    try:
        colours: dict[int, tuple[int, ...]] = dataset.colormap(1)
    except ValueError:  # rasterio's way of saying that the band has no colour table
        return None
    return colours


def open_canvas(look: Look, stack: ExitStack) -> Canvas:
    """Open the products of ``look``; those on another grid are resampled to the grid of the first."""
    first = stack.enter_context(rasterio.open(look.product.cog.path))
    datasets = [first]
    for channel in look.channels[1:]:
        if channel.product.cog.path == look.product.cog.path:
            datasets.append(first)
            continue
        other = stack.enter_context(rasterio.open(channel.product.cog.path))
        datasets.append(other if _same_grid(first, other) else stack.enter_context(_on_grid_of(first, other)))
    return Canvas(look, datasets)


def _same_grid(a: Any, b: Any) -> bool:
    return (a.width, a.height) == (b.width, b.height) and bool(a.transform.almost_equals(b.transform, precision=1e-6))


def _on_grid_of(first: Any, other: Any) -> Any:
    return WarpedVRT(
        other, crs=first.crs, transform=first.transform, width=first.width, height=first.height, resampling=Resampling.bilinear
    )


def write_visual(canvas: Canvas, target: Path, work: Path, threads: int) -> StoredFile:
    """Write the visual COG.

    Raises:
        rasterio.errors.RasterioError, OSError: pixels cannot be read or written.
        UnreadableDelivery: rio-cogeo rejects the layout.
    """
    scratch = work / "visual.tif"
    masked = _write_scratch(canvas, scratch)
    lossless = canvas.look.style is Style.CLASSES
    codec = {"COMPRESS": "DEFLATE", "PREDICTOR": "YES"} if lossless else {"COMPRESS": "JPEG", "QUALITY": JPEG_QUALITY}
    options: dict[str, Any] = {
        **codec,
        "OVERVIEW_RESAMPLING": "NEAREST" if lossless else "AVERAGE",
        "BIGTIFF": "IF_SAFER",
        "STATISTICS": "NO",
    }
    options |= {"BLOCKSIZE": tile_side(canvas.grid.width, canvas.grid.height), "NUM_THREADS": max(threads, 1)}
    options |= {"SPARSE_OK": "TRUE"} if masked else {}
    with atomic_path(target) as temporary:
        with rasterio.open(scratch) as dataset:
            rasterio.shutil.copy(dataset, temporary, driver="COG", **options)
        check_layout(temporary, target.name)
    scratch.unlink()
    return describe(target)


def _write_scratch(canvas: Canvas, path: Path) -> bool:
    """Write the painted picture uncompressed; True where it needed a mask."""
    profile = _profile(canvas)
    masked = False
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "w", **profile) as out:
        if canvas.grid.rpcs is not None:
            out.rpcs = canvas.grid.rpcs
        for row, (colours, valid) in canvas.strips():
            window = Window(0, row, colours.shape[2], colours.shape[1])
            out.write(np.where(valid, colours, np.uint8(0)) if not valid.all() else colours, window=window)
            if not masked and not valid.all():
                masked = True
                _mark_all_valid_above(out, row)
            if masked:
                out.write_mask(valid, window=window)
    return masked


def _mark_all_valid_above(out: Any, row: int) -> None:
    """The mask begins at the first strip that needs it; what was written before is valid."""
    for above in range(0, row, TILE):
        out.write_mask(np.ones((TILE, out.width), bool), window=Window(0, above, out.width, TILE))


def _profile(canvas: Canvas) -> dict[str, Any]:
    grid = canvas.grid
    gcps, gcp_crs = grid.gcps
    profile: dict[str, Any] = {"driver": "GTiff", "width": grid.width, "height": grid.height, "count": canvas.bands, "dtype": "uint8"}
    profile |= {"tiled": True, "blockxsize": TILE, "blockysize": TILE, "interleave": "pixel", "BIGTIFF": "IF_SAFER"}
    profile["photometric"] = "RGB" if canvas.bands == 3 else "MINISBLACK"
    if gcps:
        profile |= {"gcps": gcps, "crs": gcp_crs}
    elif describe_dataset(grid).transform is not None:
        profile |= {"transform": grid.transform, "crs": grid.crs}
    return profile


def write_previews(canvas: Canvas, folder: Path) -> tuple[StoredFile, StoredFile, tuple[int, int]]:
    """Write preview and thumbnail; returns preview, thumbnail and the preview's (width, height)."""
    grid = canvas.grid
    factor = max(grid.width, grid.height) / PREVIEW_SIDE
    size = (grid.width, grid.height) if factor <= 1 else (max(1, round(grid.width / factor)), max(1, round(grid.height / factor)))
    colours, valid = canvas.paint(Window(0, 0, grid.width, grid.height), shape=(size[1], size[0]))
    image = as_image(colours, valid)
    small = image.copy()
    small.thumbnail(
        (THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.NEAREST if canvas.look.style is Style.CLASSES else Image.Resampling.BOX
    )
    return _save(image, folder, "preview"), _save(small, folder, "thumbnail"), size


def as_image(colours: Bytes, valid: NDArray[np.bool_]) -> Image.Image:
    """A Pillow image; with transparency where pixels hold no data."""
    rgb = (
        np.ascontiguousarray(np.broadcast_to(colours, (3, *valid.shape)).transpose(1, 2, 0))
        if len(colours) == 3 or not valid.all()
        else colours[0]
    )
    if valid.all():
        return Image.fromarray(rgb)
    rgb = np.where(valid[..., None], rgb, np.uint8(0))
    return Image.fromarray(np.dstack((rgb, valid.astype(np.uint8) * np.uint8(255))))


def _save(image: Image.Image, folder: Path, name: str) -> StoredFile:
    stream = io.BytesIO()
    transparent = image.mode == "RGBA"
    if transparent:
        image.save(stream, "WEBP", quality=PREVIEW_QUALITY, method=WEBP_METHOD)
    else:
        image.save(stream, "JPEG", quality=PREVIEW_QUALITY)
    (folder / f"{name}{'.jpg' if transparent else '.webp'}").unlink(missing_ok=True)
    return write_bytes(folder / f"{name}{'.webp' if transparent else '.jpg'}", stream.getvalue())
