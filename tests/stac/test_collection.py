"""Collections from light summaries: extents, summaries, item_assets, people, languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_builder.stac import extent
from catalog_builder.stac.collection import ItemSummary, make_catalog, make_collection, make_partition_catalog, summarise
from catalog_builder.stac.texts import in_language
from catalog_builder.times import When
from tests.stac import factories as make


def summary(tmp_path: Path, item_id: str = "a", box: extent.Box = make.HA_LONG, **facts: object) -> ItemSummary:
    folder = tmp_path / item_id
    delivery = make.delivery(item_id, make.claims(**facts))
    return summarise(make.item(folder, delivery=delivery, raster=make.raster(folder, footprint=make.footprint(box))).json)


def test_a_collection_states_extent_and_summaries(tmp_path: Path) -> None:
    items = [
        summary(tmp_path, "a", cloud_cover=3.0, gsd=1.5),
        summary(tmp_path, "b", acquired=When.year(1994), platform="SPOT-3", cloud_cover=None),
    ]
    json = make_collection(make.collection_definition(), items, make.definition())
    assert json["extent"]["spatial"]["bbox"] == [list(make.HA_LONG)]
    assert json["extent"]["temporal"]["interval"] == [["1994-01-01T00:00:00Z", "2019-06-05T03:12:34.5Z"]]
    summaries = json["summaries"]
    assert summaries["platform"] == ["SPOT-3", "SPOT-7"] and summaries["instruments"] == ["NAOMI"]
    assert summaries["gsd"] == {"minimum": 1.5, "maximum": 6.0} and summaries["eo:cloud_cover"] == {"minimum": 3.0, "maximum": 3.0}
    assert summaries["proj:code"] == ["EPSG:5899"] and summaries["vn:resolution_class"] == ["high"]


def test_item_assets_say_what_all_items_share(tmp_path: Path) -> None:
    one = summary(tmp_path, "a")
    folder = tmp_path / "b"
    other = make.product(folder, bands=make.bands()[:3])
    two = summarise(make.item(folder, "b", raster=make.raster(folder, (other,))).json)
    same = make_collection(make.collection_definition(), [one, one], make.definition())["item_assets"]
    assert [b["eo:common_name"] for b in same["ms"]["bands"]] == ["blue", "green", "red", "nir"]
    assert "statistics" not in same["ms"]["bands"][0] and "href" not in same["ms"]
    mixed = make_collection(make.collection_definition(), [one, two], make.definition())["item_assets"]
    assert "bands" not in mixed["ms"] and mixed["ms"]["title"] == same["ms"]["title"]


def test_licence_people_and_languages(tmp_path: Path) -> None:
    json = make_collection(make.collection_definition(), [summary(tmp_path)], make.definition())
    assert json["license"] == "CC-BY-4.0" and json["links"][0]["rel"] == "license"
    names = {p["name"]: p["roles"] for p in json["providers"]}
    assert names == {"Airbus": ["producer"], "Sở Nông nghiệp và Môi trường": ["licensor", "host"]}
    assert json["title"] == "Ảnh SPOT" and json["language"]["code"] == "vi"
    english = in_language(json, "en")
    assert (english["title"], english["keywords"]) == ("SPOT imagery", ["satellite imagery", "SPOT"])
    assert english["item_assets"]["thumbnail"]["title"] == "Thumbnail"


def test_english_first_definitions_are_english_in_core_fields(tmp_path: Path) -> None:
    definition = make.definition(languages=("en", "vi"))
    json = make_collection(make.collection_definition(), [summary(tmp_path)], definition)
    assert json["title"] == "SPOT imagery" and json["cb:texts"]["vi"]["/title"] == "Ảnh SPOT"
    assert make_catalog(definition)["title"] == "Remote sensing catalogue"


def test_catalogues_carry_texts_contact_and_attribution() -> None:
    json = make_catalog(make.definition())
    assert json["type"] == "Catalog" and json["cb:attribution"] == "Nguồn: Sở"
    assert in_language(json, "en")["cb:attribution"] == "Source: Department"
    part = make_partition_catalog(make.definition(), "spot-2019", {"vi": "Năm 2019", "en": "Year 2019"}, {"vi": "m", "en": "d"})
    assert in_language(part, "en")["title"] == "Year 2019" and part["id"] == "spot-2019"


def test_a_collection_of_nothing_has_no_extent_to_state(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no item has a date"):
        make_collection(make.collection_definition(), [], make.definition())
    with pytest.raises(ValueError, match="no boxes"):
        make_collection(make.collection_definition(), [replace(summary(tmp_path), bbox=None)], make.definition())


def test_summaries_share_asset_definitions(tmp_path: Path) -> None:
    one, two = summary(tmp_path, "a"), summary(tmp_path, "b")
    assert one.assets[0] is two.assets[0]
    assert one.start == datetime(2019, 6, 5, 3, 12, 34, 500000, tzinfo=UTC)


def test_separate_places_are_listed_after_the_whole() -> None:
    assert extent.spatial([(106, 20, 107, 21), (107.5, 21, 108, 22), (150, -30, 151, -29)]) == [
        [106, -30, 151, 22],
        [106, 20, 108, 22],
        [150, -30, 151, -29],
    ]
    assert extent.spatial([(0, 0, 1, 1)]) == [[0, 0, 1, 1]]


def test_many_places_give_the_whole_only() -> None:
    boxes: list[extent.Box] = [(x, 0, x + 1, 1) for x in range(-170, 170, 4)]
    assert extent.spatial(boxes) == [[-170, 0, 167, 1]]
    many: list[extent.Box] = [(x, y, x + 0.1, y + 0.1) for x in range(-170, 170, 3) for y in range(-80, 80, 3)]
    assert len(extent.separate_parts(many)) == 1


def test_the_antimeridian_is_crossed_not_circled() -> None:
    assert extent.union([(179, -18, -179, -17), (178, -19, 179, -18)]) == (178, -19, -179, -17)
    assert extent.union([(179, 0, -179, 1), (-100, 0, -90, 1), (10, 0, 20, 1)]) == (179, 0, 20, 1)
    assert extent.union([(170, 0, -10, 1), (-20, 0, 175, 1)]) == (-180, 0, 180, 1)
    assert extent.union([(170, 0, 175, 1), (-175, 0, -170, 1)]) == (-175, 0, 175, 1), "no box crosses, so the union does not"


def test_boxes_that_touch_around_the_whole_earth_leave_no_gap() -> None:
    touching: list[extent.Box] = [(-1.5258227016732349, 0, -1.6929949159969482, 1), (-1.6929949159969482, 0, 0, 1)]
    assert extent.union(touching) == (-180, 0, 180, 1)


longitudes = st.floats(-180, 180, allow_nan=False)
boxes = st.tuples(longitudes, st.just(0.0), longitudes, st.just(1.0))


@given(st.lists(boxes, min_size=1, max_size=8))
def test_the_union_holds_every_box(all_boxes: list[extent.Box]) -> None:
    whole = extent.union(all_boxes)
    for west, _, east, _ in all_boxes:
        span = (east - west) % 360 if west > east else east - west
        for part in (0.0, 0.5, 1.0):
            longitude = (west + part * span + 180) % 360 - 180
            inside = whole[0] - 1e-6 <= longitude <= whole[2] + 1e-6
            if whole[0] > whole[2]:
                inside = longitude >= whole[0] - 1e-6 or longitude <= whole[2] + 1e-6
            assert inside or abs(abs(longitude) - 180) < 1e-6, (whole, longitude)
