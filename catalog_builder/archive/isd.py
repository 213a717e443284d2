"""Maxar (DigitalGlobe) image support data: the one structure behind ``.IMD`` text, ``.TIL`` text and ``<isd>`` XML."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from catalog_builder.archive.delivery import ArchiveFile
from catalog_builder.archive.keyvalue import KeyValues, parse_keyvalues
from catalog_builder.archive.xmltree import UNKNOWN, Tree, parse_xml, root_name, to_number
from catalog_builder.facts import Origin, Source

_NUMBERED = re.compile(r"^(IMAGE|TILE)_\d+$")


@dataclass(frozen=True, slots=True)
class Group:
    """A group of values: ``name`` without its number (``IMAGE``, ``BAND_R``, ``TILE``; "" for the top), keys in upper case."""

    name: str
    label: str
    values: dict[str, str]

    def text(self, *keys: str) -> str | None:
        """The first of ``keys`` that says something."""
        for key in keys:
            value = self.values.get(key.upper(), "").strip()
            if value.lower() not in UNKNOWN:
                return value
        return None

    def number(self, *keys: str) -> float | None:
        text = self.text(*keys)
        return None if text is None else to_number(text)


@dataclass(frozen=True, slots=True)
class Isd:
    """The groups of one support file, in order."""

    file: ArchiveFile
    groups: tuple[Group, ...]

    @property
    def top(self) -> Group:
        return next((g for g in self.groups if not g.name), Group("", "", {}))

    def all(self, name: str) -> list[Group]:
        return [g for g in self.groups if g.name == name]

    def first(self, name: str) -> Group:
        """The first group ``name``, empty when there is none."""
        return next((g for g in self.groups if g.name == name), Group(name, name, {}))

    @property
    def bands(self) -> list[Group]:
        return [g for g in self.groups if g.name.startswith("BAND_")]

    def source(self, group: Group, key: str) -> Source:
        return Source(Origin.METADATA, self.file.name, f"{group.label}/{key}" if group.label else key)


def is_isd_xml(file: ArchiveFile) -> bool:
    return file.suffix == ".xml" and (root_name(file) or "").lower() == "isd"


def read_isd(file: ArchiveFile) -> Isd:
    """The support data of ``file``, text or XML.

    Raises:
        UnreadableDelivery: broken XML, or a file too large for metadata.
    """
    if file.suffix == ".xml":
        return Isd(file, tuple(_from_xml(parse_xml(file), "IMD")))
    return Isd(file, tuple(_from_text(parse_keyvalues(file))))


def read_tiles(file: ArchiveFile) -> Isd:
    """The tile index of ``file``: the ``TIL`` part of XML, or a ``.TIL`` file.

    Raises:
        UnreadableDelivery: broken XML, or a file too large for metadata.
    """
    if file.suffix == ".xml":
        return Isd(file, tuple(_from_xml(parse_xml(file), "TIL")))
    return Isd(file, tuple(_from_text(parse_keyvalues(file))))


def _from_text(pairs: KeyValues) -> Iterable[Group]:
    groups: dict[str, dict[str, str]] = {"": {}}
    for name, value in pairs.pairs:
        label, _, key = name.rpartition("/")
        if not label and re.match(r"TILE_\d+\.", key, re.IGNORECASE):
            label, _, key = key.partition(".")
        groups.setdefault(label, {}).setdefault(key.upper(), value)
    for label, values in groups.items():
        short = label.rsplit("/", 1)[-1].upper()
        yield Group(_NUMBERED.sub(r"\1", short), label, values)


def _from_xml(tree: Tree, part: str) -> Iterable[Group]:
    for root in tree.all(part):
        yield Group("", part, _leaves(root))
        for element in root:
            if isinstance(element.tag, str) and len(element) and not element.tag.endswith("List"):
                yield Group(etree.QName(element).localname.upper(), f"{part}/{element.tag}", _leaves(element))


def _leaves(element: etree._Element) -> dict[str, str]:
    return {etree.QName(e).localname.upper(): e.text or "" for e in reversed(element) if isinstance(e.tag, str) and not len(e)}
