"""The search index: a few static files that let a browser search the whole catalogue with no server.

``search/filter.bin.gz`` is fetched once: a line of JSON, then the columns (:mod:`.search_columns`), which answer every question of
place, time, cloud and kind in memory. The rest is fetched in small pieces and only when it is needed: ``search/rows/ORDER/NNN.gz``
hold what is shown, in several orders, so that the results on screen stand in few files whatever was asked; ``search/text/X.gz`` the
words that begin with X (:mod:`.search_words`); ``search/edges/`` exact boxes for the few items on the brink of the box asked for;
``search/places/CODE.gz`` the items of an administrative unit. Files are gzip by themselves and opened in the browser, so neither
Range nor server compression is needed. A small catalogue also gets the whole index as a script, because a page from a disk may
load scripts but not fetch.

Results are exact: no filter of the kind that may say yes where the answer is no.
"""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import orjson

from catalog_builder.release.model import Page, PlacedItem
from catalog_builder.site.places import Place
from catalog_builder.site.registers import collection_definition
from catalog_builder.site.search_columns import (
    BLOCK,
    CLASSES,
    EDGES,
    EDGES_PER_FILE,
    LAYOUT,
    STEPS,
    Columns,
    Source,
    Vocabulary,
    columns,
    source_of,
)
from catalog_builder.site.search_words import Words, differences, tokens, words
from catalog_builder.site.site import Site, spoken_title
from catalog_builder.site.views import scene_code
from catalog_builder.site.wording import Wording

ROWS_PER_FILE = 768
SCRIPT_LIMIT = 5_000
"""Items up to which the whole index also exists as a script for pages opened from a disk."""

ONE_ORDER = 4 * ROWS_PER_FILE
"""Items up to which the rows are kept by time only: four files are few enough."""

Row = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """The index before it is packed."""

    manifest: dict[str, Any]
    columns: Columns
    rows: tuple[Row, ...]
    words: Words
    places: dict[str, list[int]]


def search_index(site: Site) -> SearchIndex:
    """The index of all items, newest first."""
    items = site.items
    known = Vocabulary(tuple(c.id for c in site.release.collections), sources(items))
    made, found, over = columns(items, known), words(items), _places(site)
    split = set(found.split)
    manifest = {
        "count": len(items),
        "shard": ROWS_PER_FILE,
        "block": BLOCK,
        "orders": ["recent"] if len(items) <= ONE_ORDER else list(made.orders()),
        "edges": EDGES_PER_FILE,
        "day0": made.day0.isoformat(),
        "extent": list(made.extent),
        "steps": STEPS,
        "columns": [list(column) for column in LAYOUT],
        "collections": [_collection(site, code) for code in known.collections],
        "classes": list(CLASSES),
        "sources": known.sources,
        "words": [word for word in found.files if word not in split],
        "split": found.split,
        "places": [_place(site, place) for place in site.places],
    }
    return SearchIndex(manifest, made, tuple(_row(site, item) for item in items), found, over)


def index_pages(index: SearchIndex) -> Iterator[Page]:
    """The index as files of the release."""
    packed = index.columns.packed()
    yield Page("search/filter.bin.gz", _packed(orjson.dumps(index.manifest) + b"\n" + packed, 9))
    orders = index.columns.orders()
    for order in index.manifest["orders"]:
        for number, part in enumerate(_parts([index.rows[n] for n in orders[order]], ROWS_PER_FILE)):
            yield Page(f"search/rows/{order}/{number:05d}.gz", _packed(orjson.dumps(part)))
    for beginning, found in sorted(index.words.files.items()):
        yield Page(f"search/text/{beginning}.gz", _packed(orjson.dumps(found)))
    for edge in EDGES:
        for number, values in enumerate(_parts(index.columns.edges(edge), EDGES_PER_FILE)):
            yield Page(f"search/edges/{edge}/{number:05d}.gz", _packed(orjson.dumps(values)))
    for code, over in sorted(index.places.items()):
        yield Page(f"search/places/{code}.gz", _packed(orjson.dumps(over)))
    if index.manifest["count"] <= SCRIPT_LIMIT:
        yield Page("search/index.js", b"window.CATALOGUE_INDEX=" + orjson.dumps(_whole(index, packed)) + b";\n")


