"""items.parquet: readable by others, sorted, bounded, the same bytes for the same items."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
import shapely
import stac_geoparquet.arrow

from catalog_builder.stac import parquet
from catalog_builder.stac.hilbert import ORDER, _distance, hilbert_key
from catalog_builder.stac.model import Json
from catalog_builder.stac.parquet import write_items_parquet
from catalog_builder.stac.rows import part_of, rows_of
from catalog_builder.times import When
from tests.stac import factories as make


@pytest.fixture
def items(tmp_path: Path) -> list[Json]:
    """Items as different as a real collection's: instants and intervals, films, radar, two systems, whole and broken numbers."""
    folder = tmp_path / "files"
    film = make.claims(platform=None, gsd=None, scan_dpi=1200, photo_scale=20000, acquired=When.year(1965), cloud_cover=None)
    own = make.product(folder, "pan", grid=make.Grid(10, 10, (1, 0, 0, 0, -1, 0), make.custom_crs()))
    made = [
        make.item(folder, "a").json,
        make.item(folder, "b", delivery=make.delivery("b", film)).json,
        make.item(folder, "c", raster=make.raster(folder, (own,), footprint=make.footprint((104.0, 9.0, 104.5, 9.5)))).json,
        make.item(folder, "d", assignment=make.assignment(make.order())).json,
        make.item(
            folder,
            "e",
            delivery=make.delivery("e", make.claims(gsd=6, cloud_cover=7)),
            raster=make.raster(folder, (make.categorical(folder),)),
        ).json,
    ]
    return [make.linked(i) for i in made]


def write(items: Iterable[Json], path: Path, *, per_part: int = 1000) -> int:
    """``items`` in parts of ``per_part``."""
    given = list(items)
    parts = [part_of(rows_of(given[i : i + per_part])) for i in range(0, max(len(given), 1), per_part)]
    return write_items_parquet(parts, path)


def geo(path: Path) -> dict[str, Any]:
    metadata: dict[str, Any] = json.loads(pq.read_schema(path).metadata[b"geo"])
    return metadata


def test_pyarrow_and_stac_geoparquet_read_the_items_back(items: list[Json], tmp_path: Path) -> None:
    path = tmp_path / "items.parquet"
    assert write(items, path) == 5
    table = pq.read_table(path)
    assert sorted(table.column("id").to_pylist()) == ["a", "b", "c", "d", "e"]
    back = {i["id"]: i for i in stac_geoparquet.arrow.stac_table_to_items(table)}
    first = back["a"]
    assert first["properties"]["eo:cloud_cover"] == 12.5 and first["collection"] == "spot"
    assert first["assets"]["ms"]["file:checksum"] == items[0]["assets"]["ms"]["file:checksum"]
    assert shapely.geometry.shape(first["geometry"]).equals(shapely.geometry.shape(items[0]["geometry"]))
    assert back["b"]["properties"]["start_datetime"].startswith("1965-01-01T00:00:00")
    assert "raster:histogram" not in json.dumps(first) and "cb:provenance" not in first["properties"]


def test_duckdb_answers_a_question_of_place_and_cloud(items: list[Json], tmp_path: Path) -> None:
    path = tmp_path / "items.parquet"
    write(items, path)
    question = f"""SELECT id FROM '{path}' WHERE bbox.xmin < 105 AND bbox.xmax > 104 AND bbox.ymin < 10 AND "eo:cloud_cover" < 20"""
    assert duckdb.sql(question).fetchall() == [("c",)]
    assert duckdb.sql(f"SELECT count(*) FROM '{path}' WHERE datetime IS NULL").fetchall() == [(1,)]


def test_the_metadata_is_geoparquet_with_covering(items: list[Json], tmp_path: Path) -> None:
    path = tmp_path / "items.parquet"
    write(items, path)
    meta = geo(path)
    column = meta["columns"]["geometry"]
    assert (meta["version"], meta["primary_column"], column["encoding"]) == ("1.1.0", "geometry", "WKB")
    assert column["geometry_types"] == ["Polygon"] and column["bbox"] == [104.0, 9.0, 107.2, 21.1]
    assert column["covering"]["bbox"]["xmin"] == ["bbox", "xmin"]
    assert {f.name for f in pq.read_schema(path).field("bbox").type} == {"xmin", "ymin", "xmax", "ymax"}
    assert pq.ParquetFile(path).metadata.row_group(0).column(0).compression == "ZSTD"


def test_the_bytes_do_not_depend_on_the_order_of_the_items(items: list[Json], tmp_path: Path) -> None:
    one, two = tmp_path / "1.parquet", tmp_path / "2.parquet"
    write(items, one)
    write(reversed(items), two)
    assert one.read_bytes() == two.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["1.parquet", "2.parquet", "files"], "no temporary file is left"


def test_row_groups_are_bounded_and_sorted(items: list[Json], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "ROWS_PER_GROUP", 40)
    monkeypatch.setattr(parquet, "ROWS_PER_RUN", 20)
    path = tmp_path / "items.parquet"
    dice = random.Random(1)

    def many() -> Iterator[Json]:
        for number in range(100):
            west, south = dice.uniform(-170, 170), dice.uniform(-80, 80)
            base = items[number % len(items)]
            yield {**base, "id": f"i{number}", "bbox": [west, south, west + 0.1, south + 0.1]}

    write(many(), path, per_part=7)
    file = pq.ParquetFile(path)
    assert [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)] == [40, 40, 20]
    boxes = file.read(["bbox"]).column("bbox").to_pylist()
    keys = [hilbert_key([b["xmin"], b["ymin"], b["xmax"], b["ymax"]]) for b in boxes]
    assert keys == sorted(keys)


def test_an_item_across_the_antimeridian_keeps_its_box(items: list[Json], tmp_path: Path) -> None:
    folder = tmp_path / "files"
    across = make.item(folder, "z", raster=make.raster(folder, footprint=make.footprint_across_the_antimeridian())).json
    path = tmp_path / "items.parquet"
    write([across], path)
    assert geo(path)["columns"]["geometry"]["bbox"] == [179.5, -17.0, -179.5, -16.0]
    assert geo(path)["columns"]["geometry"]["geometry_types"] == ["MultiPolygon"]
    assert pq.read_table(path).column("bbox").to_pylist() == [{"xmin": 179.5, "ymin": -17.0, "xmax": -179.5, "ymax": -16.0}]


def test_nothing_and_no_geometry_are_refused(items: list[Json], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no items"):
        write([], tmp_path / "x.parquet")
    with pytest.raises(ValueError, match="item a has no geometry"):
        write([{**items[0], "geometry": None}], tmp_path / "x.parquet")


def test_items_without_assets_can_be_written(items: list[Json], tmp_path: Path) -> None:
    path = tmp_path / "items.parquet"
    write([{**items[0], "assets": {}}], path)
    assert "assets" not in pq.read_schema(path).names


def test_the_hilbert_curve_visits_every_cell_once_and_moves_to_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog_builder.stac.hilbert.ORDER", 4)
    cells = {_distance(x, y): (x, y) for x in range(16) for y in range(16)}
    assert sorted(cells) == list(range(256))
    for key in range(255):
        (x1, y1), (x2, y2) = cells[key], cells[key + 1]
        assert abs(x1 - x2) + abs(y1 - y2) == 1


def test_hilbert_keys_of_boxes() -> None:
    assert hilbert_key(None) == -1
    assert 0 <= hilbert_key([-180, -90, -180, -90]) < 4**ORDER
    assert hilbert_key([179, 0, -179, 1]) == hilbert_key([-180, 0, -180, 1])
