"""What a page shows of a release, cut out of it.

The pages of scenes, partitions and cells are made from these objects and the :class:`Setting` alone, so nothing else can get onto
them; :func:`page_key` sums up every field, so a page whose key is the same would come out the same. A new field is covered by itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any

import orjson

from catalog_builder.release.model import Partition, PlacedCollection, PlacedItem
from catalog_builder.site.reading import text
from catalog_builder.site.setting import Setting

STATED = ("title", "license")
"""What pages of scenes and partitions show of a collection's JSON; the rest of it changes with every scene."""


@dataclass(frozen=True, slots=True)
class ShownCollection:
    """The collection of a scene; ``json`` has only what is ``STATED``."""

    id: str
    path: str
    json: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """A partition on the way to a scene. Titles per language."""

    path: str
    key: tuple[str, ...]
    title: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """A partition with its scenes and those within it."""

    step: Step
    items: tuple[PlacedItem, ...]
    parts: tuple[Part, ...]

    @property
    def below(self) -> Iterator[PlacedItem]:
        """All its scenes, its own first."""
        yield from self.items
        for part in self.parts:
            yield from part.below


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A scene before or after another over the same place; ``is_compared``: a page shows both."""

    item: PlacedItem
    is_earlier: bool
    is_compared: bool


@dataclass(frozen=True, slots=True)
class ShownScene:
    """A scene, the way to it, its neighbours in time, and the scene before it that can be compared with it."""

    item: PlacedItem
    collection: ShownCollection
    trail: tuple[Step, ...]
    neighbours: tuple[Neighbour, ...]
    before: PlacedItem | None


@dataclass(frozen=True, slots=True)
class ShownPart:
    """A partition and the way to it, itself the last step."""

    part: Part
    collection: ShownCollection
    trail: tuple[Step, ...]


def shown_collection(placed: PlacedCollection) -> ShownCollection:
    return ShownCollection(placed.id, placed.path, {name: said for name in STATED if (said := text(placed.json.get(name)))})


def part(partition: Partition) -> Part:
    """``partition`` without its JSON."""
    titles = {language: said for language, said in partition.title.items() if isinstance(said, str)}
    return Part(Step(partition.path, partition.key, titles), partition.items, tuple(map(part, partition.partitions)))


def walk(parts: tuple[Part, ...], trail: tuple[Step, ...] = ()) -> Iterator[tuple[tuple[Step, ...], Part]]:
    """Every partition with the trail that ends in it."""
    for one in parts:
        here = (*trail, one.step)
        yield here, one
        yield from walk(one.parts, here)


def page_key(setting: Setting, shown: object, *more: object) -> str:
    """A hash over everything in ``shown`` and ``more``. A scene counts by its place and the bytes of its JSON, which tell all of it."""
    told = orjson.dumps((setting.key, shown, more), default=_told, option=orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(told, digest_size=16).hexdigest()


def _told(value: object) -> Any:
    if isinstance(value, PlacedItem):
        return value.path, value.json_checksum
    if is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, name) for name in _names(type(value))]
    raise TypeError(f"{type(value).__name__} cannot be part of what a page shows")


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))
