"""Rational polynomial coefficients: reading, projecting both ways, footprints with and without an elevation model."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from rasterio.transform import RPCTransformer, from_origin
from shapely.geometry import shape

from catalog_builder.raster.rpc import Rpc, dem_sampler, rpc_footprint, rpc_ground

CENTRE = (107.0, 21.0)


def leaning_rpc(slope: float = 0.5) -> Rpc:
    """A scene of 2000 x 2000 pixels of about 1 m around Hạ Long, looking east: a metre of height moves a point ``slope`` m."""
    zero = [0.0] * 20
    pixel = 1.0 / 103_700  # degrees of longitude per metre at 21°N
    scale_lon, scale_lat, scale_height = 1000 * pixel, 1000 / 110_700, 500.0
    samp, line, one = list(zero), list(zero), list(zero)
    samp[1], samp[3] = 1.0, slope * scale_height / 1000
    line[2], one[0] = -1.0, 1.0
    coefficients = [tuple(c) for c in (line, one, samp, one)]
    return Rpc(999.5, 999.5, CENTRE[1], CENTRE[0], 100.0, 1000.0, 1000.0, scale_lat, scale_lon, scale_height, *coefficients)


def tags_of(rpc: Rpc, **changes: str | None) -> dict[str, str]:
    changed: dict[str, str | None] = {**rpc.to_tags(), **changes}
    return {k: v for k, v in changed.items() if v is not None}


def write_dem(path: Path, height: float, code: str | None = "EPSG:4326", west: float = 106.9, north: float = 21.1) -> Path:
    pixels = np.full((1, 200, 200), height, np.float32)
    profile: dict[str, Any] = {"driver": "GTiff", "width": 200, "height": 200, "count": 1, "dtype": "float32", "crs": code}
    with rasterio.open(path, "w", transform=from_origin(west, north, 0.001, 0.001), **profile) as dataset:
        dataset.write(pixels)
    return path


class TestTags:
    def test_round_trip(self) -> None:
        assert Rpc.from_tags(leaning_rpc().to_tags()) == leaning_rpc()

    def test_units_after_numbers(self) -> None:
        """KOMPSAT writes ``168.68 meters``."""
        assert Rpc.from_tags(tags_of(leaning_rpc(), HEIGHT_OFF="100.0 meters")) == leaning_rpc()

    @pytest.mark.parametrize(
        ("changes", "named"),
        [
            ({"LINE_OFF": None}, "LINE_OFF"),
            ({"HEIGHT_OFF": "HEIGHT_OFF"}, "HEIGHT_OFF"),
            ({"LAT_SCALE": "0"}, "LAT_SCALE"),
            ({"LAT_OFF": "nan"}, "LAT_OFF"),
            ({"LAT_OFF": "123"}, "LAT_OFF"),
            ({"SAMP_OFF": ""}, "SAMP_OFF"),
            ({"SAMP_NUM_COEFF": "1 2 3"}, "SAMP_NUM_COEFF: 3 / 20"),
        ],
    )
    def test_what_is_wrong_is_named(self, changes: dict[str, str | None], named: str) -> None:
        with pytest.raises(ValueError, match=named):
            Rpc.from_tags(tags_of(leaning_rpc(), **changes))


class TestProjection:
    def test_there_and_back(self) -> None:
        rpc = leaning_rpc()
        columns, rows = np.array([0.0, 2000.0, 1234.5, 10.0]), np.array([0.0, 2000.0, 77.25, 1999.0])
        for height in (0.0, 100.0, 800.0):
            lon, lat = rpc.ground(columns, rows, height)
            back = rpc.pixel(lon, lat, np.full(4, height))
            assert np.allclose(back, (columns, rows), atol=0.01)

    def test_the_centre_is_the_models(self) -> None:
        lon, lat = leaning_rpc().ground(np.array([1000.0]), np.array([1000.0]))
        assert (lon[0], lat[0]) == pytest.approx(CENTRE)

    def test_a_model_without_inverse_gives_no_point(self) -> None:
        flat = Rpc.from_tags(tags_of(leaning_rpc(), SAMP_NUM_COEFF=" ".join(["0"] * 20)))
        lon, lat = flat.ground(np.array([10.0]), np.array([10.0]))
        assert np.isinf([lon[0], lat[0]]).all()

    def test_terrain_moves_the_scene(self) -> None:
        """300 m of height above HEIGHT_OFF at slope 0.5 is 150 m to the west."""
        columns, rows = np.array([1000.0]), np.array([1000.0])
        low = rpc_ground(leaning_rpc())(columns, rows)
        high = rpc_ground(leaning_rpc(), lambda lon, lat: np.full_like(lon, 400.0))(columns, rows)
        assert (low[0][0] - high[0][0]) * 103_700 == pytest.approx(150, rel=0.01)

    def test_unknown_height_means_height_off(self) -> None:
        columns, rows = np.array([1000.0]), np.array([1000.0])
        unknown = rpc_ground(leaning_rpc(), lambda lon, lat: np.full_like(lon, math.nan))(columns, rows)
        assert unknown[0][0] == pytest.approx(CENTRE[0])


class TestFootprint:
    def test_approximate_at_constant_height(self) -> None:
        footprint, found = rpc_footprint(leaning_rpc(), 2000, 2000, subject="s")
        assert footprint is not None
        assert found == ()
        assert (footprint.method, footprint.approximate) == ("rpc", True)
        assert footprint.centroid == pytest.approx(CENTRE, abs=1e-6)
        assert shape(footprint.geometry).is_valid

    def test_an_elevation_model_moves_it(self, tmp_path: Path) -> None:
        dem = write_dem(tmp_path / "dem.tif", 400.0)
        footprint, found = rpc_footprint(leaning_rpc(), 2000, 2000, subject="s", dem=dem)
        assert footprint is not None
        assert found == ()
        assert (CENTRE[0] - footprint.centroid[0]) * 103_700 == pytest.approx(150, rel=0.01)

    def test_an_elevation_model_elsewhere_changes_nothing(self, tmp_path: Path) -> None:
        dem = write_dem(tmp_path / "dem.tif", 400.0, west=10.0, north=50.0)
        assert rpc_footprint(leaning_rpc(), 2000, 2000, subject="s", dem=dem) == rpc_footprint(leaning_rpc(), 2000, 2000, subject="s")

    @pytest.mark.parametrize("content", [b"not a raster", None])
    def test_an_unusable_elevation_model_is_a_warning(self, tmp_path: Path, content: bytes | None) -> None:
        dem = tmp_path / "dem.tif"
        if content:
            dem.write_bytes(content)
        else:
            write_dem(dem, 400.0, code=None)
        footprint, found = rpc_footprint(leaning_rpc(), 2000, 2000, subject="s", dem=dem)
        assert footprint is not None
        assert [f.code for f in found] == ["crs.dem-unused"]

    def test_the_mask_counts(self) -> None:
        mask = np.zeros((200, 200), bool)
        mask[:, :100] = True
        half, _ = rpc_footprint(leaning_rpc(), 2000, 2000, subject="s", mask=mask, factor=10)
        whole, _ = rpc_footprint(leaning_rpc(), 2000, 2000, subject="s")
        assert half is not None
        assert whole is not None
        assert shape(half.geometry).area == pytest.approx(shape(whole.geometry).area / 2, rel=0.01)

    def test_nowhere_on_the_globe(self) -> None:
        flat = Rpc.from_tags(tags_of(leaning_rpc(), SAMP_NUM_COEFF=" ".join(["0"] * 20)))
        footprint, found = rpc_footprint(flat, 2000, 2000, subject="s")
        assert footprint is None
        assert [f.code for f in found] == ["crs.bad-rpc"]


def test_heights_outside_the_model_are_unknown(tmp_path: Path) -> None:
    sampler = dem_sampler(write_dem(tmp_path / "dem.tif", 12.0), (106.95, 20.95, 107.05, 21.05))
    assert sampler is not None
    found = sampler(np.array([107.0, 108.0, math.inf]), np.array([21.0, 21.0, 21.0]))
    assert found[0] == 12.0
    assert np.isnan(found[1:]).all()


@pytest.mark.shared
@pytest.mark.parametrize(
    "name",
    [
        "rasters/test_rpcs.tif",
        "rasters/byte_rpc.tif",
        "vendor/qb2_rpc_tif/qb2_basic1b.tif",
        "vendor/wv3_nitf/wv3_20.NTF",
        "vendor/kompsat/md_kompsat.tif",
    ],
)
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_real_models_agree_with_gdal(shared: Path, name: str) -> None:
    """GDAL stops its own inverse at a tenth of a pixel, so agreement is asked to a fifth."""
    with rasterio.open(shared / "data" / name) as dataset:
        rpc = Rpc.from_tags(dataset.tags(ns="RPC"))
        width, height = dataset.width, dataset.height
        with RPCTransformer(dataset.rpcs, RPC_HEIGHT=0) as gdal:
            xs, ys = gdal.xy([0, height], [0, width], zs=[0, 0], offset="ul")
    columns, rows = rpc.pixel(np.array(xs), np.array(ys), np.zeros(2))
    assert np.allclose(columns, [0, width], atol=0.2)
    assert np.allclose(rows, [0, height], atol=0.2)
    footprint, found = rpc_footprint(rpc, width, height, subject=name)
    assert found == ()
    assert footprint is not None
    assert shape(footprint.geometry).is_valid


@pytest.mark.shared
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_placeholders_for_coefficients_are_refused(shared: Path) -> None:
    with (
        rasterio.open(shared / "data/vendor/pleiades_dimap2_bundle/IMG_foo_R1C1.TIF") as dataset,
        pytest.raises(ValueError, match="LAT_OFF"),
    ):
        Rpc.from_tags(dataset.tags(ns="RPC"))
