"""A small product is painted while it is proven: the same picture as one painted from the finished product."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from catalog_builder.raster.canvas import open_canvas
from catalog_builder.raster.environment import locked_gdal
from catalog_builder.raster.previews import paint_preview, write_previews
from catalog_builder.raster.rendering import choose
from catalog_builder.raster.visual import write_visual
from tests.raster.raster_kit import converted, noise, write


@pytest.mark.parametrize(("bands", "dtype", "nodata"), [(3, "uint8", None), (1, "uint16", 0), (4, "uint16", 0), (1, "float32", None)])
def test_as_from_the_finished_product(tmp_path: Path, bands: int, dtype: str, nodata: int | None) -> None:
    data = noise((bands, 700, 900), dtype, 1, 200)
    data[:, :100] = 0  # no data where nodata is 0
    if dtype == "float32":
        data[:, 600:] = np.nan
    raster = converted(write(tmp_path / "a.tif", data, nodata=nodata), tmp_path / "store")
    assert raster.visual is not None and raster.preview is not None and raster.thumbnail is not None
    look, _ = choose(raster.products, ())
    assert look is not None
    with locked_gdal(), ExitStack() as stack:
        canvas = open_canvas(look, stack)
        visual = write_visual(canvas, tmp_path / "visual.tif", tmp_path, 1)
        preview, thumbnail, size = write_previews(paint_preview(canvas), look.style, tmp_path)
    assert size == raster.preview_size == (900, 700)
    assert [visual.checksum, preview.checksum, thumbnail.checksum] == [
        f.checksum for f in (raster.visual, raster.preview, raster.thumbnail)
    ]
