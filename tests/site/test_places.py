"""Places: only units of the register with an outline of the agency, and only scenes over that outline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from catalog_builder.definition.model import AreaOfInterest
from catalog_builder.definition.registers import AdminUnit
from catalog_builder.site import problems
from tests.site import factories as make
from tests.stac import factories as stac

WEST = [[106.5, 20.8], [107.0, 20.8], [107.0, 21.2], [106.5, 21.2], [106.5, 20.8]]
EAST = [[107.5, 20.8], [108.0, 20.8], [108.0, 21.2], [107.5, 21.2], [107.5, 20.8]]


def unit(code: str, name: str) -> AdminUnit:
    return AdminUnit(code=code, level="commune", name_vi=name, name_en=f"{name} ward", source="test", verified="unverified")


def feature(code: str | None, ring: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"code": code}, "geometry": {"type": "Polygon", "coordinates": [ring]}}


UNITS = (unit("06994", "Vân Đồn"), unit("07192", "Cô Tô"), unit("00001", "Không ranh giới"))


def written(root: Path, features: list[dict[str, Any]], units: tuple[AdminUnit, ...] = UNITS) -> tuple[dict[str, bytes], Any]:
    (root / "definition").mkdir()
    (root / "definition" / "boundaries.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    definition = stac.definition(admin_units=units, area=AreaOfInterest(boundaries=Path("boundaries.geojson")), folder=root / "definition")
    scenes = [
        make.scene(root, "in-the-west", "spot", definition, box=(106.6, 20.9, 106.8, 21.0)),
        make.scene(root, "on-both", "spot", definition, box=(106.9, 20.9, 107.6, 21.0)),
        make.scene(root, "elsewhere", "spot", definition, box=(108.5, 20.9, 108.6, 21.0)),
    ]
    release = make.release(root, scenes, definition)
    return make.written(root, release), release


def test_a_place_has_the_scenes_over_its_outline(tmp_path: Path) -> None:
    pages, release = written(tmp_path, [feature("06994", WEST), feature("07192", EAST), feature("99999", WEST), feature(None, EAST)])
    west, east = (pages[f"places/{code}/index.html"].decode() for code in ("06994", "07192"))
    assert "in-the-west" in west and "on-both" in west and "elsewhere" not in west
    assert "on-both" in east and "in-the-west" not in east
    assert "<h1" in west and "Vân Đồn" in west and "Vân Đồn ward" in pages["en/places/06994/index.html"].decode()
    assert {p for p in pages if p.startswith("places/")} == {"places/index.html", "places/06994/index.html", "places/07192/index.html"}
    assert "places/index.html" in pages["index.html"].decode()
    assert not [f for f in problems(release) if f.code == "site.no-outlines"]


@pytest.mark.parametrize(
    "features", [[], [feature("06994", [[0, 0], [1, 1]])], [feature("06994", [[500, 0], [501, 0], [501, 1], [500, 0]])]]
)
def test_without_outlines_there_are_no_places_and_it_is_told(tmp_path: Path, features: list[dict[str, Any]]) -> None:
    pages, release = written(tmp_path, features)
    assert not [p for p in pages if "places" in p] and "places/" not in pages["index.html"].decode()
    assert [f.subject for f in problems(release) if f.code == "site.no-outlines"] == ["boundaries.geojson"]


def test_the_foot_of_a_page_tells_whether_its_maps_show_boundaries(tmp_path: Path) -> None:
    pages, _ = written(tmp_path, [feature("06994", WEST)])
    for page in ("places/06994/index.html", "index.html", "search/index.html", "spot/index.html"):
        assert "Đường ranh giới trên bản đồ của trang này do cơ quan" in pages[page].decode()
    for page in ("places/index.html", "about/index.html"):
        assert "không thể hiện đường biên giới và không bày tỏ" in pages[page].decode()


def test_a_unit_leads_to_the_one_it_belongs_to(tmp_path: Path) -> None:
    inner = [[106.6, 20.9], [106.7, 20.9], [106.7, 21.0], [106.6, 21.0], [106.6, 20.9]]
    units = (unit("06994", "Vân Đồn"), unit("A1", "Phần trong").model_copy(update={"parent": "06994"}))
    pages, _ = written(tmp_path, [feature("06994", WEST), feature("A1", inner)], units)
    outer, part, listed = (pages[f"places/{path}index.html"].decode() for path in ("06994/", "A1/", ""))
    assert "Đơn vị trực thuộc" in outer and "../A1/index.html" in outer and "Đơn vị trực thuộc" not in part
    assert 'href="../06994/index.html">Vân Đồn</a>' in part and listed.count('href="06994/index.html"') == 2
