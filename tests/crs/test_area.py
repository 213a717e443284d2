"""Boxes on the globe, candidates and the check against the declared area."""

from __future__ import annotations

import pytest

from catalog_builder.crs.area import authority_crs, candidates, check_area, default_codes, middle_text, named, overlap, place

HA_LONG_BOUNDS = (429_000.0, 2_316_000.0, 431_000.0, 2_318_000.0)


@pytest.mark.parametrize(
    ("box", "area", "share"),
    [
        ((0, 0, 1, 1), (0, 0, 1, 1), 1.0),
        ((0, 0, 1, 1), (0.5, 0, 1.5, 1), 0.5),
        ((0, 0, 10, 10), (2, 2, 3, 3), 1.0),
        ((0, 0, 1, 1), (2, 0, 3, 1), 0.0),
        ((179, 0, 181, 1), (-180, 0, -179, 1), 1.0),
        ((179, 0, -179, 1), (178, 0, 180, 1), 0.5),
        ((1, 1, 1, 1), (0, 0, 2, 2), 1.0),
    ],
)
def test_overlap(box: tuple[float, ...], area: tuple[float, ...], share: float) -> None:
    assert overlap(box, area) == pytest.approx(share)  # type: ignore[arg-type]


def test_candidates_are_ordered_by_overlap_then_distance() -> None:
    area = (106.5, 20.5, 108.5, 21.5)
    found = candidates(HA_LONG_BOUNDS, area)
    assert found[0].overlap == 1.0
    assert [c.overlap for c in found] == sorted((c.overlap for c in found if c.overlap is not None), reverse=True)
    assert {"EPSG:5899", "EPSG:5898", "EPSG:9218"} <= {c.code for c in found}
    assert "EPSG:5897" not in {c.code for c in found}


def test_unknown_codes_are_left_out() -> None:
    assert [c.code for c in candidates(None, None, ("EPSG:999999", "EPSG:5899"))] == ["EPSG:5899"]


def test_candidates_in_one_line() -> None:
    assert named(candidates(None, None, ("EPSG:5899", "EPSG:32648"))) == "EPSG:5899 (107°45'), EPSG:32648 (WGS 84 / UTM zone 48N)"
    assert named(()) == "–"


def test_default_codes_hold_the_utm_zones_of_the_area() -> None:
    assert {"EPSG:32648", "EPSG:32649"} <= set(default_codes((107.5, 20, 108.5, 21)))
    assert "EPSG:32760" in default_codes((179, -20, -179, -19))
    assert "EPSG:32701" in default_codes((179, -20, -179, -19))


def test_doubtful_meridian() -> None:
    """A scene that still touches the declared area under the wrong meridian, but fits under another."""
    crs = authority_crs("EPSG:9216")  # 107°30'; the scene is in 107°45'
    true = place(authority_crs("EPSG:5899"), HA_LONG_BOUNDS)
    assert true is not None
    area = (true[0] - 0.24, true[1] - 0.01, true[2] + 0.01, true[3] + 0.01)
    wrong = place(crs, HA_LONG_BOUNDS)
    assert wrong is not None
    found = check_area(wrong, area, crs, subject="s", bounds=HA_LONG_BOUNDS)
    assert [f.code for f in found] == ["crs.wrong-meridian"]
    assert check_area(true, area, authority_crs("EPSG:5899"), subject="s", bounds=HA_LONG_BOUNDS) == ()


def test_a_scene_on_the_border_of_a_province_is_not_doubted() -> None:
    """A third of the scene lies in the province; other meridians would move it in, which proves nothing."""
    crs = authority_crs("EPSG:5899")
    bounds = (430_000.0, 2_300_000.0, 460_000.0, 2_330_000.0)
    box = place(crs, bounds)
    assert box is not None
    province = (box[0] + 0.7 * (box[2] - box[0]), 20.0, 109.0, 22.0)
    assert any(c.overlap == 1.0 for c in candidates(bounds, province))
    assert check_area(box, province, crs, subject="s", bounds=bounds) == ()


def test_no_place_for_impossible_bounds() -> None:
    assert place(authority_crs("EPSG:5899"), (float("inf"), 0, 1, 1)) is None


def test_middle_of_a_box_across_the_antimeridian() -> None:
    assert middle_text((179, -10, 183, -8)) == "-9.000°, -179.000°"
