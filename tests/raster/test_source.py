"""Opening rasters from untrusted archives: only pixels, only here, only so much."""

from __future__ import annotations

import resource
from pathlib import Path

import numpy as np
import pytest
import rasterio
from PIL import Image

from catalog_builder.raster.convert import convert
from catalog_builder.raster.options import RasterOptions
from catalog_builder.workers import Limited, LocalWorkers, OutOfMemory
from tests.raster.raster_kit import QUANG_NINH, archive_file, codes, converted, delivery, noise, source, tree_hash, write


@pytest.mark.parametrize(
    "text",
    [
        '<VRTDataset rasterXSize="2" rasterYSize="2"><VRTRasterBand dataType="Byte" band="1" subClass="VRTRawRasterBand">'
        "<SourceFilename>/etc/passwd</SourceFilename></VRTRasterBand></VRTDataset>",
        '<GDAL_WMS><Service name="TMS"><ServerUrl>http://127.0.0.1:9/${z}</ServerUrl></Service></GDAL_WMS>',
        "<html>404</html>",
        "",
    ],
)
def test_what_only_points_elsewhere_is_not_a_raster(tmp_path: Path, text: str) -> None:
    path = tmp_path / "scene.tif"
    path.write_text(text)
    assert codes(converted(path, tmp_path / "store")) == {"raster.unreadable"}


