"""Files: atomic writes, checksums, links. Every byte the product writes goes through here.

A file becomes visible under its final name only when it is whole and on disk: temporary file in the same folder, fsync,
rename. Files that nothing speaks of yet may be put :func:`on_disk_together`. Checksums have multihash form, as the STAC file extension
asks: those of files are SHA-256 (``1220`` + hex), which every system has a command for; those of pixels BLAKE3 (``1e20`` + hex).
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson

MULTIHASH_SHA256 = "1220"
"""Multihash prefix: code 0x12 (sha2-256), length 0x20 (multiformats multihash table)."""

MULTIHASH_BLAKE3 = "1e20"
"""Multihash prefix: code 0x1e (blake3), length 0x20. 9 GB/s where SHA-256 takes 1.9, and 0.7 without the processor's help."""

PART_SUFFIX = ".part"

_NUMBERS = re.compile(rb"\[\n( +)([^\s\"\[\]{}][^\"\[\]{}]*)\n *\]")
"""A list without texts, lists and objects, each value on a line. In JSON no text holds a line break."""

REFUSED_SECONDS = 5.0
"""How long a folder may refuse another name. A Linux client of such a share keeps files open for a second (mount.cifs, closetimeo)."""

_LATER: ContextVar[list[Path] | None] = ContextVar("later", default=None)
"""Files that wait for the end of :func:`on_disk_together`."""

_SYNCED_AT_ONCE = 8
"""Requests to a disk at the same time: journalling file systems put what waits on disk in one go."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A finished file: its path, its size in bytes and its SHA-256 multihash."""

    path: Path
    size: int
    checksum: str


def multihash(sha256_hex: str) -> str:
    return MULTIHASH_SHA256 + sha256_hex


def checksum_bytes(data: bytes) -> str:
    return multihash(hashlib.sha256(data).hexdigest())


def checksum_file(path: Path) -> str:
    """SHA-256 multihash of the bytes of ``path``."""
    with path.open("rb") as stream:
        return multihash(hashlib.file_digest(stream, "sha256").hexdigest())


def describe(path: Path) -> StoredFile:
    """Size and checksum of a file that is there."""
    return StoredFile(path, path.stat().st_size, checksum_file(path))


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path`` to write to; on success it becomes ``path``, on any exception it is removed.

    The temporary name keeps the suffix of ``path`` because GDAL drivers look at it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{_writer()}-{hashlib.sha256(path.name.encode()).hexdigest()[:12]}{PART_SUFFIX}{path.suffix}")
    try:
        yield temporary
        later = _LATER.get()
        if later is None:
            _sync(temporary)
        temporary.replace(path)
        if later is None:
            _sync(path.parent)
        else:
            later.append(path)
    finally:
        temporary.unlink(missing_ok=True)


@cache
def _drawn(process: int) -> str:
    return f"{process}-{secrets.token_hex(4)}"


def _writer() -> str:
    """This process by a name that no process of another machine has: several may write to one shared folder."""
    return _drawn(os.getpid())


@contextmanager
def on_disk_together() -> Iterator[None]:
    """Files written inside are put on disk at the end, all at once: seven files wait for the disk about as long as one.

    For files that nothing trusts before something is written afterwards that speaks of them. Files of other threads are put on
    disk one by one, and those written before an exception not at all.

    Raises:
        OSError: the disk does not take them.
    """
    written: list[Path] = []
    token = _LATER.set(written)
    try:
        yield
    finally:
        _LATER.reset(token)
    files, folders = dict.fromkeys(written), dict.fromkeys(path.parent for path in written)
    with ThreadPoolExecutor(_SYNCED_AT_ONCE) as pool:
        for places in (files, folders):
            list(pool.map(_sync_what_is_left, places))


def rename_folder(folder: Path, target: Path) -> None:
    """Give ``folder`` the name ``target``, where nothing may be; on disk when this returns.

    Windows, and shares that it serves, refuse while somebody has a file of the folder open, as caches and virus scanners have for a moment
    after it was written (ERROR_ACCESS_DENIED, which arrives as EACCES): so it is tried for :data:`REFUSED_SECONDS`.

    Raises:
        OSError: something is there, or the disk does not take it.
    """
    given_up = time.monotonic() + REFUSED_SECONDS
    while True:
        try:
            folder.rename(target)
            break
        except PermissionError:
            if time.monotonic() > given_up:
                raise
            time.sleep(REFUSED_SECONDS / 50)
    _sync(target.parent)


def write_bytes(path: Path, data: bytes) -> StoredFile:
    """Write ``data`` to ``path`` atomically."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(data)
    return StoredFile(path, len(data), checksum_bytes(data))


def write_text(path: Path, text: str) -> StoredFile:
    return write_bytes(path, text.encode())


def json_bytes(data: Any) -> bytes:
    """Canonical JSON of the product: UTF-8, two spaces, keys in the order given, one newline at the end. A list of numbers is one line:
    with a line for each bin of each histogram, items would be twice as large and hard to read."""
    text = orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    return _NUMBERS.sub(lambda found: b"[%b]" % found[2].replace(b"\n" + found[1], b" "), text)


def write_json(path: Path, data: Any) -> StoredFile:
    return write_bytes(path, json_bytes(data))


def read_json(path: Path) -> Any:
    return orjson.loads(path.read_bytes())


def link_or_copy(source: Path, target: Path) -> None:
    """Make ``target`` the same bytes as ``source``: a hard link where the file system allows it, else an atomic copy."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:  # another device, or a file system without links: the copy is the same to a reader
        with atomic_path(target) as temporary:
            shutil.copyfile(source, temporary)


def _sync_what_is_left(path: Path) -> None:
    with suppress(FileNotFoundError):  # written and taken away again
        _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
