"""The pages in a real browser: every kind, both languages, light and dark, wide and narrow, on paper, without scripts or server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import Published
from tests.checkers import lacking

pytestmark = pytest.mark.browser

PAGES = {
    "home": "index.html",
    "collection": "spot/index.html",
    "year": "spot/2018/index.html",
    "month": "spot/2018/04/index.html",
    "item": "spot/2016/01/spot7-00/index.html",
    "vague item": "uav/2021/01/uav-1/index.html",
    "cell": "cells/n20.80e107.00/index.html",
    "places": "places/index.html",
    "place": "places/VD-1/index.html",
    "quality": "qa/index.html",
    "search": "search/index.html",
    "about": "about/index.html",
    "guide": "guide/index.html",
    "changes": "changes/index.html",
    "licences": "licences/index.html",
    "accessibility": "accessibility/index.html",
    "comparison": "spot/2016/05/spot7-02/compare/index.html",
    "not found": "404.html",
}
KINDS = pytest.mark.parametrize("kind", PAGES)
LANGUAGES = ("vi", "en")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def path_of(kind: str, language: str = "vi") -> str:
    return PAGES[kind] if language == "vi" or kind == "not found" else f"en/{PAGES[kind]}"


@KINDS
def test_no_barrier_by_wcag(visit: Any, kind: str) -> None:
    with visit(viewport={"width": 1280, "height": 900}) as visited:
        for language in LANGUAGES:
            page = visited.open(path_of(kind, language))
            # axe looks at every folded part as well
            page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                found = Axe().run(page, options={"runOnly": RULES}).response
                assert len(found["passes"]) > 10, "axe did not run"
                assert [f"{language} {scheme} {v['id']}: {v['nodes'][0]['html'][:200]}" for v in found["violations"]] == []


@KINDS
def test_nothing_runs_over_the_edge(visit: Any, kind: str) -> None:
    with visit() as visited:
        for language in LANGUAGES:
            page = visited.open(path_of(kind, language))
            page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            for width in (1280, 768, 360, 320):
                page.set_viewport_size({"width": width, "height": 800})
                assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{language} at {width}"


@KINDS
def test_works_without_scripts(visit: Any, kind: str) -> None:
    with visit(java_script_enabled=False) as visited:
        page = visited.open(path_of(kind))
        assert page.locator("h1").is_visible() and page.locator("main").inner_text().strip()


@pytest.mark.parametrize("kind", [kind for kind in PAGES if kind != "not found"])  # only a server shows that one
def test_opens_from_a_disk(visit: Any, site: Path, kind: str) -> None:
    with visit(base=site.as_uri() + "/") as visited:
        page = visited.open(path_of(kind))
        assert page.evaluate("getComputedStyle(document.body).margin") == "0px", "the style sheet was not found"
        page.locator(".brand").click()
        assert page.url == (site / "index.html").as_uri()


def test_the_preview_is_there_at_once(visit: Any) -> None:
    with visit() as visited:
        page = visited.open(path_of("item"))
        image = page.locator(".view img")
        assert image.evaluate("i => i.complete && i.naturalWidth > 0")
        assert image.bounding_box()["y"] < 400


def test_a_person_walks_from_the_map_to_a_download_by_keyboard(visit: Any) -> None:
    with visit() as visited:
        page = visited.open("index.html")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        reach(page, "a.cell")
        page.keyboard.press("Enter")
        page.wait_for_url("**/cells/**")
        reach(page, ".card a")
        page.keyboard.press("Enter")
        page.wait_for_url("**/spot/**")
        reach(page, "a.btn[download]")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid", "the focus must be seen"


def test_a_person_searches_and_downloads_by_keyboard(visit: Any, published: Published) -> None:
    with visit(base=published.address, accept_downloads=True) as visited:
        page = visited.open("index.html")
        reach(page, ".find input")
        page.keyboard.type("vandon")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search/**")
        page.wait_for_selector(".results a")
        reach(page, ".results a")
        page.keyboard.press("Enter")
        page.wait_for_url("**/VanDon_20230608/**")
        reach(page, "a.btn[download]")
        with page.expect_download() as started:
            page.keyboard.press("Enter")
        name = started.value.suggested_filename
        assert started.value.path().read_bytes() == (published.site / "scenes/2023/06/VanDon_20230608" / name).read_bytes()


def reach(page: Any, selector: str) -> None:
    """Press Tab until the focus is on ``selector``."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"the keyboard never reaches {selector}")


def test_the_other_language_is_the_same_page(visit: Any) -> None:
    with visit() as visited:
        page = visited.open(path_of("item"))
        page.locator(".tongues a[lang=en]").click()
        assert page.url.endswith(path_of("item", "en"))
        assert page.locator("html").get_attribute("lang") == "en"


def test_a_cell_of_the_map_can_be_hit_with_a_finger(visit: Any) -> None:
    with visit(viewport={"width": 360, "height": 800}) as visited:
        page = visited.open("index.html")
        measure = "all => all.map(r => r.getBoundingClientRect()).map(b => [b.width, b.height])"
        sizes = page.locator("a.cell rect").evaluate_all(measure)
        assert min(min(size) for size in sizes) >= 16


