"""Our own metadata profile: every field that the product writes, checked for type, range and presence without any schema.

The schemas of other people may be missing on a closed network; these rules are always here. ``core`` holds for every catalogue,
``vn`` adds what Vietnam asks for.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from catalog_builder.findings import Finding, FindingType, Severity
from catalog_builder.stac.extensions import OWN_NAMESPACES, PREFIXES
from catalog_builder.stac.model import Json
from catalog_builder.stac.profile_checks import CHECKS
from catalog_builder.stac.rules import Condition, Rule, Subject, profile_rules
from catalog_builder.times import from_stac

PROFILES = ("core", "vn")
"""Profiles that come with the product; ``core`` always holds."""

TYPES: Mapping[str, FindingType] = {rule.id: rule.finding_type() for name in PROFILES for rule in profile_rules(name)}
"""Kind of finding per rule; declared when the module is loaded, so that stored findings can be shown."""

_RFC3339 = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")


def check_profile(obj: Json, subject: str, profiles: Sequence[str] = PROFILES) -> list[Finding]:
    """What the rules of ``profiles`` say about an item, collection or catalogue."""
    findings: list[Finding] = []
    rules = _by_subject(tuple(profiles))
    for kind, pointer, part in parts(obj):
        for rule in rules.get(kind, ()):
            findings += _apply(rule, part, pointer, obj, subject)
    return _notes_joined(findings)


def _notes_joined(findings: Sequence[Finding]) -> list[Finding]:
    """Notes of one rule about one object as one note that lists the fields: a large catalogue has notes on every scene."""
    fields: dict[tuple[str, str], list[str]] = {}
    for finding in findings:
        if finding.severity is Severity.INFO:
            fields.setdefault((finding.code, finding.subject), []).append(str(finding.params["field"]))
    out: list[Finding] = []
    for finding in findings:
        same = fields.pop((finding.code, finding.subject), None)
        if finding.severity is not Severity.INFO:
            out.append(finding)
        elif same is not None:
            out.append(finding if len(same) == 1 else replace(finding, params={**finding.params, "field": ", ".join(same)}))
    return out


def is_ours(obj: Json) -> bool:
    """Whether ``obj`` says that this product wrote it; the profile is no measure for other people's catalogues."""
    listed = obj.get("stac_extensions")
    return any(PREFIXES[prefix] in listed for prefix in OWN_NAMESPACES) if isinstance(listed, list) else False


def parts(obj: Json) -> Iterator[tuple[Subject, str, Json]]:
    """The object and what rules look at inside it, each with its JSON Pointer."""
    kind: Subject = {"Feature": "item", "Collection": "collection"}.get(str(obj.get("type")), "catalog")  # type: ignore[assignment]
    yield kind, "", obj
    holders: Sequence[tuple[str, Subject]] = (("assets", "asset"), ("item_assets", "item_asset"))
    for holder, name in holders:
        assets = obj.get(holder)
        for key, asset in assets.items() if isinstance(assets, dict) else ():
            if isinstance(asset, dict):
                yield name, f"/{holder}/{key}", asset
                bands = asset.get("bands")
                for number, band in enumerate(bands if isinstance(bands, list) else ()):
                    if isinstance(band, dict):
                        yield "band", f"/{holder}/{key}/bands/{number}", band
    links = obj.get("links")
    for number, entry in enumerate(links if isinstance(links, list) else ()):
        if isinstance(entry, dict):
            yield "link", f"/links/{number}", entry


@cache
def _by_subject(profiles: tuple[str, ...]) -> Mapping[str, tuple[Rule, ...]]:
    rules = [rule for name in profiles for rule in profile_rules(name)]
    return {kind: tuple(r for r in rules if kind in r.applies) for kind in {k for r in rules for k in r.applies}}


def _apply(rule: Rule, part: Json, pointer: str, obj: Json, subject: str) -> Iterator[Finding]:
    if rule.when is not None and not _holds(rule.when, part):
        return
    for path in rule.fields:
        found = False
        for where, value in resolve(part, path):
            found = True
            problem = _problem(rule, value, obj)
            if problem is not None:
                yield TYPES[rule.id](subject, field=f"{pointer}/{where}", value=problem)
        if rule.required and not found:
            yield TYPES[rule.id](subject, field=f"{pointer}/{path.removesuffix('.**').replace('.', '/')}", value="—")