def sources(items: Sequence[PlacedItem]) -> tuple[Source, ...]:
    """Platforms and sensors that the items were taken with."""
    return tuple(sorted({source_of(item) for item in items}))


def _whole(index: SearchIndex, packed: bytes) -> dict[str, Any]:
    """All of it, in the files that the browser would fetch: ``parts`` by folder and name."""
    orders, edges = index.columns.orders(), index.columns
    return {
        "manifest": index.manifest,
        "filter": base64.b64encode(packed).decode(),
        "rows": {o: list(_parts([index.rows[n] for n in orders[o]], ROWS_PER_FILE)) for o in index.manifest["orders"]},
        "text": index.words.files,
        "edges": {edge: list(_parts(edges.edges(edge), EDGES_PER_FILE)) for edge in EDGES},
        "places": index.places,
    }


def _parts(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (values[i : i + size] for i in range(0, len(values), size))


def _packed(data: bytes, level: int = 6) -> bytes:
    return gzip.compress(data, level, mtime=0)


def _row(site: Site, item: PlacedItem) -> Row:
    """What a result shows, without what the browser knows from elsewhere: the date of an instant from the columns, a title that is
    platform and date, an identifier that is the code in small letters, paths that are made like those of all items. Texts stand per
    language of the site only where they differ."""
    says = [Wording(language) for language in site.languages]
    when = [say.acquired_day(item.start, item.end) for say in says]
    titles = [spoken_title(item, say) for say in says]
    spoken = [f"{item.platform}, {day}" if item.platform else day for day in when]
    code = scene_code(item) if titles[0] != item.title else None
    above = item.folder.removesuffix(item.id)
    optional = {
        "id": None if code and code.lower().replace("_", "-") == item.id else item.id,
        "code": code,
        "folder": above if above != item.folder and above.endswith("/") else item.folder,
        "json": None if item.path == f"{item.folder}/{item.id}.json" else item.path,
        "title": None if titles == spoken else titles[0] if len(set(titles)) == 1 else titles,
        "when": None if item.start == item.end else when[0] if len(set(when)) == 1 else when,
        "start": _iso(item.start),
        "end": None if item.start == item.end else _iso(item.end),
        "bbox": list(item.bbox) if item.bbox else None,
        "cloud": item.cloud_cover,
        "gsd": item.gsd,
        "thumbnail": item.thumbnail.removeprefix(f"{item.folder}/") if item.thumbnail else None,
    }
    return {key: value for key, value in optional.items() if value is not None}


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _collection(site: Site, code: str) -> dict[str, Any]:
    """A collection of the vocabulary; its words find all its items, its themes are theirs."""
    titles = [site.collection_title(code, Wording(language)) for language in site.languages]
    defined = collection_definition(site.definition, code)
    themes = sorted(defined.themes) if defined else []
    return {"id": code, "title": titles, "themes": themes, "words": sorted({t for title in [*titles, code] for t in tokens(title)})}


def _place(site: Site, place: Place) -> dict[str, Any]:
    """An administrative unit of the vocabulary, with the unit that it belongs to."""
    unit = place.unit
    names = [unit.name_vi if language == "vi" else unit.name_en or unit.name_vi for language in site.languages]
    return {"code": unit.code, "name": names, "parent": unit.parent, "box": [round(v, 4) for v in place.box]}


def _places(site: Site) -> dict[str, list[int]]:
    """The numbers of the items over each administrative unit, as its page lists them."""
    numbers = {(item.collection, item.id): n for n, item in enumerate(site.items)}
    return {p.unit.code: differences(sorted(numbers[item.collection, item.id] for item in p.items)) for p in site.places}
