"""The whole raster room: a delivery in, proven products out."""

from __future__ import annotations

import hashlib
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from blake3 import blake3
from PIL import Image
from rasterio.control import GroundControlPoint as Gcp
from rasterio.enums import MaskFlags
from rio_cogeo.cogeo import cog_validate

from catalog_builder.archive.delivery import Band, Category, FileRole, RasterKind, RasterSource
from catalog_builder.archive.delivery import GroundControlPoint as ControlPoint
from catalog_builder.facts import Claim, Field, Origin, Source
from catalog_builder.raster.convert import convert
from catalog_builder.raster.options import RasterOptions
from catalog_builder.raster.previews import PAPER
from tests.raster.raster_kit import archive_file, codes, converted, delivery, noise, source, tree_hash, write


def test_products_of_a_plain_scene(tmp_path: Path) -> None:
    data = noise((4, 700, 900), "uint16", 100, 4000)
    path = write(tmp_path / "archive/scene.tif", data)
    raster = converted(path, tmp_path / "store")
    (product,) = raster.products
    assert raster.findings == ()
    assert product.lossless and product.preset == "image-16bit"
    assert product.cog.size == product.cog.path.stat().st_size
    assert product.cog.checksum == "1220" + hashlib.sha256(product.cog.path.read_bytes()).hexdigest()
    for band, facts in enumerate(product.bands):
        assert facts.pixel_checksum == "1e20" + blake3(data[band].astype("<u2").tobytes()).hexdigest()
        assert facts.statistics.mean == pytest.approx(data[band].mean(), rel=1e-12)
    assert product.grid.crs is not None and product.grid.crs.code == "EPSG:32648"
    assert product.gsd == pytest.approx(10, rel=1e-3)
    assert raster.footprint is not None and raster.footprint.method == "extent"
    with rasterio.open(product.cog.path) as dataset:
        assert np.array_equal(dataset.read(), data)
        assert dataset.overviews(1) == [2] and dataset.block_shapes[0] == (512, 512)
    assert raster.visual is not None and raster.preview is not None and raster.thumbnail is not None
    assert cog_validate(str(product.cog.path), strict=True, quiet=True)[0]
    assert cog_validate(str(raster.visual.path), strict=True, quiet=True)[0]
    assert {p.name for p in (tmp_path / "store").iterdir()} == {"scene.tif", "visual.tif", "preview.jpg", "thumbnail.jpg"}


def test_result_crosses_processes(tmp_path: Path) -> None:
    raster = converted(write(tmp_path / "a.tif", noise((1, 40, 50))), tmp_path / "store")
    assert pickle.loads(pickle.dumps(raster)) == raster


