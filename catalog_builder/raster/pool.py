"""Where the tiles of a raster are worked on: threads for large rasters, the calling thread for small ones.

A small raster is done before a thread would have got its memory: work arrays of the calling thread serve scene after scene.
"""

from __future__ import annotations

from concurrent.futures import Executor, ThreadPoolExecutor

from catalog_builder.workers import InlineExecutor

SMALL = 24 << 20
"""Bytes of raw pixels up to which a raster is small; about three scenes of 1024 x 1024 pixels with four bands of 16 bits."""


def workers(threads: int, raw_bytes: int) -> Executor:
    """An executor for the tiles of a raster of ``raw_bytes``."""
    return InlineExecutor() if threads <= 1 and raw_bytes <= SMALL else ThreadPoolExecutor(max(threads, 1))
