"""Inputs made on the spot: seeded, noise on a smooth ground, as sensors give them. Kept between runs in the work folder.

They are made in a process of their own (``python -m scripts.benchmarks.inputs KIND PATH SIZE SEED``), because the system counts the
memory of a process that starts others as theirs.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.transform import from_origin
from rasterio.windows import Window

CRS = "EPSG:32648"
CORNER = (600_000.0, 2_400_000.0)
ROWS = 500


def multispectral(path: Path, size: int = 10_000, seed: int = 1) -> Path:
    """``size``² pixels, 4 bands uint16, striped and uncompressed as vendors deliver, nodata 0 in two corners: 800 MB at 10,000."""
    profile = _profile(size, 4, "uint16") | {"nodata": 0, "interleave": "pixel"}
    return _write(path, profile, lambda top, rows, rng: _scene(size, top, rows, rng, 4), seed)


def orthophoto(path: Path, size: int = 12_000, seed: int = 2) -> Path:
    """``size``² pixels RGB, JPEG in tiles, YCbCr, as photogrammetry software exports."""
    tiles = {"tiled": True, "blockxsize": 512, "blockysize": 512}
    profile = _profile(size, 3, "uint8") | tiles | {"compress": "JPEG", "photometric": "YCBCR", "JPEG_QUALITY": 85, "interleave": "pixel"}
    return _write(path, profile, lambda top, rows, rng: _picture(size, top, rows, rng), seed, 512)


def enormous(path: Path, size: int = 40_000, seed: int = 3) -> Path:
    """As :func:`multispectral`, but the same rows again and again, so that it is made at the speed of the disk: 12.8 GB at 40,000."""
    profile = _profile(size, 4, "uint16") | {"nodata": 0, "interleave": "pixel", "BIGTIFF": "IF_SAFER"}
    rows = _scene(size, size // 2, ROWS, np.random.default_rng(seed), 4)
    return _write(path, profile, lambda top, count, rng: rows[:, :count], seed)


def made(kind: str, path: Path, size: int, seed: int = 1) -> Path:
    """The input of ``kind`` at ``path``; made when it is not there."""
    if not path.is_file():
        subprocess.run([sys.executable, "-m", "scripts.benchmarks.inputs", kind, str(path), str(size), str(seed)], check=True)
    return path


def _profile(size: int, bands: int, kind: str) -> dict[str, Any]:
    place = {"crs": CRS, "transform": from_origin(*CORNER, 2.0, 2.0)}
    return {"driver": "GTiff", "width": size, "height": size, "count": bands, "dtype": kind, **place}


def _write(path: Path, profile: dict[str, Any], block: Any, seed: int, rows: int = ROWS) -> Path:
    if path.is_file():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.tif")
    rng = np.random.default_rng(seed)
    with rasterio.open(part, "w", **profile) as dataset:
        for top in range(0, profile["height"], rows):
            count = min(rows, profile["height"] - top)
            dataset.write(block(top, count, rng), window=Window(0, top, profile["width"], count))
    part.rename(path)
    return path


def _scene(size: int, top: int, rows: int, rng: np.random.Generator, bands: int) -> np.ndarray[Any, np.dtype[np.uint16]]:
    """Slow waves with noise of some five bits; two corners without data."""
    y, x = np.arange(top, top + rows)[:, None], np.arange(size)[None, :]
    ground = 900 + 500 * np.sin(x / 700) * np.cos(y / 900) + 0.05 * x
    noise = rng.integers(0, 48, (bands, rows, size), dtype=np.uint16)
    out: np.ndarray[Any, np.dtype[np.uint16]] = noise + (ground[None] * (1 + 0.2 * np.arange(bands)[:, None, None])).astype(np.uint16)
    out[:, (x + y < size // 4) | (x + y > 2 * size - size // 4)] = 0
    return out


def _picture(size: int, top: int, rows: int, rng: np.random.Generator) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Colour values with the grain of an aerial photograph."""
    grain = rng.integers(0, 24, (3, rows, size), dtype=np.uint16)
    picture: np.ndarray[Any, np.dtype[np.uint8]] = ((_scene(size, top, rows, rng, 3) >> 3) + grain).clip(0, 255).astype(np.uint8)
    return picture


if __name__ == "__main__":
    {"multispectral": multispectral, "orthophoto": orthophoto, "enormous": enormous}[sys.argv[1]](
        Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    )
