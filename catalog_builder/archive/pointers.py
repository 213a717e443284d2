"""Side files that GDAL follows by itself when it opens a raster: looked at before it does, so that none leads elsewhere."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path

from catalog_builder.archive.delivery import ArchiveFile
from catalog_builder.archive.generic_findings import RASTER_POINTS_OUTSIDE
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.times import age

MAX_PAM_BYTES = 64 << 20
"""Bytes of a PAM file (.aux.xml); attribute tables of large class maps reach some megabytes."""

CLOCK_STEP_SECONDS = 5.0
"""A folder changed less than this ago may change again under the same modification time: FAT counts in steps of two seconds."""

_POINTING = (".aux.xml", ".ovr", ".msk", ".aux", ".rrd")
"""Side files that GDAL opens by themselves, some with any driver that recognises them."""


def check_side_files(file: ArchiveFile) -> None:
    """Refuse side files that would make GDAL open something else than plain side files of this raster.

    Raises:
        UnreadableDelivery: a PAM file that names other files, or an overview or mask file that is not TIFF or HFA.
    """
    stem = file.path.stem.lower() + "."
    for name in _pointing(file.path.parent):
        if name.lower().startswith(stem):
            path = file.path.with_name(name)
            if path.is_symlink() or not path.is_file() or not _is_plain(path):
                raise UnreadableDelivery(RASTER_POINTS_OUTSIDE(file.name, other=name))


def _pointing(folder: Path) -> tuple[str, ...]:
    """Names in ``folder`` that GDAL may follow, whatever their case. A folder that has rested is listed once, not once per raster."""
    changed = folder.stat().st_mtime_ns
    rested = age(changed) > CLOCK_STEP_SECONDS
    return _listed(folder, changed) if rested else _listed.__wrapped__(folder, changed)


@lru_cache(maxsize=64)
def _listed(folder: Path, changed: int) -> tuple[str, ...]:
    return tuple(name for name in os.listdir(folder) if name.lower().endswith(_POINTING))  # noqa: PTH208


def _is_plain(path: Path) -> bool:
    """Whether a side file holds pixels itself, or is PAM that names no other file."""
    with path.open("rb") as stream:
        if not path.name.lower().endswith(".aux.xml"):
            return re.match(rb"II[*+]\x00|MM\x00[*+]|EHFA_HEADER_TAG", stream.read(32)) is not None
        data = stream.read(MAX_PAM_BYTES + 1)
    return len(data) <= MAX_PAM_BYTES and re.search(rb"OVERVIEW_FILE|MASK_FILE|SourceFilename", data) is None
