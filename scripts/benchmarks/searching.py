"""Costs of searching a large catalogue in the browser: the index of made-up items, written, served plainly and asked in Chromium.

Run as ``python -m scripts.benchmarks.searching N FOLDER``; prints one JSON object. Only the index and the search page are made, no
items: searching reads nothing else. Bytes and requests are those below ``search/`` from opening the page to the answer with its
first results, over a server without ranges and without compression; warm is the same question asked again in the open page.
"""

from __future__ import annotations

import json
import random
import shutil
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Page as Tab
from playwright.sync_api import sync_playwright

from catalog_builder.definition.model import Access
from catalog_builder.release.model import PlacedCollection, PlacedItem, Release
from catalog_builder.site.assets import asset_pages
from catalog_builder.site.pages.search import search_page
from catalog_builder.site.search import index_pages, search_index
from catalog_builder.site.site import Site
from catalog_builder.site.wording import Wording
from scripts.benchmarks.measure import peak_of_this_process
from tests.browser.conftest import LAUNCH
from tests.serving import serving
from tests.stac import factories as stac

SEED = 20_261_121
WARM_ROUNDS = 15

COLLECTIONS = {
    "spot": ("Ảnh SPOT", "SPOT imagery"),
    "vnredsat": ("Ảnh VNREDSat-1", "VNREDSat-1 imagery"),
    "landsat": ("Ảnh Landsat", "Landsat imagery"),
    "sentinel-2": ("Ảnh Sentinel-2", "Sentinel-2 imagery"),
    "vhr": ("Ảnh độ phân giải siêu cao", "Very high resolution imagery"),
    "uav": ("Bình đồ ảnh UAV", "UAV orthophotos"),
    "lut": ("Ảnh ngập lụt", "Flood imagery"),
}

PLATFORMS = (
    ("SPOT-5", "spot", 2.5, 0.6, "high", 2002, 2015, 14),
    ("SPOT-6", "spot", 1.5, 0.6, "high", 2012, 2024, 12),
    ("SPOT-7", "spot", 1.5, 0.6, "high", 2014, 2023, 12),
    ("VNREDSat-1", "vnredsat", 2.5, 0.17, "high", 2013, 2024, 10),
    ("LANDSAT-5", "landsat", 30.0, 1.8, "medium", 1986, 2012, 9),
    ("LANDSAT-8", "landsat", 15.0, 1.8, "medium", 2013, 2026, 11),
    ("Sentinel-2A", "sentinel-2", 10.0, 1.0, "medium", 2015, 2026, 16),
    ("Sentinel-2B", "sentinel-2", 10.0, 1.0, "medium", 2017, 2026, 14),
    ("Pléiades-1A", "vhr", 0.5, 0.2, "very_high", 2012, 2026, 4),
    ("WorldView-2", "vhr", 0.5, 0.16, "very_high", 2010, 2026, 3),
    ("KOMPSAT-3", "lut", 0.7, 0.16, "very_high", 2013, 2026, 2),
    (None, "uav", 0.05, 0.012, "very_high", 2016, 2026, 6),
)
"""Platform, collection, ground sample distance in metres, side of a scene in degrees, class, first and last year, share."""

SENSORS = {
    **dict.fromkeys(("SPOT-6", "SPOT-7", "VNREDSat-1"), ("naomi",)),
    **dict.fromkeys(("Sentinel-2A", "Sentinel-2B"), ("msi",)),
    "SPOT-5": ("hrg",),
    "LANDSAT-5": ("tm",),
    "LANDSAT-8": ("oli", "tirs"),
}

