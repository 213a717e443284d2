"""The columns of the search index: a row of small numbers per item that answers place, time, cloud and kind in memory.

Boxes are quantised outward over the extent of the catalogue. An edge of a box is in doubt only where it falls into the same step as
the edge that was asked for; the exact edges stand in files of their own, sorted by step, so that each edge of a question needs one
of them at most (two where a step lies on the seam).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date

import numpy as np
import numpy.typing as npt

from catalog_builder.release.model import PlacedItem
from catalog_builder.site.coverage import extent
from catalog_builder.times import in_vietnam

STEPS = 65_535
"""Steps of a quantised coordinate over the extent."""

NO_CLOUD, NO_BOX, CROSSES = 255, 1, 2
CLASSES = ("very_high", "high", "medium", "low")
LAYOUT = (("x", "u2"), ("y", "u2"), ("width", "u2"), ("height", "u2"), ("from", "d2"), ("length", "u2"), ("collection", "u2"),
          ("source", "u2"), ("cloud", "u1"), ("class", "u1"), ("flags", "u1"))  # fmt: skip
"""Columns of ``filter.bin`` in order. ``u2`` are all low bytes, then all high bytes; ``d2`` the same of the differences from row to
row, modulo 65536; ``u1`` plain bytes: similar bytes stand together, which is what makes the file small. ``from`` is in days since
``day0`` and ``length`` the days that follow, ``cloud`` is rounded up (255: unknown), ``source`` counts pairs of
platform and sensors from 0, ``class`` counts from 1 (0: unknown). ``flags`` bit 0 says that there is no box, bit 1 that it crosses the
antimeridian: its eastern edge, ``x`` and ``width`` modulo 65536, then lies west of its western one."""

EDGES = ("west", "south", "east", "north")
EDGES_PER_FILE = 4_096

BLOCK = 3_072
"""Neighbours that are kept by time: large enough that the newest scenes over a district stand in one file of their rows."""

Numbers = npt.NDArray[np.int64]


Source = tuple[str, tuple[str, ...]]
"""A platform (empty: unknown) and its sensors on a scene."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the codes of the columns count: collections, and what scenes were taken with."""

    collections: tuple[str, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Columns:
    """The columns of all items, newest first. ``extent`` in degrees, ``day0`` the first day of the catalogue."""

    extent: tuple[float, float, float, float]
    day0: date
    values: Mapping[str, Numbers]
    exact: tuple[tuple[float, ...] | None, ...]

    def packed(self) -> bytes:
        return b"".join(_encoded(self.values[name], kind) for name, kind in LAYOUT)

    def edges(self, name: str) -> list[float]:
        """The exact edge ``name`` of all items with a box, by its step and then by item."""
        v = self.values
        step = {"west": v["x"], "south": v["y"], "east": v["x"] + v["width"], "north": v["y"] + v["height"]}[name] & 0xFFFF
        at = EDGES.index(name)
        return [box[at] for n in np.argsort(step, kind="stable") if (box := self.exact[n]) is not None]

    def orders(self) -> dict[str, Numbers]:
        """The orders in which rows are kept, so that the few that a page shows stand in few files: by time (as the columns are); by
        place, in blocks of neighbours along a Z-curve and by time in each; by collection and platform, and by time in each. The
        browser finds the same orders from the columns."""
        v = self.values
        recent = np.arange(len(v["x"]))
        along = np.argsort(_spread(v["x"]) | _spread(v["y"]) << 1, kind="stable")
        block = np.empty_like(along)
        block[along] = recent // BLOCK
        kind = v["collection"] << 16 | v["source"]
        return {"recent": recent, "place": np.argsort(block, kind="stable"), "kind": np.argsort(kind, kind="stable")}


def columns(items: Sequence[PlacedItem], known: Vocabulary) -> Columns:
    """The columns of ``items`` (newest first)."""
    box = extent(items) or (0.0, 0.0, 0.0, 0.0)
    day0 = min((days(i)[0] for i in items), default=date(1970, 1, 1))
    collections = {code: n for n, code in enumerate(known.collections)}
    sources = {source: n for n, source in enumerate(known.sources)}
    values = np.zeros((len(items), len(LAYOUT)), dtype=np.int64)
    for n, item in enumerate(items):
        west, south, east, north = _quantised(item, box)
        first, last = days(item)
        values[n] = (
            west, south, (east - west) & 0xFFFF, north - south, (first - day0).days, (last - first).days, collections[item.collection],
            sources[source_of(item)],
            NO_CLOUD if item.cloud_cover is None else math.ceil(item.cloud_cover),
            CLASSES.index(item.resolution_class) + 1 if item.resolution_class in CLASSES else 0,
            NO_BOX if item.bbox is None else CROSSES if item.bbox[0] > item.bbox[2] else 0,
        )  # fmt: skip
    return Columns(box, day0, {name: values[:, n] for n, (name, _) in enumerate(LAYOUT)}, tuple(item.bbox for item in items))


def source_of(item: PlacedItem) -> Source:
    """What an item was taken with."""
    return item.platform or "", item.instruments


def days(item: PlacedItem) -> tuple[date, date]:
    """First and last day of an item as its page shows them: Viet Nam's for an instant, the source's own for an interval."""
    if item.start == item.end:
        day = in_vietnam(item.start).date()
        return day, day
    return item.start.astimezone(UTC).date(), item.end.astimezone(UTC).date()


def _encoded(values: Numbers, kind: str) -> bytes:
    """A column as the layout says."""
    if kind == "u1":
        return values.astype("u1").tobytes()
    whole = values.astype("<u2")
    if kind == "d2":
        whole = np.diff(whole, prepend=np.array([0], dtype="<u2"))
    return whole.view("u1").reshape(-1, 2).T.tobytes()


def _quantised(item: PlacedItem, box: tuple[float, float, float, float]) -> tuple[int, int, int, int]:
    """The item's box in steps over ``box``, outward."""
    if item.bbox is None:
        return 0, 0, 0, 0
    west, south, east, north = item.bbox
    return (
        _step(west, box[0], box[2], math.floor),
        _step(south, box[1], box[3], math.floor),
        _step(east, box[0], box[2], math.ceil),
        _step(north, box[1], box[3], math.ceil),
    )


def _step(value: float, low: float, high: float, rounded: Callable[[float], int]) -> int:
    return min(max(rounded((value - low) / (high - low) * STEPS), 0), STEPS) if high > low else 0


def _spread(values: Numbers) -> Numbers:
    """The lower 16 bits of each value, a zero between each two."""
    found = values.copy()
    for by, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        found = (found | found << by) & mask
    return found
