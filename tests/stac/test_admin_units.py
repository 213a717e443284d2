"""Administrative units are named where the agency's own outline and a checked row of the register say so, and nowhere else."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from catalog_builder.definition.model import Access, AreaOfInterest, Definition
from catalog_builder.definition.registers import AdminUnit
from catalog_builder.files import write_json
from catalog_builder.planning import Planner
from catalog_builder.snapshot import inputs_of
from catalog_builder.stac.admin_units import identity, outlines
from catalog_builder.stac.profile import check_profile, uncovered
from catalog_builder.stac.schemas import SchemaStore
from catalog_builder.stac.validate import Validator
from tests.stac import factories as make

WEST, SOUTH, EAST, NORTH = make.HA_LONG


def square(code: Any, west: float, south: float, east: float, north: float) -> dict[str, Any]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Feature", "properties": {"code": code}, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def unit(code: str, **changes: Any) -> AdminUnit:
    values: dict[str, Any] = {"code": code, "level": "commune", "name_vi": "x", "name_en": "x", "source": "test", "verified": "verified"}
    return AdminUnit(**values | changes)


def definition(folder: Path, *units: AdminUnit, **changes: Any) -> Definition:
    """Outlines: 22 holds the scene, 06994 a corner of it, 07192 only touches it, 99999 has no row."""
    features = [
        square("22", WEST - 1, SOUTH - 1, EAST + 1, NORTH + 1),
        square("06994", EAST - 0.1, SOUTH, EAST + 1, NORTH),
        square("07192", EAST, SOUTH, EAST + 1, NORTH),
        square("99999", WEST, SOUTH, EAST, NORTH),
        square(None, WEST, SOUTH, EAST, NORTH),
        {"type": "Feature", "properties": [], "geometry": {}},
        7,
    ]
    write_json(folder / "boundaries.geojson", {"type": "FeatureCollection", "features": features})
    area = AreaOfInterest(boundaries=Path("boundaries.geojson"))
    rows = units or (unit("22", level="province"), unit("06994"), unit("07192"), unit("11111"))
    return make.definition(area=area, admin_units=rows, folder=folder, **changes)


def named(folder: Path, told: Definition) -> list[dict[str, Any]] | None:
    found: list[dict[str, Any]] | None = make.item(folder, definition=told).json["properties"].get("vn:admin_units")
    return found


def test_units_that_share_an_area_with_the_scene_are_named(tmp_path: Path) -> None:
    item = make.item(tmp_path, definition=definition(tmp_path)).json
    assert item["properties"]["vn:admin_units"] == [{"code": "06994", "level": "commune"}, {"code": "22", "level": "province"}]
    assert "boundaries" in item["properties"]["cb:provenance"]["vn:admin_units"]
    assert uncovered(item) == [] and check_profile(item, "x") == []
    assert not [f for f in Validator(SchemaStore(())).check(item, "x") if f.code == "stac.schema-violation"]


def test_without_boundaries_nothing_is_named(tmp_path: Path) -> None:
    assert named(tmp_path, make.definition(admin_units=(unit("22"),))) is None
    missing = make.definition(admin_units=(unit("22"),), area=AreaOfInterest(boundaries=Path("no.geojson")), folder=tmp_path)
    assert named(tmp_path, missing) is None and identity(missing)


@pytest.mark.parametrize("word", ["secondary", "unverified"])
def test_a_row_that_nobody_has_checked_is_not_published(tmp_path: Path, word: str) -> None:
    assert named(tmp_path, definition(tmp_path, unit("22", verified=word))) is None


def test_the_row_of_the_publication_date_counts(tmp_path: Path) -> None:
    rows = (unit("22", level="province", valid_to=date(2025, 6, 30)), unit("22", level="commune", valid_from=date(2025, 7, 1)))
    before, after = (datetime(year, 1, 1, tzinfo=UTC) for year in (2024, 2026))
    assert named(tmp_path, definition(tmp_path, *rows, as_of=before)) == [{"code": "22", "level": "province", "as_of": "2024-01-01"}]
    assert named(tmp_path, definition(tmp_path, *rows, as_of=after)) == [{"code": "22", "level": "commune", "as_of": "2026-01-01"}]
    assert named(tmp_path, definition(tmp_path, *rows)) == [{"code": "22", "level": "commune"}]


def test_the_identity_follows_rows_and_boundaries(tmp_path: Path) -> None:
    told = definition(tmp_path)
    first = identity(told)
    assert identity(make.definition()) == "" and identity(definition(tmp_path, unit("22", verified="unverified"))) != first
    write_json(tmp_path / "boundaries.geojson", {"type": "FeatureCollection", "features": []})
    assert identity(told) != first


def test_new_boundaries_make_metadata_again_and_no_pixels(tmp_path: Path) -> None:
    told = definition(tmp_path)

    def keys() -> tuple[str, str]:
        task = Planner(told, tmp_path / "store").plan(make.delivery(), make.assignment())
        return task.pixel_key, task.item_key

    pixels, item = keys()
    looked_at = inputs_of(told, Access.PUBLIC, ())
    assert keys() == (pixels, item)
    write_json(tmp_path / "boundaries.geojson", {"type": "FeatureCollection", "features": [square("22", WEST, SOUTH, EAST, NORTH)]})
    assert keys()[0] == pixels and keys()[1] != item
    assert inputs_of(told, Access.PUBLIC, ()) != looked_at


@pytest.mark.parametrize(
    "data", [b"", b"[1]", b'{"features": 3}', b'{"features": [{"properties": {"code": "1"}, "geometry": {"type": "Point"}}]}']
)
def test_odd_boundaries_have_no_outlines(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "odd.geojson").write_bytes(data)
    assert outlines(tmp_path / "odd.geojson") == {}