PLACES = (
    ("Hà Nội", 105.85, 21.03), ("Quảng Ninh", 107.2, 21.1), ("Hải Phòng", 106.68, 20.86), ("Lạng Sơn", 106.76, 21.85),
    ("Điện Biên", 103.02, 21.39), ("Sơn La", 103.91, 21.33), ("Nghệ An", 104.98, 19.23), ("Hà Tĩnh", 105.9, 18.34),
    ("Quảng Trị", 107.0, 16.75), ("Huế", 107.58, 16.46), ("Đà Nẵng", 108.2, 16.05), ("Quảng Ngãi", 108.8, 15.12),
    ("Gia Lai", 108.2, 13.8), ("Đắk Lắk", 108.05, 12.68), ("Khánh Hòa", 109.1, 12.25), ("Lâm Đồng", 108.4, 11.9),
    ("Đồng Nai", 106.95, 11.0), ("Thành phố Hồ Chí Minh", 106.7, 10.78), ("Tây Ninh", 106.1, 11.3), ("Vĩnh Long", 105.97, 10.25),
    ("Cần Thơ", 105.78, 10.04), ("Cà Mau", 105.15, 9.18), ("Đồng Tháp", 105.63, 10.46), ("Đầm Thị Nại", 109.22, 13.82),
)  # fmt: skip
SUBJECTS = ("Ngập lụt", "Hiện trạng rừng", "Sạt lở bờ sông", "Lúa đông xuân", "Nuôi trồng thủy sản", "Đô thị", "Cháy rừng", "Đường bờ biển")


def placed_items(count: int) -> tuple[PlacedItem, ...]:
    """Made-up scenes: clustered around places and spread over the country, codes of vendors and titles in words, gaps as in life.

    One in a hundred has no geometry, one in three hundred lies over the antimeridian, some collections have no cloud cover.
    """
    chance = random.Random(SEED)
    shares = [p[7] for p in PLATFORMS]
    return tuple(_placed(chance, n, *chance.choices(PLATFORMS, shares)[0]) for n in range(count))


def _placed(
    chance: random.Random, n: int, platform: str | None, collection: str, gsd: float, side: float, kind: str, first: int, last: int, _: int
) -> PlacedItem:
    start = datetime(first, 1, 1, 2, 30, tzinfo=UTC) + timedelta(seconds=chance.randrange((last - first + 1) * 365 * 86_400))
    start = start.replace(hour=chance.choice((2, 3, 3, 3, 4)))
    _, longitude, latitude = chance.choice(PLACES)
    x, y = longitude, latitude
    box: tuple[float, float, float, float] | None = None
    if chance.random() > 0.01:
        spread = 0.25 if chance.random() < 0.7 else 1.2
        x, y = chance.gauss(longitude, spread), chance.gauss(latitude, spread)
        width, height = side * chance.uniform(0.92, 1.08), side * chance.uniform(0.9, 1.05)
        box = (round(x, 7), round(y, 7), round(x + width, 7), round(y + height, 7))
        if chance.random() < 1 / 300:
            box = (round(180 - width / 2, 7), box[1], round(width / 2 - 180, 7), box[3])
    name = min(PLACES, key=lambda p: (p[1] - x) ** 2 + (p[2] - y) ** 2)[0]  # a title names what is near
    is_named = platform is None or collection == "lut" or chance.random() < 0.2
    code = f"DS_{(platform or 'UAV').upper().replace('-', '')}_{start:%Y%m%d%H%M}{chance.randrange(1000):03d}_FR1_SE1_{n:06d}"
    title = f"{chance.choice(SUBJECTS)} {name} {start:%m/%Y}" if is_named else f"{platform} · {code}"
    item_id = code.lower().replace("_", "-")
    folder = f"{collection}/{start.year:04d}/{start.month:02d}/{item_id}"
    return PlacedItem(
        id=item_id,
        collection=collection,
        title=title,
        path=f"{folder}/{item_id}.json",
        start=start,
        end=start if platform else start + timedelta(days=chance.choice((0, 6, 29))),
        bbox=box,
        platform=platform,
        instruments=SENSORS.get(platform or "", ()),
        gsd=gsd,
        cloud_cover=None if platform is None else round(min(100.0, chance.expovariate(1 / 22)), chance.choice((0, 1, 2))),
        resolution_class=kind,
        thumbnail=f"{folder}/thumbnail.webp",
        json_size=9_000,
        json_checksum="1220" + "00" * 32,
        load=dict,
    )


def release(count: int) -> Release:
    """The made-up scenes as a release."""
    defined = tuple(
        stac.collection_definition(id=name, order=order, title={"vi": vi, "en": en})
        for order, (name, (vi, en)) in enumerate(COLLECTIONS.items())
    )
    items = sorted(placed_items(count), key=lambda i: (-i.start.timestamp(), i.id))
    collections = tuple(
        PlacedCollection(c.id, f"{c.id}/collection.json", {"title": c.id}, tuple(i for i in items if i.collection == c.id), ())
        for c in defined
    )
    return Release("0" * 16, stac.definition(collections=defined), Access.PUBLIC, {}, collections, ())


