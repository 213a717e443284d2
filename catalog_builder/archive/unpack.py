"""Recognising archive files by content and reading their entries one after the other. Trusts nothing they say about themselves."""

from __future__ import annotations

import io
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from catalog_builder.archive.delivery import ArchiveFile
from catalog_builder.archive.limits import Bomb, Budget, CorruptContainer, Entry, Kind, UnsupportedContainer, require_room
from catalog_builder.archive.names import decode_name
from catalog_builder.archive.streams import is_tar, stream_entries

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
    return kind or (Kind.TAR if is_tar(head) else None)


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
                yield stream_entries(file, kind, raw, budget, work)
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, struct.error, ValueError, OverflowError) as error:
        raise CorruptContainer(str(error) or type(error).__name__) from error
    except NotImplementedError as error:  # a compression method that zipfile does not know
        raise UnsupportedContainer(str(error)) from error


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
