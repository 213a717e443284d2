"""Lean schemas take nothing that the schemas they are made of refuse."""

from __future__ import annotations

import re
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_builder.stac.compiled import Compiled
from catalog_builder.stac.lean import CannotFollow, Questions, lean, own_prefix, without_prefixes

EO, VN = "https://example.org/eo.json", "https://example.org/vn.json"
KEYS = st.from_regex(r"(eo|vn|e|v|eo:|vn:a|eo:a|eo:b|vn:b|x|bands|assets|properties)\n?", fullmatch=True)
VALUES = st.recursive(
    st.none() | st.integers(0, 3), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


def asking(prefix: str, **allowed: Any) -> Any:
    """What an extension asks of keys with its prefix."""
    return {"type": "object", "properties": allowed, "patternProperties": {f"^(?!{prefix})": {}}, "additionalProperties": False}


def documents() -> dict[str, Any]:
    """Two extensions that ask in every way and place that extensions do, one of them of definitions of the other."""
    eo = {
        "definitions": {
            "fields": asking("eo:", **{"eo:a": {"type": "integer"}}),
            "in/bands": {"properties": {"bands": {"items": {"$ref": "#/definitions/fields"}}}},
        },
        "if": {"required": ["assets"]},
        "then": {"properties": {"assets": {"additionalProperties": {"allOf": [{"$ref": "#/definitions/in~1bands"}]}}}},
        "else": {"properties": {"properties": {"oneOf": [{"$ref": "#/definitions/fields"}, {"required": ["eo:b"]}]}}},
        "not": {"properties": {"x": {"contains": {"$ref": "#/definitions/fields"}}}, "required": ["x"]},
        "dependencies": {"eo": {"$ref": "#/definitions/fields"}},
    }
    vn = {
        "definitions": {"fields": asking("vn:", **{"vn:a": {"$ref": f"{EO}#/definitions/in~1bands"}, "vn:b": {}})},
        "allOf": [
            {"properties": {"properties": {"$ref": "#/definitions/fields"}}},
            {"patternProperties": {"^v": asking("eo:", **{"eo:a": {}})}},
            {"properties": {"bands": {"items": [{"$ref": "eo.json#/definitions/fields"}], "additionalItems": asking("vn:")}}},
        ],
    }
    return {EO: {"$id": EO, **eo}, VN: {"$id": VN, **vn}}


@given(VALUES)
def test_what_lean_schemas_take_the_schemas_take(value: Any) -> None:
    schemas = Compiled(documents())
    if schemas.together((EO, VN)).accepts(value):
        assert schemas.single(EO).is_valid(value) and schemas.single(VN).is_valid(value)


@pytest.mark.parametrize(
    ("value", "allowed"),
    [
        ({"properties": {"eo:a": 1, "vn:b": 2, "title": "x", "view:azimuth": 3}}, True),
        ({"properties": {"eo:c": 1}}, False),
        ({"properties": {"vn:a": {"bands": [{"eo:a": 1}]}}}, True),
        ({"properties": {"vn:a": {"bands": [{"eo:c": 1}]}}}, False),
        ({"assets": {"ms": {"bands": [{"eo:a": 1}, {"eo:a": 1, "vn:z": 1}]}}}, True),  # nobody asks for this prefix here
        ({"assets": {"ms": {"bands": [{}, {"eo:z": 1}]}}}, False),
        ({"bands": [{"vn:z": 1}, {"vn:a": 1}]}, False),
    ],
)
def test_keys_are_asked_for_where_the_schemas_ask(value: Any, allowed: bool) -> None:
    schemas = Compiled(documents())
    assert schemas.together((EO, VN)).accepts(value) is allowed
    assert "?!" not in str([lean(document) for document in documents().values()])


ASK = asking("eo:", **{"eo:a": {}})


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"allOf": [ASK, {}]}, {"eo:z": 1}),
        ({"anyOf": [ASK, False]}, {"eo:z": 1}),
        ({"oneOf": [False, ASK]}, {"eo:z": 1}),
        ({"not": {"not": ASK}}, {"eo:z": 1}),
        ({"if": {"required": ["x"]}, "then": ASK}, {"eo:z": 1, "x": 1}),
        ({"if": {"required": ["x"]}, "else": ASK}, {"eo:z": 1}),
        ({"if": ASK, "else": False}, {"eo:z": 1}),
        ({"dependencies": {"x": ASK, "y": ["z"]}}, {"eo:z": 1, "x": 1}),
        ({"properties": {"x": ASK}}, {"x": {"eo:z": 1}}),
        ({"patternProperties": {"^x": ASK}}, {"xy": {"eo:z": 1}}),
        ({"additionalProperties": ASK}, {"xy": {"eo:z": 1}}),
        ({"items": ASK}, [{}, {"eo:z": 1}]),
        ({"items": [True, ASK]}, [1, {"eo:z": 1}]),
        ({"items": [True], "additionalItems": ASK}, [1, {"eo:z": 1}]),
        ({"contains": ASK}, [{"eo:z": 1}]),
        ({"$ref": "#/definitions/a~1%62"}, {"eo:z": 1}),
        ({"allOf": [ASK, asking("eo:", **{"eo:b": {}})]}, {"eo:a": 1}),  # each allows what the other does not
        ({"allOf": [asking("vn:"), ASK]}, {"vn:z": 1}),
    ],
    ids=str,
)
def test_every_way_of_asking_is_found(schema: Any, value: Any) -> None:
    schemas = Compiled({EO: {"$id": EO, "definitions": {"a/b": ASK}, **schema}})
    assert not schemas.single(EO).is_valid(value)
    assert not schemas.together((EO,)).accepts(value)


