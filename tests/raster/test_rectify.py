"""Scans onto a map grid: the model chosen, its measured quality, the pixels where they belong, the source untouched."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from rasterio.control import GroundControlPoint as RasterioPoint
from shapely.geometry import shape

from catalog_builder.archive.delivery import GroundControlPoint, RasterKind
from catalog_builder.crs.area import authority_crs
from catalog_builder.crs.transform import from_wgs84
from catalog_builder.raster.control_points import fit, gcp_ground, left_out, polynomial, spline
from catalog_builder.raster.rectify import gcp_footprint, native_resolution, orthorectify, rectify, tiff_points

from .test_rpc import leaning_rpc, write_dem

UTM = authority_crs("EPSG:32648")
WIDTH, HEIGHT = 300, 200

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")

Place = Callable[[float, float], tuple[float, float]]


def affine_place(column: float, row: float) -> tuple[float, float]:
    """A scan turned by a few degrees, 2 m pixels."""
    return 700_000 + 2.0 * column + 0.2 * row, 2_320_000 + 0.2 * column - 2.0 * row


def bent_place(column: float, row: float) -> tuple[float, float]:
    """A map sheet with a quadratic bend of up to 60 m."""
    x, y = affine_place(column, row)
    return x + 60 * (row / HEIGHT) ** 2, y + 40 * (column / WIDTH) ** 2


def crumpled_place(column: float, row: float) -> tuple[float, float]:
    """Film that shrank locally: no low polynomial follows it."""
    x, y = affine_place(column, row)
    return x + 15 * np.sin(column / 22.0) * np.cos(row / 25.0), y + 15 * np.cos(column / 20.0)


def points(place: Place, columns: int = 4, rows: int = 3, noise: float = 0.0) -> tuple[GroundControlPoint, ...]:
    rng = np.random.default_rng(7)
    found = []
    for i in range(columns):
        for j in range(rows):
            column, row = 10 + (WIDTH - 20) * i / (columns - 1), 10 + (HEIGHT - 20) * j / (rows - 1)
            x, y = place(column, row)
            found.append(GroundControlPoint(column, row, x + rng.normal(0, noise), y + rng.normal(0, noise)))
    return tuple(found)


def write_scan(path: Path, bands: int = 1, **options: Any) -> Path:
    pixels = np.full((bands, HEIGHT, WIDTH), 50, np.uint8)
    pixels[:, 90:110, 140:160] = 250
    profile = {"driver": "GTiff", "width": WIDTH, "height": HEIGHT, "count": bands, "dtype": "uint8"} | options
    with rasterio.open(path, "w", **profile) as dataset:
        dataset.write(pixels)
    return path


def bright_centre(path: Path) -> tuple[float, float]:
    with rasterio.open(path) as dataset:
        rows, columns = np.nonzero(dataset.read(1) > 150)
        x, y = dataset.xy(float(rows.mean()), float(columns.mean()))
    return float(x), float(y)


class TestChoice:
    @pytest.mark.parametrize(("place", "method"), [(affine_place, "polynomial-1"), (bent_place, "polynomial-2"), (crumpled_place, "TPS")])
    def test_the_simplest_model_that_fits(self, place: Place, method: str) -> None:
        chosen = fit(points(place, 11, 9, noise=0.5), UTM, WIDTH, HEIGHT)
        assert chosen is not None
        assert chosen.method == method

    def test_noise_does_not_invite_a_spline(self) -> None:
        chosen = fit(points(affine_place, 8, 6, noise=3.0), UTM, WIDTH, HEIGHT)
        assert chosen is not None
        assert chosen.method == "polynomial-1"
        assert chosen.rmse == pytest.approx(3.0 * np.sqrt(2), rel=0.35)

    def test_three_points_fit_exactly_and_prove_nothing(self) -> None:
        chosen = fit(points(affine_place)[:2] + points(affine_place)[-1:], UTM, WIDTH, HEIGHT)
        assert chosen is not None
        assert (chosen.method, chosen.checked, chosen.rmse, chosen.worst) == ("polynomial-1", 0, None, None)

    def test_four_points_are_not_checked(self) -> None:
        chosen = fit(points(affine_place, 2, 2, noise=1.0), UTM, WIDTH, HEIGHT)
        assert chosen is not None
        assert chosen.checked == 0
        assert chosen.rmse is not None

    def test_every_point_is_checked_by_a_fit_without_it(self) -> None:
        """One bad point of 12: the fit itself would hide a part of the error."""
        good = points(affine_place)
        bad = (*good[:5], GroundControlPoint(good[5].column, good[5].row, good[5].x + 100, good[5].y), *good[6:])
        chosen = fit(bad, UTM, WIDTH, HEIGHT)
        assert chosen is not None
        assert (chosen.checked, chosen.worst_point) == (12, 6)
        assert chosen.worst == pytest.approx(100, rel=0.02)

    def test_disabled_and_repeated_points_do_not_count(self) -> None:
        good = points(affine_place, 2, 2)
        wrong = GroundControlPoint(150, 100, 0.0, 0.0, enabled=False)
        repeated = GroundControlPoint(good[0].column, good[0].row, 0.0, 0.0)
        chosen = fit((*good, wrong, repeated), UTM, WIDTH, HEIGHT)
        assert chosen is not None
        assert chosen.points == good

    @pytest.mark.parametrize(
        "bad",
        [
            (),
            points(affine_place)[:2],
            tuple(GroundControlPoint(10.0 * i, 5.0 * i, 7e5 + i, 2.3e6 + 2 * i) for i in range(8)),
            tuple(GroundControlPoint(p.column, p.row, 7e5, 2.3e6) for p in points(affine_place)),
            tuple(GroundControlPoint(p.column, p.row, float("nan"), p.y) for p in points(affine_place)),
        ],
        ids=["none", "two", "on a line", "one place", "not numbers"],
    )
    def test_points_that_support_nothing(self, bad: tuple[GroundControlPoint, ...], tmp_path: Path) -> None:
        assert fit(bad, UTM, WIDTH, HEIGHT) is None
        result, found = rectify(write_scan(tmp_path / "s.tif"), bad, UTM, tmp_path / "r.tif", subject="s")
        assert result is None
        assert [f.code for f in found] == ["crs.too-few-gcps"]
        assert not (tmp_path / "r.tif").exists()

    def test_residuals_are_metres_in_degrees_too(self) -> None:
        degrees = authority_crs("EPSG:4326")
        offset = 10 / 111_000
        good = [GroundControlPoint(c, r, 107 + c * 1e-5, 21 - r * 1e-5) for c in (0, 100, 200, 300) for r in (0, 100, 200)]
        good[4] = GroundControlPoint(good[4].column, good[4].row, good[4].x, good[4].y + offset)
        chosen = fit(good, degrees, WIDTH, HEIGHT)
        assert chosen is not None
        assert chosen.worst == pytest.approx(10, rel=0.3)


def test_the_models_are_gdals() -> None:
    """What is judged here is what GDAL's warper does with the same points."""
    known = points(crumpled_place, 5, 4)
    pixels = np.array([(p.column, p.row) for p in known])
    places = np.array([(p.x, p.y) for p in known])
    probes = np.array([[20.0, 30.0], [150.0, 100.0], [299.0, 199.0]])
    located = [RasterioPoint(row=p.row, col=p.column, x=p.x, y=p.y) for p in known]
    with rasterio.transform.GCPTransformer(located, tps=True) as tps:
        expected = np.column_stack(tps.xy(probes[:, 1], probes[:, 0], offset="ul"))
    assert np.allclose(spline(pixels, places)(probes), expected, atol=1e-3)
    with rasterio.transform.GCPTransformer(located) as gdal:  # GDAL takes the second order for 20 points
        expected = np.column_stack(gdal.xy(probes[:, 1], probes[:, 0], offset="ul"))
    assert np.allclose(polynomial(pixels, places, 2)(probes), expected, atol=1e-3)


