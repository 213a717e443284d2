"""The pieces pages are made of: addresses, coverage, charts, basemap, grids, neighbours."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from shapely.geometry import Polygon, box

from catalog_builder.release.model import PlacedItem
from catalog_builder.site import basemap
from catalog_builder.site.addresses import Addresses, relative, resolved
from catalog_builder.site.basemap import Window, graticule_step, svg_path
from catalog_builder.site.charts import calendar, histogram, shade, strip
from catalog_builder.site.coverage import boxes, cell_key, cell_step, coverage, extent, locator_window, window_over
from catalog_builder.site.environment import breakable
from catalog_builder.site.grids import crs_name
from catalog_builder.site.machine import SITEMAP_LIMIT, sitemap
from catalog_builder.site.markdown import markdown
from catalog_builder.site.neighbours import Neighbours
from catalog_builder.site.reading import assets_of, number, text
from catalog_builder.site.structured import as_script
from catalog_builder.site.views import calendar_view
from catalog_builder.site.wording import Wording


def item(name: str = "a", where: tuple[float, float, float, float] | None = (107, 20, 108, 21), days: int = 0) -> PlacedItem:
    start = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=days)
    return PlacedItem(name, "c", name, f"c/{name}/{name}.json", start, start, where, None, (), None, None, None, None, 1, "", dict)


def test_links_are_relative_and_name_the_file() -> None:
    assert relative("en/a/b/index.html", "a/b/x.json") == "../../../a/b/x.json"
    assert relative("index.html", "a/index.html") == "a/index.html"
    assert relative("a/index.html", "a/ảnh 1.tif") == "%E1%BA%A3nh%201.tif"
    addresses = Addresses(("vi", "en"), "https://example.org/kho/")
    assert addresses.page("a/index.html", "vi") == "a/index.html"
    assert addresses.page("a/index.html", "en") == "en/a/index.html"
    assert addresses.absolute("a b.tif") == "https://example.org/kho/a%20b.tif"


@pytest.mark.parametrize(
    ("href", "reference"),
    [
        ("./scene.tif", "c/i/scene.tif"),
        ("../j/x%20y.tif", "c/j/x%20y.tif"),
        ("https://example.org/a.tif", "https://example.org/a.tif"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("//evil.example/x", None),
        ("/etc/passwd", None),
        ("../../../../etc/passwd", None),
        ("..\\..\\x", None),
        ("file:///etc/passwd", None),
    ],
)
def test_only_files_of_the_release_and_web_addresses_become_links(href: str, reference: str | None) -> None:
    assert resolved("c/i", href) == reference


def test_cells_count_scenes_and_not_touching_edges() -> None:
    covered = coverage([item("new", (107.0, 20.0, 107.5, 20.5), 9), item("old", (107.0, 20.0, 108.0, 21.0))])
    assert covered is not None and covered.step == 0.1
    counts = {c.key: c.count for c in covered.cells}
    assert len(counts) == 100 and counts["n20.00e107.00"] == 2 and counts["n20.90e107.90"] == 1
    first = next(c for c in covered.cells if c.key == "n20.00e107.00")
    assert [i.id for i in first.newest] == ["new", "old"] and first.level > next(c for c in covered.cells if c.count == 1).level


def test_a_scene_across_the_antimeridian_is_two_boxes() -> None:
    assert list(boxes(item(where=(179, -10, -179, -9)))) == [(179, -10, 180.0, -9), (-180.0, -10, -179, -9)]
    assert list(boxes(item(where=None))) == []
    assert coverage([item(where=None)]) is None


@pytest.mark.parametrize("turned", [False, True])
def test_a_scene_across_the_antimeridian_does_not_widen_a_map_to_the_world(turned: bool) -> None:
    def at(west: float, east: float) -> tuple[float, float, float, float]:
        return (-east, -17, -west, -16) if turned else (west, -17, east, -16)

    across = item("across", at(179.8, -179.9) if not turned else (179.9, -17, -179.8, -16))
    others = [item("a", at(177, 177.5)), item("b", at(178, 178.5))]
    box = extent([*others, across])
    assert box is not None and box[2] - box[0] == pytest.approx(3) and box[0] * box[2] > 0
    covered = coverage([across, *others])
    assert covered is not None and covered.step < 1 and any(across in c.newest for c in covered.cells)
    alone = extent([across])
    assert alone is not None and alone[2] - alone[0] == pytest.approx(0.2), "by itself its wider half"


def test_scenes_around_the_world_have_a_map_of_the_world() -> None:
    across = item("across", (179.8, -17, -179.9, -16))
    box = extent([across, item("a", (-120, 0, -119, 1)), item("b", (107, 0, 108, 1))])
    assert box is not None and (box[0], box[2]) == (-180, 180)


def test_a_point_still_has_a_cell() -> None:
    covered = coverage([item(where=(107.0, 20.0, 107.0, 20.0))])
    assert covered is not None and len(covered.cells) == 1


@pytest.mark.parametrize("span", [0.001, 0.5, 3, 17, 90, 359])
def test_a_map_has_few_enough_cells_to_hit_with_a_finger(span: float) -> None:
    assert span / cell_step(span) <= 13 or span > 300


def test_cell_keys_are_stable_and_signed() -> None:
    assert (cell_key(107, 20.5), cell_key(-0.5, -10)) == ("n20.50e107.00", "s10.00w000.50")


def test_windows_hold_what_they_show() -> None:
    window = window_over((106.4, 20.4, 108.3, 21.7))
    assert window.west < 106.4 and window.north > 21.7 and 0.4 < window.height / basemap.WIDTH < 1.6
    thin = window_over((100, 10, 119, 10.1))
    assert thin.height / basemap.WIDTH > 0.4


def test_scenes_of_viet_nam_are_located_in_the_country_with_its_islands() -> None:
    names = [n.text for n in basemap.basemap(locator_window((107, 20.8, 107.2, 21))).names]
    assert names == ["Hoàng Sa", "Trường Sa", "Biển Đông"]
    for where in ((-9.3, 38.6, -9.0, 38.8), (179.5, -17, 179.9, -16), (-170, 60, -150, 70), (170, -10, -175, -9)):
        window = locator_window(where)
        assert window.holds(where[0], where[1]) and window.east <= 180 and window.west >= -180


def test_the_names_of_islands_can_be_read_on_a_map_of_the_world() -> None:
    for window in (Window(-180, -85, 180, 85), Window(40, -60, 160, 60)):
        names = basemap.basemap(window).names
        assert [n.text for n in names] == ["Hoàng Sa", "Trường Sa"]
        assert names[1].y - names[0].y >= basemap.LABEL


def test_the_graticule_is_neither_crowded_nor_empty() -> None:
    assert [graticule_step(s) for s in (0.1, 2, 14, 360)] == [1 / 60, 0.25, 2.0, 60.0]


def test_paths_keep_holes() -> None:
    shape = box(0, 0, 10, 10).difference(box(4, 4, 6, 6))
    assert svg_path(shape, Window(0, 0, 10, 10)).count("M") == 2


def test_paths_are_short_and_exact_to_a_tenth() -> None:
    window = Window(0, 0, 48, 48)
    shape = Polygon([(1.0, 47.0), (1.03, 46.99), (0.98, 46.92), (2.004, 46.0)])
    assert svg_path(shape, window) == "M10 10.9l.3.2-.5.7 10.2 10.1z"


def test_the_basemap_does_without_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(basemap, "assets_dir", lambda: tmp_path)
    for cached in (basemap.basemap, basemap._load):
        cached.cache_clear()
    try:
        assert basemap.basemap(Window(106, 20, 108, 22)).land == ""
        folder = tmp_path / "basemap"
        folder.mkdir()
        rings = [[10650, 2050, 100, 0, 0, 100, -100, 0, 0, -100]]
        (folder / "region.json").write_bytes(orjson.dumps({"precision": 0.01, "polygons": [rings]}))
        for cached in (basemap.basemap, basemap._load):
            cached.cache_clear()
        assert basemap.basemap(Window(106, 20, 108, 22)).land == "M120 385.6l240 0 0-257.1-240 0z"
    finally:
        for cached in (basemap.basemap, basemap._load):
            cached.cache_clear()


def test_histograms_keep_their_counts_in_few_bins() -> None:
    drawn = histogram((1,) * 256, 0, 256, (64, None, 300))
    assert drawn is not None and drawn.width == 128 and drawn.marks == (32.0,)
    assert histogram((0, 0, 0), 0, 3, ()) is None and histogram((), 0, 0, ()) is None
    narrow = histogram((5, 0, 10), 1, 1, (1,))
    assert narrow is not None and narrow.path == "M0 32V16h2V32h2V1h2V32z" and narrow.marks == ()


def test_activity_strips_share_one_axis() -> None:
    bars = strip(Counter({2001: 4, 2003: 1}), 2000, 2004)
    assert [(b.x, b.height) for b in bars] == [(10, 24.0), (30, 12.0)]


def test_the_calendar_counts_what_is_known_by_year_only_in_the_year_and_in_no_month() -> None:
    vague = replace(item("vague"), end=datetime(2020, 12, 31, tzinfo=UTC))
    older = replace(vague, start=datetime(2017, 1, 1, tzinfo=UTC), end=datetime(2017, 12, 31, tzinfo=UTC))
    dated = [item("a"), item("b", days=400)]
    years = calendar_view([*dated, vague, older], Wording("en"))
    assert years[0].year == 2017 and sum(int(year.total) for year in years) == 4
    assert sum(month.count for year in years for month in year.months) == 2
    assert calendar([vague]) == ()


def test_shades() -> None:
    assert [shade(n, 1000) for n in (0, 1, 10, 1000)] == [0, 1, 2, 5]
    assert shade(2, 2) < 5


@pytest.mark.parametrize(
    ("code", "vi"),
    [
        ("EPSG:5899", "VN-2000 / TM-3 107°45′"),
        ("EPSG:5897", "VN-2000 / TM-3 105°00′"),
        ("EPSG:3405", "VN-2000 / UTM múi 48N"),
        ("EPSG:32648", "WGS 84 / UTM múi 48N"),
        ("EPSG:4326", "WGS 84"),
        ("EPSG:99999999", None),
        ("<b>", None),
    ],
)
def test_grids_have_local_names(code: str, vi: str | None) -> None:
    assert crs_name(code, "vi") == vi


def test_neighbours_are_the_nearest_in_time_over_the_same_place() -> None:
    items = [item(str(n), days=n * 10) for n in range(6)] + [item("elsewhere", (100, 10, 101, 11), 25)]
    around = Neighbours(items).around(items[3])
    assert [[i.id for i in side] for side in around] == [["1", "2"], ["4", "5"]]
    assert Neighbours(items).around(items[0])[0] == ()
    assert Neighbours([item(where=None)]).around(item(where=None)) == ((), ())


def test_markdown_loads_and_runs_nothing() -> None:
    html = markdown("**đậm** <script>x</script> ![](https://t.example/p.png) [a](javascript:x) [b](https://example.org)")
    assert "<strong>đậm</strong>" in html and "&lt;script&gt;" in html and "<img" not in html
    assert 'href="javascript' not in html and 'href="https://example.org"' in html


def test_structured_data_cannot_close_its_element() -> None:
    script = as_script({"name": "</script><script>alert(1)</script>&"})
    assert "<" not in script and orjson.loads(str(script))["name"].startswith("</script>")


def test_codes_break_at_their_joints_and_stay_escaped() -> None:
    assert breakable("DS_SPOT7_<b>") == "DS_<wbr>SPOT7_<wbr>&lt;b&gt;"


def test_odd_values_are_unknown_not_errors() -> None:
    assert (number("3"), number(True), number(float("inf")), text([]), text(" ")) == (None, None, None, None, None)
    assets = assets_of({"assets": {"a": None, "b": {"href": 3, "roles": "data", "bands": [None, {"raster:histogram": 5}]}}}, "c/i")
    assert [(a.key, a.reference) for a in assets] == [("a", None), ("b", "c/i/3")]
    assert assets_of({"assets": []}, "c/i") == ()


def test_a_big_sitemap_is_split() -> None:
    pages = list(sitemap("https://example.org/", (f"p{n}/index.html" for n in range(SITEMAP_LIMIT + 1))))
    assert [p.path for p in pages] == ["sitemap-1.xml", "sitemap-2.xml", "sitemap.xml"]
    assert pages[0].data.count(b"<loc>") == SITEMAP_LIMIT and b"sitemap-2.xml" in pages[2].data
