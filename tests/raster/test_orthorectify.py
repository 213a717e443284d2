"""Scenes in sensor geometry onto a map grid, where the collection asks for it: two products, one footprint, one key."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio

from catalog_builder.definition.model import AreaOfInterest
from catalog_builder.findings import Severity
from catalog_builder.planning import raster_options
from catalog_builder.raster.options import RasterOptions
from tests.stac import factories

from .raster_kit import codes, converted
from .test_rpc import leaning_rpc, write_dem

SIZE = 2000
GRID = "EPSG:32648"

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")


def scene(path: Path) -> Path:
    """A bright field in the middle of a leaning scene of 1 m pixels: at 400 m of height it lies 150 m to the west."""
    pixels = np.full((1, SIZE, SIZE), 50, np.uint8)
    pixels[0, 950:1050, 950:1050] = 250
    with rasterio.open(path, "w", driver="GTiff", width=SIZE, height=SIZE, count=1, dtype="uint8") as dataset:
        dataset.write(pixels)
        dataset.update_tags(ns="RPC", **leaning_rpc().to_tags())
    return path


def easting(path: Path) -> float:
    with rasterio.open(path) as dataset:
        rows, columns = np.nonzero(dataset.read(1) > 150)
        return float(dataset.xy(rows.mean(), columns.mean())[0])


def test_on_terrain_and_at_constant_height(tmp_path: Path) -> None:
    source, dem = scene(tmp_path / "scene.tif"), write_dem(tmp_path / "dem.tif", 400.0)
    flat = converted(source, tmp_path / "flat", RasterOptions(orthorectify=GRID))
    terrain = converted(source, tmp_path / "terrain", RasterOptions(orthorectify=GRID, dem=dem))
    for raster, name in ((flat, "height offset"), (terrain, "dem.tif")):
        ortho, original = raster.products
        assert (ortho.key, original.key) == ("scene", "scene-original")
        assert (ortho.primary, original.primary) == (True, False)
        assert (ortho.lossless, original.lossless) == (False, True)
        assert ortho.rectification == {"method": "rpc", "dem": name}
        assert ortho.grid.crs is not None and ortho.grid.crs.code == GRID
        assert ortho.gsd == pytest.approx(1, rel=0.01)
        assert (ortho.ground_control, original.ground_control) == (None, "rpc")
        with rasterio.open(original.cog.path) as kept, rasterio.open(source) as before:
            assert kept.rpcs is not None
            assert np.array_equal(kept.read(), before.read())
        assert raster.visual is not None
    assert flat.footprint is not None and flat.footprint.approximate
    assert terrain.footprint is not None and not terrain.footprint.approximate
    assert (codes(flat), codes(terrain)) == ({"raster.no-dem"}, set())
    assert easting(flat.products[0].cog.path) - easting(terrain.products[0].cog.path) == pytest.approx(150, abs=4)


def test_only_on_request(tmp_path: Path) -> None:
    raster = converted(scene(tmp_path / "scene.tif"), tmp_path / "store", RasterOptions(dem=write_dem(tmp_path / "dem.tif", 400.0)))
    assert [(p.key, p.ground_control) for p in raster.products] == [("scene", "rpc")]
    assert raster.footprint is not None and raster.footprint.approximate


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (RasterOptions(orthorectify="EPSG:999999"), "raster.no-map-grid"),
        (RasterOptions(orthorectify=GRID, dem=Path("nowhere.tif")), "crs.bad-dem"),
    ],
)
def test_what_cannot_be_done_leaves_the_scene_as_it_is(tmp_path: Path, options: RasterOptions, code: str) -> None:
    raster = converted(scene(tmp_path / "scene.tif"), tmp_path / "store", options)
    assert code in codes(raster)
    assert {f.severity for f in raster.findings} == {Severity.WARNING}  # an error would keep the scene out of the catalogue
    assert [(p.key, p.ground_control, p.primary) for p in raster.products] == [("scene", "rpc", True)]
    assert raster.footprint is not None and raster.footprint.approximate
    assert not (tmp_path / "store/scene-original.tif").exists()


@pytest.mark.shared
def test_a_real_model(shared: Path, tmp_path: Path) -> None:
    """The orthorectified scene lies where its model says that the untouched one does."""
    raster = converted(shared / "data/rasters/test_rpcs.tif", tmp_path / "store", RasterOptions(orthorectify="EPSG:4326"))
    assert [p.key for p in raster.products] == ["test_rpcs", "test_rpcs-original"]
    assert raster.products[0].bands[0].statistics.valid_percent > 20
    assert raster.footprint is not None and raster.footprint.approximate
    plain = converted(shared / "data/rasters/test_rpcs.tif", tmp_path / "plain")
    assert plain.footprint is not None
    pixel = max(plain.footprint.bbox[2] - plain.footprint.bbox[0], plain.footprint.bbox[3] - plain.footprint.bbox[1]) / 100
    assert raster.footprint.centroid == pytest.approx(plain.footprint.centroid, abs=pixel)


class TestKey:
    def test_the_elevation_model_counts_by_content(self, tmp_path: Path) -> None:
        dem = write_dem(tmp_path / "dem.tif", 1.0)
        (tmp_path / "elsewhere").mkdir()
        moved = Path(shutil.copy2(dem, tmp_path / "elsewhere/dem.tif"))
        options = RasterOptions(dem=dem)
        before = options.identity
        assert replace(options, dem=moved).identity == before
        assert str(tmp_path) not in before
        os.utime(dem, ns=(1, 1))
        assert len({before, options.identity, RasterOptions().identity, RasterOptions(dem=tmp_path / "none.tif").identity}) == 4

    def test_what_changes_no_byte_is_not_in_it(self) -> None:
        assert RasterOptions(threads=8, max_pixels=5).identity == RasterOptions().identity
        assert RasterOptions(orthorectify=GRID).identity != RasterOptions().identity

    def test_the_definition_decides(self, tmp_path: Path) -> None:
        definition = factories.definition(area=AreaOfInterest(dem=Path("dem.tif")), folder=tmp_path)
        collection = definition.collections[0].model_copy(update={"orthorectify": GRID})
        options = raster_options(definition, collection)
        assert (options.dem, options.orthorectify) == (tmp_path / "dem.tif", GRID)
