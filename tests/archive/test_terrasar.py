"""TerraSAR-X products."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog_builder.archive.delivery import FileRole
from catalog_builder.archive.vendors.terrasar import FORMAT
from catalog_builder.facts import Field
from catalog_builder.times import Precision
from tests.archive.public_samples import folder_of, only, write_tiff

NAME = "TSX1_SAR__EEC_SE___SM_S_SRA_20120304T224301_20120304T224308"
PRODUCT = """<level1Product><generalHeader><generationTime>2012-03-05T10:00:00.000000Z</generationTime></generalHeader>
<productComponents><imageData layerIndex="1"><polLayer>HH</polLayer><file><location><path>IMAGEDATA</path>
<filename>IMAGE_HH_SRA_strip_007.tif</filename></location></file></imageData></productComponents>
<productInfo><generationInfo><logicalProductID>TSX-1.SAR.L1b-Stripmap</logicalProductID></generationInfo>
<missionInfo><mission>TSX-1</mission><absOrbit>26140</absOrbit><relOrbit>24</relOrbit><orbitDirection>DESCENDING</orbitDirection></missionInfo>
<acquisitionInfo><sensor>SAR</sensor><imagingMode>SM</imagingMode><lookDirection>RIGHT</lookDirection>
<polarisationList><polLayer>HH</polLayer></polarisationList></acquisitionInfo>
<productVariantInfo><productType>X</productType><productVariant>{variant}</productVariant><projection>{projection}</projection>
</productVariantInfo>
<imageDataInfo><imageRaster><rowSpacing>1.25</rowSpacing><columnSpacing>1.25</columnSpacing></imageRaster></imageDataInfo>
<sceneInfo><start><timeUTC>2012-03-04T22:43:01.123456Z</timeUTC></start><stop><timeUTC>2012-03-04T22:43:08.2Z</timeUTC></stop>
<sceneCenterCoord><lat>21</lat><lon>107</lon><incidenceAngle>36.5</incidenceAngle></sceneCenterCoord>
<sceneCornerCoord><lat>20.8</lat><lon>106.9</lon></sceneCornerCoord><sceneCornerCoord><lat>20.9</lat><lon>107.2</lon></sceneCornerCoord>
<sceneCornerCoord><lat>21.2</lat><lon>106.8</lon></sceneCornerCoord><sceneCornerCoord><lat>21.3</lat><lon>107.1</lon></sceneCornerCoord>
</sceneInfo></productInfo><instrument><radarParameters><centerFrequency>9.65e9</centerFrequency></radarParameters></instrument></level1Product>"""


def test_a_geocoded_product(tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.xml").write_text(PRODUCT.format(variant="EEC", projection="MAP"))
    write_tiff(tmp_path / "IMAGEDATA" / "IMAGE_HH_SRA_strip_007.tif")
    write_tiff(tmp_path / "PREVIEW" / "BROWSE.tif")
    scene, reading, facts = only(FORMAT, folder_of(tmp_path))
    assert [r.key for r in reading.rasters] == ["HH"]
    assert (facts.get(Field.PLATFORM), facts.get(Field.SAR_BAND), facts.get(Field.GSD)) == ("TerraSAR-X", "X", 1.25)
    assert (facts.get(Field.ABSOLUTE_ORBIT), facts.get(Field.RELATIVE_ORBIT), facts.get(Field.NATIONAL_LEVEL)) == (26140, 24, "2A")
    assert (facts.get(Field.INCIDENCE_ANGLE), facts.get(Field.ORBIT_STATE), facts.get(Field.LOOK_DIRECTION)) == (
        36.5,
        "descending",
        "right",
    )
    assert facts.get(Field.CORNERS) == ((106.8, 21.2), (107.1, 21.3), (107.2, 20.9), (106.9, 20.8))
    assert facts.acquired is not None and facts.acquired.precision is Precision.INTERVAL
    assert {f.basename: r for f, r in scene.files}["BROWSE.tif"] is FileRole.BROWSE


@pytest.mark.parametrize(("variant", "projection"), [("SSC", "SLANTRANGE"), ("SSC", "")])
def test_slant_range_has_no_ground_size(tmp_path: Path, variant: str, projection: str) -> None:
    (tmp_path / f"{NAME}.xml").write_text(PRODUCT.format(variant=variant, projection=projection))
    _, reading, facts = only(FORMAT, folder_of(tmp_path))
    assert (facts.get(Field.GSD), facts.get(Field.NATIONAL_LEVEL), reading.rasters) == (None, "1A", ())
