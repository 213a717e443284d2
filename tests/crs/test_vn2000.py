"""The table of VN-2000 zones and parameters against the EPSG registry."""

from __future__ import annotations

import pytest
from pyproj import CRS
from pyproj.crs import CoordinateOperation

from catalog_builder.crs import vn2000
from catalog_builder.crs.parse import transverse_mercator
from catalog_builder.crs.vn2000 import ShiftKind

from .definitions import COPIED_SIGNS, MIXED_SIGNS, OFFICIAL


@pytest.mark.parametrize(("parameters", "code"), vn2000.ZONES.items())
def test_zone_is_the_registrys(parameters: tuple[float, float], code: str) -> None:
    crs = CRS.from_user_input(code)
    projection = transverse_mercator(crs)
    assert crs.name.startswith("VN-2000")
    assert not crs.is_deprecated
    assert projection is not None
    assert (projection.meridian, projection.scale) == pytest.approx(parameters)
    assert vn2000.zone(projection) == code


def test_no_zone_of_the_registry_is_missing() -> None:
    from pyproj.database import query_crs_info

    registry = {
        f"EPSG:{info.code}" for info in query_crs_info(auth_name="EPSG") if info.name.startswith("VN-2000 /") and not info.deprecated
    }
    assert registry == set(vn2000.CODES)


@pytest.mark.parametrize(("withdrawn", "meant"), vn2000.DEPRECATED.items())
def test_withdrawn_codes_are_the_swapped_ones(withdrawn: str, meant: str) -> None:
    crs = CRS.from_user_input(withdrawn)
    projection = transverse_mercator(crs)
    assert crs.is_deprecated
    assert projection is not None
    assert vn2000.zone(projection) is None
    assert vn2000.swapped_zone(projection) == meant


def test_parameters_are_operation_6960_with_position_vector_signs() -> None:
    operation = CoordinateOperation.from_authority("EPSG", 6960)
    assert "Coordinate Frame" in operation.method_name
    values = {p.name: float(p.value) for p in operation.params}
    registry = [values[f"{axis}-axis translation"] for axis in "XYZ"]
    registry += [-values[f"{axis}-axis rotation"] for axis in "XYZ"]
    assert list(vn2000.POSITION_VECTOR) == pytest.approx([*registry, values["Scale difference"]])
    assert operation.accuracy == vn2000.ACCURACY


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (OFFICIAL, ShiftKind.EXACT),
        (COPIED_SIGNS, ShiftKind.SIGNS),
        (MIXED_SIGNS, ShiftKind.SIGNS),
        ("191.90441429,39.30318279,111.45032835,0.00928836,-0.01975479,0.00427372,0.252906278", ShiftKind.SIGNS),
        ("-191.904,-39.303,-111.450", ShiftKind.NEAR),
        ("-192.873,-39.382,-111.202,-0.00205,-0.0005,0.00335,0.0188", ShiftKind.NEAR),
        ("0,0,0", ShiftKind.NULL),
        ("-17.51,-108.32,-62.39", ShiftKind.FOREIGN),
    ],
)
def test_judging_declared_parameters(text: str, kind: ShiftKind) -> None:
    assert vn2000.judge_shift([[float(v) for v in text.split(",")]]).kind is kind


def test_no_parameters() -> None:
    assert vn2000.judge_shift([]).kind is ShiftKind.NONE


def test_the_most_suspicious_parameters_count() -> None:
    sets = [[float(v) for v in text.split(",")] for text in (OFFICIAL, COPIED_SIGNS)]
    assert vn2000.judge_shift(sets).kind is ShiftKind.SIGNS


@pytest.mark.parametrize("name", ["VN2000", "VN-2000 / TM-3", "D_VN_2000", "Vietnam_2000", "KTT 107-45", "múi 3 độ"])
def test_names_that_mean_vn2000(name: str) -> None:
    assert vn2000.names_vn2000(name)


@pytest.mark.parametrize("name", ["WGS 84 / UTM zone 48N", "MGA2000", "unknown", "Zuhdi mulia"])
def test_names_that_do_not(name: str) -> None:
    assert not vn2000.names_vn2000(name)


def test_meridians_as_people_write_them() -> None:
    assert vn2000.meridian_name("EPSG:5899") == "107°45'"
    assert vn2000.meridian_name("EPSG:9211") == "106°00'"
    assert vn2000.meridian_name("EPSG:32648") == ""
