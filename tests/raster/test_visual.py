"""What people see: bands chosen by name, values stretched, nothing drawn where there are no data."""

from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import pytest
import rasterio
from PIL import Image

from catalog_builder.archive.delivery import Band, RasterKind
from catalog_builder.definition.model import Rendering
from catalog_builder.raster import paint, visual
from catalog_builder.raster.convert import convert
from catalog_builder.raster.options import RasterOptions
from catalog_builder.raster.previews import PAPER
from tests.raster.raster_kit import QUANG_NINH, codes, converted, delivery, noise, source, write

MULTISPECTRAL = (Band("B2", "blue"), Band("B3", "green"), Band("B4", "red"), Band("B8", "nir"))


def shown(path: Path, column: int, row: int) -> tuple[int, ...]:
    with rasterio.open(path) as dataset:
        return tuple(int(v) for v in dataset.read(window=((row, row + 1), (column, column + 1))).ravel())


def test_true_colour_by_common_name_with_percentile_stretch(tmp_path: Path) -> None:
    data = noise((4, 300, 300), "uint16", 100, 4000)
    raster = converted(write(tmp_path / "a.tif", data), tmp_path / "store", bands=MULTISPECTRAL)
    assert raster.rendering is not None and raster.visual is not None
    assert (raster.rendering["asset"], raster.rendering["bands"], raster.rendering["title"]) == ("a", [3, 2, 1], "True colour")
    s = raster.products[0].bands[2].statistics
    assert raster.rendering["ranges"][0] == [s.percentile_2, s.percentile_98]
    assert shown(raster.visual.path, 299, 299) == pytest.approx((255, 255, 255), abs=8)
    assert shown(raster.visual.path, 0, 0) == pytest.approx((0, 0, 0), abs=8)


def test_complex_numbers_look_the_same_with_any_number_of_threads(tmp_path: Path) -> None:
    """Larger than a preview; a mean of numbers whose phases differ would be darker than any of them."""
    phase = np.random.default_rng(5).uniform(0, 2 * np.pi, (1, 1100, 1200))
    path = write(tmp_path / "slc.tif", (100 * np.exp(1j * phase)).astype("complex64"))
    previews = []
    for threads in (1, 2, 3):
        preview = converted(path, tmp_path / str(threads), RasterOptions(threads=threads), kind=RasterKind.SAR).preview
        assert preview is not None
        previews.append(preview.path.read_bytes())
    assert len(set(previews)) == 1


@pytest.mark.parametrize("value", [0.0, 1e20, -3.4028235e38])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_one_value_of_any_size_is_shown(tmp_path: Path, dtype: str, value: float) -> None:
    raster = converted(write(tmp_path / "a.tif", np.full((1, 40, 40), value, dtype)), tmp_path / "store")
    assert raster.findings == () and raster.visual is not None and raster.rendering is not None
    low, high = raster.rendering["ranges"][0]
    assert low == pytest.approx(value) and high > low and shown(raster.visual.path, 3, 3) == (0,)


def test_false_colour_where_blue_is_missing(tmp_path: Path) -> None:
    bands = (Band("XS1", "green"), Band("XS2", "red"), Band("XS3", "nir"))
    raster = converted(write(tmp_path / "a.tif", noise((3, 50, 50), "uint16")), tmp_path / "store", bands=bands)
    assert raster.rendering is not None
    assert raster.rendering["bands"] == [3, 2, 1] and raster.rendering["title"].startswith("False colour")


def test_single_band_files_are_combined_on_the_grid_of_red(tmp_path: Path) -> None:
    coarse = rasterio.transform.from_origin(QUANG_NINH.c, QUANG_NINH.f, 20, 20)
    files = [
        source(write(tmp_path / "B1.tif", noise((1, 60, 60), "uint16")), bands=(Band("B1", "coastal"),)),
        source(write(tmp_path / "B2.tif", np.full((1, 60, 60), 50, "uint8")), bands=(Band("B2", "blue"),)),
        source(write(tmp_path / "B3.tif", np.full((1, 30, 30), 150, "uint8"), transform=coarse), bands=(Band("B3", "green"),)),
        source(write(tmp_path / "B4.tif", np.full((1, 60, 60), 250, "uint8")), bands=(Band("B4", "red"),)),
    ]
    raster = convert(delivery(*files), tmp_path / "store", RasterOptions())
    assert raster.rendering is not None and raster.visual is not None
    assert raster.rendering["assets"] == ["B4", "B3", "B2"] and raster.rendering["asset"] is None
    with rasterio.open(raster.visual.path) as dataset:
        assert (dataset.width, dataset.height) == (60, 60)
    assert shown(raster.visual.path, 30, 30) == pytest.approx((250, 150, 50), abs=4)


