"""What declarations become: each case that archives are known to hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from pyproj import CRS
from rasterio.transform import from_origin

from catalog_builder.crs import Confidence, vn2000
from catalog_builder.crs.area import authority_crs
from catalog_builder.crs.resolve import Resolution, resolve
from catalog_builder.crs.transform import from_wgs84, to_wgs84
from catalog_builder.facts import Origin

from .definitions import COPIED_SIGNS, DONG_HA, HA_LONG, MIXED_SIGNS, OFFICIAL, tm3_proj, tm3_wkt

Box = tuple[float, float, float, float]
HA_LONG_BOUNDS: Box = (429_000, 2_316_000, 431_000, 2_318_000)


def resolved(declared: str, origin: Origin = Origin.TAG, bounds: Box | None = None, area: Box | None = None, **kw: object) -> Resolution:
    return resolve(declared, subject="scene.tif", origin=origin, bounds=bounds, area=area, **kw)  # type: ignore[arg-type]


def codes(resolution: Resolution) -> list[str]:
    return [f.code for f in resolution.findings]


def code(resolution: Resolution) -> str | None:
    return resolution.crs.code if resolution.crs else None


class TestVn2000:
    @pytest.mark.parametrize("zone", [*vn2000.CODES, vn2000.GEOGRAPHIC])
    @pytest.mark.parametrize("flavour", ["WKT2_2019", "WKT1_GDAL", "WKT1_ESRI", "code"])
    def test_every_zone_in_every_spelling(self, zone: str, flavour: str) -> None:
        text = zone if flavour == "code" else CRS.from_user_input(zone).to_wkt(flavour)
        resolution = resolved(text)
        assert (code(resolution), codes(resolution)) == (zone, [])
        assert resolution.crs is not None
        assert resolution.crs.operation == "EPSG:6960"
        assert resolution.crs.wkt == CRS.from_user_input(zone).to_wkt("WKT2_2019")

    @pytest.mark.parametrize("datum", ["D_Vietnam_2000", "D_VN_2000", "Vietnam_2000", "VN-2000"])
    def test_datum_names_that_software_knows(self, datum: str) -> None:
        resolution = resolved(tm3_wkt(datum))
        assert (code(resolution), codes(resolution)) == ("EPSG:5899", [])
        assert resolution.crs is not None
        assert resolution.crs.confidence is Confidence.PARAMETERS

    def test_a_datum_name_only_people_know(self) -> None:
        resolution = resolved(tm3_wkt("VN2000", 106.25))
        assert (code(resolution), codes(resolution)) == ("EPSG:9212", ["crs.datum-name"])

    @pytest.mark.parametrize("datum", ["unknown", "Unknown based on WGS84 ellipsoid", "Not_specified_based_on_WGS_84_spheroid", "Unnamed"])
    def test_unknown_datum_is_refused_with_candidates(self, datum: str) -> None:
        resolution = resolved(tm3_wkt(datum))
        assert (code(resolution), codes(resolution)) == (None, ["crs.unknown-datum"])
        assert [c.code for c in resolution.candidates] == ["EPSG:5899"]
        assert "EPSG:5899 (107°45')" in resolution.findings[0].hint("en")

    def test_unknown_datum_that_reports_a_code_is_refused(self) -> None:
        wkt = tm3_wkt("unknown", code="5899", name="VN-2000 / TM-3 107-45")
        assert CRS.from_wkt(wkt).to_epsg() == 5899
        assert codes(resolved(wkt)) == ["crs.unknown-datum"]

    def test_unknown_datum_after_a_geotiff_round_trip(self, tmp_path: Path) -> None:
        path = tmp_path / "scene.tif"
        profile = {
            "driver": "GTiff",
            "width": 2,
            "height": 2,
            "count": 1,
            "dtype": "uint8",
            "transform": from_origin(430_000, 2_318_000, 1, 1),
        }
        with rasterio.open(path, "w", crs=rasterio.CRS.from_wkt(tm3_wkt("unknown")), **profile) as dataset:
            dataset.write(np.ones((1, 2, 2), np.uint8))
        with rasterio.open(path) as dataset:
            assert dataset.crs.to_epsg() == 5899
            assert codes(resolved(dataset.crs.to_wkt(), bounds=tuple(dataset.bounds))) == ["crs.unknown-datum"]

    def test_unknown_utm_has_both_readings(self) -> None:
        resolution = resolved("+proj=utm +zone=48 +ellps=WGS84 +units=m")
        assert [c.code for c in resolution.candidates] == ["EPSG:3405", "EPSG:32648"]

    @pytest.mark.parametrize("datum", ["unknown", "VN2000", "VN-2000", "Unknown based on WGS84 ellipsoid", "WGS_1984"])
    def test_official_parameters_settle_any_datum_name(self, datum: str) -> None:
        resolution = resolved(tm3_wkt(datum, shift=OFFICIAL))
        assert (code(resolution), codes(resolution)) == ("EPSG:5899", [])

    def test_official_parameters_in_a_proj_string(self) -> None:
        assert (code(r := resolved(tm3_proj(OFFICIAL))), codes(r)) == ("EPSG:5899", [])

    @pytest.mark.parametrize("signs", [COPIED_SIGNS, MIXED_SIGNS])
    @pytest.mark.parametrize("build", [tm3_proj, lambda s: tm3_wkt("VN2000", shift=s), lambda s: tm3_wkt("unknown", shift=s)])
    def test_wrong_signs_are_resolved_with_a_warning(self, signs: str, build: object) -> None:
        resolution = resolved(build(signs))  # type: ignore[operator]
        assert (code(resolution), codes(resolution)) == ("EPSG:5899", ["crs.towgs84-signs"])
        assert resolution.findings[0].params["distance"] == pytest.approx(0.75, abs=0.05)

    def test_rounded_parameters(self) -> None:
        resolution = resolved(tm3_wkt("VN2000", shift="-191.904,-39.303,-111.450"))
        assert (code(resolution), codes(resolution)) == ("EPSG:5899", ["crs.towgs84-near"])

    def test_foreign_parameters_under_the_name_are_refused(self) -> None:
        resolution = resolved(tm3_wkt("VN-2000", shift="-17.51,-108.32,-62.39"))
        assert (code(resolution), codes(resolution)) == (None, ["crs.towgs84-differs"])

    @pytest.mark.parametrize("datum", ["WGS_1984", "D_WGS_1984"])
    def test_wgs84_datum_under_a_provincial_grid_is_refused(self, datum: str) -> None:
        resolution = resolved(tm3_wkt(datum, name="anything"))
        assert (code(resolution), codes(resolution)) == (None, ["crs.wgs84-datum-vn2000"])
        assert resolution.candidates[0].code == "EPSG:5899"

    def test_wgs84_utm_called_vn2000_is_refused(self) -> None:
        assert codes(resolved(tm3_wkt("WGS_1984", 105, name="VN2000 mui 48", scale=0.9996))) == ["crs.wgs84-datum-vn2000"]

    def test_null_parameters_mean_wgs84(self) -> None:
        assert codes(resolved(tm3_wkt("VN2000_WGS", shift="0,0,0,0,0,0,0"))) != []
        assert code(resolved(tm3_wkt("unknown", shift="0,0,0,0,0,0,0"))) is None

    def test_a_person_may_insist_on_wgs84(self) -> None:
        resolution = resolved(tm3_wkt("WGS_1984", name="WGS 84 TM 107-45"), Origin.OVERRIDE)
        assert resolution.crs is not None
        assert (resolution.crs.code, resolution.crs.confidence, resolution.crs.operation) == (None, Confidence.USER, None)

    @pytest.mark.parametrize(("withdrawn", "meant"), vn2000.DEPRECATED.items())
    @pytest.mark.parametrize("as_wkt", [False, True])
    def test_withdrawn_codes_are_mapped(self, withdrawn: str, meant: str, as_wkt: bool) -> None:
        resolution = resolved(CRS.from_user_input(withdrawn).to_wkt() if as_wkt else withdrawn)
        assert (code(resolution), codes(resolution)) == (meant, ["crs.deprecated-vn2000"])

    def test_a_code_with_other_parameters_is_refused(self) -> None:
        resolution = resolved(tm3_wkt("VN-2000", 106.25, code="9211"))
        assert (code(resolution), codes(resolution)) == (None, ["crs.code-contradicts"])
        assert [c.code for c in resolution.candidates] == ["EPSG:9212", "EPSG:9211"]
        assert resolution.findings[0].params["difference"] == "Longitude of natural origin"

    def test_an_unlisted_meridian_stays_custom_with_the_official_shift(self) -> None:
        resolution = resolved(tm3_wkt("VN-2000", 106.75))
        assert resolution.crs is not None
        assert (resolution.crs.code, resolution.crs.confidence, resolution.crs.operation) == (None, Confidence.CUSTOM, "EPSG:6960")

    def test_the_declared_name_is_short(self) -> None:
        resolution = resolved(CRS.from_epsg(5899).to_wkt())
        assert resolution.crs is not None
        assert resolution.crs.declared == "VN-2000 / TM-3 107-45"


class TestPlace:
    def test_swapped_axes_are_refused(self) -> None:
        x0, y0, x1, y1 = HA_LONG_BOUNDS
        resolution = resolved("EPSG:5899", bounds=(y0, x0, y1, x1))
        assert (code(resolution), codes(resolution)) == (None, ["crs.swapped-axes"])
        assert "20.9" in str(resolution.findings[0].params["swapped"])

    def test_swapped_axes_land_where_the_notes_say(self) -> None:
        lon, lat = to_wgs84(authority_crs("EPSG:5899"), [2_317_000], [430_000])
        assert (lon[0], lat[0]) == (pytest.approx(123.9, abs=0.3), pytest.approx(3.7, abs=0.3))

    def test_swapped_longitude_and_latitude(self) -> None:
        assert codes(resolved("EPSG:4326", bounds=(20.9, 107.0, 21.0, 107.1), area=(106, 20, 108, 22))) == ["crs.swapped-axes"]

    def test_right_axes_pass(self) -> None:
        assert codes(resolved("EPSG:5899", bounds=HA_LONG_BOUNDS)) == []

    def test_utm_metres_as_degrees(self) -> None:
        assert codes(resolved("EPSG:4326", bounds=(720_000, 2_319_680, 720_320, 2_320_000))) == ["crs.out-of-range"]

    def test_latitude_95(self) -> None:
        assert codes(resolved("EPSG:4326", bounds=(107, 94.68, 107.32, 95))) == ["crs.out-of-range"]

    @pytest.mark.parametrize("geotransform", [(0.0, 0.0, 107.0, 0.0, 0.0, 21.0), (float("nan"), 0.0, 0.0, 0.0, 1.0, 0.0)])
    def test_no_pixel_size(self, geotransform: tuple[float, ...]) -> None:
        assert codes(resolved("EPSG:4326", transform_hint=geotransform)) == ["crs.out-of-range"]

    def test_half_a_pixel_over_the_pole_is_forgiven(self) -> None:
        grid = (1.0, 0.0, -180.5, 0.0, -1.0, 90.5)
        assert codes(resolved("EPSG:4326", bounds=(-180.5, -90.5, 179.5, 90.5), transform_hint=grid)) == []

    def test_far_outside_the_area_of_use(self) -> None:
        resolution = resolved("EPSG:32648", bounds=(-5_000_000, 2_000_000, -4_999_000, 2_001_000))
        assert codes(resolution) == ["crs.outside-area-of-use"]
        assert code(resolution) == "EPSG:32648"

    def test_utm_is_used_across_the_equator(self) -> None:
        """Landsat over Australia comes in the northern zone with negative northings; the neighbouring continent is still wrong."""
        assert codes(resolved("EPSG:32655", bounds=(700_000, -4_000_000, 900_000, -3_800_000))) == []
        assert codes(resolved("EPSG:32748", bounds=(700_000, 12_325_000, 720_000, 12_345_000))) == []

    def test_wrong_meridian_inside_the_province(self) -> None:
        """26.6 km: the file is in 106°15', labelled 106°00'; only the declared commune can tell."""
        x, y = from_wgs84(authority_crs("EPSG:9212"), [DONG_HA[0]], [DONG_HA[1]])
        bounds = (float(x[0]) - 500, float(y[0]) - 500, float(x[0]) + 500, float(y[0]) + 500)
        commune = (DONG_HA[0] - 0.03, DONG_HA[1] - 0.03, DONG_HA[0] + 0.03, DONG_HA[1] + 0.03)
        province = (105.6, 16.3, 107.4, 18.1)
        assert codes(resolved("EPSG:9212", bounds=bounds, area=commune)) == []
        wrong = resolved("EPSG:9211", bounds=bounds, area=commune)
        assert (code(wrong), codes(wrong)) == (None, ["crs.wrong-meridian"])
        assert wrong.candidates[0].code == "EPSG:9212"
        assert codes(resolved("EPSG:9211", bounds=bounds, area=province)) == []

    def test_a_person_may_insist_on_a_meridian(self) -> None:
        """The override is the way out of the refusal, so it must not be refused again."""
        bounds = (429_000.0, 2_316_000.0, 431_000.0, 2_318_000.0)  # with 107°45' at 107.08°E
        commune = (106.8, 20.9, 106.9, 21.0)
        assert codes(resolved("EPSG:5899", bounds=bounds, area=commune)) == ["crs.wrong-meridian"]
        insisted = resolved("EPSG:5899", Origin.OVERRIDE, bounds=bounds, area=commune)
        assert (code(insisted), codes(insisted)) == ("EPSG:5899", ["crs.outside-declared-area"])

    def test_elsewhere_with_every_meridian(self) -> None:
        resolution = resolved("EPSG:5899", bounds=HA_LONG_BOUNDS, area=(10, 50, 11, 51))
        assert (code(resolution), codes(resolution)) == ("EPSG:5899", ["crs.outside-declared-area"])


class TestNothingDeclared:
    def test_without_area_there_is_no_ranking(self) -> None:
        resolution = resolved("  ", bounds=HA_LONG_BOUNDS, candidate_codes=("EPSG:5899", "EPSG:32648"))
        assert codes(resolution) == ["crs.missing"]
        assert [(c.code, c.overlap) for c in resolution.candidates] == [("EPSG:5899", None), ("EPSG:32648", None)]

    def test_candidates_are_ranked_by_the_declared_area(self) -> None:
        area = (HA_LONG[0] - 0.05, HA_LONG[1] - 0.05, HA_LONG[0] + 0.05, HA_LONG[1] + 0.05)
        resolution = resolved("", bounds=HA_LONG_BOUNDS, area=area)
        assert resolution.crs is None
        assert [c.code for c in resolution.candidates] == ["EPSG:5899"]

    def test_another_country_gets_its_own_zones(self) -> None:
        """A district in Kenya: UTM 37S, found without any Vietnamese code."""
        resolution = resolved("", bounds=(257_000, 9_857_000, 258_000, 9_858_000), area=(36.6, -1.5, 37.1, -1.1))
        assert [c.code for c in resolution.candidates] == ["EPSG:32737"]


class TestLegacy:
    PARAMETERS = "+towgs84=-17.51,-108.32,-62.39,0,0,0,0"

    @pytest.mark.parametrize("legacy", ["EPSG:4147", "EPSG:2044", "EPSG:2045", "EPSG:4131", "EPSG:3148", "EPSG:3149"])
    @pytest.mark.parametrize("flavour", ["WKT2_2019", "WKT1_ESRI", "code"])
    def test_refused_without_parameters(self, legacy: str, flavour: str) -> None:
        text = legacy if flavour == "code" else CRS.from_user_input(legacy).to_wkt(flavour)
        for origin in (Origin.TAG, Origin.OVERRIDE):
            resolution = resolved(text, origin)
            assert (code(resolution), codes(resolution)) == (None, ["crs.legacy-datum"])

    def test_parameters_of_a_file_are_not_enough(self) -> None:
        declared = f"+proj=tmerc +lat_0=0 +lon_0=105 +k=1 +x_0=18500000 +ellps=krass {self.PARAMETERS} +units=m"
        assert codes(resolved(declared)) == ["crs.legacy-datum"]

    @pytest.mark.parametrize(
        ("declared", "accuracy"),
        [
            (f"+proj=tmerc +lat_0=0 +lon_0=105 +k=1 +x_0=18500000 +ellps=krass {PARAMETERS} +units=m", 5.0),
            ("+proj=utm +zone=48 +a=6377276.345 +rf=300.8017 +towgs84=198,881,317,0,0,0,0 +units=m", 44.0),
        ],
    )
    def test_a_person_gives_parameters(self, declared: str, accuracy: float) -> None:
        resolution = resolved(declared, Origin.OVERRIDE)
        assert codes(resolution) == ["crs.legacy-accuracy"]
        crs = resolution.crs
        assert crs is not None
        assert (crs.code, crs.confidence, crs.operation, crs.accuracy) == (None, Confidence.USER, "TOWGS84", accuracy)

    def test_the_parameters_are_applied(self) -> None:
        """Not the trap of an unknown datum, whose parameters PROJ ignores."""
        declared = f"+proj=tmerc +lat_0=0 +lon_0=105 +k=1 +x_0=18500000 +ellps=krass {self.PARAMETERS} +units=m"
        crs = resolved(declared, Origin.OVERRIDE).crs
        assert crs is not None
        found = to_wgs84(crs, [18_660_000.0], [1_150_000.0])
        expected = to_wgs84(authority_crs("EPSG:2044"), [18_660_000.0], [1_150_000.0])  # pinned to EPSG:1544, the same numbers
        assert (found[0][0], found[1][0]) == (pytest.approx(expected[0][0], abs=1e-7), pytest.approx(expected[1][0], abs=1e-7))


class TestRefused:
    @pytest.mark.parametrize(
        ("declared", "finding"),
        [
            ('LOCAL_CS["VN2000",UNIT["metre",1]]', "crs.local"),
            ("IAU_2015:49910", "crs.not-earth"),
            ("+proj=eqc +R=3396190 +units=m", "crs.not-earth"),
            ("EPSG:5727", "crs.not-horizontal"),
            ("EPSG:4978", "crs.not-horizontal"),
            ("EPSG:999999", "crs.unreadable"),
            ("hello", "crs.unreadable"),
            ('GEOGCS["x"', "crs.unreadable"),
            ("+proj=longlat +ellps=WGS84 +nadgrids=/etc/passwd", "crs.unreadable"),
            ("+init=/etc/passwd:root", "crs.unreadable"),
            ("+proj=pipeline +step +proj=hgridshift +grids=/etc/passwd", "crs.unreadable"),
            ("x" * 100_000, "crs.unreadable"),
            (tm3_wkt("VN-2000", scale=0.0), "crs.unreadable"),
            (tm3_wkt("VN-2000").replace("500000", "nan"), "crs.unreadable"),
            (tm3_wkt("VN-2000", name="\ud800"), "crs.unreadable"),
            (tm3_wkt("VN-2000", name="a\x00b"), "crs.unreadable"),
            (tm3_proj("1e999,2,3"), "crs.unreadable"),
            ("+proj=utm +zone=18 +ellps=WGS84 +units=m", "crs.unknown-datum"),
        ],
    )
    def test_refusals(self, declared: str, finding: str) -> None:
        resolution = resolved(declared)
        assert (code(resolution), codes(resolution)) == (None, [finding])

    def test_unknown_datum_elsewhere_suggests_the_utm_zone(self) -> None:
        assert [c.code for c in resolved("+proj=utm +zone=18 +ellps=WGS84 +units=m").candidates] == ["EPSG:32618"]

    def test_terminal_escapes_of_a_name_do_not_pass(self) -> None:
        resolution = resolved('LOCAL_CS["\x1b[31mred",UNIT["metre",1]]')
        assert "\x1b" not in resolution.findings[0].message("en")


class TestOthers:
    @pytest.mark.parametrize("epsg", [32648, 32748, 4326, 3857, 26711, 26913, 2193, 25832, 3031, 28992, 9518, 4979])
    @pytest.mark.parametrize("flavour", ["WKT2_2019", "WKT1_GDAL", "code"])
    def test_authority_codes(self, epsg: int, flavour: str) -> None:
        if flavour == "WKT1_GDAL" and epsg == 4979:
            pytest.skip("WKT 1 has no 3D geographic system without a vertical datum")
        text = f"EPSG:{epsg}" if flavour == "code" else CRS.from_epsg(epsg).to_wkt(flavour)
        resolution = resolved(text)
        assert code(resolution) == f"EPSG:{epsg}"
        assert resolution.crs is not None
        assert resolution.crs.confidence is Confidence.AUTHORITY

    @pytest.mark.parametrize(
        ("declared", "expected"),
        [
            ("+proj=utm +zone=48 +datum=WGS84 +units=m +no_defs", "EPSG:32648"),
            (CRS.from_epsg(32648).to_wkt("WKT1_ESRI"), "EPSG:32648"),
            (CRS.from_epsg(26711).to_wkt("WKT1_ESRI"), "EPSG:26711"),
            ("+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m +nadgrids=@null +no_defs", "EPSG:3857"),
        ],
    )
    def test_codes_by_parameters(self, declared: str, expected: str) -> None:
        resolution = resolved(declared)
        assert (code(resolution), codes(resolution)) == (expected, [])
        assert resolution.crs is not None
        assert resolution.crs.confidence is Confidence.PARAMETERS

    def test_an_override_is_the_users(self) -> None:
        resolution = resolved("EPSG:32648", Origin.OVERRIDE)
        assert resolution.crs is not None
        assert resolution.crs.confidence is Confidence.USER

    def test_custom_with_known_datum(self) -> None:
        resolution = resolved("+proj=tmerc +lat_0=0 +lon_0=25 +k=1 +x_0=0 +y_0=0 +datum=WGS84 +units=m")
        assert resolution.crs is not None
        assert (resolution.crs.code, resolution.crs.confidence) == (None, Confidence.CUSTOM)

    def test_custom_with_its_own_shift(self) -> None:
        declared = "+proj=tmerc +lat_0=0 +lon_0=25 +k=1 +x_0=0 +y_0=0 +ellps=bessel +towgs84=600,70,400,0,0,0,0 +units=m"
        crs = resolved(declared).crs
        assert crs is not None
        assert (crs.confidence, crs.operation) == (Confidence.CUSTOM, "TOWGS84")
        shifted = to_wgs84(crs, [0.0], [5_000_000.0])
        assert abs(shifted[0][0] - 25) > 1e-4

    def test_withdrawn_code_of_another_country(self) -> None:
        assert CRS.from_epsg(26591).is_deprecated
        resolution = resolved("EPSG:26591")
        assert (code(resolution), codes(resolution)) == ("EPSG:26591", ["crs.deprecated"])


@pytest.mark.shared
class TestRealFiles:
    @pytest.mark.parametrize(
        ("name", "expected", "findings"),
        [
            ("derived/vn2000/bay_chay_vn2000_107-45_towgs84.tif", "EPSG:5899", ["crs.towgs84-signs"]),
            ("derived/vn2000/vn2000_epsg3405.tif", "EPSG:3405", []),
            ("rasters/cog_hirise_mars.tif", None, ["crs.not-earth"]),
            ("rasters/dataset_geom.tif", "ESRI:102039", []),
            ("rasters/world.rgb.tif", "EPSG:4326", []),
            ("rasters/epsg4326_3855_geotiff1_1.tif", "EPSG:9518", []),
            ("rasters/rgb-byte-tenth.tif", None, ["crs.unknown-datum"]),
            ("hostile/georef_lat_95.tif", None, ["crs.out-of-range"]),
            ("hostile/georef_utm_coords_as_4326.tif", None, ["crs.out-of-range"]),
            ("hostile/georef_zero_pixel.tif", None, ["crs.out-of-range"]),
        ],
    )
    def test_file(self, shared: Path, name: str, expected: str | None, findings: list[str]) -> None:
        with rasterio.open(shared / "data" / name) as dataset:
            b, grid = dataset.bounds, tuple(dataset.transform)[:6]
            bounds = (min(b.left, b.right), min(b.bottom, b.top), max(b.left, b.right), max(b.bottom, b.top))
            resolution = resolved(dataset.crs.to_wkt(), bounds=bounds, transform_hint=grid)
        assert (code(resolution), codes(resolution)) == (expected, findings)
