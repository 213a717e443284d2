"""The pinned transformation: measured vectors, and that nothing depends on place or machine."""

from __future__ import annotations

import numpy as np
import pytest
from pyproj import CRS, Geod, Transformer

from catalog_builder.crs import vn2000
from catalog_builder.crs.area import authority_crs
from catalog_builder.crs.transform import BALLPARK, bounds_to_wgs84, from_wgs84, helmert, pin, to_wgs84

from .definitions import COPIED_SIGNS, DONG_HA, HA_LONG, MIXED_SIGNS, SOC_TRANG, tm3_proj, tm3_wkt

GEOD = Geod(ellps="WGS84")
QUANG_NINH, QUANG_TRI, SOC_TRANG_ZONE = "EPSG:5899", "EPSG:9212", "EPSG:9209"
PLACES = [(QUANG_NINH, HA_LONG), (QUANG_TRI, DONG_HA), (SOC_TRANG_ZONE, SOC_TRANG)]


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    return float(GEOD.inv(*a, *b)[2])


def grid_point(code: str, place: tuple[float, float]) -> tuple[float, float]:
    x, y = from_wgs84(authority_crs(code), [place[0]], [place[1]])
    return float(x[0]), float(y[0])


@pytest.mark.parametrize("code", [*vn2000.CODES, vn2000.GEOGRAPHIC])
def test_vn2000_is_pinned_to_6960(code: str) -> None:
    crs = authority_crs(code)
    assert (crs.operation, crs.accuracy) == ("EPSG:6960", 1.0)
    assert helmert(crs) == pytest.approx(vn2000.POSITION_VECTOR)


@pytest.mark.parametrize(("code", "place"), PLACES)
def test_there_and_back(code: str, place: tuple[float, float]) -> None:
    lon, lat = to_wgs84(authority_crs(code), *([v] for v in grid_point(code, place)))
    assert metres((float(lon[0]), float(lat[0])), place) < 0.001


@pytest.mark.parametrize(("meridian", "place", "error"), [(107.75, HA_LONG, 224.5), (106.25, DONG_HA, 225.2), (105.5, SOC_TRANG, 225.5)])
def test_what_an_unknown_datum_would_cost(meridian: float, place: tuple[float, float], error: float) -> None:
    """The silent case: PROJ reports EPSG:5899 for an unknown datum and transforms it without shift."""
    wkt = tm3_wkt("unknown", meridian)
    code = f"EPSG:{CRS.from_wkt(wkt).to_epsg()}"
    point = grid_point(code, place)
    literal = Transformer.from_crs(CRS.from_wkt(wkt), 4326, always_xy=True).transform(*point)
    assert metres(literal, place) == pytest.approx(error, abs=0.15)


@pytest.mark.parametrize(
    ("signs", "errors"), [(COPIED_SIGNS, (0.75, 0.67, 0.53)), (MIXED_SIGNS, (0.75, 0.69, 0.57))], ids=["copied", "mixed"]
)
def test_what_wrong_signs_would_cost(signs: str, errors: tuple[float, float, float]) -> None:
    for (code, place), meridian, error in zip(PLACES, (107.75, 106.25, 105.5), errors, strict=True):
        literal = Transformer.from_crs(CRS.from_user_input(tm3_proj(signs, meridian)), 4326, always_xy=True)
        assert metres(literal.transform(*grid_point(code, place)), place) == pytest.approx(error, abs=0.02)


def test_no_step_in_the_mekong_delta() -> None:
    """PROJ alone changes from EPSG:5194 to EPSG:6960 at 9.35°N, a step of 0.82 m; the pinned operation is smooth."""
    point = grid_point(SOC_TRANG_ZONE, SOC_TRANG)
    unpinned = Transformer.from_crs(9209, 4326, always_xy=True).transform(*point)
    assert metres(unpinned, SOC_TRANG) == pytest.approx(0.82, abs=0.02)

    northings = grid_point(SOC_TRANG_ZONE, (105.97, 9.35))[1] + np.array([-2.0, -1.0, 1.0, 2.0])
    lon, lat = to_wgs84(authority_crs(SOC_TRANG_ZONE), np.full(4, point[0]), northings)
    steps = [metres((lon[i], lat[i]), (lon[i + 1], lat[i + 1])) for i in range(3)]
    assert steps == pytest.approx([1.0, 2.0, 1.0], abs=0.001)


@pytest.mark.parametrize(
    ("read_as", "of", "place", "error"),
    [
        ("EPSG:9211", "EPSG:9212", DONG_HA, 26_600),
        ("EPSG:5898", "EPSG:5899", HA_LONG, 26_000),
        ("EPSG:3405", "EPSG:5899", HA_LONG, 286_000),
        ("EPSG:6959", "EPSG:5899", HA_LONG, 707_000),
    ],
)
def test_what_a_wrong_zone_would_cost(read_as: str, of: str, place: tuple[float, float], error: float) -> None:
    lon, lat = to_wgs84(authority_crs(read_as), *([v] for v in grid_point(of, place)))
    assert metres((float(lon[0]), float(lat[0])), place) == pytest.approx(error, rel=0.01)


def test_offshore_points_are_shifted_too() -> None:
    for place in [(112.3, 16.5), (114.3, 11.4), (107.7, 20.13)]:
        lon, lat = to_wgs84(authority_crs(vn2000.GEOGRAPHIC), [place[0]], [place[1]])
        assert 220 < metres((float(lon[0]), float(lat[0])), place) < 230


@pytest.mark.parametrize(
    ("code", "operation", "accuracy"),
    [
        ("EPSG:32648", None, None),
        ("EPSG:3857", None, None),
        ("EPSG:4326", None, None),
        ("EPSG:4979", None, None),
        ("EPSG:9518", None, None),
        ("EPSG:25832", "EPSG:1149", 1.0),
        ("EPSG:26913", "EPSG:1188", 4.0),
        ("EPSG:27700", "EPSG:1314", 2.0),
        ("EPSG:3412", BALLPARK, None),
    ],
)
def test_operations_of_other_systems_need_no_grid(code: str, operation: str | None, accuracy: float | None) -> None:
    crs = authority_crs(code)
    assert (crs.operation, crs.accuracy) == (operation, accuracy)


def test_a_definition_by_name_pins_the_same_operation() -> None:
    assert pin(CRS.from_wkt(tm3_wkt("VN-2000"))).name == "EPSG:6960"


def test_an_operation_the_database_lacks_is_an_error() -> None:
    from dataclasses import replace

    crs = replace(authority_crs("EPSG:5899"), operation="EPSG:1")
    with pytest.raises(LookupError, match="EPSG:1 for EPSG:5899"):
        to_wgs84(crs, [500_000], [2_300_000])


def test_bounds_follow_curved_edges_and_cross_the_antimeridian() -> None:
    box = bounds_to_wgs84(authority_crs("EPSG:32660"), (570_585, 5_612_000, 803_000, 5_847_615))
    assert box is not None
    assert box[0] < 180 < box[2]
    assert box[3] > max(to_wgs84(authority_crs("EPSG:32660"), [570_585, 803_000], [5_847_615] * 2)[1]) - 1e-9


def test_bounds_that_cannot_be() -> None:
    assert bounds_to_wgs84(authority_crs("EPSG:32648"), (1e9, 1e9, 2e9, 2e9)) is None
