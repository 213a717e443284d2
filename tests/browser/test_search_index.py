"""The index of a larger catalogue, asked in a real browser: several orders of rows, split words, boxes on the edge, the antimeridian,
items without a box, places. Every answer against a look at every item."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, timedelta
from functools import cache, partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from catalog_builder.files import write_bytes
from catalog_builder.ids import fold
from catalog_builder.release.model import PlacedItem, Release
from catalog_builder.site.assets import asset_pages
from catalog_builder.site.pages.search import search_page
from catalog_builder.site.search import index_pages, search_index
from catalog_builder.site.site import Site
from catalog_builder.site.wording import Wording
from catalog_builder.times import in_vietnam
from scripts.benchmarks.searching import COLLECTIONS, release
from tests.browser.conftest import Handler
from tests.serving import serving
from tests.site.test_places import EAST, UNITS, WEST, feature, unit, written

pytestmark = pytest.mark.browser

ITEMS = 6_000
ASK = """async asked => {
  window.opened ??= CatalogueIndex.open('', false);
  const index = await window.opened, { hits, counts } = await index.answer(asked);
  const rows = await index.rows(hits.slice(0, 30));
  return { hits, rows: rows.map(r => [r.id, r.folder, r.collection, r.platform ?? null, r.bbox ?? null]),
    counts: Object.fromEntries(Object.entries(counts).map(([name, of]) => [name, Object.fromEntries(of)])), day0: index.day0 };
}"""

Box = tuple[float, float, float, float]


def served(root: Path) -> AbstractContextManager[str]:
    return serving(ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(root))))


@pytest.fixture(scope="module")
def made() -> Release:
    """The made-up scenes of the benchmark, without the thumbnails that it has not either."""
    whole = release(ITEMS)
    bare = (replace(c, items=tuple(replace(i, thumbnail=None) for i in c.items)) for c in whole.collections)
    return replace(whole, collections=tuple(bare))


@pytest.fixture(scope="module")
def items(made: Release) -> tuple[PlacedItem, ...]:
    return made.items


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, made: Release) -> Iterator[str]:
    root, site = tmp_path_factory.mktemp("index"), Site(made)
    for page in (*index_pages(search_index(site)), *asset_pages(), search_page(site, Wording("vi"))):
        write_bytes(root / page.path, page.data)
    with served(root) as base:
        yield base


def halves(box: Box) -> list[Box]:
    w, s, e, n = box
    return [(w, s, 180.0, n), (-180.0, s, e, n)] if w > e else [box]


def meets(item: PlacedItem, box: Box) -> bool:
    if item.bbox is None:
        return False
    return any(a[0] <= b[2] and a[2] >= b[0] and a[1] <= b[3] and a[3] >= b[1] for a in halves(item.bbox) for b in halves(box))


def days(item: PlacedItem) -> tuple[date, date]:
    if item.start == item.end:
        return in_vietnam(item.start).date(), in_vietnam(item.start).date()
    return item.start.astimezone(UTC).date(), item.end.astimezone(UTC).date()


@cache
def spoken(*told: str) -> str:
    """The words of an item, folded, with a space before each."""
    return " " + "".join(c if c.isascii() and c.isalnum() else " " for c in fold(" ".join((*told, *COLLECTIONS[told[-1]]))))


def matches(item: PlacedItem, asked: dict[str, Any], day0: int) -> bool:
    first, last = ((d - date(1970, 1, 1)).days - day0 for d in days(item))
    return (
        all(f" {word}" in spoken(item.title, item.id, item.platform or "", item.collection) for word in asked.get("words", []))
        and ("from" not in asked or last >= asked["from"])
        and ("to" not in asked or first <= asked["to"])
        and ("cloud" not in asked or (item.cloud_cover is not None and item.cloud_cover <= asked["cloud"]))
        and all(getattr(item, of) == asked[name] for name, of in FACETS.items() if name in asked)
        and ("sensor" not in asked or asked["sensor"] in item.instruments)
        and ("box" not in asked or meets(item, asked["box"]))
    )


FACETS = {"collection": "collection", "class": "resolution_class", "platform": "platform"}


def questions(items: Sequence[PlacedItem]) -> Iterator[dict[str, Any]]:
    for words in (["2"], ["s"], ["dam", "thi", "nai"], ["ngap", "quang"], ["spot7"], ["se1"], ["zz"], ["anh"], ["202"]):
        yield {"words": words}
    yield {"sensor": "tirs"}
    yield {"sensor": "naomi", "platform": "SPOT-7", "cloud": 40}
    yield {"sensor": "msi", "platform": "SPOT-7"}
    yield {"box": (-180.0, -90.0, 180.0, 90.0)}
    yield {"box": (179.0, 8.0, -179.0, 24.0)}
    yield {"box": (106.0, 8.0, -179.999, 24.0)}
    yield {"box": (-179.99, 0.0, -179.0, 30.0)}
    yield {"box": (10.0, -20.0, 20.0, -10.0)}
    chance = random.Random(11)
    placed = [i for i in items if i.bbox is not None]
    for _ in range(60):
        one, other = chance.sample(placed, 2)
        assert one.bbox and other.bbox
        # edges that are those of an item, or a hair beside: where rounding would show
        hair = chance.choice((0.0, 0.0, 1e-9, -1e-9))
        w, s = chance.choice((one.bbox[0], one.bbox[2])) + hair, chance.choice((one.bbox[1], one.bbox[3])) + hair
        yield {"box": (w, s, w + chance.choice((0.0, 0.05, 2.0)), s + chance.choice((0.0, 0.05, 2.0)))}
        asked: dict[str, Any] = {"box": (w, min(s, other.bbox[1]), other.bbox[2], max(s, other.bbox[1]))}
        asked |= {"cloud": chance.randrange(100)} if chance.random() < 0.4 else {}
        asked |= {"collection": chance.choice(list(COLLECTIONS))} if chance.random() < 0.4 else {}
        asked |= {"platform": chance.choice(("SPOT-7", "LANDSAT-8"))} if chance.random() < 0.3 else {}
        asked |= {"class": chance.choice(("high", "low", "very_high"))} if chance.random() < 0.3 else {}
        if chance.random() < 0.4:
            asked |= {"from": (start := chance.randrange(14_000)), "to": start + chance.randrange(3_000)}
        yield asked


def test_every_answer_is_that_of_a_look_at_every_item(visit: Any, items: tuple[PlacedItem, ...]) -> None:
    assert any(i.bbox is None for i in items) and any(i.bbox and i.bbox[0] > i.bbox[2] for i in items)
    with visit() as visited:
        page = visited.open("search/index.html")
        for asked in questions(items):
            told = page.evaluate(ASK, {"words": [], **asked})
            hits = [n for n, i in enumerate(items) if matches(i, asked, told["day0"])]
            assert told["hits"] == hits, asked
            shown = [items[n] for n in hits[:30]]
            assert told["rows"] == [[i.id, i.folder, i.collection, i.platform, list(i.bbox) if i.bbox else None] for i in shown], asked
            for name, of in FACETS.items():
                others = {key: value for key, value in asked.items() if key != name}
                counts = (
                    Counter(getattr(items[n], of) for n in hits)
                    if others == asked
                    else Counter(getattr(i, of) for i in items if matches(i, others, told["day0"]))
                )
                assert {k: v for k, v in told["counts"][name].items() if v} == {k: v for k, v in counts.items() if k}, (name, asked)


def test_what_is_shown_stands_in_few_files(visit: Any) -> None:
    with visit() as visited:
        asked: list[str] = []
        visited.page.on("request", lambda r: asked.append(r.url.rsplit("/search/", 1)[-1]) if "/search/" in r.url else None)
        page = visited.open("search/index.html?bbox=105.8,20.9,106.0,21.1&cloud=30")
        expect(page.locator("#results li")).to_have_count(20)
        rows = [a for a in asked if a.startswith("rows/")]
        assert any(a.startswith("rows/place") for a in rows) and len(rows) <= 3, "in the order of time they stand in more"
        assert all(a.startswith(("rows/", "edges/", "filter", "index.html")) for a in asked)


def test_a_place_of_the_register_is_a_choice(visit: Any, tmp_path: Path) -> None:
    part = unit("A1", "Phần trong").model_copy(update={"parent": "06994"})
    inner = [[106.6, 20.9], [106.7, 20.9], [106.7, 21.0], [106.6, 21.0], [106.6, 20.9]]
    written(tmp_path, [feature("06994", WEST), feature("07192", EAST), feature("A1", inner)], (*UNITS, part))
    with served(tmp_path) as base, visit(base=base) as visited:
        page = visited.open("search/index.html")
        expect(page.locator("#status")).to_have_text("3 cảnh")
        options = page.locator("#place option").evaluate_all("all => all.map(o => [o.value, o.text, o.parentElement.label || ''])")
        assert options == [["", "Tất cả", ""], ["06994", "Vân Đồn", ""], ["A1", "Phần trong", "Vân Đồn"], ["07192", "Cô Tô", ""]]
        for code, found in (("06994", {"in-the-west", "on-both"}), ("07192", {"on-both"}), ("A1", {"in-the-west"})):
            page.locator("#place").select_option(code)
            page.wait_for_url(f"**place={code}")
            expect(page.locator("#results li")).to_have_count(len(found))
            hrefs = page.locator("#results a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
            assert {href.split("/")[-2] for href in hrefs} == found
        page.reload()
        expect(page.locator("#results li")).to_have_count(1)
        assert page.locator("#place").input_value() == "A1"
        visited.problems[:] = [p for p in visited.problems if base not in p]
    with visit(base=tmp_path.as_uri() + "/") as visited:
        page = visited.open("search/index.html#place=06994")
        expect(page.locator("#results li")).to_have_count(2)


def test_the_last_day_of_a_month_and_a_year(visit: Any, items: tuple[PlacedItem, ...]) -> None:
    with visit() as visited:
        for text, first, last in (("02/2016", date(2016, 2, 1), date(2016, 2, 29)), ("2016", date(2016, 1, 1), date(2016, 12, 31))):
            page = visited.open(f"search/index.html?from={text}&to={text}")
            count = sum(1 for i in items if days(i)[1] >= first and days(i)[0] <= last)
            expect(page.locator("#status")).to_have_text(f"{count} cảnh")
            assert count > 0 and last + timedelta(days=1) > first
