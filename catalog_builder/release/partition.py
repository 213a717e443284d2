"""Where an item lives in a collection, so that no folder and no JSON page grows without bound.

Items go by year, then month. A month with more than :data:`PAGE` items goes by day, and a day with more by a bucket taken from
the hash of the item id. Only the partition that overflows changes its paths.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

PAGE = 1000
"""Most links in one catalogue JSON: about 300 kB with titles, sizes and checksums, still one comfortable request."""

Key = tuple[str, ...]


class Placing(NamedTuple):
    """What decides the place of an item: its id and when its acquisition starts (UTC)."""

    id: str
    start: datetime


def partition(items: Iterable[Placing], page: int = PAGE) -> Mapping[str, Key]:
    """Partition key per item id: ``("2013", "07")``, deeper where a month or a day holds more than ``page`` items."""
    keys: dict[str, Key] = {}
    for month, members in _grouped(items, _month).items():
        if len(members) <= page:
            keys |= dict.fromkeys((m.id for m in members), month)
            continue
        for day, of_day in _grouped(members, _day).items():
            digits = _digits(len(of_day), page)
            keys |= {m.id: (*day, _bucket(m.id, digits)) if digits else day for m in of_day}
    return keys


def _month(item: Placing) -> Key:
    return f"{item.start.year:04d}", f"{item.start.month:02d}"


def _day(item: Placing) -> Key:
    return (*_month(item), f"{item.start.day:02d}")


def _digits(count: int, page: int) -> int:
    """Hex digits of the bucket that keep buckets at about half a page; 0 for none."""
    digits = 0
    while count > (page if digits == 0 else page // 2 * 16**digits):
        digits += 1
    return digits


def _bucket(item_id: str, digits: int) -> str:
    return "b" + hashlib.sha256(item_id.encode()).hexdigest()[:digits]


def _grouped(items: Iterable[Placing], key: Callable[[Placing], Key]) -> Mapping[Key, list[Placing]]:
    groups: dict[Key, list[Placing]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return dict(sorted(groups.items()))