def test_the_collection_decides(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", noise((4, 60, 60), "uint16", 100, 4000))
    lacking = Rendering(title={"en": "SWIR"}, bands=("swir16",))
    infrared = Rendering(title={"vi": "Cận hồng ngoại"}, bands=("nir",), stretch="fixed", range=(0, 10_000))
    raster = converted(path, tmp_path / "one", RasterOptions(renderings=(lacking, infrared)), bands=MULTISPECTRAL)
    assert raster.rendering is not None and codes(raster) == set()
    assert raster.rendering["bands"] == [4] and raster.rendering["ranges"] == [[0, 10_000]] and raster.rendering["style"] == "grey"
    none_fits = converted(path, tmp_path / "two", RasterOptions(renderings=(lacking,)), bands=MULTISPECTRAL)
    assert codes(none_fits) == {"raster.rendering-unknown"}
    assert none_fits.rendering is not None and none_fits.rendering["bands"] == [3, 2, 1]


def test_nodata_is_masked_and_paper_in_the_preview(tmp_path: Path) -> None:
    data = noise((3, 700, 700))
    data[:, 600:, :] = 0
    raster = converted(write(tmp_path / "a.tif", data, nodata=0, photometric="RGB"), tmp_path / "store")
    assert raster.visual is not None and raster.preview is not None and raster.thumbnail is not None
    with rasterio.open(raster.visual.path) as dataset:
        assert np.array_equal(dataset.read_masks(1) > 0, data[0] > 0)
        assert dataset.compression.name == "jpeg" and dataset.photometric.name == "ycbcr"
    with Image.open(raster.preview.path) as image:
        assert image.size == (700, 700) == raster.preview_size and image.format == "JPEG"
        assert np.abs(np.asarray(image)[616:].astype(int) - PAPER).max() < 4
    with Image.open(raster.thumbnail.path) as image:
        assert image.size == (256, 256)
        assert np.abs(np.asarray(image)[232:].astype(int) - PAPER).max() < 4


def test_preview_sizes_of_a_long_strip(tmp_path: Path) -> None:
    raster = converted(write(tmp_path / "a.tif", noise((1, 20, 3000))), tmp_path / "store")
    assert raster.preview_size == (1024, 7) and raster.thumbnail is not None
    with Image.open(raster.thumbnail.path) as image:
        assert image.size == (256, 2) and image.mode == "L"


def test_elevation_is_shaded_without_seams(tmp_path: Path) -> None:
    rows, columns = np.indices((1100, 300))
    slope = (rows * 0.5 + columns)[None].astype("float32")
    raster = converted(write(tmp_path / "dem.tif", slope), tmp_path / "store", kind=RasterKind.ELEVATION)
    assert raster.visual is not None and raster.rendering is not None and raster.rendering["style"] == "relief"
    with rasterio.open(raster.visual.path) as dataset:
        column = dataset.read()[:, :, 150].astype(int)
    assert np.abs(np.diff(column, axis=1)).max() < 12


def test_nan_is_no_data(tmp_path: Path) -> None:
    data = noise((1, 80, 80), "float32")
    data[0, :40] = np.nan
    raster = converted(write(tmp_path / "a.tif", data), tmp_path / "store")
    assert raster.products[0].bands[0].statistics.valid_percent == 50
    assert raster.footprint is not None and raster.footprint.method == "nodata"
    assert raster.visual is not None
    with rasterio.open(raster.visual.path) as dataset:
        assert not dataset.read_masks(1)[:40].any() and dataset.read_masks(1)[40:].all()


def test_radar_shows_magnitudes(tmp_path: Path) -> None:
    data = (noise((1, 40, 40), "float32") * (1 + 1j)).astype("complex64")
    raster = converted(write(tmp_path / "slc.tif", data), tmp_path / "store", kind=RasterKind.SAR)
    assert raster.visual is not None and shown(raster.visual.path, 39, 39)[0] > 200


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "float32"])
def test_scaling_is_the_same_for_every_type(dtype: str) -> None:
    values = np.arange(0, 200, dtype=dtype)
    assert paint.scaled(values, 50, 100).tolist() == [min(max(round((v - 50) * 5.1 + 1e-9), 0), 255) for v in range(200)]


def test_eight_bits_are_shown_as_they_are_unless_they_are_dark(tmp_path: Path) -> None:
    bright = converted(write(tmp_path / "a.tif", noise((1, 50, 50), low=20, high=200)), tmp_path / "one")
    dark = converted(write(tmp_path / "b.tif", noise((1, 50, 50), low=20, high=60)), tmp_path / "two")
    assert bright.rendering is not None and bright.rendering["ranges"] == [[0, 255]]
    assert dark.rendering is not None and 18 < dark.rendering["ranges"][0][0] < 30 and 50 < dark.rendering["ranges"][0][1] < 62


@pytest.mark.parametrize("side", [100, 1500])
def test_a_full_disk_is_not_remembered_as_want_of_a_picture(tmp_path: Path, side: int, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.tif", noise((1, side, side), "float32"))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(visual, "describe", full)
    with pytest.raises(OSError, match="No space left"):
        converted(path, tmp_path / "store")
