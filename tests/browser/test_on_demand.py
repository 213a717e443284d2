"""Scenes shown on demand say what pages of their own say; metadata are only text; without a script the page says where to go."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from catalog_builder.definition.model import SiteOptions
from catalog_builder.resources import templates_dir
from catalog_builder.site.pages.on_demand import WORDS
from catalog_builder.times import When
from tests.browser.conftest import Handler
from tests.browser.test_site import LANGUAGES, RULES
from tests.serving import serving
from tests.site import factories as make
from tests.stac import factories as stac

pytestmark = pytest.mark.browser

RICH = "spot/2019/06/spot7-rich"
SCENES = (RICH, "spot/2018/04/frame-1", "uav/2021/01/uav-1", "spot/2019/06/DS_SPOT7_201906050312345")
EVIL = "<script>window.bad=1</script><img src=x onerror=window.bad=1>"

TOLD = """() => ({
  title: document.title, heading: document.querySelector('h1').textContent,
  code: (document.querySelector('.under') || {}).textContent || '',
  facts: [...document.querySelectorAll('dl.facts > div')].map(row => row.innerText.replace(/\\s+/g, ' ').trim()),
  times: [...document.querySelectorAll('time')].map(t => t.dateTime),
  groups: [...document.querySelectorAll('.rest section:not([hidden]) h2')].map(h => h.textContent),
  derived: [...document.querySelectorAll('section[aria-labelledby=derived] li')].map(row => row.textContent),
  bands: [...document.querySelectorAll('.bands tbody tr')].map(row => row.innerText.replace(/\\s+/g, ' ').trim()),
  histograms: [...document.querySelectorAll('.hist')].map(h => [h.getAttribute('class'), h.getAttribute('aria-label')]),
  files: [...document.querySelectorAll('.files li')].map(row => row.innerText.replace(/\\s+/g, ' ').trim()),
  links: [...document.querySelectorAll('.files a, .acts a, .view')].map(a => a.href),
  image: document.querySelector('.view img') && document.querySelector('.view img').src,
  sources: [...document.querySelectorAll('.sources tbody tr')].map(row => row.innerText.replace(/\\s+/g, ' ').trim()),
})"""
"""What a page of a scene tells, whichever way it was made."""

OPENED = "document.querySelectorAll('details').forEach(d => d.open = true)"
ASIDE = """() => document.querySelectorAll('.cite, .printed, section[aria-labelledby=use]')
  .forEach(it => (it.closest('dl.facts > div') || it).remove())"""
"""Takes away what only pages of their own have: the citation, the printed sheet, the snippets."""


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same scenes with pages of their own, and on demand."""
    return {kind: _site(tmp_path_factory.mktemp(kind), kind) for kind in ("static", "on-demand")}


def _site(root: Path, kind: Any) -> Path:
    uav = stac.collection_definition(id="uav", order=5, license="other", title={"vi": "Bình đồ ảnh UAV", "en": "UAV orthophotos"})
    definition = stac.definition(collections=(stac.collection_definition(), uav), site=SiteOptions(item_pages=kind))
    rich = make.scene(root, "spot7-rich", "spot", definition, scene_name="DS_SPOT7_201906050312345_FR1")
    rich["properties"] |= {
        "eo:cloud_cover": 4.25,
        "vn:cloud_class": "A",
        "processing:level": "ORTHO",
        "view:off_nadir": 12.345,
        "view:sun_azimuth": 181,
        "sat:orbit_state": "descending",
        "sat:absolute_orbit": 12345,
        "vn:sheet": "F-48-80-(123)",
        "vn:map_scale": 50000,
        "vn:bit_depth": 12,
        "vn:scan": {"roll": "7156", "dpi": 1200},
        "vn:aerial": {"camera": "RC-10", "flight_height_m": 3500.5},
        "description": "Ảnh thử có đủ trường",
        "vn:origin": "foreign_purchase",
        "vn:theme": ["coast"],
        "processing:datetime": "2020-02-03T04:05:06Z",
    }
    month = make.scene(root, "frame-1", "spot", definition, when=When.month(2018, 4))
    year = make.scene(root, "uav-1", "uav", definition, (107.05, 20.94, 107.08, 20.97), When.year(2021), platform=None)
    coded = make.scene(root, "DS_SPOT7_201906050312345", "spot", definition, scene_name="DS_SPOT7_201906050312345")
    evil = make.scene(root, "evil", "spot", definition, scene_name=EVIL, platform=EVIL, instruments=(EVIL,))
    evil["properties"] |= {"title": EVIL, "description": EVIL, "cb:provenance": {EVIL: EVIL}, "license": EVIL}
    evil["assets"]["script"] = {"href": "javascript:window.bad=1", "title": EVIL, "type": EVIL, "roles": [EVIL], "bands": [{"name": EVIL}]}
    evil["links"].append({"rel": "license", "href": "javascript:window.bad=1"})
    make.written(root, make.release(root, [rich, month, year, coded, evil], definition))
    return root


@pytest.fixture(scope="module")
def served(sites: dict[str, Path]) -> Iterator[dict[str, str]]:
    servers = {kind: ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(root))) for kind, root in sites.items()}
    with serving(servers["static"]) as static, serving(servers["on-demand"]) as on_demand:
        yield {"static": static, "on-demand": on_demand}


