"""Where a raster has data, on a coarse grid, gathered strip by strip for the footprint."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from catalog_builder.raster.source import Header

COVERAGE_SIDE = 1024
"""Largest side of the coarse grid; a footprint is drawn to about 1/1000 of the scene."""


class CoverageMask:
    """A cell is data when any pixel in it is, so thin strips of data stay; ``factor`` pixels per cell side."""

    def __init__(self, header: Header) -> None:
        self.factor = factor_of(header)
        shape = (-(-header.height // self.factor), -(-header.width // self.factor))
        self.mask: NDArray[np.bool_] = np.zeros(shape, bool)

    def update(self, row: int, valid: NDArray[np.bool_] | None, rows: int) -> None:
        """Add ``rows`` rows from ``row``; ``valid`` None when every pixel is data."""
        first, last = row // self.factor, (row + rows - 1) // self.factor
        if valid is None:
            self.mask[first : last + 1] = True
            return
        if self.factor == 1:
            self.mask[first : last + 1] |= valid
            return
        starts = np.maximum(np.arange(first, last + 1) * self.factor - row, 0)
        down = np.logical_or.reduceat(valid, starts, axis=0)  # rows first: they lie side by side in memory
        self.mask[first : last + 1] |= np.logical_or.reduceat(down, np.arange(0, valid.shape[1], self.factor), axis=1)


def factor_of(header: Header) -> int:
    """Pixels per cell side of the coarse grid of a raster."""
    return max(1, -(-max(header.width, header.height) // COVERAGE_SIDE))
