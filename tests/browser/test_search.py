"""Search in a real browser gives what a look at every item gives."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from catalog_builder.ids import fold
from catalog_builder.times import from_stac, in_vietnam

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def items(site: Path) -> list[dict[str, Any]]:
    found = [json.loads(p.read_text()) for p in site.glob("*/*/*/*/*.json")]
    assert len(found) == 103
    return found


def days(item: dict[str, Any]) -> tuple[date, date]:
    p = item["properties"]
    if p["datetime"]:
        day = in_vietnam(from_stac(p["datetime"])).date()
        return day, day
    return from_stac(p["start_datetime"]).date(), from_stac(p["end_datetime"]).date()


TITLES = {"spot": "Ảnh SPOT SPOT imagery spot", "uav": "Bình đồ ảnh UAV UAV orthophotos uav"}


def expected(items: list[dict[str, Any]], asked: dict[str, str]) -> set[str]:
    """Brute force over the published items, written apart from the index."""

    def matches(item: dict[str, Any]) -> bool:
        p, (first, last) = item["properties"], days(item)
        text = fold(" ".join([p["title"], item["id"], p.get("platform") or "", TITLES[item["collection"]]]))
        spaced = " " + "".join(c if c.isalnum() else " " for c in text)
        if not all(f" {word}" in spaced for word in fold(asked.get("q", "")).split()):
            return False
        if "from" in asked and last < date(*reversed([int(n) for n in asked["from"].split("/")])):  # type: ignore[arg-type]
            return False
        if "to" in asked and first > date(*reversed([int(n) for n in asked["to"].split("/")])):  # type: ignore[arg-type]
            return False
        if "cloud" in asked and ("eo:cloud_cover" not in p or p["eo:cloud_cover"] > float(asked["cloud"])):
            return False
        if "collection" in asked and item["collection"] != asked["collection"]:
            return False
        if "platform" in asked and p.get("platform") != asked["platform"]:
            return False
        if "sensor" in asked and asked["sensor"] not in p.get("instruments", []):
            return False
        if "class" in asked and p.get("vn:resolution_class") != asked["class"]:
            return False
        if "theme" in asked and asked["theme"] not in p.get("vn:theme", []):
            return False
        if "bbox" in asked:
            w, s, e, n = map(float, asked["bbox"].split(","))
            b = item["bbox"]
            return bool(b[0] <= e and b[2] >= w and b[1] <= n and b[3] >= s)
        return True

    return {item["id"] for item in items if matches(item)}


def questions() -> Iterator[dict[str, str]]:
    yield {"q": "binh do"}
    yield {"q": "BÌNH ĐỒ"}
    yield {"q": "spot 2019"}
    yield {"q": "khong co gi"}
    yield {"from": "01/04/2018", "to": "30/04/2018"}
    yield {"platform": "SPOT-7"}
    yield {"sensor": "naomi", "from": "01/01/2017"}
    yield {"theme": "coast", "class": "high", "q": "frame"}
    yield {"class": "low"}
    yield {"cloud": "12"}
    yield {"cloud": "13"}
    # on the edges of boxes, where rounding would show
    yield {"bbox": "107.0,20.9,107.0,20.9"}
    yield {"bbox": "108.200000001,20,109,21"}
    yield {"bbox": "106.0,20.0,106.4999999,22.0"}
    chance = random.Random(5)
    for _ in range(12):
        asked = {}
        if chance.random() < 0.7:
            w, s = 106.3 + chance.random() * 2, 20.3 + chance.random()
            asked["bbox"] = f"{w:.5f},{s:.5f},{w + chance.random() * 0.6:.5f},{s + chance.random() * 0.5:.5f}"
        if chance.random() < 0.6:
            start = date(2016, 1, 1) + timedelta(days=chance.randrange(2500))
            asked |= {"from": start.strftime("%d/%m/%Y"), "to": (start + timedelta(days=chance.randrange(900))).strftime("%d/%m/%Y")}
        if chance.random() < 0.5:
            asked["q"] = chance.choice(["spot", "frame", "ds spot7", "0", "hong gai"])
        yield asked


def answered(page: Any) -> None:
    """Wait for the first answer (by a selector: the policy of the page forbids to evaluate strings in it)."""
    page.locator("body[data-answered]").wait_for(state="attached")


def found(page: Any) -> set[str]:
    """Ids of all results: every page of the list is opened."""
    answered(page)
    while page.locator("#more").is_visible():
        before = page.locator("#results li").count()
        page.locator("#more").click()
        expect(page.locator(f"#results li:nth-child({before + 1})")).to_be_attached()
    hrefs = page.locator("#results a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    return {href.split("/")[-2] for href in hrefs}


def test_results_equal_a_look_at_every_item(visit: Any, items: list[dict[str, Any]]) -> None:
    with visit() as visited:
        for asked in questions():
            page = visited.open("search/index.html?" + urlencode(asked))
            assert found(page) == expected(items, asked), asked


def test_the_address_says_what_was_asked(visit: Any) -> None:
    with visit() as visited:
        page = visited.open("search/index.html")
        answered(page)
        page.locator("#q").fill("bình đồ")
        page.wait_for_url("**q=b%C3%ACnh+%C4%91%E1%BB%93**")
        expect(page.locator("#results li")).to_have_count(1)
        assert page.locator("#status").inner_text() == "1 cảnh"
        page.reload()
        expect(page.locator("#results li")).to_have_count(1)
        page.locator("#results a").click()
        assert page.url.endswith("uav/2021/01/uav-1/index.html")


def test_the_home_page_leads_to_the_answer(visit: Any) -> None:
    with visit() as visited:
        page = visited.open("en/index.html")
        page.locator("#q").fill("orthophotos")
        page.locator("#q").press("Enter")
        answered(page)
        assert page.locator("#status").inner_text() == "1 scene"
        page.locator("#results a").click()
        assert page.url.endswith("en/uav/2021/01/uav-1/index.html")


def test_a_wrong_date_is_said_and_not_searched(visit: Any) -> None:
    with visit() as visited:
        page = visited.open("search/index.html?from=31/02/2019")
        expect(page.locator("#problem")).to_be_visible()
        assert page.locator("#from").get_attribute("aria-invalid") == "true"
        assert "Ngày không hợp lệ" in page.locator("#problem").inner_text()


def test_a_box_drawn_on_the_map_is_searched(visit: Any, items: list[dict[str, Any]]) -> None:
    with visit(viewport={"width": 1280, "height": 900}) as visited:
        page = visited.open("search/index.html")
        answered(page)
        frame = page.locator("#draw svg").bounding_box()
        page.mouse.move(frame["x"] + frame["width"] * 0.1, frame["y"] + frame["height"] * 0.6)
        page.mouse.down()
        page.mouse.move(frame["x"] + frame["width"] * 0.3, frame["y"] + frame["height"] * 0.9)
        page.mouse.up()
        page.wait_for_url("**bbox=**")
        expect(page.locator("body:not([data-answered='1'])")).to_be_attached()
        drawn = page.locator("#bbox").input_value().replace(" ", "")
        assert found(page) == expected(items, {"bbox": drawn}) != set()


def test_a_box_is_drawn_by_keyboard(visit: Any, items: list[dict[str, Any]]) -> None:
    with visit() as visited:
        page = visited.open("search/index.html")
        answered(page)
        page.locator("#box").press("Enter")
        assert page.evaluate("document.activeElement.id") == "draw" and "Phím mũi tên" in page.locator("#drawing").inner_text()
        drawn = page.locator("#drawing").inner_text()
        for key in ("ArrowLeft", "ArrowDown", "Shift+ArrowLeft"):
            page.keyboard.press(key)
        assert page.locator("#drawing").inner_text() != drawn
        page.keyboard.press("Enter")
        page.wait_for_url("**bbox=**")
        assert page.evaluate("document.activeElement.id") == "box"
        expect(page.locator("body:not([data-answered='1'])")).to_be_attached()
        assert found(page) == expected(items, {"bbox": page.locator("#bbox").input_value().replace(" ", "")}) != set()
        page.locator("#nobox").press("Enter")
        page.wait_for_url(lambda url: "bbox" not in url)
        page.locator("#box").press("Enter")
        page.keyboard.press("Escape")
        assert page.locator("#bbox").input_value() == "" and page.locator("#draw").get_attribute("role") is None


def test_a_finger_scrolls_and_draws_only_when_told(visit: Any, items: list[dict[str, Any]]) -> None:
    with visit(viewport={"width": 360, "height": 800}, has_touch=True) as visited:
        page = visited.open("search/index.html")
        answered(page)
        page.locator("#draw").scroll_into_view_if_needed()
        frame = page.locator("#draw svg").bounding_box()
        finger = page.context.new_cdp_session(page)

        def drag() -> None:
            for kind, share in (("touchStart", 0.3), ("touchMove", 0.5), ("touchMove", 0.6), ("touchEnd", None)):
                at = [] if share is None else [{"x": frame["x"] + frame["width"] * share, "y": frame["y"] + frame["height"] * share}]
                finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

        drag()
        assert page.locator("#bbox").input_value() == ""
        page.locator("#box").click()
        page.locator("#draw").scroll_into_view_if_needed()
        frame = page.locator("#draw svg").bounding_box()
        drag()
        page.wait_for_url("**bbox=**")
        expect(page.locator("body:not([data-answered='1'])")).to_be_attached()
        assert found(page) == expected(items, {"bbox": page.locator("#bbox").input_value().replace(" ", "")}) != set()


def test_the_scripts_are_light(site: Path) -> None:
    scripts = [(site / "assets" / name).read_bytes() for name in ("search-index.js", "search-map.js", "search.js")]
    assert sum(len(gzip.compress(script, 9)) for script in scripts) <= 10_000


def test_results_can_be_taken_away(visit: Any, items: list[dict[str, Any]]) -> None:
    with visit() as visited:
        page = visited.open("search/index.html?q=hong+gai")
        answered(page)
        taken = {}
        for kind in ("csv", "geojson", "stac", "sh"):
            with page.expect_download() as download:
                page.locator(f"[data-export={kind}]").click()
            taken[kind] = Path(download.value.path()).read_text()
        assert taken["csv"].splitlines()[1].startswith("uav-1,uav,Phường Hồng Gai,2021-01-01T00:00:00Z,2021-12-31T23:59:59Z,107.05")
        assert json.loads(taken["geojson"])["features"][0]["id"] == "uav-1"
        item = json.loads(taken["stac"])["features"][0]
        assert item["assets"]["ms"]["href"].endswith("/uav/2021/01/uav-1/ms.tif") and item["assets"]["ms"]["href"].startswith("http")
        assert f"curl -fL --retry 3 -C - --create-dirs -o 'uav-1/ms.tif' '{item['assets']['ms']['href']}'" in taken["sh"]
        assert item["assets"]["ms"]["file:checksum"].removeprefix("1220") in taken["sh"]


def test_search_works_from_a_disk(visit: Any, site: Path) -> None:
    with visit(base=site.as_uri() + "/") as visited:
        page = visited.open("search/index.html#q=hong+gai")
        assert found(page) == {"uav-1"}
        assert not page.locator("[data-export=stac]").is_visible()


def test_without_scripts_the_page_says_where_to_go(visit: Any) -> None:
    with visit(java_script_enabled=False) as visited:
        page = visited.open("search/index.html")
        assert page.locator("noscript a").get_attribute("href") == "../index.html"
        assert [page.locator(dead).is_visible() for dead in ("#search", "#box", "#years", "h1")] == [False, False, False, True]


FACETS = ("collection", "platform", "sensor", "class", "theme")


@pytest.mark.parametrize(
    "asked",
    [{}, {"q": "frame"}, {"bbox": "106.8,20.6,107.1,20.9"}, {"collection": "uav"}, {"platform": "SPOT-7", "collection": "uav"}],
    ids=str,
)
def test_choices_say_how_many_scenes_they_leave(visit: Any, items: list[dict[str, Any]], asked: dict[str, str]) -> None:
    with visit() as visited:
        page = visited.open("search/index.html?" + urlencode(asked))
        answered(page)
        for facet in FACETS:
            options = page.locator(f"#{facet} option").evaluate_all("all => all.filter(o => o.value).map(o => [o.value, o.text])")
            assert options
            for value, text in options:
                count = len(expected(items, {**asked, facet: value}))
                assert text.endswith(f" ({count})"), f"{facet}={value} with {asked}: {text}, not {count}"
