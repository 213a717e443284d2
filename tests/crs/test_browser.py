"""The definition for the map in the browser does what the pinned operation does."""

from __future__ import annotations

import re

import numpy as np
import pytest
from pyproj import CRS, Geod, Transformer

from catalog_builder.crs import vn2000
from catalog_builder.crs.area import authority_crs
from catalog_builder.crs.browser import browser_definition
from catalog_builder.crs.transform import from_wgs84, to_wgs84

POINTS = {
    "EPSG:3857": (106.0, 21.0),
    "EPSG:32648": (106.0, 21.0),
    "EPSG:26711": (-117.6, 33.9),
    "EPSG:2193": (173.1, -41.3),
    "EPSG:27700": (-2.0, 53.0),
    "EPSG:31259": (15.2, 48.2),
    "EPSG:3031": (40.0, -75.0),
    "EPSG:2056": (7.1, 46.0),
    "EPSG:2154": (3.0, 46.0),
    "ESRI:102039": (-100.0, 40.0),
} | dict.fromkeys((*vn2000.CODES, vn2000.GEOGRAPHIC), (107.0, 21.0))


@pytest.mark.parametrize(("code", "place"), POINTS.items())
def test_same_position_as_python(code: str, place: tuple[float, float]) -> None:
    """With proj4js itself the same points agree to 0.2 mm; here PROJ reads the string as proj4js does."""
    crs = authority_crs(code)
    definition = browser_definition(crs)
    assert definition is not None
    offsets = np.array([-0.2, 0.0, 0.2])
    x, y = from_wgs84(crs, place[0] + offsets, place[1] + offsets)
    lon, lat = to_wgs84(crs, x, y)
    browser = Transformer.from_crs(CRS.from_user_input(definition), 4326, always_xy=True).transform(x, y)
    assert np.max(Geod(ellps="WGS84").inv(lon, lat, *browser)[2]) < 0.001


@pytest.mark.parametrize("code", vn2000.CODES)
def test_rotations_have_the_signs_of_the_position_vector(code: str) -> None:
    definition = browser_definition(authority_crs(code)) or ""
    assert "+towgs84=-191.90441429,-39.30318279,-111.45032835,0.00928836,-0.01975479,0.00427372,0.252906278" in definition


@pytest.mark.parametrize("code", POINTS)
def test_no_datum_names_and_no_grid_files(code: str) -> None:
    definition = browser_definition(authority_crs(code)) or ""
    assert not re.search(r"\+(datum|ellps)=|nadgrids=(?!@null)", definition)


def test_none_where_no_shift_is_known() -> None:
    assert browser_definition(authority_crs("EPSG:3412")) is None
