"""A COG put together from the spools of its levels: directories and overviews first, then the tiles of the full image.

Those tiles are three quarters of the file, and copying them keeps one core busy for a quarter of the time of the proof. So a large
file is proven while its end is still on the way.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from catalog_builder.raster.tiff_layout import Plane, directories

PIECE = 16 << 20
"""Bytes copied before readers are told of them."""


class Assembly:
    """The file ``target`` in the making, of ``planes`` in directory order (image, its mask, first overview, its mask, ...).

    :meth:`close` must be called in the end; it calls ``close_spools``.

    Raises:
        OSError: directories or overviews cannot be written.
    """

    def __init__(self, planes: Sequence[Plane], target: Path, close_spools: Callable[[], object]) -> None:
        self.problem: BaseException | None = None
        self._close_spools, self._image = close_spools, planes[0].spool
        self._there = 0
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._done = self._stopped = False
        self._out = target.open("wb")
        try:
            self._write(directories(planes))
            for plane in reversed(planes[1:]):
                self._append(plane.spool)
        except BaseException:
            self.close()
            raise

    def start(self) -> None:
        """Copy the image in a thread, and have it on disk soon: that waits for the disk and not for a core."""
        self._thread = threading.Thread(target=self._finish, name="catalog-builder-assembly", daemon=True)
        self._thread.start()

    def wait_for(self, position: int | None = None) -> None:
        """Return when readers see the file up to ``position``, or all of it; what was not started is done here.

        Raises:
            OSError: it cannot be written; ``problem`` is the same error.
        """
        if self._thread is None and not self._done:
            self._copy()
        with self._changed:
            self._changed.wait_for(lambda: self._done or (position is not None and self._there >= position))
        if self.problem is not None:
            raise self.problem

    def close(self) -> None:
        """Stop what is not needed any more and give the files back.

        Raises:
            OSError: the file could not be written, as ``problem`` said.
        """
        self._stopped = True
        if self._thread is not None:
            self._thread.join()
        try:
            self._out.close()  # where the disk is full, what waits in memory is refused once more
        finally:
            self._close_spools()

    def _finish(self) -> None:
        self._copy()
        if self.problem is None and not self._stopped:
            with suppress(OSError):  # who gives the file its name asks again, and that counts
                os.fsync(self._out.fileno())

    def _copy(self) -> None:
        try:
            self._append(self._image)
        except BaseException as error:  # whoever waits raises it; nobody may wait for a thread that is gone
            self.problem = error
        with self._changed:
            self._done = True
            self._changed.notify_all()

    def _append(self, spool: BinaryIO) -> None:
        """Copy a spool to the end of the file, inside the kernel where the system can."""
        if isinstance(spool, BytesIO):
            with spool.getbuffer() as data:
                self._write(data)
            return
        spool.flush()
        self._out.flush()
        spool.seek(0)
        left = os.fstat(spool.fileno()).st_size
        with suppress(OSError):  # a file system that cannot; what was copied stays, both files stand behind it
            while left and hasattr(os, "copy_file_range") and not self._stopped:
                copied = os.copy_file_range(spool.fileno(), self._out.fileno(), min(left, PIECE))
                if not copied:  # the other way of saying so
                    break
                left -= copied
                self._tell(os.lseek(self._out.fileno(), 0, os.SEEK_CUR))
        self._out.seek(0, os.SEEK_END)
        spool.seek(-left, os.SEEK_END)
        while not self._stopped and (piece := spool.read(PIECE)):
            self._write(piece)

    def _write(self, data: bytes | memoryview) -> None:
        self._out.write(data)
        self._out.flush()
        self._tell(self._out.tell())

    def _tell(self, there: int) -> None:
        with self._changed:
            self._there = there
            self._changed.notify_all()
