"""Several scenes on the map of the search page: each from its own grid, in order, with opacity, kept by the address."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect

from tests.browser.maps import HEIGHT, PLACES, WIDTH, Place
from tests.browser.test_map import BLACK, BLUE, GREEN, GRIDS, QUARTERS, RED, near
from tests.browser.test_map import address as address
from tests.browser.test_map import pytestmark as pytestmark
from tests.browser.test_map import site as site
from tests.browser.test_site import RULES

TM3, GEOGRAPHIC = PLACES[0], PLACES[3]
MIDDLE = (0.5 + 10 / WIDTH, 0.25)
"""A place that is green in the scene of the TM-3 grid, and red in the geographic one, whose pixels are wider."""


def folder(place: Place) -> str:
    return place.path.removesuffix("/index.html")


def opened(visited: Any, *shown: str, language: str = "") -> Any:
    page = visited.open(f"{language}search/index.html?show={','.join(shown)}")
    drawn(page, len(shown))
    return page


def drawn(page: Any, count: int) -> None:
    page.locator("#chosen [data-state=live]").wait_for(state="attached")
    expect(page.locator(".layers li")).to_have_count(count)
    expect(page.locator("#chosen .state")).to_be_hidden()


def pixels(page: Any, place: Place, *spots: tuple[float, float]) -> list[tuple[int, ...]]:
    """What stands on the screen at these positions of a scene, by way of degrees as PROJ has them."""
    live = page.locator("#chosen .live")
    live.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    shot = Image.open(BytesIO(live.screenshot())).convert("RGB")
    border = live.evaluate("box => box.clientTop")
    found = []
    for share_x, share_y in spots:
        degrees = place.to_wgs84.transform(*place.at(share_x * WIDTH, share_y * HEIGHT))
        column, row = page.locator("#chosen .neat").evaluate(
            "(box, at) => box.opened.map.getPixelFromCoordinate(box.opened.fromWgs84(at))", degrees
        )
        found.append(shot.getpixel((round(column), round(row) + border)))
    return found


@GRIDS
def test_a_scene_of_any_grid_lies_where_it_belongs(visit: Any, place: Place) -> None:
    with visit() as visited:
        page = opened(visited, folder(place))
        assert near(pixels(page, place, *QUARTERS), (RED, GREEN, BLUE, BLACK))
        assert min(pixels(page, place, (0.04, 0.5))[0]) > 150, "without data the ground shows through"


def test_the_first_lies_on_top_and_the_order_can_be_changed(visit: Any) -> None:
    with visit() as visited:
        page = opened(visited, folder(TM3), folder(GEOGRAPHIC))
        assert near(pixels(page, TM3, MIDDLE), (GREEN,))
        page.locator(".layers li").first.locator("[data-act=down]").press("Enter")
        page.wait_for_url(f"**show={folder(GEOGRAPHIC)},{folder(TM3)}")
        drawn(page, 2)
        assert near(pixels(page, TM3, MIDDLE), (RED,))
        assert page.evaluate("document.activeElement.dataset.act") == "up", "the focus stays with the scene"
        page.reload()
        drawn(page, 2)
        assert near(pixels(page, TM3, MIDDLE), (RED,))


def test_opacity_lets_the_lower_scene_through_and_is_kept(visit: Any) -> None:
    with visit() as visited:
        page = opened(visited, folder(TM3), folder(GEOGRAPHIC))
        slider = page.locator(".layers input").first
        slider.focus()
        slider.press("Home")
        page.wait_for_url(f"**show={folder(TM3)}@0,{folder(GEOGRAPHIC)}")
        drawn(page, 2)
        assert near(pixels(page, TM3, MIDDLE), (RED,))
        page.reload()
        drawn(page, 2)
        assert page.locator(".layers input").first.input_value() == "0" and near(pixels(page, TM3, MIDDLE), (RED,))


def test_results_are_put_on_the_map_and_taken_off_by_keyboard(visit: Any) -> None:
    with visit() as visited:
        page = visited.open("search/index.html")
        page.locator("body[data-answered]").wait_for(state="attached")
        assert not page.locator("#chosen").is_visible()
        for n in (0, 2):
            page.locator(".tick input").nth(n).focus()
            page.keyboard.press("Space")
        drawn(page, 2)
        assert page.locator("#chosen .layers a").count() == 2
        page.locator(".layers [data-act=remove]").first.press("Enter")
        drawn(page, 1)
        assert page.locator(".tick input").evaluate_all("all => all.map(i => i.checked)") == [True, False, False, False]
        page.locator(".layers [data-act=remove]").press("Enter")
        expect(page.locator("#chosen")).to_be_hidden()
        assert "show" not in page.url


def test_more_than_the_limit_is_refused_with_a_reason(visit: Any) -> None:
    with visit() as visited:
        smaller = lambda route: route.fulfill(body=route.fetch().text().replace("most&#34;:6", "most&#34;:2"), content_type="text/html")  # noqa: E731
        visited.page.route(re.compile(r"/search/index\.html"), smaller)
        page = opened(visited, folder(TM3), folder(GEOGRAPHIC))
        assert page.locator("#full").is_visible()
        assert page.locator(".tick input:disabled").count() == 2
        page.locator(".layers [data-act=remove]").first.click()
        drawn(page, 1)
        assert not page.locator("#full").is_visible() and page.locator(".tick input:disabled").count() == 0


def test_an_address_of_scenes_that_are_gone_or_none(visit: Any) -> None:
    with visit() as visited:
        page = visited.open(f"search/index.html?show=spot/2001/01/gone,../../secret,//example.org/x,{folder(TM3)}")
        drawn(page, 2)
        assert "không còn trong danh mục" in page.locator(".layers li").first.inner_text()
        assert near(pixels(page, TM3, QUARTERS[0]), (RED,))
        assert all("404" in problem for problem in visited.problems)
        visited.problems.clear()


def test_a_server_without_ranges_is_explained(visit: Any) -> None:
    with visit() as visited:
        visited.page.route("**/*.tif", lambda route: route.fulfill(status=200, body=b"II*\x00" + b"x" * 100))
        page = visited.open(f"search/index.html?show={folder(TM3)}")
        expect(page.locator("#chosen .state")).to_contain_text("HTTP Range")
        assert page.locator(".layers a").get_attribute("href").endswith(TM3.path)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["", "en/"])
def test_no_barrier(visit: Any, scheme: str, language: str) -> None:
    with visit(viewport={"width": 1280, "height": 900}, color_scheme=scheme) as visited:
        page = opened(visited, folder(TM3), folder(GEOGRAPHIC), language=language)
        for width in (1280, 360, 320):
            page.set_viewport_size({"width": width, "height": 900})
            found = Axe().run(page, options={"runOnly": RULES}).response
            assert [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found["violations"]] == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
