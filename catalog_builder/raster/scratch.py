"""Work arrays that a thread uses again and again: fresh memory costs a page fault per 4 KiB, which is a tenth of a conversion."""

from __future__ import annotations

import math
import threading
from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray

LARGE = 16 << 20
"""Bytes of a work array that is not kept from one raster to the next."""


class _Shelf(threading.local):
    """The arrays of one thread; they go when the thread ends."""

    def __init__(self) -> None:
        self.buffers: dict[str, NDArray[np.uint8]] = {}


_SHELF = _Shelf()


def scratch(purpose: str, shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
    """An array with any content, valid until this thread asks for the same ``purpose`` again."""
    kind = np.dtype(dtype)
    size = math.prod(shape) * kind.itemsize
    buffer = _SHELF.buffers.get(purpose)
    if buffer is None or buffer.size < size:
        buffer = _SHELF.buffers[purpose] = np.empty(size, np.uint8)
    array: NDArray[Any] = buffer[:size].view(kind).reshape(shape)
    return array


def strip_buffers(shape: tuple[int, ...], dtype: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """Two buffers for strips of a raster that is read: while one is worked on, the other is filled. The proof of a raster uses those that
    it was written from, and the next small raster uses them again."""
    return scratch("a strip", shape, dtype), scratch("the next strip", shape, dtype)


def give_back_large() -> None:
    """Give work arrays of this thread of more than :data:`LARGE` bytes back to the system: the next raster may need memory elsewhere."""
    for purpose in [p for p, buffer in _SHELF.buffers.items() if buffer.size > LARGE]:
        del _SHELF.buffers[purpose]


class Rooms:
    """Buffers that wander between threads: taken to be filled, given back when their content is written."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._free: deque[NDArray[np.uint8]] = deque()

    def take(self) -> memoryview:
        """A buffer of ``size`` bytes with any content; memory that is not written to is not taken from the system."""
        try:
            return self._free.pop().data
        except IndexError:
            return np.empty(self._size, np.uint8).data

    def give(self, data: bytes | memoryview | None) -> None:
        """Take back the buffer that ``data`` is a part of; bytes of their own are left alone."""
        if isinstance(data, memoryview) and isinstance(data.obj, np.ndarray):
            self._free.append(data.obj)
