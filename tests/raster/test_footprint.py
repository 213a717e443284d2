"""Footprints: where the data is, on the globe, valid whatever the grid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio.transform import from_origin
from shapely.geometry import Point, box, shape
from shapely.geometry.base import BaseGeometry

from catalog_builder.crs import ResolvedCrs
from catalog_builder.crs.area import authority_crs
from catalog_builder.crs.resolve import resolve
from catalog_builder.crs.transform import from_wgs84, to_wgs84
from catalog_builder.facts import Origin
from catalog_builder.raster.extent import METHODS
from catalog_builder.raster.footprint import (
    Result,
    extent_footprint,
    grid_footprint,
    outline_footprint,
)
from catalog_builder.raster.model import Footprint, Grid
from catalog_builder.raster.outline import MAX_POINTS
from catalog_builder.raster.pixels import strips
from catalog_builder.raster.reduce import CoverageMask
from catalog_builder.raster.source import describe_dataset


def grid(code: str, width: int, height: int, west: float, north: float, pixel: float) -> Grid:
    return Grid(width, height, (pixel, 0.0, west, 0.0, -pixel, north), authority_crs(code))


def good(footprint: Footprint | None) -> tuple[Footprint, BaseGeometry]:
    """The footprint and its shape, after the checks that every footprint must pass."""
    assert footprint is not None
    polygon = shape(footprint.geometry)
    assert polygon.is_valid
    assert not polygon.is_empty
    for part in shapely.get_parts(polygon):
        assert part.exterior.is_ccw
        assert all(not hole.is_ccw for hole in part.interiors)
        west, south, east, north = part.bounds
        assert -180 <= west < east <= 180
        assert -90 <= south < north <= 90
    return footprint, polygon


def write(
    path: Path, pixels: NDArray[Any], code: str = "EPSG:32648", west: float = 700_000, north: float = 2_320_000, **options: Any
) -> Path:
    bands, height, width = pixels.shape
    profile = {"driver": "GTiff", "width": width, "height": height, "count": bands, "dtype": pixels.dtype, "crs": code}
    with rasterio.open(path, "w", **(profile | {"transform": from_origin(west, north, 10, 10)} | options)) as dataset:
        dataset.write(pixels)
    return path


def dataset_footprint(dataset: Any, crs: ResolvedCrs, *, subject: str) -> Result:
    """The footprint of an open raster, from its pixels as a conversion reads them."""
    header = describe_dataset(dataset)
    coverage = CoverageMask(header)
    for strip in strips(dataset, header):
        coverage.update(strip.row, strip.any_valid(header), strip.values.shape[1])
    whole = Grid(header.width, header.height, header.transform, crs)
    return grid_footprint(coverage.mask, coverage.factor, whole, subject=subject, method=METHODS[header.valid_by])


def of_file(path: Path, code: str = "EPSG:32648") -> tuple[Footprint | None, tuple[str, ...]]:
    with rasterio.open(path) as dataset:
        footprint, found = dataset_footprint(dataset, authority_crs(code), subject="scene.tif")
    return footprint, tuple(f.code for f in found)


class TestMasks:
    def test_the_true_outline_with_its_hole(self, tmp_path: Path) -> None:
        pixels = np.zeros((1, 200, 300), np.uint8)
        pixels[0, 20:180, 30:270] = 7
        pixels[0, 80:120, 100:160] = 0
        footprint, found = of_file(write(tmp_path / "a.tif", pixels, nodata=0))
        footprint, polygon = good(footprint)
        assert found == ()
        assert (footprint.method, footprint.approximate) == ("nodata", False)
        x, y = from_wgs84(authority_crs("EPSG:32648"), *shapely.get_coordinates(polygon).T)
        outline = shapely.polygons(np.column_stack([x, y])[: len(polygon.exterior.coords)])
        assert shapely.symmetric_difference(outline, box(700_300, 2_318_200, 702_700, 2_319_800)).area < 50  # 1 cm of rounding
        assert len(polygon.interiors) == 1

    def test_thin_data_is_not_lost_when_reducing(self, tmp_path: Path) -> None:
        """One column of data in 5000: decimation by nearest neighbour would miss it."""
        pixels = np.zeros((1, 600, 5000), np.uint8)
        pixels[0, :, 3333] = 1
        footprint, _ = of_file(write(tmp_path / "a.tif", pixels, nodata=0))
        _, polygon = good(footprint)
        lon, lat = to_wgs84(authority_crs("EPSG:32648"), [700_000 + 33_335], [2_320_000 - 3_000])
        assert polygon.contains(Point(lon[0], lat[0]))
        assert polygon.area < 0.01 * good(extent_footprint(grid("EPSG:32648", 5000, 600, 700_000, 2_320_000, 10), subject="")[0])[1].area

    @pytest.mark.parametrize("rows", [1, 2, 32, 700, 2100])
    def test_strips_and_factor_agree_with_one_read(self, tmp_path: Path, rows: int) -> None:
        rng = np.random.default_rng(1)
        pixels = (rng.random((1, 2100, 1500)) > 0.999).astype(np.uint8)
        path = write(tmp_path / "a.tif", pixels, nodata=0)
        with rasterio.open(path) as dataset:
            coverage = CoverageMask(describe_dataset(dataset))
        for row in range(0, 2100, rows):
            part = pixels[0, row : row + rows] > 0
            coverage.update(row, part, len(part))
        assert coverage.factor == 3
        assert np.array_equal(coverage.mask, pixels[0].reshape(700, 3, 500, 3).max(axis=(1, 3)) > 0)

    def test_several_parts_stay_slivers_go(self) -> None:
        mask = np.zeros((100, 100), bool)
        mask[5:30, 5:30] = mask[60:90, 60:90] = mask[50, 10] = True
        _, polygon = good(grid_footprint(mask, 1, grid("EPSG:32648", 100, 100, 7e5, 2.3e6, 10), subject="")[0])
        assert len(shapely.get_parts(polygon)) == 2

    def test_a_sliver_stays_when_there_is_nothing_else(self) -> None:
        mask = np.zeros((100, 100), bool)
        mask[50, 10] = True
        good(grid_footprint(mask, 1, grid("EPSG:32648", 100, 100, 7e5, 2.3e6, 10), subject="")[0])

    def test_last_cells_do_not_reach_beyond_the_raster(self) -> None:
        mask = np.ones((2, 2), bool)
        mask[0, 0] = False
        raster = grid("EPSG:32648", 150, 150, 7e5, 2.3e6, 10)
        _, polygon = good(grid_footprint(mask, 100, raster, subject="")[0])
        _, whole = good(extent_footprint(raster, subject="")[0])
        assert polygon.within(whole.buffer(1e-6))
        assert polygon.area == pytest.approx(whole.area * (1 - (100 / 150) ** 2), rel=0.001)

    def test_a_speckled_mask_stays_small(self) -> None:
        mask = np.random.default_rng(3).random((1000, 1000)) > 0.3
        _, polygon = good(grid_footprint(mask, 1, grid("EPSG:32648", 1000, 1000, 7e5, 2.3e6, 10), subject="")[0])
        assert shapely.get_num_coordinates(polygon) < 3 * MAX_POINTS

    def test_every_pixel_nodata_is_a_finding(self, tmp_path: Path) -> None:
        footprint, found = of_file(write(tmp_path / "a.tif", np.zeros((1, 50, 50), np.uint8), nodata=0))
        footprint, _ = good(footprint)
        assert (footprint.method, found) == ("extent", ("crs.no-valid-pixels",))

    def test_nan_is_no_data_even_undeclared(self, tmp_path: Path) -> None:
        pixels = np.full((1, 100, 100), np.nan, np.float32)
        pixels[0, :, :50] = 1
        footprint, _ = of_file(write(tmp_path / "a.tif", pixels))
        _, polygon = good(footprint)
        _, whole = good(extent_footprint(grid("EPSG:32648", 100, 100, 7e5, 2.32e6, 10), subject="")[0])
        assert polygon.area == pytest.approx(whole.area / 2, rel=0.01)

    def test_alpha_is_a_mask(self, tmp_path: Path) -> None:
        pixels = np.full((4, 60, 60), 255, np.uint8)
        pixels[3, 30:] = 0
        footprint, _ = of_file(write(tmp_path / "a.tif", pixels, photometric="RGB", alpha="YES"))
        footprint, _ = good(footprint)
        assert footprint.method == "mask"
        assert footprint.bbox[1] > footprint.corners[2][1] + 0.002


class TestGrids:
    def test_corners_of_a_turned_grid_are_true_corners(self) -> None:
        """A scene turned by 30 degrees: corners are its own, not those of its bounding box."""
        turned = Affine.translation(700_000, 2_320_000) @ Affine.rotation(-30) @ Affine.scale(10, -10)
        raster = Grid(300, 200, tuple(turned)[:6], authority_crs("EPSG:32648"))  # type: ignore[arg-type]
        footprint, polygon = good(extent_footprint(raster, subject="")[0])
        for corner in footprint.corners:
            assert polygon.exterior.distance(Point(corner)) < 1e-6
        x, y = from_wgs84(authority_crs("EPSG:32648"), *np.array(footprint.corners).T)
        assert (x[0], y[0]) == (pytest.approx(700_000, abs=0.1), pytest.approx(2_320_000, abs=0.1))
        assert np.hypot(x[1] - x[0], y[1] - y[0]) == pytest.approx(3000, abs=0.1)

    def test_a_grid_with_south_up(self) -> None:
        raster = Grid(100, 100, (10, 0, 700_000, 0, 10, 2_320_000), authority_crs("EPSG:32648"))
        footprint, _ = good(extent_footprint(raster, subject="")[0])
        assert footprint.corners[0][1] > footprint.corners[3][1]
        assert footprint.corners[0][0] < footprint.corners[1][0]

    def test_curved_edges_get_points(self) -> None:
        """A wide conic scene: the straight upper edge bulges by tenths of a degree on the globe."""
        raster = grid("ESRI:102039", 4000, 2000, -2_000_000, 3_000_000, 1000)
        footprint, polygon = good(extent_footprint(raster, subject="")[0])
        assert shapely.get_num_coordinates(polygon) > 20
        assert footprint.bbox[3] > max(lat for _, lat in footprint.corners) + 1.0

    def test_small_scenes_keep_four_corners(self) -> None:
        _, polygon = good(extent_footprint(grid("EPSG:5899", 1000, 1000, 430_000, 2_318_000, 0.5), subject="")[0])
        assert shapely.get_num_coordinates(polygon) == 5

    def test_the_vn2000_shift_is_applied(self) -> None:
        vn2000, _ = good(extent_footprint(grid("EPSG:3405", 10, 10, 700_000, 2_300_000, 10), subject="")[0])
        wgs84, _ = good(extent_footprint(grid("EPSG:32648", 10, 10, 700_000, 2_300_000, 10), subject="")[0])
        assert vn2000.centroid[0] - wgs84.centroid[0] == pytest.approx(192 / 103_900, rel=0.05)

    def test_across_the_antimeridian(self) -> None:
        footprint, _ = good(extent_footprint(grid("EPSG:32660", 2325, 2355, 570_585, 5_847_615, 100), subject="")[0])
        assert footprint.geometry["type"] == "MultiPolygon"
        west, _, east, _ = footprint.bbox
        assert west == pytest.approx(178.0, abs=0.1)
        assert east == pytest.approx(-178.5, abs=0.1)
        assert abs(footprint.centroid[0]) > 179
        assert footprint.corners[0][0] > 0 > footprint.corners[1][0]

    def test_a_geographic_grid_past_180(self) -> None:
        footprint, _ = good(extent_footprint(grid("EPSG:4326", 20, 10, 170, 10, 1), subject="")[0])
        assert footprint.bbox == (170, 0, -170, 10)

    @pytest.mark.parametrize(("west", "north", "height"), [(-180, 90, 180), (0, 90, 180), (-180.5, 90.5, 181)])
    def test_the_whole_world(self, west: float, north: float, height: int) -> None:
        footprint, polygon = good(extent_footprint(grid("EPSG:4326", 360, height, west, north, 1.0), subject="")[0])
        assert footprint.bbox == (-180, -90, 180, 90)
        assert polygon.area == pytest.approx(360 * 180)

    def test_the_whole_web_mercator(self) -> None:
        half = 20037508.342789244
        footprint, _ = good(extent_footprint(grid("EPSG:3857", 256, 256, -half, half, half / 128), subject="")[0])
        assert footprint.bbox == pytest.approx((-180, -85.0511288, 180, 85.0511288))

    @pytest.mark.parametrize(("code", "pole", "latitude"), [("EPSG:3031", -90, -60), ("EPSG:3413", 90, 60)])
    def test_a_pole_inside(self, code: str, pole: float, latitude: float) -> None:
        footprint, polygon = good(extent_footprint(grid(code, 600, 600, -3_000_000, 3_000_000, 10_000), subject="")[0])
        west, south, east, north = footprint.bbox
        assert (west, east) == (-180, 180)
        assert pole in (south, north)
        assert polygon.buffer(1e-6).covers(Point(37.0, pole * 0.99))
        assert not polygon.covers(Point(37.0, latitude * 0.8))

    def test_a_hole_at_the_pole(self) -> None:
        rows, columns = np.mgrid[0:300, 0:300]
        mask = np.hypot(rows - 149.5, columns - 149.5) > 20
        footprint, polygon = good(grid_footprint(mask, 1, grid("EPSG:3413", 300, 300, -3_000_000, 3_000_000, 20_000), subject="")[0])
        assert not polygon.covers(Point(10, 89.5))
        assert polygon.covers(Point(10, 80.0))
        assert footprint.bbox[3] < 88

    @pytest.mark.parametrize(
        "raster",
        [
            grid("EPSG:4326", 32, 32, 107, 95, 0.01),
            grid("EPSG:4326", 32, 32, 720_000, 2_320_000, 10),
            Grid(32, 32, (0.0, 0.0, 107.0, 0.0, 0.0, 21.0), authority_crs("EPSG:4326")),
            Grid(32, 32, (1.0, 2.0, 107.0, 2.0, 4.0, 21.0), authority_crs("EPSG:4326")),
            grid("EPSG:32648", 32, 32, 1e9, 1e9, 10),
        ],
        ids=["latitude 95", "metres as degrees", "no pixel size", "singular", "far away"],
    )
    def test_impossible_grids_are_findings(self, raster: Grid) -> None:
        footprint, found = extent_footprint(raster, subject="scene.tif")
        assert footprint is None
        assert [f.code for f in found] == ["crs.out-of-range"]

    def test_a_grid_without_crs_is_a_mistake_of_the_caller(self) -> None:
        with pytest.raises(ValueError, match="no footprint"):
            extent_footprint(Grid(1, 1, None, None), subject="")


class TestOutlines:
    def test_a_scene_known_by_its_corners(self) -> None:
        footprint, found = outline_footprint([(107.2, 21.5), (106.8, 19.8), (108.5, 19.4), (108.9, 21.1)], subject="")
        footprint, _ = good(footprint)
        assert found == ()
        assert (footprint.method, footprint.approximate) == ("metadata", True)
        assert footprint.corners == ((107.2, 21.5), (108.9, 21.1), (108.5, 19.4), (106.8, 19.8))

    def test_closed_or_open(self) -> None:
        ring = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
        assert outline_footprint(ring, subject="") == outline_footprint([*ring, ring[0]], subject="")

    def test_across_the_antimeridian(self) -> None:
        footprint, _ = good(
            outline_footprint([(179.2569, -16.3517), (-179.7034, -16.3517), (-179.7034, -15.3455), (179.2569, -15.3455)], subject="")[0]
        )
        assert footprint.bbox == (179.2569, -16.3517, -179.7034, -15.3455)
        assert footprint.geometry["type"] == "MultiPolygon"

    def test_around_the_pole(self) -> None:
        footprint, _ = good(outline_footprint([(0, 80), (90, 80), (180, 80), (-90, 80)], subject="")[0])
        assert footprint.bbox == (-180, 80, 180, 90)

    @pytest.mark.parametrize(
        "ring",
        [
            [],
            [(1, 1)],
            [(1, 1), (2, 2)],
            [(0, 0), (1, 1), (2, 2)],
            [(0, 95), (1, 95), (1, 96)],
            [(float("nan"), 0), (1, 0), (1, 1)],
            [(999, 0), (1, 0), (1, 1)],
        ],
    )
    def test_impossible_outlines(self, ring: list[tuple[float, float]]) -> None:
        footprint, found = outline_footprint(ring, subject="s")
        assert footprint is None
        assert [f.code for f in found] == ["crs.out-of-range"]


@pytest.mark.shared
class TestRealFiles:
    def crs(self, dataset: Any) -> ResolvedCrs:
        resolution = resolve(dataset.crs.to_wkt(), subject="s", origin=Origin.TAG)
        assert resolution.crs is not None
        return resolution.crs

    @pytest.mark.parametrize(
        ("name", "bbox", "points"),
        [
            ("rasters/cog_dateline.tif", (177.9986, 50.5819, -178.5138, 52.7737), 60),
            ("rasters/world.rgb.tif", (-180, -90, 180, 90), 5),
            ("rasters/RGB.byte.tif", (-78.8691, 23.6111, -76.658, 25.51), 400),
            ("vendor/umbra_sar/umbra_mount_yasur.tiff", (169.4416, -19.5339, 169.4554, -19.5208), 5),
            ("derived/vn2000/bay_chay_vn2000_107-45_towgs84.tif", (107.0788, 20.9485, 107.082, 20.9539), 5),
        ],
    )
    def test_file(self, shared: Path, name: str, bbox: tuple[float, ...], points: int) -> None:
        with rasterio.open(shared / "data" / name) as dataset:
            footprint, found = dataset_footprint(dataset, self.crs(dataset), subject=name)
        footprint, polygon = good(footprint)
        assert found == ()
        assert footprint.bbox == pytest.approx(bbox, abs=2e-4)
        assert shapely.get_num_coordinates(polygon) <= points

    def test_valid_share_of_a_real_scene(self, shared: Path) -> None:
        """The footprint covers what the mask covers, not the whole raster."""
        with rasterio.open(shared / "data/rasters/RGB.byte.tif") as dataset:
            share = float((dataset.dataset_mask() > 0).mean())
            crs = self.crs(dataset)
            footprint, _ = dataset_footprint(dataset, crs, subject="s")
            bounds = dataset.bounds
        _, polygon = good(footprint)
        native = shapely.transform(polygon, lambda xy: np.column_stack(from_wgs84(crs, xy[:, 0], xy[:, 1])))
        assert native.area / box(*bounds).area == pytest.approx(share, abs=0.01)