@pytest.mark.parametrize("method", ["polynomial-1", "polynomial-2", "polynomial-3", "TPS"])
def test_leaving_out_in_one_step_is_fitting_again(method: str) -> None:
    known = points(crumpled_place, 5, 4, noise=1.0)
    pixels = np.array([(p.column, p.row) for p in known])
    places = np.array([(p.x, p.y) for p in known])
    at_once = left_out(method, pixels, places)
    for i in range(len(known)):
        kept = np.arange(len(known)) != i
        again = spline(pixels[kept], places[kept]) if method == "TPS" else polynomial(pixels[kept], places[kept], int(method[-1]))
        assert at_once[i] == pytest.approx(again(pixels[i : i + 1])[0], abs=1e-4)


def test_very_dense_grids_are_fitted_by_the_third_order() -> None:
    grid = points(bent_place, 40, 30)
    ground = gcp_ground(grid, UTM)
    assert ground is not None
    lon, lat = ground(np.array([150.0]), np.array([100.0]))
    assert np.column_stack(from_wgs84(UTM, lon, lat))[0] == pytest.approx(bent_place(150, 100), abs=0.01)


class TestWarp:
    @pytest.mark.parametrize("place", [affine_place, bent_place, crumpled_place])
    def test_pixels_come_where_they_belong(self, tmp_path: Path, place: Place) -> None:
        source, target = write_scan(tmp_path / "scan.tif"), tmp_path / "rectified.tif"
        result, found = rectify(source, points(place, 11, 9), UTM, target, subject="s")
        assert result is not None
        assert [f.code for f in found if f.severity.value == "error"] == []
        assert bright_centre(target) == pytest.approx(place(150, 100), abs=1.5)
        with rasterio.open(target) as dataset:
            assert dataset.crs.to_epsg() == 32648
            a = dataset.transform
            assert (a.b, a.d) == (0, 0)
            assert a.a == -a.e == pytest.approx(2.01, rel=0.15)

    def test_quality_is_recorded(self, tmp_path: Path) -> None:
        result, found = rectify(write_scan(tmp_path / "s.tif"), points(affine_place, noise=1.0), UTM, tmp_path / "r.tif", subject="s")
        assert result is not None
        values = dict(result.rectification.as_mapping())
        assert values.keys() == {"method", "gcp_count", "check_count", "rmse_m", "max_residual_m"}
        assert (values["method"], values["gcp_count"], values["check_count"]) == ("polynomial-1", 12, 12)
        assert 0.5 < values["rmse_m"] <= values["max_residual_m"] < 10
        assert found == ()

    def test_a_bad_point_is_named(self, tmp_path: Path) -> None:
        good = points(affine_place, 5, 4, noise=0.5)
        bad = (*good[:7], GroundControlPoint(good[7].column, good[7].row, good[7].x + 60, good[7].y), *good[8:])
        _, found = rectify(write_scan(tmp_path / "s.tif"), bad, UTM, tmp_path / "r.tif", subject="s")
        assert [(f.code, f.params["point"]) for f in found] == [("crs.gcp-residuals", 8)]

    def test_unchecked_accuracy_is_said(self, tmp_path: Path) -> None:
        result, found = rectify(write_scan(tmp_path / "s.tif"), points(affine_place, 2, 2), UTM, tmp_path / "r.tif", subject="s")
        assert result is not None
        assert result.rectification.check_count == 0
        assert [f.code for f in found] == ["crs.rectification-unchecked"]

    @pytest.mark.parametrize("bands", [1, 3])
    def test_outside_the_scan_is_masked_not_black(self, tmp_path: Path, bands: int) -> None:
        target = tmp_path / "r.tif"
        rectify(write_scan(tmp_path / "s.tif", bands), points(affine_place), UTM, target, subject="s")
        with rasterio.open(target) as dataset:
            assert dataset.count == bands
            assert dataset.nodata is None
            mask = dataset.dataset_mask()
            assert 0.7 < float((mask > 0).mean()) < 0.95
            assert int(dataset.read(1)[mask > 0].min()) >= 49

    def test_nodata_of_the_scan_is_kept(self, tmp_path: Path) -> None:
        target = tmp_path / "r.tif"
        rectify(write_scan(tmp_path / "s.tif", nodata=0), points(affine_place), UTM, target, subject="s")
        with rasterio.open(target) as dataset:
            assert dataset.nodata == 0
            assert 0.7 < float((dataset.dataset_mask() > 0).mean()) < 0.95

    def test_classes_are_not_mixed(self, tmp_path: Path) -> None:
        target = tmp_path / "r.tif"
        rectify(write_scan(tmp_path / "s.tif"), points(affine_place), UTM, target, subject="s", kind=RasterKind.CATEGORICAL)
        with rasterio.open(target) as dataset:
            assert set(np.unique(dataset.read(1)[dataset.dataset_mask() > 0])) == {50, 250}

    def test_the_source_is_untouched_and_nothing_is_left_behind(self, tmp_path: Path) -> None:
        folder = tmp_path / "archive"
        folder.mkdir()
        source, work = write_scan(folder / "s.tif"), tmp_path / "work"
        work.mkdir()
        before = hashlib.sha256(source.read_bytes()).hexdigest()
        rectify(source, points(affine_place), UTM, work / "r.tif", subject="s")
        assert hashlib.sha256(source.read_bytes()).hexdigest() == before
        assert [p.name for p in folder.iterdir()] == ["s.tif"]
        assert [p.name for p in work.iterdir()] == ["r.tif"]

    def test_same_input_same_bytes(self, tmp_path: Path) -> None:
        source = write_scan(tmp_path / "s.tif")
        hashes = set()
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
            rectify(source, points(crumpled_place, 11, 9), UTM, tmp_path / name / "r.tif", subject="s")
            hashes.add(hashlib.sha256((tmp_path / name / "r.tif").read_bytes()).hexdigest())
        assert len(hashes) == 1


