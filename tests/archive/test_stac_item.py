"""STAC items that suppliers deliver beside rasters."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog_builder.archive.vendors.stac_item import FORMAT
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.facts import Field
from tests.archive.public_samples import folder_of, only, scenes, write_tiff

ITEM = {
    "type": "Feature",
    "stac_version": "1.0.0",
    "id": "scene-7",
    "geometry": {"type": "Polygon", "coordinates": [[[107, 21], [107.1, 21], [107.1, 21.1], [107, 21.1], [107, 21]]]},
    "properties": {
        "datetime": "2024-11-01T17:16:14Z",
        "platform": "Umbra-06",
        "view:incidence_angle": 44.2,
        "view:azimuth": -10,
        "sar:polarizations": ["VV"],
        "sar:frequency_band": "X",
        "eo:cloud_cover": None,
        "proj:epsg": 32648,
    },
    "assets": {
        "gec": {"href": "https://host.example/a/b/scene_GEC.tif?sig=1", "roles": ["data"]},
        "thumb": {"href": "./thumb.png", "roles": ["thumbnail"]},
    },
}


def test_an_item_beside_its_raster(tmp_path: Path) -> None:
    (tmp_path / "scene.stac.v2.json").write_text(json.dumps(ITEM))
    write_tiff(tmp_path / "scene_GEC.tif")
    (tmp_path / "thumb.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    write_tiff(tmp_path / "other.tif")
    scene, reading, facts = only(FORMAT, folder_of(tmp_path))
    assert {f.basename for f, _ in scene.files} == {"scene.stac.v2.json", "scene_GEC.tif", "thumb.png"}
    assert [r.key for r in reading.rasters] == ["gec"]
    assert (facts.get(Field.PLATFORM), facts.get(Field.VIEW_AZIMUTH), facts.get(Field.CLOUD_COVER)) == ("Umbra-06", 350, None)
    assert (facts.get(Field.DECLARED_CRS), facts.get(Field.INCIDENCE_ANGLE)) == ("EPSG:32648", 44.2)
    assert facts.acquired is not None and facts.acquired.start == datetime(2024, 11, 1, 17, 16, 14, tzinfo=UTC)
    assert len(facts.get(Field.FOOTPRINT)) == 4


def test_an_item_whose_assets_are_elsewhere_is_no_delivery(tmp_path: Path) -> None:
    (tmp_path / "item.json").write_text(json.dumps(ITEM))
    assert scenes(FORMAT, folder_of(tmp_path)) == []


@pytest.mark.parametrize("href", ["../scene.tif", "/etc/passwd", "..\\scene.tif"])
def test_only_names_of_the_own_folder_count(tmp_path: Path, href: str) -> None:
    write_tiff(tmp_path / "scene.tif")
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "item.json").write_text(json.dumps({**ITEM, "assets": {"a": {"href": href}}}))
    assert scenes(FORMAT, folder_of(tmp_path)) == []


def test_an_item_that_is_none_is_unreadable(tmp_path: Path) -> None:
    write_tiff(tmp_path / "scene_GEC.tif")
    (tmp_path / "item.json").write_text(json.dumps({**ITEM, "properties": []}))
    (scene,) = scenes(FORMAT, folder_of(tmp_path))
    with pytest.raises(UnreadableDelivery):
        FORMAT.read(scene)


def test_numbers_that_measure_nothing_are_left_out(tmp_path: Path) -> None:
    text = json.dumps({**ITEM, "properties": {"sat:absolute_orbit": 0, "gsd": 1, "proj:epsg": 2}})
    text = text.replace('"sat:absolute_orbit": 0', '"sat:absolute_orbit": 1e300').replace('"gsd": 1', '"gsd": -3')
    (tmp_path / "item.json").write_text(text)
    write_tiff(tmp_path / "scene_GEC.tif")
    _, _, facts = only(FORMAT, folder_of(tmp_path))
    assert [f for f in (Field.ABSOLUTE_ORBIT, Field.GSD, Field.DECLARED_CRS) if facts.get(f) is not None] == []
