"""A COG written in one pass: strips of the full image come in, tiles of all levels go out.

Tiles are compressed in threads while the next strip is read. Each level keeps two strips in memory; compressed tiles wait in spool
files, so memory does not grow with the image.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, cast

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from catalog_builder.raster import tiff_layout as tiff
from catalog_builder.raster.assembly import Assembly
from catalog_builder.raster.kernels import Mask, halved, halved_mask, interleaved, packed
from catalog_builder.raster.presets import TILE
from catalog_builder.raster.scratch import Rooms, scratch

MASK_LEVEL = 6
"""DEFLATE level of masks: they are tiny and mostly constant."""

IN_MEMORY = 16 << 20
"""Bytes of values of a plane whose tiles wait in memory: making a file takes as long as compressing some tiles."""

Packed = bytes | memoryview
"""A compressed tile."""

Encode = Callable[[NDArray[Any], memoryview], Packed]
"""Compresses one (tile, tile, bands) array, into the given buffer if it likes."""

Paint = Callable[[NDArray[Any], Mask | None], tuple[NDArray[Any], Mask | None]]
"""Turns values and validity as given into those of the image; the result may lie in memory that the thread uses again."""


def room_for(values: int) -> int:
    """Bytes that ``values`` bytes need at most when a codec finds nothing to compress (zstd and DEFLATE add less than 1/250)."""
    return values + values // 64 + 4096


@dataclass(frozen=True, slots=True)
class Style:
    """What the writer needs to know: how tiles are encoded, the nodata value, whether a mask is written, tags of the image."""

    encode: Encode
    tags: dict[int, tiff.Tag]
    nodata: int | None = None
    masked: bool = False
    tile: int = TILE
    stored: Callable[[int], bytes] | None = None  # gives the encoded tiles of the full image, by row-major number
    below: dict[int, tiff.Tag] | None = None  # tags of overviews where they are encoded in another way than the image
    nearest: bool = False  # overviews take one pixel of four, for class colours
    alpha: bool = False  # the last band says by values over 0 where there are data
    paint: Paint | None = None  # applied to the tiles of the full image, in the threads that encode them


class PyramidWriter:
    """Takes strips of ``style.tile`` rows from top to bottom; :meth:`finish` or :meth:`assemble` write the file."""

    def __init__(self, width: int, height: int, bands: int, dtype: Any, style: Style, pool: Executor, folder: Path) -> None:
        self._style, self._pool = style, pool
        self._files = ExitStack()
        self.rooms = Rooms(room_for(style.tile**2 * bands * np.dtype(dtype).itemsize))
        self._levels: list[_Level] = []
        tags = dict(style.tags)
        while True:
            self._levels.append(_Level(self, (width, height), bands, np.dtype(dtype), tags, folder))
            if max(width, height) <= style.tile:
                break
            width, height = -(-width // 2), -(-height // 2)
            tags = {**tiff.overview_tags(style.below or style.tags), tiff.SUBFILE_TYPE: tiff.long(1)}

    def spool(self, folder: Path, values: int) -> IO[bytes]:
        """Where compressed tiles of a plane of ``values`` bytes wait: a file that vanishes with the writer, or memory if they are few."""
        return self._files.enter_context(BytesIO() if values <= IN_MEMORY else TemporaryFile(dir=folder, buffering=1 << 20))

    def add(self, values: NDArray[Any], valid: Mask | None = None) -> None:
        """The next strip: (bands, rows, columns) values and (rows, columns) validity; it must not change until the next call returns."""
        self._levels[0].add(values, valid)

    def settle(self) -> None:
        """Wait until no strip given so far is needed any more."""
        self._levels[0].drain()

    def assemble(self, target: Path) -> Assembly:
        """The COG at ``target``, whose full image is still to come; the spools are its own from now on.

        Raises:
            OSError: it cannot be written.
        """
        for level in self._levels:
            level.drain(last=True)
        return Assembly([plane for level in self._levels for plane in level.planes], target, self._files.pop_all().close)

    def finish(self, target: Path) -> None:
        """Write the COG to ``target``.

        Raises:
            OSError: it cannot be written.
        """
        with closing(self.assemble(target)) as assembly:
            assembly.wait_for()

    def close(self) -> None:
        """Give the spool files back, and the strips at once: writer and levels know each other, which otherwise keeps them for long."""
        self._levels.clear()
        self._files.close()

    @property
    def depth(self) -> int:
        """Levels there are so far."""
        return len(self._levels)

    @property
    def style(self) -> Style:
        return self._style

    def submit(self, job: Callable[[], _Tile]) -> Future[_Tile]:
        return self._pool.submit(job)

    def next_level(self, number: int) -> _Level | None:
        return self._levels[number + 1] if number + 1 < len(self._levels) else None


@dataclass(frozen=True, slots=True)
class _Tile:
    """An encoded tile and its encoded mask; None where nothing is valid."""

    image: Packed | None
    mask: bytes | None


class _Level:
    """One level of the pyramid. Two half-strips of the level above fill ``_buffer``, which is then a strip of this level."""

    def __init__(
        self, writer: PyramidWriter, size: tuple[int, int], bands: int, dtype: np.dtype[Any], tags: dict[int, tiff.Tag], folder: Path
    ) -> None:
        self._writer, self._number = writer, writer.depth
        number, (width, height) = writer.depth, size
        self._width, self._height, self._bands, self._dtype = width, height, bands, dtype
        self._tile = writer.style.tile
        sized = {**tags, tiff.WIDTH: tiff.long(width), tiff.HEIGHT: tiff.long(height)}
        self.image = tiff.Plane(width, height, sized, cast(Any, writer.spool(folder, width * height * bands * dtype.itemsize)))
        self.mask: tiff.Plane | None = None
        if writer.style.masked:
            kind = {tiff.SUBFILE_TYPE: tiff.long(5 if number else 4)}
            shape = {tiff.WIDTH: tiff.long(width), tiff.HEIGHT: tiff.long(height)}
            own = {**tiff.mask_tags(writer.style.tile), **kind, **shape}
            self.mask = tiff.Plane(width, height, own, cast(Any, writer.spool(folder, width * height)))
        self._pending: list[Future[_Tile]] = []
        self._row = 0
        self._buffers: list[tuple[NDArray[Any], Mask | None]] = []
        self._filled = 0

    @property
    def planes(self) -> Iterator[tiff.Plane]:
        yield self.image
        if self.mask is not None:
            yield self.mask

    def add(self, values: NDArray[Any], valid: Mask | None) -> None:
        done = self._wait()
        self._submit(values, valid)
        self._store(done)  # while the threads are busy with the new strip

    def drain(self, *, last: bool = False) -> None:
        """Wait for the strip in work and write its tiles."""
        self._store(self._wait())
        if last:
            self._buffers = []

    def _submit(self, values: NDArray[Any], valid: Mask | None) -> None:
        below = self._writer.next_level(self._number)
        half = None if below is None else below.half_strip(values.shape[1])
        across = -(-self._width // self._tile)
        for column in range(0, self._width, self._tile):
            part = slice(column, min(column + self._tile, self._width))
            view, marks = values[:, :, part], None if valid is None else valid[:, part]
            out = None if half is None else _cut(half, slice(column // 2, -(-part.stop // 2)))
            number = self._row // self._tile * across + column // self._tile
            stored = number if self._number == 0 and self._writer.style.stored is not None else None
            self._pending.append(self._writer.submit(_Job(view, marks, out, self._writer, self._number == 0, stored)))
        self._row += values.shape[1]

    def _wait(self) -> list[_Tile]:
        """The tiles of the strip in work; its half goes to the level below when that makes a full strip."""
        if not self._pending:
            return []
        tiles = [future.result() for future in self._pending]
        self._pending = []
        below = self._writer.next_level(self._number)
        if below is not None:
            below.filled(last=self._row >= self._height)
        return tiles

    def _store(self, tiles: list[_Tile]) -> None:
        for tile in tiles:
            self.image.add(tile.image)
            self._writer.rooms.give(tile.image)
            if self.mask is not None:
                self.mask.add(tile.mask)

    def half_strip(self, rows: int) -> tuple[NDArray[Any], Mask | None]:
        """Where the level above writes the halves of its next strip of ``rows`` rows."""
        if not self._filled:
            self._buffers = [*self._buffers[-1:], self._new_buffer()] if len(self._buffers) < 2 else self._buffers[::-1]
        values, valid = self._buffers[-1]
        part = slice(self._filled, self._filled + -(-rows // 2))
        self._filled = part.stop
        return values[:, part], None if valid is None else valid[part]

    def filled(self, *, last: bool) -> None:
        """The level above has written what it asked for."""
        if self._filled == self._tile or last:
            rows, self._filled = self._filled, 0
            values, valid = self._buffers[-1]
            self.add(values[:, :rows], None if valid is None else valid[:rows])

    def _new_buffer(self) -> tuple[NDArray[Any], Mask | None]:
        shape = (min(self._tile, self._height), self._width)
        return np.empty((self._bands, *shape), self._dtype), np.empty(shape, bool) if self._writer.style.masked else None


def _cut(half: tuple[NDArray[Any], Mask | None], columns: slice) -> tuple[NDArray[Any], Mask | None]:
    return half[0][:, :, columns], None if half[1] is None else half[1][:, columns]


@dataclass(slots=True)
class _Job:
    """Encode one tile and halve it for the next level; runs in a thread."""

    values: NDArray[Any]
    marks: Mask | None
    half: tuple[NDArray[Any], Mask | None] | None
    writer: PyramidWriter
    full_size: bool
    stored: int | None = None

    def __call__(self) -> _Tile:
        style = self.writer.style
        if style.paint is not None and self.full_size:
            self.values, self.marks = style.paint(self.values, self.marks)
        valid = self._valid(style)
        empty = valid is not None and not valid.any()
        if self.half is not None and empty:
            self._halve_nothing(self.half, style)
        elif self.half is not None:
            self._halve(self.half, valid, style)
        mask = None
        if style.masked and not empty:
            mask = _packed_mask(self.values.shape[1:], None if valid is None else valid[0], style.tile)
        if self.stored is not None and style.stored is not None:
            return _Tile(style.stored(self.stored), mask)
        if self._sparse(style, empty=empty, full=valid is None):
            return _Tile(None, None)
        return _Tile(style.encode(interleaved(self.values, style.tile), self.writer.rooms.take()), mask)

    def _sparse(self, style: Style, *, empty: bool, full: bool) -> bool:
        """Whether readers see the tile's pixels without its being there: nodata, or zeros. Not where a mask says that they are data."""
        if style.masked:
            return empty and not (self.values != (style.nodata or 0)).any()
        if style.nodata is not None:
            return empty
        return (full or empty) and not self.values.any()

    def _valid(self, style: Style) -> Mask | None:
        """Validity as (1 or bands, rows, columns), until this thread asks again; None when every pixel is valid."""
        if style.masked:
            return None if self.marks is None or self.marks.all() else self.marks[None]
        if style.alpha:
            marks = self.values[-1:] > 0
            return None if marks.all() else marks
        if style.nodata is None:
            return None
        if self.values.min() > style.nodata:  # quicker than to mark every pixel
            return None
        valid = scratch("valid", self.values.shape, bool)
        np.not_equal(self.values, self.values.dtype.type(style.nodata), out=valid)
        return None if valid.all() else valid

    def _halve_nothing(self, half: tuple[NDArray[Any], Mask | None], style: Style) -> None:
        values, marks = half
        values[...] = style.nodata or 0
        if marks is not None:
            marks[...] = False

    def _halve(self, half: tuple[NDArray[Any], Mask | None], valid: Mask | None, style: Style) -> None:
        values, marks = half
        if style.nearest:
            values[...] = self.values[:, ::2, ::2]
        else:
            halved(self.values, valid, style.nodata, values)
        if marks is not None:
            marks[...] = True if valid is None else valid[0, ::2, ::2] if style.nearest else halved_mask(valid[0])


def _packed_mask(shape: tuple[int, ...], valid: Mask | None, tile: int) -> bytes:
    if valid is None:
        return _full_mask(shape, tile)
    return bytes(imagecodecs.deflate_encode(packed(valid, tile), level=MASK_LEVEL))


@lru_cache(maxsize=16)
def _full_mask(shape: tuple[int, ...], tile: int) -> bytes:
    """The mask of a tile in which every pixel is valid."""
    return bytes(imagecodecs.deflate_encode(packed(np.ones(shape, bool), tile), level=MASK_LEVEL))
