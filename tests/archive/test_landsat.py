"""Landsat deliveries of every generation: what the MTL says, and only that."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog_builder.archive.delivery import FileRole, RasterKind
from catalog_builder.archive.vendors.landsat import FORMAT
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.facts import Field, Origin, settle
from catalog_builder.times import Precision
from tests.archive.public_samples import folder_of, only, overlay, scenes, truth, unpacked, write_tiff

DELIVERIES = (
    *("landsat8_c2l2_008059", "landsat_mss", "landsat9_c2l1_tar", "landsat5_c1_targz"),
    *("landsat7_c2l2", "landsat5_1988_precollection", "landsat_mtl_min"),
)


@pytest.mark.shared
@pytest.mark.parametrize("delivery", DELIVERIES)
def test_every_checkable_value_is_right(shared: Path, tmp_path: Path, delivery: str) -> None:
    path = shared / "data" / "vendor" / delivery
    containers = [p for p in path.iterdir() if ".tar" in p.name]
    folder = unpacked(containers[0], tmp_path / "in") if containers else folder_of(path)
    scene, _, facts = only(FORMAT, folder)
    assert truth(overlay(shared, delivery), facts) == {}
    assert {f.name for f in folder.files} == scene.claimed


@pytest.mark.shared
def test_collection_2_level_2(shared: Path) -> None:
    scene, reading, facts = only(FORMAT, folder_of(shared / "data" / "vendor" / "landsat8_c2l2_008059"))
    assert facts.get(Field.PRODUCT_ID) == "LC08_L2SP_008059_20191201_20200825_02_T1"
    assert facts.get(Field.GRID_CODE) == "WRS2-008059"
    assert (facts.get(Field.PROCESSING_LEVEL), facts.get(Field.NATIONAL_LEVEL)) == ("L2SP", "3A")
    assert facts.get(Field.DECLARED_CRS) == "EPSG:32618"
    assert facts.get(Field.CORNERS)[0] == (-76.09465, 2.49387)
    assert facts.get(Field.SOFTWARE) == "LPGS_15.3.1c"
    assert facts.get(Field.PRODUCED).start == datetime(2020, 8, 25, 0, 59, 51, tzinfo=UTC)
    by_key = {r.key: r for r in reading.rasters}
    assert [r.key for r in reading.rasters][:3] == ["SR_B4", "SR_B3", "SR_B2"]
    (red,) = by_key["SR_B4"].bands
    assert (red.common_name, red.scale, red.offset, red.unit) == ("red", 2.75e-05, -0.2, "1")
    (heat,) = by_key["ST_B10"].bands
    assert (heat.scale, heat.offset, heat.unit) == (0.00341802, 149.0, "K")
    assert (by_key["QA_PIXEL"].kind, by_key["QA_PIXEL"].primary) == (RasterKind.CATEGORICAL, False)
    assert by_key["ST_QA"].bands[0].unit == "K" and not by_key["ST_QA"].primary
    roles = {f.basename.removeprefix("LC08_L2SP_008059_20191201_20200825_02_T1_"): r for f, r in scene.files}
    assert (roles["ANG.txt"], roles["thumb_large.jpeg"], roles["SR_stac.json"]) == (FileRole.METADATA, FileRole.BROWSE, FileRole.METADATA)


@pytest.mark.shared
def test_level_1_gives_reflectance_and_the_pan_pixel(shared: Path, tmp_path: Path) -> None:
    tar = next((shared / "data" / "vendor" / "landsat9_c2l1_tar").glob("*.tar"))
    _, reading, facts = only(FORMAT, unpacked(tar, tmp_path / "in"))
    gsd = facts.claim(Field.GSD)
    assert gsd is not None and (gsd.value, gsd.source.locator) == (15, "GRID_CELL_SIZE_PANCHROMATIC")
    bands = {r.key: r.bands[0] for r in reading.rasters}
    assert (bands["B4"].scale, bands["B4"].offset) == (2e-05, -0.1)
    assert bands["B10"].unit == "W/(m2.sr.um)"
    assert bands["SZA"].unit == "degree"


@pytest.mark.shared
def test_before_the_collections(shared: Path) -> None:
    _, reading, facts = only(FORMAT, folder_of(shared / "data" / "vendor" / "landsat5_1988_precollection"))
    assert facts.get(Field.PRODUCT_ID) == "LT52240631988227CUB02"
    assert facts.get(Field.NATIONAL_LEVEL) == "3A"
    assert facts.get(Field.GEOMETRIC_RMSE) == 4.347
    bands = {r.key: r.bands[0] for r in reading.rasters}
    assert (bands["B3"].common_name, bands["B3"].scale, bands["B3"].offset) == ("red", 1.044, -2.21398)


def write_mtl(folder: Path, *lines: str, name: str = "LC08_X_MTL.txt") -> Path:
    folder.mkdir(exist_ok=True)
    text = "\n".join(
        ["GROUP = L1_METADATA_FILE", "  GROUP = PRODUCT_METADATA", *lines, "  END_GROUP = PRODUCT_METADATA", "END_GROUP", "END"]
    )
    (folder / name).write_text(text)
    return folder


def test_an_impossible_date_is_a_finding_and_no_claim(tmp_path: Path) -> None:
    folder = write_mtl(tmp_path / "d", "DATE_ACQUIRED = 2015-02-31", "SCENE_CENTER_TIME = 03:00:00Z", "SPACECRAFT_ID = LANDSAT_8")
    _, reading, facts = only(FORMAT, folder_of(folder))
    assert facts.acquired is None
    assert [f.code for f in reading.findings] == ["archive.bad-value"]


def test_a_date_without_a_time_is_a_day(tmp_path: Path) -> None:
    _, _, facts = only(FORMAT, folder_of(write_mtl(tmp_path / "d", "DATE_ACQUIRED = 2015-02-28")))
    assert facts.acquired is not None and facts.acquired.precision is Precision.DAY


@pytest.mark.parametrize("cloud", ["-1", "-1.00", "-999", "101"])
def test_unknown_cloud_is_not_claimed(tmp_path: Path, cloud: str) -> None:
    _, _, facts = only(FORMAT, folder_of(write_mtl(tmp_path / "d", f"CLOUD_COVER = {cloud}", "DATE_ACQUIRED = 2015-02-28")))
    assert facts.get(Field.CLOUD_COVER) is None


def test_copies_that_disagree_are_a_conflict(tmp_path: Path) -> None:
    folder = write_mtl(tmp_path / "d", "CLOUD_COVER = 10", "SPACECRAFT_ID = LANDSAT_8")
    (folder / "LC08_X_MTL.json").write_text(json.dumps({"LANDSAT_METADATA_FILE": {"IMAGE_ATTRIBUTES": {"CLOUD_COVER": 80}}}))
    (scene,) = scenes(FORMAT, folder_of(folder))
    facts, conflicts = settle(FORMAT.read(scene).claims)
    assert facts.get(Field.CLOUD_COVER) == 10
    assert [c.other.value for c in conflicts] == [80]


def test_a_broken_copy_does_not_stop_the_scene(tmp_path: Path) -> None:
    folder = write_mtl(tmp_path / "d", "CLOUD_COVER = 10")
    (folder / "LC08_X_MTL.xml").write_text("<LANDSAT_METADATA_FILE><IMAGE")
    _, reading, facts = only(FORMAT, folder_of(folder))
    assert facts.get(Field.CLOUD_COVER) == 10
    assert [f.code for f in reading.findings] == ["archive.metadata-copy-unreadable"]


def test_nothing_readable_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "LC08_X_MTL.json").write_text('{"LANDSAT_METADATA_FILE": ')
    (scene,) = scenes(FORMAT, folder_of(tmp_path))
    with pytest.raises(UnreadableDelivery):
        FORMAT.read(scene)


def test_the_keys_of_old_mtl_files(tmp_path: Path) -> None:
    folder = write_mtl(
        tmp_path / "d",
        *('SPACECRAFT_ID = "Landsat7"', 'SENSOR_ID = "ETM+"', "ACQUISITION_DATE = 2000-09-13", "SCENE_CENTER_SCAN_TIME = 03:01:30.9Z"),
        *('PRODUCT_TYPE = "L1T"', "WRS_PATH = 127", "STARTING_ROW = 45", 'BAND3_FILE_NAME = "L71127045_04520000913_B30.TIF"'),
        *('BAND61_FILE_NAME = "L71127045_04520000913_B61.TIF"', "PRODUCT_UL_CORNER_LAT = 22", "PRODUCT_UL_CORNER_LON = 105"),
        *("PRODUCT_UR_CORNER_LAT = 22", "PRODUCT_UR_CORNER_LON = 107", "PRODUCT_LL_CORNER_LAT = 20", "PRODUCT_LL_CORNER_LON = 105"),
        *("PRODUCT_LR_CORNER_LAT = 20", "PRODUCT_LR_CORNER_LON = 107"),
        name="L71127045_04520000913_MTL.txt",
    )
    for name in ("L71127045_04520000913_B30.TIF", "L71127045_04520000913_B61.TIF"):
        write_tiff(folder / name, dtype="uint8")
    _, reading, facts = only(FORMAT, folder_of(folder))
    assert (facts.get(Field.PLATFORM), facts.get(Field.INSTRUMENTS), facts.get(Field.GRID_CODE)) == ("Landsat-7", ("ETM+",), "WRS2-127045")
    assert facts.acquired is not None and facts.acquired.start == datetime(2000, 9, 13, 3, 1, 30, 900000, tzinfo=UTC)
    assert facts.get(Field.CORNERS) == ((105, 22), (107, 22), (107, 20), (105, 20))
    assert facts.get(Field.NATIONAL_LEVEL) == "3A"
    assert {r.key: r.bands[0].common_name for r in reading.rasters} == {"B3": "red", "B61": "lwir"}


def test_a_three_band_file_keeps_no_description_of_one_band(tmp_path: Path) -> None:
    folder = write_mtl(tmp_path / "d", "SPACECRAFT_ID = LANDSAT_8", "SENSOR_ID = OLI_TIRS")
    write_tiff(folder / "LC08_X_B4.TIF", count=3)
    (folder / "LC08_X_B5.TIF").touch()
    _, reading, facts = only(FORMAT, folder_of(folder))
    assert [r.bands for r in reading.rasters] == [()]
    assert sorted(f.code for f in reading.findings) == ["archive.band-empty", "archive.bands-differ"]
    gsd = facts.claim(Field.GSD)
    assert gsd is not None and gsd.value == 30 and gsd.source.origin is Origin.REGISTRY and not gsd.unverified


def test_other_text_files_are_not_landsat(tmp_path: Path) -> None:
    (tmp_path / "SOMETHING_MTL.txt").write_text("a = b")
    assert scenes(FORMAT, folder_of(tmp_path)) == []


def test_two_scenes_of_one_folder_keep_their_files(tmp_path: Path) -> None:
    for name in ("LC08_A", "LC08_B"):
        write_mtl(tmp_path, f"LANDSAT_SCENE_ID = {name}", name=f"{name}_MTL.txt")
        write_tiff(tmp_path / f"{name}_B4.TIF")
    found = scenes(FORMAT, folder_of(tmp_path))
    assert [sorted(f.basename for f, _ in s.files) for s in found] == [
        ["LC08_A_B4.TIF", "LC08_A_MTL.txt"],
        ["LC08_B_B4.TIF", "LC08_B_MTL.txt"],
    ]


def test_surface_reflectance_beside_a_level_1_mtl_gets_no_rescaling_of_level_1(tmp_path: Path) -> None:
    lines = (
        "SPACECRAFT_ID = LANDSAT_8",
        "SENSOR_ID = OLI_TIRS",
        "DATA_TYPE = L1TP",
        "REFLECTANCE_MULT_BAND_4 = 2E-5",
        "REFLECTANCE_ADD_BAND_4 = -0.1",
    )
    folder = write_mtl(tmp_path / "d", *lines)
    write_tiff(folder / "LC08_X_sr_band4.tif")
    write_tiff(folder / "LC08_X_B4.tif")
    _, reading, _ = only(FORMAT, folder_of(folder))
    assert {r.key: (r.bands[0].common_name, r.bands[0].scale) for r in reading.rasters} == {"B4": ("red", 2e-5), "sr_band4": ("red", None)}
