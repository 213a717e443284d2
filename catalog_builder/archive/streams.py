"""Tar files and single compressed files, read as streams: forward only, a chunk at a time, stopped at bombs."""

from __future__ import annotations

import bz2
import io
import lzma
import tarfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Protocol

from catalog_builder.archive.delivery import ArchiveFile
from catalog_builder.archive.limits import CHUNK, Bomb, Budget, CorruptContainer, Entry, Kind, require_room


class _Reader(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class _Decompressor(Protocol):
    """What bz2 and lzma decompressors have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def needs_input(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Gunzip:
    """zlib's decompressor in the manner of bz2's."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


def _unxz() -> _Decompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_AUTO, memlimit=256 << 20)  # an xz file may ask for 4 GiB of dictionary


_DECOMPRESSORS: dict[Kind, Callable[[], _Decompressor]] = {Kind.GZIP: _Gunzip, Kind.BZIP2: bz2.BZ2Decompressor, Kind.XZ: _unxz}


class _Unpacking(io.RawIOBase):
    """The unpacked bytes of a compressed stream, forward only, never more than a chunk in memory; stops at bombs.

    Bytes that tar skips count too: a bomb must not cost time either.
    """

    def __init__(self, raw: IO[bytes], make: Callable[[], _Decompressor], budget: Budget) -> None:
        self._raw, self._make, self._budget = raw, make, budget
        self._inner = make()
        self._rest = b""
        self._total = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        size = CHUNK if size < 0 else min(size, CHUNK)
        while True:
            if self._inner.eof and not self._next_stream():
                return b""
            if self._inner.needs_input and not self._rest:
                self._rest = self._raw.read(CHUNK)
                if not self._rest:
                    raise EOFError("the compressed data ends too early")
            data, self._rest = self._decompress(self._rest, size), b""
            if data:
                self._total += len(data)
                self._budget.foresee(max(0, self._total - self._budget.spent), 0)
                return data

    def _decompress(self, packed: bytes, size: int) -> bytes:
        try:
            return self._inner.decompress(packed, size)
        except OSError as error:  # bz2 says so of bad data; reading the file is done elsewhere
            raise CorruptContainer(str(error)) from error

    def _next_stream(self) -> bool:
        """Go on with the next of several concatenated streams; padding of zeros after the last is normal."""
        self._rest = self._inner.unused_data or self._raw.read(CHUNK)
        while self._rest and not self._rest.strip(b"\x00"):
            self._rest = self._raw.read(CHUNK)
        if not self._rest:
            return False
        self._inner = self._make()
        return True


def stream_entries(file: ArchiveFile, kind: Kind, raw: IO[bytes], budget: Budget, work: Path) -> Iterator[Entry]:
    stream: io.RawIOBase | IO[bytes] = raw if kind is Kind.TAR else _Unpacking(raw, _DECOMPRESSORS[kind], budget)
    head = b""
    while len(head) < 512 and (data := stream.read(512 - len(head))):
        head += data
    reader = _Rejoined(head, stream)
    if is_tar(head):
        yield from _tar_entries(reader, budget, work)
    else:
        yield Entry(_name_inside(file), 0, lambda: io.BufferedReader(reader))


class _Rejoined(io.RawIOBase):
    """``head`` and then the rest of ``stream``."""

    def __init__(self, head: bytes, stream: _Reader) -> None:
        self._head, self._stream = head, stream

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        if self._head:
            size = len(self._head) if size < 0 else size
            data, self._head = self._head[:size], self._head[size:]
            return data
        return self._stream.read(size)

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _name_inside(file: ArchiveFile) -> str:
    """``scene.tif`` for ``scene.tif.gz``."""
    stem, dot, _ = file.basename.rpartition(".")
    return stem if dot and stem else f"{file.basename}.unpacked"


class _Header(tarfile.TarInfo):
    """A tar header; refuses extended headers and long names so large that reading them would fill the memory."""

    # the entry that tarfile means for subclasses to override; some versions pass by an overridden frombuf
    def _proc_member(self, tar: tarfile.TarFile) -> tarfile.TarInfo:
        extended = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)
        if self.type in extended and self.size > CHUNK:
            raise Bomb(f"header {self.size} > {CHUNK} bytes")
        member: tarfile.TarInfo = super()._proc_member(tar)  # type: ignore[misc]
        return member


def _tar_entries(stream: io.RawIOBase, budget: Budget, work: Path) -> Iterator[Entry]:
    with tarfile.open(fileobj=stream, mode="r|", tarinfo=_Header) as archive:
        for count, member in enumerate(archive, start=1):
            archive.members = []  # type: ignore[attr-defined]  # streaming keeps every header otherwise
            if count > budget.limits.members:
                raise Bomb(f"> {budget.limits.members} files")
            if member.isdir():
                continue
            refusal = _tar_refusal(member)
            if refusal is None:
                budget.foresee(member.size, 1)
                require_room(work, member.size, budget.limits)
            yield Entry(member.name, member.size, lambda member=member: _tar_open(archive, member), refusal)  # type: ignore[misc]


def _tar_refusal(member: tarfile.TarInfo) -> str | None:
    if member.issym() or member.islnk():
        return "link"
    if member.issparse():
        return "sparse file"
    return None if member.isreg() else "special file"


def _tar_open(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    stream = archive.extractfile(member)
    if stream is None:
        raise CorruptContainer(f"entry {member.name} has no content")
    return stream


def is_tar(head: bytes) -> bool:
    """Whether a block is a tar header: its checksum holds (unsigned sum with the checksum field as spaces, POSIX ustar)."""
    if len(head) < 512 or not head[0]:
        return False
    try:
        stated = int(head[148:156].rstrip(b"\x00 ").lstrip() or b"-", 8)
    except ValueError:
        return False
    return sum(head[:148]) + 8 * 32 + sum(head[156:512]) == stated
