"""Keys of pages: whatever changes in a release, a page whose key is the same is the same; and a new scene changes few keys."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog_builder.definition.model import Access, AreaOfInterest, Definition
from catalog_builder.files import checksum_bytes, json_bytes, write_bytes
from catalog_builder.release.model import PlacedItem, PromisedPage, Release
from catalog_builder.site import render
from catalog_builder.site.setting import Setting
from catalog_builder.site.shown import Neighbour, Part, ShownCollection, ShownPart, ShownScene, Step, page_key
from catalog_builder.stac.model import Json
from catalog_builder.times import When
from tests.site import factories as make
from tests.stac import factories as stac

START = datetime(2019, 1, 5, 3, 0, tzinfo=UTC)


def scene(root: Path, number: int, definition: Definition) -> Json:
    """Scenes over three places that overlap by pairs, twenty days apart."""
    west = 106.8 + number % 3 * 0.1
    box = (west, 20.7, west + 0.15, 21.0)
    return make.scene(root, f"scene-{number:02d}", "spot", definition, box, When.instant(START + timedelta(days=20 * number)))


def promises(release: Release) -> dict[str, PromisedPage]:
    return {page.path: page for page in render(release) if isinstance(page, PromisedPage)}


def edited(json: Json, **properties: Any) -> Json:
    return json | {"properties": json["properties"] | properties}


CHANGES: dict[str, Callable[[list[Json], random.Random], list[Json]]] = {
    "a scene less": lambda scenes, dice: dice.sample(scenes, len(scenes) - 1),
    "another title": lambda scenes, dice: _with(scenes, dice, title="Tên khác"),
    "another cloud cover": lambda scenes, dice: _with(scenes, dice, **{"eo:cloud_cover": 77.7}),
    "another platform": lambda scenes, dice: _with(scenes, dice, platform="SPOT-6"),
    "another day": lambda scenes, dice: _with(scenes, dice, datetime="2019-03-01T05:06:07Z"),
    "no thumbnail": lambda scenes, dice: _without(scenes, dice, "thumbnail"),
    "provenance": lambda scenes, dice: _with(scenes, dice, **{"cb:provenance": {"title": "elsewhere"}}),
}


def _with(scenes: list[Json], dice: random.Random, **properties: Any) -> list[Json]:
    chosen = dice.choice(scenes)
    return [edited(s, **properties) if s is chosen else s for s in scenes]


def _without(scenes: list[Json], dice: random.Random, asset: str) -> list[Json]:
    chosen = dice.choice(scenes)
    return [s | {"assets": {k: a for k, a in s["assets"].items() if k != asset}} if s is chosen else s for s in scenes]


@pytest.mark.parametrize("change", CHANGES)
def test_the_same_key_means_the_same_page(tmp_path: Path, change: str) -> None:
    definition, dice = stac.definition(), random.Random(change)
    scenes = [scene(tmp_path, n, definition) for n in range(14)]
    before = promises(make.release(tmp_path / "before", scenes, definition))
    after = promises(make.release(tmp_path / "after", CHANGES[change](scenes, dice), definition))
    kept = [path for path in after if path in before and before[path].key == after[path].key]
    assert kept and len(kept) < len(after)
    assert {path: after[path].data for path in kept} == {path: before[path].data for path in kept}


def test_a_new_scene_changes_the_pages_that_mention_it(tmp_path: Path) -> None:
    definition = stac.definition()
    scenes = [scene(tmp_path, n, definition) for n in range(30)]
    new = scenes.pop(15)
    before = promises(make.release(tmp_path / "before", scenes, definition))
    after = promises(make.release(tmp_path / "after", [*scenes, new], definition))
    changed = [path for path in after if path not in before or before[path].key != after[path].key]
    of_scenes = {path.removeprefix("en/").split("/")[3] for path in changed if "scene-" in path}
    assert "scene-15" in of_scenes and len(of_scenes) <= 11, "itself, two before and after, and those compared with the ones around"
    for path in set(after) - set(changed):
        assert before[path].data == after[path].data, path


def test_the_day_of_publication_and_the_links_at_the_foot_are_in_every_key() -> None:
    definition = stac.definition()
    base = Setting(definition, Access.PUBLIC, has_places=False)
    later = Setting(definition.model_copy(update={"as_of": datetime(2027, 1, 1, tzinfo=UTC)}), Access.PUBLIC, has_places=False)
    same_day = Setting(definition.model_copy(update={"as_of": datetime(2027, 1, 1, 9, tzinfo=UTC)}), Access.PUBLIC, has_places=False)
    placed = Setting(definition, Access.PUBLIC, has_places=True)
    assert len({page_key(setting, "x") for setting in (base, later, placed)}) == 3
    assert page_key(later, "x") == page_key(same_day, "x")


def test_the_boundaries_in_the_file_are_in_every_key(tmp_path: Path) -> None:
    definition = stac.definition(area=AreaOfInterest(boundaries=Path("b.geojson")), folder=tmp_path)
    keys: list[str] = []
    for east in (107.0, 107.0, 108.0):
        geometry = {"type": "Polygon", "coordinates": [[[106, 20], [east, 20], [east, 21], [106, 20]]]}
        feature = {"type": "Feature", "properties": {"code": "A", "seen": len(keys)}, "geometry": geometry}
        write_bytes(tmp_path / "b.geojson", json_bytes({"type": "FeatureCollection", "features": [feature]}))
        keys.append(page_key(Setting(definition, Access.PUBLIC, has_places=False), "x"))
    plain = page_key(Setting(stac.definition(), Access.PUBLIC, has_places=False), "x")
    assert keys[0] == keys[1] != keys[2] and plain not in keys, "what is drawn counts, not what else stands in the file"


def test_every_field_of_what_is_shown_is_in_the_key(tmp_path: Path) -> None:
    definition = stac.definition()
    [first, second] = make.release(tmp_path, [scene(tmp_path, n, definition) for n in (1, 2)], definition).items
    setting = Setting(definition, Access.PUBLIC, has_places=False)
    step = Step("spot/2019/catalog.json", ("2019",), {"vi": "Năm 2019"})
    collection = ShownCollection("spot", "spot/collection.json", {"title": "Ảnh"})
    shown = ShownScene(first, collection, (step,), (Neighbour(second, True, False),), second)
    part = Part(step, (first,), (Part(step, (second,), ()),))
    other: dict[type, Any] = {PlacedItem: second, str: "?", bool: True, tuple: (), type(None): first}
    for one in (shown, collection, step, shown.neighbours[0], part, ShownPart(part, collection, (step,))):
        for field in fields(one):
            value = getattr(one, field.name)
            changed = _other(value, first, second, other)
            assert page_key(setting, one) != page_key(setting, replace(one, **{field.name: changed})), (type(one).__name__, field.name)
    moved = replace(first, json_checksum=checksum_bytes(json_bytes({})))
    assert page_key(setting, shown) != page_key(setting, replace(shown, item=moved))


def _other(value: Any, first: PlacedItem, second: PlacedItem, other: dict[type, Any]) -> Any:
    if isinstance(value, PlacedItem):
        return first if value is second else second
    if isinstance(value, bool):
        return not value
    if isinstance(value, dict):
        return {**value, "en": "?"}
    if isinstance(value, ShownCollection | Step):
        return replace(value, path="?")
    if isinstance(value, Part):
        return replace(value, items=())
    return other[type(value)]


def test_what_has_no_key_is_refused() -> None:
    with pytest.raises(TypeError):
        page_key(Setting(stac.definition(), Access.PUBLIC, has_places=False), object())
