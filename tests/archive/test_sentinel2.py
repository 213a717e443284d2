"""Sentinel-2 products: compact and old naming, levels 1C and 2A, with and without images."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import rasterio

from catalog_builder.archive.delivery import FileRole, RasterKind
from catalog_builder.archive.vendors.sentinel2 import FORMAT
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.facts import Field, settle
from tests.archive.public_samples import box, folder_of, only, overlay, scenes, truth, unpacked, write_tiff

DELIVERIES = (
    "S2A_MSIL1C_20210908T042701_N0301_R133_T46RER_20210908T070248.SAFE",
    "S2A_MSIL2A_20190212T192651_N0212_R013_T07HFE_20201007T160857.SAFE",
    "S2A_MSIL1C_20200717T221941_R029_T01LAC_20200717T234135.SAFE",
    "fake_S2A_MSIL2A_20180818T094031_N0208_R036_T34VFJ",
    "sentinel2_zip_T48LWP",
)


@pytest.mark.shared
@pytest.mark.parametrize("delivery", DELIVERIES)
def test_every_checkable_value_is_right(shared: Path, tmp_path: Path, delivery: str) -> None:
    path = shared / "data" / "vendor" / delivery
    containers = [p for p in path.iterdir() if p.suffix == ".zip"]
    folder = unpacked(containers[0], tmp_path / "in") if containers else folder_of(path)
    scene, _, facts = only(FORMAT, folder)
    assert truth(overlay(shared, delivery), facts) == {}
    assert {f.name for f in folder.walk()} == scene.claimed


@pytest.mark.shared
def test_level_1c_zip(shared: Path, tmp_path: Path) -> None:
    container = next((shared / "data" / "vendor" / "sentinel2_zip_T48LWP").glob("*.zip"))
    scene, reading, facts = only(FORMAT, unpacked(container, tmp_path / "in"))
    assert facts.get(Field.PRODUCT_ID) == "S2A_MSIL1C_20210713T032051_N0301_R032_T48LWP_20210713T054224"
    assert facts.get(Field.GRID_CODE) == "MGRS-48LWP"
    assert facts.get(Field.DECLARED_CRS) == "EPSG:32748"
    assert (facts.get(Field.RELATIVE_ORBIT), facts.get(Field.ABSOLUTE_ORBIT), facts.get(Field.ORBIT_STATE)) == (32, 31632, "descending")
    assert (facts.get(Field.PROCESSING_LEVEL), facts.get(Field.NATIONAL_LEVEL)) == ("Level-1C", "3A")
    assert facts.acquired is not None and facts.acquired.start == datetime(2021, 7, 13, 3, 21, 4, 397174, tzinfo=UTC)
    assert [r.key for r in reading.rasters[:3]] == ["B04", "B03", "B02"]
    bands = {r.key: r.bands[0] for r in reading.rasters if r.primary}
    assert len(bands) == 13
    assert (bands["B08"].scale, bands["B08"].offset, bands["B08"].common_name) == (0.0001, 0, "nir")
    assert bands["B8A"].center_wavelength == pytest.approx(0.8647, abs=0.001)
    assert {r.key: r.gsd for r in reading.rasters}["B09"] == 60
    roles = {f.basename: r for f, r in scene.files}
    assert roles["T48LWP_20210713T032051_PVI.jp2"] is FileRole.BROWSE
    assert roles["MSK_CLOUDS_B00.gml"] is FileRole.MASK
    metadata = {name for name, role in roles.items() if role is FileRole.METADATA}
    assert metadata == {"MTD_MSIL1C.xml", "MTD_TL.xml", "manifest.safe", "INSPIRE.xml"}


@pytest.mark.shared
def test_the_footprint_keeps_its_crossing_of_the_antimeridian(shared: Path) -> None:
    _, _, facts = only(FORMAT, folder_of(shared / "data" / "vendor" / DELIVERIES[2]))
    ring = facts.get(Field.FOOTPRINT)
    assert min(p[0] for p in ring if p[0] > 0) == pytest.approx(179.25695, abs=1e-4)
    assert max(p[0] for p in ring if p[0] < 0) == pytest.approx(-179.70343, abs=1e-4)
    assert {round(p[1]) for p in ring} == {-15, -16}


PRODUCT = """<n1:Level-2A_User_Product xmlns:n1="urn:x"><n1:General_Info><Product_Info>
<PRODUCT_START_TIME>2023-02-03T03:10:00.000Z</PRODUCT_START_TIME>
<PRODUCT_URI>S2B_MSIL2A_X.SAFE</PRODUCT_URI><PROCESSING_LEVEL>Level-2A</PROCESSING_LEVEL><PRODUCT_TYPE>S2MSI2A</PRODUCT_TYPE>
<Datatake datatakeIdentifier="GS2B_20230203T031000_030000_N05.09"><SPACECRAFT_NAME>Sentinel-2B</SPACECRAFT_NAME></Datatake>
</Product_Info><Product_Image_Characteristics>
<Special_Values><SPECIAL_VALUE_TEXT>NODATA</SPECIAL_VALUE_TEXT><SPECIAL_VALUE_INDEX>0</SPECIAL_VALUE_INDEX></Special_Values>
<QUANTIFICATION_VALUES_LIST><BOA_QUANTIFICATION_VALUE>10000</BOA_QUANTIFICATION_VALUE><AOT_QUANTIFICATION_VALUE>1000</AOT_QUANTIFICATION_VALUE>
</QUANTIFICATION_VALUES_LIST>
<BOA_ADD_OFFSET_VALUES_LIST><BOA_ADD_OFFSET band_id="3">-1000</BOA_ADD_OFFSET></BOA_ADD_OFFSET_VALUES_LIST>
</Product_Image_Characteristics></n1:General_Info></n1:Level-2A_User_Product>"""

TILE = """<n1:Level-2A_Tile_ID xmlns:n1="urn:x"><n1:General_Info>
<TILE_ID>S2B_OPER_MSI_L2A_TL_X_20230203T050000_A030000_T{tile}_N05.09</TILE_ID><SENSING_TIME>2023-02-03T03:20:00.500Z</SENSING_TIME>
</n1:General_Info><n1:Geometric_Info><Tile_Geocoding><HORIZONTAL_CS_CODE>EPSG:32648</HORIZONTAL_CS_CODE>
<Size resolution="10"><NROWS>10980</NROWS><NCOLS>10980</NCOLS></Size>
<Geoposition resolution="10"><ULX>600000</ULX><ULY>2400000</ULY><XDIM>10</XDIM><YDIM>-10</YDIM></Geoposition></Tile_Geocoding>
<Tile_Angles><Mean_Viewing_Incidence_Angle_List>
<Mean_Viewing_Incidence_Angle bandId="0"><ZENITH_ANGLE>4</ZENITH_ANGLE><AZIMUTH_ANGLE>359</AZIMUTH_ANGLE></Mean_Viewing_Incidence_Angle>
<Mean_Viewing_Incidence_Angle bandId="1"><ZENITH_ANGLE>5</ZENITH_ANGLE><AZIMUTH_ANGLE>3</AZIMUTH_ANGLE></Mean_Viewing_Incidence_Angle>
</Mean_Viewing_Incidence_Angle_List></Tile_Angles></n1:Geometric_Info></n1:Level-2A_Tile_ID>"""


def safe(tmp_path: Path, *tiles: str) -> Path:
    root = tmp_path / "S2B_MSIL2A_X.SAFE"
    root.mkdir()
    (root / "MTD_MSIL2A.xml").write_text(PRODUCT)
    for tile in tiles:
        granule = root / "GRANULE" / f"L2A_T{tile}_A030000"
        granule.mkdir(parents=True)
        (granule / "MTD_TL.xml").write_text(TILE.format(tile=tile))
    return root


def test_offset_and_quantification_since_baseline_4(tmp_path: Path) -> None:
    root = safe(tmp_path, "48QXJ")
    images = root / "GRANULE" / "L2A_T48QXJ_A030000" / "IMG_DATA"
    for name in ("R10m/T48QXJ_B04_10m", "R20m/T48QXJ_B04_20m", "R20m/T48QXJ_SCL_20m", "R10m/T48QXJ_AOT_10m", "R10m/T48QXJ_TCI_10m"):
        write_tiff(images / f"{name}.tif", count=3 if "TCI" in name else 1)
    (images / "R10m" / "T48QXJ_B08_10m.jp2").touch()
    _, reading, facts = only(FORMAT, folder_of(root))
    by_key = {r.key: r for r in reading.rasters}
    assert list(by_key) == ["B04", "TCI", "SCL", "AOT"]
    (red,) = by_key["B04"].bands
    assert (red.scale, red.offset, by_key["B04"].gsd, by_key["B04"].nodata) == (0.0001, -0.1, 10, 0)
    assert by_key["AOT"].bands[0].scale == 0.001
    assert (by_key["SCL"].kind, len(by_key["SCL"].categories), by_key["SCL"].primary) == (RasterKind.CATEGORICAL, 12, False)
    assert [b.common_name for b in by_key["TCI"].bands] == ["red", "green", "blue"] and not by_key["TCI"].primary
    assert facts.get(Field.VIEW_AZIMUTH) == pytest.approx(1, abs=0.01)
    assert facts.get(Field.INCIDENCE_ANGLE) == 4.5
    assert [f.code for f in reading.findings] == ["archive.band-empty"]


def test_each_granule_of_an_old_product_is_a_scene(tmp_path: Path) -> None:
    found = scenes(FORMAT, folder_of(safe(tmp_path, "48QXJ", "48QWJ")))
    facts = [settle(FORMAT.read(s).claims)[0] for s in found]
    assert sorted(f.get(Field.GRID_CODE) for f in facts) == ["MGRS-48QWJ", "MGRS-48QXJ"]
    assert len({f.get(Field.SCENE_NAME) for f in facts}) == 2
    assert {f.get(Field.PLATFORM) for f in facts} == {"Sentinel-2B"}
    west, south, east, north = box(facts[0].get(Field.FOOTPRINT))
    assert 105.9 < west < east < 107.1 and 20.6 < south < north < 21.8
    assert all(s.key.basename == "MTD_TL.xml" for s in found)


def test_a_product_file_alone_gives_its_own_time(tmp_path: Path) -> None:
    _, reading, facts = only(FORMAT, folder_of(safe(tmp_path)))
    assert facts.acquired is not None and facts.acquired.start == datetime(2023, 2, 3, 3, 10, tzinfo=UTC)
    assert reading.rasters == ()


def test_a_broken_tile_file_is_unreadable(tmp_path: Path) -> None:
    root = safe(tmp_path, "48QXJ")
    path = root / "GRANULE" / "L2A_T48QXJ_A030000" / "MTD_TL.xml"
    path.write_text(path.read_text()[:400])
    (scene,) = scenes(FORMAT, folder_of(root))
    with pytest.raises(UnreadableDelivery):
        FORMAT.read(scene)


def test_other_files_of_a_mixed_folder_stay_free(tmp_path: Path) -> None:
    root = safe(tmp_path, "48QXJ").rename(tmp_path / "mixed")
    (root / "notes.txt").write_text("x")
    write_tiff(root / "other.tif")
    (scene,) = scenes(FORMAT, folder_of(root))
    assert {"mixed/notes.txt", "mixed/other.tif"}.isdisjoint(scene.claimed)


def test_a_granule_without_its_product(tmp_path: Path) -> None:
    folder = tmp_path / "48" / "Q"
    folder.mkdir(parents=True)
    (folder / "metadata.xml").write_text(TILE.format(tile="48QXJ"))
    write_tiff(folder / "B04.tif")
    write_tiff(folder / "qi" / "MSK_DETFOO_B04.tif")
    scene, reading, facts = only(FORMAT, folder_of(tmp_path))
    assert (facts.get(Field.PLATFORM), facts.get(Field.GRID_CODE)) == ("Sentinel-2B", "MGRS-48QXJ")
    assert facts.get(Field.PROCESSING_LEVEL) == "Level-2A"
    (raster,) = reading.rasters
    assert (raster.key, raster.bands[0].common_name, raster.bands[0].scale) == ("B04", "red", None)
    assert {f.basename: r for f, r in scene.files}["MSK_DETFOO_B04.tif"] is FileRole.MASK


@pytest.mark.parametrize(("size", "kept"), [(8, True), (5, False)])
def test_a_band_that_lost_its_place_gets_it_from_the_tile(tmp_path: Path, size: int, kept: bool) -> None:
    root = safe(tmp_path, "48QXJ")
    granule = root / "GRANULE" / "L2A_T48QXJ_A030000"
    tile = (granule / "MTD_TL.xml").read_text().replace("10980", "8")
    (granule / "MTD_TL.xml").write_text(tile)
    path = granule / "IMG_DATA" / "R10m" / "T48QXJ_B04_10m.tif"
    path.parent.mkdir(parents=True)
    with (
        pytest.warns(rasterio.errors.NotGeoreferencedWarning),
        rasterio.open(path, "w", driver="GTiff", width=size, height=size, count=1, dtype="uint16") as image,
    ):
        image.write(np.ones((1, size, size), dtype="uint16"))
    _, reading, _ = only(FORMAT, folder_of(root))
    if not kept:
        assert (reading.rasters, [f.code for f in reading.findings]) == ((), ["archive.band-placeholder"])
        return
    (raster,) = reading.rasters
    assert raster.gcp_crs == "EPSG:32648"
    assert {(p.column, p.row): (p.x, p.y) for p in raster.gcps}[8, 8] == (600080, 2399920)
