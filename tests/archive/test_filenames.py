"""What names say: mission conventions, plain dates, lone years, and nothing where a name can be read in two ways."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog_builder.archive.delivery import ArchiveFile
from catalog_builder.archive.filename_parts import sentinel2_day
from catalog_builder.archive.filenames import NameReading, fold, is_scan_name, may_be_dated_by_year, name_claims, read_name, words
from catalog_builder.facts import Field, Origin
from catalog_builder.times import Precision, When


def read(name: str, *, lone_year: bool = False) -> NameReading:
    return read_name(ArchiveFile(Path(name), name, 1, 1), lone_year=lone_year)


def said(name: str, field: Field) -> object:
    return next((c.value for c in read(name, lone_year=True).claims if c.field is field), None)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "when", "platform"),
    [
        ("S2B_MSIL2A_20230105T032129_N0509_R118_T48QXJ_20230105T061712.tif", When.instant(utc(2023, 1, 5, 3, 21, 29)), "Sentinel-2B"),
        ("S2A_MSIL1C_20200717T221941_R029_T01LAC_20200717T234135_B02.jp2", When.instant(utc(2020, 7, 17, 22, 19, 41)), "Sentinel-2A"),
        ("T48QXJ_20210605T032541_B04_10m.jp2", When.instant(utc(2021, 6, 5, 3, 25, 41)), None),
        ("LC08_L1TP_127045_20131201_20170428_01_T1_B4.TIF", When.day(2013, 12, 1), "Landsat-8"),
        ("LE71270452000335SGS00_RGB.tif", When.day(2000, 11, 30), "Landsat-7"),
        ("LT51270451993342BKT00.tif", When.day(1993, 12, 8), "Landsat-5"),
        ("L71127045_04520001130_B10.TIF", When.day(2000, 11, 30), "Landsat-7"),
        ("p127r045_5t19931208_nn1.tif", When.day(1993, 12, 8), "Landsat-5"),
        (
            "S1A_IW_GRDH_1SDV_20210809T173953_20210809T174018_039156_049F13_6FF8.tif",
            When.between(utc(2021, 8, 9, 17, 39, 53), utc(2021, 8, 9, 17, 40, 18)),
            "Sentinel-1A",
        ),
        (
            "s1b-iw-grd-vh-20210809t173953-20210809t174018-028156-049f13-002.tiff",
            When.between(utc(2021, 8, 9, 17, 39, 53), utc(2021, 8, 9, 17, 40, 18)),
            "Sentinel-1B",
        ),
        (
            "ASA_WSM_1PNDPA20070331_025939_000000552036_00035_16121_0775.tiff",
            When.between(utc(2007, 3, 31, 2, 59, 39), utc(2007, 3, 31, 3, 0, 34)),
            "Envisat",
        ),
        ("20190831_032754_101c_3B_AnalyticMS.tif", When.instant(utc(2019, 8, 31, 3, 27, 54)), "PlanetScope"),
        ("20190831_032740_ssc1d1_0012.tif", When.instant(utc(2019, 8, 31, 3, 27, 40)), "SkySat-C1"),
        ("4847812_2015-03-02_RE3_3A.tif", When.day(2015, 3, 2), "RapidEye-3"),
        (
            "IMG_PHR1A_PMS_201406050312345_ORT_x_R1C1.TIF",
            When.instant(utc(2014, 6, 5, 3, 12, 34).replace(microsecond=500000)),
            "Pleiades-1A",
        ),
        ("16JAN05031422-M2AS-054.TIF", When.instant(utc(2016, 1, 5, 3, 14, 22)), None),
        ("K3A_20160105043210_04321_00012345_L1G_PS.tif", When.instant(utc(2016, 1, 5, 4, 32, 10)), "KOMPSAT-3A"),
        ("AST_L1T_00305032004040446_20150409135350_78838.tif", When.instant(utc(2004, 5, 3, 4, 4, 46)), "Terra"),
        ("CBERS_4_MUX_20170528_090_084_L2_BAND6.tif", When.day(2017, 5, 28), "CBERS-4"),
        ("N22E107_17_FNF_F02DAR", When.year(2017), "ALOS-2"),
        ("2023-05-06-07-08-09_UMBRA-05_GEC.tif", When.instant(utc(2023, 5, 6, 7, 8, 9)), "Umbra-05"),
        ("m_3008601_ne_16_1_20130928_20131113.tif", When.day(2013, 9, 28), None),
        ("DTM_BY21_2018_1000_0301.tif", When.year(2018), None),
        ("SkySat_HaLong_20190831T032740Z.tif", When.instant(utc(2019, 8, 31, 3, 27, 40)), "SkySat"),
        ("halong_20190831.tif", When.day(2019, 8, 31), None),
        ("halong_2019-08-31_v2.tif", When.day(2019, 8, 31), None),
        ("ảnh 25-07-2019.tif", When.day(2019, 7, 25), None),
        ("DJI_20230515093012_0001.JPG", When.day(2023, 5, 15), None),
    ],
)
def test_names_of_known_form(name: str, when: When, platform: str | None) -> None:
    assert said(name, Field.ACQUIRED) == when
    assert said(name, Field.PLATFORM) == platform


@pytest.mark.parametrize(
    "name", ["LC08_L1TP_127045_20131301_20170428_01_T1.TIF", "LE71270452001366SGS00.tif", "x_20190231.tif", "scan_18991231.tif"]
)
def test_dates_that_do_not_exist_are_not_said(name: str) -> None:
    assert said(name, Field.ACQUIRED) is None


def test_an_impossible_date_in_a_known_form_is_reported() -> None:
    reading = read("LC08_L1TP_127045_20131301_20170428_01_T1.TIF")
    assert reading.claims == ()
    assert [f.code for f in reading.findings] == ["archive.name-date-impossible"]


@pytest.mark.parametrize("name", ["x_20190101_20190131.tif", "bay 05-06-2019.tif"])
def test_a_name_with_two_readings_says_nothing_but_is_reported(name: str) -> None:
    reading = read(name, lone_year=True)
    assert not any(c.field is Field.ACQUIRED for c in reading.claims)
    assert [f.code for f in reading.findings] == ["archive.name-date-ambiguous"]


@pytest.mark.parametrize("name", ["tile_12019083145.tif", "IMG_0012345678.tif", "frame_201404.tif", "6350-1.tif", "v2019.08.tif"])
def test_digits_are_not_dates(name: str) -> None:
    reading = read(name)
    assert reading.claims == () and reading.findings == ()


def test_a_lone_year_counts_only_where_asked_for() -> None:
    assert not any(c.field is Field.ACQUIRED for c in read("KD_7156_ha_long_1967_to_6350-1.tif").claims)
    claim = read("KD_7156_ha_long_1967_to_6350-1.tif", lone_year=True).claims[0]
    assert claim.value == When.year(1967) and claim.value.precision is Precision.YEAR
    assert read("map_1965_1967.tif", lone_year=True).claims == ()


@pytest.mark.parametrize(
    ("name", "yes"),
    [
        ("Ảnh vệ tinh Hạ Long 2021", True),
        ("ortho_2021", True),
        ("phim_1967", True),
        ("quy_hoach_2030_anh", False),
        ("QH_2030", False),
        ("ha_long_2021", False),
    ],
)
def test_a_year_dates_pictures_not_plans(name: str, yes: bool) -> None:
    assert may_be_dated_by_year(name) is yes


def test_folder_of_a_product_dates_its_files_but_a_dated_folder_does_not() -> None:
    assert said("a/LC08_L1TP_127045_20131201_20170428_01_T1/band.tif", Field.ACQUIRED) == When.day(2013, 12, 1)
    assert said("a/LC08_L1TP_127045_20131201_20170428_01_T1.zip!/band.tif", Field.PLATFORM) == "Landsat-8"
    assert said("ban_giao_20210605/ortho.tif", Field.ACQUIRED) is None


@pytest.mark.parametrize(
    ("name", "sheet", "scale"),
    [
        ("ban_do_quang_yen_1-50000_1965.jpg", None, 50000),
        ("Bản đồ F-48-82-A tỷ lệ 1_50000.tif", "F-48-82-A", 50000),
        ("KD_7156_ha_long_1967_to_6350-1.tif", "6350-1", None),
        ("ha_long_1-5000.tif", None, None),
        ("F-48.tif", None, None),
    ],
)
def test_names_of_map_sheets(name: str, sheet: str | None, scale: int | None) -> None:
    assert (said(name, Field.MAP_SHEET), said(name, Field.MAP_SCALE)) == (sheet, scale)


def test_every_claim_names_its_pattern() -> None:
    reading = read("LC08_L1TP_127045_20131201_20170428_01_T1_B4.TIF")
    assert reading.pattern == "landsat-product"
    assert {(c.source.origin, c.source.locator) for c in reading.claims} == {(Origin.FILENAME, "landsat-product")}
    assert said("LC08_L1TP_127045_20131201_20170428_01_T1_B4.TIF", Field.GRID_CODE) == "WRS2-127045"
    assert said("LC08_L1TP_127045_20131201_20170428_01_T1_B4.TIF", Field.INSTRUMENTS) == ("OLI", "TIRS")
    assert said("LM10010011973157AAA05.tif", Field.GRID_CODE) == "WRS1-001001"


def test_production_time_is_not_sensing_time() -> None:
    name = "S2A_OPER_MSI_L2A_TL_ATOS_20220621T002319_A036527_T32TLS_N04.00_R60m_B01.jp2"
    assert said(name, Field.PRODUCED) == When.instant(utc(2022, 6, 21, 0, 23, 19))
    assert said(name, Field.ACQUIRED) == When.day(2022, 6, 20)


@pytest.mark.parametrize(
    ("unit", "orbit", "sensed"),  # from names of real products
    [
        ("A", 463, utc(2015, 7, 25, 11, 25, 40)),
        ("A", 16478, utc(2018, 8, 18, 9, 40, 30)),
        ("A", 26481, utc(2020, 7, 17, 22, 19, 44)),
        ("B", 7584, utc(2018, 8, 19, 10, 3, 23)),
    ],
)
def test_sentinel2_orbit_gives_the_day(unit: str, orbit: int, sensed: datetime) -> None:
    when = sentinel2_day(unit, orbit, utc(2024, 1, 1))
    assert when is not None and when.end is not None
    assert when.start <= sensed <= when.end
    assert (when.end - when.start).total_seconds() < 86400


def test_sentinel2_orbit_is_silent_where_its_phase_is_not_known() -> None:
    assert sentinel2_day("C", 1000, utc(2025, 6, 1)) is None
    assert sentinel2_day("A", 60000, utc(2030, 1, 1)) is None
    assert sentinel2_day("A", 36527, utc(2022, 6, 1)) is None  # produced before it was sensed


@pytest.mark.parametrize(
    ("name", "platform"),
    [
        ("qb2_basic1b.tif", "QuickBird-2"),
        ("wv3_20.NTF", "WorldView-3"),
        ("VNREDSat-1_quangninh.tif", "VNREDSat-1"),
        ("umbra_mount_yasur.tiff", "Umbra"),
        ("k3_l5_re1_s6.tif", None),
        ("spot_wv3_qb2.tif", None),
        ("ha_long.tif", None),
    ],
)
def test_platform_words(name: str, platform: str | None) -> None:
    assert said(name, Field.PLATFORM) == platform


def test_name_claims_is_the_short_form() -> None:
    file = ArchiveFile(Path("wv3_20.NTF"), "a/wv3_20.NTF", 1, 1)
    assert [c.value for c in name_claims(file)] == ["WorldView-3"]


def test_words_and_signs() -> None:
    assert words("LisbonElevation_2m") == {"lisbon", "elevation", "m"}
    assert fold("Bản đồ  tỷ lệ 1:50.000") == "ban_do_ty_le_1_50_000"
    assert is_scan_name("Bản đồ Quảng Yên") and is_scan_name("phim_1967") and not is_scan_name("ha_long")
