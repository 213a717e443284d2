"""How other vendors lay out deliveries, on small files written here in the published structures."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog_builder.archive.claims import corners, fraction_as_percent, is_outside, ring, role_of
from catalog_builder.archive.delivery import ArchiveFile, FileRole
from catalog_builder.archive.vendors import alos, eros, geoeye, kompsat, maxar, orbview, planet, resurs, skysat
from catalog_builder.facts import Field
from catalog_builder.times import Precision, When
from tests.archive.commercial_kit import codes, one, scenes, value
from tests.archive.test_airbus_structure import put


def imd(band: str, bands: tuple[str, ...], gsd: float, *, cloud: str = "0.125", second: int = 10, more: str = "") -> str:
    groups = "".join(
        f"BEGIN_GROUP = BAND_{b}\n\tULLon = 107.0;\n\tULLat = 21.1;\n\tURLon = 107.2;\n\tURLat = 21.1;\n\tLRLon = 107.2;\n\tLRLat = 20.9;\n"
        f"\tLLLon = 107.0;\n\tLLLat = 20.9;\n\tabsCalFactor = 0.05;\n\teffectiveBandwidth = 0.1;\nEND_GROUP = BAND_{b}\n"
        for b in bands
    )
    return (
        'version = "28.3";\ngenerationTime = 2021-07-01T00:00:00.000000Z;\nproductOrderId = "013085138010_01_P001";\n'
        f'bandId = "{band}";\npanSharpenAlgorithm = "None";\nproductLevel = "LV2A";\nradiometricLevel = "Corrected";\n{groups}'
        'BEGIN_GROUP = IMAGE_1\n\tsatId = "WV02";\n\tCatId = "10300100B0AB5E00";\n'
        f"\tfirstLineTime = 2021-06-05T03:31:{second:02}.500000Z;\n"
        f"\tmeanSatEl = 70.0;\n\tcloudCover = {cloud};\nEND_GROUP = IMAGE_1\n{more}"
        "BEGIN_GROUP = MAP_PROJECTED_PRODUCT\n\tearliestAcqTime = 2021-06-06T00:00:00.000000Z;\n"
        f'\tdatumName = "WE";\n\tmapProjName = "UTM";\n\tmapHemi = "N";\n\tmapZone = 48;\n\tproductGSD = {gsd};\n'
        "END_GROUP = MAP_PROJECTED_PRODUCT\nEND;\n"
    )


EIGHT = ("C", "B", "G", "Y", "R", "RE", "N", "N2")


def test_worldview2_eight_bands(tmp_path: Path) -> None:
    put(tmp_path, {"21JUN05-M2AS-013085138010_01_P001.IMD": imd("Multi", EIGHT, 2.0), "21JUN05-M2AS-013085138010_01_P001.TIF": "II"})
    _, reading = one(maxar.FORMAT, tmp_path)
    bands = reading.rasters[0].bands
    assert [b.common_name for b in bands[:6]] == ["coastal", "blue", "green", "yellow", "red", "rededge"]
    assert bands[0].scale == pytest.approx(0.5) and bands[0].gsd == 2.0
    assert value(reading, Field.CLOUD_COVER) == 12.5
    assert value(reading, Field.DECLARED_CRS) == "EPSG:32648"
    assert value(reading, Field.ACQUIRED).start == datetime(2021, 6, 5, 3, 31, 10, 500000, tzinfo=UTC)
    assert value(reading, Field.INCIDENCE_ANGLE) == 20


@pytest.mark.parametrize("cloud", ["-999", "-999.000", "1.5"])
def test_unknown_cloud_of_maxar(tmp_path: Path, cloud: str) -> None:
    put(tmp_path, {"a.IMD": imd("P", ("P",), 0.5, cloud=cloud), "a.TIF": "II"})
    _, reading = one(maxar.FORMAT, tmp_path)
    assert value(reading, Field.CLOUD_COVER) is None


def test_pan_and_mul_folders_are_one_scene(tmp_path: Path) -> None:
    name = "013085138010_01_P001"
    til = (
        'bandId = "P";\nnumTiles = 2;\n'
        'BEGIN_GROUP = TILE_1\n\tfilename = "P_R1C1.TIF";\n\tULColOffset = 0;\n\tULRowOffset = 0;\nEND_GROUP = TILE_1\n'
        'BEGIN_GROUP = TILE_2\n\tfilename = "P_R1C2.TIF";\n\tULColOffset = 16384;\n\tULRowOffset = 0;\nEND_GROUP = TILE_2\nEND;\n'
    )
    put(
        tmp_path,
        {
            f"{name}_PAN/P.IMD": imd("P", ("P",), 0.5),
            f"{name}_PAN/P.TIL": til,
            f"{name}_PAN/P_R1C1.TIF": "II",
            f"{name}_PAN/P_R1C2.TIF": "II",
            f"{name}_PAN/P-BROWSE.JPG": "jpg",
            f"{name}_MUL/M.IMD": imd("Multi", EIGHT, 2.0),
            f"{name}_MUL/M.TIF": "II",
            f"{name}_MUL/M.RPB": "rpb",
            f"{name}_MUL/M_README.TXT": "read",
        },
    )
    scene, reading = one(maxar.FORMAT, tmp_path)
    assert [r.key for r in reading.rasters] == ["ms", "pan"]
    assert reading.rasters[1].offsets == ((0, 0), (0, 16384))
    assert value(reading, Field.GSD) == 0.5
    roles = {f.basename: role for f, role in scene.files}
    assert roles["P-BROWSE.JPG"] is FileRole.BROWSE and roles["M.RPB"] is FileRole.RPC and roles["M_README.TXT"] is FileRole.OTHER
    assert [f.basename for f in reading.rasters[0].sidecars] == ["M.IMD", "M.RPB"]


def test_pan_and_mul_of_different_moments_stay_apart(tmp_path: Path) -> None:
    put(tmp_path, {"A_PAN/P.IMD": imd("P", ("P",), 0.5), "A_MUL/M.IMD": imd("Multi", EIGHT, 2.0, second=50)})
    assert len(scenes(maxar.FORMAT, tmp_path)) == 2


def test_maxar_mosaic_of_two_strips_is_an_interval(tmp_path: Path) -> None:
    second = ('satId = "WV02"', "firstLineTime = 2021-08-01T03:30:00.000000Z", "cloudCover = 0.5")
    more = "BEGIN_GROUP = IMAGE_2\n" + "".join(f"\t{line};\n" for line in second) + "END_GROUP = IMAGE_2\n"
    put(tmp_path, {"a.IMD": imd("P", ("P",), 0.5, more=more)})
    _, reading = one(maxar.FORMAT, tmp_path)
    acquired = value(reading, Field.ACQUIRED)
    assert acquired.precision is Precision.INTERVAL and acquired.end.month == 8
    assert value(reading, Field.CLOUD_COVER) is None, "two strips differ and nobody says how they share the mosaic"


def test_broken_isd_is_found_and_reported_when_read(tmp_path: Path) -> None:
    put(tmp_path, {"a.XML": "<isd><IMD><IMAGE></IMD></isd>", "a.TIF": "II"})
    from catalog_builder.archive.vendors.maxar import FORMAT
    from catalog_builder.errors import UnreadableDelivery
    from tests.archive.commercial_kit import folder_on_disk

    (scene,) = FORMAT.find(folder_on_disk(tmp_path))
    with pytest.raises(UnreadableDelivery):
        FORMAT.read(scene)


GEOEYE = """
Product Order Metadata
Product Order Number: 97835
Sensor Name: GeoEye-1
Product Line: Geo
Processing Level: Standard Geometrically Corrected
Image Type: PAN/MSI
Datum: WGS84
Map Projection: Universal Transverse Mercator
   UTM Specific Parameters
      Hemisphere: N
      Zone Number: 48
