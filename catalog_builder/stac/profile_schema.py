"""Rules of a profile as one JSON schema: the quick answer for the many objects that break none of them.

The schema is never milder than the rules (a test holds that), so an object that it accepts breaks none of them. It may be stricter in
odd cases, years before 1000 for one: then the rules themselves decide, and they are what speaks in any case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce

from catalog_builder.stac.model import Json
from catalog_builder.stac.rules import EVERY, Condition, Rule, steps_of

TYPES: Mapping[str, Json] = {
    "text": {"type": "string", "pattern": r"[^\s\x1c-\x1f\x85]"},
    "number": {"type": "number"},
    "number-or-word": {"anyOf": [{"type": "number"}, {"enum": ["nan", "inf", "-inf"]}]},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "list": {"type": "array"},
    "object": {"type": "object"},
    "date": {"type": "string", "format": "date", "pattern": r"^[1-9]\d{3}-"},
    "datetime": {"type": "string", "format": "date-time", "pattern": r"^[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:[0-5]\d(\.\d+)?Z$"},
    "url": {"type": "string", "pattern": r"^https?://[A-Za-z0-9][A-Za-z0-9.-]*(:\d+)?([/?#]|$)"},
}
"""Type in a rule -> schema."""

_NOT_NULL: Json = {"not": {"type": "null"}}


def schema_of(rules: Mapping[str, Sequence[Rule]], kind: str) -> Json:
    """The schema of objects of ``kind`` (item, collection, catalog), with everything inside them that has rules of its own."""
    band = {"properties": {"bands": {"items": _part(rules.get("band", ()))}}}
    inside = {
        "assets": {"additionalProperties": {"allOf": [_part(rules.get("asset", ())), band]}},
        "item_assets": {"additionalProperties": {"allOf": [_part(rules.get("item_asset", ())), band]}},
        "links": {"items": _part(rules.get("link", ()))},
    }
    return {"type": "object", "allOf": [_part(rules.get(kind, ())), {"properties": inside}]}


def _part(rules: Iterable[Rule]) -> Json:
    """What ``rules`` ask of the object that they apply to: one tree of places for those of one condition."""
    by_condition: dict[Condition | None, list[Rule]] = {}
    for rule in rules:
        by_condition.setdefault(rule.when, []).append(rule)
    return {"allOf": [True, *(_conditional(condition, _tree(group)) for condition, group in by_condition.items())]}


def _tree(rules: Iterable[Rule]) -> Json:
    named = [(steps_of(path), rule) for rule in rules for path in rule.fields]
    there = [_there(steps) for steps, rule in named if rule.required]
    return {"allOf": [_places([(steps, _value(rule)) for steps, rule in named]), *there]}


def _places(asked: Sequence[tuple[Sequence[str], Json]]) -> Json:
    """Schemas of values, each with the steps to it, as one schema of what holds them all."""
    below: dict[str, list[tuple[Sequence[str], Json]]] = {}
    for (step, *further), schema in (one for one in asked if one[0]):
        below.setdefault(step, []).append((further, schema))
    every = _places(below.pop(EVERY)) if EVERY in below else None
    parts = [schema for steps, schema in asked if not steps]
    if below:
        parts.append({"properties": {step: _places(inner) for step, inner in below.items()}})
    if every is not None:
        parts.append({"additionalProperties": every, "items": every})
    return parts[0] if len(parts) == 1 else {"allOf": parts}


def _value(rule: Rule) -> Json:
    """What the rule asks of a value."""
    schema = dict(TYPES.get(rule.type, _NOT_NULL))
    limits = {
        "minimum": rule.minimum,
        "exclusiveMinimum": rule.above,
        "maximum": rule.maximum,
        "pattern": rule.pattern,
        "enum": list(rule.enum) or None,
        "minItems": rule.min_items,
        "minProperties": rule.min_items,
        "maxItems": rule.max_items,
        "maxProperties": rule.max_items,
    }
    asked = {name: limit for name, limit in limits.items() if limit is not None}
    schema = {"allOf": [schema, asked]} if "pattern" in asked and "pattern" in schema else schema | asked
    return {"anyOf": [{"type": "null"}, schema]} if rule.null else schema


def _there(steps: Sequence[str], schema: Json | None = None) -> Json:
    """Something stands where ``steps`` lead, and is as ``schema`` says; with ``*`` on the way everywhere."""

    def below(inner: Json, step: str) -> Json:
        if step != EVERY:
            return {"type": "object", "required": [step], "properties": {step: inner}}
        listed, named = (
            {"type": "array", "minItems": 1, "items": inner},
            {"type": "object", "minProperties": 1, "additionalProperties": inner},
        )
        return {"anyOf": [listed, named]}

    return reduce(below, reversed(steps), schema or {})


def _conditional(condition: Condition | None, schema: Json) -> Json:
    if condition is None:
        return schema
    steps = steps_of(condition.field)
    match condition:
        case Condition(state="present"):
            asked = _there(steps, _NOT_NULL)
        case Condition(state="null"):
            asked = _there(steps, {"type": "null"})
        case Condition(state="absent"):
            asked = {"not": _there(steps)}
        case Condition(equals=word) if word is not None:
            asked = _there(steps, {"const": word})
        case _:
            asked = {"not": _there(steps, {"const": condition.differs})}
    return {"if": asked, "then": schema}
