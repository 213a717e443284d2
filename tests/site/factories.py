"""Releases for the pages: items from the STAC room's own writer, placed as the release room places them, files in a folder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from catalog_builder.definition.model import Access, CollectionDefinition, Definition
from catalog_builder.facts import Field
from catalog_builder.files import StoredFile, json_bytes, write_bytes
from catalog_builder.findings import Finding
from catalog_builder.raster.model import Raster
from catalog_builder.release.links import with_links
from catalog_builder.release.model import Partition, PlacedCollection, PlacedItem, Release
from catalog_builder.site import render
from catalog_builder.site.addresses import safe_name
from catalog_builder.stac.collection import make_catalog, make_collection, summarise
from catalog_builder.stac.model import Json
from catalog_builder.times import When, from_stac
from tests.stac import factories as stac

Box = tuple[float, float, float, float]


def picture(folder: Path, name: str, size: tuple[int, int]) -> StoredFile:
    """A real small WebP that browsers show."""
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    stream = BytesIO()
    image.save(stream, "WEBP", quality=60)
    return write_bytes(folder / name, stream.getvalue())


def scene(
    root: Path,
    item_id: str,
    collection: str,
    definition: Definition,
    box: Box = stac.HA_LONG,
    when: When | None = None,
    raster: Raster | None = None,
    **facts: Any,
) -> Json:
    """Write the files of one scene under ``root`` and give its item JSON."""
    moment = when or When.instant(datetime(2019, 6, 5, 3, 12, 34, tzinfo=UTC))
    folder = root / item_folder(collection, item_id, moment.start)
    folder.mkdir(parents=True, exist_ok=True)
    made = raster or replace(
        stac.raster(folder, footprint=stac.footprint(box)),
        thumbnail=picture(folder, "thumbnail.webp", (210, 256)),
        preview=picture(folder, "preview.webp", (819, 1024)),
    )
    claims = stac.claims(**{Field.ACQUIRED.value: moment, **facts})
    assignment = replace(stac.assignment(), collection=definition.collection(collection))
    delivery = stac.delivery(item_id, claims)
    json = stac.item(folder, delivery=delivery, raster=made, assignment=assignment, definition=definition).json
    return with_links(json, [{"rel": "root", "href": "../../../../catalog.json", "type": "application/json"}])


def item_folder(collection: str, item_id: str, start: datetime) -> str:
    return f"{collection}/{start.year:04d}/{start.month:02d}/{item_id}"


def placed(root: Path, json: Json) -> PlacedItem:
    """``json`` written into the release as an item."""
    p = json["properties"]
    start, end = from_stac(p.get("start_datetime") or p["datetime"]), from_stac(p.get("end_datetime") or p["datetime"])
    folder = item_folder(json["collection"], json["id"], start)
    file = write_bytes(root / folder / f"{json['id']}.json", json_bytes(json))
    thumbnail = json["assets"].get("thumbnail")
    return PlacedItem(
        id=json["id"],
        collection=json["collection"],
        title=p["title"],
        path=f"{folder}/{json['id']}.json",
        start=start,
        end=end,
        bbox=tuple(json["bbox"]) if "bbox" in json else None,  # type: ignore[arg-type]
        platform=p.get("platform"),
        instruments=tuple(p.get("instruments", ())),
        gsd=p.get("gsd"),
        cloud_cover=p.get("eo:cloud_cover"),
        resolution_class=p.get("vn:resolution_class"),
        thumbnail=f"{folder}/thumbnail.webp" if thumbnail else None,
        json_size=file.size,
        json_checksum=file.checksum,
        load=partial(_copy, json),
    )


def release(
    root: Path,
    scenes: Sequence[Json],
    definition: Definition,
    findings: Iterable[Finding] = (),
    drafts: tuple[Json, ...] = (),
    audience: Access = Access.PUBLIC,
) -> Release:
    """The release of ``scenes``, by year and month."""
    write_bytes(root / "release.json", b"{}")
    items = sorted((placed(root, json) for json in scenes), key=lambda i: (-i.start.timestamp(), i.id))
    collections = tuple(
        _collection(root, c, [i for i in items if i.collection == c.id], [s for s in scenes if s["collection"] == c.id], definition)
        for c in definition.collections
        if any(i.collection == c.id for i in items)
    )
    catalog = make_catalog(definition)
    write_bytes(root / "catalog.json", json_bytes(catalog))
    findings = tuple(findings)
    for draft in drafts:
        if safe_name(draft["id"]):
            write_bytes(root / "qa" / "drafts" / f"{draft['id']}.json", json_bytes(draft))
    write_bytes(root / "findings.json", json_bytes([f.to_json() for f in findings]))
    return Release("0123456789abcdef", definition, audience, catalog, collections, findings, drafts)


def _collection(
    root: Path, defined: CollectionDefinition, items: Sequence[PlacedItem], scenes: Sequence[Json], definition: Definition
) -> PlacedCollection:
    json = make_collection(defined, [summarise(s) for s in scenes], definition)
    write_bytes(root / defined.id / "items.parquet", b"PAR1")
    json["assets"] = {
        "items": {
            "href": "./items.parquet",
            "type": "application/vnd.apache.parquet",
            "title": "items",
            "roles": ["collection-mirror"],
            "file:size": 4,
        }
    }
    write_bytes(root / defined.id / "collection.json", json_bytes(json))
    return PlacedCollection(defined.id, f"{defined.id}/collection.json", json, tuple(items), _years(root, defined.id, items))


def _years(root: Path, collection: str, items: Sequence[PlacedItem]) -> tuple[Partition, ...]:
    years = []
    for year in sorted({i.start.year for i in items}):
        of_year = [i for i in items if i.start.year == year]
        months = tuple(
            _partition(root, collection, (f"{year:04d}", f"{month:02d}"), tuple(i for i in of_year if i.start.month == month), ())
            for month in sorted({i.start.month for i in of_year})
        )
        years.append(_partition(root, collection, (f"{year:04d}",), (), months))
    return tuple(years)


def _partition(root: Path, collection: str, key: tuple[str, ...], items: tuple[PlacedItem, ...], inner: tuple[Partition, ...]) -> Partition:
    path = "/".join([collection, *key, "catalog.json"])
    titles = {"vi": "/".join(reversed(key)), "en": "/".join(reversed(key))}
    json: Json = {"type": "Catalog", "stac_version": "1.1.0", "id": "-".join([collection, *key]), "description": titles["vi"], "links": []}
    write_bytes(root / path, json_bytes(json))
    return Partition(key, titles, path, json, items, inner)


def written(root: Path, made: Release) -> dict[str, bytes]:
    """The pages of ``made``, written beside its data; a page written twice is an error."""
    pages: dict[str, bytes] = {}
    for page in render(made):
        assert page.path not in pages, f"{page.path} is written twice"
        pages[page.path] = page.data
        write_bytes(root / page.path, page.data)
    return pages


def _copy(json: Json) -> Json:
    return dict(json)
