"""Composing the tree: which items the audience may see, where each object stands, and the links between them.

Items are written one by one and only their summaries are kept, bottom up: items, partitions, collections, root. So every link can
carry the size and checksum of the finished file it points to. An item that is placed as in the served release is linked from there
without being read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import unquote

from catalog_builder.definition.model import Access, CollectionDefinition, Definition, localised
from catalog_builder.files import StoredFile, json_bytes, read_json
from catalog_builder.i18n import translate
from catalog_builder.release import links
from catalog_builder.release.known import KnownItem
from catalog_builder.release.memory import Memory
from catalog_builder.release.model import Page, Partition, PlacedCollection, PlacedItem, PromisedPage
from catalog_builder.release.partition import Key, Placing, partition
from catalog_builder.release.rows import TOGETHER, PartitionRows
from catalog_builder.release.titles import ITEMS_PARQUET, by_language, partition_texts, partition_titles, title_of
from catalog_builder.release.write import ReleaseWriter
from catalog_builder.stac.audience import for_audience
from catalog_builder.stac.collection import make_catalog, make_collection, make_partition_catalog
from catalog_builder.stac.model import Json
from catalog_builder.stac.parquet import write_items_parquet
from catalog_builder.stac.summary import ItemSummary, summarise
from catalog_builder.times import from_stac

ROOT = "catalog.json"
PARQUET = "items.parquet"
PARQUET_TYPE = "application/vnd.apache.parquet"


@dataclass(frozen=True, slots=True)
class StoredItem:
    """An item as the store holds it: enough to decide where it goes; the JSON is read when it is its turn."""

    id: str
    collection: str
    access: Access
    path: Path  # of its JSON; assets lie beside it
    start: str  # RFC 3339, UTC
    files: tuple[tuple[str, int, str], ...]  # name below the folder of its JSON, size, checksum
    checksum: str = ""  # of the JSON; empty: unknown, so the item is always read


@dataclass(frozen=True, slots=True)
class _Written:
    """A finished JSON of the tree and how parents call it."""

    path: str
    title: str
    size: int
    checksum: str
    is_item: bool = False


class TreeComposer:
    """Writes the STAC tree of one release through ``writer``."""

    def __init__(self, definition: Definition, audience: Access, writer: ReleaseWriter, memory: Memory | None = None) -> None:
        self.definition = definition
        self.audience = audience
        self.writer = writer
        self.memory = memory or Memory.nothing()
        self.language = definition.languages[0]

    def compose(self, items: Iterable[StoredItem]) -> tuple[Json, tuple[PlacedCollection, ...]]:
        """Write every object of the tree; the root catalogue last."""
        by_collection: dict[str, list[StoredItem]] = defaultdict(list)
        for item in items:
            if item.access.visible_to(self.audience):
                by_collection[item.collection].append(item)
        placed: list[PlacedCollection] = []
        written: list[_Written] = []
        rows: list[PartitionRows] = []
        for collection in sorted(self.definition.collections, key=lambda c: (c.order, c.id)):
            if by_collection[collection.id]:
                one, done, below = self._collection(collection, by_collection[collection.id])
                placed.append(one)
                written.append(done)
                rows += below
        root = self._root(written, rows)
        return root, tuple(placed)

    def _collection(
        self, collection: CollectionDefinition, stored: Sequence[StoredItem]
    ) -> tuple[PlacedCollection, _Written, list[PartitionRows]]:
        here = f"{collection.id}/collection.json"
        keys = partition(Placing(item.id, from_stac(item.start)) for item in stored)
        placed: list[tuple[Key, PlacedItem]] = []
        summaries: list[ItemSummary] = []
        for item in sorted(stored, key=lambda i: (i.start, i.id)):
            key = keys[item.id]
            parent = "/".join([collection.id, *key, ROOT])
            one, summary = self._item(item, f"{collection.id}/{'/'.join(key)}/{item.id}/{item.id}.json", parent, here)
            placed.append((key, one))
            summaries.append(summary)
        partitions, children = self._partitions(collection, placed)
        json = make_collection(collection, summaries, self.definition)
        rows = [self.memory.rows.of(items, collection.id) for items in _together(placed)]
        parquet = self._parquet(f"{collection.id}/{PARQUET}", rows)
        json["assets"] = {
            "items": _parquet_asset(f"./{PARQUET}", parquet, translate(ITEMS_PARQUET, self.language)),
            **json.get("assets", {}),
        }
        for language, texts in json.get("cb:texts", {}).items():
            texts["/assets/items/title"] = translate(ITEMS_PARQUET, language)
        json = links.with_links(
            json, self._structure(here, links.JSON_TYPE, ROOT, by_language(collection.title)) + self._children(here, children)
        )
        file = self.writer.put(here, json_bytes(json))
        items = tuple(sorted((item for _, item in placed), key=lambda i: (-i.start.timestamp(), i.id)))
        written = _Written(here, localised(collection.title, self.language), file.size, file.checksum)
        return PlacedCollection(collection.id, here, json, items, partitions), written, rows

    def _item(self, stored: StoredItem, path: str, parent: str, collection: str) -> tuple[PlacedItem, ItemSummary]:
        key = self.memory.items.key(stored.checksum, path)
        before = self.memory.items.get(stored.collection, stored.id, key) if stored.checksum else None
        if before is not None and self.writer.keep(path, before.placed.json_size, before.placed.json_checksum):
            item = before
        else:
            item = self._made(stored, key, path, parent, collection)
        self.memory.items.put(item)
        folder, home = path.rpartition("/")[0], stored.path.parent
        for name, size, checksum in stored.files:
            if name in item.files:
                self.writer.link(f"{folder}/{name}", f"{home}/{name}", size, checksum)
        return item.placed, item.summary

    def _made(self, stored: StoredItem, key: str, path: str, parent: str, collection: str) -> KnownItem:
        """The item written anew: as its audience may see it, with its links."""
        json = for_audience(read_json(stored.path), self.audience)
        title = json["properties"].get("title", stored.id)
        own = [
            links.link("root", path, ROOT, links.JSON_TYPE, localised(self.definition.title, self.language)),
            links.link("parent", path, parent, links.JSON_TYPE, title_of(self.definition, parent, self.language)),
            links.link("collection", path, collection, links.JSON_TYPE, title_of(self.definition, collection, self.language)),
            *links.self_link(self.definition.public_address, path, links.GEOJSON_TYPE),
            *self._pages(path, title),
        ]
        json = links.with_links(json, own)
        file = self.writer.put(path, json_bytes(json))
        referenced = {unquote(asset["href"]).removeprefix("./") for asset in json["assets"].values()}
        names = tuple(name for name, _, _ in stored.files if name in referenced)
        return KnownItem(key, self._placed(stored, json, path, file), summarise(json), names)

    def _placed(self, stored: StoredItem, json: Json, path: str, file: StoredFile) -> PlacedItem:
        properties = json["properties"]
        start = properties.get("start_datetime") or properties["datetime"]
        end = properties.get("end_datetime") or properties["datetime"]
        box = json.get("bbox")
        thumbnail = json["assets"].get("thumbnail", {}).get("href")
        return PlacedItem(
            id=stored.id,
            collection=stored.collection,
            title=properties.get("title", stored.id),
            path=path,
            start=from_stac(start),
            end=from_stac(end),
            bbox=None if box is None else (box[0], box[1], box[2], box[3]),
            platform=properties.get("platform"),
            instruments=tuple(properties.get("instruments", ())),
            gsd=properties.get("gsd"),
            cloud_cover=properties.get("eo:cloud_cover"),
            resolution_class=properties.get("vn:resolution_class"),
            thumbnail=None if thumbnail is None else f"{path.rsplit('/', 1)[0]}/{unquote(thumbnail).removeprefix('./')}",
            json_size=file.size,
            json_checksum=file.checksum,
            load=partial(self.writer.read_json, path),
        )

    def _partitions(
        self, collection: CollectionDefinition, placed: Sequence[tuple[Key, PlacedItem]], prefix: Key = ()
    ) -> tuple[tuple[Partition, ...], list[_Written]]:
        """The partitions below ``prefix``, written children first, newest last as years go."""
        partitions: list[Partition] = []
        written: list[_Written] = []
        depth = len(prefix)
        groups: dict[str, list[tuple[Key, PlacedItem]]] = defaultdict(list)
        for entry in placed:
            if len(entry[0]) > depth:
                groups[entry[0][depth]].append(entry)
        for name, below in sorted(groups.items()):
            key = (*prefix, name)
            inner, children = self._partitions(collection, below, key)
            direct = tuple(item for k, item in below if k == key)
            path = "/".join([collection.id, *key, ROOT])
            titles = partition_titles(key)
            children += [_Written(i.path, i.title, i.json_size, i.json_checksum, is_item=True) for i in direct]
            json = self._partition_json(collection, key, path, titles, children)
            file = self.writer.put(path, json_bytes(json))
            partitions.append(Partition(key, titles, path, json, direct, inner))
            written.append(_Written(path, titles[self.language], file.size, file.checksum))
        return tuple(partitions), written

    def _partition_json(self, collection: CollectionDefinition, key: Key, path: str, titles: Json, children: list[_Written]) -> Json:
        names, texts = partition_texts(collection, titles, self.definition.languages)
        json = make_partition_catalog(self.definition, "-".join([collection.id, *key]), names, texts)
        parent = "/".join([collection.id, *key[:-1], ROOT if key[:-1] else "collection.json"])
        return links.with_links(json, self._structure(path, links.JSON_TYPE, parent, titles) + self._children(path, children))

    def _root(self, written: Sequence[_Written], rows: Sequence[PartitionRows]) -> Json:
        json = make_catalog(self.definition)
        own = self._structure(ROOT, links.JSON_TYPE, None, by_language(self.definition.title)) + self._children(ROOT, written)
        if rows:
            parquet = self._parquet(PARQUET, [r.seen_from_root() for r in rows])
            title = translate(ITEMS_PARQUET, self.language)
            own.append(links.child("items", ROOT, PARQUET, PARQUET_TYPE, title, parquet.size, parquet.checksum))
        json = links.with_links(json, own)
        self.writer.put(ROOT, json_bytes(json))
        return json

    def _structure(self, here: str, media_type: str, parent: str | None, titles: Json) -> list[Json]:
        root_title = localised(self.definition.title, self.language)
        up = (
            []
            if parent is None
            else [links.link("parent", here, parent, links.JSON_TYPE, title_of(self.definition, parent, self.language))]
        )
        return [
            links.link("root", here, ROOT, links.JSON_TYPE, root_title),
            *up,
            *links.self_link(self.definition.public_address, here, media_type),
            *links.pages(here, self.definition.languages, titles),
        ]

    def _children(self, here: str, written: Iterable[_Written]) -> list[Json]:
        out = []
        for one in written:
            rel, media_type = ("item", links.GEOJSON_TYPE) if one.is_item else ("child", links.JSON_TYPE)
            out.append(links.child(rel, here, one.path, media_type, one.title, one.size, one.checksum))
        return out

    def _pages(self, path: str, title: str) -> list[Json]:
        """Links from the item at ``path`` to its pages."""
        if self.definition.site.item_pages == "on-demand":
            return links.scene_pages(path, self.definition.languages, title)
        return links.pages(path, self.definition.languages, dict.fromkeys(self.definition.languages, title))

    def _parquet(self, path: str, rows: Sequence[PartitionRows]) -> StoredFile:
        """``items.parquet`` of these rows; unless it is the served one, it is written anew."""

        def make() -> Page:
            target = self.writer.staging / "rows"
            write_items_parquet([r.part() for r in rows], target)
            data = target.read_bytes()
            target.unlink()
            return Page(path, data)

        return self.memory.seals.put(PromisedPage(path, " ".join(r.key for r in rows), make), self.writer)


def _together(placed: Sequence[tuple[Key, PlacedItem]], depth: int = 0) -> list[list[PlacedItem]]:
    """The items in groups of at most :data:`TOGETHER`: a collection, else its years, else their months, as far as they go."""
    if len(placed) <= TOGETHER or all(len(key) <= depth for key, _ in placed):
        return [[item for _, item in placed]]
    groups: dict[Key, list[tuple[Key, PlacedItem]]] = defaultdict(list)
    for key, item in placed:
        groups[key[: depth + 1]].append((key, item))
    return [group for _, below in sorted(groups.items()) for group in _together(below, depth + 1)]


def _parquet_asset(href: str, file: StoredFile, title: str) -> Json:
    return {
        "href": href,
        "type": PARQUET_TYPE,
        "title": title,
        "roles": ["collection-mirror"],
        "file:size": file.size,
        "file:checksum": file.checksum,
    }
