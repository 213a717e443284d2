"""Two dates in one map: the divider, by slider, keyboard and finger, and the previews where there is no map."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.maps import PLACES
from tests.browser.test_map import GREEN, LIVE, QUARTERS, RED, near, pixels
from tests.browser.test_map import address as address
from tests.browser.test_map import pytestmark as pytestmark
from tests.browser.test_map import site as site
from tests.browser.test_site import RULES

FIRST, SECOND = PLACES[0], PLACES[1]
COMPARE = SECOND.path.replace("index.html", "compare/index.html")
NORTH = QUARTERS[:2]


def opened(visited: Any) -> Any:
    page = visited.open(COMPARE)
    page.wait_for_selector(LIVE)
    return page


def without_the_earlier(page: Any) -> None:
    page.evaluate("document.querySelector('[data-map]').opened.map.getLayers().getArray().slice(-2)[0].setOpacity(0)")
    page.wait_for_timeout(500)


def test_the_scenes_lie_upon_each_other_across_their_grids(visit: Any) -> None:
    with visit() as visited:
        page = opened(visited)
        assert near(pixels(page, FIRST, *NORTH), (RED, GREEN))
        page.locator("#swipe").press("Home")
        page.wait_for_timeout(500)
        assert near(pixels(page, FIRST, *NORTH), (RED, GREEN)), "the later scene comes from another grid"


def test_the_divider_parts_the_dates(visit: Any) -> None:
    with visit() as visited:
        page = opened(visited)
        without_the_earlier(page)
        west, east = pixels(page, FIRST, *NORTH)
        assert min(west) > 150 and near([east], (GREEN,)), "right of the divider is the later scene"
        page.locator("#swipe").press("Home")
        page.wait_for_timeout(500)
        assert near(pixels(page, FIRST, *NORTH), (RED, GREEN))
        page.locator("#swipe").press("End")
        page.wait_for_timeout(500)
        assert all(min(seen) > 150 for seen in pixels(page, FIRST, *NORTH))


def test_a_finger_moves_the_divider(visit: Any) -> None:
    with visit(viewport={"width": 1000, "height": 900}) as visited:
        page = opened(visited)
        bar = page.locator(".divider").bounding_box()
        middle = bar["x"] + bar["width"] / 2, bar["y"] + bar["height"] / 2
        page.mouse.move(*middle)
        page.mouse.down()
        page.mouse.move(middle[0] - 200, middle[1], steps=4)
        page.mouse.up()
        assert 20 < float(page.locator("#swipe").input_value()) < 35
        assert page.locator(".divider").bounding_box()["x"] < bar["x"] - 150


def test_a_scene_leads_to_its_comparison(visit: Any) -> None:
    with visit() as visited:
        page = visited.open(SECOND.path)
        page.locator("a.compare").first.click()
        assert page.url.endswith(COMPARE)
        assert page.locator(".sides a").count() == 2


def test_previews_stand_side_by_side_without_scripts(visit: Any) -> None:
    with visit(java_script_enabled=False) as visited:
        page = visited.open(COMPARE)
        boxes = [image.bounding_box() for image in page.locator(".pair img").all()]
        assert len(boxes) == 2 and boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"] and boxes[0]["y"] == boxes[1]["y"]


@pytest.mark.parametrize("language", ["", "en/"])
def test_no_barrier(visit: Any, language: str) -> None:
    with visit() as visited:
        page = visited.open(language + COMPARE)
        page.wait_for_selector(LIVE)
        found = Axe().run(page, options={"runOnly": RULES}).response
        assert [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found["violations"]] == []
        page.set_viewport_size({"width": 320, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
