"""``items.parquet``: all items of a collection or catalogue in one file that a browser or DuckDB can query by range requests.

The format is stac-geoparquet 1.0 in GeoParquet 1.1: geometry as WKB, a ``bbox`` column as covering, zstd, rows in the order of the
Hilbert curve, so that a question about one place reads few row groups. It is an index: values that are bulky or of free form
(histograms, statistics, provenance, translations) stay in the items' JSON, which is the truth.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from stac_geoparquet.arrow import parse_stac_ndjson_to_arrow

from catalog_builder.stac.extent import Box, union
from catalog_builder.stac.hilbert import hilbert_key
from catalog_builder.stac.model import Json

ROWS_PER_GROUP = 5_000
"""Rows per row group: about a megabyte compressed, one range request of a browser."""

CHUNK = 1_000
"""Items turned from JSON into columns together; bounds memory."""

GEOPARQUET_VERSION = "1.1.0"
STAC_GEOPARQUET_VERSION = "1.0.0"

LEFT_OUT = frozenset(
    {
        "cb:access_reason",
        "cb:provenance",
        "cb:sources",
        "cb:texts",
        "contacts",
        "language",
        "languages",
        "processing:software",
        "proj:projjson",
        "renders",
    }
)
"""Properties that stay in the JSON: long, or with keys of free form that would become columns."""

BAND_FIELDS = ("name", "description", "data_type", "unit", "gsd", "eo:common_name", "eo:center_wavelength", "eo:full_width_half_max")
ASSET_FIELDS = (
    "href",
    "type",
    "title",
    "description",
    "roles",
    "file:size",
    "file:checksum",
    "gsd",
    "proj:code",
    "proj:shape",
    "proj:transform",
    "proj:bbox",
    "bands",
)

_NUMBERS = frozenset({"gsd", "eo:center_wavelength", "eo:full_width_half_max"})
_WKB = b"\x01"


@dataclass(slots=True)
class _Seen:
    """What the metadata of the file will say about the geometry column, and where each spooled line is."""

    types: set[str] = field(default_factory=set)
    boxes: list[Box] = field(default_factory=list)
    lines: list[tuple[int, str, int, int]] = field(default_factory=list)  # Hilbert key, id, offset, length


def write_items_parquet(items: Iterable[Json], path: Path) -> int:
    """Write ``items`` to ``path`` and return how many there were. The order of ``items`` does not matter to the bytes.

    Items pass one by one; a temporary file beside ``path`` holds them in between.

    Raises:
        ValueError: there are no items, or an item has no geometry.
    """
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".parquet-") as folder:
        raw, ordered = Path(folder) / "items.ndjson", Path(folder) / "ordered.ndjson"
        seen = _spool(items, raw)
        if not seen.lines:
            raise ValueError("no items to write")
        _reorder(raw, ordered, seen)
        reader = parse_stac_ndjson_to_arrow(str(ordered), chunk_size=CHUNK, schema=_schema(ordered))
        _write(reader, path, seen)
    return len(seen.lines)


def slim(item: Json) -> Json:
    """``item`` as the index keeps it: typed alike in every row, without what is bulky or of free form."""
    properties = {k: v for k, v in item["properties"].items() if k not in LEFT_OUT and (v is not None or k == "datetime")}
    for name, value in properties.items():
        if isinstance(value, int) and not isinstance(value, bool) and name in _NUMBERS:
            properties[name] = float(value)
    return {
        "type": item["type"],
        "stac_version": item["stac_version"],
        "stac_extensions": item.get("stac_extensions", []),
        "id": item["id"],
        "geometry": item["geometry"],
        "bbox": [float(v) for v in item["bbox"]],
        "properties": properties,
        "links": [{k: v for k, v in entry.items() if isinstance(v, str | int)} for entry in item["links"]],
        "assets": {key: _slim_asset(asset) for key, asset in item["assets"].items()},
        "collection": item.get("collection"),
    }


def _slim_asset(asset: Json) -> Json:
    out = {name: asset[name] for name in ASSET_FIELDS if asset.get(name) is not None}
    for name in ("proj:transform", "proj:bbox"):
        if name in out:
            out[name] = [float(v) for v in out[name]]
    if "gsd" in out:
        out["gsd"] = float(out["gsd"])
    if "bands" in out:
        out["bands"] = [{n: float(b[n]) if n in _NUMBERS else b[n] for n in BAND_FIELDS if b.get(n) is not None} for b in out["bands"]]
    return out


def _spool(items: Iterable[Json], path: Path) -> _Seen:
    seen = _Seen()
    with path.open("wb") as stream:
        for item in items:
            if item.get("geometry") is None or item.get("bbox") is None:
                raise ValueError(f"item {item.get('id')} has no geometry")
            line = orjson.dumps(slim(item)) + b"\n"
            seen.lines.append((hilbert_key(item["bbox"]), item["id"], stream.tell(), len(line)))
            stream.write(line)
            seen.types.add(item["geometry"]["type"])
            west, south, east, north = item["bbox"]
            seen.boxes.append((west, south, east, north))
    return seen


def _reorder(raw: Path, ordered: Path, seen: _Seen) -> None:
    with raw.open("rb") as source, ordered.open("wb") as target:
        for _, _, offset, length in sorted(seen.lines):
            source.seek(offset)
            target.write(source.read(length))


def _schema(path: Path) -> pa.Schema:
    """The Arrow schema that fits every line of ``path``; numbers that are whole in some items and not in others become floats."""
    schema = pa.schema([])
    with path.open("rb") as stream:
        for chunk in _chunks(stream):
            rows = [{**orjson.loads(line), "geometry": _WKB} for line in chunk]
            schema = pa.unify_schemas([schema, pa.schema(list(pa.array(rows).type))], promote_options="permissive")
    return schema


def _chunks(stream: BinaryIO) -> Iterator[Sequence[bytes]]:
    chunk: list[bytes] = []
    for line in stream:
        chunk.append(line)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _write(reader: pa.RecordBatchReader, path: Path, seen: _Seen) -> None:
    empty = [f.name for f in reader.schema if _is_empty(f.type)]
    schema = pa.schema([f for f in reader.schema if f.name not in empty], metadata=_metadata(seen))
    with pq.ParquetWriter(path, schema, compression="zstd", compression_level=9, write_page_index=True) as writer:
        waiting: list[pa.RecordBatch] = []
        for batch in reader:
            waiting.append(batch.drop_columns(empty).replace_schema_metadata(schema.metadata))
            if sum(b.num_rows for b in waiting) >= ROWS_PER_GROUP:
                waiting = _write_groups(writer, waiting, final=False)
        _write_groups(writer, waiting, final=True)


def _write_groups(writer: pq.ParquetWriter, batches: Sequence[pa.RecordBatch], final: bool) -> list[pa.RecordBatch]:
    """Write whole row groups, and in the end the rest; what is left over for the next group is returned."""
    if not batches:
        return []
    table = pa.Table.from_batches(batches)
    rows = table.num_rows if final else table.num_rows - table.num_rows % ROWS_PER_GROUP
    writer.write_table(table.slice(0, rows), row_group_size=ROWS_PER_GROUP)
    return list(table.slice(rows).to_batches())


def _is_empty(kind: Any) -> bool:
    """Parquet stores neither structs without members nor columns without a type."""
    return bool(pa.types.is_null(kind) or (pa.types.is_struct(kind) and kind.num_fields == 0))


def _metadata(seen: _Seen) -> dict[bytes, bytes]:
    column = {
        "encoding": "WKB",
        "geometry_types": sorted(seen.types),
        "edges": "planar",
        "bbox": list(union(seen.boxes)),
        "covering": {"bbox": {name: ["bbox", name] for name in ("xmin", "ymin", "xmax", "ymax")}},
    }  # without "crs" it is OGC:CRS84, longitude and latitude on WGS 84, by the GeoParquet 1.1 specification
    geo = {"version": GEOPARQUET_VERSION, "primary_column": "geometry", "columns": {"geometry": column}}
    return {b"geo": orjson.dumps(geo), b"stac-geoparquet": orjson.dumps({"version": STAC_GEOPARQUET_VERSION})}
