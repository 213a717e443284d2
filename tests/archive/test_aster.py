"""ASTER granules."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog_builder.archive.vendors.aster import FORMAT
from catalog_builder.facts import Field, Origin
from tests.archive.public_samples import folder_of, only, overlay, truth


@pytest.mark.shared
def test_every_checkable_value_is_right(shared: Path) -> None:
    folder = folder_of(shared / "data" / "vendor" / "aster_l1t")
    scene, reading, facts = only(FORMAT, folder)
    assert truth(overlay(shared, "aster_l1t"), facts) == {}
    assert {f.name for f in folder.files} == scene.claimed
    assert facts.get(Field.PRODUCT_ID) == "AST_L1T_00305032000040446_20150409135350_78838"
    assert (facts.get(Field.PROCESSING_LEVEL), facts.get(Field.NATIONAL_LEVEL)) == ("L1T", "2A")
    assert facts.get(Field.CORNERS)[0] == (102.685261260459, 15.7673228577021)
    assert [(r.key, r.gsd) for r in reading.rasters] == [("VNIR", 15), ("SWIR", 30), ("TIR", 90)]
    assert all(r.bands == () for r in reading.rasters)


GRANULE = """<?xml version="1.0"?>
<!DOCTYPE GranuleMetaDataFile SYSTEM "http://host.example/x.dtd">
<GranuleMetaDataFile><GranuleURMetaData><CollectionMetaData><ShortName>AST_L1B</ShortName></CollectionMetaData>
<SingleDateTime><TimeofDay>03:31:05.1</TimeofDay><CalendarDate>2004-11-02</CalendarDate></SingleDateTime>
<SpatialDomainContainer><HorizontalSpatialDomainContainer><GPolygon><Boundary>
<Point><PointLongitude>20</PointLongitude><PointLatitude>-1</PointLatitude></Point>
<Point><PointLongitude>21</PointLongitude><PointLatitude>-1</PointLatitude></Point>
<Point><PointLongitude>21</PointLongitude><PointLatitude>-2</PointLatitude></Point></Boundary></GPolygon>
</HorizontalSpatialDomainContainer></SpatialDomainContainer>
<PSAs><PSA><PSAName>Band1_Available</PSAName><PSAValue>No, band was not acquired</PSAValue></PSA>
<PSA><PSAName>Band10_Available</PSAName><PSAValue>Yes, band is acquired</PSAValue></PSA>
<PSA><PSAName>UTMZoneNumber</PSAName><PSAValue>34</PSAValue></PSA><PSA><PSAName>SpheroidCode</PSAName><PSAValue>WGS84</PSAValue></PSA>
<PSA><PSAName>ASTERTIRPointingAngle</PSAName><PSAValue>-8.5</PSAValue></PSA></PSAs></GranuleURMetaData></GranuleMetaDataFile>"""


def test_a_night_scene_has_the_thermal_pixel_and_angle(tmp_path: Path) -> None:
    (tmp_path / "AST_L1B_X.hdf.xml").write_text(GRANULE)
    (tmp_path / "AST_L1B_X.hdf").write_bytes(b"\x0e\x03\x13\x01" + b"\0" * 100)
    _, reading, facts = only(FORMAT, folder_of(tmp_path))
    gsd = facts.claim(Field.GSD)
    assert gsd is not None and (gsd.value, gsd.source.origin, gsd.unverified) == (90, Origin.REGISTRY, False)
    assert facts.get(Field.OFF_NADIR) == 8.5
    assert facts.get(Field.DECLARED_CRS) is None  # south of the equator the zone alone does not tell
    assert (reading.rasters, [f.code for f in reading.findings]) == ((), ["archive.band-convert"])
