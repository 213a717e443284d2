"""One compiled check for a list of schemas says what the schemas say, and what a slow, independent engine says."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from referencing import Registry
from referencing.jsonschema import DRAFT7

from catalog_builder.stac.collection import make_catalog, make_collection, summarise
from catalog_builder.stac.compiled import MOST_LISTS, Compiled, compiled
from catalog_builder.stac.extensions import used_extensions
from catalog_builder.stac.model import Json
from catalog_builder.stac.schemas import CORE_SCHEMAS, SchemaStore
from catalog_builder.stac.validate import Validator
from tests.stac import factories as make

ROUNDS = 150
JUNK: tuple[Any, ...] = (None, True, -1, 0, 1e9, "", "x", "2020-13-01T00:00:00Z", "2020-01-01T00:00:00Z", [], {}, [1], {"a": 1}, 12.5)


@pytest.fixture
def store(shared: Path) -> SchemaStore:
    return SchemaStore((shared / "schemas",))


def objects(folder: Path) -> list[Json]:
    plain, bought = make.item(folder).json, make.item(folder, assignment=make.assignment(make.order())).json
    classes = make.item(folder, raster=make.raster(folder, (make.categorical(folder),))).json
    items = [make.linked(json) for json in (plain, bought, classes)]
    collection = make_collection(make.collection_definition(), [summarise(item) for item in items], make.definition())
    return [*items, collection, make_catalog(make.definition())]


def spoilt(obj: Json, rng: random.Random) -> Json:
    """``obj`` with one to three values removed, replaced by junk, or added under a name of an extension."""
    out = copy.deepcopy(obj)
    for _ in range(rng.randint(1, 3)):
        node, key = rng.choice(list(_spots(out)))
        chance = rng.random()
        if chance < 0.3:
            del node[key]
        elif chance < 0.5 and isinstance(node, dict):
            node[rng.choice(("eo:new", "vn:new", "cb:new", "proj:new", "raster:new", "datetime", "bands"))] = copy.deepcopy(
                rng.choice(JUNK)
            )
        else:
            node[key] = copy.deepcopy(rng.choice(JUNK))
    return out


def _spots(node: Any) -> Iterator[tuple[Any, Any]]:
    for key in node if isinstance(node, dict) else range(min(len(node), 5)) if isinstance(node, list) else ():
        yield node, key
        yield from _spots(node[key])


@pytest.mark.shared
def test_spoilt_objects_are_refused_as_the_slow_engine_refuses_them(tmp_path: Path, store: SchemaStore) -> None:
    resources = [(uri, DRAFT7.create_resource(document)) for uri, document in store.documents().items()]
    registry: Registry[Any] = Registry().with_resources(resources)
    slow = {
        uri: jsonschema.Draft7Validator(d, registry=registry, format_checker=None)  # formats differ by what is installed
        for uri, d in store.documents().items()
    }
    rng, whole = random.Random(7), objects(tmp_path)
    refused = needlessly = 0
    for _ in range(ROUNDS):
        obj = spoilt(rng.choice(whole), rng)
        listed = obj.get("stac_extensions")
        if obj.get("type") not in CORE_SCHEMAS or not isinstance(listed, list) or not all(uri in slow for uri in listed):
            continue
        uris = (CORE_SCHEMAS[obj["type"]], *listed)
        schemas = compiled(store)
        one_by_one = all(schemas.single(uri).is_valid(obj) for uri in uris)
        assert one_by_one or not schemas.together(uris).accepts(obj)
        needlessly += one_by_one and not schemas.together(uris).accepts(obj)
        if not all(slow[uri].is_valid(obj) for uri in uris):
            assert not one_by_one
            refused += 1
    assert refused > ROUNDS // 4 and needlessly <= ROUNDS // 50
    assert all(schemas.together((CORE_SCHEMAS[obj["type"]], *obj["stac_extensions"])).accepts(obj) for obj in whole)


@pytest.mark.shared
def test_a_refusal_has_a_reason(tmp_path: Path, store: SchemaStore) -> None:
    rng, whole, validator, without_reason = random.Random(8), objects(tmp_path), Validator(store), 0
    for _ in range(ROUNDS):
        original = rng.choice(whole)
        listed = original["stac_extensions"]
        obj = spoilt(original, rng) | {name: original[name] for name in ("type", "stac_version", "stac_extensions", "links")}
        accepted = compiled(store).together((CORE_SCHEMAS[original["type"]], *listed)).accepts(obj)
        reasons = validator.check(obj, "x")
        assert not (accepted and reasons)
        without_reason += not accepted and not reasons
    assert without_reason <= ROUNDS // 50


def test_a_hostile_catalogue_cannot_fill_the_memory_with_lists(tmp_path: Path) -> None:
    schemas = Compiled(SchemaStore(()).documents())
    core = CORE_SCHEMAS["Feature"]
    for number in range(MOST_LISTS + 10):
        assert schemas.together((core, f"https://example.org/{number}/schema.json")).missing
    assert len(schemas._lists) <= MOST_LISTS


def test_objects_from_elsewhere_have_anything_anywhere() -> None:
    odd: list[Json] = [
        {"type": "Feature", "assets": [1], "properties": [], "links": {"a": 1}, "item_assets": None, "summaries": 7},
        {"type": "Collection", "assets": {"a": 3, "b": {"bands": [1, {"eo:common_name": "red"}]}}, "links": [None]},
    ]
    assert [len(used_extensions(obj)) for obj in odd] == [0, 1]
