"""A work folder in which GDAL sees exactly the files of one raster, and nothing of the archive around them.

Links to the pixels and to the side files that the archive room chose lie there under their own names; anything GDAL writes
beside a raster lands there too, never in the archive.
"""

from __future__ import annotations

import re
from pathlib import Path

from catalog_builder.archive.delivery import ArchiveFile, RasterSource
from catalog_builder.files import link_or_copy
from catalog_builder.findings import Finding
from catalog_builder.raster import findings

MAX_SIDECAR = 4 << 20
"""Bytes of a side file that GDAL may parse; real world files, .prj, .tab, .aux.xml and .RPB are far smaller."""

PIXEL_SIDECARS = (".msk", ".ovr", ".rrd", ".ige", ".hdr.raw")
"""Side files that hold pixels: no size limit, opened by GDAL as rasters."""

_REACHES_OUT = re.compile(
    rb"overview_file|<sourcefilename|<sourcedataset|/vsi|<vrtdataset|https?://[^\s<\"]*\.(?:tif|vrt|xml)", re.IGNORECASE
)
"""What a .aux.xml may contain to make GDAL open another file."""


def stage(source: RasterSource, work: Path) -> tuple[tuple[Path, ...], list[Finding]]:
    """Link the tiles and safe side files of ``source`` into ``work``; the paths of the tiles there, and what was left out."""
    work.mkdir(parents=True, exist_ok=True)
    tiles = tuple(_link(tile, work) for tile in source.tiles)
    found: list[Finding] = []
    for sidecar in source.sidecars:
        problem = _danger(sidecar)
        if problem:
            found.append(problem)
        else:
            _link(sidecar, work)
    return tiles, found


def _danger(sidecar: ArchiveFile) -> Finding | None:
    if sidecar.suffix in PIXEL_SIDECARS:
        return None
    if sidecar.size > MAX_SIDECAR:
        return findings.SIDECAR_TOO_LARGE(sidecar.name, size=sidecar.size, limit=MAX_SIDECAR)
    if sidecar.suffix == ".xml" and _REACHES_OUT.search(sidecar.path.read_bytes()):
        return findings.UNSAFE_SIDECAR(sidecar.name)
    return None


def _link(file: ArchiveFile, work: Path) -> Path:
    target = work / re.sub(r"[?&]", "_", file.path.name)  # they end a file name in a GDAL connection string
    if target.is_symlink() or target.exists():
        return target
    try:
        target.symlink_to(file.path.resolve())
    except OSError:  # a file system or account without symbolic links
        link_or_copy(file.path, target)
    return target
