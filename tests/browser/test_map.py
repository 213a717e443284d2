"""The live map in a real browser over a real server with ranges: colours where PROJ says, in every grid that matters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from http.server import ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

from catalog_builder.preview import RangeHandler
from catalog_builder.resources import assets_dir
from tests.browser import maps
from tests.browser.conftest import POLICY
from tests.browser.maps import EDGE, HEIGHT, PLACES, WIDTH, Place
from tests.browser.test_site import RULES
from tests.serving import serving
from tests.site import factories as make

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not (assets_dir() / "map" / "map.js").is_file(), reason="run scripts/assets to build the live map"),
]

LIVE = "[data-state=live]"
RED, GREEN, BLUE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0)
QUARTERS = ((0.3, 0.25), (0.75, 0.25), (0.3, 0.75), (0.75, 0.75))
"""Middles of the north-west, north-east, south-west and south-east block, as shares of width and height."""


class StrictRangeHandler(RangeHandler):
    """The preview server of the product under the strict policy of the pages."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("maps")
    make.written(root, maps.release(root))
    return root


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), partial(StrictRangeHandler, directory=str(site)))) as address:
        yield address


def opened(visited: Any, place: Place) -> Any:
    page = visited.open(place.path)
    page.wait_for_selector(LIVE)
    return page


def pixels(page: Any, place: Place, *spots: tuple[float, float]) -> list[tuple[int, ...]]:
    """What stands on the screen at these positions of the scene (shares of its width and height)."""
    live = page.locator(".live")
    live.scroll_into_view_if_needed()
    shot = Image.open(BytesIO(live.screenshot())).convert("RGB")
    border = page.evaluate("document.querySelector('.live').clientTop")
    found = []
    for share_x, share_y in spots:
        x, y = place.at(share_x * WIDTH, share_y * HEIGHT)
        column, row = page.evaluate("at => document.querySelector('[data-map]').opened.map.getPixelFromCoordinate(at)", [x, y])
        found.append(shot.getpixel((round(column), round(row) + border)))
    return found


def near(found: list[tuple[int, ...]], wanted: tuple[tuple[int, ...], ...]) -> bool:
    return all(abs(a - b) <= 12 for f, w in zip(found, wanted, strict=True) for a, b in zip(f, w, strict=True))


def choose(page: Any, selector: str, value: str) -> None:
    """Choose in a list and wait until the map shows it."""
    before = page.evaluate("document.querySelector('[data-map]').dataset.drawn || ''")
    page.locator(selector).select_option(value)
    page.wait_for_function("before => (document.querySelector('[data-map]').dataset.drawn || '') !== before", arg=before)


GRIDS = pytest.mark.parametrize("place", PLACES, ids=lambda p: p.code)


@GRIDS
def test_blocks_stand_where_they_belong(visit: Any, place: Place) -> None:
    with visit() as visited:
        page = opened(visited, place)
        assert near(pixels(page, place, *QUARTERS), (RED, GREEN, BLUE, BLACK))
        edge = pixels(page, place, (EDGE / WIDTH / 2, 0.5))[0]
        assert min(edge) > 150, "without data the ground shows through"


@GRIDS
def test_the_grid_of_the_browser_is_that_of_proj(visit: Any, place: Place) -> None:
    """To a centimetre: without the datum shift of VN-2000 it would be 225 m, with the signs of the decree 0.6 m."""
    with visit() as visited:
        page = opened(visited, place)
        for share in QUARTERS:
            x, y = place.at(share[0] * WIDTH, share[1] * HEIGHT)
            longitude, latitude = page.evaluate("at => document.querySelector('[data-map]').opened.toWgs84(at)", [x, y])
            expected = place.to_wgs84.transform(x, y)
            assert longitude == pytest.approx(expected[0], abs=1e-7) and latitude == pytest.approx(expected[1], abs=1e-7)


@GRIDS
def test_other_bands_are_other_colours(visit: Any, place: Place) -> None:
    with visit() as visited:
        page = opened(visited, place)
        choose(page, "#look", "2,1,0")
        assert near(pixels(page, place, *QUARTERS), (RED, GREEN, BLUE, BLACK))
        choose(page, "#look", "3,2,1")
        assert near(pixels(page, place, *QUARTERS), (GREEN, BLUE, BLACK, RED))
        choose(page, "#look", "hand")
        choose(page, "#hand-0", "1")
        choose(page, "#hand-1", "0")
        choose(page, "#hand-2", "3")
        assert near(pixels(page, place, *QUARTERS), (BLACK, RED, GREEN, BLUE))
        edge = pixels(page, place, (EDGE / WIDTH / 2, 0.5))[0]
        assert min(edge) > 150, "pixels without data are transparent in the bands too"
        choose(page, "#look", "visual")
        assert near(pixels(page, place, *QUARTERS), (RED, GREEN, BLUE, BLACK))