def test_same_input_gives_same_bytes_and_a_second_run_replaces(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", noise((3, 600, 600)), nodata=0, compress="lzw", tiled=True)
    first = converted(path, tmp_path / "one", RasterOptions(threads=1))
    second = converted(path, tmp_path / "two", RasterOptions(threads=2))
    again = converted(path, tmp_path / "one")
    assert tree_hash(tmp_path / "one") == tree_hash(tmp_path / "two")
    assert first == again and first.products[0].cog.checksum == second.products[0].cog.checksum


def test_archive_is_only_read(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    path = write(archive / "a.tif", noise((1, 60, 60)))
    world = archive / "a.tfw"
    world.write_text("10\n0\n0\n-10\n715005\n2319995\n")
    before = tree_hash(archive)
    for file in archive.iterdir():
        file.chmod(0o444)
    converted(path, tmp_path / "store", sidecars=(archive_file(world),))
    assert tree_hash(archive) == before and {p.name for p in archive.iterdir()} == {"a.tif", "a.tfw"}


def test_nodata_overviews_average_only_valid_pixels(tmp_path: Path) -> None:
    data = np.full((1, 1024, 1024), 200, "uint8")
    data[0, ::2, :] = 0
    raster = converted(write(tmp_path / "a.tif", data, nodata=0), tmp_path / "store")
    with rasterio.open(raster.products[0].cog.path, overview_level=0) as overview:
        assert set(np.unique(overview.read(1))) == {200}
    assert raster.products[0].bands[0].nodata == 0
    assert raster.products[0].bands[0].statistics.valid_percent == 50


def test_declared_nodata_of_the_delivery_is_used(tmp_path: Path) -> None:
    data = noise((1, 100, 100), "int16")
    data[0, :50] = -9999
    raster = converted(write(tmp_path / "a.tif", data), tmp_path / "store", nodata=-9999.0)
    facts = raster.products[0].bands[0]
    assert facts.nodata == -9999 and facts.statistics.valid_percent == 50
    with rasterio.open(raster.products[0].cog.path) as dataset:
        assert dataset.nodata == -9999
    assert raster.footprint is not None and raster.footprint.method == "nodata"


def test_impossible_nodata_is_dropped_and_said(tmp_path: Path) -> None:
    raster = converted(write(tmp_path / "a.tif", noise((1, 30, 30))), tmp_path / "store", nodata=-9999.0)
    assert codes(raster) == {"raster.nodata-ignored"} and raster.products[0].bands[0].nodata is None


def test_masks_and_alpha_are_kept(tmp_path: Path) -> None:
    data, valid = noise((3, 300, 300)), np.zeros((300, 300), bool)
    valid[50:200, 20:280] = True
    path = tmp_path / "mask.tif"
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=False):
        write(path, data)
        with rasterio.open(path, "r+") as dataset:
            dataset.write_mask(valid)
    outside = path.with_name("mask.tif.msk")
    raster = converted(path, tmp_path / "one", sidecars=(archive_file(outside),))
    with rasterio.open(raster.products[0].cog.path) as dataset:
        assert MaskFlags.per_dataset in dataset.mask_flag_enums[0]
        assert np.array_equal(dataset.read_masks(1) > 0, valid)
    assert raster.footprint is not None and raster.footprint.method == "mask"
    alpha = write(tmp_path / "alpha.tif", np.concatenate([data, (valid * 255).astype("uint8")[None]]), photometric="RGB", alpha="YES")
    with_alpha = converted(alpha, tmp_path / "two")
    with rasterio.open(with_alpha.products[0].cog.path) as dataset:
        assert [c.name for c in dataset.colorinterp] == ["red", "green", "blue", "alpha"]
    assert with_alpha.products[0].bands[0].statistics.valid_percent == pytest.approx(100 * valid.mean())
    assert with_alpha.products[0].bands[3].statistics.valid_percent == 100
    assert with_alpha.preview is not None
    with Image.open(with_alpha.preview.path) as image:
        assert np.abs(np.asarray(image)[:40].astype(int) - PAPER).max() < 4


@pytest.mark.parametrize("dtype", ["int8", "uint32", "int32", "float32", "float64", "complex_int16", "complex64", "complex128"])
def test_every_data_type_survives(tmp_path: Path, dtype: str) -> None:
    numpy_type = {"complex_int16": "complex64"}.get(dtype, dtype)
    data = noise((2, 80, 70), "float64", -100, 100).astype(numpy_type)
    if numpy_type.startswith("complex"):
        data = np.round(data) + 1j * np.round(data[::-1])
    data = data.astype(numpy_type)
    raster = converted(write(tmp_path / "a.tif", data, dtype=dtype), tmp_path / "store")
    with rasterio.open(raster.products[0].cog.path) as dataset:
        assert dataset.dtypes[0] == dtype
        assert np.array_equal(dataset.read(), data)
    assert raster.products[0].bands[0].statistics.maximum == pytest.approx(np.abs(data[0]).max() if "complex" in dtype else data[0].max())


def test_metadata_of_bands_and_control_survives(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", noise((2, 64, 64), "int16"))
    with rasterio.open(path, "r+") as dataset:
        dataset.scales, dataset.offsets, dataset.units = (0.5, 2.0), (1.0, -3.0), ("m", "K")
        dataset.set_band_description(1, "height")
        dataset.update_tags(TIFFTAG_IMAGEDESCRIPTION="Hạ\x1b[31m Long", OWNER="x" * 900)
        dataset.update_tags(1, STATISTICS_MEAN="-1")
    bands = (Band("dem", unit="metre"), Band("t", description="temperature"))
    raster = converted(path, tmp_path / "store", bands=bands, kind=RasterKind.ELEVATION)
    with rasterio.open(raster.products[0].cog.path) as dataset:
        assert dataset.scales == (0.5, 2.0) and dataset.offsets == (1.0, -3.0) and dataset.units == ("metre", "K")
        assert dataset.descriptions == ("dem", "temperature")
        assert "\x1b" not in dataset.tags()["TIFFTAG_IMAGEDESCRIPTION"] and len(dataset.tags()["OWNER"]) == 500
        assert "STATISTICS_MEAN" not in dataset.tags(1)
    assert [b.band.scale for b in raster.products[0].bands] == [0.5, 2.0]


def test_palette_and_categories(tmp_path: Path) -> None:
    data = np.repeat(np.repeat(np.arange(4, dtype="uint8").reshape(2, 2), 500, 0), 500, 1)[None]
    path = write(tmp_path / "cover.tif", data, photometric="palette")
    with rasterio.open(path, "r+") as dataset:
        dataset.write_colormap(1, {0: (0, 0, 0, 255), 1: (255, 0, 0, 255), 2: (0, 255, 0, 255), 3: (0, 0, 255, 255)})
    categories = (Category(1, "water"), Category(2, "forest", color="#123456"))
    raster = converted(path, tmp_path / "store", kind=RasterKind.CATEGORICAL, categories=categories)
    product = raster.products[0]
    assert product.preset == "categorical" and product.categories == categories
    with rasterio.open(product.cog.path) as dataset:
        assert dataset.colormap(1)[3] == (0, 0, 255, 255)
    with rasterio.open(product.cog.path, overview_level=0) as overview:
        assert set(np.unique(overview.read(1))) <= {0, 1, 2, 3}
    assert raster.visual is not None
    with rasterio.open(raster.visual.path) as visual:
        assert tuple(visual.read(window=((900, 901), (100, 101))).ravel()) == (0x12, 0x34, 0x56)


@pytest.mark.parametrize("bits", [16, 24])
def test_floats_of_fewer_bits(tmp_path: Path, bits: int) -> None:
    """TIFF defines differences for whole floats only; a product that cannot be written would stop the build."""
    path = write(tmp_path / "a.tif", noise((1, 600, 520), "float32"), nbits=bits)
    raster = converted(path, tmp_path / "store")
    assert raster.findings == ()
    with rasterio.open(path) as source, rasterio.open(raster.products[0].cog.path) as cog:
        assert np.array_equal(source.read(), cog.read())


def test_tiles_become_one_grid(tmp_path: Path) -> None:
    whole = noise((2, 90, 110), "uint16", 1, 4000)
    parts = {(0, 0): whole[:, :50, :60], (0, 60): whole[:, :50, 60:], (50, 0): whole[:, 50:, :60], (50, 60): whole[:, 50:, 60:]}
    files = []
    for (row, column), data in parts.items():
        transform = rasterio.transform.from_origin(715_000 + 10 * column, 2_320_000 - 10 * row, 10, 10)
        files.append(archive_file(write(tmp_path / f"IMG_R{row // 50 + 1}C{column // 60 + 1}.TIF", data, transform=transform)))
    one = RasterSource("image", tuple(files), offsets=tuple(parts))
    raster = convert(delivery(one), tmp_path / "store", RasterOptions())
    product = raster.products[0]
    assert (product.grid.width, product.grid.height) == (110, 90) and len(product.source_names) == 4
    with rasterio.open(product.cog.path) as dataset:
        assert np.array_equal(dataset.read(), whole)
        assert dataset.transform.c == 715_000 and dataset.transform.f == 2_320_000
    lacking = RasterSource("image", tuple(files[:3]), offsets=tuple(parts)[:3])
    twice = RasterSource("image", (*files[:2], *files[2:3] * 2), offsets=((0, 0), (0, 60), (50, 0), (50, 0)))
    for number, wrong in enumerate((lacking, twice)):
        assert codes(convert(delivery(wrong), tmp_path / str(number), RasterOptions())) == {"raster.tiles-gaps"}


@pytest.mark.parametrize("with_mask", [0, 1])
def test_a_mask_of_one_tile_holds_for_the_grid(tmp_path: Path, with_mask: int) -> None:
    mask = np.ones((100, 100), bool)
    mask[:50] = False
    files = []
    for tile in (0, 1):
        transform = rasterio.transform.from_origin(715_000 + 1000 * tile, 2_320_000, 10, 10)
        path = tmp_path / f"IMG_R1C{tile + 1}.TIF"
        files.append(archive_file(write(path, noise((1, 100, 100)), mask if tile == with_mask else None, transform=transform)))
    raster = convert(delivery(RasterSource("image", tuple(files), offsets=((0, 0), (0, 100)))), tmp_path / "store", RasterOptions())
    with rasterio.open(raster.products[0].cog.path) as dataset:
        valid = dataset.dataset_mask() > 0
    assert np.array_equal(np.hsplit(valid, 2)[with_mask], mask) and np.hsplit(valid, 2)[1 - with_mask].all()
    assert raster.products[0].bands[0].statistics.valid_percent == 75


def test_tiles_that_contradict_their_tiling_are_not_believed(tmp_path: Path) -> None:
    """Both tiles say that they lie at the same corner; the metadata puts one below the other."""
    files = tuple(archive_file(write(tmp_path / f"IMG_R{r}C1.TIF", noise((1, 50, 60)))) for r in (1, 2))
    one = RasterSource("image", files, offsets=((0, 0), (50, 0)))
    raster = convert(delivery(one), tmp_path / "store", RasterOptions())
    assert (codes(raster), raster.products, raster.footprint) == ({"raster.tiles-misplaced"}, (), None)
    assert [(f.params["columns"], f.params["rows"]) for f in raster.findings] == [(0.0, -50.0)]


def test_what_is_wrong_with_the_crs_of_all_bands_is_said_once(tmp_path: Path) -> None:
    sources = [RasterSource(f"b{i}", (archive_file(write(tmp_path / f"B{i}.TIF", noise((1, 50, 50)), crs=None)),)) for i in (1, 2, 3)]
    raster = convert(delivery(*sources), tmp_path / "store", RasterOptions())
    assert [(f.code, f.subject) for f in raster.findings] == [("crs.missing", "B1.TIF")]


def test_scene_without_crs_is_refused_until_someone_says(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", noise((1, 50, 50)), crs=None)
    refused = converted(path, tmp_path / "one")
    assert codes(refused) == {"crs.missing"} and refused.products == () and refused.footprint is None
    assert not list((tmp_path / "one").iterdir())
    by_collection = converted(path, tmp_path / "two", RasterOptions(declared_crs="EPSG:32648"))
    assert by_collection.products[0].grid.crs is not None and by_collection.products[0].grid.crs.code == "EPSG:32648"
    claim = Claim(Field.DECLARED_CRS, "EPSG:32649", Source(Origin.OVERRIDE, "overrides/a.toml"))
    person = convert(delivery(source(path), claims=(claim,)), tmp_path / "three", RasterOptions(declared_crs="EPSG:32648"))
    assert person.products[0].grid.crs is not None and person.products[0].grid.crs.code == "EPSG:32649"
    with rasterio.open(person.products[0].cog.path) as dataset:
        assert dataset.crs.to_epsg() == 32649


def test_scene_without_any_georeference(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", noise((1, 50, 50)), crs=None, transform=None)
    assert codes(converted(path, tmp_path / "one")) == {"raster.not-georeferenced"}
    corners = Claim(Field.CORNERS, ((107.0, 21.0), (107.1, 21.0), (107.1, 20.9), (107.0, 20.9)), Source(Origin.METADATA, "x.xml"))
    raster = convert(delivery(source(path), claims=(corners,)), tmp_path / "two", RasterOptions())
    assert codes(raster) == {"raster.only-corners"}
    assert raster.footprint is not None and raster.footprint.approximate and raster.footprint.method == "metadata"


def test_control_points_stay_in_the_product(tmp_path: Path) -> None:
    points = [Gcp(0, 0, 107.0, 21.0), Gcp(0, 50, 107.1, 21.0), Gcp(50, 0, 107.0, 20.9), Gcp(50, 50, 107.1, 20.9)]
    path = write(tmp_path / "a.tif", noise((1, 50, 50)), crs="EPSG:4326", gcps=points, transform=None)
    product = converted(path, tmp_path / "store").products[0]
    assert product.ground_control == "gcp" and product.gsd is None and product.grid.transform is None
    with rasterio.open(product.cog.path) as dataset:
        assert len(dataset.gcps[0]) == 4 and dataset.gcps[1].to_epsg() == 4326


def test_one_bad_raster_does_not_stop_the_others(tmp_path: Path) -> None:
    good = write(tmp_path / "good.tif", noise((1, 200, 200)), compress="deflate")
    bad = tmp_path / "bad.tif"
    data = bytearray(write(tmp_path / "whole.tif", noise((1, 400, 400)), compress="deflate").read_bytes())
    data[2000:6000] = b"\xff" * 4000
    bad.write_bytes(bytes(data))
    raster = convert(delivery(source(bad), source(good)), tmp_path / "store", RasterOptions())
    assert [p.key for p in raster.products] == ["good"]
    assert [(f.code, f.subject) for f in raster.findings] == [("raster.unreadable-pixels", "bad.tif")]
    assert not (tmp_path / "store/bad.tif").exists() and not list((tmp_path / "store").glob(".*"))


def test_size_limit(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", noise((1, 50, 50)))
    assert codes(converted(path, tmp_path / "store", RasterOptions(max_pixels=2499))) == {"raster.too-large"}
    assert converted(path, tmp_path / "store", RasterOptions(max_pixels=2500)).products


def test_sidecars_are_copied_under_safe_names(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", noise((1, 20, 20)))
    odd = tmp_path / "ảnh <b>.xml"
    odd.write_text("<x/>")
    twin = tmp_path / "anh b.xml"
    twin.write_text("<y/>")
    files = ((archive_file(odd), FileRole.METADATA), (archive_file(twin), FileRole.BROWSE), (archive_file(path), FileRole.OTHER))
    raster = convert(delivery(source(path), files=files), tmp_path / "store", RasterOptions())
    assert [(role, name) for _, role, name in raster.sidecars] == [("metadata", "ảnh <b>.xml"), ("browse", "anh b.xml")]
    names = [stored.path.name for stored, _, _ in raster.sidecars]
    assert len(set(names)) == 2 and all(n.isascii() and "<" not in n for n in names)
    assert (tmp_path / "store/source" / names[0]).read_text() == "<x/>"


def test_bands_that_do_not_fit_are_said(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", noise((3, 20, 20)))
    raster = converted(path, tmp_path / "store", bands=(Band("pan"),))
    assert codes(raster) == {"raster.bands-differ"}
    assert [b.band.name for b in raster.products[0].bands] == ["red", "green", "blue"]


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_scan_with_control_points_is_rectified_and_kept(tmp_path: Path) -> None:
    data = noise((1, 300, 400))
    path = write(tmp_path / "frame.tif", data, crs=None, transform=None)
    places = [(0, 0), (400, 0), (0, 300), (400, 300), (200, 150), (100, 250)]
    points = tuple(ControlPoint(c, r, 715_000 + 2 * c + 0.3 * r, 2_320_000 - 2 * r + 0.3 * c) for c, r in places)
    one = source(path, key="scan", kind=RasterKind.SCAN, gcps=points, gcp_crs="EPSG:32648")
    raster = convert(delivery(one), tmp_path / "store", RasterOptions())
    rectified, original = raster.products
    assert (original.key, original.primary, original.lossless, original.grid.transform) == ("scan-original", False, True, None)
    with rasterio.open(original.cog.path) as dataset:
        assert np.array_equal(dataset.read(), data) and dataset.crs is None
    assert (rectified.key, rectified.primary, rectified.lossless) == ("scan", True, False)
    assert rectified.rectification is not None and rectified.rectification["gcp_count"] == 6
    assert rectified.grid.crs is not None and rectified.grid.crs.code == "EPSG:32648"
    assert raster.footprint is not None and raster.footprint.method == "mask"
    assert raster.rendering is not None and raster.rendering["asset"] == "scan"
    without = convert(delivery(replace(one, gcp_crs=None)), tmp_path / "none", RasterOptions())
    assert "crs.missing" in codes(without) and without.products == ()


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize("marked", ["nowhere", "alpha", "mask", "nodata"])
def test_around_a_rectified_scan_there_are_no_data(tmp_path: Path, marked: str) -> None:
    """Whatever marks pixels of the scan itself."""
    data = noise((2, 30, 40))
    profile: dict[str, Any] = {"alpha": {"alpha": "YES", "photometric": "MINISBLACK"}, "nodata": {"nodata": 0}}.get(marked, {})
    mask = np.ones((30, 40), bool) if marked == "mask" else None
    path = write(tmp_path / "frame.tif", data, mask, crs=None, transform=None, **profile)
    places = [(0, 0), (40, 0), (0, 30), (40, 30), (20, 15), (10, 25)]
    points = tuple(ControlPoint(c, r, 715_000 + 2 * c + 0.6 * r, 2_320_000 - 2 * r + 0.6 * c) for c, r in places)
    raster = converted(path, tmp_path / "store", kind=RasterKind.SCAN, gcps=points, gcp_crs="EPSG:32648")
    with rasterio.open(raster.products[0].cog.path) as dataset:
        covered = (dataset.dataset_mask() > 0).mean()
        assert dataset.colorinterp[1].name == ("alpha" if marked == "alpha" else "undefined")
    assert covered == pytest.approx(0.65, abs=0.05) and raster.products[0].bands[0].statistics.valid_percent == pytest.approx(100 * covered)
