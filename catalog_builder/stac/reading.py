"""What pystac says of a tree: the same eyes as those of the people who will crawl it.

pystac opens the root, follows every link to a child or item, validates what it finds with the schemas of our store (never from the
network) and resolves every relative href to a file with the size and checksum that is promised.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pystac
from pystac.errors import STACValidationError
from pystac.stac_io import DefaultStacIO
from pystac.validation import validate_dict
from pystac.validation.stac_validator import GetSchemaError, JsonSchemaSTACValidator

from catalog_builder.files import checksum_file, read_json
from catalog_builder.findings import Finding, in_order, printable
from catalog_builder.stac.findings import (
    CHECKSUM_DIFFERS,
    DUPLICATE_ID,
    FILE_MISSING,
    FILE_OUTSIDE,
    LINK_UNTITLED,
    PYSTAC_INVALID,
    SCHEMA_MISSING,
    SIZE_DIFFERS,
    UNREADABLE,
)
from catalog_builder.stac.model import Json
from catalog_builder.stac.schemas import SchemaStore

ROOT = "catalog.json"


class LocalStacIO(DefaultStacIO):
    """Reads files only: checking a tree must not depend on a network."""

    def read_text_from_href(self, href: str) -> str:
        if "://" in href:
            raise ValueError(f"{href} is not in the tree")
        return super().read_text_from_href(href)


class LocalValidator(JsonSchemaSTACValidator):
    """pystac's validator with the schemas of a store; a schema that is not there is an error, not a download."""

    def __init__(self, store: SchemaStore) -> None:
        super().__init__()
        self.schema_cache.update(store.documents())

    def _get_schema(self, schema_uri: str) -> dict[str, Any]:
        if schema_uri not in self.schema_cache:
            raise GetSchemaError(schema_uri, LookupError("not in the schema store"))
        return self.schema_cache[schema_uri]


def read_back(root: Path, store: SchemaStore, validate: bool = True) -> list[Finding]:
    """Everything pystac and the file system find wrong with the tree whose root catalogue is ``root/catalog.json``."""
    return in_order(_Reader(root.resolve(), store, validate).findings())


def objects(root: Path) -> Iterator[pystac.STACObject]:
    """Every object of the tree as pystac reads it, parents first.

    Raises:
        pystac.STACError: an object cannot be read.
    """
    catalog = pystac.Catalog.from_file(str(root.resolve() / ROOT), stac_io=LocalStacIO())
    for folder, _, items in catalog.walk():
        yield folder
        yield from items


class _Reader:
    """One walk over one tree."""

    def __init__(self, root: Path, store: SchemaStore, validate: bool) -> None:
        self.root = root
        self.validator = LocalValidator(store) if validate else None
        self.ids: dict[tuple[str | None, str], list[str]] = defaultdict(list)

    def findings(self) -> Iterator[Finding]:
        try:
            catalog = pystac.Catalog.from_file(str(self.root / ROOT), stac_io=LocalStacIO())
        except (pystac.STACError, OSError, ValueError, KeyError, TypeError) as error:
            yield UNREADABLE(ROOT, problem=_line(error))
            return
        yield from self._object(catalog, catalog)
        for (_, item_id), paths in self.ids.items():
            for other in paths[1:]:
                yield DUPLICATE_ID(other, id=item_id, first=paths[0], second=other)

    def _object(self, obj: pystac.STACObject, root: pystac.Catalog) -> Iterator[Finding]:
        path = Path(obj.get_self_href() or "")
        subject = path.relative_to(self.root).as_posix()
        json = read_json(path)
        yield from self._hrefs(json, path.parent, subject)
        if self.validator is not None:
            yield from _validated(json, subject, self.validator)
        if isinstance(obj, pystac.Item):
            self.ids[(obj.collection_id, obj.id)].append(subject)
        if isinstance(obj, pystac.Catalog):
            for link in [*obj.get_child_links(), *obj.get_item_links()]:
                yield from self._child(link, root, subject)

    def _child(self, link: pystac.Link, root: pystac.Catalog, subject: str) -> Iterator[Finding]:
        try:
            target = link.resolve_stac_object(root).target
        except (pystac.STACError, OSError, ValueError, KeyError, TypeError) as error:
            yield UNREADABLE(subject, problem=_line(error))
            return
        if isinstance(target, pystac.STACObject) and self._inside(Path(target.get_self_href() or "/")):
            yield from self._object(target, root)

    def _hrefs(self, json: Json, folder: Path, subject: str) -> Iterator[Finding]:
        """Assets and links of one object: the file is there, in the tree, with the promised size and checksum; links have titles."""
        entries = [(str(link.get("rel")), link) for link in json.get("links", [])]
        for rel, link in entries:
            if not link.get("title") and rel != "self":
                yield LINK_UNTITLED(subject, rel=rel, href=str(link.get("href")))
        for name, entry in [*entries, *json.get("assets", {}).items()]:
            href = str(entry.get("href"))
            parts = urlsplit(href)
            if parts.scheme or parts.netloc:
                continue
            file = (folder / unquote(parts.path)).resolve()
            if not self._inside(file):
                yield FILE_OUTSIDE(subject, name=name, href=href)
            elif not file.is_file():
                yield FILE_MISSING(subject, name=name, href=href)
            else:
                yield from _promises(file, entry, name, href, subject)

    def _inside(self, path: Path) -> bool:
        return path.resolve().is_relative_to(self.root)


def _promises(file: Path, entry: Json, name: str, href: str, subject: str) -> Iterator[Finding]:
    size = file.stat().st_size
    if entry.get("file:size", size) != size:
        yield SIZE_DIFFERS(subject, name=name, href=href, found=size, expected=entry["file:size"])
    elif "file:checksum" in entry and entry["file:checksum"] != checksum_file(file):
        yield CHECKSUM_DIFFERS(subject, name=name, href=href)


def _validated(json: Json, subject: str, validator: LocalValidator) -> Iterator[Finding]:
    """What pystac's validator says; extensions whose schema is not here are named, and the others still checked."""
    listed = [str(uri) for uri in json.get("stac_extensions", [])]
    known = [uri for uri in listed if uri in validator.schema_cache]
    yield from (SCHEMA_MISSING(uri, uri=uri) for uri in listed if uri not in known)
    try:
        validate_dict(json, extensions=known, validator=validator)
    except STACValidationError as error:
        source = error.source[0] if isinstance(error.source, list) and error.source else error
        yield PYSTAC_INVALID(subject, problem=_line(source))
    except (pystac.STACError, GetSchemaError, ValueError, KeyError, TypeError) as error:
        yield UNREADABLE(subject, problem=_line(error))


def _line(error: object) -> str:
    """The first line of a message: pystac's go on with the whole object."""
    return printable(str(error).strip().partition("\n")[0], 300)
