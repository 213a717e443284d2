"""The open products of a look, painted window by window on the grid of the first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window

from catalog_builder.raster import paint
from catalog_builder.raster.paint import Bytes
from catalog_builder.raster.rendering import Look, Style

Painted = tuple[Bytes, NDArray[np.bool_]]
"""Colours (bands, rows, columns) and which pixels hold data."""


@dataclass
class Canvas:
    """The open products of a look, painted window by window on the grid of its first product."""

    look: Look
    datasets: list[Any]

    @property
    def grid(self) -> Any:
        return self.datasets[0]

    @property
    def _is_complex(self) -> bool:
        """Phases of neighbours cancel each other in a mean; and GDAL 3.12 averages complex numbers in several threads to any values."""
        return any(str(d.dtypes[0]).startswith("complex") for d in self.datasets)

    def sparse_anywhere(self) -> bool:
        """Whether some pixel may hold no data, so that the picture needs a mask."""
        covered = all(c.product.bands[c.band].statistics.valid_percent == 100 for c in self.look.channels)
        return not covered or any(isinstance(d, WarpedVRT) for d in self.datasets)

    def paint(self, window: Window, shape: tuple[int, int] | None = None) -> Painted:
        """Colours (bands, rows, columns) and which pixels hold data, of a window, decimated to ``shape`` where given."""
        style, channels = self.look.style, self.look.channels
        sampling = Resampling.nearest if style is Style.CLASSES or self._is_complex else Resampling.average
        size = shape or (int(window.height), int(window.width))
        valid = np.ones(size, bool)
        values: list[NDArray[Any]] = []
        for dataset, group in groupby(zip(self.datasets, channels, strict=True), key=itemgetter(0)):
            bands = [channel.band + 1 for _, channel in group]
            read = {"indexes": bands, "window": window, "out_shape": (len(bands), *size)}
            values += list(dataset.read(**read, resampling=sampling))
            if self.sparse_anywhere():
                valid &= (dataset.read_masks(**read, resampling=Resampling.nearest) > 0).all(axis=0)
        for one in values:
            if one.dtype.kind == "f":
                valid &= ~np.isnan(one)
        return self._colours(values, window.width / size[1]), valid

    def _colours(self, values: list[NDArray[Any]], step: float) -> Bytes:
        channels, style = self.look.channels, self.look.style
        if style is Style.CLASSES:
            return paint.classes(values[0], paint.class_table(_palette(self.grid), self.look.product.categories))
        if style is Style.RELIEF:
            gsd = self.look.product.gsd
            return paint.relief(values[0], channels[0].low, channels[0].high, gsd * step if gsd else None)
        return np.stack([paint.scaled(v, c.low, c.high) for v, c in zip(values, channels, strict=True)])

    def strips(self, step: int) -> Iterator[Painted]:
        """The whole picture, ``step`` rows at a time; relief strips overlap by a row so that their shading has no seams."""
        width, height = self.grid.width, self.grid.height
        margin = 1 if self.look.style is Style.RELIEF else 0
        for row in range(0, height, step):
            rows = min(step, height - row)
            top, bottom = max(row - margin, 0), min(row + rows + margin, height)
            colours, valid = self.paint(Window(0, top, width, bottom - top))
            inner = slice(row - top, row - top + rows)
            yield colours[:, inner], valid[inner]


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
