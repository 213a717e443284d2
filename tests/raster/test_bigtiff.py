"""Files over four gigabytes: the same pixels as classic ones, offsets of eight bytes, opened by GDAL, rasterio and tifffile."""

from __future__ import annotations

import errno
import os
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import rasterio
import tifffile
from rasterio.errors import NotGeoreferencedWarning
from rio_cogeo.cogeo import cog_validate

from catalog_builder.raster import pyramid, tile_proof
from catalog_builder.raster import tiff_layout as tiff
from catalog_builder.raster.assembly import Assembly
from catalog_builder.raster.model import Raster
from catalog_builder.raster.options import RasterOptions
from tests.raster.raster_kit import converted, noise, write

SOURCES = {
    "deflate": (noise((4, 1100, 1300), "uint16", 1, 9000), {"nodata": 0}),
    "zstd": (noise((4, 1100, 1300), "uint16", 1, 9000), {"nodata": 0}),
    "kept JPEG": (
        noise((3, 1100, 1300)),
        {"photometric": "YCBCR", "compress": "jpeg", "tiled": True, "blockxsize": 256, "blockysize": 256},
    ),
}
OPTIONS = {"zstd": RasterOptions(threads=2, presets={"image": "image-16bit-zstd"})}


@pytest.mark.parametrize("name", SOURCES)
def test_bigtiff_holds_what_a_classic_file_holds(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tile_proof, "SAMPLES", 0)  # proven tile by tile, as large files are
    monkeypatch.setattr(tile_proof, "_spread", lambda tiles: 1)
    data, profile = SOURCES[name]
    data = data.copy()
    data[:, 200:900, 100:700] = 0
    source = write(tmp_path / "a.tif", data, **profile)
    classic = converted(source, tmp_path / "classic", OPTIONS.get(name))
    monkeypatch.setattr(tiff, "CLASSIC_LIMIT", 0)
    big = converted(source, tmp_path / "big", OPTIONS.get(name))
    assert classic.findings == big.findings == () and len(big.products) == 1
    assert big.products[0].bands == classic.products[0].bands
    for ours, theirs in zip(files(big), files(classic), strict=True):
        assert (ours.read_bytes()[:4], theirs.read_bytes()[:4]) == (b"II\x2b\x00", b"II\x2a\x00")
        assert cog_validate(str(ours), strict=True, quiet=True) == (True, [], [])
        same_in_gdal(ours, theirs)
        with tifffile.TiffFile(ours) as a, tifffile.TiffFile(theirs) as b:
            assert a.is_bigtiff and len(a.pages) == len(b.pages)
            for one, other in zip(a.pages, b.pages, strict=True):
                assert np.array_equal(one.asarray(), other.asarray())


def files(raster: Raster) -> list[Path]:
    assert raster.visual is not None
    return [raster.products[0].cog.path, raster.visual.path]


def same_in_gdal(ours: Path, theirs: Path) -> None:
    """The image, all overviews and their masks."""
    with rasterio.open(ours) as one:
        levels = len(one.overviews(1))
        assert levels >= 2 and one.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
    for level in (None, *range(levels)):
        options = {} if level is None else {"overview_level": level}
        with rasterio.open(ours, **options) as a, rasterio.open(theirs, **options) as b:
            assert np.array_equal(a.read(), b.read()) and np.array_equal(a.dataset_mask(), b.dataset_mask())


def test_offsets_go_beyond_four_gigabytes(tmp_path: Path) -> None:
    """Tiles of a gigabyte that exist by their sizes only: the directory says where they would lie."""
    size, side = 1 << 30, 512
    one_band = {t: tiff.short(v) for t, v in ((tiff.BITS, 8), (tiff.COMPRESSION, 8), (tiff.PHOTOMETRIC, 1), (tiff.SAMPLES, 1))}
    sides = {tiff.TILE_WIDTH: tiff.short(side), tiff.TILE_HEIGHT: tiff.short(side)}
    sized = {tiff.WIDTH: tiff.long(5 * side), tiff.HEIGHT: tiff.long(side)}
    with (tmp_path / "spool").open("w+b") as spool:
        assembly = Assembly([tiff.Plane(5 * side, side, {**one_band, **sides, **sized}, spool, [size] * 5)], tmp_path / "a.tif", list)
        assembly.wait_for()
        assembly.close()
    offsets = tiff.numbers(tiff.read_tags(tmp_path / "a.tif")[tiff.OFFSETS])
    assert offsets[4] > 1 << 32 and set(np.diff(offsets)) == {size + 8}
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        assert file.is_bigtiff and tuple(file.pages[0].dataoffsets) == offsets  # type: ignore[union-attr]
    with pytest.warns(NotGeoreferencedWarning), rasterio.open(tmp_path / "a.tif") as dataset:
        assert dataset.shape == (side, 5 * side)


@pytest.mark.parametrize("trouble", ["refuses", "copies nothing", "stops half way"])
def test_a_file_system_that_does_not_copy_for_us_is_no_trouble(tmp_path: Path, trouble: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Network shares refuse, or say that they have copied nothing."""
    monkeypatch.setattr(pyramid, "IN_MEMORY", 0)
    source = write(tmp_path / "a.tif", noise((3, 1100, 1300)))
    whole = converted(source, tmp_path / "whole").products[0].cog.checksum
    real, calls = os.copy_file_range, count()

    def copy(source: int, target: int, size: int) -> int:
        if trouble == "stops half way" and next(calls) == 0:
            return real(source, target, min(size, 100))
        if trouble == "refuses":
            raise OSError(errno.EXDEV, "on another device")
        return 0

    monkeypatch.setattr(os, "copy_file_range", copy)
    assert converted(source, tmp_path / "store").products[0].cog.checksum == whole
