"""Tiled JPEG passes through: the same bytes of tiles, the same pixels, overviews of our own."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import tifffile
from rio_cogeo.cogeo import cog_validate

from catalog_builder.raster import pyramid, tiff_layout, tile_proof
from catalog_builder.raster.assembly import Assembly
from catalog_builder.raster.options import RasterOptions
from tests.raster.raster_kit import codes, converted, noise, write

TILED = {"compress": "jpeg", "tiled": True, "blockxsize": 256, "blockysize": 256}
YCBCR = {"photometric": "YCBCR"}


@pytest.mark.parametrize("profile", [YCBCR, {"photometric": "RGB"}, {**YCBCR, "BIGTIFF": "YES"}, {"grey": True}])
def test_tiles_are_copied(tmp_path: Path, profile: dict[str, object]) -> None:
    bands = 1 if profile.pop("grey", False) else 3
    path = write(tmp_path / "ortho.tif", noise((bands, 1100, 1300)), **TILED, **profile)
    raster = converted(path, tmp_path / "store")
    product = raster.products[0]
    assert raster.findings == () and product.preset == "jpeg-kept" and product.lossless
    with rasterio.open(path) as source, rasterio.open(product.cog.path) as cog:
        assert np.array_equal(source.read(), cog.read())
        assert len(cog.overviews(1)) >= 2 and cog.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        small = cog.read(out_shape=(bands, 275, 325))
        assert np.abs(small.astype(int) - source.read(out_shape=small.shape, resampling=rasterio.enums.Resampling.average)).mean() < 3
    with tifffile.TiffFile(path) as source, tifffile.TiffFile(product.cog.path) as cog:
        pairs = [list(zip(f.pages[0].dataoffsets, f.pages[0].databytecounts, strict=True)) for f in (source, cog)]  # type: ignore[union-attr]
    tiles = [[file.read_bytes()[o : o + n] for o, n in pair] for file, pair in zip((path, product.cog.path), pairs, strict=True)]
    assert tiles[0] == tiles[1]
    assert cog_validate(str(product.cog.path), strict=True, quiet=True) == (True, [], [])


def masked(path: Path, *, empty: bool = False) -> np.ndarray:
    """Give a JPEG an internal mask around what was flown; the mask."""
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "r+") as dataset:
        rows, columns = np.indices(dataset.shape)
        flown = (rows + columns > 700) & (rows + columns < 2000) & (not empty)
        dataset.write_mask(flown)
    return np.asarray(flown)


@pytest.mark.parametrize("name", ["flown", "empty"])
@pytest.mark.parametrize("big", [False, True])
def test_a_mask_goes_with_the_copied_tiles(tmp_path: Path, name: str, big: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "ortho.tif", noise((3, 1101, 1301)), **TILED, **YCBCR)
    flown = masked(path, empty=name == "empty")
    general = converted(path, tmp_path / "general", RasterOptions(one_pass=False))
    monkeypatch.setattr(tiff_layout, "CLASSIC_LIMIT", 0 if big else tiff_layout.CLASSIC_LIMIT)
    raster = converted(path, tmp_path / "store", RasterOptions(threads=2))
    product = raster.products[0]
    assert raster.findings == general.findings and product.preset == "jpeg-kept"
    assert product.bands == general.products[0].bands and raster.footprint == general.footprint
    assert cog_validate(str(product.cog.path), strict=True, quiet=True) == (True, [], [])
    with rasterio.open(path) as source, rasterio.open(product.cog.path) as cog:
        assert np.array_equal(source.read(), cog.read()) and np.array_equal(cog.dataset_mask() > 0, flown)
        levels = len(cog.overviews(1))
    with rasterio.open(product.cog.path, overview_level=levels - 1) as smallest:
        step = 2**levels
        seen = np.add.reduceat(np.add.reduceat(flown, np.arange(0, 1101, step), axis=0), np.arange(0, 1301, step), axis=1) > 0
        assert np.array_equal(smallest.dataset_mask() > 0, seen)


@pytest.mark.parametrize("preset", ["jpeg-kept", "image-8bit"])
@pytest.mark.parametrize("by_tiles", [False, True])
def test_a_mask_that_differs_is_caught(tmp_path: Path, preset: str, by_tiles: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "ortho.tif", noise((3, 600, 700)), **TILED, **YCBCR)
    masked(path)
    monkeypatch.setattr(tile_proof, "SAMPLES", 0 if by_tiles else tile_proof.SAMPLES)
    monkeypatch.setattr(tile_proof, "_spread", lambda tiles: 1)
    real = pyramid.packed
    monkeypatch.setattr(pyramid, "packed", lambda valid, tile: real(valid, tile) ^ np.uint8(1))
    raster = converted(path, tmp_path / "store", RasterOptions(presets={"image": preset}))
    assert codes(raster) == {"raster.pixels-differ"} and raster.findings[0].params["what"] == "mask" and raster.products == ()


def test_a_chosen_preset_goes_before(tmp_path: Path) -> None:
    path = write(tmp_path / "ortho.tif", noise((3, 600, 700)), photometric="YCBCR", **TILED)
    product = converted(path, tmp_path / "store", RasterOptions(presets={"image": "image-8bit"})).products[0]
    assert product.preset == "image-8bit"
    with rasterio.open(product.cog.path) as cog, rasterio.open(path) as source:
        assert cog.compression.name == "deflate" and np.array_equal(cog.read(), source.read())


@pytest.mark.parametrize("profile", [{"nodata": 0}, {"tiled": False, "blockysize": 16}, {"blockxsize": 256, "blockysize": 128}])
def test_what_does_not_fit_is_stored_losslessly(tmp_path: Path, profile: dict[str, object]) -> None:
    settings = {**TILED, "photometric": "YCBCR", **profile}
    if not settings["tiled"]:
        settings.pop("blockxsize")
    path = write(tmp_path / "ortho.tif", noise((3, 600, 700)), **settings)
    assert converted(path, tmp_path / "store").products[0].preset == "image-8bit"


def test_a_tile_that_lies_outside_the_file_is_a_finding(tmp_path: Path) -> None:
    path = write(tmp_path / "ortho.tif", noise((3, 600, 700)), photometric="YCBCR", **TILED)
    path.write_bytes(path.read_bytes()[:-3000])
    raster = converted(path, tmp_path / "store")
    assert codes(raster) == {"raster.unreadable-pixels"} and raster.products == ()


def test_the_picture_is_its_own_visual_copy(tmp_path: Path) -> None:
    bright = np.clip(noise((3, 600, 700)).astype(int) + 60, 0, 255).astype("uint8")
    ycbcr = converted(write(tmp_path / "ortho.tif", bright, **TILED, **YCBCR), tmp_path / "a")
    again = converted(write(tmp_path / "ortho.tif", bright, **TILED, **YCBCR), tmp_path / "a")
    assert again == ycbcr and ycbcr.visual is not None and ycbcr.visual.checksum == ycbcr.products[0].cog.checksum
    assert ycbcr.visual.path.samefile(ycbcr.products[0].cog.path) and not list((tmp_path / "a").glob(".*"))
    rgb = converted(write(tmp_path / "ortho.tif", bright, **TILED, photometric="RGB"), tmp_path / "b")
    assert rgb.products[0].preset == "jpeg-kept" and rgb.visual is not None  # some readers take any JPEG for YCbCr
    assert rgb.visual.checksum != rgb.products[0].cog.checksum
    dark = converted(write(tmp_path / "dark.tif", bright // 8, **TILED, **YCBCR), tmp_path / "c")
    assert dark.visual is not None and dark.visual.checksum != dark.products[0].cog.checksum


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) * 7 // 10] ^= 1
    path.write_bytes(data)


def change_the_colours(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data.replace(struct.pack("<HH", tiff_layout.PHOTOMETRIC, 3) + b"\1\0\0\0\6", b"\6\1\3\0\1\0\0\0\2"))


@pytest.mark.parametrize("damage", [flip, change_the_colours])
def test_damage_to_a_copy_is_caught(tmp_path: Path, damage: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch) -> None:
    real = Assembly.wait_for

    def damaged(self: Any) -> None:
        real(self)
        damage(Path(self._out.name))

    monkeypatch.setattr(Assembly, "wait_for", damaged)
    raster = converted(write(tmp_path / "ortho.tif", noise((3, 1100, 1300)), **TILED, **YCBCR), tmp_path / "store")
    assert codes(raster) == {"raster.pixels-differ"} and list((tmp_path / "store").iterdir()) == []
