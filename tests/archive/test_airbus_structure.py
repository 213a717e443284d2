"""How Airbus deliveries are laid out, on small files written here in the published structure."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog_builder.archive.delivery import FileRole
from catalog_builder.archive.vendors import airbus_dimap1, airbus_dimap2
from catalog_builder.facts import Field
from catalog_builder.times import Precision
from tests.archive.commercial_kit import codes, one, scenes, value

BANDS = ("B2", "B1", "B0", "B3")


def product(
    stem: str,
    *,
    time: str = "03:12:34.5Z",
    spectral: str = "MS",
    bands: tuple[str, ...] = BANDS,
    spacing: float = 2.0,
    tiles: tuple[str, ...] = ("R1C1",),
    extra_source: str = "",
    files: str = "",
) -> str:
    """A DIMAP 2 product document of Pleiades 1B."""
    listed = files or (
        "<Data_Files>"
        + "".join(f'<Data_File tile_R="{t[1]}" tile_C="{t[3]}"><DATA_FILE_PATH href="IMG_{stem}_{t}.TIF"/></Data_File>' for t in tiles)
        + "</Data_Files>"
    )
    index = "".join(f"<Raster_Index><BAND_ID>{b}</BAND_ID><BAND_INDEX>{i}</BAND_INDEX></Raster_Index>" for i, b in enumerate(bands, 1))
    measured = "".join(
        f"<Band_Spectral_Range><BAND_ID>{b}</BAND_ID><MEASURE_UNIT>micrometers</MEASURE_UNIT><MIN>0.43</MIN><MAX>0.55</MAX></Band_Spectral_Range>"
        f"<Band_Radiance><BAND_ID>{b}</BAND_ID><MEASURE_DESC>L=DN/GAIN+BIAS</MEASURE_DESC><GAIN>8</GAIN><BIAS>0.5</BIAS></Band_Radiance>"
        for b in bands
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Dimap_Document><Metadata_Identification><METADATA_FORMAT version="2.15">DIMAP</METADATA_FORMAT>
<METADATA_PROFILE>PHR_SENSOR</METADATA_PROFILE><METADATA_SUBPROFILE>PRODUCT</METADATA_SUBPROFILE></Metadata_Identification>
<Dataset_Identification><DATASET_NAME version="1.0">{stem}</DATASET_NAME>
<DATASET_QL_PATH href="PREVIEW_{stem}.JPG"/></Dataset_Identification>
<Dataset_Content><CLOUD_COVERAGE unit="percent">999</CLOUD_COVERAGE><Dataset_Components>
<Component><COMPONENT_PATH href="LINEAGE/STRIP_{stem}_DIM.XML"/></Component>
<Component><COMPONENT_PATH href="RPC_{stem}.XML"/></Component></Dataset_Components></Dataset_Content>
<Product_Information><Delivery_Identification><JOB_ID>690908101-001</JOB_ID><Order_Identification>
<COMMERCIAL_REFERENCE>SO13030407</COMMERCIAL_REFERENCE></Order_Identification></Delivery_Identification></Product_Information>
<Processing_Information><Product_Settings><PROCESSING_LEVEL>SENSOR</PROCESSING_LEVEL><SPECTRAL_PROCESSING>{spectral}</SPECTRAL_PROCESSING>
<Radiometric_Settings><RADIOMETRIC_PROCESSING>BASIC</RADIOMETRIC_PROCESSING></Radiometric_Settings>
<Sampling_Settings><RESAMPLING_SPACING unit="m">{spacing}</RESAMPLING_SPACING></Sampling_Settings>
</Product_Settings></Processing_Information>
<Raster_Data><Data_Access>{listed}</Data_Access>
<Raster_Dimensions><NBANDS>{len(bands)}</NBANDS><Tile_Set><Regular_Tiling><NTILES_SIZE nrows="4096" ncols="2048"/>
<OVERLAP_ROW>0</OVERLAP_ROW><OVERLAP_COL>0</OVERLAP_COL></Regular_Tiling></Tile_Set></Raster_Dimensions>
<Raster_Display><Raster_Index_List>{index}</Raster_Index_List><Special_Value><SPECIAL_VALUE_TEXT>NODATA</SPECIAL_VALUE_TEXT>
<SPECIAL_VALUE_COUNT>0</SPECIAL_VALUE_COUNT></Special_Value></Raster_Display></Raster_Data>
<Radiometric_Data><Radiometric_Calibration><Instrument_Calibration><Band_Measurement_List>{measured}</Band_Measurement_List>
</Instrument_Calibration></Radiometric_Calibration></Radiometric_Data>
<Dataset_Sources><Source_Identification><SOURCE_ID>DS_PHR1B_201308051042194</SOURCE_ID><Strip_Source><MISSION>PHR</MISSION>
<MISSION_INDEX>1B</MISSION_INDEX><INSTRUMENT>PHR</INSTRUMENT><IMAGING_DATE>2021-06-05</IMAGING_DATE><IMAGING_TIME>{time}</IMAGING_TIME>
</Strip_Source></Source_Identification>{extra_source}</Dataset_Sources></Dimap_Document>"""


