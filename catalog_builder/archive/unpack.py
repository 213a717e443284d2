"""Reading the entries of an archive file one after the other, within a budget. Trusts nothing the file says about itself."""

from __future__ import annotations

import bz2
import io
import lzma
import shutil
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, Protocol

from catalog_builder.archive.delivery import ArchiveFile
from catalog_builder.archive.names import decode_name

CHUNK = 1 << 20
GIB = 1 << 30


class Kind(StrEnum):
    ZIP = "zip"
    TAR = "tar"
    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"
    RAR = "rar"
    SEVEN_ZIP = "7z"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one outermost archive file may unpack to, nested ones included.

    Whole-mission deliveries reach some 100 GB; imagery packs 2:1, masks and empty borders up to 1000:1 but are small, so the ratio
    counts only above ``ratio_free_bytes``. ``metadata_bytes`` bounds tables of contents and extended headers held in memory.
    """

    total_bytes: int = 256 * GIB
    members: int = 200_000
    ratio: float = 200.0
    ratio_free_bytes: int = 256 << 20
    metadata_bytes: int = 64 << 20
    depth: int = 2
    reserve_bytes: int = 256 << 20  # room that must stay free on the disk of the work area


class Bomb(Exception):
    """It would unpack to more than the limits allow."""


class CorruptContainer(Exception):
    """It is damaged or incomplete."""


class UnsupportedContainer(Exception):
    """It needs a password or a method that is not here."""


class NoRoom(Exception):
    """The disk is too full."""

    def __init__(self, needed: int, free: int) -> None:
        super().__init__(f"{needed} bytes needed, {free} free")
        self.needed, self.free = needed, free


@dataclass(frozen=True, slots=True)
class Entry:
    """One file inside; ``refusal`` says why it must not be unpacked. ``open`` is valid until the next entry is asked for."""

    name: str
    size: int
    open: Callable[[], IO[bytes]]
    refusal: str | None = None


@dataclass(slots=True)
class Budget:
    """What is left of the limits for one outermost archive file of ``packed`` bytes."""

    limits: Limits
    packed: int
    spent: int = 0
    members: int = 0

    def spend(self, size: int, members: int = 0) -> None:
        """Count ``size`` more unpacked bytes.

        Raises:
            Bomb: a limit is exceeded.
        """
        self.spent += size
        self.members += members
        self._check(self.spent)

    def foresee(self, size: int, members: int) -> None:
        """Check what the table of contents promises, before anything is unpacked."""
        self._check(self.spent + size)
        if self.members + members > self.limits.members:
            raise Bomb(f"{self.members + members} > {self.limits.members} files")

    def copy(self, entry: Entry, out: IO[bytes]) -> int:
        """Write the entry's bytes to ``out``, counting what really comes."""
        written = 0
        with entry.open() as stream:
            while data := stream.read(CHUNK):
                self.spend(len(data))
                out.write(data)
                written += len(data)
        self.spend(0, 1)
        return written

    def _check(self, size: int) -> None:
        if size > self.limits.total_bytes:
            raise Bomb(f"> {self.limits.total_bytes} bytes")
        if size > self.limits.ratio_free_bytes and size > self.limits.ratio * max(self.packed, 1):
            raise Bomb(f"> {self.limits.ratio:g} × {self.packed} bytes")
        if self.members > self.limits.members:
            raise Bomb(f"> {self.limits.members} files")


_MAGIC = {
    b"PK\x03\x04": Kind.ZIP,
    b"PK\x05\x06": Kind.ZIP,
    b"\x1f\x8b\x08": Kind.GZIP,
    b"BZh": Kind.BZIP2,
    b"\xfd7zXZ\x00": Kind.XZ,
    b"Rar!\x1a\x07": Kind.RAR,
    b"7z\xbc\xaf\x27\x1c": Kind.SEVEN_ZIP,
}
_DOCUMENT_ENTRIES = (b"mimetype", b"[Content_Types].xml", b"_rels/", b"docProps/", b"META-INF/", b"doc.kml", b"xl/", b"word/", b"ppt/")
"""Office documents, KMZ and the like are zip files too, but are documents to people; told by their first entry."""
_DOCUMENT_SUFFIXES = frozenset({".kmz", ".qgz", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".jar", ".whl", ".npz", ".apk", ".epub"})


def recognise(file: ArchiveFile) -> Kind | None:
    """The kind of archive file by its first bytes, or None.

    Raises:
        OSError: the file cannot be read.
    """
    head = file.head(512)
    kind = next((k for magic, k in _MAGIC.items() if head.startswith(magic)), None)
    if kind is Kind.ZIP and (file.suffix in _DOCUMENT_SUFFIXES or head[30:].startswith(_DOCUMENT_ENTRIES)):
        return None
    return kind or (Kind.TAR if _is_tar(head) else None)


