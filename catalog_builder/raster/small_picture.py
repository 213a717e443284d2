"""The picture of a small product: painted once, from the strips of its proof, for the visual copy, the preview and the thumbnail.

A product that is not larger than its preview needs no second read and no overview: its colours fit into three megabytes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from catalog_builder.files import StoredFile
from catalog_builder.raster.canvas import Painted
from catalog_builder.raster.pixels import Strip
from catalog_builder.raster.previews import PREVIEW_SIDE
from catalog_builder.raster.rendering import Look
from catalog_builder.raster.source import Header
from catalog_builder.raster.visual import VisualWriter, painter


def is_small(header: Header) -> bool:
    """Whether the preview of a raster has all its pixels."""
    return max(header.width, header.height) <= PREVIEW_SIDE


class SmallPicture:
    """Colours and validity of all pixels of the one product that ``look`` shows; ``header`` describes that product."""

    def __init__(self, look: Look, header: Header) -> None:
        self.look = look
        self._paint = painter(look, header)
        self._colours = np.zeros((len(look.channels), header.height, header.width), np.uint8)
        self._valid = np.ones((header.height, header.width), bool)

    def watch(self, strip: Strip) -> None:
        """Paint the next strip of the product."""
        rows = slice(strip.row, strip.row + strip.values.shape[1])
        self._colours[:, rows], valid = self._paint(strip.values, strip.mask)
        if valid is not None:
            self._valid[rows] = valid

    @property
    def painted(self) -> Painted:
        """Colours (black where there are no data) and which pixels hold data."""
        return self._colours, self._valid

    def write_visual(self, grid: Any, target: Path, work: Path, threads: int) -> StoredFile:
        """Write the visual COG; ``grid`` is the open product.

        Raises:
            OSError: it cannot be written.
            UnreadableDelivery: rio-cogeo rejects the layout.
        """
        masked = not self._valid.all()
        with VisualWriter(self.look, grid, work, threads, masked=masked) as writer:
            for row in range(0, len(self._valid), writer.step):
                rows = slice(row, row + writer.step)
                writer.add(self._colours[:, rows], self._valid[rows] if masked else None)
            return writer.finish(target)