def volume(*hrefs: str) -> str:
    components = "".join(f'<Component><COMPONENT_PATH href="{h}"/></Component>' for h in hrefs)
    return (
        "<Dimap_Document><Metadata_Identification><METADATA_FORMAT version='2.0'>DIMAP</METADATA_FORMAT>"
        "<METADATA_PROFILE>VOLUME</METADATA_PROFILE><METADATA_SUBPROFILE>SINGLE_VOLUME</METADATA_SUBPROFILE></Metadata_Identification>"
        f"<Dataset_Content><Dataset_Components>{components}</Dataset_Components></Dataset_Content></Dimap_Document>"
    )


MODEL = (
    "<Dimap_Document>"
    + "".join(
        f"<{key}>1</{key}>"
        for key in (
            "LONG_OFF",
            "LAT_OFF",
            "LINE_OFF",
            "SAMP_OFF",
            "HEIGHT_OFF",
            "LONG_SCALE",
            "LAT_SCALE",
            "SAMP_NUM_COEFF_1",
            "LINE_DEN_COEFF_20",
        )
    )
    + "</Dimap_Document>"
)


def put(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def bundle(root: Path, look: str, time: str) -> dict[str, str]:
    """PAN and MS folders of one look."""
    ms, pan = f"PHR1B_MS_{look}", f"PHR1B_P_{look}"
    return {
        f"IMG_{ms}/DIM_{ms}.XML": product(ms, time=time, tiles=("R1C1", "R1C2", "R2C1")),
        **{f"IMG_{ms}/IMG_{ms}_{t}.TIF": "II" for t in ("R1C1", "R1C2", "R2C1")},
        f"IMG_{ms}/RPC_{ms}.XML": MODEL,
        f"IMG_{ms}/PREVIEW_{ms}.JPG": "jpg",
        f"IMG_{ms}/MASKS/CLD_{ms}_MSK.GML": "gml",
        f"IMG_{ms}/LINEAGE/STRIP_{ms}_DIM.XML": "<Dimap_Document/>",
        f"IMG_{pan}/DIM_{pan}.XML": product(pan, time=time, spectral="P", bands=("P",), spacing=0.5),
        f"IMG_{pan}/IMG_{pan}_R1C1.TIF": "II",
    }


def test_volume_joins_pan_and_ms_and_keeps_looks_apart(tmp_path: Path) -> None:
    files = bundle(tmp_path, "001", "03:12:34.5Z") | bundle(tmp_path, "002", "03:12:55.0Z")
    names = [n for n in files if "/DIM_" in n]
    put(tmp_path, files | {"VOL_PHR.XML": volume(*names), "DELIVERY.PDF": "%PDF"})
    found = scenes(airbus_dimap2.FORMAT, tmp_path)
    assert [value(r, Field.ACQUIRED).start.second for _, r in found] == [34, 55]
    for scene, reading in found:
        assert [r.key for r in reading.rasters] == ["ms", "pan"]
        assert value(reading, Field.GSD) == 0.5
        assert value(reading, Field.CLOUD_COVER) is None, "999 is no percentage"
        assert "VOL_PHR.XML" in {f.basename for f in scene.with_role(FileRole.METADATA)}


def test_everything_of_a_single_product_has_its_role(tmp_path: Path) -> None:
    files = {n: t for n, t in bundle(tmp_path, "001", "03:12:34Z").items() if "_MS_" in n}
    scene, reading = one(airbus_dimap2.FORMAT, put(tmp_path, files | {"IMG_PHR1B_MS_001/LICENSE.PDF": "%PDF"}))
    roles = {f.basename: role for f, role in scene.files}
    assert roles["PREVIEW_PHR1B_MS_001.JPG"] is FileRole.BROWSE
    assert roles["CLD_PHR1B_MS_001_MSK.GML"] is FileRole.MASK
    assert roles["RPC_PHR1B_MS_001.XML"] is FileRole.RPC
    assert roles["STRIP_PHR1B_MS_001_DIM.XML"] is FileRole.METADATA
    assert roles["LICENSE.PDF"] is FileRole.OTHER
    assert value(reading, Field.ORDER_ID) == "SO13030407"
    assert value(reading, Field.CATALOG_ID) == "DS_PHR1B_201308051042194"
    (raster,) = reading.rasters
    assert raster.offsets == ((0, 0), (0, 2048), (4096, 0))
    assert "RPC_PHR1B_MS_001.XML" in {f.basename for f in raster.sidecars}


def test_band_order_gains_and_measured_limits_come_from_the_document(tmp_path: Path) -> None:
    put(tmp_path, {"DIM_A.XML": product("A"), "IMG_A_R1C1.TIF": "II"})
    _, reading = one(airbus_dimap2.FORMAT, tmp_path)
    bands = reading.rasters[0].bands
    assert [b.name for b in bands] == ["B2", "B1", "B0", "B3"]
    assert [b.common_name for b in bands] == ["red", "green", "blue", "nir"]
    assert bands[0].scale == 0.125 and bands[0].offset == 0.5 and bands[0].gsd == 2.0
    assert bands[0].center_wavelength == 0.49 and bands[0].full_width_half_max == 0.12 and not bands[0].unverified


def test_stretched_counts_have_no_gain(tmp_path: Path) -> None:
    text = product("A").replace(">BASIC<", ">LINEAR_STRETCH<")
    put(tmp_path, {"DIM_A.XML": text, "IMG_A_R1C1.TIF": "II"})
    _, reading = one(airbus_dimap2.FORMAT, tmp_path)
    assert all(b.scale is None for b in reading.rasters[0].bands)


def test_six_bands_of_pleiades_neo_are_two_rasters(tmp_path: Path) -> None:
    def group(part: str, names: tuple[str, ...]) -> str:
        index = "".join(f"<Raster_Index><BAND_ID>{n}</BAND_ID><BAND_INDEX>{i}</BAND_INDEX></Raster_Index>" for i, n in enumerate(names, 1))
        return (
            f'<Data_Files><Data_File tile_R="1" tile_C="1"><DATA_FILE_PATH href="IMG_N_{part}_R1C1.TIF"/></Data_File>'
            f"<Raster_Display><Raster_Index_List>{index}</Raster_Index_List></Raster_Display></Data_Files>"
        )

    text = product(
        "N",
        spectral="PMS-FS",
        bands=("R", "G", "B", "NIR", "RE", "DB"),
        files=group("RGB", ("R", "G", "B")) + group("NED", ("NIR", "RE", "DB")),
    )
    text = text.replace("<MISSION>PHR<", "<MISSION>PNEO<").replace("<MISSION_INDEX>1B<", "<MISSION_INDEX>4<")
    put(tmp_path, {"DIM_N.XML": text, "IMG_N_RGB_R1C1.TIF": "II", "IMG_N_NED_R1C1.TIF": "II"})
    _, reading = one(airbus_dimap2.FORMAT, tmp_path)
    assert value(reading, Field.PLATFORM) == "PleiadesNeo-4"
    assert [(r.key, [b.common_name for b in r.bands]) for r in reading.rasters] == [
        ("pms-fs-rgb", ["red", "green", "blue"]),
        ("pms-fs-ned", ["nir", "rededge", "coastal"]),
    ]


def test_mosaic_of_several_strips_is_an_interval(tmp_path: Path) -> None:
    more = (
        "<Source_Identification><Strip_Source><IMAGING_DATE>2021-07-01</IMAGING_DATE><IMAGING_TIME>03:00:00Z</IMAGING_TIME>"
        "</Strip_Source></Source_Identification>"
    )
    put(tmp_path, {"DIM_A.XML": product("A", extra_source=more), "IMG_A_R1C1.TIF": "II"})
    _, reading = one(airbus_dimap2.FORMAT, tmp_path)
    acquired = value(reading, Field.ACQUIRED)
    assert acquired.precision is Precision.INTERVAL and (acquired.start.month, acquired.end.month) == (6, 7)


def test_missing_and_escaping_tiles_are_findings(tmp_path: Path) -> None:
    text = product("A", tiles=("R1C1", "R1C2", "R2C1")).replace("IMG_A_R2C1.TIF", "../../etc/passwd")
    put(tmp_path, {"DIM_A.XML": text, "IMG_A_R1C1.TIF": "II"})
    _, reading = one(airbus_dimap2.FORMAT, tmp_path)
    assert sorted(codes(reading)) == ["archive.href-outside", "archive.tiles-missing"]
    assert [t.basename for t in reading.rasters[0].tiles] == ["IMG_A_R1C1.TIF"]


def test_impossible_time_is_reported_and_unknown(tmp_path: Path) -> None:
    put(tmp_path, {"DIM_A.XML": product("A", time="25:61:00Z"), "IMG_A_R1C1.TIF": "II"})
    _, reading = one(airbus_dimap2.FORMAT, tmp_path)
    assert value(reading, Field.ACQUIRED) is None
    assert codes(reading) == ["archive.bad-value"]


def test_products_in_folders_below_keep_their_own_files(tmp_path: Path) -> None:
    put(tmp_path, {"DIM_A.XML": product("A"), "IMG_A_R1C1.TIF": "II", "other/DIM_B.XML": product("B"), "other/IMG_B_R1C1.TIF": "II"})
    found = scenes(airbus_dimap2.FORMAT, tmp_path)
    assert [[f.basename for f, _ in s.files] for s, _ in found] == [["DIM_A.XML", "IMG_A_R1C1.TIF"], ["DIM_B.XML", "IMG_B_R1C1.TIF"]]


def dimap1(
    body: str, mission: str = "SPOT", index: str = "5", data: str = '<Data_File><DATA_FILE_PATH href="imagery.tif"/></Data_File>'
) -> str:
    return (
        "<?xml version='1.0'?><Dimap_Document><Metadata_Id><METADATA_FORMAT version='1.1'>DIMAP</METADATA_FORMAT></Metadata_Id>"
        f"<Dataset_Sources><Source_Information><Scene_Source><IMAGING_DATE>2009-03-14</IMAGING_DATE><IMAGING_TIME>03:21:00.25</IMAGING_TIME>"
        f"<MISSION>{mission}</MISSION><MISSION_INDEX>{index}</MISSION_INDEX>{body}</Scene_Source></Source_Information></Dataset_Sources>"
        "<Coordinate_Reference_System><Horizontal_CS><HORIZONTAL_CS_CODE>epsg:32648</HORIZONTAL_CS_CODE>"
        "<HORIZONTAL_CS_TYPE>PROJECTED</HORIZONTAL_CS_TYPE></Horizontal_CS></Coordinate_Reference_System>"
        "<Geoposition><Geoposition_Insert><ULXMAP>700000</ULXMAP><ULYMAP>2300000</ULYMAP><XDIM>10</XDIM><YDIM>10</YDIM></Geoposition_Insert></Geoposition>"
        f"<Data_Access>{data}</Data_Access><Data_Processing><PROCESSING_LEVEL>2A</PROCESSING_LEVEL></Data_Processing>"
        "<Image_Interpretation>"
        + "".join(
            f"<Spectral_Band_Info><BAND_INDEX>{i}</BAND_INDEX><BAND_DESCRIPTION>{n}</BAND_DESCRIPTION></Spectral_Band_Info>"
            for i, n in enumerate(("XS3", "XS2", "XS1", "SWIR"), 1)
        )
        + "</Image_Interpretation></Dimap_Document>"
    )


def test_spot5_map_product(tmp_path: Path) -> None:
    body = "<INSTRUMENT>HRG</INSTRUMENT><VIEWING_ANGLE>-2.25872</VIEWING_ANGLE><INCIDENCE_ANGLE>-2.640282</INCIDENCE_ANGLE>"
    put(tmp_path, {"METADATA.DIM": dimap1(body), "imagery.tif": "II", "imagery.tfw": "10", "ICON.JPG": "jpg"})
    scene, reading = one(airbus_dimap1.FORMAT, tmp_path)
    assert value(reading, Field.PLATFORM) == "SPOT-5"
    assert (value(reading, Field.OFF_NADIR), value(reading, Field.INCIDENCE_ANGLE)) == (2.25872, 2.640282)
    assert (value(reading, Field.GSD), value(reading, Field.DECLARED_CRS), value(reading, Field.NATIONAL_LEVEL)) == (10, "EPSG:32648", "2A")
    assert [b.common_name for b in reading.rasters[0].bands] == ["nir", "red", "green", "swir16"]
    assert {f.basename for f in scene.with_role(FileRole.BROWSE)} == {"ICON.JPG"}
    assert [f.basename for f in reading.rasters[0].sidecars] == ["imagery.tfw", "METADATA.DIM"]


@pytest.mark.parametrize(
    ("mission", "index", "platform"),
    [("VNREDSat", "1", "VNREDSat-1"), ("VNREDSAT", "1A", "VNREDSat-1"), ("FORMOSAT", "2", "FORMOSAT-2"), ("THEOS", "1", "THEOS-1")],
)
def test_other_missions_of_the_format(tmp_path: Path, mission: str, index: str, platform: str) -> None:
    angles = {"SATELLITE_INCIDENCE_ANGLE": 12.5, "SATELLITE_AZIMUTH_ANGLE": -80}
    body = "".join(f"<{name}>{value}</{name}>" for name, value in angles.items())
    put(tmp_path, {"METADATA.DIM": dimap1(body, mission, index), "imagery.tif": "II"})
    _, reading = one(airbus_dimap1.FORMAT, tmp_path)
    assert value(reading, Field.PLATFORM) == platform
    assert value(reading, Field.INCIDENCE_ANGLE) == 12.5
    assert value(reading, Field.VIEW_AZIMUTH) == 280
    assert value(reading, Field.ACQUIRED).start.microsecond == 250000


def test_bands_in_separate_files(tmp_path: Path) -> None:
    data = "".join(f'<Data_File><BAND_INDEX>{i}</BAND_INDEX><DATA_FILE_PATH href="B{i}.TIF"/></Data_File>' for i in range(1, 5))
    put(tmp_path, {"METADATA.DIM": dimap1("", data=data), **{f"B{i}.TIF": "II" for i in range(1, 5)}})
    _, reading = one(airbus_dimap1.FORMAT, tmp_path)
    assert [(r.key, r.bands[0].common_name) for r in reading.rasters] == [
        ("xs3", "nir"),
        ("xs2", "red"),
        ("xs1", "green"),
        ("swir", "swir16"),
    ]


def test_list_of_volumes_is_no_scene(tmp_path: Path) -> None:
    text = "<Dimap_Document><Metadata_Id><METADATA_FORMAT version='1.1'>DIMAP</METADATA_FORMAT></Metadata_Id><Dataset_Id/></Dimap_Document>"
    put(tmp_path, {"VOL_LIST.DIM": text})
    assert scenes(airbus_dimap1.FORMAT, tmp_path) == []


def test_geographic_pleiades_neo_ortho(tmp_path: Path) -> None:
    """What real Pleiades Neo orthos do: degrees called metres, the centre among the vertices, NED bands numbered 4, 2, 3."""
    points = [(4.919, 45.767), (4.937, 45.767), (4.937, 45.753), (4.919, 45.753), (4.928, 45.760)]
    vertices = "".join(f"<Vertex><LON>{lon}</LON><LAT>{lat}</LAT></Vertex>" for lon, lat in points)
    extent = f"<Dataset_Extent>{vertices}<Center><LON>4.928</LON><LAT>45.760</LAT></Center></Dataset_Extent>"
    ned = "".join(
        f"<Raster_Index><BAND_ID>{n}</BAND_ID><BAND_INDEX>{i}</BAND_INDEX></Raster_Index>" for n, i in (("NIR", 4), ("RE", 2), ("DB", 3))
    )
    files = (
        '<Data_Files><Data_File tile_R="1" tile_C="1"><DATA_FILE_PATH href="IMG_RGB_R1C1.TIF"/></Data_File></Data_Files>'
        '<Data_Files><Data_File tile_R="1" tile_C="1"><DATA_FILE_PATH href="IMG_NED_R1C1.TIF"/></Data_File>'
        f"<Raster_Display><Raster_Index_List>{ned}</Raster_Index_List></Raster_Display></Data_Files>"
    )
    text = product("X", spectral="MS-FS", bands=("R", "G", "B", "NIR", "RE", "DB"), files=files)
    text = text.replace(">SENSOR<", ">ORTHO<").replace(">BASIC<", ">REFLECTANCE<")
    text = text.replace('<RESAMPLING_SPACING unit="m">2.0<', '<RESAMPLING_SPACING unit="m">1.0791859271024855e-05<')
    text = text.replace("</Dataset_Content>", f"{extent}</Dataset_Content>")
    text = text.replace("<MISSION>PHR<", "<MISSION>PNEO<").replace("<MISSION_INDEX>1B<", "<MISSION_INDEX>3<")
    text = text.replace(
        "<Raster_Data>",
        "<Coordinate_Reference_System><Geodetic_CRS><GEODETIC_CRS_CODE>urn:ogc:def:crs:EPSG::4326</GEODETIC_CRS_CODE></Geodetic_CRS>"
        '</Coordinate_Reference_System><Geoposition><Geoposition_Insert><ULXMAP unit="deg">4.919</ULXMAP>'
        '<YDIM unit="deg">1.079185927102548e-05</YDIM>'
        "</Geoposition_Insert></Geoposition><Raster_Data>",
    )
    text = text.replace("<Band_Radiance>", "<Band_Reflectance>").replace("</Band_Radiance>", "</Band_Reflectance>")
    text = text.replace("L=DN/GAIN+BIAS", "Formulae: RHO=RHO'/GAIN+BIAS")
    put(tmp_path, {"DIM_X.XML": text, "IMG_RGB_R1C1.TIF": "II", "IMG_NED_R1C1.TIF": "II"})
    _, reading = one(airbus_dimap2.FORMAT, tmp_path)
    assert value(reading, Field.GSD) == 1.2
    assert value(reading, Field.FOOTPRINT) == tuple(points[:4])
    assert value(reading, Field.DECLARED_CRS) == "EPSG:4326"
    by_key = {r.key: r for r in reading.rasters}
    assert [b.name for b in by_key["ms-fs-ned"].bands] == ["NIR", "RE", "DB"]
    assert by_key["ms-fs-ned"].bands[0].scale == 0.125, "reflectance products take the reflectance gain"
    assert by_key["ms-fs-rgb"].gsd == 1.2
