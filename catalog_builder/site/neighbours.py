"""Neighbours in time: the scenes taken before and after a scene over the same place, in any collection."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from catalog_builder.release.model import PlacedItem
from catalog_builder.site.coverage import boxes

LOOK_BACK = 8
"""Scenes before one among which an earlier day is looked for: the others are parts or versions of the same pass."""


class Neighbours:
    """Looks up earlier and later scenes whose box holds the centre of a scene.

    Items are indexed in time order, so the sorted hits of one spatial query already are a timeline.
    """

    def __init__(self, items: Sequence[PlacedItem]) -> None:
        self._items = sorted(items, key=lambda i: (i.start, i.end, i.collection, i.id))
        self._rank = {(i.collection, i.id): n for n, i in enumerate(self._items)}
        parts = [(n, box) for n, item in enumerate(self._items) for box in boxes(item)]
        self._owner = np.array([n for n, _ in parts], dtype=np.int64)
        self._tree = shapely.STRtree(shapely.box(*np.array([box for _, box in parts]).T) if parts else [])

    def before(self, item: PlacedItem) -> PlacedItem | None:
        """The scene that can be compared with ``item``: the nearest of an earlier day, when both have a picture."""
        earlier, _ = self.around(item, LOOK_BACK)
        older = [e for e in earlier if e.start.date() < item.start.date() and e.thumbnail]
        return older[-1] if older and item.thumbnail else None

    def around(self, item: PlacedItem, count: int = 2) -> tuple[tuple[PlacedItem, ...], tuple[PlacedItem, ...]]:
        """Up to ``count`` scenes before and after ``item``, each in time order."""
        own = next(boxes(item), None)
        if own is None:
            return (), ()
        centre = shapely.Point((own[0] + own[2]) / 2, (own[1] + own[3]) / 2)
        hits = np.unique(self._owner[self._tree.query(centre, predicate="intersects")])
        place = int(np.searchsorted(hits, self._rank[item.collection, item.id]))
        earlier, later = hits[max(0, place - count) : place], hits[place + 1 : place + 1 + count]
        return tuple(self._items[n] for n in earlier), tuple(self._items[n] for n in later)