def test_paper_has_the_sheet_and_not_the_controls(visit: Any) -> None:
    with visit(viewport={"width": 794, "height": 1123}) as visited:
        page = visited.open(path_of("item"))
        page.emulate_media(media="print")
        assert page.locator(".view img").is_visible() and page.locator("dl.facts").first.is_visible()
        assert not page.locator(".main-nav").is_visible() and not page.locator("#use").is_visible()
        pdf = page.pdf(prefer_css_page_size=True)
        assert pdf.count(b"/Type /Page\n") <= 4


def test_the_calendar_begins_with_its_newest_year_and_keeps_the_months_in_view(visit: Any) -> None:
    with visit(viewport={"width": 360, "height": 800}) as visited:
        page = visited.open("index.html")
        newest, month = page.locator(".calendar thead th").last.bounding_box(), page.locator(".calendar tbody th").first.bounding_box()
        assert page.evaluate("(b => b.scrollWidth > b.clientWidth)(document.querySelector('.scroll:has(.calendar)'))")
        assert newest["x"] + newest["width"] <= 360 and month["x"] >= 0


@KINDS
def test_forced_colours_leave_everything_to_see(visit: Any, kind: str) -> None:
    """Where the system sets the colours (Windows high contrast), fields, buttons and the focus still have an edge."""
    with visit(forced_colors="active", viewport={"width": 1280, "height": 900}) as visited:
        page = visited.open(path_of(kind))
        found = Axe().run(page, options={"runOnly": RULES}).response
        assert [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found["violations"]] == []
        edges = page.locator(".btn:visible, .form input:visible, .form select:visible").evaluate_all(
            "all => all.filter(e => e.type !== 'range').map(e => getComputedStyle(e).borderTopStyle)"
        )
        assert set(edges) <= {"solid"}
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"


@KINDS
def test_nothing_moves_for_those_who_asked_for_rest(visit: Any, kind: str) -> None:
    with visit(reduced_motion="reduce") as visited:
        page = visited.open(path_of(kind))
        moving = "all => all.filter(e => parseFloat(getComputedStyle(e).transitionDuration) > 0 || e.getAnimations().length).length"
        assert page.locator("body *").evaluate_all(moving) == 0
        assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


def test_a_telephone_shows_the_page_and_not_only_its_head(visit: Any) -> None:
    with visit(viewport={"width": 360, "height": 740}) as visited:
        for language in LANGUAGES:
            page = visited.open(path_of("home", language))
            assert page.locator("h1").bounding_box()["y"] < 220
            other = page.locator(".tongues a:visible")
            assert other.count() == 1 and other.get_attribute("lang") != language


def test_a_short_page_ends_at_the_edge_of_the_window(visit: Any) -> None:
    with visit(viewport={"width": 1280, "height": 1400}) as visited:
        foot = visited.open(path_of("changes")).locator(".foot").bounding_box()
        assert round(foot["y"] + foot["height"]) == 1400


def test_the_live_map_waits_for_somebody(visit: Any, published: Published) -> None:
    with visit(base=published.address) as visited:
        asked: list[str] = []
        visited.page.on("request", lambda request: asked.append(request.url))
        visited.page.goto(published.address + "scenes/2023/06/VanDon_20230608/index.html")
        visited.page.wait_for_load_state("networkidle")
        assert not [url for url in asked if url.endswith(("map.js", ".tif"))]
        visited.page.keyboard.press("Shift")
        visited.page.wait_for_selector("[data-state=live]")
        assert [url for url in asked if url.endswith("map.js")]


def test_text_does_not_jump_when_the_fonts_come(visit: Any, published: Published) -> None:
    """Layout shift of a first visit with slow fonts, summed as the browser itself reports it; 0.1 is where it counts as poor."""
    slow = "new PerformanceObserver(l => l.getEntries().forEach(e => window.shifted = (window.shifted || 0) + e.value))"
    with visit(base=published.address, viewport={"width": 412, "height": 823}) as visited:
        page = visited.page
        page.route("**/*.woff2", lambda route: (page.wait_for_timeout(300), route.continue_()))
        page.add_init_script(f"{slow}.observe({{ type: 'layout-shift', buffered: true }})")
        for path in ("index.html", "en/index.html"):
            page.goto(published.address + path)
            page.evaluate("document.fonts.ready.then(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))))")
            assert page.evaluate("window.shifted || 0") < 0.05, path


def test_fonts_come_from_the_release(visit: Any, site: Path) -> None:
    if not list(site.glob("assets/fonts/*.woff2")):
        lacking("the fonts that scripts/assets builds")
    with visit() as visited:
        page = visited.open("index.html")
        assert page.evaluate("document.fonts.check('16px \"Be Vietnam Pro\"', 'ễộẤ')")
        assert page.evaluate("[...document.fonts].filter(f => f.status === 'loaded').length") >= 2
