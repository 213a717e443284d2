"""CBERS and Amazonia-1: band files of one scene, cameras of two halves."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog_builder.archive.vendors.cbers import FORMAT
from catalog_builder.facts import Field
from tests.archive.public_samples import box, folder_of, only, overlay, truth, write_tiff


@pytest.mark.shared
def test_every_checkable_value_is_right(shared: Path) -> None:
    _, reading, facts = only(FORMAT, folder_of(shared / "data" / "vendor" / "cbers4_mux"))
    assert truth(overlay(shared, "cbers4_mux"), facts) == {}
    assert facts.get(Field.PRODUCT_ID) == "CBERS_4_MUX_20170528_090_084_L2"
    assert (facts.get(Field.GRID_CODE), facts.get(Field.DECLARED_CRS)) == ("CBERS-090084", "EPSG:32635")
    assert (facts.get(Field.PROCESSING_LEVEL), facts.get(Field.NATIONAL_LEVEL)) == ("L2", "2A")
    assert facts.get(Field.CORNERS)[0] == (23.703021, 14.954890)
    assert reading.rasters == ()


@pytest.mark.shared
def test_bands_of_one_scene_come_together(shared: Path, tmp_path: Path) -> None:
    text = next((shared / "data" / "vendor" / "cbers4_mux").glob("*.xml")).read_text()
    for band in (5, 6, 7):
        stem = f"CBERS_4_MUX_20170528_090_084_L2_BAND{band}"
        (tmp_path / f"{stem}.xml").write_text(text)
        write_tiff(tmp_path / f"{stem}.tif", dtype="uint8")
    _, reading, _ = only(FORMAT, folder_of(tmp_path))
    assert [(r.key, r.bands[0].common_name) for r in reading.rasters] == [("B7", "red"), ("B6", "green"), ("B5", "blue")]


def half(west: float, east: float, side: str = "left") -> str:
    corners = {"UL": (west, 2), "UR": (east, 2), "LR": (east, 1), "LL": (west, 1)}
    outline = "".join(f"<{k}><latitude>{y}</latitude><longitude>{x}</longitude></{k}>" for k, (x, y) in corners.items())
    camera = "<satellite><name>AMAZONIA</name><number>1</number><instrument>WFI</instrument></satellite>"
    grid = "<projectionName>UTM</projectionName><datumName>WGS84</datumName><originLongitude>-57</originLongitude>"
    image = f"<image><level>4</level><imageData>{outline}</imageData>{grid}<falseNorthing>10000000</falseNorthing></image>"
    return f"<{side}Camera>{camera}{image}</{side}Camera>"


def prdf(*parts: str) -> str:
    return f'<prdf xmlns="urn:x">{"".join(parts)}</prdf>'


@pytest.mark.parametrize("together", [True, False])
def test_two_half_cameras_make_one_outline(tmp_path: Path, together: bool) -> None:
    left, right = half(10, 14), half(13, 17, "right")
    name = "AMAZONIA_1_WFI_20220811_036_018_L4"
    if together:
        (tmp_path / f"{name}_BAND2.xml").write_text(prdf(left, right))
    else:
        (tmp_path / f"{name}_LEFT_BAND2.xml").write_text(prdf(left))
        (tmp_path / f"{name}_RIGHT_BAND2.xml").write_text(prdf(right))
    _, _, facts = only(FORMAT, folder_of(tmp_path))
    assert box(facts.get(Field.FOOTPRINT)) == (10, 1, 17, 2)
    assert (facts.get(Field.PLATFORM), facts.get(Field.INSTRUMENTS)) == ("Amazonia-1", ("WFI",))
    assert (facts.get(Field.DECLARED_CRS), facts.get(Field.NATIONAL_LEVEL)) == (None, "3A")


def test_a_single_camera_says_its_zone(tmp_path: Path) -> None:
    text = prdf(half(10, 14).removeprefix("<leftCamera>").removesuffix("</leftCamera>"))
    (tmp_path / "AMAZONIA_1_WFI_20220811_036_018_L4_BAND2.xml").write_text(text)
    _, _, facts = only(FORMAT, folder_of(tmp_path))
    assert facts.get(Field.DECLARED_CRS) == "EPSG:32721"
