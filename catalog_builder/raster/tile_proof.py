"""Proof of a file of the one-pass writer, tile by tile, in one read of the bytes on disk.

Every byte of the file is read once, in order. It goes through SHA-256, which is the checksum of the asset, and every tile of the full
image is found where the directory on disk says, decompressed as the tags on disk say and put back into rows. The checksum of each band
of these rows must equal that of the source as GDAL read it. So what is on disk decodes to the source, and neither the encoder nor its
memory is trusted. That other software understands the directory as we do is shown by GDAL: it reads a sample of tiles from all over the
raster, which must have the same pixels, and rio-cogeo checks the layout.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO

import imagecodecs
import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.windows import Window

from catalog_builder.errors import UnreadableDelivery
from catalog_builder.files import StoredFile, multihash
from catalog_builder.raster import findings
from catalog_builder.raster import tiff_layout as tiff
from catalog_builder.raster.assembly import Assembly
from catalog_builder.raster.measure import Measured, Watcher
from catalog_builder.raster.pixels import Strip, strip_of
from catalog_builder.raster.presets import TILE
from catalog_builder.raster.proof import PixelDigest
from catalog_builder.raster.scratch import scratch, strip_buffers
from catalog_builder.raster.source import GDAL_ERRORS, Header, problem_of

SAMPLES = 16
"""About as many tiles GDAL reads too; a raster of fewer tiles is read by GDAL as a whole, see :func:`has_many_tiles`."""

CHUNK = 8 << 20
"""Bytes of one read of what lies before the tiles of the full image."""

_DEFLATE, _ZSTD = 8, 50_000
"""TIFF compression schemes (Adobe technical notes; libtiff tiff.h)."""


def has_many_tiles(header: Header) -> bool:
    """Whether reading a sample with GDAL is cheaper than reading everything."""
    return -(-header.width // TILE) * -(-header.height // TILE) > SAMPLES


def prove_tiles(
    product: Path, header: Header, measured: Measured, threads: int, subject: str, watcher: Watcher | None, assembly: Assembly
) -> StoredFile:
    """Read the file back while ``assembly`` finishes it, and compare it with ``measured``; returns its size and checksum.

    Raises:
        UnreadableDelivery: the pixels differ or cannot be read.
        OSError: the file cannot be written to its end.
    """
    proof = PixelDigest(header)
    try:
        with ThreadPoolExecutor(max(threads, 1)) as pool, _TileFile(product, header, assembly) as file, rasterio.open(product) as dataset:
            looking: list[Future[None]] = []
            sample: list[tuple[Window, int]] = []
            for strip in file.strips(pool, dataset):
                for future in looking:  # one strip late, so that threads find work while the next is read
                    future.result()
                looking = [pool.submit(proof.update_band, band, strip) for band in range(header.bands)]
                proof.update_mask(strip)
                sample += file.sampled(strip)
                if watcher is not None:
                    watcher(strip)
            for future in looking:
                future.result()
            differing = _differing(product, sample)
    except (*GDAL_ERRORS, struct.error, RuntimeError) as error:  # codecs raise RuntimeError
        if error is assembly.problem:
            raise
        raise UnreadableDelivery(findings.UNREADABLE_PIXELS(subject, problem=problem_of(error, product))) from error
    what = measured.digest.difference(proof) or differing
    if what:
        raise UnreadableDelivery(findings.PIXELS_DIFFER(subject, what=what))
    return file.stored


def _spread(tiles: int) -> int:
    """Every which tile GDAL reads."""
    return max(1, -(-tiles // SAMPLES))


def _differing(product: Path, sample: list[tuple[Window, int]]) -> str | None:
    """The first sampled tile in which GDAL sees other pixels, in words."""
    with rasterio.open(product, driver="GTiff") as dataset:
        for window, check in sample:
            if _check(dataset.read(window=window)) != check:
                return f"tile at column {window.col_off}, row {window.row_off}"
    return None


def _check(values: NDArray[Any]) -> int:
    return int(imagecodecs.deflate_crc32(np.ascontiguousarray(values)))


class _TileFile:
    """The full image of a COG, read from the start of the file to its end; use as a context manager."""

    def __init__(self, path: Path, header: Header, assembly: Assembly) -> None:
        self._path, self._header, self._assembly = path, header, assembly
        tags = tiff.read_tags(path)
        self._side = self._checked(tags)
        self._offsets, self._sizes = (tiff.numbers(tags[t]) for t in (tiff.OFFSETS, tiff.COUNTS))
        self._across, self._down = -(-header.width // self._side), -(-header.height // self._side)
        if not len(self._offsets) == len(self._sizes) == self._across * self._down:
            raise ValueError("another number of tiles than the image has")
        zstd = tiff.numbers(tags[tiff.COMPRESSION]) == (_ZSTD,)
        self._decompress = imagecodecs.zstd_decode if zstd else imagecodecs.deflate_decode
        self._packed = np.empty(0, np.uint8)
        self._digest = hashlib.sha256()
        self._dtype = np.dtype(header.data_type).newbyteorder("<")
        self._sample_every = _spread(self._across * self._down)

    def __enter__(self) -> _TileFile:
        self._stream: BinaryIO = self._path.open("rb", buffering=0)
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def _checked(self, tags: dict[int, tiff.Tag]) -> int:
        """The tile side, when the tags on disk describe the raster in the one way that is decoded here.

        Raises:
            ValueError: they do not.
        """
        header, found = self._header, {t: tiff.numbers(tags[t]) for t in _DESCRIBING if t in tags}
        bits = np.dtype(header.data_type).itemsize * 8
        side = found.get(tiff.TILE_WIDTH, (0,))[0]
        expected = {
            tiff.WIDTH: (header.width,),
            tiff.HEIGHT: (header.height,),
            tiff.SAMPLES: (header.bands,),
            tiff.BITS: (bits,) * header.bands,
            tiff.SAMPLE_FORMAT: (2 if header.data_type.startswith("int") else 1,) * header.bands,
            tiff.PLANAR: (1,),
            tiff.PREDICTOR: (2,),
            tiff.TILE_WIDTH: (side,),
            tiff.TILE_HEIGHT: (side,),
        }
        wrong = [tag for tag, value in expected.items() if found.get(tag) != value]
        if wrong or side < 1 or found[tiff.COMPRESSION][0] not in (_DEFLATE, _ZSTD):
            raise ValueError(f"unexpected tags: {wrong or found.get(tiff.COMPRESSION)}")
        return side

    @property
    def stored(self) -> StoredFile:
        """The file as read to its end."""
        return StoredFile(self._path, self._stream_end, multihash(self._digest.hexdigest()))

    def strips(self, pool: Executor, dataset: Any) -> Iterator[Strip]:
        """Row after row of tiles, decoded; a strip is overwritten when the next but one is asked for. A mask, whose tiles are small
        and few, is read by GDAL from the open ``dataset``."""
        header, position = self._header, 0
        shape = (header.bands, min(self._side, header.height), header.width)
        buffers = strip_buffers(shape, self._dtype)
        for row in range(self._down):
            start, end = self._range(row, position)
            self._pass_by(start - position)
            packed = self._read(end - start)
            position = end
            rows = min(self._side, header.height - row * self._side)
            values = buffers[row % len(buffers)][:, :rows]
            jobs = [pool.submit(self._digest.update, packed)]
            jobs += [pool.submit(self._decode, packed, start, row, column, values) for column in range(self._across)]
            for job in jobs:
                job.result()
            yield strip_of(row * self._side, values, header, dataset)
        self._pass_by(None)
        self._stream_end = self._stream.tell()

    def _range(self, row: int, position: int) -> tuple[int, int]:
        """First and last byte of the tiles of a row, which follow each other in the file."""
        numbers = [n for n in range(row * self._across, (row + 1) * self._across) if self._sizes[n]]
        if not numbers:
            return position, position
        begins, ends = [self._offsets[n] for n in numbers], [self._offsets[n] + self._sizes[n] for n in numbers]
        ordered = all(b >= e for b, e in zip(begins, [position, *ends[:-1]], strict=True))
        if not ordered or ends[-1] - begins[0] > 2 * self._side * self._header.width * self._header.bands * self._dtype.itemsize + CHUNK:
            raise ValueError("tiles are not in the order of their rows")
        return begins[0], ends[-1]

    def _pass_by(self, size: int | None) -> None:
        """Take bytes that are not tiles of the full image into the checksum; None: up to the end."""
        self._assembly.wait_for(None if size is None else self._stream.tell() + size)
        while size is None or size > 0:
            data = self._stream.read(CHUNK if size is None else min(size, CHUNK))
            if not data and size is None:
                return
            if not data:
                raise ValueError("the file ends before its tiles")
            self._digest.update(data)
            size = None if size is None else size - len(data)

    def _read(self, size: int) -> memoryview:
        if self._packed.size < size:
            self._packed = np.empty(size * 5 // 4, np.uint8)
        self._assembly.wait_for(self._stream.tell() + size)
        packed = self._packed[:size].data
        done = 0
        while done < size:
            read = self._stream.readinto(packed[done:])  # type: ignore[attr-defined]
            if not read:
                raise ValueError("the file ends inside its tiles")
            done += read
        return packed

    def _decode(self, packed: memoryview, start: int, row: int, column: int, values: NDArray[Any]) -> None:
        """One tile into its place in the strip."""
        number, side, header = row * self._across + column, self._side, self._header
        place = values[:, :, column * side : (column + 1) * side]
        offset, size = self._offsets[number] - start, self._sizes[number]
        if not size:
            place[...] = 0 if header.nodata is None else int(header.nodata)
            return
        shape = (side, side, header.bands)
        differences = scratch("decoded", shape, self._dtype)
        decoded = self._decompress(packed[offset : offset + size], out=differences.data.cast("B"))
        if len(decoded) != differences.nbytes:
            raise ValueError(f"tile {number} has {len(decoded)} bytes")
        rows, columns = place.shape[1:]
        pixels = imagecodecs.delta_decode(differences, axis=1, out=scratch("pixels", shape, self._dtype))
        for band in range(header.bands):
            place[band] = pixels[:rows, :columns, band]

    def sampled(self, strip: Strip) -> Iterator[tuple[Window, int]]:
        """The tiles of a strip that GDAL shall read as well, with the checksum of their pixels."""
        row = strip.row // self._side
        for column in range(self._across):
            if (row * self._across + column) % self._sample_every == 0:
                part = strip.values[:, :, column * self._side : (column + 1) * self._side]
                window = Window(column * self._side, strip.row, part.shape[2], part.shape[1])
                yield window, _check(part)


_DESCRIBING = (
    tiff.WIDTH, tiff.HEIGHT, tiff.BITS, tiff.COMPRESSION, tiff.SAMPLES, tiff.PLANAR, tiff.PREDICTOR,
    tiff.TILE_WIDTH, tiff.TILE_HEIGHT, tiff.SAMPLE_FORMAT,
)  # fmt: skip
