"""What a page of a scene costs, and the least that it could: strings joined in Python, as many values and bytes, from the same JSON.

Run as ``python -m scripts.benchmarks.pages [ADDRESS]``; prints milliseconds of CPU per page and their ratio. With a public address,
pages have a QR code too.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from statistics import median
from typing import Any

import orjson

from catalog_builder.definition import Access
from catalog_builder.files import json_bytes
from catalog_builder.release.model import Partition, PlacedItem, PromisedPage, Release
from catalog_builder.release.tree import StoredItem, TreeComposer
from catalog_builder.release.write import ReleaseWriter
from catalog_builder.site import render
from catalog_builder.site.compiling import PageEnvironment, escaped
from scripts.benchmarks.scale import Factory

ROUNDS = 7


def floor_page(item: bytes, pieces: Sequence[str]) -> bytes:
    """A page of ``pieces`` with a value of ``item`` after each: read, formatted, escaped, joined and encoded, nothing else."""
    values = [v for v in _values(orjson.loads(item)) if not isinstance(v, dict | list)]
    shown = (values * (len(pieces) // len(values) + 1))[: len(pieces)]
    return "".join([f"{piece}{escape(v if isinstance(v, str) else f'{v:,.4f}')}" for piece, v in zip(pieces, shown, strict=True)]).encode()


def _values(value: Any) -> Iterator[Any]:
    """All texts and numbers of a JSON value, without the counts of histograms, which become one path each."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from _values(inner)
    elif isinstance(value, list):
        if len(value) <= 16:
            for inner in value:
                yield from _values(inner)
    elif isinstance(value, str | int | float):
        yield value


def values_of(make: Callable[[], object]) -> int:
    """How many values the templates escape while ``make`` runs."""
    count = 0

    def counted(value: object) -> str:
        nonlocal count
        count += 1
        return escaped(value)

    PageEnvironment.escaped = staticmethod(counted)  # type: ignore[assignment]
    try:
        make()
    finally:
        PageEnvironment.escaped = staticmethod(escaped)  # type: ignore[method-assign]
    return count


def cost(release: Release) -> dict[str, float]:
    """Milliseconds of CPU per page of a scene and per floor page, each the median of interleaved rounds; bytes and values of a page."""
    items = {item.folder: json_bytes(item.load()) for item in release.items}
    made = [p for p in render(release) if isinstance(p, PromisedPage) and _folder(p.path) in items]
    size, values = len(made[0].data), values_of(lambda: made[0].data)
    pieces = ["x" * max(1, size // values - 12)] * values
    ours, floor = [], []
    for _ in range(ROUNDS):
        ours.append(_cpu(lambda: _each(page.data for page in made)))
        floor.append(_cpu(lambda: _each(floor_page(items[_folder(page.path)], pieces) for page in made)))
    page, least = median(ours) / len(made), median(floor) / len(made)
    return {"page_ms": page * 1000, "floor_ms": least * 1000, "ratio": page / least, "bytes": size, "values": values}


def released(count: int, folder: Path, address: str | None = None) -> Release:
    """The release of ``count`` scenes that differ in date and place. Their pictures are named by the items, but are not there."""
    factory = Factory(folder)
    definition = factory.definition.model_copy(update={"public_address": address})
    records = [factory.finished(number) for number in range(count)]
    stored = [
        StoredItem(r.id, r.collection, r.access, factory.store.folder / r.item, r.start or "", (), r.checksum)
        for r in sorted(records, key=lambda r: r.id)
    ]
    catalog, collections = TreeComposer(definition, Access.PUBLIC, ReleaseWriter(folder / "release")).compose(stored)
    pictured = tuple(
        replace(c, items=tuple(map(_pictured, c.items)), partitions=tuple(map(_of_pictured, c.partitions))) for c in collections
    )
    return Release("", definition, Access.PUBLIC, catalog, pictured, ())


def _pictured(item: PlacedItem) -> PlacedItem:
    return replace(item, thumbnail=f"{item.folder}/thumbnail.webp")


def _of_pictured(part: Partition) -> Partition:
    return replace(part, items=tuple(map(_pictured, part.items)), partitions=tuple(map(_of_pictured, part.partitions)))


def _folder(path: str) -> str:
    return path.removesuffix("/index.html").removeprefix("en/")


def _each(pages: Iterator[bytes]) -> None:
    """Make all ``pages``, each forgotten before the next one, as a release does that has written it."""
    deque(pages, maxlen=0)


def _cpu(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        print(json.dumps(cost(released(500, Path(scratch), *sys.argv[1:]))))
