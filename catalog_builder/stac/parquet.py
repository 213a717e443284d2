"""``items.parquet``: all items of a collection or catalogue in one file that a browser or DuckDB can query by range requests.

The format is stac-geoparquet 1.0 in GeoParquet 1.1: geometry as WKB, a ``bbox`` column as covering, zstd, rows in the order of the
Hilbert curve, so that a question about one place reads few row groups. Rows come in parts (:mod:`catalog_builder.stac.rows`) and are
sorted on disk, so that memory does not grow with their number.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from catalog_builder.stac.extent import union
from catalog_builder.stac.rows import ORDER, Part, fitted

ROWS_PER_GROUP = 5_000
"""Rows per row group: about a megabyte compressed, one range request of a browser."""

ROWS_PER_RUN = 20_000
"""Rows that are sorted in memory at a time."""

GEOPARQUET_VERSION = "1.1.0"
STAC_GEOPARQUET_VERSION = "1.0.0"
GEOARROW = {
    b"ARROW:extension:name": b"geoarrow.wkb",
    b"ARROW:extension:metadata": orjson.dumps({"crs": "OGC:CRS84", "crs_type": "authority_code"}),
}
"""What the geometry column is, for readers of Arrow (geoarrow.org, extension types)."""

_RANK = "rank"


def write_items_parquet(parts: Sequence[Part], path: Path) -> int:
    """Write the rows of ``parts`` to ``path`` and return how many there were.

    Sorted runs of rows pass through a temporary folder beside ``path``, cut where the row groups will be.

    Raises:
        ValueError: there are no parts.
    """
    if not parts:
        raise ValueError("no items to write")
    schema, ranks = _schema(parts), _ranks(parts)
    count = sum(len(r) for r in ranks)
    bounds = np.arange(0, count + ROWS_PER_GROUP, ROWS_PER_GROUP)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".parquet-") as folder:
        runs: list[Path] = []
        for numbers in _runs(ranks):
            runs.append(Path(folder) / str(len(runs)))
            _sort([parts[n] for n in numbers], np.concatenate([ranks[n] for n in numbers]), bounds, schema, runs[-1])
        _write(runs, path, schema.with_metadata(_metadata(parts)))
    return count


def _schema(parts: Sequence[Part]) -> pa.Schema:
    """The schema that fits every part; numbers that are whole in some and not in others become floats.

    Parquet stores neither structs without members nor columns without a type, so these are left out.
    """
    schema = pa.unify_schemas(list(dict.fromkeys(p.schema.remove_metadata() for p in parts)), promote_options="permissive")
    fields = [f for f in schema if f.name != ORDER and not _is_empty(f.type)]
    return pa.schema([f.with_metadata(GEOARROW) if f.name == "geometry" else f for f in fields])


def _is_empty(kind: Any) -> bool:
    return bool(pa.types.is_null(kind) or (pa.types.is_struct(kind) and kind.num_fields == 0))


def _ranks(parts: Sequence[Part]) -> list[NDArray[np.int64]]:
    """For each part the places of its rows in the file: along the Hilbert curve, then by id, then as the parts come."""
    table = pa.Table.from_batches([p.order for p in parts])
    order = pc.sort_indices(table, sort_keys=[(ORDER, "ascending"), ("id", "ascending")]).to_numpy()
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.arange(len(order))
    return np.split(ranks, np.cumsum([p.order.num_rows for p in parts])[:-1])


def _runs(ranks: Sequence[NDArray[np.int64]]) -> Iterator[list[int]]:
    """The numbers of the parts that are sorted together."""
    run: list[int] = []
    rows = 0
    for number, part in enumerate(ranks):
        run.append(number)
        rows += len(part)
        if rows >= ROWS_PER_RUN:
            yield run
            run, rows = [], 0
    if run:
        yield run


def _sort(parts: Sequence[Part], ranks: NDArray[np.int64], bounds: NDArray[np.int64], schema: pa.Schema, path: Path) -> None:
    """Write the rows of ``parts`` to ``path`` in the order of ``ranks``, one batch for each row group of the file to be."""
    order = np.argsort(ranks)
    batch = fitted(parts, schema).append_column(_RANK, pa.array(ranks)).take(pa.array(order))
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
        for first, last in pairwise(np.searchsorted(ranks[order], bounds)):
            writer.write_batch(batch.slice(first, last - first))


def _write(runs: Sequence[Path], path: Path, schema: pa.Schema) -> None:
    """Merge the runs, one row group at a time."""
    readers = [pa.ipc.open_file(pa.OSFile(str(run))) for run in runs]
    with pq.ParquetWriter(path, schema, compression="zstd", compression_level=9, write_page_index=True) as writer:
        for group in range(readers[0].num_record_batches):
            table = pa.Table.from_batches([r.get_batch(group) for r in readers]).combine_chunks()
            table = table.take(pc.sort_indices(table[_RANK])).drop_columns([_RANK])
            writer.write_table(table.cast(schema), row_group_size=ROWS_PER_GROUP)


def _metadata(parts: Sequence[Part]) -> dict[bytes, bytes]:
    boxes = np.concatenate([p.boxes for p in parts])
    if (boxes[:, 0] <= boxes[:, 2]).all():
        around = (*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist())
    else:
        around = union((w, s, e, n) for w, s, e, n in boxes.tolist())
    column = {
        "encoding": "WKB",
        "geometry_types": sorted({t for p in parts for t in p.types}),
        "edges": "planar",
        "bbox": list(around),
        "covering": {"bbox": {name: ["bbox", name] for name in ("xmin", "ymin", "xmax", "ymax")}},
    }  # without "crs" it is OGC:CRS84, longitude and latitude on WGS 84, by the GeoParquet 1.1 specification
    geo = {"version": GEOPARQUET_VERSION, "primary_column": "geometry", "columns": {"geometry": column}}
    return {b"geo": orjson.dumps(geo), b"stac-geoparquet": orjson.dumps({"version": STAC_GEOPARQUET_VERSION})}
