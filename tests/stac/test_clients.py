"""Other programs load pixels from our items as they are."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pystac
import pytest
import rasterio
from rasterio.transform import from_origin

from catalog_builder.files import describe, write_json
from catalog_builder.raster.model import Grid
from tests.stac import factories as make


@pytest.mark.filterwarnings("ignore")  # odc-geo calls what affine and shapely are about to drop
def test_odc_stac_loads_the_pixels_of_an_item(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of libraries below odc-stac while they load
        import odc.stac
    pixels = np.arange(4 * 20 * 30, dtype="uint16").reshape(4, 20, 30) + 1
    transform = from_origin(400000, 2330000, 6, 6)
    path = tmp_path / "ms.tif"
    product = make.product(tmp_path, grid=Grid(30, 20, tuple(transform)[:6], make.vn2000()))
    item = make.item(tmp_path, raster=make.raster(tmp_path, (product,)))
    path.unlink()  # the factory puts a stand-in under the same name
    with rasterio.open(path, "w", "GTiff", 30, 20, 4, "EPSG:5899", transform, "uint16", 0) as dataset:
        dataset.write(pixels)
    item.json["assets"]["ms"] |= {"file:size": describe(path).size, "file:checksum": describe(path).checksum}
    write_json(tmp_path / "item.json", make.linked(item.json))
    loaded = odc.stac.load([pystac.Item.from_file(str(tmp_path / "item.json"))], bands=["ms"])
    assert loaded.odc.crs.to_epsg() == 5899 and loaded.odc.geobox.affine == transform
    np.testing.assert_array_equal(loaded["ms"].isel(time=0).values, pixels[0])
