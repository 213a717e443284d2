"""Small real files for the tests of the readers that know no vendor."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.crs import CRS
from rasterio.errors import NotGeoreferencedWarning
from rasterio.transform import from_origin

from catalog_builder.archive.delivery import ArchiveFile, Folder


def archive_file(path: Path, root: Path | None = None) -> ArchiveFile:
    status = path.stat()
    return ArchiveFile(path, str(path.relative_to(root or path.parent)), status.st_size, status.st_mtime_ns)


def folder_of(path: Path, root: Path | None = None) -> Folder:
    root = root or path
    entries = sorted(path.iterdir())
    return Folder(
        "" if path == root else str(path.relative_to(root)),
        tuple(archive_file(p, root) for p in entries if p.is_file()),
        tuple(folder_of(p, root) for p in entries if p.is_dir()),
    )


def write_raster(
    path: Path, *, epsg: int | None = 32648, count: int = 1, dtype: str = "uint8", tags: dict[str, str] | None = None, **profile: Any
) -> Path:
    """A 40 x 30 raster of 10 m over Ha Long (or without georeference when ``epsg`` is None)."""
    settings: dict[str, Any] = {"driver": "GTiff", "width": 40, "height": 30, "count": count, "dtype": dtype}
    if epsg is not None:
        settings |= {"crs": CRS.from_epsg(epsg), "transform": from_origin(727000, 2320000, 10, 10)}
    settings |= profile
    path.parent.mkdir(parents=True, exist_ok=True)
    values = np.arange(settings["width"] * settings["height"], dtype="int64").reshape(settings["height"], settings["width"]) % 200
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with rasterio.open(path, "w", **settings) as dataset:
            for band in range(1, settings["count"] + 1):
                dataset.write(values.astype(dtype), band)
            if tags:
                dataset.update_tags(**tags)
    return path


def snapshot(root: Path) -> dict[str, tuple[int, int, bytes]]:
    """Names, sizes, times and bytes of everything below ``root``."""
    return {str(p.relative_to(root)): (p.stat().st_size, p.stat().st_mtime_ns, p.read_bytes()) for p in root.rglob("*") if p.is_file()}
