"""Scanned photographs and maps become scenes with control points and what the index table says."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog_builder.archive.delivery import FileRole, GroundControlPoint, RasterKind, Reading, SceneFiles
from catalog_builder.archive.vendors.scans import FORMAT
from catalog_builder.facts import Field, Origin, settle
from catalog_builder.times import When
from tests.archive.generic_kit import folder_of, snapshot, write_raster

DPI = {"TIFFTAG_XRESOLUTION": "1200", "TIFFTAG_YRESOLUTION": "1200", "TIFFTAG_RESOLUTIONUNIT": "2"}
POINTS = """#CRS: EPSG:3405
mapX,mapY,sourceX,sourceY,enable
727000,2320000,0,0,1
727400,2320000,40,0,1
727400,2319700,40,-30,1
727200,2319850,20,-15,0
"""


def scenes(root: Path) -> list[tuple[SceneFiles, Reading]]:
    return [(s, FORMAT.read(s)) for s in FORMAT.find(folder_of(root))]


def test_points_beside_an_image(tmp_path: Path) -> None:
    write_raster(tmp_path / "ban_do_1965.jpg", epsg=None, driver="JPEG")
    (tmp_path / "ban_do_1965.jpg.points").write_text(POINTS)
    write_raster(tmp_path / "other.tif")
    before = snapshot(tmp_path)
    ((scene, reading),) = scenes(tmp_path)
    assert {f.basename: r for f, r in scene.files} == {"ban_do_1965.jpg": FileRole.RASTER, "ban_do_1965.jpg.points": FileRole.GEOREFERENCE}
    (source,) = reading.rasters
    assert source.kind is RasterKind.SCAN and source.gcp_crs == "EPSG:3405"
    assert source.gcps[0] == GroundControlPoint(0, 0, 727000, 2320000)
    assert [g.enabled for g in source.gcps] == [True, True, True, False]
    assert source.gcps[2].row == 30
    assert settle(reading.claims)[0].get(Field.ACQUIRED) == When.year(1965)
    assert reading.findings == ()
    assert snapshot(tmp_path) == before


def test_too_few_points_and_no_crs_are_reported(tmp_path: Path) -> None:
    write_raster(tmp_path / "a.tif", epsg=None)
    (tmp_path / "a.points").write_text("mapX,mapY,pixelX,pixelY,enable\n1,2,3,-4,1\n5,6,7,-8,1\n9,9,9,-9,0\n")
    ((_, reading),) = scenes(tmp_path)
    assert {f.code for f in reading.findings} == {"archive.points-too-few", "archive.points-without-crs"}
    assert len(reading.rasters[0].gcps) == 3


def test_broken_points_leave_the_scan(tmp_path: Path) -> None:
    write_raster(tmp_path / "a.tif", epsg=None)
    (tmp_path / "a.points").write_text("nothing of use")
    ((_, reading),) = scenes(tmp_path)
    assert [f.code for f in reading.findings] == ["archive.sidecar-unreadable"]
    assert reading.rasters[0].gcps == ()


def test_index_table_above_the_frames(tmp_path: Path) -> None:
    for frame in (56, 57, 99):
        write_raster(tmp_path / "phim" / f"KD71_{frame:04d}.tif", epsg=None, tags=DPI)
    (tmp_path / "danh_muc.csv").write_text(
        "Số cuộn;Số ảnh;Ngày chụp;Tỷ lệ;Tiêu cự\nKD71;56;05/06/1967;1:20000;152,4\nKD71;57;05/06/1967;1:20000;152,4\n", encoding="utf-8"
    )
    found = scenes(tmp_path)
    assert [s.key.name for s, _ in found] == ["phim/KD71_0056.tif", "phim/KD71_0057.tif"]
    scene, reading = found[0]
    assert ("danh_muc.csv", FileRole.METADATA) in [(f.name, r) for f, r in scene.files]
    facts, _ = settle(reading.claims)
    assert facts.get(Field.ACQUIRED) == When.day(1967, 6, 5)
    assert facts.get(Field.FRAME) == "56" and facts.get(Field.PHOTO_SCALE) == 20000 and facts.get(Field.SCAN_DPI) == 1200
    frame = facts.claim(Field.FRAME)
    assert frame is not None and frame.source.origin is Origin.METADATA and frame.source.file == "danh_muc.csv"


def test_points_and_table_meet_in_one_scene(tmp_path: Path) -> None:
    write_raster(tmp_path / "KD71_0056.tif", epsg=None)
    (tmp_path / "KD71_0056.tif.points").write_text(POINTS)
    (tmp_path / "index.csv").write_text("file,roll,frame,date\nKD71_0056.tif,KD71,56,1967-06-05\n")
    ((_, reading),) = scenes(tmp_path)
    assert len(reading.rasters[0].gcps) == 4
    assert settle(reading.claims)[0].get(Field.FILM_ROLL) == "KD71"


def test_table_wins_over_the_name_and_the_conflict_shows(tmp_path: Path) -> None:
    write_raster(tmp_path / "KD71_56_1968.tif", epsg=None)
    (tmp_path / "index.csv").write_text("roll,frame,date\nKD71,56,1967-06-05\n")
    ((_, reading),) = scenes(tmp_path)
    facts, conflicts = settle(reading.claims)
    assert facts.get(Field.ACQUIRED) == When.day(1967, 6, 5)
    assert [c.kept.field for c in conflicts] == [Field.ACQUIRED]


def test_tables_of_other_things_make_no_scenes(tmp_path: Path) -> None:
    write_raster(tmp_path / "a.tif")
    (tmp_path / "stations.csv").write_text("station,value\na,1\n")
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04...")
    assert scenes(tmp_path) == []


@pytest.mark.shared
def test_shared_scan_with_points(shared: Path) -> None:
    ((_, reading),) = scenes(shared / "data/derived/scan_points")
    (source,) = reading.rasters
    assert source.gcp_crs == "EPSG:4326"
    assert len(source.gcps) == 5 and sum(g.enabled for g in source.gcps) == 4
    assert source.gcps[0] == GroundControlPoint(10, 10, 106.75, 21.0)
    assert all(106.75 <= g.x <= 106.95 and 20.86 <= g.y <= 21.0 for g in source.gcps)
