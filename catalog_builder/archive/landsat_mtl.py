"""The Landsat MTL file in its three encodings, read into the same keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from catalog_builder.archive.delivery import ArchiveFile
from catalog_builder.archive.findings import METADATA_UNREADABLE
from catalog_builder.archive.keyvalue import KeyValues, parse_keyvalues
from catalog_builder.archive.public import read_json
from catalog_builder.archive.xmltree import parse_xml
from catalog_builder.errors import UnreadableDelivery

MAX_DEPTH = 20
"""Groups in groups; real files have two levels."""


def parse_mtl(file: ArchiveFile) -> KeyValues:
    """The pairs of an MTL, keys with their groups, in the order of the file.

    Raises:
        UnreadableDelivery: the file cannot be read or holds no pair.
    """
    match file.suffix:
        case ".xml":
            values = KeyValues(file, tuple(_xml_pairs(parse_xml(file).root, "", 0)))
        case ".json":
            values = KeyValues(file, tuple(_json_pairs(read_json(file), "", 0)))
        case _:
            values = parse_keyvalues(file)
    if not values.pairs:
        raise UnreadableDelivery(METADATA_UNREADABLE(file.name, problem="no key and value"))
    return values


def _xml_pairs(element: etree._Element, path: str, depth: int) -> Iterator[tuple[str, str]]:
    here = f"{path}/{etree.QName(element).localname}".lstrip("/")
    children = [c for c in element if isinstance(c.tag, str)]
    if not children:
        yield here, (element.text or "").strip()
    elif depth < MAX_DEPTH:
        for child in children:
            yield from _xml_pairs(child, here, depth + 1)


def _json_pairs(node: Any, path: str, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict) and depth < MAX_DEPTH:
        for key, value in node.items():
            yield from _json_pairs(value, f"{path}/{key}".lstrip("/"), depth + 1)
    elif isinstance(node, str | int | float) and not isinstance(node, bool):
        yield path, str(node)
