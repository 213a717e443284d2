"""Where the tiles of a raster are worked on: threads for large rasters, the calling thread for small ones.

A small raster is done before a thread would have got its memory: work arrays of the calling thread serve scene after scene.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

SMALL = 24 << 20
"""Bytes of raw pixels up to which a raster is small; about three scenes of 1024 x 1024 pixels with four bands of 16 bits."""


class Inline(Executor):
    """Runs what it is given at once."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as problem:  # handed to the caller of result(), as every executor does
            future.set_exception(problem)
        return future


def workers(threads: int, raw_bytes: int) -> Executor:
    """An executor for the tiles of a raster of ``raw_bytes``."""
    return Inline() if threads <= 1 and raw_bytes <= SMALL else ThreadPoolExecutor(max(threads, 1))
