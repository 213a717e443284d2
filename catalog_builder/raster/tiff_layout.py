"""The bytes of a Cloud-Optimized GeoTIFF around its tiles: directories first, then overviews from small to large, then the image.

Layout and ghost header follow GDAL's COG driver (GDAL documentation, "COG -- Cloud Optimized GeoTIFF generator", header ghost area).
Tags come from a skeleton that GDAL wrote, so georeference and metadata are encoded by GDAL and not by us.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

SHORT, LONG, LONG8 = 3, 4, 16
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 16: 8}
"""Bytes per value of the TIFF 6.0 field types, and of LONG8 (BigTIFF)."""

SUBFILE_TYPE, WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 254, 256, 257, 258, 259, 262
SAMPLES, PLANAR, PREDICTOR, TILE_WIDTH, TILE_HEIGHT, OFFSETS, COUNTS = 277, 284, 317, 322, 323, 324, 325
EXTRA_SAMPLES, SAMPLE_FORMAT, JPEG_TABLES, YCBCR_SUBSAMPLING, REFERENCE_BLACK_WHITE, NODATA = 338, 339, 347, 530, 532, 42113

_IN_OVERVIEWS = (
    BITS, COMPRESSION, PHOTOMETRIC, SAMPLES, PLANAR, PREDICTOR, TILE_WIDTH, TILE_HEIGHT,
    EXTRA_SAMPLES, SAMPLE_FORMAT, YCBCR_SUBSAMPLING, REFERENCE_BLACK_WHITE, NODATA,
)  # fmt: skip
"""Tags that an overview shares with the image; georeference and metadata stand in the first directory only."""

MAX_TAGS = 1000

CLASSIC_LIMIT = 4_000_000_000
"""Bytes from which the file is BigTIFF: classic offsets end at 2**32."""

_GHOST = (
    b"LAYOUT=IFDS_BEFORE_DATA\nBLOCK_ORDER=ROW_MAJOR\nBLOCK_LEADER=SIZE_AS_UINT4\n"
    b"BLOCK_TRAILER=LAST_4_BYTES_REPEATED\nKNOWN_INCOMPATIBLE_EDITION=NO\n "
)
_GHOST_HEADER = b"GDAL_STRUCTURAL_METADATA_SIZE=%06d bytes\n" % len(_GHOST) + _GHOST

Tag = tuple[int, int, bytes]
"""Field type, number of values, little endian bytes."""


@dataclass
class Plane:
    """One image of the pyramid (or a mask of it): its tiles lie one after the other in ``spool``, sizes 0 for sparse ones."""

    width: int
    height: int
    tags: dict[int, Tag]
    spool: BinaryIO
    sizes: list[int] = field(default_factory=list)

    def add(self, tile: bytes | memoryview | None) -> None:
        """Append the next tile in row-major order; None for a sparse one."""
        self.sizes.append(0 if tile is None else len(tile))
        if tile is not None:
            self.spool.writelines((struct.pack("<I", len(tile)), tile, tile[-4:]))

    @property
    def stored(self) -> int:
        """Bytes in the spool: each tile with its leader and trailer."""
        return sum(n + 8 for n in self.sizes if n)

    def offsets(self, start: int) -> NDArray[np.uint64]:
        """Offsets of the tiles when the spool begins at ``start`` of the file; 0 for sparse tiles."""
        sizes = np.array(self.sizes, np.uint64)
        steps = np.where(sizes > 0, sizes + np.uint64(8), np.uint64(0))
        begin = np.uint64(start) + np.cumsum(steps) - steps
        return np.where(sizes > 0, begin + np.uint64(4), np.uint64(0))


def short(value: int) -> Tag:
    return (SHORT, 1, struct.pack("<H", value))


def long(value: int) -> Tag:
    return (LONG, 1, struct.pack("<I", value))


def read_tags(path: Path) -> dict[int, Tag]:
    """All tags of the first directory of a little endian TIFF or BigTIFF.

    Raises:
        ValueError, struct.error: it is none, or the directory is damaged.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        order, magic = struct.unpack("<2sH", stream.read(4))
        if order != b"II" or magic not in (42, 43):
            raise ValueError("not a little endian TIFF")
        big = magic == 43
        (position,) = struct.unpack("<4xQ", stream.read(12)) if big else struct.unpack("<I", stream.read(4))
        stream.seek(position)
        (entries,) = struct.unpack("<Q", stream.read(8)) if big else struct.unpack("<H", stream.read(2))
        if entries > MAX_TAGS:
            raise ValueError(f"{entries} tags")
        form, inline = ("<HHQ8s", 8) if big else ("<HHI4s", 4)
        table = stream.read(struct.calcsize(form) * entries)
        return {tag: _value(stream, size, inline, *rest) for tag, *rest in struct.iter_unpack(form, table)}


