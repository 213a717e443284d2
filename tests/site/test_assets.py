"""The assets: how the land is cut and coded, what pages do without them, and that nothing is pinned loosely or to a host."""

from __future__ import annotations

import importlib.util
import json
import re
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest
import shapely
from shapely.geometry import Polygon, box

from catalog_builder.resources import PACKAGE
from catalog_builder.site import assets
from catalog_builder.site.basemap import REGION, _decoded

SOURCES = PACKAGE.parent / "scripts" / "assets-packages"


@pytest.fixture(scope="module")
def builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("assets_basemap", SOURCES / "basemap.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def topology(*rings: list[list[float]]) -> dict[str, object]:
    """A TopoJSON in hundredths of a degree, one arc per ring."""
    arcs = []
    for ring in rings:
        whole = [[round((x + 180) * 100), round((y + 90) * 100)] for x, y in ring]
        arcs.append([whole[0], *([b[0] - a[0], b[1] - a[1]] for a, b in pairwise(whole))])
    polygons = [[[n]] for n in range(len(rings))]
    transform = {"scale": [0.01, 0.01], "translate": [-180, -90]}
    return {"transform": transform, "arcs": arcs, "objects": {"land": {"geometries": [{"type": "MultiPolygon", "arcs": polygons}]}}}


def test_land_is_read_from_shared_arcs(builder: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "land.json"
    path.write_text(json.dumps(topology([[100, 10], [110, 10], [110, 20], [100, 20], [100, 10]])))
    assert builder._land(path).equals(box(100, 10, 110, 20))
    assert builder._ring([[(0, 0), (1, 0)], [(0, 0), (0, 1), (1, 0)]], [0, ~1]) == [(0, 0), (1, 0), (0, 1), (0, 0)]


def test_land_across_the_antimeridian_is_cut(builder: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "land.json"
    path.write_text(json.dumps(topology([[170, 60], [-170, 60], [-170, 70], [170, 70], [170, 60]])))
    land = builder._land(path)
    assert land.area == pytest.approx(200)
    assert land.contains(shapely.Point(175, 65)) and land.contains(shapely.Point(-175, 65)) and not land.contains(shapely.Point(0, 65))


def test_land_round_a_pole_is_closed_along_it(builder: ModuleType) -> None:
    cut = builder._cut(Polygon([(-170, -70), (-60, -70), (60, -70), (170, -70), (-170, -70)]))
    assert cut.contains(shapely.Point(0, -80)) and cut.contains(shapely.Point(-179.9, -89)) and not cut.contains(shapely.Point(0, -60))


def test_rings_come_back_from_their_differences(builder: ModuleType) -> None:
    ring = [(106.51, 20.5), (107.5, 20.5), (107.5, 21.49), (106.51, 20.5)]
    assert _decoded(builder._deltas(ring, 0.01), 0.01) == [pytest.approx(p) for p in ring]


def test_the_builder_and_the_site_agree_about_the_window(builder: ModuleType) -> None:
    assert builder.REGION == REGION


def test_a_site_without_built_assets_has_system_fonts_and_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "assets_dir", lambda: tmp_path)
    pages = {p.path: p.data.decode() for p in assets.asset_pages()}
    assert set(pages) == {"assets/site.css", "assets/icon.svg", *(f"assets/{name}.js" for name in assets.SCRIPTS)}
    assert "url(" not in pages["assets/site.css"] and "system-ui" in pages["assets/site.css"]
    found = assets.missing_assets()
    assert len(found) == len(assets.EXPECTED) and "phông chữ" in found[0].message("vi") and "fonts" in found[0].message("en")


def test_fonts_are_declared_with_their_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "assets_dir", lambda: tmp_path)
    (tmp_path / "fonts").mkdir()
    for name in ("be-vietnam-pro-600", "jetbrains-mono", "jetbrains-mono-vietnamese"):
        (tmp_path / "fonts" / f"{name}.woff2").write_bytes(b"wOF2")
    css = next(p.data.decode() for p in assets.asset_pages() if p.path == "assets/site.css")
    assert 'font-family:"Be Vietnam Pro";font-weight:600' in css
    assert css.count('font-family:"JetBrains Mono";font-weight:100 800') == 2 and css.count("unicode-range") == 1


def test_packages_are_pinned_exactly_and_name_no_host() -> None:
    versions = json.loads((SOURCES / "package.json").read_text())["dependencies"].values()
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", v) for v in versions)
    lines = [line for line in (SOURCES / "requirements.txt").read_text().splitlines() if line and not line.startswith("#")]
    assert lines and all(re.fullmatch(r"[\w-]+==[\d.]+", line) for line in lines)
    texts = "".join(p.read_text() for p in SOURCES.rglob("*") if p.is_file() and p.suffix != ".pyc")
    assert "://" not in texts and not list(SOURCES.glob("*lock*"))
