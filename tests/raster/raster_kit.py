"""Small rasters, deliveries and readings for the tests of the raster room."""

from __future__ import annotations

import hashlib
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.errors import NotGeoreferencedWarning
from rasterio.transform import from_origin

from catalog_builder.archive.delivery import ArchiveFile, Delivery, FileRole, RasterSource
from catalog_builder.facts import Claim, Facts
from catalog_builder.raster.convert import convert
from catalog_builder.raster.model import Raster
from catalog_builder.raster.options import RasterOptions

QUANG_NINH = from_origin(715_000, 2_320_000, 10, 10)
"""UTM 48N, over Hạ Long."""


def noise(shape: tuple[int, ...], dtype: str = "uint8", low: int = 1, high: int = 255) -> NDArray[Any]:
    """Smooth values with a little noise, always the same."""
    rng = np.random.default_rng(7)
    ramp = np.linspace(low, high - 1, shape[-1] + shape[-2])
    rows, columns = np.indices(shape[-2:])
    values = ramp[rows + columns] + rng.normal(0, (high - low) / 50, shape)
    return np.clip(values, low, high).astype(dtype)


def write(path: Path, data: NDArray[Any], mask: NDArray[np.bool_] | None = None, **profile: Any) -> Path:
    """Write a GeoTIFF in UTM 48N unless ``profile`` says otherwise; with ``mask`` inside where given."""
    settings: dict[str, Any] = {"driver": "GTiff", "crs": "EPSG:32648", "transform": QUANG_NINH}
    settings |= {"count": data.shape[0], "height": data.shape[1], "width": data.shape[2], "dtype": data.dtype} | profile
    path.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        dataset = rasterio.open(path, "w", **settings)
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), dataset:
        dataset.write(data)
        if mask is not None:
            dataset.write_mask(mask)
    return path


def archive_file(path: Path) -> ArchiveFile:
    status = path.stat()
    return ArchiveFile(path, path.name, status.st_size, status.st_mtime_ns)


def source(path: Path, **fields: Any) -> RasterSource:
    return RasterSource(key=fields.pop("key", path.stem), tiles=(archive_file(path),), **fields)


def delivery(*rasters: RasterSource, claims: tuple[Claim, ...] = (), files: tuple[tuple[ArchiveFile, FileRole], ...] = ()) -> Delivery:
    pixels = tuple((tile, FileRole.RASTER) for raster in rasters for tile in raster.tiles)
    return Delivery("scene", "test", "", (*pixels, *files), Facts(claims), rasters, (), "0")


def converted(path: Path, folder: Path, options: RasterOptions | None = None, **fields: Any) -> Raster:
    """The products of a delivery of one file."""
    return convert(delivery(source(path, **fields)), folder, options or RasterOptions())


def codes(raster: Raster) -> set[str]:
    return {f.code for f in raster.findings}


def tree_hash(folder: Path) -> str:
    """One checksum over names and bytes of all files below ``folder``."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return digest.hexdigest()
