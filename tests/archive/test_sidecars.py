"""Files beside a raster: what belongs to it, and the CRS and control points they declare."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyproj import CRS, Transformer

from catalog_builder.archive.delivery import FileRole, GroundControlPoint
from catalog_builder.archive.mapinfo import coordsys_to_wkt, parse_tab
from catalog_builder.archive.rasterheader import read_header
from catalog_builder.archive.sidecars import NamesOf, georeference_claims, known_crs, parse_points, parse_world_file, side_files, to_gcps
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.facts import Field, Origin
from tests.archive.generic_kit import archive_file, folder_of, write_raster

UTM48 = CRS.from_epsg(32648)


def test_files_that_belong_to_a_raster(tmp_path: Path) -> None:
    write_raster(tmp_path / "x.tif")
    for name in (
        "x.tfw",
        "x.prj",
        "x.tif.aux.xml",
        "x.tif.ovr",
        "x.tif.msk",
        "x.RPB",
        "x_rpc.txt",
        "x.xml",
        "x.tif.points",
        "x2.tfw",
        "x_old.tif",
        "y.prj",
    ):
        (tmp_path / name).write_text("?")
    folder = folder_of(tmp_path)
    raster = folder.file("x.tif")
    assert raster is not None
    assert {f.basename: role for f, role in side_files(raster, NamesOf(folder.files))} == {
        "x.tfw": FileRole.GEOREFERENCE,
        "x.prj": FileRole.GEOREFERENCE,
        "x.tif.aux.xml": FileRole.GEOREFERENCE,
        "x.tif.points": FileRole.GEOREFERENCE,
        "x.tif.ovr": FileRole.OTHER,
        "x.tif.msk": FileRole.MASK,
        "x.RPB": FileRole.RPC,
        "x_rpc.txt": FileRole.RPC,
        "x.xml": FileRole.METADATA,
    }


@pytest.mark.parametrize(
    ("text", "crs"),
    [
        (UTM48.to_wkt("WKT1_ESRI"), UTM48),
        (UTM48.to_wkt(), UTM48),
        ("EPSG:5899", CRS.from_epsg(5899)),
        ("Projection UTM\nZone 48\nDatum WGS84\nUnits METERS\n", UTM48),
        ("Projection    GEOGRAPHIC\nDatum         WGS84\n", CRS.from_epsg(4326)),
    ],
)
def test_prj_is_a_claim(tmp_path: Path, text: str, crs: CRS) -> None:
    (tmp_path / "x.prj").write_text(text)
    claims, findings = georeference_claims([archive_file(tmp_path / "x.prj")])
    assert findings == ()
    (claim,) = claims
    assert claim.field is Field.DECLARED_CRS and claim.source.origin is Origin.METADATA
    assert (
        CRS.from_user_input(claim.value).equals(crs, ignore_axis_order=True) or CRS.from_user_input(claim.value).to_epsg() == crs.to_epsg()
    )


@pytest.mark.parametrize("text", ['PROJCS["broken', "Projection UTM\nZone 48\nDatum NAD27\n", "hello"])
def test_prj_nobody_can_read_is_a_finding(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.prj").write_text(text)
    claims, findings = georeference_claims([archive_file(tmp_path / "x.prj")])
    assert claims == ()
    assert [f.code for f in findings] == ["archive.sidecar-crs-unknown"]


def test_pam_srs_is_a_claim_and_bad_xml_a_finding(tmp_path: Path) -> None:
    (tmp_path / "a.tif.aux.xml").write_text("<PAMDataset><SRS>EPSG:3405</SRS></PAMDataset>")
    (tmp_path / "b.tif.aux.xml").write_text("<PAMDataset><SRS>EPSG:3405</SR")
    claims, findings = georeference_claims([archive_file(tmp_path / n) for n in ("a.tif.aux.xml", "b.tif.aux.xml")])
    assert [c.value for c in claims] == ["EPSG:3405"]
    assert [f.code for f in findings] == ["archive.sidecar-unreadable"]


def test_wkt_that_proj_refuses_counts_by_its_own_code_only_under_the_same_name() -> None:
    broken = 'GEOGCRS["{}",ENSEMBLE["e",MEMBER["m"],ELLIPSOID["WGS 84",6378137,298.257223563]],CS[ellipsoidal,2],ID["EPSG",4326]]'
    assert known_crs(broken.format("WGS 84")) == "EPSG:4326"
    assert known_crs(broken.format("VN-2000")) is None


def test_world_file_gives_the_corner_of_the_first_pixel(tmp_path: Path) -> None:
    (tmp_path / "x.tfw").write_text("2,5\n0\n0\n-2,5\n727001,25\n2321498,75\n")
    assert parse_world_file(archive_file(tmp_path / "x.tfw")) == (2.5, 0, 727000, 0, -2.5, 2321500)
    (tmp_path / "x.tfw").write_text("2.5\n0\n0\n0\n727001.25\n2321498.75\n")
    assert parse_world_file(archive_file(tmp_path / "x.tfw")) is None
    (tmp_path / "x.tfw").write_text("not a world file")
    assert parse_world_file(archive_file(tmp_path / "x.tfw")) is None


def test_qgis3_points(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "x.tif", epsg=None)
    (tmp_path / "x.tif.points").write_text(
        f"#CRS: {UTM48.to_wkt()}\nmapX,mapY,sourceX,sourceY,enable,dX,dY,residual\n"
        "727000,2320000,1.5,-2.25,1,0,0,0\n727390,2319700,39,-29,0,0,0,0\n"
    )
    points = parse_points(archive_file(tmp_path / "x.tif.points"))
    assert CRS.from_user_input(points.crs).to_epsg() == 32648
    assert to_gcps(points, read_header(archive_file(path))) == (
        GroundControlPoint(1.5, 2.25, 727000, 2320000, True),
        GroundControlPoint(39, 29, 727390, 2319700, False),
    )


def test_qgis2_points_have_no_crs(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "x.tif", epsg=None)
    (tmp_path / "x.points").write_text("mapX,mapY,pixelX,pixelY,enable\n106.75,21.0,10.0,-12.0,1\n")
    points = parse_points(archive_file(tmp_path / "x.points"))
    assert points.crs is None
    assert to_gcps(points, read_header(archive_file(path))) == (GroundControlPoint(10, 12, 106.75, 21),)


def test_source_coordinates_of_a_placed_raster_are_turned_into_pixels(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "x.tif")
    (tmp_path / "x.points").write_text("mapX,mapY,sourceX,sourceY,enable\n106.75,21.0,727100,2319950,1\n")
    (gcp,) = to_gcps(parse_points(archive_file(tmp_path / "x.points")), read_header(archive_file(path)))
    assert (gcp.column, gcp.row) == pytest.approx((10, 5))


@pytest.mark.parametrize(
    "text",
    ["", "just text", "mapX,mapY,sourceX,sourceY\n1,2,x,4\n", "mapX,mapY,sourceX,sourceY\n1,2\n", "mapX,mapY,sourceX,sourceY\nnan,2,3,4\n"],
)
def test_broken_points_are_a_finding(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.points").write_text(text)
    with pytest.raises(UnreadableDelivery) as caught:
        parse_points(archive_file(tmp_path / "x.points"))
    assert caught.value.findings[0].code == "archive.sidecar-unreadable"


def test_tab_of_a_registered_raster(tmp_path: Path) -> None:
    (tmp_path / "x.tab").write_text(
        '!table\n!version 300\n!charset WindowsLatin1\n\nDefinition Table\n  File "x.tif"\n  Type "RASTER"\n'
        '  (727000,2320000) (0,0) Label "Pt 1",\n  (727400,2319700) (40,30) Label "Pt 2"\n'
        '  CoordSys Earth Projection 8, 104, "m", 105, 0, 0.9996, 500000, 0\n  Units "m"\n'
    )
    table = parse_tab(archive_file(tmp_path / "x.tab"))
    assert table is not None and table.raster == "x.tif"
    shift = Transformer.from_crs(CRS.from_wkt(table.wkt or ""), UTM48, always_xy=True).transform(727000, 2320000)
    assert shift == pytest.approx((727000, 2320000), abs=1e-3)
    assert table.gcps == (GroundControlPoint(0, 0, 727000, 2320000), GroundControlPoint(40, 30, 727400, 2319700))


def test_tab_with_seven_parameters_of_vn2000_agrees_with_epsg(tmp_path: Path) -> None:
    """MapInfo's rotations have the coordinate-frame sense of EPSG:6960, so its numbers go into the clause as they stand."""
    clause = (
        "Earth Projection 8, 9999, 28, -191.90441429, -39.30318279, -111.45032835, -0.00928836, 0.01975479, -0.00427372, 0.252906278, 0,"
        ' "m", 107.75, 0, 0.9999, 500000, 0'
    )
    wkt = coordsys_to_wkt(clause)
    assert wkt is not None
    ours = Transformer.from_crs(CRS.from_wkt(wkt), CRS.from_epsg(4326), always_xy=True).transform(428000, 2320000)
    pinned = Transformer.from_pipeline("urn:ogc:def:coordinateOperation:EPSG::6960")
    lon, lat = Transformer.from_crs(CRS.from_epsg(5899), CRS.from_epsg(4756), always_xy=True).transform(428000, 2320000)
    expected_lat, expected_lon = pinned.transform(lat, lon)
    assert ours == pytest.approx((expected_lon, expected_lat), abs=1e-7)


