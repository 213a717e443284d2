"""Rasters without vendor metadata: what belongs together, what is said of them, and what ends in a finding."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rasterio.control import GroundControlPoint as Gcp
from rasterio.crs import CRS

from catalog_builder.archive.delivery import FileRole, RasterKind, Reading, SceneFiles
from catalog_builder.archive.vendors import generic, unreadable
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.facts import Facts, Field, Origin, settle
from catalog_builder.times import Precision, When
from tests.archive.generic_kit import folder_of, snapshot, write_raster


def find(root: Path) -> list[SceneFiles]:
    return list(generic.FORMAT.find(folder_of(root)))


def one(root: Path) -> tuple[SceneFiles, Reading]:
    (scene,) = find(root)
    return scene, generic.FORMAT.read(scene)


def facts_of(reading: Reading) -> Facts:
    return settle(reading.claims)[0]


def roles(scene: SceneFiles) -> dict[str, FileRole]:
    return {f.basename: r for f, r in scene.files}


def test_a_raster_with_its_side_files_is_a_scene(tmp_path: Path) -> None:
    write_raster(tmp_path / "ortho_20210605.tif", epsg=None, count=3)
    (tmp_path / "ortho_20210605.tfw").write_text("10\n0\n0\n-10\n727005\n2319995\n")
    (tmp_path / "ortho_20210605.prj").write_text(CRS.from_epsg(32648).to_wkt())
    (tmp_path / "ortho_20210605_report.pdf").write_bytes(b"%PDF-1.4 report")
    before = snapshot(tmp_path)
    scene, reading = one(tmp_path)
    assert roles(scene) == {
        "ortho_20210605.tif": FileRole.RASTER,
        "ortho_20210605.tfw": FileRole.GEOREFERENCE,
        "ortho_20210605.prj": FileRole.GEOREFERENCE,
    }
    facts = facts_of(reading)
    assert facts.get(Field.ACQUIRED) == When.day(2021, 6, 5)
    declared = facts.claim(Field.DECLARED_CRS)
    assert declared is not None and declared.source.file == "ortho_20210605.prj"
    (source,) = reading.rasters
    assert source.kind is RasterKind.IMAGE
    assert {f.basename for f in source.sidecars} == {"ortho_20210605.tfw", "ortho_20210605.prj"}
    assert snapshot(tmp_path) == before


def test_band_files_of_one_name_are_one_scene(tmp_path: Path) -> None:
    for band in ("B02", "B03", "B8A"):
        write_raster(tmp_path / f"T48QXJ_20210605T032541_{band}_20m.tif", dtype="uint16")
    write_raster(tmp_path / "T48QXJ_20210615T032541_B02_20m.tif", dtype="uint16")
    first, second = find(tmp_path)
    reading = generic.FORMAT.read(first)
    assert [s.key for s in reading.rasters] == ["b02_20m", "b03_20m", "b8a_20m"]
    assert [s.bands[0].common_name for s in reading.rasters][:2] == ["blue", "green"]
    assert facts_of(reading).get(Field.ACQUIRED) == When.instant(datetime(2021, 6, 5, 3, 25, 41, tzinfo=UTC))
    assert [f.basename for f, _ in second.files] == ["T48QXJ_20210615T032541_B02_20m.tif"]


@pytest.mark.parametrize(
    "names", [("a_1.tif", "a_2.tif"), ("xx_red.tif", "yy_blue.tif"), ("ha_long_v1.tif", "ha_long_v2.tif"), ("tile_01.tif", "tile_02.tif")]
)
def test_numbered_files_are_not_bands(tmp_path: Path, names: tuple[str, str]) -> None:
    for name in names:
        write_raster(tmp_path / name)
    assert len(find(tmp_path)) == 2


def test_masks_and_quicklooks_belong_to_their_image(tmp_path: Path) -> None:
    write_raster(tmp_path / "20210605_aoi_ortho.tif", count=3)
    write_raster(tmp_path / "20210605_aoi_ortho_udm2.tif")
    write_raster(tmp_path / "20210605_aoi_ortho_thumb.png", epsg=None, driver="PNG")
    write_raster(tmp_path / "20210605_aoi_ortho.jpg", epsg=None, driver="JPEG")
    write_raster(tmp_path / "lonely_mask.tif")
    first, second = find(tmp_path)
    assert roles(first) == {
        "20210605_aoi_ortho.tif": FileRole.RASTER,
        "20210605_aoi_ortho_udm2.tif": FileRole.MASK,
        "20210605_aoi_ortho_thumb.png": FileRole.BROWSE,
        "20210605_aoi_ortho.jpg": FileRole.BROWSE,
    }
    assert roles(second) == {"lonely_mask.tif": FileRole.RASTER}


def test_a_picture_with_its_own_world_file_is_a_scene(tmp_path: Path) -> None:
    write_raster(tmp_path / "a.tif")
    write_raster(tmp_path / "a.jpg", epsg=None, driver="JPEG")
    (tmp_path / "a.jgw").write_text("1\n0\n0\n-1\n0\n0\n")
    assert {s.key.basename for s in find(tmp_path)} == {"a.tif", "a.jpg"}


@pytest.mark.parametrize(
    ("name", "settings", "kind"),
    [
        ("DTM_2m.tif", {"dtype": "float32"}, RasterKind.ELEVATION),
        ("ortho_dsm.tif", {"dtype": "int16"}, RasterKind.ELEVATION),
        ("dem_hillshade.tif", {}, RasterKind.IMAGE),
        ("ndvi.tif", {"dtype": "float32"}, RasterKind.IMAGE),
        ("landcover_2020.tif", {}, RasterKind.CATEGORICAL),
        ("LandCover.tif", {"dtype": "float32"}, RasterKind.IMAGE),
        ("slc.tif", {"dtype": "complex64"}, RasterKind.SAR),
        ("umbra_x.tif", {}, RasterKind.SAR),
        ("phim_7156.tif", {"epsg": None}, RasterKind.SCAN),
        ("phim_7156.tif", {}, RasterKind.IMAGE),
        ("frame_1967.tif", {"epsg": None}, RasterKind.SCAN),
        ("frame_2019.tif", {"epsg": None}, RasterKind.IMAGE),
    ],
)
def test_kinds(tmp_path: Path, name: str, settings: dict[str, object], kind: RasterKind) -> None:
    write_raster(tmp_path / name, **settings)  # type: ignore[arg-type]
    assert one(tmp_path)[1].rasters[0].kind is kind


def test_srtm_tile_is_elevation_placed_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "N21E107.hgt").write_bytes(b"\x00\x05" * 1201 * 1201)
    (tmp_path / "notes.hgt").write_bytes(b"\x00\x05" * 10)
    scene, reading = one(tmp_path)
    assert scene.key.basename == "N21E107.hgt"
    assert reading.rasters[0].kind is RasterKind.ELEVATION


def test_palette_is_categorical_and_scanner_resolution_a_scan(tmp_path: Path) -> None:
    write_raster(tmp_path / "a.tif", photometric="palette")
    assert one(tmp_path)[1].rasters[0].kind is RasterKind.CATEGORICAL
    tags = {
        "TIFFTAG_XRESOLUTION": "600",
        "TIFFTAG_YRESOLUTION": "600",
        "TIFFTAG_RESOLUTIONUNIT": "2",
        "TIFFTAG_DATETIME": "2014:05:06 07:08:09",
    }
    write_raster(tmp_path / "a.tif", epsg=None, tags=tags)
    _, reading = one(tmp_path)
    assert reading.rasters[0].kind is RasterKind.SCAN
    facts = facts_of(reading)
    assert facts.get(Field.SCAN_DPI) == 600
    assert facts.get(Field.ACQUIRED) is None  # the scanner's clock is not the camera's
    assert facts.get(Field.PRODUCED) == When.day(2014, 5, 6)
    assert [f.code for f in reading.findings] == ["archive.tag-date-not-acquisition"]


def test_gcps_inside_the_raster_are_handed_on(tmp_path: Path) -> None:
    points = [Gcp(row=r, col=c, x=107 + c / 1000, y=21 - r / 1000) for r, c in ((0, 0), (0, 40), (30, 40), (30, 0))]
    write_raster(tmp_path / "a.tif", epsg=None, gcps=points, crs=CRS.from_epsg(4326))
    (source,) = one(tmp_path)[1].rasters
    assert [(g.column, g.row, g.enabled) for g in source.gcps] == [(0, 0, True), (40, 0, True), (40, 30, True), (0, 30, True)]
    assert CRS.from_wkt(source.gcp_crs or "").to_epsg() == 4326


@pytest.mark.parametrize(
    ("tags", "when"),
    [
        ({"EXIF_DateTimeOriginal": "2021:06:05 10:20:30"}, When.day(2021, 6, 5)),
        (
            {"EXIF_DateTimeOriginal": "2021:06:05 02:20:30", "EXIF_OffsetTimeOriginal": "+07:00"},
            When.instant(datetime(2021, 6, 4, 19, 20, 30, tzinfo=UTC)),
        ),
        (
            {"EXIF_DateTimeOriginal": "2021:06:05 10:20:30", "EXIF_GPSDateStamp": "2021:06:05", "EXIF_GPSTimeStamp": "(3) (20) (31)"},
            When.instant(datetime(2021, 6, 5, 3, 20, 31, tzinfo=UTC)),
        ),
        ({"EXIF_DateTimeOriginal": "1970:01:01 00:00:00"}, None),
        ({"EXIF_DateTimeOriginal": "0000:00:00 00:00:00"}, None),
    ],
)
def test_camera_time(tmp_path: Path, tags: dict[str, str], when: When | None) -> None:
    write_raster(tmp_path / "DJI_0001.tif", count=3, tags={"EXIF_Make": "DJI", "EXIF_Model": "FC6310", **tags})
    facts = facts_of(one(tmp_path)[1])
    assert facts.get(Field.ACQUIRED) == when
    assert facts.get(Field.CAMERA) == "DJI FC6310"


def test_layers_about_the_image_do_not_stand_for_it(tmp_path: Path) -> None:
    for word in ("B4", "BQA"):
        write_raster(tmp_path / f"LC81270452013335LGN00_{word}.TIF", dtype="uint16")
    _, reading = one(tmp_path)
    assert [(s.key, s.primary, s.kind) for s in reading.rasters] == [("b4", True, RasterKind.IMAGE), ("bqa", False, RasterKind.CATEGORICAL)]
    assert reading.rasters[0].bands[0].common_name == "red"


def test_one_band_of_a_known_sensor_is_described(tmp_path: Path) -> None:
    write_raster(tmp_path / "T48QXJ_20210605T032541_B08_10m.tif", dtype="uint16")
    (source,) = one(tmp_path)[1].rasters
    assert source.key == "image" and source.bands[0].common_name == "nir"


@pytest.mark.parametrize(
    ("tags", "when"),
    [
        ({"acquisition_date": "2021-06-05"}, When.day(2021, 6, 5)),
        ({"ACQUISITION_DATETIME": "2021-06-05T03:20:31Z"}, When.instant(datetime(2021, 6, 5, 3, 20, 31, tzinfo=UTC))),
        ({"acquisition_date": "N/A"}, None),
        ({"acquisition_date": "0001-01-01"}, None),
        ({"acquisition_date": "05/06/2021"}, None),
        ({"DATE": "2021-06-05"}, None),
    ],
)
def test_tags_that_say_acquisition(tmp_path: Path, tags: dict[str, str], when: When | None) -> None:
    write_raster(tmp_path / "a.tif", tags=tags)
    assert facts_of(one(tmp_path)[1]).get(Field.ACQUIRED) == when


def test_envi_header_fields(tmp_path: Path) -> None:
    write_raster(tmp_path / "a.img", driver="ENVI")
    header = tmp_path / "a.hdr"
    header.write_text(
        header.read_text()
        + "acquisition time = 2005-02-24T12:00:01Z\nsensor type = QuickBird\ncloud cover = 12.5\nsun azimuth = 400\nsun elevation = 55\n"
    )
    facts = facts_of(one(tmp_path)[1])
    assert facts.get(Field.ACQUIRED) == When.instant(datetime(2005, 2, 24, 12, 0, 1, tzinfo=UTC))
    assert facts.get(Field.PLATFORM) == "QuickBird-2" and facts.get(Field.CLOUD_COVER) == 12.5
    assert facts.get(Field.SUN_AZIMUTH) is None and facts.get(Field.SUN_ELEVATION) == 55


def test_tab_points_that_are_no_grid_are_handed_on(tmp_path: Path) -> None:
    write_raster(tmp_path / "a.png", epsg=None, driver="PNG")
    (tmp_path / "a.tab").write_text(
        'Definition Table\n File "a.png"\n Type "RASTER"\n (727000,2320000) (0,0) Label "1",\n (727400,2320010) (40,0) Label "2",\n'
        ' (727390,2319700) (40,30) Label "3",\n (727020,2319690) (0,30) Label "4"\n'
        ' CoordSys Earth Projection 8, 104, "m", 105, 0, 0.9996, 500000, 0\n'
    )
    _, reading = one(tmp_path)
    (source,) = reading.rasters
    assert len(source.gcps) == 4 and source.gcps[1].x == 727400 and source.gcp_crs
    assert facts_of(reading).get(Field.DECLARED_CRS)


def test_nitf_dates_are_doubted(tmp_path: Path) -> None:
    write_raster(tmp_path / "wv3_x.ntf", driver="NITF", epsg=None, dtype="uint16", IDATIM="20110203040506")
    _, reading = one(tmp_path)
    assert facts_of(reading).get(Field.ACQUIRED) is None
    assert [f.code for f in reading.findings] == ["archive.date-before-platform"]
    write_raster(tmp_path / "wv3_x.ntf", driver="NITF", epsg=None, dtype="uint16", IDATIM="20210203040506")
    _, reading = one(tmp_path)
    assert facts_of(reading).get(Field.ACQUIRED) == When.instant(datetime(2021, 2, 3, 4, 5, 6, tzinfo=UTC))
    write_raster(tmp_path / "wv3_x.ntf", driver="NITF", epsg=None, dtype="uint16", FSCLAS="S")
    assert "archive.nitf-classified" in [f.code for f in one(tmp_path)[1].findings]


def test_fgdc_beside_the_image(tmp_path: Path) -> None:
    write_raster(tmp_path / "m_2110645_ne_48_1_20200415.tif", count=4)
    (tmp_path / "m_2110645_ne_48_1_20200415_20200730.xml").write_text(
        "<metadata><idinfo><citation><citeinfo><title>m_2110645_ne_48_1_20200415.tif</title></citeinfo></citation>"
        "<timeperd><timeinfo><sngdate><caldate>20200420</caldate></sngdate></timeinfo><current>ground condition</current></timeperd>"
        "<spdom><bounding><westbc>107</westbc><eastbc>107.1</eastbc><northbc>21</northbc><southbc>20.9</southbc></bounding></spdom></idinfo>"
        "<spref><horizsys><planar><gridsys><utm><utmzone>11</utmzone></utm></gridsys></planar><geodetic>"
        "<horizdn>North American Datum of 1983</horizdn></geodetic></horizsys></spref></metadata>"
    )
    scene, reading = one(tmp_path)
    assert roles(scene)["m_2110645_ne_48_1_20200415_20200730.xml"] is FileRole.METADATA
    facts, conflicts = settle(reading.claims)
    assert facts.get(Field.ACQUIRED) == When.day(2020, 4, 20)
    assert facts.get(Field.SCENE_NAME) == "m_2110645_ne_48_1_20200415"
    assert facts.get(Field.DECLARED_CRS) == "EPSG:26911"
    assert facts.get(Field.CORNERS) == ((107, 21), (107.1, 21), (107.1, 20.9), (107, 20.9))
    assert [c.kept.field for c in conflicts] == [Field.ACQUIRED]  # the name says five days before


def test_publication_date_of_fgdc_is_not_acquisition(tmp_path: Path) -> None:
    write_raster(tmp_path / "a.tif")
    (tmp_path / "a.xml").write_text(
        "<metadata><idinfo><timeperd><timeinfo><sngdate><caldate>20200416</caldate></sngdate></timeinfo>"
        "<current>publication date</current></timeperd></idinfo></metadata>"
    )
    assert facts_of(one(tmp_path)[1]).get(Field.ACQUIRED) is None


def test_register_tells_the_only_instrument(tmp_path: Path) -> None:
    write_raster(tmp_path / "VNREDSat-1_ha_long.tif", count=4)
    facts = facts_of(one(tmp_path)[1])
    claim = facts.claim(Field.INSTRUMENTS)
    assert claim is not None and claim.value == ("NAOMI",) and claim.source.origin is Origin.REGISTRY


def test_name_from_before_the_launch_is_not_believed(tmp_path: Path) -> None:
    write_raster(tmp_path / "wv3_20010203.tif")
    _, reading = one(tmp_path)
    assert facts_of(reading).get(Field.ACQUIRED) is None
    assert [f.code for f in reading.findings] == ["archive.date-before-platform"]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.tif", b"", "archive.raster-empty"),
        ("a.tif", b"<html><body>Not found</body></html>", "archive.raster-not-recognised"),
        ("a.jp2", b"\x00" * 100, "archive.raster-not-recognised"),
        ("a", b"II*\x00" + b"\xff" * 100, "archive.raster-unreadable"),
    ],
)
def test_broken_images_end_in_a_finding(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(content)
    (scene,) = find(tmp_path)
    with pytest.raises(UnreadableDelivery) as caught:
        generic.FORMAT.read(scene)
    assert [f.code for f in caught.value.findings] == [code]


def test_junk_is_no_scene(tmp_path: Path) -> None:
    for name in ("Thumbs.db", "readme.txt", "report.pdf", "x.xml", "notes", "a.shp", "._a.tif"):
        (tmp_path / name).write_bytes(b"II*\x00" if name.startswith("._") else b"some text")
    assert find(tmp_path) == []


def test_wrong_ending_is_remarked(tmp_path: Path) -> None:
    write_raster(tmp_path / "a.jpg", epsg=None, driver="JPEG").rename(tmp_path / "a.tif")
    assert [f.code for f in one(tmp_path)[1].findings] == ["archive.raster-wrong-name"]


def test_foreign_formats_are_named_never_skipped(tmp_path: Path) -> None:
    contents = {
        "a.ecw": b"e\x02\x02" + b"\x00" * 50,
        "b.sid": b"msid\x01\x00",
        "c.hdf": b"\x0e\x03\x13\x01" + b"\x00" * 50,
        "d.h5": b"\x89HDF\r\n\x1a\n" + b"\x00" * 50,
        "e.nc": b"CDF\x01" + b"\x00" * 50,
        "f.vrt": b"<VRTDataset rasterXSize='1' rasterYSize='1'/>",
        "g.xml": b"<GDAL_WMS><Service/></GDAL_WMS>",
        "h.tif": b"msid\x01\x00",
        "i.pdf": b"%PDF-1.6 << /Type /Viewport /Measure << /Subtype /GEO /GPTS [1 2] >> >>",
        "plain.pdf": b"%PDF-1.4 a letter",
        "k.rrd": b"EHFA_HEADER_TAG" + b"\x00" * 50,
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    for name, kind in (("tiles.gpkg", "tiles"), ("vector.gpkg", "features")):
        with sqlite3.connect(tmp_path / name) as base:
            base.execute("CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT)")
            base.execute("INSERT INTO gpkg_contents VALUES ('x', ?)", (kind,))
        base.close()
    before = snapshot(tmp_path)
    codes = {}
    for scene in unreadable.FORMAT.find(folder_of(tmp_path)):
        with pytest.raises(UnreadableDelivery) as caught:
            unreadable.FORMAT.read(scene)
        (finding,) = caught.value.findings
        codes[scene.key.basename] = (finding.code, finding.params["format"])
    convert, refused = "archive.convert-first", "archive.refused-format"
    assert codes == {
        "a.ecw": (convert, "ECW"),
        "b.sid": (convert, "MrSID"),
        "c.hdf": (convert, "HDF4"),
        "d.h5": (convert, "HDF5 / netCDF-4"),
        "e.nc": (convert, "netCDF"),
        "f.vrt": (refused, "VRT"),
        "g.xml": (refused, "WMS"),
        "h.tif": (convert, "MrSID"),
        "i.pdf": (convert, "GeoPDF"),
        "k.rrd": (convert, "ERDAS IMAGINE .rrd (overviews without their .img)"),
        "tiles.gpkg": (convert, "GeoPackage / MBTiles"),
    }
    assert snapshot(tmp_path) == before
    assert find(tmp_path) == []


@pytest.mark.shared
@pytest.mark.parametrize(
    ("sample", "platform"),
    [
        ("vendor/qb2_rpc_tif", "QuickBird-2"),
        ("vendor/umbra_sar", "Umbra"),
        ("vendor/wv3_nitf", "WorldView-3"),
        ("vendor/s1_slc_complex", "Sentinel-1A"),
    ],
)
def test_samples_without_a_date_stay_without_a_date(shared: Path, sample: str, platform: str) -> None:
    facts = facts_of(one(shared / "data" / sample)[1])
    assert facts.get(Field.ACQUIRED) is None
    assert facts.get(Field.PLATFORM) == platform


@pytest.mark.shared
@pytest.mark.parametrize(
    ("sample", "when", "platform"),
    [
        ("vendor/landsat7_everest", When.day(2000, 10, 30), "Landsat-7"),
        ("vendor/s2_l2a_b01_60m", When.day(2022, 6, 20), "Sentinel-2A"),
        ("vendor/naip_2020", When.day(2020, 4, 15), None),
        ("derived/scan_tfw", When.year(1967), None),
    ],
)
def test_samples_dated_by_their_names(shared: Path, sample: str, when: When, platform: str | None) -> None:
    facts = facts_of(one(shared / "data" / sample)[1])
    assert facts.get(Field.ACQUIRED) == when
    assert facts.get(Field.PLATFORM) == platform


@pytest.mark.shared
def test_every_shared_raster_ends_in_a_reading_or_a_finding(shared: Path) -> None:
    scenes = 0
    for name in ("rasters", "uav", "dem", "scanned_aerial", "derived/scan_tfw", "derived/vn2000", "hostile", "hostile/gdal_corpus"):
        folder = folder_of(shared / "data" / name)
        taken = {f for s in unreadable.FORMAT.find(folder) for f in s.claimed}
        for scene in generic.FORMAT.find(folder):
            scenes += 1
            try:
                reading = generic.FORMAT.read(scene)
            except UnreadableDelivery as problem:
                assert problem.findings
                continue
            assert reading.rasters
            when = settle(reading.claims)[0].acquired
            assert when is None or when.precision in Precision
        assert taken.isdisjoint({s.key.name for s in generic.FORMAT.find(folder)})
    assert scenes > 80
