"""STAC extensions: their schema addresses, and which of them an object really uses.

``stac_extensions`` is derived from the fields that are there, because raster 2.0.0 rejects an item that lists it without any
``raster:`` field, and because a client should not be told of what it will not find.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from catalog_builder.resources import data_dir

STAC_VERSION = "1.1.0"

_PUBLISHED = "https://stac-extensions.github.io"
_OWN = "https://w3id.org/catalog-builder"

OWN_NAMESPACES: Mapping[str, str] = {"vn": "v1.0.0", "cb": "v1.0.0"}
"""Our two namespaces and their versions: ``vn`` official fields of Vietnam, ``cb`` generic provenance and pixel proof."""

PREFIXES: Mapping[str, str] = {
    "accuracy": f"{_PUBLISHED}/accuracy/v1.0.0-beta.1/schema.json",
    "classification": f"{_PUBLISHED}/classification/v2.0.0/schema.json",
    "eo": f"{_PUBLISHED}/eo/v2.0.0/schema.json",
    "file": f"{_PUBLISHED}/file/v2.1.0/schema.json",
    "grid": f"{_PUBLISHED}/grid/v1.1.0/schema.json",
    "order": f"{_PUBLISHED}/order/v1.1.0/schema.json",
    "processing": f"{_PUBLISHED}/processing/v1.2.0/schema.json",
    "product": f"{_PUBLISHED}/product/v1.1.0/schema.json",
    "proj": f"{_PUBLISHED}/projection/v2.0.0/schema.json",
    "raster": f"{_PUBLISHED}/raster/v2.0.0/schema.json",
    "sar": f"{_PUBLISHED}/sar/v1.3.2/schema.json",
    "sat": f"{_PUBLISHED}/sat/v1.2.0/schema.json",
    "view": f"{_PUBLISHED}/view/v1.1.0/schema.json",
    **{prefix: f"{_OWN}/{prefix}/{version}/schema.json" for prefix, version in OWN_NAMESPACES.items()},
}
"""Field prefix -> schema address."""

UNPREFIXED: Mapping[str, str] = {
    "contacts": f"{_PUBLISHED}/contacts/v0.1.1/schema.json",
    "language": f"{_PUBLISHED}/language/v1.0.0/schema.json",
    "published": f"{_PUBLISHED}/timestamps/v1.1.0/schema.json",
    "expires": f"{_PUBLISHED}/timestamps/v1.1.0/schema.json",
    "renders": f"{_PUBLISHED}/render/v2.0.0/schema.json",
    "version": f"{_PUBLISHED}/version/v1.2.0/schema.json",
}
"""Extension fields without a prefix (properties of an item, top level of a collection) -> schema address."""

_COLLECTION_UNSUPPORTED = frozenset({"grid"})
"""Extensions whose schema knows no collections: a collection that lists them could never be valid."""


def used_extensions(obj: Mapping[str, Any]) -> list[str]:
    """Addresses of the extensions whose fields ``obj`` (item, collection or catalogue) carries, sorted."""
    is_item = obj.get("type") == "Feature"
    found = {_extension(name, is_item) for name in _field_names(obj)}
    own = obj.get("properties") if is_item else obj
    found |= {UNPREFIXED[name] for name in UNPREFIXED if isinstance(own, Mapping) and name in own}
    return sorted(found - {""})


@lru_cache(4096)  # the same few hundred names stand in every item
def _extension(name: str, in_item: bool) -> str:
    """Address of the extension of the field ``name``, empty when it is of none."""
    prefix, colon, _ = name.partition(":")
    return PREFIXES.get(prefix, "") if colon and (in_item or prefix not in _COLLECTION_UNSUPPORTED) else ""


def extension_files() -> list[tuple[str, bytes]]:
    """Our own schemas as they are published in a release: (path below its root, bytes)."""
    return [(f"schemas/{p}/{v}/schema.json", own_schema_path(p).read_bytes()) for p, v in OWN_NAMESPACES.items()]


def own_schema_path(prefix: str) -> Path:
    """The file of our own schema ``prefix`` inside the product."""
    return data_dir() / "extensions" / prefix / OWN_NAMESPACES[prefix] / "schema.json"


def _field_names(obj: Mapping[str, Any]) -> set[str]:
    """Every name that stands where extensions have their fields. An object from elsewhere may have anything there."""
    names = {*obj}
    for part in (obj.get("properties"), obj.get("summaries"), *_members(obj.get("assets")), *_members(obj.get("item_assets"))):
        if isinstance(part, Mapping):
            names.update(part)
            names.update(*(band for band in _members(part.get("bands")) if isinstance(band, Mapping)))
    names.update(*(link for link in _members(obj.get("links")) if isinstance(link, Mapping)))
    return names


def _members(node: Any) -> Iterable[Any]:
    return node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ()
