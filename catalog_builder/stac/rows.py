"""Items as rows of Arrow: what ``items.parquet`` keeps of an item, in the columns of stac-geoparquet 1.0.

It is an index: values that are bulky or of free form (histograms, statistics, provenance, translations) stay in the items' JSON,
which is the truth. Properties are columns beside the other members of the item, geometry is WKB, the box is a struct, times are
timestamps in UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from catalog_builder.stac.hilbert import hilbert_key
from catalog_builder.stac.model import Json
from catalog_builder.times import from_stac

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
TIMES = ("datetime", "start_datetime", "end_datetime", "created", "updated", "expires", "published", "unpublished")
"""Columns that stac-geoparquet keeps as timestamps."""

ORDER = "cb:hilbert"
"""Column of the rows that sorts them; it is not written."""

_NUMBERS = frozenset({"gsd", "eo:center_wavelength", "eo:full_width_half_max"})
_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_TIMESTAMP = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of some items, loaded when they are needed; and of each row what must be known of all before any is written.

    Relative hrefs are as seen from the folder of the file that is written, or, with ``folder``, from that folder in it."""

    schema: pa.Schema
    order: pa.RecordBatch  # position on the Hilbert curve, id
    boxes: NDArray[np.float64]  # west, south, east, north
    types: frozenset[str]  # of geometries
    load: Callable[[], pa.RecordBatch]
    folder: str = ""


def part_of(rows: pa.RecordBatch, load: Callable[[], pa.RecordBatch] | None = None) -> Part:
    """The part that ``rows`` are; with ``load`` they are not held but loaded again."""
    boxes = np.column_stack([pc.struct_field(rows["bbox"], name).to_numpy() for name in _CORNERS])
    types = frozenset(orjson.loads(rows.schema.metadata[b"types"]))
    return Part(rows.schema, rows.select([ORDER, "id"]), boxes, types, load or (lambda: rows))


def rows_of(items: Iterable[Json]) -> pa.RecordBatch:
    """The rows of ``items`` in the order of the Hilbert curve, then of their ids. Columns are those that any of them has.

    Raises:
        ValueError: there are no items, or an item has no geometry.
    """
    kept = list(items)
    for item in kept:
        if item.get("geometry") is None or item.get("bbox") is None:
            raise ValueError(f"item {item.get('id')} has no geometry")
    if not kept:
        raise ValueError("no items to write")
    keyed = sorted(((hilbert_key(i["bbox"]), i["id"], i) for i in kept), key=lambda entry: entry[:2])
    shapes = shapely.from_geojson([orjson.dumps(i["geometry"]) for _, _, i in keyed])
    outlines = shapely.to_wkb(shapes, byte_order=1, flavor="iso")
    rows = [{ORDER: key, **_row(item, wkb)} for (key, _, item), wkb in zip(keyed, outlines, strict=True)]
    batch = pa.RecordBatch.from_struct_array(pa.array(rows))
    for name in TIMES:
        number = batch.schema.get_field_index(name)
        if number >= 0 and pa.types.is_null(batch.schema.types[number]):
            batch = batch.set_column(number, name, batch[name].cast(_TIMESTAMP))
    return batch.replace_schema_metadata({b"types": orjson.dumps(sorted({i["geometry"]["type"] for i in kept}))})


def fitted(parts: Iterable[Part], schema: pa.Schema) -> pa.RecordBatch:
    """The rows of ``parts`` in the columns of ``schema``, which has all that are to be kept; what a part does not know is null."""
    tables = []
    for (own, folder), alike in groupby(parts, key=lambda p: (p.schema, p.folder)):
        table = pa.Table.from_batches([p.load().replace_schema_metadata(None) for p in alike], own.remove_metadata())
        [rows] = table.select([name for name in own.names if name in schema.names]).combine_chunks().to_batches()
        rows = pa.RecordBatch.from_struct_array(rows.to_struct_array().cast(pa.struct(list(schema))))
        tables.append(_lifted(rows, folder) if folder else rows)
    [whole] = pa.Table.from_batches(tables, schema).combine_chunks().to_batches()
    return whole


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


def _row(item: Json, wkb: bytes) -> Json:
    """One row: the members of the item, then its properties; a property with the name of a member gives way."""
    row = slim(item)
    properties: Json = row.pop("properties")
    for name in TIMES:
        if properties.get(name) is not None:
            properties[name] = from_stac(properties[name])
    row |= {"geometry": wkb, "bbox": dict(zip(_CORNERS, row["bbox"], strict=True))}
    return row | {name: value for name, value in properties.items() if name not in row}


def _lifted(rows: pa.RecordBatch, folder: str) -> pa.RecordBatch:
    """``rows`` with hrefs as seen from above ``folder``."""
    for name in ("assets", "links"):
        number = rows.schema.get_field_index(name)
        if number >= 0:
            rows = rows.set_column(number, rows.schema.field(number), _with_hrefs(rows[name], folder))
    return rows


def _with_hrefs(column: Any, folder: str) -> Any:
    """``column`` with every ``href`` in it, however deep, as seen from above ``folder``."""
    if pa.types.is_list(column.type):
        return pa.ListArray.from_arrays(column.offsets, _with_hrefs(column.values, folder), mask=column.is_null())
    if not pa.types.is_struct(column.type):
        return column
    fields = list(column.type)
    inner = [_above(column.field(n), folder) if f.name == "href" else _with_hrefs(column.field(n), folder) for n, f in enumerate(fields)]
    return pa.StructArray.from_arrays(inner, fields=fields, mask=column.is_null())


def _above(hrefs: Any, folder: str) -> Any:
    below = pc.binary_join_element_wise(folder, hrefs, "/")
    moved = pc.if_else(pc.starts_with(hrefs, "../"), pc.utf8_slice_codeunits(hrefs, 3), below)
    return pc.if_else(pc.match_substring(hrefs, "://"), hrefs, moved)