def test_swapping_bands_asks_the_server_nothing(visit: Any) -> None:
    with visit() as visited:
        page = opened(visited, PLACES[0])
        choose(page, "#look", "2,1,0")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        choose(page, "#look", "3,2,1")
        page.locator("#stretch").select_option("range")
        assert asked == []


def test_first_look_fetches_the_picture_and_not_the_data(visit: Any) -> None:
    with visit() as visited:
        asked: list[str] = []
        visited.page.on("request", lambda request: asked.append(request.url))
        opened(visited, PLACES[0])
        assert any(url.endswith("visual.tif") for url in asked) and not any(url.endswith("ms.tif") for url in asked)


def test_opacity_lets_the_ground_through(visit: Any) -> None:
    with visit() as visited:
        page = opened(visited, PLACES[1])
        page.locator("#opacity").fill("0")
        page.wait_for_timeout(300)
        assert min(pixels(page, PLACES[1], QUARTERS[3])[0]) > 150


def test_the_keyboard_moves_and_zooms(visit: Any) -> None:
    with visit() as visited:
        page = opened(visited, PLACES[0])
        view = "document.querySelector('[data-map]').opened.view"
        x, y, resolution = page.evaluate(f"[...{view}.getCenter(), {view}.getResolution()]")
        page.locator(".live").focus()
        page.keyboard.press("+")
        page.wait_for_function(f"before => {view}.getResolution() < before * 0.75", arg=resolution)
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowUp")
        page.wait_for_function(f"([x, y]) => {view}.getCenter()[0] > x && {view}.getCenter()[1] > y", arg=[x, y])
        assert re.search(r"Đ \d{3} \d{3} +B 2 \d{3} \d{3} · 2\d,\d{5}°, 10\d,\d{5}°", page.locator(".where").inner_text())


def test_preview_stays_with_a_reason_without_ranges(visit: Any) -> None:
    with visit() as visited:
        visited.page.route("**/*.tif", lambda route: route.fulfill(status=200, body=b"II*\x00" + b"x" * 100))
        page = visited.open(PLACES[0].path)
        page.wait_for_selector("[data-state=preview]")
        assert "HTTP Range" in page.locator(".state").inner_text()
        assert page.locator(".view img").is_visible() and not page.locator(".live").is_visible()


def test_preview_stays_with_a_reason_without_webgl(visit: Any) -> None:
    with visit() as visited:
        visited.page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
        asked: list[str] = []
        visited.page.on("request", lambda request: asked.append(request.url))
        page = visited.open(PLACES[0].path)
        page.wait_for_selector("[data-state=preview]")
        assert "WebGL" in page.locator(".state").inner_text()
        assert not any(url.endswith((".tif", "map.js")) for url in asked), "nothing is loaded in vain"


def test_preview_stays_with_a_reason_from_a_disk(visit: Any, site: Path) -> None:
    with visit(base=site.as_uri() + "/") as visited:
        page = visited.open(PLACES[0].path)
        assert "ổ đĩa" in page.locator(".state").inner_text() and page.locator(".view img").is_visible()


def test_a_missing_file_leaves_the_preview(visit: Any) -> None:
    with visit() as visited:
        visited.page.route("**/visual.tif", lambda route: route.abort())
        page = visited.page
        page.goto(visited.base + PLACES[0].path)
        page.wait_for_selector("[data-state=preview]")
        assert page.locator(".view img").is_visible() and page.locator(".state").inner_text()
        visited.problems.clear()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_open_map_is_no_barrier(visit: Any, scheme: str) -> None:
    with visit(viewport={"width": 1280, "height": 900}, color_scheme=scheme) as visited:
        page = opened(visited, PLACES[0])
        choose(page, "#look", "hand")
        found = Axe().run(page, options={"runOnly": RULES}).response
        assert [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found["violations"]] == []
        sizes = page.locator(".ol-zoom button").evaluate_all("all => all.map(b => b.getBoundingClientRect()).map(b => [b.width, b.height])")
        assert min(min(s) for s in sizes) >= 44
        page.set_viewport_size({"width": 320, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_paper_has_the_preview(visit: Any) -> None:
    with visit() as visited:
        page = opened(visited, PLACES[0])
        page.emulate_media(media="print")
        assert page.locator(".view img").is_visible() and not page.locator(".live").is_visible() and not page.locator(".tools").is_visible()