@pytest.mark.parametrize(
    "part",
    [
        {"items": {"$ref": "#"}},  # asks ever deeper
        {"$ref": "missing.json"},
        {"$ref": "#anchor"},
        {"$ref": "#/definitions/none"},
        {"properties": {"x": {"$id": "https://example.org/inside.json", "$ref": "#/definitions/fields"}}},
        {"unevaluatedProperties": asking("eo:")},
    ],
    ids=str,
)
def test_a_schema_that_cannot_be_followed_is_used_as_it_is(part: Any) -> None:
    known = {EO: {"definitions": {"fields": asking("eo:", **{"eo:a": {}})}, **asking("eo:", **{"eo:a": {}}), "allOf": [part]}}
    with pytest.raises(CannotFollow):
        Questions(known).schema([EO])


def test_what_could_not_be_followed_once_is_not_taken_for_known() -> None:
    """Two schemas lead to the same one, of which only a part was looked at when the first was given up."""
    shared = {"allOf": [{"unevaluatedItems": {}}, ASK]}
    documents = {EO: {"$id": EO, **shared}, **{uri: {"$id": uri, "$ref": EO} for uri in ("https://a.org/1", "https://a.org/2")}}
    questions = Questions(documents)
    for uri in ("https://a.org/1", "https://a.org/2", "https://a.org/2"):
        with pytest.raises(CannotFollow):
            questions.schema([uri])


@pytest.mark.parametrize("uris", [(VN, EO), (EO, VN), (VN, EO, VN)])
def test_a_schema_that_another_refers_to_may_be_listed_too(uris: tuple[str, ...]) -> None:
    schemas = Compiled({EO: {"$id": EO, **ASK}, VN: {"$id": VN, "properties": {"x": {"$ref": EO}}}})
    for _ in range(2):
        assert schemas.together(uris).accepts({"x": {"eo:a": 1}})
        assert not schemas.together(uris).accepts({"x": {"eo:z": 1}})
        schemas._lists.clear()


def test_a_chain_of_references_without_end_is_not_followed() -> None:
    chain = {f"https://a.org/{n}": {"allOf": [{"$ref": f"https://a.org/{n + 1}"}]} for n in range(3000)}
    with pytest.raises(CannotFollow):
        Questions({**chain, "https://a.org/3000": ASK}).schema(["https://a.org/0"])


def test_what_asks_ever_deeper_still_judges() -> None:
    schemas = Compiled({EO: {"$id": EO, **asking("eo:", **{"eo:a": {"items": {"$ref": "#"}}})}})
    deep: Any = [{"eo:a": 1}]
    for _ in range(20):
        deep = [{"eo:a": deep}]
    assert schemas.together((EO,)).accepts(deep[0])
    innermost = deep
    while isinstance(innermost[0]["eo:a"], list):
        innermost = innermost[0]["eo:a"]
    innermost[0]["eo:b"] = 1
    assert not schemas.together((EO,)).accepts(deep[0])


PREFIXES = ("eo:", "vn:", "proj:", "product:", "aerial-photo:")


@given(st.sampled_from(PREFIXES).flatmap(lambda p: st.sampled_from([p[:i] for i in range(len(p) + 1)])), st.text(max_size=3))
def test_names_without_prefixes_are_known_without_looking_ahead(begun: str, rest: str) -> None:
    name, pattern = begun + rest, without_prefixes(PREFIXES)
    judged = jsonschema_rs.Draft7Validator({"propertyNames": {"pattern": pattern}}).is_valid({name: 1})
    assert judged is not name.startswith(PREFIXES), name


@pytest.mark.parametrize("pattern", ["https://a\\.b/.*", "a\\.*", "a\\\\.*", "^a|b.*", ".*", "^[a-z]+$", "x.*y"])
@given(st.from_regex(r"(https://)?[abx\\.y/]{0,6}", fullmatch=True))
def test_a_pattern_finds_the_same_without_what_may_follow(pattern: str, text: str) -> None:
    shorter = lean({"pattern": pattern})["pattern"]
    assert bool(re.search(shorter, text)) is bool(re.search(pattern, text))
    assert (shorter != pattern) is (pattern.endswith(".*") and pattern != "a\\.*")


@pytest.mark.parametrize(
    "node",
    [
        asking("eo:") | {"additionalProperties": True},
        asking("eo:") | {"patternProperties": {"^(?!eo:)": {"type": "integer"}}},
        asking("eo:") | {"patternProperties": {"^(?!eo:)": {}, "^eo:x": {}}},
        asking("eo:") | {"patternProperties": {"^eo:": {}}},
    ],
)
def test_other_questions_stay_where_they_are(node: Any) -> None:
    assert own_prefix(node) is None
    assert lean(node) == node
