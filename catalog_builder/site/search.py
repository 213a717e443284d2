"""The search index: a few static files that let a browser search the whole catalogue with no server.

``search/filter.bin.gz`` holds one row of numbers per item in planar columns and answers every question of place, time, cloud and
kind in memory; ``search/rows/NNN.gz`` holds what is shown, fetched only for what is on screen; ``search/text/X.gz`` holds the words
that begin with X, a letter, or two where one has very many. Files are gzip by themselves and opened in the browser, so neither
Range nor server compression is needed. A small catalogue also gets the whole index as a script, because a page from a disk may
load scripts but not fetch.

Boxes are quantised outward over the extent of the catalogue; the browser checks the few items on the brink with their exact box,
so results are exact (research/site.md C).
"""

from __future__ import annotations

import base64
import gzip
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import numpy as np
import orjson

from catalog_builder.ids import fold
from catalog_builder.release.model import Page, PlacedItem
from catalog_builder.site.coverage import extent
from catalog_builder.site.registers import collection_definition
from catalog_builder.site.site import Site, folder_page, spoken_title
from catalog_builder.site.views import scene_code
from catalog_builder.site.wording import Wording
from catalog_builder.times import in_vietnam

ROWS_PER_SHARD = 512
SCRIPT_LIMIT = 5_000
"""Items up to which the whole index also exists as a script for pages opened from a disk."""

STEPS = 65_535
"""Steps of a quantised coordinate over the extent."""

NO_CLOUD, NO_BOX = 255, 1
CLASSES = ("very_high", "high", "medium", "low")
LAYOUT = (("x", "u2"), ("y", "u2"), ("width", "u2"), ("height", "u2"), ("from", "d2"), ("length", "u2"), ("collection", "u2"),
          ("platform", "u2"), ("cloud", "u1"), ("class", "u1"), ("flags", "u1"))  # fmt: skip
"""Columns of ``filter.bin`` in order. ``u2`` are all low bytes, then all high bytes; ``d2`` the same of the differences from row to
row, modulo 65536; ``u1`` plain bytes: similar bytes stand together, which is what makes the file small. ``from`` is in days since
``day0`` and ``length`` the days that follow, ``cloud`` is rounded up (255: unknown), ``platform`` and ``class`` count from 1
(0: unknown), ``flags`` bit 0 says that there is no box."""

BIG_LETTER = 20_000
"""Postings of one first letter beyond which its words go by their first two letters."""

_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """The index before it is packed: a manifest, the columns, the rows and the words by their beginning."""

    manifest: dict[str, Any]
    columns: bytes
    rows: tuple[list[dict[str, Any]], ...]
    words: dict[str, dict[str, list[int]]]


def tokens(text: str) -> list[str]:
    """The words of ``text`` in lower case without diacritics, đ as d; the browser does the same."""
    return _WORD.findall(fold(text))


def search_index(site: Site) -> SearchIndex:
    """The index of all items, newest first."""
    items = site.items
    box = extent(items) or (0.0, 0.0, 0.0, 0.0)
    # an item across the antimeridian is searched by its whole width: the exact check in the browser knows both halves
    day0 = min((_days(i)[0] for i in items), default=date(1970, 1, 1))
    rows = [_row(site, item) for item in items]
    shards = tuple(rows[i : i + ROWS_PER_SHARD] for i in range(0, len(rows), ROWS_PER_SHARD))
    manifest = {
        "count": len(items),
        "shard": ROWS_PER_SHARD,
        "day0": day0.isoformat(),
        "extent": list(box),
        "steps": STEPS,
        "columns": [list(column) for column in LAYOUT],
        "collections": [_collection(site, c.id) for c in site.release.collections],
        "classes": list(CLASSES),
        "platforms": list(platforms(items)),
        "letters": [],
    }
    words = _words(items)
    manifest["letters"] = sorted(words)
    return SearchIndex(manifest, _columns(site, items, box, day0), shards, words)


def index_pages(index: SearchIndex) -> Iterator[Page]:
    """The index as files of the release."""
    yield Page("search/manifest.json", orjson.dumps(index.manifest))
    yield Page("search/filter.bin.gz", _packed(index.columns))
    for number, rows in enumerate(index.rows):
        yield Page(f"search/rows/{number:05d}.gz", _packed(orjson.dumps(rows)))
    for letter, words in sorted(index.words.items()):
        yield Page(f"search/text/{letter}.gz", _packed(orjson.dumps(words)))
    if index.manifest["count"] <= SCRIPT_LIMIT:
        whole = {"manifest": index.manifest, "filter": base64.b64encode(index.columns).decode(), "rows": index.rows, "text": index.words}
        yield Page("search/index.js", b"window.CATALOGUE_INDEX=" + orjson.dumps(whole) + b";\n")


def platforms(items: Sequence[PlacedItem]) -> tuple[str, ...]:
    """The platforms of the items by name."""
    return tuple(sorted({item.platform for item in items if item.platform}))


