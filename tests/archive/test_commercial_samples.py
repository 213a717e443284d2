"""Every commercial sample: what each format reads from real vendor files, values read from those files by eye."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog_builder.archive.delivery import FileRole, RasterKind
from catalog_builder.archive.vendors import (
    airbus_dimap1,
    airbus_rpc,
    airbus_system,
    alos,
    geoeye,
    kompsat,
    ossim_geom,
    planet,
    rapideye,
    skysat,
)
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.facts import Field, Origin
from catalog_builder.times import Precision
from tests.archive.commercial_kit import claim, codes, one, scenes, value

pytestmark = pytest.mark.shared


def test_spot4_scene_1a(shared: Path) -> None:
    scene, reading = one(airbus_dimap1.FORMAT, shared / "data/vendor/spot4_dimap1_1A")
    assert value(reading, Field.ACQUIRED).start == datetime(2001, 11, 29, 10, 30, 43, tzinfo=UTC)
    assert value(reading, Field.PLATFORM) == "SPOT-4"
    assert value(reading, Field.INSTRUMENTS) == ("HRVIR",)
    assert value(reading, Field.SUN_AZIMUTH) == 165.08350907
    assert value(reading, Field.SUN_ELEVATION) == 23.545636152
    assert value(reading, Field.INCIDENCE_ANGLE) == 19.977978043, "the sign only tells the side of the track"
    assert value(reading, Field.CLOUD_COVER) is None
    assert (value(reading, Field.PROCESSING_LEVEL), value(reading, Field.NATIONAL_LEVEL)) == ("1A", "1A")
    assert value(reading, Field.DECLARED_CRS) is None, "EPSG:4326 is the CRS of the frame, the pixels are raw"
    assert value(reading, Field.CORNERS)[1] == (5.1937875606, 44.105080365)
    assert value(reading, Field.PRODUCED).start.year == 2005
    (raster,) = reading.rasters
    assert raster.nodata == 0
    assert raster.bands[0].scale == pytest.approx(1 / 4.357726) and raster.bands[0].offset == 0
    assert [f.basename for f in scene.with_role(FileRole.RASTER)] == ["IMAGERY.TIF"]


def test_empty_dimap_says_nothing(shared: Path) -> None:
    _, reading = one(airbus_dimap1.FORMAT, shared / "data/vendor/otb_dimap_empty_fields")
    assert reading.claims == () and reading.rasters == ()


def test_dimap_that_points_outside(shared: Path) -> None:
    _, reading = one(airbus_dimap1.FORMAT, shared / "data/hostile/dimap_href_escape")
    assert codes(reading) == ["archive.href-outside"]
    assert reading.rasters == ()


def test_dimap_with_external_entity_is_not_read(shared: Path) -> None:
    with pytest.raises(UnreadableDelivery) as problem:
        scenes(airbus_dimap1.FORMAT, shared / "data/hostile/xxe_dimap")
    assert [f.code for f in problem.value.findings] == ["archive.xml-entities"]


def test_pleiades_system_document(shared: Path) -> None:
    _, reading = one(airbus_system.FORMAT, shared / "data/vendor/phr_system_dimap")
    assert value(reading, Field.ACQUIRED).start == datetime(2017, 3, 8, 6, 55, 34, 306014, tzinfo=UTC), "later STARTs are of the downlink"
    assert value(reading, Field.PLATFORM) == "Pleiades-1B"
    assert value(reading, Field.SUN_AZIMUTH) == pytest.approx(139.03, abs=0.1)
    assert value(reading, Field.SUN_ELEVATION) == pytest.approx(55.94, abs=0.1)
    assert value(reading, Field.CLOUD_COVER) == 0.0
    assert value(reading, Field.CORNERS) == (
        (57.2497172913662, 22.13757668162587),
        (57.48496590488634, 22.09853573286859),
        (57.45211808075258, 21.92064670980533),
        (57.21647521538905, 21.95894940469852),
    ), "the image is turned: its first corner lies in the south-west"
    assert reading.rasters == ()


def test_pleiades_with_ossim_description(shared: Path) -> None:
    scene, reading = one(ossim_geom.FORMAT, shared / "data/vendor/pleiades_ventoux_left")
    assert value(reading, Field.ACQUIRED).start == datetime(2013, 8, 5, 10, 42, 19, 400000, tzinfo=UTC)
    assert value(reading, Field.PLATFORM) == "Pleiades-1B"
    assert value(reading, Field.SUN_AZIMUTH) == 148.949703698798
    assert value(reading, Field.SUN_ELEVATION) == 59.8333141632861
    assert value(reading, Field.VIEW_AZIMUTH) is None, "azimuth_angle is the sun's"
    assert value(reading, Field.FOOTPRINT)[0] == (5.16105749217467, 44.2299682087566)
    assert [f.basename for f in scene.with_role(FileRole.RPC)] == ["RPC_PHR1B_P_201308051042194_SEN_690908101-001.XML"]
    assert scenes(airbus_rpc.FORMAT, shared / "data/vendor/pleiades_ventoux_left") == []


def test_lone_rpc_with_swapped_axes(shared: Path) -> None:
    _, reading = one(airbus_rpc.FORMAT, shared / "data/vendor/spot6_rpc_only")
    assert value(reading, Field.PLATFORM) == "SPOT-6"
    assert value(reading, Field.ACQUIRED) is None
    assert value(reading, Field.CORNERS) == (
        (-72.4395036093, 18.7570975666),
        (-72.0984267043, 18.7570975666),
        (-72.0984267043, 18.3932164171),
        (-72.4395036093, 18.3932164171),
    )
    assert codes(reading) == ["archive.axes-swapped"]


def test_rpc_of_a_product_is_left_to_the_product(shared: Path) -> None:
    assert scenes(airbus_rpc.FORMAT, shared / "data/vendor/pneo_jp2_sensor") == []


def test_ikonos_component(shared: Path) -> None:
    _, reading = one(geoeye.FORMAT, shared / "data/vendor/ikonos2_geoeye_style")
    acquired = value(reading, Field.ACQUIRED)
    assert acquired.start == datetime(2012, 6, 1, 14, tzinfo=UTC) and acquired.precision is Precision.MINUTE
    assert value(reading, Field.PLATFORM) == "IKONOS-2"
    assert value(reading, Field.CLOUD_COVER) == 3.0, "of component 0010000, the one that is there"
    assert value(reading, Field.GSD) == 1.0
    (raster,) = reading.rasters
    assert [b.common_name for b in raster.bands] == ["red", "green", "blue"]
    assert [b.gsd for b in raster.bands] == [1.0, 1.0, 1.0]


def test_kompsat2(shared: Path) -> None:
    _, reading = one(kompsat.FORMAT, shared / "data/vendor/kompsat")
    assert value(reading, Field.ACQUIRED).start == datetime(2007, 5, 1, 7, tzinfo=UTC)
    assert (value(reading, Field.PLATFORM), value(reading, Field.INSTRUMENTS)) == ("KOMPSAT-2", ("MSC",))
    assert value(reading, Field.CLOUD_COVER) is None, "AUX_CLOUD_STATUS is a grade"
    assert value(reading, Field.PROCESSING_LEVEL) == "L1R"
    assert [f.basename for f in reading.rasters[0].sidecars] == ["md_kompsat.rpc", "md_kompsat.txt"]


def test_alos_avnir(shared: Path) -> None:
    scene, reading = one(alos.FORMAT, shared / "data/vendor/alos_prism")
    acquired = value(reading, Field.ACQUIRED)
    assert acquired.start == datetime(2010, 7, 1, tzinfo=UTC) and acquired.precision is Precision.DAY
    assert (value(reading, Field.PLATFORM), value(reading, Field.INSTRUMENTS)) == ("ALOS", ("AVNIR-2",))
    assert [f.basename for f in scene.with_role(FileRole.RPC)] == ["RPC-md_alos.txt"]


def test_rapideye_with_undeclared_prefixes(shared: Path) -> None:
    _, reading = one(rapideye.FORMAT, shared / "data/vendor/rapideye")
    assert value(reading, Field.ACQUIRED).start == datetime(2010, 2, 1, 12, tzinfo=UTC)
    assert value(reading, Field.PLATFORM) == "RapidEye"
    assert value(reading, Field.CLOUD_COVER) == 0.0
    assert [t.basename for t in reading.rasters[0].tiles] == ["md_re.tif"]


def test_planetscope_scene(shared: Path) -> None:
    scene, reading = one(planet.FORMAT, shared / "data/vendor/planet_psscene_harvey")
    assert value(reading, Field.ACQUIRED).start == datetime(2017, 8, 31, 17, 27, 54, 960530, tzinfo=UTC)
    assert value(reading, Field.PLATFORM) == "PlanetScope-101c"
    assert value(reading, Field.INSTRUMENTS) == ("PS2",)
    assert value(reading, Field.CLOUD_COVER) == 2.0, "0.02 in the XML is a fraction, the item says 2"
    assert value(reading, Field.SUN_AZIMUTH) == 145.42
    assert value(reading, Field.SUN_ELEVATION) == 65.12005
    assert value(reading, Field.VIEW_AZIMUTH) == 348.6758
    assert value(reading, Field.OFF_NADIR) == 0.240151
    assert value(reading, Field.INCIDENCE_ANGLE) == 0.2694579
    assert (value(reading, Field.GSD), value(reading, Field.DECLARED_CRS)) == (3.0, "EPSG:32615")
    assert len(value(reading, Field.FOOTPRINT)) == 8
    analytic, visual, mask = reading.rasters
    assert [b.common_name for b in analytic.bands] == ["blue", "green", "red", "nir"]
    assert [b.scale for b in analytic.bands] == [0.01] * 4
    assert [b.common_name for b in visual.bands] == ["red", "green", "blue"] and not visual.primary
    assert mask.kind is RasterKind.CATEGORICAL and not mask.primary
    assert [f.basename for f in scene.with_role(FileRole.MASK)] == ["20170831_172754_101c_3B_AnalyticMS_DN_udm.tif"]


def test_skysat_item(shared: Path) -> None:
    _, reading = one(skysat.FORMAT, shared / "data/vendor/skysat_freeport")
    assert value(reading, Field.ACQUIRED).start == datetime(2017, 8, 31, 16, 27, 42, 176605, tzinfo=UTC)
    assert value(reading, Field.PLATFORM) == "SkySat-C1"
    assert (value(reading, Field.GSD), value(reading, Field.CLOUD_COVER)) == (0.9, 0.0)
    assert (value(reading, Field.VIEW_AZIMUTH), value(reading, Field.OFF_NADIR)) == (121.3, 27.2)
    assert (value(reading, Field.SUN_AZIMUTH), value(reading, Field.SUN_ELEVATION)) == (122, 56.3)
    assert reading.rasters[0].key == "rgb" and reading.rasters[0].primary, "a lone visual product is what there is to look at"


def test_every_value_names_its_source(shared: Path) -> None:
    _, reading = one(planet.FORMAT, shared / "data/vendor/planet_psscene_harvey")
    assert all(c.source.file.startswith("planet_psscene_harvey/") and c.source.locator for c in reading.claims)
    cloud = claim(reading, Field.CLOUD_COVER)
    assert cloud is not None and cloud.source.origin is Origin.METADATA