==============================================================
Source Image Metadata
Number of Source Images: 1
Source Image ID: 2009022210264420000011630470
Product Image ID: 000
Sensor: GeoEye-1
Nominal Collection Azimuth: 304.3384 degrees
Nominal Collection Elevation: 69.65364 degrees
Sun Angle Azimuth: 147.1435 degrees
Sun Angle Elevation: 37.38574 degrees
Acquisition Date/Time: 2009-02-22 10:26 GMT
Percent Cloud Cover: 11
==============================================================
Product Space Metadata
Pixel Size X: 0.5000000000 meters
==============================================================
Product Component Metadata
Number of Components: 1
Component ID: 0000000
Product Image ID: 000
Component File Name: po_97835_pan_0000000.tif po_97835_bgrn_0000000.tif
Component Geographic Corner Coordinates
Number of Coordinates: 4
Coordinate: 1
   Latitude: 21.1000000000 degrees
   Longitude: 107.0000000000 degrees
Coordinate: 2
   Latitude: 21.1000000000 degrees
   Longitude: 107.2000000000 degrees
Coordinate: 3
   Latitude: 20.9000000000 degrees
   Longitude: 107.2000000000 degrees
Coordinate: 4
   Latitude: 20.9000000000 degrees
   Longitude: 107.0000000000 degrees
