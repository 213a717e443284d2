"""Other people's software reads a release: pystac, stac-valid, DuckDB, pyarrow, rasterio, rio-cogeo, tifffile, odc-stac."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pystac
import pytest
import rasterio
import tifffile
from rio_cogeo.cogeo import cog_validate

from catalog_builder.stac.reading import read_back
from catalog_builder.stac.schemas import SchemaStore

ITEMS = {"HaLong_20210605", "CamPha_20220607", "VanDon_20230608"}


@pytest.fixture(scope="module")
def items(release: Path) -> dict[str, pystac.Item]:
    return {i.id: i for i in pystac.Catalog.from_file(str(release / "catalog.json")).get_items(recursive=True)}


def test_pystac_walks_the_tree_and_finds_every_file(release: Path, items: dict[str, pystac.Item]) -> None:
    assert set(items) == ITEMS
    for item in items.values():
        assert item.get_root() is not None and item.get_collection() is not None
        for link in item.links:
            target = link.get_absolute_href()
            assert target is not None
            if "://" not in target:
                assert Path(target).is_file(), f"{item.id}: {link.rel} {target}"
    assert (release / "index.html").is_file()


def test_files_agree_with_what_the_items_say(items: dict[str, pystac.Item]) -> None:
    for item in items.values():
        for asset in item.assets.values():
            if not (asset.media_type or "").startswith("image/tiff"):
                continue
            href = asset.get_absolute_href()
            assert href is not None
            valid, errors, _ = cog_validate(href, strict=True)
            assert valid, errors
            if "data" not in (asset.roles or []):
                continue
            with rasterio.open(href) as dataset:
                holder: dict[str, Any] = {**item.properties, **asset.extra_fields}
                assert list(dataset.shape) == holder["proj:shape"]
                assert list(dataset.transform)[:6] == pytest.approx(holder["proj:transform"][:6])
                assert f"EPSG:{dataset.crs.to_epsg()}" == holder["proj:code"]
                assert [b["data_type"] for b in asset.extra_fields["bands"]] == list(dataset.dtypes)


def test_statistics_are_those_of_the_pixels(items: dict[str, pystac.Item]) -> None:
    for item in items.values():
        asset = next(a for a in item.assets.values() if "data" in (a.roles or []))
        with rasterio.open(asset.get_absolute_href() or "") as dataset:
            for number, band in enumerate(asset.extra_fields["bands"], start=1):
                pixels = dataset.read(number, masked=True).compressed().astype("float64")
                told = band["statistics"]
                assert (told["minimum"], told["maximum"]) == (pixels.min(), pixels.max())
                assert told["mean"] == pytest.approx(pixels.mean())
                assert told["stddev"] == pytest.approx(pixels.std())
                assert sum(band["raster:histogram"]["buckets"]) == pixels.size


def test_tifffile_reads_the_same_pixels_as_gdal(items: dict[str, pystac.Item]) -> None:
    for item in items.values():
        href = next(a for a in item.assets.values() if "data" in (a.roles or [])).get_absolute_href() or ""
        with rasterio.open(href) as dataset:
            by_gdal = dataset.read()
        by_tifffile = tifffile.imread(href)
        assert np.array_equal(by_gdal, by_tifffile.transpose(2, 0, 1) if by_tifffile.shape[-1] == by_gdal.shape[0] else by_tifffile)


def test_duckdb_and_pyarrow_query_items_parquet(release: Path) -> None:
    path = release / "items.parquet"
    rows = duckdb.sql(f"SELECT id FROM '{path}' WHERE bbox.xmin > 106 AND bbox.xmax < 109 AND datetime IS NULL").fetchall()
    assert {r[0] for r in rows} == ITEMS
    geo = json.loads(pq.read_schema(path).metadata[b"geo"])
    assert geo["version"].startswith("1.1") and "bbox" in geo["columns"][geo["primary_column"]]["covering"]


def test_hrefs_in_items_parquet_lead_to_the_files(release: Path) -> None:
    for table, folder in ((release / "items.parquet", release), (release / "scenes/items.parquet", release / "scenes")):
        for row in pq.read_table(table, columns=["assets"]).to_pylist():
            hrefs = [a["href"] for a in row["assets"].values() if a]
            assert hrefs and all((folder / h).is_file() for h in hrefs)


@pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")  # odc-geo uses what affine and shapely are about to drop
@pytest.mark.filterwarnings("ignore:The 'shapely.ops.transform:DeprecationWarning")
def test_odc_stac_loads_pixels_from_an_item_unchanged(items: dict[str, pystac.Item]) -> None:
    odc = pytest.importorskip("odc.stac")
    item = items["HaLong_20210605"]
    key = next(k for k, a in item.assets.items() if "data" in (a.roles or []))
    with rasterio.open(item.assets[key].get_absolute_href() or "") as dataset:
        expected = dataset.read(1)
    item.make_asset_hrefs_absolute()
    data = odc.load([item], bands=[f"{key}.1"])
    assert np.array_equal(data[f"{key}.1"].values[0], expected)


@pytest.mark.shared
def test_pystac_validates_the_release_with_the_official_schemas(release: Path, shared: Path) -> None:
    assert read_back(release, SchemaStore((shared / "schemas",))) == []
