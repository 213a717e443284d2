"""Maxar image support data. Values are read from the vendor files by eye."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog_builder.archive.delivery import FileRole
from catalog_builder.archive.vendors.maxar import FORMAT
from catalog_builder.facts import Field, Origin
from tests.archive.commercial_kit import claim, codes, one, scenes, value

pytestmark = pytest.mark.shared


def test_imd_text_with_decoy_times(shared: Path) -> None:
    scene, reading = one(FORMAT, shared / "data/vendor/dg_imd_rpb")
    assert value(reading, Field.ACQUIRED).start == datetime(2010, 4, 1, 12, tzinfo=UTC)
    assert value(reading, Field.PLATFORM) == "WorldView-3"
    assert value(reading, Field.CLOUD_COVER) == 2.7
    assert value(reading, Field.GSD) == 1.301
    assert value(reading, Field.PROCESSING_LEVEL) == "LV2A"
    assert value(reading, Field.NATIONAL_LEVEL) == "2A"
    assert value(reading, Field.PRODUCT_ID) is None and value(reading, Field.CATALOG_ID) is None, "blanked with zeros"
    assert [t.basename for t in reading.rasters[0].tiles] == ["md_dg.tif"]
    assert [f.basename for f in scene.with_role(FileRole.RPC)] == ["md_dg.RPB"]


def test_isd_xml(shared: Path) -> None:
    _, reading = one(FORMAT, shared / "data/vendor/rio_stac_dg_meta")
    assert value(reading, Field.ACQUIRED).start == datetime(2011, 5, 1, 13, tzinfo=UTC)
    assert (value(reading, Field.CLOUD_COVER), value(reading, Field.GSD)) == (2.7, 1.301)


def test_two_products_share_a_tile_whatever_its_case(shared: Path) -> None:
    found = scenes(FORMAT, shared / "data/vendor/dg_til")
    assert [s.key.basename for s, _ in found] == ["testtil.imd", "testtil2.xml"]
    for _, reading in found:
        assert value(reading, Field.ACQUIRED).start == datetime(2015, 1, 1, tzinfo=UTC)
        assert value(reading, Field.CLOUD_COVER) == 2.7
        assert [t.basename for t in reading.rasters[0].tiles] == ["byte.tif"]


def test_worldview1_basic_without_raster(shared: Path) -> None:
    _, reading = one(FORMAT, shared / "data/vendor/wv1_isd_xml")
    assert value(reading, Field.ACQUIRED).start == datetime(2017, 5, 25, 13, 37, 39, 990313, tzinfo=UTC)
    assert value(reading, Field.PLATFORM) == "WorldView-1"
    assert value(reading, Field.SUN_AZIMUTH) == 228.9
    assert value(reading, Field.SUN_ELEVATION) == 52.4
    assert value(reading, Field.OFF_NADIR) == 23.2
    assert value(reading, Field.VIEW_AZIMUTH) == 78.6
    assert value(reading, Field.GSD) == 0.579
    assert value(reading, Field.CLOUD_COVER) == 0.0
    assert value(reading, Field.CATALOG_ID) == "1020010060853B00"
    assert value(reading, Field.ORDER_ID) == "059262057010_01"
    assert value(reading, Field.NATIONAL_LEVEL) == "1A"
    assert value(reading, Field.CORNERS) == (
        (4.21357087, 51.0123363),
        (4.51776063, 51.01884556),
        (4.51765805, 50.88697263),
        (4.21474265, 50.87948137),
    )
    incidence = claim(reading, Field.INCIDENCE_ANGLE)
    assert incidence is not None and incidence.value == 25.1 and incidence.source.origin is Origin.COMPUTED
    assert reading.rasters == ()


def test_worldview2_stereo(shared: Path) -> None:
    _, reading = one(FORMAT, shared / "data/vendor/wv2_or2a_xml")
    assert value(reading, Field.ACQUIRED).start == datetime(2015, 9, 30, 10, 56, 56, 973685, tzinfo=UTC)
    assert (value(reading, Field.OFF_NADIR), value(reading, Field.VIEW_AZIMUTH)) == (32.7, 172.7)
    assert (value(reading, Field.GSD), value(reading, Field.DECLARED_CRS)) == (0.5, "EPSG:4326")
    assert (value(reading, Field.PROCESSING_LEVEL), value(reading, Field.NATIONAL_LEVEL)) == ("Stereo OR2A", "2A")
    assert value(reading, Field.CATALOG_ID) == "1030050045F8F000"


def test_tile_index_that_points_outside(shared: Path) -> None:
    _, reading = one(FORMAT, shared / "data/hostile/til_escape")
    assert codes(reading) == ["archive.href-outside"]
    assert reading.rasters == ()