Component Map Coordinates (in Map Units)
   UL Map X (Easting): 700000.00 meters
Pixel Size X: 0.5000000000 meters
"""


def test_geoeye1_bundle(tmp_path: Path) -> None:
    put(
        tmp_path,
        {
            "po_97835_metadata.txt": GEOEYE,
            "po_97835_pan_0000000.tif": "II",
            "po_97835_bgrn_0000000.tif": "II",
            "po_97835_pan_0000000_rpc.txt": "rpc",
            "po_97835_rgb_0000000_ovr.jpg": "jpg",
        },
    )
    _, reading = one(geoeye.FORMAT, tmp_path)
    assert value(reading, Field.PLATFORM) == "GeoEye-1"
    assert value(reading, Field.VIEW_AZIMUTH) == 304.3384
    assert value(reading, Field.INCIDENCE_ANGLE) == 20.3464
    assert (value(reading, Field.SUN_AZIMUTH), value(reading, Field.SUN_ELEVATION)) == (147.1435, 37.38574)
    assert value(reading, Field.CLOUD_COVER) == 11, "one source image, and its component says nothing"
    assert value(reading, Field.CORNERS) == ((107.0, 21.1), (107.2, 21.1), (107.2, 20.9), (107.0, 20.9))
    assert value(reading, Field.DECLARED_CRS) == "EPSG:32648"
    assert value(reading, Field.GSD) == 0.5
    assert [(r.key, [b.common_name for b in r.bands]) for r in reading.rasters] == [
        ("bgrn", ["blue", "green", "red", "nir"]),
        ("pan", ["pan"]),
    ]


def test_kompsat2_bands_in_separate_files_are_one_scene(tmp_path: Path) -> None:
    words = (
        "AUX_SATELLITE_NAME\tKOMPSAT-2\nAUX_SATELLITE_SENSOR\tMSC\nAUX_STRIP_ACQ_DATE_UT\t20201212\nAUX_STRIP_ACQ_START_UT\t004616.446659\n"
        "IMG_ACQISITION_START_TIME\t2020 12 12 00 46 20.250000\n"
        "AUX_IMAGE_SATELLITE_AZIMUTH_DEG\t281.5\nAUX_IMAGE_SATELLITE_INCIDENCE_DEG\t-14.2\n"
        "AUX_IMAGE_GSD_METER\t1.0 1.0\nAUX_CLOUD_STATUS\t2\nAUX_IMAGE_TL_LATLONG_DEG\t  37.01766698  126.22724020\n"
        "AUX_IMAGE_TR_LATLONG_DEG\t  37.02245601  126.44024565\nAUX_IMAGE_BL_LATLONG_DEG\t  36.84745587  126.23340360\n"
        "AUX_IMAGE_BR_LATLONG_DEG\t  36.85221555  126.44593688\n"
    )
    stem = "MSC_201212004616_76845_10651280"
    parts = ("PN01", "M1N01G", "M2N01B", "M3N01N", "M4N01R")
    files = (
        {f"{stem}{p}_1G.eph": words for p in parts}
        | {f"{stem}{p}_1G.tif": "II" for p in parts}
        | {f"{stem}{p}_1G.rpc": "rpc" for p in parts}
    )
    _, reading = one(kompsat.FORMAT, put(tmp_path, files))
    assert value(reading, Field.ACQUIRED).start == datetime(2020, 12, 12, 0, 46, 20, 250000, tzinfo=UTC), "of the image, not of the strip"
    assert (value(reading, Field.VIEW_AZIMUTH), value(reading, Field.INCIDENCE_ANGLE)) == (281.5, 14.2)
    assert value(reading, Field.CORNERS)[0] == (126.2272402, 37.01766698)
    assert {r.key: [b.common_name for b in r.bands] for r in reading.rasters} == {
        "green": ["green"],
        "blue": ["blue"],
        "nir": ["nir"],
        "red": ["red"],
        "pan": ["pan"],
    }
    assert reading.rasters[-1].key == "pan"
    assert value(reading, Field.CLOUD_COVER) is None


def kompsat3(level: str = "Level1R", cloud: str = "12.5") -> str:
    """A product document of KOMPSAT-3 in the structure that the published readers of this format take apart."""

    def image(name: str, letter: str, colour: str, gsd: float, gain: str) -> str:
        places = "".join(
            f"<ImageGeog{c}><Latitude>{lat}</Latitude><Longitude>{lon}</Longitude></ImageGeog{c}>"
            for c, lat, lon in (("Center", 21, 107.1), ("TL", 21.1, 107), ("TR", 21.1, 107.2), ("BL", 20.9, 107), ("BR", 20.9, 107.2))
        )
        return (
            f"<{name}><ImageFileName>K3_{letter}.tif</ImageFileName><ImageColor>{colour}</ImageColor><ImagingTime>"
            "<ImagingStartTime><UTC>20210605053412.2500000</UTC></ImagingStartTime>"
            "<ImagingCenterTime><UTC>20210605053413.2500000</UTC></ImagingCenterTime></ImagingTime>"
            f"<ImagingCoordinates>{places}</ImagingCoordinates>"
            "<Angle><Roll>-10</Roll><Offnadir>-14.2</Offnadir><Incidence>16.1</Incidence><Azimuth>281.5</Azimuth></Angle>"
            f"<CloudCover><Average>{cloud}</Average></CloudCover><ImageGSD><Column>{gsd}</Column><Row>{gsd}</Row></ImageGSD>"
            f"<RadianceConversion><Gain>{gain}</Gain><Offset>0</Offset></RadianceConversion></{name}>"
        )

    blocks = "".join(
        f"<MetadataBlock><Time>202106050534{s}.0</Time><SunAngle><Azimuth>{a}</Azimuth><Elevation>{e}</Elevation></SunAngle></MetadataBlock>"
        for s, a, e in ((11, 141.0, 61.0), (12, 142.0, 62.0), (14, 144.0, 64.0))
    )
    ms = (("MS1", "B", "Blue"), ("MS2", "G", "Green"), ("MS3", "R", "Red"), ("MS4", "N", "Not Applicable"))
    return (
        "<?xml version='1.0' encoding='UTF-8'?><Auxiliary><General><Satellite>KOMPSAT-3</Satellite><Sensor>AEISS</Sensor>"
        f"<OrbitNumber>5120</OrbitNumber><OrbitDirection>Ascending Orbit</OrbitDirection><ProductLevel>{level}</ProductLevel>"
        "<Projection><Type>UTM</Type><Parameter>N48</Parameter></Projection><EllipsoidType>WGS84</EllipsoidType>"
        "<CreateDate>20210701010203.0000000</CreateDate><ProductID>K3-0042</ProductID><PMSVersionNo>3.1</PMSVersionNo></General>"
        f"<Metadata>{blocks}</Metadata><Image>"
        + image("PAN", "P", "Panchromatic", 0.72, "")
        + "".join(image(name, letter, colour, 2.88, "0.018") for name, letter, colour in ms)
        + "</Image></Auxiliary>"
    )


def test_kompsat3_bundle(tmp_path: Path) -> None:
    files = {"K3_Aux.xml": kompsat3(), "K3_br.jpg": "jpg", "K3_br.jpw": "1", "K3_th.jpg": "jpg", "other.tif": "II"}
    files |= {f"K3_{letter}.{suffix}": "II" for letter in "PBGRN" for suffix in ("tif", "rpc")}
    files |= {"K3_B.txt": "AUX_SATELLITE_NAME\tKOMPSAT-3\n"}
    scene, reading = one(kompsat.FORMAT, put(tmp_path, files))
    assert value(reading, Field.ACQUIRED) == When.instant(datetime(2021, 6, 5, 5, 34, 12, 250000, tzinfo=UTC))
    assert (value(reading, Field.PLATFORM), value(reading, Field.INSTRUMENTS)) == ("KOMPSAT-3", ("AEISS",))
    assert (value(reading, Field.OFF_NADIR), value(reading, Field.INCIDENCE_ANGLE), value(reading, Field.VIEW_AZIMUTH)) == (
        14.2,
        16.1,
        281.5,
    )
    assert (value(reading, Field.SUN_AZIMUTH), value(reading, Field.SUN_ELEVATION)) == (142, 62), "of the block next to the image"
    assert (value(reading, Field.GSD), value(reading, Field.CLOUD_COVER)) == (0.72, 12.5)
    assert value(reading, Field.CORNERS) == ((107, 21.1), (107.2, 21.1), (107.2, 20.9), (107, 20.9))
    assert (value(reading, Field.ABSOLUTE_ORBIT), value(reading, Field.ORBIT_STATE)) == (5120, "ascending")
    assert (value(reading, Field.PROCESSING_LEVEL), value(reading, Field.PRODUCT_ID)) == ("Level1R", "K3-0042")
    assert value(reading, Field.DECLARED_CRS) is None, "an image of level 1R lies on no map"
    assert [(r.key, r.bands[0].common_name, r.bands[0].scale, r.gsd) for r in reading.rasters] == [
        ("blue", "blue", 0.018, 2.88),
        ("green", "green", 0.018, 2.88),
        ("red", "red", 0.018, 2.88),
        ("nir", "nir", 0.018, 2.88),
        ("pan", "pan", None, 0.72),
    ]
    assert [f.basename for f in reading.rasters[0].sidecars] == ["K3_B.rpc"]
    roles = {f.basename: role for f, role in scene.files}
    assert (roles["K3_br.jpg"], roles["K3_br.jpw"], roles["K3_P.rpc"]) == (FileRole.BROWSE, FileRole.GEOREFERENCE, FileRole.RPC)
    assert "other.tif" not in roles
    assert reading.findings == ()


def test_kompsat3_on_the_map_with_unknown_cloud(tmp_path: Path) -> None:
    _, reading = one(kompsat.FORMAT, put(tmp_path, {"K3_Aux.xml": kompsat3("Level1G", "-1")}))
    assert value(reading, Field.DECLARED_CRS) == "EPSG:32648"
    assert value(reading, Field.CLOUD_COVER) is None
    assert reading.rasters == (), "published with its outline and without pixels"


def test_alos2_summary(tmp_path: Path) -> None:
    summary = "\n".join(
        f'{k}="{v}"'
        for k, v in {
            "Odi_SceneId": "ALOS2049410010-150422",
            "Scs_SceneID": "ALOS2049410010-150422",
            "Pds_ProductID": "UBSR2.1GUA",
            "Pds_PixelSpacing": "2.500",
            "Img_SceneCenterDateTime": "20150422 09:02:36.377",
            "Img_ImageSceneLeftTopLatitude": "21.1",
            "Img_ImageSceneLeftTopLongitude": "107.0",
            "Img_ImageSceneRightTopLatitude": "21.1",
            "Img_ImageSceneRightTopLongitude": "107.5",
            "Img_ImageSceneLeftBottomLatitude": "20.6",
            "Img_ImageSceneLeftBottomLongitude": "107.0",
            "Img_ImageSceneRightBottomLatitude": "20.6",
            "Img_ImageSceneRightBottomLongitude": "107.5",
            "Img_OffNadirAngle": "32.9",
            "Lbi_Satellite": "ALOS2",
            "Lbi_Sensor": "SAR",
            "Lbi_ProcessLevel": "2.1",
            "Lbi_ObservationDate": "20150422",
        }.items()
    )
    put(
        tmp_path,
        {"summary.txt": summary, "IMG-HH-ALOS2049410010-150422-UBSR2.1GUA.tif": "II", "IMG-HV-ALOS2049410010-150422-UBSR2.1GUA.tif": "II"},
    )
    _, reading = one(alos.FORMAT, tmp_path)
    assert (value(reading, Field.PLATFORM), value(reading, Field.INSTRUMENTS)) == ("ALOS-2", ("PALSAR-2",))
    assert value(reading, Field.ACQUIRED).start == datetime(2015, 4, 22, 9, 2, 36, 377000, tzinfo=UTC)
    assert (value(reading, Field.POLARIZATIONS), value(reading, Field.OFF_NADIR), value(reading, Field.GSD)) == (("HH", "HV"), 32.9, 2.5)
    assert value(reading, Field.CORNERS) == ((107.0, 21.1), (107.5, 21.1), (107.5, 20.6), (107.0, 20.6))
    assert [(r.key, r.kind.value) for r in reading.rasters] == [("hh", "sar"), ("hv", "sar")]


def test_avnir_angles(tmp_path: Path) -> None:
    words = {
        "Lbi_Satellite": "ALOS",
        "Lbi_Sensor": "AVNIR-2",
        "Lbi_ObservationDate": "20080314",
        "Img_SunAngleElevation": "55.2",
        "Img_SunAngleAzimuth": "140.7",
        "Img_PointingAngle": "-21.5",
        "Img_SceneCenterAngle": "L23.9",
        "Img_CloudQuantityOfAllImage": "3",
    }
    put(tmp_path, {"summary.txt": "".join(f'{k}="{v}"\n' for k, v in words.items()), "IMG-01-ALAV2A1-O1B2G_U.tif": "II"})
    _, reading = one(alos.FORMAT, tmp_path)
    angles = (Field.SUN_ELEVATION, Field.SUN_AZIMUTH, Field.OFF_NADIR, Field.INCIDENCE_ANGLE)
    assert [value(reading, f) for f in angles] == [55.2, 140.7, 21.5, 23.9]
    assert value(reading, Field.CLOUD_COVER) is None, "a grade of cloud"
    assert reading.rasters[0].bands[0].common_name == "blue"


def api_item(**properties: object) -> str:
    base = {
        "item_type": "PSScene",
        "provider": "planetscope",
        "satellite_id": "2416",
        "instrument": "PSB.SD",
        "acquired": "2021-06-05T03:12:34.560000Z",
        "cloud_cover": 0.07,
        "sun_azimuth": 88.2,
        "sun_elevation": 61.3,
        "view_angle": -3.1,
        "satellite_azimuth": 98.4,
        "gsd": 3.9,
        "strip_id": "4567890",
    }
    ring = [[107.0, 21.1], [107.2, 21.1], [107.2, 20.9], [107.0, 20.9], [107.0, 21.1]]
    body = {"type": "Feature", "id": "20210605_031234_56_2416", "geometry": {"type": "Polygon", "coordinates": [ring]}}
    return json.dumps(body | {"properties": base | properties})


def test_planet_api_item_without_product_xml(tmp_path: Path) -> None:
    put(
        tmp_path,
        {
            "20210605_031234_56_2416_metadata.json": api_item(),
            "20210605_031234_56_2416_3B_AnalyticMS_SR_8b_clip.tif": "II",
            "20210605_031234_56_2416_3B_udm2_clip.tif": "II",
        },
    )
    scene, reading = one(planet.FORMAT, tmp_path)
    assert value(reading, Field.CLOUD_COVER) == 7.0
    assert value(reading, Field.PLATFORM) == "PlanetScope-2416"
    assert value(reading, Field.INSTRUMENTS) == ("PSB.SD",)
    assert value(reading, Field.OFF_NADIR) == 3.1
    assert {r.key: r.primary for r in reading.rasters} == {"analyticms_sr_8b": True, "udm2": False}
    assert [f.basename for f in scene.with_role(FileRole.MASK)] == ["20210605_031234_56_2416_3B_udm2_clip.tif"]


def test_skysat_api_item(tmp_path: Path) -> None:
    text = api_item(item_type="SkySatScene", provider="skysat", satellite_id="SSC3", cloud_percent=12, instrument=None)
    put(
        tmp_path,
        {
            "20210605_031234_ssc3d1_0007_metadata.json": text,
            "20210605_031234_ssc3d1_0007_analytic.tif": "II",
            "20210605_031234_ssc3d1_0007_visual.tif": "II",
        },
    )
    _, reading = one(skysat.FORMAT, tmp_path)
    assert value(reading, Field.PLATFORM) == "SkySat-C3"
    assert value(reading, Field.CLOUD_COVER) == 12
    assert {r.key: r.primary for r in reading.rasters} == {"analytic": True, "rgb": False}
    assert scenes(planet.FORMAT, tmp_path) == []


def test_skysat_item_that_points_outside(tmp_path: Path) -> None:
    body = json.loads(api_item(item_type="SkySatScene", provider="skysat", satellite_id="SSC3"))
    body["assets"] = {"a": {"href": "../../secret.tif"}, "b": {"href": "https://example.org/x.tif"}}
    put(tmp_path, {"20210605_031234_ssc3d1.json": json.dumps(body)})
    _, reading = one(skysat.FORMAT, tmp_path)
    assert codes(reading) == ["archive.href-outside"]


def test_eros_pass(tmp_path: Path) -> None:
    words = "satellite           EROS-B1\ncamera              NA50\nsweep_start_utc     2013-04-22,11:35:02.50724\noverall_cc          4\n"
    put(tmp_path, {"scene.pass": words, "scene.1.tif": "II", "scene.rpc": "rpc"})
    _, reading = one(eros.FORMAT, tmp_path)
    assert value(reading, Field.ACQUIRED).start == datetime(2013, 4, 22, 11, 35, 2, 507240, tzinfo=UTC)
    assert (value(reading, Field.PLATFORM), value(reading, Field.CLOUD_COVER)) == ("EROS-B", 4)
    assert [t.basename for t in reading.rasters[0].tiles] == ["scene.1.tif"]


def test_orbview_pvl(tmp_path: Path) -> None:
    words = (
        'BEGIN_GROUP = sensorInfo\n\tsatelliteName = "OrbView-3";\nEND_GROUP = sensorInfo\n'
        "BEGIN_GROUP = inputImageInfo\n\tfirstLineAcquisitionDateTime = 2005-03-01T04:05:06.5Z;\nEND_GROUP = inputImageInfo\n"
        "BEGIN_GROUP = productInfo\n\tproductCloudCoverPercentage = 9;\nEND_GROUP = productInfo\nEND;\n"
    )
    put(tmp_path, {"s.pvl": words, "s.tif": "II", "s_rpc.txt": "rpc"})
    _, reading = one(orbview.FORMAT, tmp_path)
    assert value(reading, Field.PLATFORM) == "OrbView-3"
    assert value(reading, Field.ACQUIRED).start == datetime(2005, 3, 1, 4, 5, 6, 500000, tzinfo=UTC)
    assert value(reading, Field.CLOUD_COVER) == 9


def test_resurs_gives_moscow_time(tmp_path: Path) -> None:
    text = (
        '<?xml version ="1.0" ?>\n<MSP_ROOT>\ncCodeKA = "RDK1"\n'
        '<Pasport>\ncDeviceName = "GEOTON"\nnBitsPerPixel = 10\n</Pasport>\n<Geographic>\n'
        "aNWLat = 54:50:11.36\naNWLong = 35:24:50.24\naNELat = 54:51:13.44\naNELong = 35:27:29.08\n"
        "aSELat = 54:49:44.07\naSELong = 35:29:12.83\n"
        "aSWLat = 54:48:42.02\naSWLong = 35:26:34.05\n</Geographic>\n"
        "<Normal>\ndSceneDate = 16/9/2008\ntSceneTime = 10:21:36.500000\n</Normal>\n</MSP_ROOT>"
    )
    put(tmp_path, {"r.xml": text, "r.tif": "II"})
    _, reading = one(resurs.FORMAT, tmp_path)
    assert value(reading, Field.ACQUIRED).start == datetime(2008, 9, 16, 7, 21, 36, 500000, tzinfo=UTC)
    assert (value(reading, Field.PLATFORM), value(reading, Field.INSTRUMENTS)) == ("Resurs-DK1", ("Geoton-1",))
    assert value(reading, Field.CORNERS)[0] == pytest.approx((35.413956, 54.836489), abs=1e-5)


def test_corners_begin_in_the_north_west_and_run_clockwise() -> None:
    turned = [(57.216, 21.959), (57.250, 22.138), (57.485, 22.099), (57.452, 21.921)]
    expected = ((57.250, 22.138), (57.485, 22.099), (57.452, 21.921), (57.216, 21.959))
    assert corners(turned) == expected
    assert corners(turned[::-1]) == expected
    assert corners([(179.9, 1), (-179.9, 1), (-179.9, 0), (179.9, 0)])[0] == (179.9, 1)


def test_a_ring_needs_three_points_on_the_globe() -> None:
    assert ring([(0, 0), (1, 0), (1, 1), (0, 0)]) == ((0, 0), (1, 0), (1, 1))
    assert ring([(0, 0), (1, 0), (181, 1)]) is None
    assert ring([(0, 0), (0, 0), (1, 1)]) is None
    assert ring([(None, 1), (1, 0), (1, 1)]) is None


@pytest.mark.parametrize("href", ["/etc/passwd", "../x", "a/../../x", "C:\\x", "file:///x", "\\\\host\\x"])
def test_hrefs_outside(href: str) -> None:
    assert is_outside(href)


def test_fraction() -> None:
    assert (fraction_as_percent(0.027), fraction_as_percent(-999), fraction_as_percent(3.4), fraction_as_percent(None)) == (
        2.7,
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("PREVIEW_X.JPG", FileRole.BROWSE),
        ("x-BROWSE.JPG", FileRole.BROWSE),
        ("x.tif.aux.xml", FileRole.GEOREFERENCE),
        ("x.TFW", FileRole.GEOREFERENCE),
        ("x.RPB", FileRole.RPC),
        ("x_rpc.txt", FileRole.RPC),
        ("CLD_X_MSK.GML", FileRole.MASK),
        ("x_README.TXT", FileRole.OTHER),
        ("LICENSE.PDF", FileRole.OTHER),
        ("x.XML", FileRole.METADATA),
    ],
)
def test_roles(tmp_path: Path, name: str, role: FileRole) -> None:
    assert role_of(ArchiveFile(tmp_path / name, name, 0, 0)) is role
