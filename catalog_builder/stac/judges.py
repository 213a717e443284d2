"""Rules of a profile made ready to judge many objects: every rule is prepared once, every value is visited once.

All rules for one kind of object become a tree of places, walked along with the object; so an object costs what it holds, not the
number of rules. Rules with a condition have a tree of their own, entered where the condition holds. Nothing is made for a value that
is right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from catalog_builder.stac.model import Json
from catalog_builder.stac.profile_checks import CHECKS
from catalog_builder.stac.rules import EVERY, Condition, Rule, steps_of
from catalog_builder.stac.value_types import TYPE_TESTS

Test = Callable[[Any, Json], str | None]
"""Takes a value and the whole object it stands in; says what is wrong, as text for people, or None."""

ABSENT = object()
MISSING = "—"
_Where = tuple[Any, ...]
"""Names on the way to a value, innermost last, nested: ``((), "properties"), "title"``. Joined only when there is something to say."""


class Broken(NamedTuple):
    """A rule that does not hold, where (a JSON Pointer below the part), and what stands there."""

    rule: Rule
    where: str
    problem: str


@dataclass(slots=True)
class _Place:
    """What rules say of one place: tests of the value, and the places below it by name, and of every element."""

    tests: list[tuple[Rule, Test]] = field(default_factory=list)
    below: dict[str, _Place] = field(default_factory=dict)
    every: _Place | None = None

    def at(self, steps: Iterable[str]) -> _Place:
        """The place that ``steps`` lead to, made where it is not there yet."""
        place = self
        for step in steps:
            if step == EVERY:
                place.every = place.every or _Place()
                place = place.every
            else:
                place = place.below.setdefault(step, _Place())
        return place


@dataclass(frozen=True, slots=True)
class _Needed:
    """Names that the object at ``holder`` must have, with the rules that ask for them; with ``*`` on the way, one of the objects."""

    holder: tuple[str, ...]
    names: Mapping[str, tuple[Rule, ...]]


class Judge:
    """All rules for one kind of object."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        by_condition: dict[Condition | None, list[Rule]] = {}
        for rule in rules:
            by_condition.setdefault(rule.when, []).append(rule)
        self._groups = [(_condition(condition), _tree(group), _needed(group)) for condition, group in by_condition.items()]

    def broken(self, part: Json, obj: Json) -> list[Broken]:
        """The rules that ``part`` of ``obj`` breaks."""
        out: list[Broken] = []
        for holds, tree, needed in self._groups:
            if holds(part):
                _look(tree, part, obj, (), out)
                for need in needed:
                    _require(need, part, out)
        return out


def _tree(rules: Iterable[Rule]) -> _Place:
    root = _Place()
    for rule in rules:
        test = prepared(rule)
        for path in rule.fields:
            root.at(steps_of(path)).tests.append((rule, test))
    return root


def _needed(rules: Iterable[Rule]) -> tuple[_Needed, ...]:
    holders: dict[tuple[str, ...], dict[str, tuple[Rule, ...]]] = {}
    for rule in rules:
        for path in rule.fields if rule.required else ():
            *holder, name = steps_of(path)
            names = holders.setdefault(tuple(holder), {})
            names[name] = (*names.get(name, ()), rule)
    return tuple(_Needed(holder, names) for holder, names in holders.items())


def _look(place: _Place, value: Any, obj: Json, where: _Where, out: list[Broken]) -> None:
    """Judge everything below ``value``."""
    below, every = place.below, place.every
    if isinstance(value, dict):
        if len(below) < len(value):
            for name, inner in below.items():
                if name in value:
                    _judge(inner, value[name], obj, where, name, out)
        else:
            for name, child in value.items():
                if name in below:
                    _judge(below[name], child, obj, where, name, out)
        if every is not None:
            for name, child in value.items():
                _judge(every, child, obj, where, name, out)
    elif isinstance(value, list) and every is not None:
        for number, child in enumerate(value):
            _judge(every, child, obj, where, number, out)


def _judge(place: _Place, value: Any, obj: Json, where: _Where, name: str | int, out: list[Broken]) -> None:
    for rule, test in place.tests:
        problem = test(value, obj)
        if problem is not None:
            out.append(Broken(rule, _pointer((where, name)), problem))
    if place.below or place.every is not None:
        _look(place, value, obj, (where, name), out)


