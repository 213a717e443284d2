"""Pixels are proven, and damage is caught before a product gets its name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
import rasterio.shutil
from blake3 import blake3

from catalog_builder.check import pixel_checksums
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.raster import product
from catalog_builder.raster.cog import check_layout
from catalog_builder.raster.environment import decoding, locked_gdal
from catalog_builder.raster.options import RasterOptions
from catalog_builder.raster.pixels import strips
from catalog_builder.raster.proof import PixelDigest
from catalog_builder.raster.source import describe_dataset, read_header
from tests.raster.raster_kit import codes, converted, noise, write


def sums(path: Path) -> PixelDigest:
    with rasterio.open(path) as dataset:
        header = describe_dataset(dataset)
        digest = PixelDigest(header)
        for strip in strips(dataset, header):
            for band in range(header.bands):
                digest.update_band(band, strip)
            digest.update_mask(strip)
    return digest


def test_checksum_is_of_row_major_little_endian_pixels(tmp_path: Path) -> None:
    data = noise((2, 1100, 40), "uint16")
    tiled = write(tmp_path / "a.tif", data, tiled=True, blockxsize=256, blockysize=256, compress="lzw", ENDIANNESS="BIG")
    assert sums(tiled).bands[1] == "1e20" + blake3(data[1].astype("<u2").tobytes()).hexdigest()


def test_complex_integers_are_hashed_as_stored(tmp_path: Path) -> None:
    values = np.array([[[1 + 2j, -3 + 4j]]], "complex64")
    path = write(tmp_path / "a.tif", values, dtype="complex_int16")
    assert sums(path).bands[0] == "1e20" + blake3(np.array([1, 2, -3, 4], "<i2").tobytes()).hexdigest()


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
    a, again, b, c = (sums(p) for p in (paths[0], *paths))
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


@pytest.mark.parametrize(("dtype", "one_pass"), [("uint16", True), ("float32", True), ("complex_int16", True), ("uint16", False)])
def test_whoever_reads_a_product_finds_the_checksum_that_is_published(tmp_path: Path, dtype: str, one_pass: bool) -> None:
    """Whatever the pixels are, and whichever way the product was made."""
    data = noise((2, 700, 600), "float32") if dtype != "complex_int16" else noise((2, 700, 600), "int16") * np.complex64(1 - 2j)
    path = write(tmp_path / "a.tif", data if dtype == "complex_int16" else data.astype(dtype), dtype=dtype)
    (made,) = converted(path, tmp_path / "store", RasterOptions(one_pass=one_pass)).products
    assert pixel_checksums(made.cog.path) == tuple(band.pixel_checksum for band in made.bands)


def test_gdal_makes_no_threads_for_pixels_that_are_not_compressed(tmp_path: Path) -> None:
    """They would take longer to start than to read."""
    plain = write(tmp_path / "plain.tif", noise((1, 64, 64)))
    packed = write(tmp_path / "packed.tif", noise((1, 64, 64)), compress="deflate")
    with locked_gdal(4):
        for path, threads in ((plain, "1"), (packed, "4")):
            header = read_header(path, path.name)
            with decoding(header.cache_bytes, is_compressed=header.is_compressed):
                assert rasterio.env.getenv()["GDAL_NUM_THREADS"] == threads
