"""The one-pass writer against the general way: equal pixels and figures, a valid layout, readable by others."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from rasterio.control import GroundControlPoint as Gcp
from rasterio.enums import MaskFlags
from rio_cogeo.cogeo import cog_validate

from catalog_builder.archive.delivery import RasterKind
from catalog_builder.raster import fast, tiff_layout
from catalog_builder.raster.kernels import halved, halved_mask
from catalog_builder.raster.model import RasterProduct
from catalog_builder.raster.options import RasterOptions
from tests.raster.raster_kit import codes, converted, noise, write


def both(path: Path, folder: Path, **options: Any) -> tuple[RasterProduct, RasterProduct]:
    """The product of the one-pass writer and that of the COG driver."""
    quick = converted(path, folder / "quick", RasterOptions(threads=2, **options))
    general = converted(path, folder / "general", RasterOptions(one_pass=False, **options))
    assert quick.findings == general.findings and codes(quick) <= {"raster.no-valid-pixels"}
    assert quick.footprint == general.footprint
    return quick.products[0], general.products[0]


def with_hole(data: NDArray[Any], nodata: int) -> NDArray[Any]:
    data = data.copy()
    data[:, 100:700, 200:900] = nodata
    data[0, ::7, ::5] = nodata
    return data


def with_alpha(data: NDArray[Any]) -> NDArray[Any]:
    """Colours under transparent pixels are kept: some are there, some are not; half transparent ones count as data."""
    data = data.copy()
    data[-1] = np.iinfo(data.dtype).max
    data[-1, 100:700, 200:900] = 0
    data[:, 800:, :600] = 0
    data[-1, ::7, ::5] = 0
    data[-1, ::7, ::3] = 100
    return data


def flown(rows: int, columns: int) -> NDArray[np.bool_]:
    """A slanted stripe with speckles beside it."""
    slant = np.add.outer(np.arange(rows), np.arange(columns))
    return np.asarray((slant > 700) & (slant < 2300) | (slant % 61 == 0))


CASES = {
    "uint8 grey": (noise((1, 1300, 1500)), {}),
    "uint8 rgb, odd size": (noise((3, 1301, 1499)), {"photometric": "RGB"}),
    "uint16 four bands": (noise((4, 1100, 1024), "uint16", 1, 60_000), {"tiled": True, "compress": "lzw"}),
    "uint16 nodata 0": (with_hole(noise((4, 1200, 1600), "uint16", 1, 9000), 0), {"nodata": 0}),
    "uint8 nodata 255": (with_hole(noise((3, 1100, 1100), "uint8", 0, 250), 255), {"nodata": 255}),
    "int16 negative nodata": (with_hole(noise((1, 1100, 1100), "int16", -500, 3000), -9999), {"nodata": -9999}),
    "uint8 nodata in the middle": (99 + np.indices((1, 1100, 1100)).sum(axis=0).astype("uint8") % 2 * 2, {"nodata": 100}),
    "uint8 rgb and alpha": (with_alpha(noise((4, 1300, 1500))), {"photometric": "RGB", "alpha": "YES"}),
    "uint16 grey and alpha, odd size": (
        with_alpha(noise((2, 1301, 1499), "uint16", 0, 9000)),
        {"photometric": "MINISBLACK", "alpha": "YES"},
    ),
    "uint8 rgb and mask": (noise((3, 1300, 1500)), {"photometric": "RGB", "mask": flown(1300, 1500)}),
    "uint16 mask over zeros, odd size": (
        np.where(flown(1301, 1499), noise((4, 1301, 1499), "uint16", 1, 9000), 0).astype("uint16"),
        {"photometric": "MINISBLACK", "mask": flown(1301, 1499)},
    ),
    "int16 mask and nodata": (
        with_hole(noise((1, 1100, 1100), "int16", -500, 3000), -9999),
        {"nodata": -9999, "mask": flown(1100, 1100)},
    ),
    "mask without anything": (noise((2, 600, 600)), {"mask": np.zeros((600, 600), bool)}),
    "one tile": (noise((2, 300, 511), "uint16", 1, 9000), {}),
    "all nodata": (np.zeros((1, 600, 600), "uint8"), {}),
    "tall": (noise((1, 5000, 3)), {}),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("codec", ["", "-zstd"])
def test_equal_to_the_general_way(tmp_path: Path, name: str, codec: str) -> None:
    data, profile = CASES[name]
    path = write(tmp_path / "a.tif", data, **profile)
    presets = {"image": ("image-8bit" if data.dtype == np.uint8 else "image-16bit") + codec}
    quick, general = both(path, tmp_path, presets=presets)
    assert quick.cog.checksum != general.cog.checksum or data.max() == 0  # two writers were at work
    assert replace(quick, cog=general.cog) == general
    with rasterio.open(quick.cog.path) as ours, rasterio.open(general.cog.path) as theirs:
        assert np.array_equal(ours.read(), data) and ours.profile == theirs.profile | {"interleave": ours.interleaving.value.lower()}
        assert len(ours.overviews(1)) == len(theirs.overviews(1)) and ours.tags() == theirs.tags()
        assert ours.colorinterp == theirs.colorinterp and ours.mask_flag_enums == theirs.mask_flag_enums
        assert np.array_equal(ours.dataset_mask(), theirs.dataset_mask())
        levels = len(ours.overviews(1))
    for level in range(levels):
        compare_overviews(quick.cog.path, general.cog.path, level, even=all(n % 2 ** (level + 1) == 0 for n in data.shape[1:]))
    assert cog_validate(str(quick.cog.path), strict=True, quiet=True) == (True, [], [])
    assert np.array_equal(tifffile.imread(quick.cog.path).reshape(*data.shape[1:], -1), data.transpose(1, 2, 0))


def compare_overviews(quick: Path, general: Path, level: int, *, even: bool) -> None:
    with rasterio.open(quick, overview_level=level) as ours, rasterio.open(general, overview_level=level) as theirs:
        a, b = ours.read().astype(int), theirs.read().astype(int)
        nodata, masked = ours.nodata, ours.mask_flag_enums[0] == [MaskFlags.per_dataset]
        seen, seen_by_gdal = ours.dataset_mask() > 0, theirs.dataset_mask() > 0
    if not even:  # GDAL rounds odd sizes down and weighs fractions of pixels; we round up so that two pixels are always one
        assert np.abs(np.subtract(a.shape, b.shape)).max() <= 1
        return
    assert a.shape == b.shape
    both_valid = np.ones(a.shape, bool) if nodata is None else (a != nodata) & (b != nodata)
    if masked:  # what it hides is nobody's concern
        assert np.array_equal(seen, seen_by_gdal)
        both_valid &= seen
    elif nodata is not None:
        assert np.array_equal(a != nodata, b != nodata)
    assert np.abs(a - b)[both_valid].max(initial=0) <= level + 1


def test_what_a_mask_hides_is_kept_and_zeros_under_it_take_no_room(tmp_path: Path) -> None:
    """Six by five tiles, so that they are proven one by one."""
    mask = np.zeros((3000, 2500), bool)
    mask[1100:1200, 900:1000] = True
    data = np.zeros((1, 3000, 2500), "uint16")
    data[0, 2100:2200, 300:400] = 7  # in a tile of which the mask shows nothing
    path = write(tmp_path / "a.tif", data, mask, compress="deflate")
    raster = converted(path, tmp_path / "store")
    with rasterio.open(raster.products[0].cog.path) as dataset:
        assert np.array_equal(dataset.read(), data) and np.array_equal(dataset.dataset_mask() > 0, mask)
    with tifffile.TiffFile(raster.products[0].cog.path) as file:
        stored = [n > 0 for n in file.pages[0].databytecounts]  # type: ignore[union-attr]
    assert [i for i, there in enumerate(stored) if there] == [2 * 5 + 1, 4 * 5]
    assert raster.products[0].bands[0].statistics.maximum == 0 and raster.findings == ()


def test_metadata_is_what_gdal_writes(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", noise((2, 700, 600), "int16"), nodata=-1)
    with rasterio.open(path, "r+") as dataset:
        dataset.scales, dataset.offsets, dataset.units = (0.5, 2.0), (1.0, -3.0), ("m", "K")
        dataset.descriptions = ("chiều cao", "nhiệt độ")
        dataset.update_tags(TIFFTAG_ARTIST="Sở", OWNER="Quảng Ninh", AREA_OR_POINT="Point")
    quick, _ = both(path, tmp_path)
    with rasterio.open(quick.cog.path) as dataset:
        assert dataset.descriptions == ("chiều cao", "nhiệt độ") and dataset.units == ("m", "K") and dataset.scales == (0.5, 2.0)
        assert dataset.tags()["OWNER"] == "Quảng Ninh" and dataset.tags()["TIFFTAG_ARTIST"] == "Sở"
        assert dataset.tags()["AREA_OR_POINT"] == "Point" and dataset.nodata == -1
        assert dataset.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"


def test_control_points_survive(tmp_path: Path) -> None:
    points = [Gcp(0, 0, 107.0, 21.0), Gcp(0, 50, 107.1, 21.0), Gcp(50, 0, 107.0, 20.9), Gcp(50, 50, 107.1, 20.9)]
    path = write(tmp_path / "a.tif", noise((1, 50, 50)), crs="EPSG:4326", gcps=points, transform=None)
    quick, _ = both(path, tmp_path)
    with rasterio.open(quick.cog.path) as dataset:
        assert len(dataset.gcps[0]) == 4 and dataset.gcps[1].to_epsg() == 4326


def test_sparse_tiles_stay_sparse(tmp_path: Path) -> None:
    data = np.zeros((1, 2048, 2048), "uint8")
    data[0, 1600:, 1600:] = 9
    quick, _ = both(write(tmp_path / "a.tif", data, nodata=0), tmp_path)
    with tifffile.TiffFile(quick.cog.path) as file:
        assert sum(n > 0 for n in file.pages[0].databytecounts) == 1  # type: ignore[union-attr]


SOURCES = {
    "plain": {},
    "lzw in strips": {"compress": "LZW", "predictor": 2},
    "deflate in tiles": {"compress": "DEFLATE", "tiled": True, "blockxsize": 256, "blockysize": 256},
    "jpeg in tiles": {"compress": "JPEG", "photometric": "YCBCR", "tiled": True, "blockxsize": 256, "blockysize": 256},
    "jpeg 2000": {"driver": "JP2OpenJPEG", "QUALITY": 100, "REVERSIBLE": "YES", "BLOCKXSIZE": 512, "BLOCKYSIZE": 512},
}
"""Sources that are decoded by as many threads as there are, each in its own way."""


@pytest.mark.parametrize("source", SOURCES)
def test_bytes_do_not_depend_on_threads(source: str, tmp_path: Path) -> None:
    path = write(tmp_path / ("a.jp2" if "2000" in source else "a.tif"), noise((3, 1400, 1300)), **SOURCES[source])
    sums = {converted(path, tmp_path / str(n), RasterOptions(threads=n)).products[0].cog.checksum for n in (1, 2, 5)}
    assert len(sums) == 1


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("source", [s for s in SOURCES if s != "plain"])
def test_a_damaged_source_is_noticed_by_any_number_of_threads(source: str, threads: int, tmp_path: Path) -> None:
    path = write(tmp_path / ("a.jp2" if "2000" in source else "a.tif"), noise((3, 1400, 1300)), **SOURCES[source])
    data = path.read_bytes()
    middle = len(data) // 2
    rest = b"" if "2000" in source else b"\xff" * 4000 + data[middle + 4000 :]  # JPEG 2000 has no sums that would tell other damage
    path.write_bytes(data[:middle] + rest)
    raster = converted(path, tmp_path / "store", RasterOptions(threads=threads, presets={"image": "image-8bit"}))
    assert codes(raster) == {"raster.unreadable-pixels"} and raster.products == ()


def test_a_large_file_is_bigtiff(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiff_layout, "CLASSIC_LIMIT", 100_000)
    quick, _ = both(write(tmp_path / "a.tif", noise((3, 1100, 1300)), photometric="RGB"), tmp_path)
    assert quick.cog.path.read_bytes()[:4] == b"II\x2b\x00"
    assert cog_validate(str(quick.cog.path), strict=True, quiet=True) == (True, [], [])


def test_damage_on_the_way_is_a_finding(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", noise((1, 900, 900)), compress="deflate")
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 9000] = b"\xff" * 9000
    path.write_bytes(bytes(data))
    raster = converted(path, tmp_path / "store")
    assert codes(raster) == {"raster.unreadable-pixels"} and not list((tmp_path / "store").iterdir())


def test_what_is_not_common_goes_the_general_way(tmp_path: Path) -> None:
    from catalog_builder.raster.presets import presets
    from catalog_builder.raster.source import read_header

    plain = read_header(write(tmp_path / "a.tif", noise((1, 30, 30))), "a")
    preset = presets()["image-8bit"]
    assert fast.is_common(plain, RasterKind.IMAGE, preset)
    for other in (
        replace(plain, data_type="float32"),
        replace(plain, valid_by="alpha"),
        replace(plain, palette=True),
        replace(plain, bits=1),
        replace(plain, width=2_000_000),
    ):
        assert not fast.is_common(other, RasterKind.IMAGE, preset)
    assert not fast.is_common(plain, RasterKind.CATEGORICAL, presets()["categorical"])


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.sampled_from(["uint8", "uint16", "int16"]), st.integers(0, 3), st.integers(0, 99))
def test_halving_is_the_rounded_mean_of_valid_pixels(rows: int, columns: int, dtype: str, nodata: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 5, (1, rows, columns)).astype(dtype)
    valid = values != nodata
    result = halved(values, valid, nodata)
    for i in range(result.shape[1]):
        for j in range(result.shape[2]):
            block = np.pad(values, ((0, 0), (0, rows % 2), (0, columns % 2)), mode="edge")[0, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
            good = block[block != nodata].astype(int)
            mean = nodata if not good.size else (2 * good.sum() + good.size) // (2 * good.size)
            assert result[0, i, j] == (nodata + 1 if good.size and mean == nodata else mean)
    assert np.array_equal(halved_mask(valid[0]), result[0] != nodata)


def test_memory_does_not_grow_with_the_image(tmp_path: Path) -> None:
    """Two strips per level and nothing else: buffers of a tall image are those of a short one."""
    from catalog_builder.raster.pyramid import PyramidWriter, Style

    style = Style(lambda tile, room: b"x" * 8, {tiff_layout.BITS: tiff_layout.short(8)})
    with ThreadPoolExecutor(1) as pool:
        writer = PyramidWriter(600, 40_000, 1, "uint8", style, pool, tmp_path)
        strip = np.ones((1, 512, 600), "uint8")
        for row in range(0, 40_000, 512):
            writer.add(strip[:, : min(512, 40_000 - row)])
        held = sum(b.nbytes for level in writer._levels for b, _ in level._buffers)
        writer.close()
    assert held <= 2 * strip.nbytes
