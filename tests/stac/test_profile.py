"""The profile speaks of every field that is written, and each of its rules can fail."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog_builder.archive.delivery import RasterKind
from catalog_builder.definition.model import Access
from catalog_builder.facts import Field
from catalog_builder.findings import Severity
from catalog_builder.raster.model import Grid
from catalog_builder.stac.collection import make_catalog, make_collection, make_partition_catalog, summarise
from catalog_builder.stac.item import for_audience
from catalog_builder.stac.judges import Judge
from catalog_builder.stac.model import Json
from catalog_builder.stac.profile import PROFILES, TYPES, check_profile, is_ours, parts, uncovered
from catalog_builder.stac.profile_schema import TYPES as TYPE_SCHEMAS
from catalog_builder.stac.profile_schema import schema_of
from catalog_builder.stac.rules import Rule, profile_rules
from catalog_builder.stac.value_types import TYPE_TESTS
from catalog_builder.times import When
from tests.stac import factories as make

RULES = [rule for name in PROFILES for rule in profile_rules(name)]


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Json]:
    """Objects that together carry every field the product writes."""
    folder = tmp_path_factory.mktemp("items")
    own_crs = make.product(folder, "pan", grid=Grid(10, 10, (1, 0, 0, 0, -1, 0), make.custom_crs()), ground_control="gcp")
    scan = make.product(
        folder,
        "scan",
        kind=RasterKind.SCAN,
        rectification={"method": "tps", "gcp_count": 9, "check_count": 2, "rmse_m": 1.5, "max_residual_m": 3.0},
    )
    film = make.claims(
        platform=None,
        scan_dpi=1200.0,
        film_roll="R7",
        frame="12",
        photo_scale=20000,
        focal_length=152.3,
        flight_height=3050.0,
        camera="RC30",
        map_sheet="F-48-71-C",
        map_scale=25000,
        acquired=When.year(1965),
    )
    radar = make.claims(sar_mode="IW", sar_band="C", polarizations=("VV", "VH"), look_direction="right", grid_code="MGRS-48QXJ")
    unverified = (*make.claims(gsd=None, cloud_cover=None), make.claim(Field.GSD, 6.0, unverified=True))
    order = make.assignment(make.order())
    later = make.definition(as_of=When.year(2026).start)
    unlinked = make.assignment(make.order(licence_url=None))
    items = {
        "plain": make.linked(make.item(folder).json),
        "order": make.linked(make.item(folder, assignment=order, definition=later).json),
        "public": for_audience(make.linked(make.item(folder, assignment=order).json), Access.PUBLIC),
        "classes": make.item(folder, raster=make.raster(folder, (make.categorical(folder),))).json,
        "own crs": make.item(folder, raster=make.raster(folder, (own_crs,))).json,
        "two crs": make.item(folder, raster=make.raster(folder, (make.product(folder), own_crs))).json,
        "film": make.item(folder, delivery=make.delivery(facts=film), raster=make.raster(folder, (scan,))).json,
        "radar": make.item(folder, delivery=make.delivery(facts=radar)).json,
        "unverified": make.item(folder, delivery=make.delivery(facts=unverified)).json,
        "bare": make.item(
            folder,
            delivery=make.delivery(facts=make.claims(scene_name=None)),
            definition=make.definition(host=None, languages=("en",)),
            assignment=make.assignment(license_url=None),
        ).json,
    }
    items["antimeridian"] = make.item(folder, raster=make.raster(folder, footprint=make.footprint_across_the_antimeridian())).json
    items["unlinked order"] = make.item(folder, assignment=unlinked).json
    summaries = [summarise(i) for i in items.values()]
    return items | {
        "unlinked collection": make_collection(make.collection_definition(license_url=None), summaries, later),
        "collection": make_collection(make.collection_definition(), summaries, later),
        "catalog": make_catalog(later),
        "partition": make_partition_catalog(later, "spot-2019", {"vi": "Năm 2019", "en": "2019"}, {"vi": "Ảnh", "en": "Images"}),
    }


def test_every_field_that_is_written_is_covered(objects: dict[str, Json]) -> None:
    assert {name: silent for name, obj in objects.items() if (silent := uncovered(obj))} == {}


def test_an_unknown_field_is_noticed_as_uncovered(objects: dict[str, Json]) -> None:
    obj = copy.deepcopy(objects["plain"])
    obj["properties"]["vn:new"] = {"deep": [1]}
    obj["assets"]["ms"]["bands"][0]["cb:new"] = 1
    assert uncovered(obj) == ["band: cb:new", "item: properties.vn:new.deep.*"]


def test_what_the_product_writes_breaks_no_rule(objects: dict[str, Json]) -> None:
    broken = {
        name: [(f.code, f.params) for f in check_profile(obj, name) if f.severity is not Severity.INFO] for name, obj in objects.items()
    }
    assert broken.pop("bare") == [("vn.missing-agency", {"field": "/properties/contacts", "value": "—"})]
    assert {name: b for name, b in broken.items() if b} == {}


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.id)
def test_each_rule_can_fail_on_each_of_its_fields(rule: Rule, objects: dict[str, Json]) -> None:
    for path in rule.fields:
        failed = False
        for obj in objects.values():
            for number, (kind, _, _) in enumerate(parts(obj)):
                if kind not in rule.applies or failed:
                    continue
                for bad in spoilers(rule, path):
                    spoilt = copy.deepcopy(obj)
                    part = list(parts(spoilt))[number][2]
                    if rule.when is not None and rule.when.state == "present":
                        put(part, rule.when.field, get(part, rule.when.field, {}))
                    if rule.when is not None and rule.when.state == "null":
                        put(part, rule.when.field, None)
                    put(part, path.removesuffix(".**"), bad)
                    failed = failed or rule.id in {f.code for f in check_profile(spoilt, "x")}
        assert failed, f"nothing breaks {rule.id} at {path}"


ABSENT = object()


def spoilers(rule: Rule, path: str) -> list[Any]:
    """Values that break ``rule``: of another type, out of range, no such word; or no value at all."""
    if rule.check == "bbox":
        return []
    hand = {
        "box-in-range": [[10, 50, 20, -50]],
        "box-of-geometry": [[0, 0, 1, 1]],
        "extensions-listed": [[]],
        "histogram": [{"count": 2, "min": 0, "max": 1, "buckets": [1]}],
        "interval-in-order": ["2999-01-01T00:00:00Z"],
        "other-licence-linked": ["other"],
        "pointers-resolve": [{"en": {"/nothing/there": "x"}}],
        "provenance-known": [{"title": "x"}],
        "rings": [[[[0, 0], [0, 1], [1, 1], [1, 0], [0, 0]]]],
        "statistics-in-order": [{"minimum": 3, "maximum": 1}],
    }
    if rule.check:
        return hand[rule.check]
    bad: list[Any] = [ABSENT] if rule.required else []
    bad += {"any": [], "list": [{}, []], "object": [[]], "text": [7, " "], "boolean": ["yes"]}.get(rule.type, ["no such thing"])
    if rule.minimum is not None:
        bad.append(rule.minimum - 1)
    if rule.above is not None:
        bad.append(rule.above)
    if rule.maximum is not None:
        bad.append(rule.maximum + 1)
    if rule.enum:
        bad.append("no such word" if isinstance(rule.enum[0], str) else 4.5)
    if rule.pattern:
        bad.append("\\ not this")
    return bad


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(random=st.randoms(use_true_random=False))
def test_what_the_quick_schema_accepts_breaks_no_rule(objects: dict[str, Json], random: Random) -> None:
    """The schema made of the rules may be stricter than they are, never milder."""
    obj = copy.deepcopy(random.choice(list(objects.values())))
    for _ in range(random.randint(0, 2)):
        node, key = random.choice(list(spots(obj)))
        node[key] = random.choice((None, True, 0, -1, 4.0, 0.5, 400, float("nan"), "", " \x1f", "x", [], {}, [1], {"a": " "}, "9-9-9"))
        if random.random() < 0.3:
            del node[key]
    kind = next(parts(obj))[0]
    rules: dict[str, list[Rule]] = {
        subject: [rule for rule in RULES if subject in rule.applies and rule.check is None] for subject, _, _ in parts(obj)
    }
    accepted = jsonschema_rs.Draft7Validator(schema_of(rules, kind), validate_formats=True).is_valid(obj)
    broken = [b for subject, _, part in parts(obj) for b in Judge(rules[subject]).broken(part, obj)]
    assert not (accepted and broken), broken
    assert accepted or broken or obj not in objects.values(), "stricter than needed on what the product writes"


@pytest.mark.parametrize("name", TYPE_TESTS)
@given(
    value=st.text(max_size=3)
    | st.floats()
    | st.integers()
    | st.from_regex(r"\A[0-2]\d{3}-[01]\d-[0-3]\d(T[0-2]\d:[0-6]\d:[0-6]\d(\.\d{1,9})?Z)?\n?\Z")
    | st.from_regex(r"\Ahttps?://[a.\[\]:9@]{0,3}[/#\[a]?\Z")
    | st.sampled_from([" ", "\x1c", "\x85", "\u3000", "\u180e", "\ufeff", None, True, 1.0, "nan", [], {}])
)
def test_a_type_as_schema_is_never_milder(name: str, value: Any) -> None:
    if jsonschema_rs.Draft7Validator(TYPE_SCHEMAS[name], validate_formats=True).is_valid(value):
        assert TYPE_TESTS[name](value)


def spots(node: Any) -> Iterator[tuple[Any, Any]]:
    for key in node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ():
        yield node, key
        yield from spots(node[key])


@pytest.mark.parametrize(
    "rule", [r for r in RULES if r.type in ("number", "integer") and r.minimum is not None and r.maximum is not None], ids=lambda r: r.id
)
def test_both_ends_of_a_range_hold(rule: Rule, objects: dict[str, Json]) -> None:
    path = rule.fields[0]
    for name, obj in objects.items():
        for number, (kind, _, _) in enumerate(parts(obj)):
            if kind not in rule.applies:
                continue
            for value, expected in ((rule.minimum, False), (rule.maximum, False), (rule.minimum - 1, True), (rule.maximum + 1, True)):  # type: ignore[operator]
                spoilt = copy.deepcopy(obj)
                put(list(parts(spoilt))[number][2], path, int(value) if rule.type == "integer" else value)
                found = any(f.code == rule.id for f in check_profile(spoilt, name))
                assert found is expected, (rule.id, value)
            return
    raise AssertionError(f"no object for {rule.id}")


def put(node: Any, path: str, value: Any) -> None:
    """Set (or with ABSENT remove) what ``path`` names, making what is missing on the way; ``*`` takes the first."""
    *way, last = path.split(".")
    for i, step in enumerate(way):
        key = first(node) if step == "*" else step
        following = [*way, last][i + 1]
        if isinstance(node, list):
            node[0:0] = [] if node else [{}]
        elif key not in node or not isinstance(node[key], dict | list):
            node[key] = [] if following == "*" else {}
        node = node[0] if isinstance(node, list) else node[key]
    key = first(node) if last == "*" else last
    if value is ABSENT:
        if last == "*":
            node.clear()
        elif isinstance(node, dict):
            node.pop(key, None)
    elif isinstance(node, list):
        node[0:1] = [value]
    else:
        node[key] = value


def first(node: Any) -> Any:
    return 0 if isinstance(node, list) else next(iter(node), "any")


def get(node: Any, path: str, default: Any) -> Any:
    for step in path.split("."):
        if not isinstance(node, dict) or step not in node:
            return default
        node = node[step]
    return node


@cache
def messages() -> list[tuple[str, str, str]]:
    return [(rule.id, rule.en, rule.vi) for rule in RULES] + [(rule.id, rule.hint_en, rule.hint_vi) for rule in RULES]


def test_rules_speak_both_languages_and_name_their_source() -> None:
    for code, english, vietnamese in messages():
        assert english and vietnamese and english != vietnamese, code
        for name in ("{value}", "{field}"):
            assert (name in english) == (name in vietnamese), code
    assert all(rule.source for rule in RULES)
    assert len({rule.id for rule in RULES}) == len(RULES)


def test_a_finding_of_a_rule_is_shown_in_vietnamese(tmp_path: Path) -> None:
    json = make.item(tmp_path).json
    json["properties"]["eo:cloud_cover"] = 999
    finding = next(f for f in check_profile(json, "x") if f.code == "stac.rule-cloud-cover")
    assert finding.message("vi") == "Độ che phủ mây là 999; phải là tỷ lệ phần trăm từ 0 đến 100."
    assert finding.message("en") == "Cloud cover is 999; it must be a percentage from 0 to 100."
    assert finding.type is TYPES["stac.rule-cloud-cover"]


def test_footprints_are_closed_and_wound_right(tmp_path: Path) -> None:
    json = make.item(tmp_path).json
    ring = json["geometry"]["coordinates"][0]

    def problems(coordinates: list[Any]) -> list[str]:
        obj = {**json, "geometry": {"type": "Polygon", "coordinates": coordinates}}
        return [str(f.params["value"]) for f in check_profile(obj, "x") if f.code == "stac.rule-coordinates"]

    hole = [[107.0, 20.9], [107.0, 21.0], [107.1, 21.0], [107.1, 20.9], [107.0, 20.9]]
    assert problems([ring, hole]) == []
    assert problems([ring, hole[::-1]]) == ["winding"] == problems([ring[::-1]])
    assert problems([ring[:-1]]) == ["open ring"]


def test_other_peoples_objects_are_not_ours(tmp_path: Path) -> None:
    assert is_ours(make.item(tmp_path).json)
    assert not is_ours({"type": "Feature", "stac_extensions": []}) and not is_ours({})


def test_all_official_fields_that_are_not_known_are_one_note(tmp_path: Path) -> None:
    json = make.item(tmp_path).json
    unknown = ("platform", "instruments", "gsd", "vn:corners", "vn:processing_level")
    for name in (*unknown, "vn:resolution_class"):
        json["properties"].pop(name)
    [note] = [f for f in check_profile(json, "x") if f.severity is Severity.INFO]
    assert note.code == "vn.missing" and all(f"/properties/{name}" in str(note.params["field"]) for name in unknown)
    assert "/properties/platform, /properties/instruments" in note.message("vi")
