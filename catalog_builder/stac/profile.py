"""Our own metadata profile: every field that the product writes, checked for type, range and presence without any schema.

The schemas of other people may be missing on a closed network; these rules are always here. ``core`` holds for every catalogue,
``vn`` adds what Vietnam asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import jsonschema_rs

from catalog_builder.findings import Finding, FindingType, Severity
from catalog_builder.stac.extensions import OWN_NAMESPACES, PREFIXES
from catalog_builder.stac.judges import Judge
from catalog_builder.stac.model import Json
from catalog_builder.stac.profile_schema import schema_of
from catalog_builder.stac.rules import Rule, Subject, profile_rules

PROFILES = ("core", "vn")
"""Profiles that come with the product; ``core`` always holds."""

TYPES: Mapping[str, FindingType] = {rule.id: rule.finding_type() for name in PROFILES for rule in profile_rules(name)}
"""Kind of finding per rule; declared when the module is loaded, so that stored findings can be shown."""


def check_profile(obj: Json, subject: str, profiles: Sequence[str] = PROFILES) -> list[Finding]:
    """What the rules of ``profiles`` say about an item, collection or catalogue."""
    prepared = _prepared(tuple(profiles), _kind(obj))
    judges = prepared.rest if prepared.accepts(obj) else prepared.every
    findings = [
        TYPES[broken.rule.id](subject, field=f"{pointer}{broken.where}", value=broken.problem)
        for kind, pointer, part in parts(obj)
        if kind in judges
        for broken in judges[kind].broken(part, obj)
    ]
    return _notes_joined(findings) if findings else findings


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
    yield _kind(obj), "", obj
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


def _kind(obj: Json) -> Subject:
    match obj.get("type"):
        case "Feature":
            return "item"
        case "Collection":
            return "collection"
    return "catalog"


@cache
def _by_subject(profiles: tuple[str, ...]) -> Mapping[str, tuple[Rule, ...]]:
    rules = [rule for name in profiles for rule in profile_rules(name)]
    return {kind: tuple(r for r in rules if kind in r.applies) for kind in {k for r in rules for k in r.applies}}


@dataclass(frozen=True, slots=True)
class _Prepared:
    """The rules of some profiles, prepared once per process. Of an object that ``accepts`` likes only the ``rest`` of the rules is
    looked at: those with a check of their own, and notes, which many objects get."""

    accepts: Callable[[Any], bool]
    rest: Mapping[str, Judge]
    every: Mapping[str, Judge]


@cache
def _prepared(profiles: tuple[str, ...], kind: Subject) -> _Prepared:
    rules = _by_subject(profiles)
    plain = {k: [r for r in found if not _is_rest(r)] for k, found in rules.items()}
    rest = {k: [r for r in found if _is_rest(r)] for k, found in rules.items()}
    schema = jsonschema_rs.Draft7Validator(schema_of(plain, kind), validate_formats=True, offline=True)
    judges = {k: Judge(found) for k, found in rest.items() if found}
    return _Prepared(schema.is_valid, judges, {k: Judge(found) for k, found in rules.items()})


def _is_rest(rule: Rule) -> bool:
    return rule.check is not None or rule.severity is Severity.INFO


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
