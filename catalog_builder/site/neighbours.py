"""Neighbours in time: the scenes taken before and after a scene over the same place, in any collection."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from catalog_builder.release.model import PlacedItem
from catalog_builder.site.coverage import boxes

LOOK_BACK = 8
"""Scenes before one among which an earlier day is looked for: the others are parts or versions of the same pass."""

SHOWN = 2
"""Scenes before and after one that its page shows."""

FIRST_WINDOW, GROWTH = 64, 4
"""Scenes in the first window of time that is searched, and how much longer the next one is."""

NONE = -1


class Neighbours:
    """Looks up earlier and later scenes whose box holds the centre of a scene.

    Items are in time order, so the hits of one place are a timeline. A place may have been taken a hundred thousand times or once a
    year: windows of time are searched, short ones first, and longer ones only for the scenes that did not find enough.
    """

    def __init__(self, items: Sequence[PlacedItem]) -> None:
        self._items = sorted(items, key=lambda i: (i.start, i.end, i.collection, i.id))
        self._rank = {(i.collection, i.id): n for n, i in enumerate(self._items)}
        self._earlier = np.full((len(items), LOOK_BACK), NONE, dtype=np.int32)
        self._later = np.full((len(items), SHOWN), NONE, dtype=np.int32)
        self._search()

    def before(self, item: PlacedItem) -> PlacedItem | None:
        """The scene that can be compared with ``item``: the nearest of an earlier day, when both have a picture."""
        if not item.thumbnail:
            return None
        earlier = reversed(self._of(self._earlier, item))
        return next((e for e in earlier if e.thumbnail and e.start.date() < item.start.date()), None)

    def around(self, item: PlacedItem) -> tuple[tuple[PlacedItem, ...], tuple[PlacedItem, ...]]:
        """Up to ``SHOWN`` scenes before and after ``item``, each in time order."""
        return self._of(self._earlier, item)[-SHOWN:], self._of(self._later, item)

    def _of(self, found: np.ndarray, item: PlacedItem) -> tuple[PlacedItem, ...]:
        return tuple(self._items[n] for n in found[self._rank[item.collection, item.id]].tolist() if n != NONE)

    def _search(self) -> None:
        count = len(self._items)
        parts = [(n, box) for n, item in enumerate(self._items) for box in boxes(item)]
        owner = np.array([n for n, _ in parts], dtype=np.int64)
        outlines = shapely.box(*np.array([box for _, box in parts]).T) if parts else np.array([], dtype=object)
        searching, first = np.unique(owner, return_index=True)
        centres = np.full(count, None, dtype=object)
        centres[searching] = _centres(outlines[first])
        window = FIRST_WINDOW
        while len(searching):
            unsure = []
            for ranks in np.split(searching, np.searchsorted(searching, range(window, count, window))):
                low, high = _around(ranks, window, count)
                here = slice(*np.searchsorted(owner, (low, high)))
                enough = self._note(ranks, *_timelines(ranks, centres[ranks], owner[here], outlines[here]), low == 0, high == count)
                unsure.append(ranks[~enough])
            searching = np.concatenate(unsure)
            window *= GROWTH

    def _note(self, ranks: np.ndarray, hits: np.ndarray, place: np.ndarray, ends: np.ndarray, is_first: bool, is_last: bool) -> np.ndarray:
        """Note the neighbours of ``ranks``, each at its ``place`` among its hits; says which of them have all that there are."""
        starts = np.concatenate([[0], ends[:-1]])
        for table, column, at in (
            *((self._earlier, LOOK_BACK - back, place - back) for back in range(1, LOOK_BACK + 1)),
            *((self._later, ahead - 1, place + ahead) for ahead in range(1, SHOWN + 1)),
        ):
            there = (at >= starts) & (at < ends)
            table[ranks[there], column] = hits[at[there]]
        enough: np.ndarray = (is_first | (place - starts >= LOOK_BACK)) & (is_last | (ends - 1 - place >= SHOWN))
        return enough


def _around(ranks: np.ndarray, window: int, count: int) -> tuple[int, int]:
    """The scenes among which ``ranks``, all of one window, look: from a window before theirs to one after it."""
    start = int(ranks[0]) // window * window if len(ranks) else 0
    return max(0, start - window), min(count, start + 2 * window)


def _timelines(
    ranks: np.ndarray, centres: np.ndarray, owner: np.ndarray, outlines: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The scenes over each centre, one timeline after the other: the scenes, where each of ``ranks`` is in them, and where each ends."""
    asked, hits = shapely.STRtree(outlines).query(centres, predicate="intersects")
    span = int(owner[-1]) + 1 if len(owner) else 1
    pairs = np.unique(asked * span + owner[hits])
    own = np.arange(len(ranks)) * span
    return pairs % span, np.searchsorted(pairs, own + ranks), np.searchsorted(pairs, own + span)


def _centres(outlines: np.ndarray) -> np.ndarray:
    west, south, east, north = shapely.bounds(outlines).T
    return np.asarray(shapely.points((west + east) / 2, (south + north) / 2))