@pytest.mark.parametrize(
    "clause",
    [
        'Earth Projection 8, 4711, "m", 105, 0, 0.9996, 500000, 0',
        'Earth Projection 77, 104, "m", 1',
        'NonEarth Units "m"',
        "Earth Projection 8, 104",
        'Earth Projection 8, 9999, 999, 1,1,1,1,1,1,1,0,"m",1,1,1,1,1',
    ],
)
def test_unknown_numbers_of_mapinfo_are_not_guessed(clause: str) -> None:
    assert coordsys_to_wkt(clause) is None


def test_tab_of_a_vector_table_is_none_of_ours(tmp_path: Path) -> None:
    (tmp_path / "x.tab").write_text('!table\nDefinition Table\n  Type NATIVE Charset "WindowsLatin1"\n  Fields 1\n')
    assert parse_tab(archive_file(tmp_path / "x.tab")) is None


def test_tab_is_a_claim_or_a_finding(tmp_path: Path) -> None:
    for name, datum in (("a", 104), ("b", 4711)):
        (tmp_path / f"{name}.tab").write_text(f'Definition Table\n File "x"\n Type "RASTER"\n CoordSys Earth Projection 1, {datum}\n')
    claims, findings = georeference_claims([archive_file(tmp_path / "a.tab"), archive_file(tmp_path / "b.tab")])
    assert [c.source.locator for c in claims] == ["CoordSys"]
    assert [f.code for f in findings] == ["archive.sidecar-crs-unknown"]