@contextmanager
def open_entries(file: ArchiveFile, kind: Kind, budget: Budget, work: Path) -> Iterator[Iterator[Entry]]:
    """The entries of ``file`` in its own order.

    Raises:
        Bomb, CorruptContainer, UnsupportedContainer, NoRoom: also while the entries are read.
        OSError: the file itself cannot be read.
    """
    try:
        if kind is Kind.ZIP:
            with _open_zip(file.path, budget, work) as entries:
                yield entries
        elif kind in (Kind.RAR, Kind.SEVEN_ZIP):
            raise UnsupportedContainer(f".{kind.value}")
        else:
            with file.path.open("rb") as raw:
                yield _stream_entries(file, kind, raw, budget, work)
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, struct.error, ValueError, OverflowError) as error:
        raise CorruptContainer(str(error) or type(error).__name__) from error
    except NotImplementedError as error:  # a compression method that zipfile does not know
        raise UnsupportedContainer(str(error)) from error


def require_room(work: Path, size: int, limits: Limits) -> None:
    """Raises:
    NoRoom: less than ``size`` bytes and the reserve are free where ``work`` lies."""
    free = shutil.disk_usage(work).free
    if size + limits.reserve_bytes > free:
        raise NoRoom(size + limits.reserve_bytes, free)


# zip


@contextmanager
def _open_zip(path: Path, budget: Budget, work: Path) -> Iterator[Iterator[Entry]]:
    if _zip_directory_size(path) > budget.limits.metadata_bytes:
        raise Bomb(f"directory > {budget.limits.metadata_bytes} bytes")
    with zipfile.ZipFile(path) as archive:
        infos = [i for i in archive.infolist() if not i.is_dir()]
        if any(i.flag_bits & 1 for i in infos):
            raise UnsupportedContainer("password")
        total = sum(i.file_size for i in infos)
        budget.foresee(total, len(infos))
        require_room(work, total, budget.limits)
        yield (_zip_entry(archive, info) for info in infos)


def _zip_directory_size(path: Path) -> int:
    """Bytes of the central directory as the file's end records state them (APPNOTE 4.3.14 and 4.3.16); 0 when there are none."""
    with path.open("rb") as stream:
        size = stream.seek(0, io.SEEK_END)
        stream.seek(max(0, size - (1 << 16) - 256))
        tail = stream.read()
    small, large = tail.rfind(b"PK\x05\x06"), tail.rfind(b"PK\x06\x06")
    stated = struct.unpack_from("<L", tail, small + 12)[0] if 0 <= small <= len(tail) - 22 else 0
    if stated == 0xFFFFFFFF:
        stated = 0
    if 0 <= large <= len(tail) - 56:
        stated = max(stated, struct.unpack_from("<Q", tail, large + 40)[0])
    return int(stated)


def _zip_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Entry:
    name = info.orig_filename
    if not info.flag_bits & 0x800:  # no UTF-8 flag: zipfile has decoded the bytes as code page 437
        try:
            name = decode_name(name.encode("cp437"))
        except UnicodeEncodeError:  # a Unicode extra field has already given the right name
            name = info.filename
    mode = info.external_attr >> 16
    special = stat.S_IFMT(mode) not in (0, stat.S_IFREG)
    refusal = ("link" if stat.S_ISLNK(mode) else "special file") if special else None
    return Entry(name.replace("\\", "/"), info.file_size, lambda: archive.open(info), refusal)


# tar and single compressed files


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


def _stream_entries(file: ArchiveFile, kind: Kind, raw: IO[bytes], budget: Budget, work: Path) -> Iterator[Entry]:
    stream: io.RawIOBase | IO[bytes] = raw if kind is Kind.TAR else _Unpacking(raw, _DECOMPRESSORS[kind], budget)
    head = b""
    while len(head) < 512 and (data := stream.read(512 - len(head))):
        head += data
    reader = _Rejoined(head, stream)
    if _is_tar(head):
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

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _Header:
        header = super().frombuf(buf, encoding, errors)
        extended = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)
        if header.type in extended and header.size > CHUNK:
            raise Bomb(f"header {header.size} > {CHUNK} bytes")
        return header


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


def _is_tar(head: bytes) -> bool:
    """Whether a block is a tar header: its checksum holds (unsigned sum with the checksum field as spaces, POSIX ustar)."""
    if len(head) < 512 or not head[0]:
        return False
    try:
        stated = int(head[148:156].rstrip(b"\x00 ").lstrip() or b"-", 8)
    except ValueError:
        return False
    return sum(head[:148]) + 8 * 32 + sum(head[156:512]) == stated
