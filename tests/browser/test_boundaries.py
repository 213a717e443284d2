"""The agency's boundaries on the live maps: a line where PROJ says, in every grid, on the map of one scene, of two and of several."""

from __future__ import annotations

import json
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from catalog_builder.resources import PACKAGE
from catalog_builder.site.boundaries import FILE
from tests.browser import maps, test_compare, test_several
from tests.browser.maps import BORDER, PLACES, Place
from tests.browser.test_map import GRIDS, opened
from tests.browser.test_map import address as address
from tests.browser.test_map import pytestmark as pytestmark
from tests.checkers import installed
from tests.site import factories as make

INK, PALE = (17, 48, 47), (234, 240, 232)
"""The ink of the light and of the dark scheme (templates/css/tokens.css)."""

ALONG = tuple(107.07 + n * 0.008 for n in range(10))
"""Longitudes on the border within the scenes."""

OFF = 0.006
"""Degrees beside the border where there is none: far more than the width of the line."""

DEGREES = "(box, at) => box.opened.map.getPixelFromCoordinate((box.opened.fromWgs84 || (a => a))(at))"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("bounded")
    make.written(root, maps.released(root, PLACES, maps.bounded(tmp_path_factory.mktemp("definition"))))
    return root


def inked(page: Any, figure: str, live: str, place: Place | None, latitude: float, ink: tuple[int, int, int] = INK) -> list[bool]:
    """Where along a parallel there is a pixel of ink at most one beside the place; ``place`` is the scene in whose grid the map is."""
    target = page.locator(live)
    target.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    shot = Image.open(BytesIO(target.screenshot())).convert("RGB")
    border = target.evaluate("box => box.clientTop")
    found = []
    for longitude in ALONG:
        at = place.to_wgs84.transform(longitude, latitude, direction="INVERSE") if place else (longitude, latitude)
        column, row = page.locator(figure).evaluate(DEGREES, at)
        around: list[Any] = [shot.getpixel((round(column), round(row) + border + by)) for by in (-1, 0, 1)]
        found.append(any(max(abs(a - b) for a, b in zip(pixel, ink, strict=True)) <= 60 for pixel in around))
    return found


@GRIDS
def test_the_line_runs_where_it_belongs(visit: Any, place: Place) -> None:
    with visit() as visited:
        page = opened(visited, place)
        assert all(inked(page, "[data-map]", ".live", place, BORDER))
        assert not any(inked(page, "[data-map]", ".live", place, BORDER + OFF))


def test_the_line_has_the_ink_of_the_scheme(visit: Any) -> None:
    with visit(color_scheme="dark") as visited:
        page = opened(visited, PLACES[0])
        assert all(inked(page, "[data-map]", ".live", PLACES[0], BORDER, PALE))


def test_the_comparison_has_it_on_both_sides(visit: Any) -> None:
    with visit() as visited:
        page = test_compare.opened(visited)
        assert all(inked(page, "[data-map]", ".live", test_compare.FIRST, BORDER))


def test_the_map_of_several_scenes_has_it(visit: Any) -> None:
    with visit() as visited:
        page = test_several.opened(visited, test_several.folder(PLACES[0]), test_several.folder(PLACES[3]))
        assert all(inked(page, "#chosen .neat", "#chosen .live", None, BORDER))
        assert not any(inked(page, "#chosen .neat", "#chosen .live", None, BORDER + OFF))


def test_a_map_opens_without_the_file(visit: Any) -> None:
    with visit() as visited:
        visited.page.route(f"**/{FILE}", lambda route: route.fulfill(status=404, body=""))
        page = opened(visited, PLACES[0])
        assert not any(inked(page, "[data-map]", ".live", PLACES[0], BORDER))
        assert [p for p in visited.problems if FILE not in p and "404" not in p] == []
        visited.problems.clear()


def test_lines_are_cut_to_the_surroundings() -> None:
    """Past its zone a grid folds over, so nothing beyond the window may reach it."""
    land = PACKAGE.parent / "scripts/assets-packages/map/land.js"
    window = [0, 0, 10, 10]
    lines = {
        "inside": [[1, 1], [2, 2], [3, 1]],
        "through": [[-5, 5], [15, 5]],
        "out and in again": [[5, 5], [15, 5], [15, 6], [5, 6]],
        "along the edge": [[0, 0], [10, 0]],
        "over a corner": [[-1, 8], [3, 12]],
        "past a corner": [[-3, 8], [1, 12]],
        "outside": [[11, 0], [11, 10]],
    }
    asked = f"Object.values({json.dumps(lines)}).map(line => cut(line, {window}))"
    script = f"import({json.dumps(land.as_uri())}).then(({{ cut }}) => console.log(JSON.stringify({asked})))"
    done = subprocess.run([str(installed().node), "-e", script], capture_output=True, text=True, check=True)
    found = dict(zip(lines, json.loads(done.stdout), strict=True))
    assert found == {
        "inside": [lines["inside"]],
        "through": [[[0, 5], [10, 5]]],
        "out and in again": [[[5, 5], [10, 5]], [[10, 6], [5, 6]]],
        "along the edge": [[[0, 0], [10, 0]]],
        "over a corner": [[[0, 9], [1, 10]]],
        "past a corner": [],
        "outside": [],
    }
