"""Sentinel-1 products: GRD and SLC, whole, without measurements, with empty ones."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog_builder.archive.delivery import FileRole, RasterKind
from catalog_builder.archive.vendors.sentinel1 import FORMAT
from catalog_builder.facts import Field
from catalog_builder.times import Precision
from tests.archive.public_samples import box, folder_of, only, overlay, scenes, truth, unpacked, write_tiff

SLICE = "S1A_IW_GRDH_1SDV_20210809T173953_20210809T174018_039156_049F13_6FF8"


@pytest.mark.shared
@pytest.mark.parametrize("delivery", [f"{SLICE}.SAFE", "s1_grd_fake_safe", "s1_zip_20150222"])
def test_every_checkable_value_is_right(shared: Path, tmp_path: Path, delivery: str) -> None:
    path = shared / "data" / "vendor" / delivery
    containers = [p for p in path.iterdir() if p.suffix == ".zip"]
    folder = unpacked(containers[0], tmp_path / "in") if containers else folder_of(path)
    scene, _, facts = only(FORMAT, folder)
    assert truth(overlay(shared, delivery), facts) == {}
    polygon = overlay(shared, delivery)["geometry"]["polygon"]
    assert sorted(facts.get(Field.FOOTPRINT)) == sorted((lon, lat) for lon, lat in polygon)
    assert {f.name for f in folder.walk()} == scene.claimed


@pytest.mark.shared
def test_grd_with_an_empty_measurement(shared: Path) -> None:
    _, reading, facts = only(FORMAT, folder_of(shared / "data" / "vendor" / f"{SLICE}.SAFE"))
    assert (reading.rasters, [f.code for f in reading.findings]) == ((), ["archive.band-empty"])
    assert facts.get(Field.PRODUCT_ID) == SLICE
    assert (facts.get(Field.SAR_MODE), facts.get(Field.SAR_BAND), facts.get(Field.PRODUCT_TYPE)) == ("IW", "C", "GRD")
    assert facts.get(Field.POLARIZATIONS) == ("VV", "VH")
    assert (facts.get(Field.ABSOLUTE_ORBIT), facts.get(Field.ORBIT_STATE)) == (39156, "ascending")
    assert facts.get(Field.CATALOG_ID) == "049F13"
    assert facts.get(Field.SOFTWARE) == "Sentinel-1 IPF 003.31"
    assert facts.get(Field.INCIDENCE_ANGLE) == pytest.approx(38.97279)
    assert (facts.get(Field.GSD), facts.get(Field.NATIONAL_LEVEL)) == (10, "1A")
    assert facts.acquired is not None and facts.acquired.precision is Precision.INTERVAL
    assert facts.acquired.end == datetime(2021, 8, 9, 17, 40, 18, 152800, tzinfo=UTC)


@pytest.mark.shared
def test_rasters_of_a_dual_polarisation_product(shared: Path) -> None:
    scene, reading, _ = only(FORMAT, folder_of(shared / "data" / "vendor" / "s1_grd_fake_safe"))
    assert [(r.key, r.kind) for r in reading.rasters] == [("VV", RasterKind.SAR), ("VH", RasterKind.SAR)]
    assert {f.basename.split("-")[0]: r for f, r in scene.files}["calibration"] is FileRole.METADATA


MANIFEST = """<xfdu:XFDU xmlns:xfdu="urn:x" xmlns:s="http://www.esa.int/safe/sentinel-1.0/sentinel-1"
 version="esa/safe/sentinel-1.0/sentinel-1/sar/level-1/slc/standard/iwdp">
<metadataSection><s:platform><s:familyName>SENTINEL-1</s:familyName><s:number>C</s:number></s:platform>
<s:acquisitionPeriod><s:startTime>2025-04-01T22:45:00.1</s:startTime><s:stopTime>2025-04-01T22:45:27.2</s:stopTime></s:acquisitionPeriod>
<s:footPrint><coordinates>{outline}</coordinates></s:footPrint><s:productType>SLC</s:productType></metadataSection></xfdu:XFDU>"""


def product(tmp_path: Path, outline: str = "20.9,106.4 21.3,108.8 22.8,108.5 22.4,106.1") -> Path:
    root = tmp_path / "S1C_IW_SLC__1SDV_20250401T224500_20250401T224527_001234_0ABCDE_1F2E.SAFE"
    root.mkdir()
    (root / "manifest.safe").write_text(MANIFEST.format(outline=outline))
    return root


def test_slc_swaths_are_rasters_of_their_own_without_a_ground_size(tmp_path: Path) -> None:
    root = product(tmp_path)
    (root / "annotation").mkdir()
    for swath, angle in (("iw1", 33), ("iw2", 39)):
        name = f"s1c-{swath}-slc-vv-20250401t224500-20250401t224527-001234-0abcde-001"
        write_tiff(root / "measurement" / f"{name}.tiff", dtype="complex64")
        body = "<product><productInformation><projection>Slant Range</projection></productInformation><imageInformation>"
        spacing = "<rangePixelSpacing>2.3</rangePixelSpacing><azimuthPixelSpacing>13.9</azimuthPixelSpacing>"
        angle_text = f"<incidenceAngleMidSwath>{angle}</incidenceAngleMidSwath>"
        (root / "annotation" / f"{name}.xml").write_text(f"{body}{spacing}{angle_text}</imageInformation></product>")
    _, reading, facts = only(FORMAT, folder_of(root))
    assert [r.key for r in reading.rasters] == ["IW1-VV", "IW2-VV"]
    assert (facts.get(Field.GSD), facts.get(Field.INCIDENCE_ANGLE)) == (None, 36)
    assert (facts.get(Field.PLATFORM), facts.get(Field.SCENE_NAME)) == ("Sentinel-1C", root.name.removesuffix(".SAFE"))
    assert box(facts.get(Field.FOOTPRINT)) == (106.1, 20.9, 108.8, 22.8)


@pytest.mark.parametrize("outline", ["", "20.9,106.4 21.3", "20.9,106.4 x,y 22,107", "95,106 96,107 97,108"])
def test_an_outline_that_is_none_is_not_claimed(tmp_path: Path, outline: str) -> None:
    _, _, facts = only(FORMAT, folder_of(product(tmp_path, outline)))
    assert facts.get(Field.FOOTPRINT) is None


def test_a_broken_annotation_is_a_finding(tmp_path: Path) -> None:
    root = product(tmp_path)
    (root / "annotation").mkdir()
    (root / "annotation" / "s1c-iw1-slc-vv-20250401t224500-20250401t224527-001234-0abcde-001.xml").write_text("<product>")
    _, reading, _ = only(FORMAT, folder_of(root))
    assert [f.code for f in reading.findings] == ["archive.metadata-part-unreadable"]


def test_another_manifest_is_not_sentinel_1(tmp_path: Path) -> None:
    (tmp_path / "manifest.safe").write_text("<xfdu:XFDU xmlns:xfdu='urn:x' version='esa/safe/sentinel/1.1/sentinel-2'/>")
    assert scenes(FORMAT, folder_of(tmp_path)) == []