def _require(need: _Needed, part: Json, out: list[Broken]) -> None:
    there = _names_at(part, need.holder)
    for name, rules in need.names.items():
        if name not in there and not (name == EVERY and there):
            out += [Broken(rule, "/" + "/".join((*need.holder, name)), MISSING) for rule in rules]


def _names_at(node: Any, steps: Sequence[str]) -> Collection[str]:
    """The names of what ``steps`` lead to below ``node``: keys of objects, positions in lists."""
    for number, step in enumerate(steps):
        if step == EVERY:
            children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
            return {name for child in children for name in _names_at(child, steps[number + 1 :])}
        if not isinstance(node, dict) or step not in node:
            return ()
        node = node[step]
    return node if isinstance(node, dict) else [*map(str, range(len(node)))] if isinstance(node, list) else ()


def _condition(condition: Condition | None) -> Callable[[Json], bool]:
    """Whether rules with ``condition`` hold for a part."""
    if condition is None:
        return lambda part: True
    steps = condition.field.split(".")
    match condition:
        case Condition(state="present"):
            return lambda part: _value_at(part, steps) not in (ABSENT, None)
        case Condition(state="null"):
            return lambda part: _value_at(part, steps) is None
        case Condition(state="absent"):
            return lambda part: _value_at(part, steps) is ABSENT
        case Condition(equals=word) if word is not None:
            return lambda part: _is(_value_at(part, steps), word)
    return lambda part: not _is(_value_at(part, steps), condition.differs)


def _is(value: Any, word: Any) -> bool:
    return type(value) is type(word) and bool(value == word)  # 1 is not true


def _value_at(node: Any, steps: Iterable[str]) -> Any:
    """What ``steps`` lead to below ``node``, or :data:`ABSENT`."""
    for step in steps:
        if not isinstance(node, dict) or step not in node:
            return ABSENT
        node = node[step]
    return node


def _pointer(where: _Where) -> str:
    names: list[str] = []
    while where:
        where, name = where
        names.append(str(name))
    return "/" + "/".join(reversed(names))


def prepared(rule: Rule) -> Test:
    """The rule as one function. The type is judged first: what comes later relies on it."""
    accepting, further = tuple(_accepting(rule)), tuple(_further(rule))
    if len(accepting) == 1 and not further:
        return _only(accepting[0], rule.null)

    def test(value: Any, obj: Json) -> str | None:
        if value is None:
            return None if rule.null else "null"
        for accepts in accepting:
            if not accepts(value):
                return _quoted(value)
        for one in further:
            problem = one(value, obj)
            if problem is not None:
                return problem
        return None

    return test


def _only(accepts: Callable[[Any], bool], null: bool) -> Test:
    """Most rules ask one thing."""

    def test(value: Any, obj: Json) -> str | None:
        if value is None:
            return None if null else "null"
        return None if accepts(value) else _quoted(value)

    return test


def _accepting(rule: Rule) -> Iterator[Callable[[Any], bool]]:
    if rule.type in TYPE_TESTS:
        yield TYPE_TESTS[rule.type]
    if rule.enum:
        yield lambda value: value in rule.enum
    if rule.pattern is not None:
        search = re.compile(rule.pattern, re.ASCII).search
        yield lambda value: not isinstance(value, str) or search(value) is not None
    if (rule.minimum, rule.above, rule.maximum) != (None, None, None):
        yield lambda value: not isinstance(value, int | float) or isinstance(value, bool) or _in_range(rule, value)


def _further(rule: Rule) -> Iterator[Test]:
    if (rule.min_items, rule.max_items) != (None, None):
        yield lambda value, obj: f"{len(value)} elements" if isinstance(value, list | dict) and not _has_length(rule, len(value)) else None
    if rule.check:
        yield CHECKS[rule.check]


def _quoted(value: Any) -> str:
    return str(value)[:120]


def _in_range(rule: Rule, value: float) -> bool:
    low = rule.minimum is None or value >= rule.minimum
    above = rule.above is None or value > rule.above
    return low and above and (rule.maximum is None or value <= rule.maximum)


def _has_length(rule: Rule, length: int) -> bool:
    return (rule.min_items is None or length >= rule.min_items) and (rule.max_items is None or length <= rule.max_items)
