"""What was worked out about placed items in earlier releases, so that a release costs what changed and not what exists.

One file in the store per audience: for each item under which key it was placed, and what the rest of the tree needs of it. The key
covers the item's bytes, its place and everything that is written into it. Losing the file loses only time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any

from catalog_builder import remembering
from catalog_builder.files import write_bytes
from catalog_builder.release.model import PlacedItem
from catalog_builder.stac.model import Json
from catalog_builder.stac.summary import ItemSummary


@dataclass(frozen=True, slots=True)
class KnownItem:
    """An item as it was placed: ``files`` are the names, below its folder, of the assets that it refers to."""

    key: str
    placed: PlacedItem
    summary: ItemSummary
    files: tuple[str, ...]


class Known:
    """The remembered items; :meth:`put` those of this release, :meth:`write` keeps only them."""

    def __init__(self, path: Path | None, context: str, items: dict[tuple[str, str], KnownItem] | None = None) -> None:
        self._path = path
        self._context = hashlib.sha256(context.encode()).hexdigest()
        self._old = items or {}
        self._new: dict[tuple[str, str], KnownItem] = {}

    @classmethod
    def read(cls, path: Path, context: str, load: Callable[[str], Json]) -> Known:
        """What is remembered at ``path``; nothing when it was worked out under another ``context``. ``load`` reads the JSON at a path
        of the new release."""
        known = cls(path, context)
        whole = remembering.unsealed(path.read_bytes()) if path.is_file() else None
        remembered = None if whole is None else remembering.loads(whole)
        if isinstance(remembered, tuple) and len(remembered) == 2 and remembered[0] == known._context:
            known._old = _unpacked(remembered[1], load)
        return known

    def key(self, checksum: str, path: str) -> str:
        """The key of an item with these bytes at this place."""
        return f"{checksum} {path}"

    def get(self, collection: str, item_id: str, key: str) -> KnownItem | None:
        found = self._old.get((collection, item_id))
        return found if found is not None and found.key == key else None

    def put(self, item: KnownItem) -> None:
        self._new[item.placed.collection, item.placed.id] = item

    def write(self) -> None:
        """Keep the items of this release, when there is anything new among them."""
        same = len(self._new) == len(self._old) and all(self._old.get(k) is v for k, v in self._new.items())
        if self._path is not None and not same:
            write_bytes(self._path, remembering.sealed(remembering.dumps((self._context, _packed(self._new.values())))))


_PLACED = tuple(f.name for f in fields(PlacedItem) if f.name != "load")
_PATH = _PLACED.index("path")
_placed: Callable[..., PlacedItem] = PlacedItem
_SUMMARY = tuple(f.name for f in fields(ItemSummary))


def _packed(items: Iterable[KnownItem]) -> list[tuple[Any, ...]]:
    """The items as plain tuples, which are written and read several times as fast as objects."""
    placed, summary = attrgetter(*_PLACED), attrgetter(*_SUMMARY)
    return [(i.key, placed(i.placed), summary(i.summary), i.files) for i in items]


def _unpacked(rows: Any, load: Callable[[str], Json]) -> dict[tuple[str, str], KnownItem]:
    """What :func:`_packed` was given; nothing where it is something else."""
    try:
        items = [
            KnownItem(key, _placed(*placed, load=partial(load, placed[_PATH])), ItemSummary(*summary), files)
            for key, placed, summary, files in rows
        ]
    except (LookupError, TypeError, ValueError):
        return {}
    return {(i.placed.collection, i.placed.id): i for i in items}
