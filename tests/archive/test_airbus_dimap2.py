"""DIMAP 2: SPOT 6/7, Pleiades, Pleiades Neo. Values are read from the vendor files by eye."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog_builder.archive.delivery import FileRole
from catalog_builder.archive.vendors.airbus_dimap2 import FORMAT
from catalog_builder.facts import Field, Origin
from catalog_builder.times import Precision
from tests.archive.commercial_kit import claim, codes, one, scenes, value

pytestmark = pytest.mark.shared


def test_spot7_ortho(shared: Path) -> None:
    scene, reading = one(FORMAT, shared / "data/derived/dimap2_spot7")
    assert value(reading, Field.ACQUIRED).start == datetime(2021, 6, 5, 3, 12, 34, 500000, tzinfo=UTC)
    assert value(reading, Field.PLATFORM) == "SPOT-7"
    assert value(reading, Field.INSTRUMENTS) == ("NAOMI",)
    assert value(reading, Field.CLOUD_COVER) == 7.5
    assert value(reading, Field.SUN_AZIMUTH) == 88.25
    assert value(reading, Field.SUN_ELEVATION) == 66.5
    assert value(reading, Field.INCIDENCE_ANGLE) == 12.25
    assert value(reading, Field.OFF_NADIR) == 11.0
    assert value(reading, Field.VIEW_AZIMUTH) == 101.5
    assert value(reading, Field.GSD) == 6.0
    assert value(reading, Field.DECLARED_CRS) == "EPSG:32648"
    assert value(reading, Field.PROCESSING_LEVEL) == "ORTHO"
    assert value(reading, Field.NATIONAL_LEVEL) == "3A"
    level = claim(reading, Field.NATIONAL_LEVEL)
    assert level is not None and level.source.origin is Origin.COMPUTED and "ORTHO -> 3A" in level.source.locator
    assert value(reading, Field.CORNERS)[0] == (107.11665115, 21.01260268)
    assert [t.basename for t in reading.rasters[0].tiles] == ["IMG_SPOT7_MS_202106050312345_ORT_HALONG_R1C1.TIF"]
    assert codes(reading) == []
    assert scene.key.basename.startswith("DIM_SPOT7")


def test_pleiades_bundle_is_one_scene_with_two_tiled_rasters(shared: Path) -> None:
    scene, reading = one(FORMAT, shared / "data/vendor/pleiades_dimap2_bundle")
    assert value(reading, Field.ACQUIRED).start == datetime(2016, 6, 17, 12, 34, 56, tzinfo=UTC)
    assert value(reading, Field.PLATFORM) == "Pleiades-1A"
    assert value(reading, Field.INSTRUMENTS) == ("HiRI",)
    assert value(reading, Field.GSD) == 0.5
    assert value(reading, Field.CLOUD_COVER) is None
    assert value(reading, Field.NATIONAL_LEVEL) == "1A"
    assert value(reading, Field.DECLARED_CRS) is None, "EPSG:4326 in a sensor product is the CRS of its corners, not of its pixels"
    assert [r.key for r in reading.rasters] == ["pms", "pan"]
    assert [[t.basename for t in r.tiles] for r in reading.rasters] == [
        ["IMG_foo_R1C1.TIF", "IMG_foo_R2C1.TIF"],
        ["IMG_foo2_R1C1.TIF", "IMG_foo2_R2C1.TIF"],
    ]
    assert all(r.offsets == ((0, 0), (20, 0)) and r.nodata == 0 for r in reading.rasters)
    assert reading.rasters[0].bands == (), "the document names bands but not their order in the file"
    assert set(codes(reading)) == {"archive.rpc-unusable"}
    assert all("RPC_foo.XML" not in {f.basename for f in r.sidecars} for r in reading.rasters), "it would make the image unreadable"
    placeholders = {Field.ORDER_ID, Field.CATALOG_ID, Field.PRODUCED, Field.SOFTWARE, Field.PRODUCT_TYPE}
    assert not placeholders & {c.field for c in reading.claims}
    assert {f.basename for f in scene.with_role(FileRole.RPC)} == {"RPC_foo.XML"}
    assert {f.basename for f in scene.with_role(FileRole.METADATA)} == {"DIM_foo.XML", "DIM_foo2.XML", "STRIP_foo_DIM.XML", "VOL_PHR.XML"}


def test_pleiades_neo_finds_its_jp2_by_the_naming_rule(shared: Path) -> None:
    _, reading = one(FORMAT, shared / "data/vendor/pneo_jp2_sensor")
    acquired = value(reading, Field.ACQUIRED)
    assert acquired.start == datetime(2021, 8, 27, tzinfo=UTC) and acquired.precision is Precision.SECOND
    assert value(reading, Field.PLATFORM) == "PleiadesNeo-3"
    assert value(reading, Field.CLOUD_COVER) is None
    assert (value(reading, Field.PROCESSING_LEVEL), value(reading, Field.NATIONAL_LEVEL)) == ("SENSOR", "1A"), "from the profile"
    assert "RPC_md_pneo.XML" in {f.basename for f in reading.rasters[0].sidecars}
    assert value(reading, Field.FOOTPRINT)[2] == (145.0709608547251, -37.87458462982676)
    assert [t.basename for t in reading.rasters[0].tiles] == ["IMG_md_pneo_R1C1.jp2"]


def test_other_dimap_documents_are_left_alone(shared: Path) -> None:
    for name in ("spot4_dimap1_1A", "otb_dimap_empty_fields", "spot6_rpc_only", "phr_system_dimap", "wv1_isd_xml"):
        assert scenes(FORMAT, shared / "data/vendor" / name) == []