class TestFootprint:
    def test_by_control_points(self) -> None:
        footprint, found = gcp_footprint(points(affine_place), UTM, WIDTH, HEIGHT, subject="s")
        assert footprint is not None
        assert found == ()
        assert (footprint.method, footprint.approximate) == ("gcp", True)
        assert shape(footprint.geometry).is_valid

    def test_across_the_antimeridian(self) -> None:
        grid = [GroundControlPoint(c, r, (179.5 + c * 0.005 + 180) % 360 - 180, 10 - r * 0.005) for c in (0, 150, 300) for r in (0, 200)]
        footprint, _ = gcp_footprint(grid, authority_crs("EPSG:4326"), WIDTH, HEIGHT, subject="s")
        assert footprint is not None
        assert footprint.bbox == pytest.approx((179.5, 9, -179, 10))

    def test_too_few(self) -> None:
        footprint, found = gcp_footprint(points(affine_place)[:2], UTM, WIDTH, HEIGHT, subject="s")
        assert footprint is None
        assert [f.code for f in found] == ["crs.too-few-gcps"]
        assert gcp_ground((), UTM) is None


class TestOrthorectification:
    SIZE = 2000

    def scene(self, path: Path) -> Path:
        pixels: NDArray[np.uint8] = np.full((1, self.SIZE, self.SIZE), 50, np.uint8)
        pixels[0, 950:1050, 950:1050] = 250
        with rasterio.open(path, "w", driver="GTiff", width=self.SIZE, height=self.SIZE, count=1, dtype="uint8") as dataset:
            dataset.write(pixels)
        return path

    def test_terrain_displacement_is_removed(self, tmp_path: Path) -> None:
        source, dem = self.scene(tmp_path / "s.tif"), write_dem(tmp_path / "dem.tif", 400.0)
        centres = {}
        for name, model in (("flat", None), ("terrain", dem)):
            result, found = orthorectify(source, leaning_rpc(), UTM, 2.0, tmp_path / f"{name}.tif", subject="s", dem=model)
            assert found == ()
            assert result is not None
            assert (result.rectification.method, result.rectification.dem) == ("rpc", "dem.tif" if model else "height offset")
            centres[name] = bright_centre(tmp_path / f"{name}.tif")
        assert centres["flat"][0] - centres["terrain"][0] == pytest.approx(150, abs=4)
        assert centres["flat"][1] - centres["terrain"][1] == pytest.approx(0, abs=8)

    def test_native_resolution(self) -> None:
        assert native_resolution(leaning_rpc(), self.SIZE, self.SIZE, UTM) == pytest.approx(1.0, rel=0.01)

    @pytest.mark.parametrize(("case", "code"), [("elsewhere", "crs.dem-coverage"), ("no crs", "crs.bad-dem"), ("text", "crs.bad-dem")])
    def test_unusable_elevation_models(self, tmp_path: Path, case: str, code: str) -> None:
        dem = tmp_path / "dem.tif"
        if case == "text":
            dem.write_text("no raster")
        else:
            write_dem(dem, 1.0, code="EPSG:4326" if case == "elsewhere" else None, west=50.0 if case == "elsewhere" else 106.9)
        result, found = orthorectify(self.scene(tmp_path / "s.tif"), leaning_rpc(), UTM, 2.0, tmp_path / "o.tif", subject="s", dem=dem)
        assert result is None
        assert [f.code for f in found] == [code]

    def test_a_pixel_size_that_would_fill_the_disk(self, tmp_path: Path) -> None:
        result, found = orthorectify(self.scene(tmp_path / "s.tif"), leaning_rpc(), UTM, 0.001, tmp_path / "o.tif", subject="s")
        assert result is None
        assert [f.code for f in found] == ["crs.too-fine"]