def shell(folder: str, language: str = "vi") -> str:
    return f"{'' if language == 'vi' else 'en/'}scene/index.html?item={folder}"


def told(page: Any, base: str) -> Any:
    """What the page tells, with addresses from the root of its site."""
    return {key: _placed(value, base) for key, value in page.evaluate(TOLD).items()}


def _placed(value: Any, base: str) -> Any:
    if isinstance(value, list):
        return [_placed(one, base) for one in value]
    return value.removeprefix(base) if isinstance(value, str) else value


@pytest.mark.parametrize("folder", SCENES)
def test_both_kinds_of_pages_say_the_same(browser: Any, served: dict[str, str], folder: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    for language in LANGUAGES:
        page.goto(f"{served['static']}{'' if language == 'vi' else 'en/'}{folder}/index.html")
        page.evaluate(OPENED)
        page.evaluate(ASIDE)
        static = told(page, served["static"])
        page.goto(served["on-demand"] + shell(folder, language))
        page.wait_for_selector("#sheet", state="visible")
        page.evaluate(OPENED)
        on_demand = told(page, served["on-demand"])
        for key, expected in static.items():
            assert on_demand[key] == expected, f"{language} {key}"
    context.close()


def test_lists_lead_to_the_scene_and_the_scene_back(browser: Any, served: dict[str, str]) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(served["on-demand"] + "spot/2019/06/index.html")
    page.locator(f'.card a[href*="item={RICH}"]').first.click()
    page.wait_for_selector("#sheet", state="visible")
    assert page.locator("h1").inner_text()
    page.locator(".view img").evaluate("image => image.decode()")  # waits for the picture; fails when there is none to show
    page.locator(".tongues a[lang=en]").click()
    page.wait_for_selector("#sheet", state="visible")
    assert page.url.endswith(shell(RICH, "en"))
    page.locator(".crumbs a").last.click()
    assert page.url.endswith("en/spot/2019/06/index.html")
    context.close()


def test_hostile_metadata_are_text(browser: Any, served: dict[str, str]) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(served["on-demand"] + shell("spot/2019/06/evil"))
    page.wait_for_selector("#sheet", state="visible")
    assert page.evaluate("window.bad") is None and EVIL in page.locator("main").inner_text()
    assert page.locator("a[href^=javascript]").count() == 0 and page.locator("main script").count() == 0
    context.close()


@pytest.mark.parametrize("item", ["", "../../etc/passwd", "//example.org/x", "spot/../../x", "https:x", "spot//x", "spot/2019/06/gone"])
def test_an_address_that_names_no_scene_is_answered(browser: Any, served: dict[str, str], item: str) -> None:
    context = browser.new_context()
    page, asked = context.new_page(), []
    context.on("request", lambda request: asked.append(request.url))
    page.goto(served["on-demand"] + shell(item))
    page.wait_for_function("document.getElementById('state').textContent")
    assert not page.locator("#sheet").is_visible()
    assert all(url.startswith(served["on-demand"]) for url in asked) and not any("passwd" in url.partition("?")[0] for url in asked)
    context.close()


def test_no_barrier_and_nothing_over_the_edge(browser: Any, served: dict[str, str]) -> None:
    context = browser.new_context()
    page = context.new_page()
    for path in (shell(RICH), shell(RICH, "en"), "spot/2019/06/index.html"):
        page.goto(served["on-demand"] + path)
        page.wait_for_load_state("networkidle")
        page.evaluate(OPENED)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found = Axe().run(page, options={"runOnly": RULES}).response
            assert len(found["passes"]) > 10, "axe did not run"
            assert [f"{path} {scheme} {v['id']}: {v['nodes'][0]['html'][:200]}" for v in found["violations"]] == []
        for width in (1280, 768, 360, 320):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{path} at {width}"
    context.close()


def test_without_scripts_and_from_a_disk_it_says_where_to_go(browser: Any, served: dict[str, str], sites: dict[str, Path]) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(served["on-demand"] + shell(RICH))
    assert "STAC JSON" in page.locator("noscript").inner_text()
    page.goto(served["on-demand"] + "spot/2019/06/index.html")
    record = page.locator(".card > a.code").first
    assert (sites["on-demand"] / "spot/2019/06" / (record.get_attribute("href") or "-")).is_file()
    context.close()
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{sites['on-demand'].as_uri()}/{shell(RICH)}")
    page.wait_for_function("document.getElementById('state').textContent")
    assert page.locator("#state a").get_attribute("href").endswith(f"{RICH}/spot7-rich.json")
    context.close()


def test_the_script_asks_only_for_words_that_it_has() -> None:
    script = "".join((templates_dir() / "js" / name).read_text() for name in ("scene-words.js", "scene.js"))
    strings = set(re.findall(r"'((?:[^'\\]|\\.)*)'", script))
    assert set(WORDS) <= strings, set(WORDS) - strings
    asked = set(re.findall(r"(?:\bt|add|at|refuse)\('([^']+)'", script))
    assert asked <= set(WORDS), asked - set(WORDS)
    assert "innerHTML" not in script
