"""The step in which a staged tree takes the place of the served one, and what must be right before and after it."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from pathlib import Path

_RENAME_EXCHANGE = 2  # linux/fs.h
_AT_FDCWD = -100  # linux/fcntl.h


def exchange(a: Path, b: Path) -> None:
    """Swap two folders of one file system atomically.

    Where the kernel or the file system cannot (network shares, other systems), two renames follow each other; a kill between them
    leaves ``b`` as ``<b>.old``, which :func:`recover` puts back.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.renameat2(_AT_FDCWD, os.fsencode(a), _AT_FDCWD, os.fsencode(b), _RENAME_EXCHANGE) == 0:
            return
        code = ctypes.get_errno()
        if code not in (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP):
            raise OSError(code, os.strerror(code), str(b))
    aside = _aside(b)
    b.rename(aside)
    a.rename(b)
    aside.rename(a)


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
    """Undo a swap that was killed half-way on a system without an atomic exchange."""
    if not site.exists() and _aside(site).is_dir():
        _aside(site).rename(site)


def _aside(site: Path) -> Path:
    return site.with_name(site.name + ".old")
