"""A small release on disk, made from factory items with the links a release has; what readers and validators are tried on."""

from __future__ import annotations

from pathlib import Path

from catalog_builder.files import describe, write_json
from catalog_builder.release import links
from catalog_builder.stac.collection import make_catalog, make_collection, make_partition_catalog, summarise
from catalog_builder.stac.model import Json
from tests.stac import factories as make

COLLECTION = "spot/collection.json"
PARTITION = "spot/2019/catalog.json"


def write_tree(root: Path, ids: tuple[str, ...] = ("a", "b")) -> Path:
    """Root catalogue, one collection, one partition and items with their files; returns ``root``."""
    definition = make.definition()
    items: list[Json] = []
    for item_id in ids:
        folder = root / "spot" / "2019" / item_id
        path = f"spot/2019/{item_id}/{item_id}.json"
        json = links.with_links(
            make.item(folder, item_id).json, [*_up(path, PARTITION), links.link("collection", path, COLLECTION, links.JSON_TYPE, "SPOT")]
        )
        write_json(root / path, json)
        items.append(json)
    children = [_child(root, "item", PARTITION, f"spot/2019/{i}/{i}.json", links.GEOJSON_TYPE) for i in ids]
    titles = {"vi": "Năm 2019", "en": "2019"}
    write_json(
        root / PARTITION,
        links.with_links(make_partition_catalog(definition, "spot-2019", titles, titles), [*_up(PARTITION, COLLECTION), *children]),
    )  # type: ignore[arg-type]
    collection = make_collection(definition.collections[0], [summarise(i) for i in items], definition)
    below = _child(root, "child", COLLECTION, PARTITION, links.JSON_TYPE)
    write_json(root / COLLECTION, links.with_links(collection, [*_up(COLLECTION, "catalog.json"), below]))
    top = _child(root, "child", "catalog.json", COLLECTION, links.JSON_TYPE)
    own = links.link("root", "catalog.json", "catalog.json", links.JSON_TYPE, "Root")
    write_json(root / "catalog.json", links.with_links(make_catalog(definition), [own, top]))
    return root


def _up(here: str, parent: str) -> list[Json]:
    return [
        links.link("root", here, "catalog.json", links.JSON_TYPE, "Root"),
        links.link("parent", here, parent, links.JSON_TYPE, "Parent"),
    ]


def _child(root: Path, rel: str, here: str, there: str, kind: str) -> Json:
    file = describe(root / there)
    return links.child(rel, here, there, kind, there, file.size, file.checksum)