QUESTIONS: dict[str, dict[str, str]] = {
    "everything": {},
    "words with diacritics": {"q": "ngập lụt Quảng Trị"},
    "word without diacritics": {"q": "dam thi nai"},
    "a code": {"q": "ds spot7 2019"},
    "box of a dense area": {"bbox": "105.6,20.8,106.1,21.2"},
    "box of an empty area": {"bbox": "116.5,5.5,117.0,6.0"},
    "box of a third of the country": {"bbox": "105.0,14.0,110.0,19.5"},
    "dates and cloud": {"from": "01/01/2019", "to": "31/12/2019", "cloud": "10"},
    "collection, class and platform": {"collection": "vhr", "class": "very_high", "platform": "WorldView-2"},
    "district, year and cloud": {"bbox": "106.9,16.6,107.3,16.9", "from": "2020", "to": "2020", "cloud": "20"},
    "word, box and cloud": {"q": "pleiades", "bbox": "105.0,20.0,107.5,22.0", "cloud": "30"},
    "a rare platform with little cloud": {"platform": "KOMPSAT-3", "cloud": "2"},
}


class PlainHandler(SimpleHTTPRequestHandler):
    """No ranges, no compression."""

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


ASK = """() => new Promise(done => {
  const begun = performance.now();
  const seen = new MutationObserver(() => { seen.disconnect(); done(performance.now() - begun); });
  seen.observe(document.body, { attributes: true, attributeFilter: ['data-answered'] });
  document.getElementById('search').requestSubmit();
})"""


def asked(tab: Tab, base: str, question: dict[str, str]) -> dict[str, Any]:
    """The costs of one question, cold and warm."""
    sizes: list[int] = []
    tab.on(
        "response", lambda r: sizes.append(int(r.header_value("content-length") or 0)) if "/search/" in r.url and _is_index(r.url) else None
    )
    begun = time.perf_counter()
    tab.goto(f"{base}search/index.html?{urlencode(question)}")
    tab.locator("body[data-answered]").wait_for(state="attached")
    cold = time.perf_counter() - begun
    count = tab.locator("#status").inner_text()
    cold_bytes, cold_requests = sum(sizes), len(sizes)
    warm = [tab.evaluate(ASK) for _ in range(WARM_ROUNDS)]
    return {
        "cold_kB": round(cold_bytes / 1000, 1),
        "cold_requests": cold_requests,
        "cold_s": round(cold, 2),
        "warm_ms": round(statistics.median(warm), 1),
        "warm_best_ms": round(min(warm), 1),
        "answer": count,
    }


def _is_index(url: str) -> bool:
    return "/search/" in url and not url.split("?")[0].endswith(".html")


def main(count: int, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    made = release(count)
    site = Site(made)
    _ = site.items
    before, begun = peak_of_this_process(), time.process_time()
    pages = list(index_pages(search_index(site)))
    seconds, after = time.process_time() - begun, peak_of_this_process()
    for page in [*pages, *asset_pages(), search_page(site, Wording("vi"))]:
        target = folder / page.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(page.data)
    sizes = {p.path: len(p.data) for p in pages}
    result: dict[str, Any] = {
        "items": count,
        "index": {"files": len(sizes), "bytes": sum(sizes.values()), "filter_bytes": sizes["search/filter.bin.gz"],
                  "largest_other": max((n, p) for p, n in sizes.items() if "filter" not in p and not p.endswith(".js"))},
        "build": {"cpu_s": round(seconds, 1), "peak_MB": round(after), "peak_before_MB": round(before)},
        "questions": {},
    }  # fmt: skip
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(PlainHandler, directory=str(folder)))
    with serving(server) as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=[*LAUNCH, "--blink-settings=imagesEnabled=false"]
        )
        for name, question in QUESTIONS.items():
            context = browser.new_context()
            result["questions"][name] = asked(context.new_page(), base, question)
            context.close()
        browser.close()
    print(json.dumps(result, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
