"""What an archive file may unpack to, and the ways in which it can go wrong."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO

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


def require_room(work: Path, size: int, limits: Limits) -> None:
    """Raises:
    NoRoom: less than ``size`` bytes and the reserve are free where ``work`` lies."""
    free = shutil.disk_usage(work).free
    if size + limits.reserve_bytes > free:
        raise NoRoom(size + limits.reserve_bytes, free)