def _value(stream: BinaryIO, file_size: int, inline: int, kind: int, count: int, value: bytes) -> Tag:
    size = _SIZES.get(kind, 1) * count
    if size <= inline:
        return kind, count, value[:size]
    if size > file_size:
        raise ValueError("a tag larger than the file")
    stream.seek(int.from_bytes(value, "little"))
    return kind, count, stream.read(size)


def numbers(tag: Tag) -> tuple[int, ...]:
    """The values of a SHORT, LONG or LONG8 tag.

    Raises:
        ValueError: it has another type, or is cut off.
    """
    kind, count, value = tag
    formats = {SHORT: "<u2", LONG: "<u4", LONG8: "<u8"}
    if kind not in formats or len(value) != count * _SIZES[kind]:
        raise ValueError(f"tag of type {kind} with {len(value)} bytes")
    return tuple(int(n) for n in np.frombuffer(value, formats[kind]))


def overview_tags(tags: Mapping[int, Tag]) -> dict[int, Tag]:
    """The tags that an overview inherits from the image."""
    return {t: v for t, v in tags.items() if t in _IN_OVERVIEWS}


def mask_tags(tile: int) -> dict[int, Tag]:
    """Tags of a 1-bit transparency mask (TIFF 6.0, photometric interpretation 4), DEFLATE compressed."""
    one_bit = {BITS: short(1), COMPRESSION: short(8), PHOTOMETRIC: short(4), SAMPLES: short(1), PLANAR: short(1)}
    return {**one_bit, TILE_WIDTH: short(tile), TILE_HEIGHT: short(tile), SAMPLE_FORMAT: short(1)}


def directories(planes: Sequence[Plane]) -> bytes:
    """What stands before the tiles, for ``planes`` in directory order (image, its mask, first overview, its mask, ...), whose tiles follow
    in the opposite order. A BigTIFF where offsets need it."""
    big = sum(p.stored for p in planes) + _directories_size(planes, True) > CLASSIC_LIMIT
    begin = _directories_size(planes, big)
    starts: dict[int, int] = {}
    position = begin
    for index in reversed(range(len(planes))):
        starts[index] = position
        position += planes[index].stored
    written = _directories([p.offsets(starts[i]) for i, p in enumerate(planes)], planes, big)
    if len(written) != begin:
        raise AssertionError("directories have another size than planned")
    return written


def _entries(plane: Plane) -> dict[int, int]:
    """Tag to number of bytes, in the order of the directory, for the sizes known only in the end use LONG8 / LONG."""
    tiles = len(plane.sizes)
    sizes = {t: len(v) for t, (_, _, v) in plane.tags.items()}
    return dict(sorted({**sizes, OFFSETS: -tiles, COUNTS: 4 * tiles}.items()))


def _directories_size(planes: Sequence[Plane], big: bool) -> int:
    size = _start(big)
    inline, entry, fixed, offset = (8, 20, 16, 8) if big else (4, 12, 6, 4)
    for plane in planes:
        entries = _entries(plane)
        size += fixed + entry * len(entries)
        for n in entries.values():
            length = -n * offset if n < 0 else n
            size += (length + length % 2) if length > inline else 0
    return size


def _start(big: bool) -> int:
    header = (16 if big else 8) + len(_GHOST_HEADER)
    return header + header % 2


def _directories(offsets: Sequence[NDArray[np.uint64]], planes: Sequence[Plane], big: bool) -> bytes:
    """Header, ghost area and all directories with their values."""
    out = bytearray()
    out += struct.pack("<2sHHHQ", b"II", 43, 8, 0, _start(big)) if big else struct.pack("<2sHI", b"II", 42, _start(big))
    out += _GHOST_HEADER
    out += bytes(_start(big) - len(out))
    for index, plane in enumerate(planes):
        tags = dict(plane.tags)
        kind, dtype = (LONG8, "<u8") if big else (LONG, "<u4")
        tags[OFFSETS] = (kind, len(plane.sizes), offsets[index].astype(dtype).tobytes())
        tags[COUNTS] = (LONG, len(plane.sizes), np.array(plane.sizes, "<u4").tobytes())
        out += _directory(tags, len(out), big, last=index == len(planes) - 1)
    return bytes(out)


def _directory(tags: Mapping[int, Tag], position: int, big: bool, *, last: bool) -> bytes:
    inline, entry, fixed = (8, 20, 16) if big else (4, 12, 6)
    word, count_format = ("<Q", "<HHQ") if big else ("<I", "<HHI")
    head = bytearray(struct.pack("<Q" if big else "<H", len(tags)))
    values = bytearray()
    after = position + fixed + entry * len(tags)
    for tag, (kind, count, value) in sorted(tags.items()):
        head += struct.pack(count_format, tag, kind, count)
        if len(value) <= inline:
            head += value.ljust(inline, b"\0")
        else:
            head += struct.pack(word, after + len(values))
            values += value + bytes(len(value) % 2)
    head += struct.pack(word, 0 if last else after + len(values))
    return bytes(head + values)
