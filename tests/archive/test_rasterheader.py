"""Raster headers are read by content, within limits, without writing and without following pointers."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import rasterio
import tifffile
from rasterio.control import GroundControlPoint
from rasterio.crs import CRS

from catalog_builder.archive import rasterheader
from catalog_builder.archive.rasterheader import read_header
from catalog_builder.archive.rastersniff import is_raster, sniff
from catalog_builder.errors import UnreadableDelivery
from tests.archive.generic_kit import archive_file, snapshot, write_raster


def code_of(path: Path) -> str:
    with pytest.raises(UnreadableDelivery) as caught:
        read_header(archive_file(path))
    return caught.value.findings[0].code


def test_header_tells_grid_and_bands(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "a.tif", count=3, dtype="uint16", nodata=7, tags={"TIFFTAG_SOFTWARE": "writer 1"})
    with rasterio.open(path, "r+") as dataset:
        dataset.descriptions = ("red", "green", "blue")
        dataset.scales, dataset.offsets = (0.5,) * 3, (1.0,) * 3
    header = read_header(archive_file(path))
    assert (header.driver, header.width, header.height, header.count) == ("GTiff", 40, 30, 3)
    assert header.transform == (10, 0, 727000, 0, -10, 2320000)
    assert CRS.from_wkt(header.crs_wkt or "").to_epsg() == 32648
    assert header.nodata == (7, 7, 7)
    assert header.descriptions == ("red", "green", "blue")
    assert header.scales == (0.5, 0.5, 0.5)
    assert header.tags["TIFFTAG_SOFTWARE"] == "writer 1"
    assert header.images == 1


def test_unplaced_raster_has_neither_crs_nor_transform(tmp_path: Path) -> None:
    header = read_header(archive_file(write_raster(tmp_path / "a.tif", epsg=None)))
    assert header.crs_wkt is None and header.transform is None and header.gcps == ()


def test_gcps_keep_their_pixel_positions(tmp_path: Path) -> None:
    points = [GroundControlPoint(row=r, col=c, x=107 + c / 1000, y=21 - r / 1000) for r, c in ((0, 0), (0, 40), (30, 40), (30, 0))]
    path = write_raster(tmp_path / "a.tif", epsg=None, gcps=points, crs=CRS.from_epsg(4326))
    header = read_header(archive_file(path))
    assert [(p.column, p.row) for p in header.gcps] == [(0, 0), (40, 0), (40, 30), (0, 30)]
    assert CRS.from_wkt(header.gcp_crs_wkt or "").to_epsg() == 4326


@pytest.mark.parametrize(
    ("driver", "suffix"), [("GTiff", ".tif"), ("PNG", ".png"), ("JPEG", ".jpg"), ("HFA", ".img"), ("ENVI", ".img"), ("AAIGrid", ".asc")]
)
def test_driver_follows_from_the_content(tmp_path: Path, driver: str, suffix: str) -> None:
    plain = {"epsg": None} if driver in ("PNG", "JPEG") else {}
    if driver == "AAIGrid":
        (tmp_path / "a.asc").write_text("ncols 2\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize 1\n1 2\n3 4\n")
    else:
        write_raster(tmp_path / f"a{suffix}", driver=driver, **plain)
    file = archive_file(tmp_path / f"a{suffix}")
    assert sniff(file) == driver
    assert read_header(file).driver == driver


def test_name_does_not_decide(tmp_path: Path) -> None:
    write_raster(tmp_path / "a.png", epsg=None, driver="PNG").rename(tmp_path / "b.tif")
    assert read_header(archive_file(tmp_path / "b.tif")).driver == "PNG"


def test_a_projection_file_beside_a_raw_raster_is_no_raster(tmp_path: Path) -> None:
    write_raster(tmp_path / "a.img", driver="ENVI")
    (tmp_path / "a.prj").write_text("x" * 10)
    assert is_raster(archive_file(tmp_path / "a.img"))
    assert not is_raster(archive_file(tmp_path / "a.prj"))
    assert not is_raster(archive_file(tmp_path / "a.hdr"))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "archive.raster-empty"),
        (b"<!DOCTYPE html><html>404</html>", "archive.raster-not-recognised"),
        (b"II*\x00" + b"\xff" * 200, "archive.raster-unreadable"),
        (b"<VRTDataset rasterXSize='1' rasterYSize='1'/>", "archive.raster-not-recognised"),
        (b"<GDAL_WMS><Service name='TMS'/></GDAL_WMS>", "archive.raster-not-recognised"),
    ],
)
def test_what_is_no_image_is_a_finding(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "a.tif").write_bytes(content)
    assert code_of(tmp_path / "a.tif") == code


def test_cut_tiff_is_found_without_reading_pixels(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "a.tif", width=400, height=300)
    path.write_bytes(path.read_bytes()[:-20_000])
    assert code_of(path) == "archive.raster-truncated"


def test_cut_raw_image_is_found(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "a.img", driver="ENVI")
    path.write_bytes(path.read_bytes()[:-100])
    assert code_of(path) == "archive.raster-truncated"


def test_too_many_pixels_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_raster(tmp_path / "a.tif")
    monkeypatch.setattr(rasterheader, "MAX_PIXELS", 40 * 30 - 1)
    assert code_of(path) == "archive.raster-too-large"


def test_absurd_block_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    entries = [
        (256, 4, 2_000_000_000),
        (257, 4, 1),
        (258, 3, 8),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 8),
        (277, 3, 1),
        (278, 4, 1),
        (279, 4, 2_000_000_000),
    ]
    body = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    path.write_bytes(b"II*\x00\x08\x00\x00\x00" + struct.pack("<H", len(entries)) + body + b"\x00" * 4)
    assert code_of(path) == "archive.raster-too-large"


@pytest.mark.parametrize("name", ["a.tif.ovr", "a.tif.msk", "A.TIF.OVR", "a.aux"])
def test_side_file_that_is_no_raster_is_refused(tmp_path: Path, name: str) -> None:
    path = write_raster(tmp_path / "a.tif")
    (tmp_path / name).write_text('<VRTDataset rasterXSize="40" rasterYSize="30"><VRTRasterBand dataType="Byte" band="1"/></VRTDataset>')
    assert code_of(path) == "archive.raster-points-outside"


def test_side_file_that_is_a_link_is_refused(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "a.tif")
    other = write_raster(tmp_path / "elsewhere" / "secret.tif")
    (tmp_path / "a.tif.msk").symlink_to(other)
    assert code_of(path) == "archive.raster-points-outside"


def test_side_files_of_other_rasters_do_not_matter(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "a.tif")
    (tmp_path / "a2.tif.ovr").write_text("not pixels")
    assert read_header(archive_file(path)).width == 40


def test_pam_that_names_other_files_is_refused(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "a.tif")
    (tmp_path / "a.tif.aux.xml").write_text(
        '<PAMDataset><Metadata domain="OVERVIEWS"><MDI key="OVERVIEW_FILE">/etc/passwd</MDI></Metadata></PAMDataset>'
    )
    assert code_of(path) == "archive.raster-points-outside"


def test_harmless_side_files_are_read(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "a.tif", epsg=None)
    (tmp_path / "a.tif.aux.xml").write_text("<PAMDataset><SRS>EPSG:3405</SRS></PAMDataset>")
    (tmp_path / "a.tfw").write_text("10\n0\n0\n-10\n727005\n2319995\n")
    header = read_header(archive_file(path))
    assert CRS.from_wkt(header.crs_wkt or "").to_epsg() == 3405
    assert header.transform == (10, 0, 727000, 0, -10, 2320000)


def test_reading_leaves_the_archive_as_it_was(tmp_path: Path) -> None:
    for driver, suffix in (("GTiff", ".tif"), ("HFA", ".img"), ("PNG", ".png"), ("JPEG", ".jpg"), ("NITF", ".ntf")):
        write_raster(tmp_path / f"{driver}{suffix}", driver=driver, epsg=None)
    for leftover in tmp_path.glob("*.aux.xml"):
        leftover.unlink()
    before = snapshot(tmp_path)
    for path in sorted(tmp_path.iterdir()):
        read_header(archive_file(path))
    assert snapshot(tmp_path) == before


def test_names_with_gdal_syntax_are_just_names(tmp_path: Path) -> None:
    for name in ("GTIFF_DIR:1:a.tif", "a?b#c.tif", "zip+a.tif", "100%.tif", "ảnh vệ tinh.tif", "a!b.tif"):
        assert read_header(archive_file(write_raster(tmp_path / "x.tif").rename(tmp_path / name))).width == 40


def test_pages_of_a_tiff_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "pages.tif"
    tifffile.imwrite(path, np.ones((9, 9), "uint8"), photometric="minisblack", metadata=None)
    tifffile.imwrite(path, np.ones((9, 7), "uint8"), photometric="minisblack", metadata=None, append=True)
    assert read_header(archive_file(path)).images == 2
    assert read_header(archive_file(path), subdataset=1).width == 7


def test_tags_in_old_encodings_do_not_stop_the_reader(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.ones((9, 7), "uint8"), description="ảnh".encode("cp1258", "replace") + b"\xb6", metadata=None)
    assert read_header(archive_file(tmp_path / "a.tif")).width == 7


@pytest.mark.shared
def test_codecs_this_gdal_lacks_are_named(shared: Path) -> None:
    assert code_of(shared / "data/rasters/byte_lerc.tif") == "archive.convert-first"
    assert code_of(shared / "data/rasters/uint16_sgilog.tif") == "archive.convert-first"
    assert code_of(shared / "data/hostile/gdal_corpus/unknown_compression.tif") == "archive.convert-first"


@pytest.mark.shared
def test_every_shared_raster_has_a_header_or_a_finding(shared: Path) -> None:
    seen = 0
    for folder in ("rasters", "uav", "dem", "scanned_aerial", "hostile/gdal_corpus", "derived"):
        for path in sorted((shared / "data" / folder).rglob("*")):
            if path.is_file() and sniff(archive_file(path)) is not None:
                seen += 1
                try:
                    assert read_header(archive_file(path)).width > 0
                except UnreadableDelivery as problem:
                    assert all(f.code.startswith("archive.") for f in problem.findings)
    assert seen > 70
