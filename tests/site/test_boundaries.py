"""Boundaries on the maps: the agency's own lines, once each, cut to the map and no finer than it shows; none without its file."""

from __future__ import annotations

import gzip
import html
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from catalog_builder.definition.model import AreaOfInterest, Definition
from catalog_builder.site import boundaries
from catalog_builder.site.basemap import Window
from catalog_builder.site.boundaries import Boundaries, drawn_boundaries
from tests import building
from tests.archives import write_definition
from tests.site import factories as make
from tests.stac import factories as stac

HOME = "index.html"
WITH_MAPS = (HOME, "search/index.html", "spot/index.html", "spot/2019/index.html", "spot/2019/06/scene/index.html")


def square(west: float, south: float, size: float) -> list[list[float]]:
    return [[west, south], [west + size, south], [west + size, south + size], [west, south + size], [west, south]]


def wavy(west: float, south: float, size: float, points: int) -> list[list[float]]:
    """A square whose southern side has very many corners."""
    xs = np.linspace(west, west + size, points)
    side = [[float(x), south + (n % 2) * 0.01 + (n % 7) * 0.003] for n, x in enumerate(xs)]
    return [*side, [west + size, south + size], [west, south + size], side[0]]


def defined(folder: Path, *rings: list[list[float]]) -> Definition:
    features = [
        {"type": "Feature", "properties": {"code": f"A{n}"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for n, ring in enumerate(rings)
    ]
    folder.mkdir(exist_ok=True)
    (folder / "own.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return stac.definition(area=AreaOfInterest(boundaries=Path("own.geojson")), folder=folder)


def drawn(folder: Path, *rings: list[list[float]]) -> Boundaries:
    return drawn_boundaries(defined(folder, *rings))


def in_file(lines: Boundaries) -> list[Any]:
    """The lines of the file in degrees."""
    told = orjson.loads(lines.file)
    return [np.cumsum(np.reshape(steps, (-1, 2)), axis=0) * told["precision"] for steps in told["lines"]]


def pages_of(root: Path, definition: Definition) -> dict[str, bytes]:
    return make.written(root, make.release(root, [make.scene(root, "scene", "spot", definition)], definition))


def test_a_shared_border_is_one_line(tmp_path: Path) -> None:
    path = drawn(tmp_path, square(0, 0, 4), square(4, 0, 4)).path(Window(-4, -4, 12, 12))
    assert path.count("M") == 3, "the border between the two and what is left of each"
    assert [len(line) for line in re.split("M", path) if line] and sum(line.count("l") for line in path) == 3


def test_lines_are_cut_to_the_window(tmp_path: Path) -> None:
    path = drawn(tmp_path, square(0, 0, 4)).path(Window(3, 3, 5, 5))
    assert path.count("M") == 1 and max(float(n) for n in re.findall(r"\d+(?:\.\d)?", path)) < 482
    assert drawn(tmp_path, square(0, 0, 4)).path(Window(1, 1, 3, 3)) == "", "no window is drawn as a boundary"


def test_areas_too_small_to_be_seen_are_left_out_until_the_map_is_closer(tmp_path: Path) -> None:
    lines = drawn(tmp_path, square(0, 0, 4), square(6, 0, 0.1))
    assert lines.path(Window(-4, -4, 12, 12)).count("M") == 1
    assert lines.path(Window(5.5, -0.5, 6.5, 0.5)).count("M") == 1
    assert len(in_file(lines)) == 2


def test_the_weight_is_bounded_on_pages_and_in_the_file(tmp_path: Path) -> None:
    many = [wavy(106 + n % 10 * 0.2, 20 + n // 10 * 0.2, 0.19, 4_000) for n in range(50)]
    definition = defined(tmp_path / "definition", *many)
    lines = drawn_boundaries(definition)
    path = lines.path(Window(105.9, 19.9, 108.1, 21.1))
    assert path.count("M") >= 50 and len(gzip.compress(path.encode())) < 8_000
    assert 1_000 < sum(map(len, in_file(lines))) <= boundaries.MOST_IN_FILE + 5_000
    pages = pages_of(tmp_path / "site", definition)
    assert len(gzip.compress(pages[HOME])) < 40_000 and len(gzip.compress(pages[WITH_MAPS[-1]])) < 30_000


def test_the_file_has_the_lines_to_a_metre_and_no_long_segment(tmp_path: Path) -> None:
    [line] = in_file(drawn(tmp_path, square(107.123456, 20.5, 2)))
    assert np.abs(line.min(axis=0) - (107.123456, 20.5)).max() <= 1e-5 and np.abs(line.max(axis=0) - (109.123456, 22.5)).max() <= 1e-5
    assert np.abs(np.diff(line, axis=0)).max() <= 0.1001


def test_the_maps_of_a_catalogue_with_boundaries_have_them(tmp_path: Path) -> None:
    pages = pages_of(tmp_path, defined(tmp_path / "definition", square(107.0, 20.9, 1)))
    for path in WITH_MAPS:
        page = pages[path].decode()
        assert page.count('<path class="boundary" d="M') == 1 and "được giản lược để hiển thị" in page, path
        assert "simplified for display" in pages[f"en/{path}"].decode()
    [told] = re.findall(r'data-settings="([^"]*)"', pages["search/index.html"].decode())
    assert json.loads(html.unescape(told))["boundaries"] == f"../{boundaries.FILE}"
    assert pages[boundaries.FILE]


@pytest.mark.parametrize("ring", [None, square(20, 40, 1)])
def test_nothing_is_drawn_that_is_not_given_or_not_there(tmp_path: Path, ring: list[list[float]] | None) -> None:
    pages = pages_of(tmp_path, defined(tmp_path / "definition", ring) if ring else stac.definition())
    for path in WITH_MAPS:
        page = pages[path].decode()
        assert 'class="boundary"' not in page and boundaries.FILE not in page
        assert "không thể hiện đường biên giới và không bày tỏ" in page
    assert (boundaries.FILE in pages) == (ring is not None)


def test_other_boundaries_make_the_release_that_a_build_from_scratch_makes(tmp_path: Path) -> None:
    write_definition(tmp_path, extra='[area]\nboundaries = "own.geojson"')
    building.add_scene(tmp_path, 1)
    defined(tmp_path, square(106, 20, 2))
    building.make(tmp_path)
    before = building.tree(tmp_path / "site")
    defined(tmp_path, square(106, 20, 2), square(106.5, 20.5, 1))
    assert building.make(tmp_path).changed
    after = building.tree(tmp_path / "site")
    building.make(tmp_path, store="store-fresh")
    assert after == building.tree(tmp_path / "site-fresh")
    other = {path for path in before if before[path] != after[path]}
    lined = {
        p.relative_to(tmp_path / "site").as_posix() for p in tmp_path.glob("site/**/index.html") if b'class="boundary"' in p.read_bytes()
    }
    assert boundaries.FILE in other and lined and lined <= other


def test_a_map_over_the_antimeridian_has_none(tmp_path: Path) -> None:
    lines = drawn(tmp_path, square(178, -18, 2))
    assert lines.around((178.5, -17, 179, -16)) and not lines.around((179.5, -17, -179.5, -16))