@pytest.mark.shared
class TestRealFiles:
    def test_a_map_scan_with_points(self, shared: Path, tmp_path: Path) -> None:
        folder = shared / "data/derived/scan_points"
        lines = (folder / "ban_do_quang_yen_1-50000_1965.jpg.points").read_text().splitlines()[2:]
        rows = [[float(v) for v in line.split(",")[:5]] for line in lines]
        read = [GroundControlPoint(c, -r, x, y, bool(on)) for x, y, c, r, on in rows]
        result, found = rectify(
            folder / "ban_do_quang_yen_1-50000_1965.jpg", read, authority_crs("EPSG:4326"), tmp_path / "r.tif", subject="s"
        )
        assert result is not None
        assert (result.rectification.gcp_count, result.rectification.check_count) == (4, 0)
        assert [f.code for f in found] == ["crs.rectification-unchecked"]
        with rasterio.open(tmp_path / "r.tif") as dataset:
            assert dataset.count == 3
            assert tuple(dataset.bounds) == pytest.approx((106.743, 20.857, 106.957, 21.003), abs=0.002)

    @pytest.mark.parametrize(
        ("name", "bbox"),
        [
            ("rasters/cog_gcps.tif", (75.605, 9.226, 78.204, 11.190)),
            ("rasters/ASA_WSM_1PNDPA20050331_075939_000000552036_00035_16121_0775.tiff", (16.727, -36.260, 22.302, -31.984)),
            ("vendor/s1_slc_complex/slc.tif", (-76.731, 44.744, -75.164, 46.404)),
        ],
    )
    def test_geolocation_grids(self, shared: Path, name: str, bbox: tuple[float, ...]) -> None:
        with rasterio.open(shared / "data" / name) as dataset:
            read, wkt = tiff_points(dataset)
            assert "WGS" in wkt
            footprint, found = gcp_footprint(read, authority_crs("EPSG:4326"), dataset.width, dataset.height, subject=name)
        assert found == ()
        assert footprint is not None
        assert footprint.bbox == pytest.approx(bbox, abs=0.001)
        assert shape(footprint.geometry).is_valid
        assert len(footprint.geometry["coordinates"][0]) < 60