def _packed(data: bytes) -> bytes:
    return gzip.compress(data, 9, mtime=0)


def _columns(site: Site, items: Sequence[PlacedItem], box: tuple[float, float, float, float], day0: date) -> bytes:
    codes = {c.id: n for n, c in enumerate(site.release.collections)}
    places = {name: n for n, name in enumerate(platforms(items), start=1)}
    columns: dict[str, list[int]] = {name: [] for name, _ in LAYOUT}
    for item in items:
        west, south, east, north = _quantised(item, box)
        first, last = _days(item)
        values = (
            west, south, east - west, north - south, (first - day0).days, (last - first).days, codes[item.collection],
            places.get(item.platform or "", 0),
            NO_CLOUD if item.cloud_cover is None else math.ceil(item.cloud_cover),
            CLASSES.index(item.resolution_class) + 1 if item.resolution_class in CLASSES else 0,
            NO_BOX if item.bbox is None else 0,
        )  # fmt: skip
        for (name, _), value in zip(LAYOUT, values, strict=True):
            columns[name].append(value)
    return b"".join(_encoded(columns[name], kind) for name, kind in LAYOUT)


def _encoded(values: list[int], kind: str) -> bytes:
    """A column as the layout says."""
    if kind == "u1":
        return np.array(values, dtype="u1").tobytes()
    whole = np.array(values, dtype="<u2")
    if kind == "d2":
        whole = np.diff(whole, prepend=np.array([0], dtype="<u2"))
    return whole.view("u1").reshape(-1, 2).T.tobytes()


def _quantised(item: PlacedItem, box: tuple[float, float, float, float]) -> tuple[int, int, int, int]:
    """The item's box in steps over ``box``, outward; across the antimeridian the whole width."""
    if item.bbox is None:
        return 0, 0, 0, 0
    west, south, east, north = item.bbox
    if west > east:
        west, east = box[0], box[2]
    return (
        _step(west, box[0], box[2], math.floor),
        _step(south, box[1], box[3], math.floor),
        _step(east, box[0], box[2], math.ceil),
        _step(north, box[1], box[3], math.ceil),
    )


def _step(value: float, low: float, high: float, rounded: Any) -> int:
    return min(max(int(rounded((value - low) / (high - low) * STEPS)), 0), STEPS) if high > low else 0


def _days(item: PlacedItem) -> tuple[date, date]:
    """First and last day of an item as its page shows them: Viet Nam's for an instant, the source's own for an interval."""
    if item.start == item.end:
        day = in_vietnam(item.start).date()
        return day, day
    return item.start.astimezone(UTC).date(), item.end.astimezone(UTC).date()


def _row(site: Site, item: PlacedItem) -> dict[str, Any]:
    """What a result shows; texts per language of the site only where they differ."""
    says = [Wording(language) for language in site.languages]
    titles = [spoken_title(item, say) for say in says]
    row: dict[str, Any] = {
        "id": item.id,
        "path": folder_page(item.path),
        "json": item.path,
        "title": titles[0] if len(set(titles)) == 1 else titles,
        "when": [say.acquired_day(item.start, item.end) for say in says],
        "start": _iso(item.start),
        "end": _iso(item.end),
        "collection": item.collection,
    }
    optional = {
        "code": scene_code(item) if titles[0] != item.title else None,
        "bbox": list(item.bbox) if item.bbox else None,
        "cloud": item.cloud_cover,
        "gsd": item.gsd,
        "thumbnail": item.thumbnail,
    }
    return row | {key: value for key, value in optional.items() if value is not None}


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _collection(site: Site, code: str) -> dict[str, Any]:
    """A collection of the vocabulary; its words find all its items, its themes are theirs."""
    titles = [site.collection_title(code, Wording(language)) for language in site.languages]
    defined = collection_definition(site.definition, code)
    themes = sorted(defined.themes) if defined else []
    return {"id": code, "title": titles, "themes": themes, "words": sorted({t for title in [*titles, code] for t in tokens(title)})}


def _words(items: Sequence[PlacedItem]) -> dict[str, dict[str, list[int]]]:
    """Word -> items, by the beginning of the word. Item numbers ascend and are written as differences."""
    postings: dict[str, list[int]] = defaultdict(list)
    for number, item in enumerate(items):
        for token in sorted({*tokens(item.title), *tokens(item.id), *tokens(item.platform or "")}):
            postings[token].append(number)
    sizes = Counter({letter: sum(len(n) for t, n in postings.items() if t[0] == letter) for letter in {t[0] for t in postings}})
    files: dict[str, dict[str, list[int]]] = defaultdict(dict)
    for token in sorted(postings):
        numbers = postings[token]
        files[token[: 2 if sizes[token[0]] > BIG_LETTER else 1]][token] = [numbers[0], *(b - a for a, b in pairwise(numbers))]
    return dict(files)
