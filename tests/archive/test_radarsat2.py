"""RADARSAT-2 products: tie points, anonymised names, hostile hrefs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import rasterio

from catalog_builder.archive.vendors.radarsat2 import FORMAT
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.facts import Field
from tests.archive.public_samples import folder_of, only, overlay, scenes, truth


@pytest.mark.shared
def test_every_checkable_value_is_right(shared: Path) -> None:
    folder = folder_of(shared / "data" / "vendor" / "radarsat2")
    scene, reading, facts = only(FORMAT, folder)
    assert truth(overlay(shared, "radarsat2"), facts) == {}
    assert {f.name for f in folder.files} == scene.claimed
    assert facts.get(Field.PLATFORM) is None  # anonymised: "SATELLITE"
    assert facts.get(Field.INCIDENCE_ANGLE) == 15
    assert facts.get(Field.CORNERS) == ((2, 49), (3, 49), (3, 48), (2, 48))
    (raster,) = reading.rasters
    assert (raster.key, raster.gcps) == ("HH-HV", ())  # the image has a CRS of its own


PRODUCT = """<product xmlns="http://www.rsi.ca/rs2/prod/xml/schemas"><productId>PDS_001</productId>
<sourceAttributes><satellite>RADARSAT-2</satellite><sensor>SAR</sensor><rawDataStartTime>2019-05-04T22:50:01.25Z</rawDataStartTime>
<radarParameters><polarizations>VV VH</polarizations><radarCenterFrequency>5.405e+09</radarCenterFrequency>
<antennaPointing>Right</antennaPointing></radarParameters>
<orbitAndAttitude><orbitInformation><passDirection>Ascending</passDirection></orbitInformation></orbitAndAttitude></sourceAttributes>
<imageGenerationParameters><generalProcessingInformation><productType>{kind}</productType></generalProcessingInformation>
</imageGenerationParameters><imageAttributes>
<rasterAttributes><sampledPixelSpacing>12.5</sampledPixelSpacing><sampledLineSpacing>12.5</sampledLineSpacing></rasterAttributes>
<geographicInformation><geolocationGrid>{points}</geolocationGrid></geographicInformation>
<fullResolutionImageData pole="VV">imagery_VV.tif</fullResolutionImageData>
<fullResolutionImageData pole="VH">{href}</fullResolutionImageData></imageAttributes></product>"""


def tie_point(pixel: int, line: int) -> str:
    place = f"<latitude>{21 - line / 100}</latitude><longitude>{107 + pixel / 100}</longitude>"
    where = f"<imageCoordinate><line>{line}</line><pixel>{pixel}</pixel></imageCoordinate>"
    return f"<imageTiePoint>{where}<geodeticCoordinate>{place}</geodeticCoordinate></imageTiePoint>"


def product(folder: Path, href: str = "imagery_VH.tif", kind: str = "SGF") -> Path:
    points = "".join(tie_point(x, y) for y in (0, 50, 100) for x in (0, 50, 100))
    (folder / "product.xml").write_text(PRODUCT.format(points=points, href=href, kind=kind))
    for pole in ("VV", "VH"):
        with (
            pytest.warns(rasterio.errors.NotGeoreferencedWarning),
            rasterio.open(folder / f"imagery_{pole}.tif", "w", driver="GTiff", width=4, height=4, count=1, dtype="uint16") as image,
        ):
            image.write(np.ones((1, 4, 4), dtype="uint16"))
    return folder


def test_an_image_without_georeference_gets_the_tie_points(tmp_path: Path) -> None:
    _, reading, facts = only(FORMAT, folder_of(product(tmp_path)))
    assert [r.key for r in reading.rasters] == ["VV", "VH"]
    assert {len(r.gcps) for r in reading.rasters} == {9}
    assert {r.gcp_crs for r in reading.rasters} == {"EPSG:4326"}
    assert (facts.get(Field.PLATFORM), facts.get(Field.SAR_BAND), facts.get(Field.GSD)) == ("RADARSAT-2", "C", 12.5)
    assert (facts.get(Field.LOOK_DIRECTION), facts.get(Field.ORBIT_STATE)) == ("right", "ascending")
    assert (facts.get(Field.POLARIZATIONS), facts.get(Field.NATIONAL_LEVEL)) == (("VV", "VH"), "1A")
    assert facts.acquired is not None and facts.acquired.start == datetime(2019, 5, 4, 22, 50, 1, 250000, tzinfo=UTC)


def test_slant_range_has_no_ground_size(tmp_path: Path) -> None:
    _, _, facts = only(FORMAT, folder_of(product(tmp_path, kind="SLC")))
    assert facts.get(Field.GSD) is None


@pytest.mark.parametrize("href", ["../secret.tif", "/etc/passwd", "C:\\x.tif", "http://host/x.tif"])
def test_an_image_outside_the_delivery_is_not_followed(tmp_path: Path, href: str) -> None:
    _, reading, _ = only(FORMAT, folder_of(product(tmp_path, href)))
    assert [r.key for r in reading.rasters] == ["VV"]
    assert [f.code for f in reading.findings] == ["archive.href-outside"]


def test_a_cut_product_file_is_found_and_reported_when_read(tmp_path: Path) -> None:
    path = product(tmp_path) / "product.xml"
    path.write_text(path.read_text()[:500])
    (scene,) = scenes(FORMAT, folder_of(tmp_path))
    with pytest.raises(UnreadableDelivery):
        FORMAT.read(scene)


def test_another_product_xml_is_not_radarsat_2(tmp_path: Path) -> None:
    (tmp_path / "product.xml").write_text("<product><sourceAttributes/></product>")
    assert scenes(FORMAT, folder_of(tmp_path)) == []
