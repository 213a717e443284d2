"""The step in which a staged tree takes the place of the served one, and what must be right before and after it."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
from pathlib import Path

from catalog_builder.files import rename_folder

_RENAME_EXCHANGE = 2  # linux/fs.h
_AT_FDCWD = -100  # linux/fcntl.h


def exchange(a: Path, b: Path) -> None:
    """Swap two folders of one file system atomically.

    Where the kernel or the file system cannot (network shares, other systems), renames follow each other; what a kill between them
    leaves, :func:`recover` puts right.

    Raises:
        OSError: a folder cannot be renamed; ``b`` is what it was.
    """
    if _exchanged_at_once(a, b):
        return
    aside = _aside(b)
    rename_folder(b, aside)
    try:
        rename_folder(a, b)
    except OSError:
        rename_folder(aside, b)
        raise
    rename_folder(aside, a)


def _exchanged_at_once(a: Path, b: Path) -> bool:
    """Swap two folders in one step; False where this system or this file system has no such step."""
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(_AT_FDCWD, os.fsencode(a), _AT_FDCWD, os.fsencode(b), _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code not in (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP):
        raise OSError(code, os.strerror(code), str(b))
    return False


def sync_file_system(folder: Path) -> None:
    """Bring everything that was written to the file system of ``folder`` to the disk: one call for a whole release."""
    if sys.platform != "linux":
        os.sync()
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).syncfs(descriptor) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), str(folder))
    finally:
        os.close(descriptor)


def recover(site: Path) -> None:
    """Put right what a swap left that was killed half-way on a system without an atomic exchange: the old release is served again, or
    removed where the new one is served already."""
    aside = _aside(site)
    if site.exists():
        shutil.rmtree(aside, ignore_errors=True)
    elif aside.is_dir():
        aside.rename(site)


def _aside(site: Path) -> Path:
    """Where the served tree stands between two renames. Hidden, and with a name that nobody gives to a copy of their own."""
    return site.with_name(f".{site.name}-swapped")
