"""Scenes whose grid is turned or that lie over the antimeridian are drawn where they belong; where they cannot be, the page says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import maps, test_several
from tests.browser.maps import ACROSS, HEIGHT, SHEARED, TURNED, WIDTH, Place
from tests.browser.test_map import BLACK, BLUE, GREEN, QUARTERS, RED, choose, near, opened, pixels
from tests.browser.test_map import address as address
from tests.browser.test_map import pytestmark as pytestmark
from tests.browser.test_several import folder
from tests.site import factories as make


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("odd")
    make.written(root, maps.released(root, (TURNED, SHEARED, ACROSS)))
    return root


@pytest.mark.parametrize("place", [TURNED, ACROSS], ids=lambda p: p.item)
def test_blocks_stand_where_they_belong(visit: Any, place: Place) -> None:
    with visit() as visited:
        page = opened(visited, place)
        assert near(pixels(page, place, *QUARTERS), (RED, GREEN, BLUE, BLACK))
        assert min(pixels(page, place, (0.04, 0.5))[0]) > 150, "without data the ground shows through"
        choose(page, "#look", "2,1,0")
        assert near(pixels(page, place, *QUARTERS), (RED, GREEN, BLUE, BLACK)), "the bands too"
        for share in QUARTERS:
            x, y = place.at(share[0] * WIDTH, share[1] * HEIGHT)
            degrees = page.evaluate("at => document.querySelector('[data-map]').opened.toWgs84(at)", [x, y])
            assert degrees == pytest.approx(place.to_wgs84.transform(x, y), abs=1e-7)


def test_a_turned_scene_lies_among_others(visit: Any) -> None:
    with visit() as visited:
        page = test_several.opened(visited, folder(TURNED))
        assert near(test_several.pixels(page, TURNED, *QUARTERS), (RED, GREEN, BLUE, BLACK))


def test_a_scene_over_the_antimeridian_is_left_to_its_own_page(visit: Any) -> None:
    with visit() as visited:
        page = visited.open(f"search/index.html?show={folder(ACROSS)},{folder(SHEARED)}")
        expect(page.locator(".layers li").first).to_contain_text("kinh tuyến 180°")
        expect(page.locator(".layers li").last).to_contain_text("Không có ảnh")
        assert page.locator("#chosen figure").is_hidden(), "no empty map"


def test_a_sheared_scene_keeps_its_preview_and_says_why(visit: Any) -> None:
    with visit() as visited:
        page = visited.open(SHEARED.path)
        page.wait_for_selector("[data-state=preview]")
        assert "bị xiên" in page.locator(".state").inner_text() and page.locator(".view img").is_visible()
        assert not page.locator(".live").is_visible() and not page.locator(".tools").is_visible()