def test_side_files_that_reach_out_are_left_out(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", noise((1, 60, 60)))
    evil = tmp_path / "a.tif.aux.xml"
    evil.write_text('<PAMDataset><Metadata domain="OVERVIEWS"><MDI key="OVERVIEW_FILE">/etc/passwd</MDI></Metadata></PAMDataset>')
    raster = converted(path, tmp_path / "store", sidecars=(archive_file(evil),))
    assert codes(raster) == {"raster.unsafe-sidecar"} and len(raster.products) == 1


def test_neighbours_that_the_archive_room_did_not_choose_are_not_seen(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", noise((1, 60, 60)), crs=None)
    (tmp_path / "a.tif.aux.xml").write_text("<PAMDataset><SRS>EPSG:32648</SRS></PAMDataset>")
    assert codes(converted(path, tmp_path / "one")) == {"crs.missing"}
    assert converted(path, tmp_path / "two", sidecars=(archive_file(tmp_path / "a.tif.aux.xml"),)).products


def test_header_larger_than_any_block_is_refused_before_reading(tmp_path: Path) -> None:
    path = tmp_path / "wide.tif"
    sparse = {"SPARSE_OK": "TRUE", "interleave": "pixel", "transform": QUANG_NINH, "crs": "EPSG:32648"}
    with rasterio.open(path, "w", driver="GTiff", width=600_000_000, height=1, count=2, dtype="uint8", **sparse):
        pass
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert codes(converted(path, tmp_path / "store")) == {"raster.block-too-large"}
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


def test_a_declared_nodata_value_goes_before_alpha(tmp_path: Path) -> None:
    """As GDAL has it where both stand in the file; the product used to differ from its source, under fully transparent tiles."""
    data = noise((4, 1100, 1100))
    data[-1], data[:, :20] = 255, 0
    data[-1, :600, :600] = 0
    declared = converted(write(tmp_path / "a.tif", data, photometric="RGB", alpha="YES"), tmp_path / "one", nodata=0)
    in_file = converted(write(tmp_path / "a.tif", data, photometric="RGB", alpha="YES", nodata=0), tmp_path / "two")
    assert declared.findings == () and declared.products[0].bands == in_file.products[0].bands
    assert declared.products[0].bands[0].statistics.valid_percent == pytest.approx(100 * 1080 / 1100)


@pytest.mark.parametrize("equal", [True, False])
def test_bands_may_have_masks_of_their_own_only_if_they_are_equal(tmp_path: Path, equal: bool) -> None:
    path = write(tmp_path / "a.tif", noise((2, 50, 50)))
    masks = np.full((2, 50, 50), 255, "uint8")
    masks[:, :10] = 0
    masks[1, :, :20] = masks[0, :, :20] if equal else 0
    beside = write(tmp_path / "a.tif.msk", masks)
    with rasterio.open(beside, "r+") as dataset:
        dataset.update_tags(INTERNAL_MASK_FLAGS_1="0", INTERNAL_MASK_FLAGS_2="0")
    raster = converted(path, tmp_path / "store", sidecars=(archive_file(beside),))
    if equal:
        assert raster.findings == () and [b.statistics.valid_percent for b in raster.products[0].bands] == [80, 80]
    else:
        assert codes(raster) == {"raster.band-masks"} and raster.products == ()


def convert_sparse_floats(folder: Path) -> int:
    """Runs in a child: 15 million floats in a strip become 120 megabytes of doubles."""
    return len(converted(folder / "a.tif", folder / "store").products)


def test_want_of_memory_is_no_property_of_the_scene(tmp_path: Path) -> None:
    write(tmp_path / "a.tif", np.zeros((1, 1024, 30_000), "float32"), compress="deflate", tiled=True, SPARSE_OK="TRUE")
    with LocalWorkers(1) as workers:
        with pytest.raises(OutOfMemory):
            workers.submit(Limited(convert_sparse_floats, memory_bytes=640 << 20), tmp_path).result()
        assert workers.submit(convert_sparse_floats, tmp_path).result() == 1


def test_second_image_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "two.tif"
    first, second = noise((1, 40, 40)), noise((1, 40, 40), low=100)
    write(path, first)
    write_second = {"APPEND_SUBDATASET": "YES"}
    write(path, second, **write_second)
    raster = converted(path, tmp_path / "store", subdataset=1)
    with rasterio.open(raster.products[0].cog.path) as dataset:
        assert (dataset.read() == second).all()
    assert codes(converted(path, tmp_path / "none", subdataset=2)) == {"raster.unreadable"}


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_picture_that_is_also_a_vrt_is_read_as_a_picture(tmp_path: Path) -> None:
    """GDAL recognises a VRT by text anywhere before the first zero byte; a JPEG can hold such text in its first segment."""
    secret = write(tmp_path / "secret/secret.tif", np.full((1, 60, 60), 77, "uint8"))
    text = (
        '<VRTDataset rasterXSize="60" rasterYSize="60"><VRTRasterBand dataType="Byte" band="1"><SimpleSource>'
        f"<SourceFilename>{secret}</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>\0"
    ).encode()
    picture = tmp_path / "archive/scene.jpg"
    picture.parent.mkdir()
    Image.fromarray(np.full((60, 60), 200, "uint8")).save(picture, "JPEG")
    segment = b"\xff\xe1" + (0x0202).to_bytes(2, "big") + text.ljust(0x0200, b" ")
    picture.write_bytes(picture.read_bytes()[:2] + segment + picture.read_bytes()[2:])
    with rasterio.open(picture) as naive:
        assert naive.driver == "VRT" and naive.read(1).max() == 77  # the danger is real
    world = picture.with_suffix(".jgw")
    world.write_text("10\n0\n0\n-10\n715005\n2319995\n")
    raster = converted(picture, tmp_path / "store", RasterOptions(declared_crs="EPSG:32648"), sidecars=(archive_file(world),))
    with rasterio.open(raster.products[0].cog.path) as dataset:
        assert dataset.read(1).min() > 195 and dataset.read(1).max() < 205


def test_odd_names(tmp_path: Path) -> None:
    path = write(tmp_path / "ảnh?x=1&if=VRT 'Hạ Long'.tif", noise((1, 60, 60)), crs=None)
    prj = path.with_name(path.stem + ".tif.aux.xml")
    prj.write_text("<PAMDataset><SRS>EPSG:32648</SRS></PAMDataset>")
    assert converted(path, tmp_path / "store", sidecars=(archive_file(prj),)).products


@pytest.mark.shared
@pytest.mark.timeout(120)
def test_hostile_rasters_end_as_findings(shared: Path, tmp_path: Path) -> None:
    hostile = shared / "data/hostile"
    before = tree_hash(hostile)
    slow = {"allzero_30000_deflate_bomb.tif", "single_block_32769_16385.jp2"}
    files = [
        p
        for p in [*hostile.iterdir(), *(hostile / "gdal_corpus").iterdir()]
        if p.suffix in (".tif", ".vrt", ".xml", ".png", ".jp2", ".gif")
    ]
    for number, path in enumerate(sorted(p for p in files if p.name not in slow)):
        raster = converted(path, tmp_path / str(number), RasterOptions(declared_crs="EPSG:32648"))
        if path.name not in ("html_in_tags.tif",):
            assert raster.products == () and raster.findings, path.name
        assert str(shared) not in repr([f.params for f in raster.findings]), path.name
    assert tree_hash(hostile) == before


@pytest.mark.shared
def test_real_rasters_of_every_kind(shared: Path, tmp_path: Path) -> None:
    folders = [shared / "data" / name for name in ("rasters", "uav", "dem", "scanned_aerial")]
    before = [tree_hash(f) for f in folders]
    made = 0
    for path in sorted(
        p for f in folders for p in f.iterdir() if p.suffix in (".tif", ".tiff", ".jp2", ".img") and p.stat().st_size < 400_000
    ):
        beside = tuple(archive_file(p) for p in path.parent.iterdir() if p != path and p.name.startswith(path.stem + "."))
        raster = convert(delivery(source(path, sidecars=beside)), tmp_path / path.name, RasterOptions(declared_crs="EPSG:32648"))
        made += len(raster.products)
        assert raster.products or any(f.severity.value == "error" for f in raster.findings), path.name
        assert not any(f.code in ("raster.pixels-differ", "raster.layout", "raster.no-visual") for f in raster.findings), path.name
    assert made >= 30
    assert [tree_hash(f) for f in folders] == before
