"""Rings on the globe: unwrapping, splitting, boxes, centres and corners."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely.geometry import MultiPolygon, Polygon, box, shape

from catalog_builder.crs.geometry import (
    bounding_box,
    centre,
    extreme_corners,
    geojson,
    on_globe,
    ordered_corners,
    unwrap,
    winds_around_pole,
    wrap,
)


def test_unwrapping_keeps_steps_short() -> None:
    assert unwrap(np.array([179.0, -179.0, -178.0, 179.0])).tolist() == [179.0, 181.0, 182.0, 179.0]
    assert winds_around_pole(unwrap(np.array([0.0, 90.0, 180.0, -90.0, 0.0])))


def test_a_shape_across_the_antimeridian_is_split() -> None:
    found = on_globe([box(178, 10, 183, 12)])
    assert [p.bounds for p in found.geoms] == [(-180, 10, -177, 12), (178, 10, 180, 12)]
    assert bounding_box(found) == (178, 10, -177, 12)
    assert centre(found) == (-179.5, 11.0)


def test_shapes_more_than_a_turn_away_come_home() -> None:
    assert on_globe([box(539, 0, 541, 1)]).equals(on_globe([box(179, 0, 181, 1)]))


def test_the_whole_world_does_not_cross() -> None:
    found = on_globe([box(-180, -90, 180, 90)])
    assert bounding_box(found) == (-180, -90, 180, 90)
    assert geojson(found)["type"] == "Polygon"
    assert centre(found) == (0.0, 0.0)


def test_parts_at_both_ends_and_in_the_middle() -> None:
    found = on_globe([box(-180, 0, -170, 1), box(0, 0, 10, 1), box(175, 0, 180, 1)])
    assert bounding_box(found) == (0, 0, -170, 1)


def test_exteriors_run_anticlockwise_holes_clockwise() -> None:
    ring = Polygon([(0, 0), (0, 4), (4, 4), (4, 0)], [[(1, 1), (2, 1), (2, 2), (1, 2)]])
    polygon = shape(geojson(on_globe([ring])))
    assert polygon.exterior.is_ccw
    assert not polygon.interiors[0].is_ccw


def test_a_bow_tie_becomes_valid() -> None:
    found = on_globe([Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])])
    assert found.is_valid
    assert found.area == pytest.approx(2.0)


def test_coordinates_are_rounded_to_a_centimetre() -> None:
    coordinates = geojson(on_globe([box(1 / 3, 1 / 3, 2 / 3, 2 / 3)]))["coordinates"][0]
    assert {repr(c) for point in coordinates for c in point} == {"0.3333333", "0.6666667"}


def test_nothing() -> None:
    assert on_globe([]).is_empty
    assert isinstance(on_globe([shapely.Point(0, 0)]), MultiPolygon)


@pytest.mark.parametrize("start", range(4))
@pytest.mark.parametrize("direction", [1, -1])
def test_corners_in_order_whatever_the_start_and_direction(start: int, direction: int) -> None:
    """A descending pass: the scene leans, so the north-west corner is neither the westernmost nor the northernmost."""
    corners = [(107.2, 21.5), (108.9, 21.1), (108.5, 19.4), (106.8, 19.8)]
    ring = np.array((corners * 2)[start : start + 4][::direction])
    assert ordered_corners(ring[:, 0], ring[:, 1]) == tuple(corners)


def test_corners_across_the_antimeridian() -> None:
    lon, lat = unwrap(np.array([179.0, -179.0, -179.0, 179.0])), np.array([1.0, 1.0, 0.0, 0.0])
    assert ordered_corners(lon, lat) == ((179, 1), (-179, 1), (-179, 0), (179, 0))


def test_corners_of_an_outline_with_many_points() -> None:
    ring = [(0.0, 0.0), (0.5, -0.1), (1.0, 0.1), (1.1, 0.6), (1.0, 1.0), (0.4, 1.1), (0.0, 0.9)]
    assert extreme_corners(ring) == ((0.0, 0.9), (1.0, 1.0), (1.0, 0.1), (0.0, 0.0))


@pytest.mark.parametrize(("lon", "wrapped"), [(180, 180), (-180, -180), (181, -179), (540, -180), (-190, 170)])
def test_wrapping(lon: float, wrapped: float) -> None:
    assert wrap(lon) == wrapped
