"""Pixels are proven, and damage is caught before a product gets its name."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import rasterio
import rasterio.shutil

from catalog_builder.errors import UnreadableDelivery
from catalog_builder.raster import product
from catalog_builder.raster.cog import check_layout
from catalog_builder.raster.options import RasterOptions
from catalog_builder.raster.pixels import strips
from catalog_builder.raster.proof import PixelChecks, PixelDigest
from catalog_builder.raster.source import describe_dataset
from tests.raster.raster_kit import codes, converted, noise, write


def sums(path: Path) -> tuple[PixelDigest, PixelChecks]:
    with rasterio.open(path) as dataset:
        header = describe_dataset(dataset)
        digest, checks = PixelDigest(header), PixelChecks(header)
        for strip in strips(dataset, header):
            for band in range(header.bands):
                digest.update_band(band, strip)
                checks.update_band(band, strip)
            checks.update_mask(strip)
    return digest, checks


def test_checksum_is_of_row_major_little_endian_pixels(tmp_path: Path) -> None:
    data = noise((2, 1100, 40), "uint16")
    tiled = write(tmp_path / "a.tif", data, tiled=True, blockxsize=256, blockysize=256, compress="lzw", ENDIANNESS="BIG")
    assert sums(tiled)[0].bands[1] == "1220" + hashlib.sha256(data[1].astype("<u2").tobytes()).hexdigest()


def test_complex_integers_are_hashed_as_stored(tmp_path: Path) -> None:
    values = np.array([[[1 + 2j, -3 + 4j]]], "complex64")
    path = write(tmp_path / "a.tif", values, dtype="complex_int16")
    assert sums(path)[0].bands[0] == "1220" + hashlib.sha256(np.array([1, 2, -3, 4], "<i2").tobytes()).hexdigest()


def test_one_changed_pixel_or_mask_bit_is_a_difference(tmp_path: Path) -> None:
    data, valid = noise((3, 60, 60)), np.ones((60, 60), bool)
    paths = []
    for name, change_pixel, change_mask in (("a", False, False), ("b", True, False), ("c", False, True)):
        changed, mask = data.copy(), valid.copy()
        mask[0, 0] = False
        if change_pixel:
            changed[1, 59, 59] ^= 1
        if change_mask:
            mask[59, 59] = False
        path = write(tmp_path / f"{name}.tif", changed)
        with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "r+") as dataset:
            dataset.write_mask(mask)
        paths.append(path)
    a, again, b, c = (sums(p)[1] for p in (paths[0], *paths))
    assert a.difference(again) is None
    assert a.difference(b) == "band 2" and a.difference(c) == "mask"


def test_a_writer_that_loses_pixels_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.tif", noise((1, 600, 600)))

    def lossy(vrt: Path, target: Path, *_: object) -> None:
        with rasterio.open(vrt) as dataset:
            rasterio.shutil.copy(dataset, target, driver="COG", COMPRESS="JPEG")

    monkeypatch.setattr(product, "write_cog", lossy)
    raster = converted(path, tmp_path / "store", RasterOptions(one_pass=False))
    assert codes(raster) == {"raster.pixels-differ"} and raster.products == ()
    assert not (tmp_path / "store/a.tif").exists()


def test_a_striped_file_is_no_cog(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", noise((1, 900, 900)))
    with pytest.raises(UnreadableDelivery) as refused:
        check_layout(path, "a.tif")
    assert refused.value.findings[0].code == "raster.layout"