def resolve(node: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every value that the dotted ``path`` names below ``node``, with its place. A final ``**`` only says that the rule's check
    judges everything below."""
    yield from _resolve(node, path.removesuffix(".**").split("."), "")


def _resolve(node: Any, path: Sequence[str], where: str) -> Iterator[tuple[str, Any]]:
    if not path:
        yield where, node
        return
    head, rest = path[0], path[1:]
    children: Iterable[tuple[str, Any]]
    if head == "*":
        children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()  # type: ignore[assignment]
    else:
        children = ((head, node[head]),) if isinstance(node, dict) and head in node else ()
    for key, value in children:
        yield from _resolve(value, rest, f"{where}/{key}" if where else str(key))


def _holds(condition: Condition, part: Json) -> bool:
    values = [value for _, value in resolve(part, condition.field)]
    if condition.state is not None:
        state = "absent" if not values else "null" if values[0] is None else "present"
        return state == condition.state
    if condition.equals is not None:
        return condition.equals in values
    return condition.differs not in values


def _problem(rule: Rule, value: Any, obj: Json) -> str | None:
    """What is wrong with ``value``, as text for the finding; None when nothing is."""
    if value is None:
        return None if rule.null else "null"
    if not _has_type(rule.type, value):
        return _quoted(value)
    if rule.enum and value not in rule.enum:
        return _quoted(value)
    if isinstance(value, str) and not rule.matches(value):
        return _quoted(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and not _in_range(rule, value):
        return _quoted(value)
    if isinstance(value, list | dict) and not _has_length(rule, len(value)):
        return f"{len(value)} elements"
    return CHECKS[rule.check](value, obj) if rule.check else None


def _in_range(rule: Rule, value: float) -> bool:
    low = rule.minimum is None or value >= rule.minimum
    above = rule.above is None or value > rule.above
    return low and above and (rule.maximum is None or value <= rule.maximum)


def _has_length(rule: Rule, length: int) -> bool:
    return (rule.min_items is None or length >= rule.min_items) and (rule.max_items is None or length <= rule.max_items)


def _has_type(name: str, value: Any) -> bool:
    match name:
        case "text":
            return isinstance(value, str) and value.strip() != ""
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        case "number-or-word":
            return value in ("nan", "inf", "-inf") or _has_type("number", value)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case "list":
            return isinstance(value, list)
        case "object":
            return isinstance(value, dict)
        case "date":
            return isinstance(value, str) and _is_date(value)
        case "datetime":
            return isinstance(value, str) and _RFC3339.match(value) is not None and _is_moment(value)
        case "url":
            return isinstance(value, str) and urlsplit(value).scheme in ("http", "https") and bool(urlsplit(value).netloc)
        case _:
            return True


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_moment(text: str) -> bool:
    try:
        from_stac(text)
    except ValueError:
        return False
    return True


def _quoted(value: Any) -> str:
    return str(value)[:120]


def uncovered(obj: Json, profiles: Sequence[str] = PROFILES) -> list[str]:
    """Fields of ``obj`` that no rule speaks of, as paths with ``*`` for list positions. Empty for what the product writes."""
    rules = _by_subject(tuple(profiles))
    silent: set[str] = set()
    for kind, _, part in parts(obj):
        known = {tuple(path.split(".")) for rule in rules.get(kind, ()) for path in rule.fields}
        for path in _leaf_paths(part, ()):
            if not any(_covers(pattern, path) for pattern in known):
                silent.add(f"{kind}: {'.'.join(path)}")
    return sorted(silent)


_SEPARATE = frozenset({"assets", "item_assets", "bands", "links"})
"""Members that are parts of their own; rules see them there."""


def _leaf_paths(node: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    children = node.items() if isinstance(node, dict) else (("*", v) for v in node) if isinstance(node, list) else ()
    empty = True
    for key, value in children:
        empty = False
        if len(path) > 0 or key not in _SEPARATE:
            yield from _leaf_paths(value, (*path, str(key)))
    if empty and path:
        yield path


def _covers(pattern: tuple[str, ...], path: tuple[str, ...]) -> bool:
    """Whether a rule for ``pattern`` says something of the leaf ``path``: it names it, or a named check judges the whole above it."""
    if pattern[-1] == "**":
        return len(path) >= len(pattern) - 1 and _covers(pattern[:-1], path[: len(pattern) - 1])
    return len(pattern) == len(path) and all(p in ("*", q) for p, q in zip(pattern, path, strict=True))
