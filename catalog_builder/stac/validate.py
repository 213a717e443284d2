"""Validation of STAC objects against JSON schemas: core and every extension, formats on, never over the network.

The engine is jsonschema-rs. Errors are taken from inside ``oneOf``/``anyOf``, so that a message names the field and not the item.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import jsonschema_rs

from catalog_builder.findings import Finding, Severity, printable
from catalog_builder.stac.compiled import compiled
from catalog_builder.stac.extensions import STAC_VERSION
from catalog_builder.stac.findings import NOT_STAC, SCHEMA_MISSING, SCHEMA_VIOLATION
from catalog_builder.stac.model import Json
from catalog_builder.stac.schemas import CORE_SCHEMAS, SchemaStore

MOST_ERRORS = 20
"""Violations reported per object and schema; more of them say the same."""

_PROVISIONAL_LINK: Json = {"rel": "collection", "href": "./collection.json"}


@dataclass(frozen=True, slots=True)
class Validator:
    """Checks objects with the schemas of ``store``. Small to pickle; compiled validators are kept per process.

    A schema that is not there is always a finding: a warning, because the profile still checks every field of ours, or an error when
    ``strict`` asks for nothing less than the official schemas.
    """

    store: SchemaStore
    strict: bool = False

    def check(self, obj: Json, subject: str) -> list[Finding]:
        """What the schemas say about ``obj``: violations, and every schema that is not on this machine.

        An item that is not linked yet is judged as if it had its collection link. The subject of a missing schema is its address,
        so that it is reported once and not once per item.
        """
        version, kind = obj.get("stac_version"), obj.get("type")
        core = CORE_SCHEMAS.get(str(kind))
        if core is None or version != STAC_VERSION:
            problem = f"type {kind!r}, stac_version {version!r}"
            return [NOT_STAC(subject, version=STAC_VERSION, problem=problem)]
        listed = obj.get("stac_extensions")
        schemas = compiled(self.store)
        together = schemas.together((core, *map(str, listed if isinstance(listed, list) else ())))
        findings = [self._missing(uri) for uri in together.missing]
        placed = _as_placed(obj)
        if not together.accepts(placed):
            for uri in together.known:
                findings += _violations(schemas.single(uri), placed, subject, schema_name(uri))
        return findings

    def _missing(self, uri: str) -> Finding:
        missing = SCHEMA_MISSING(uri, uri=uri)
        return replace(missing, severity=Severity.ERROR) if self.strict else missing


def _violations(validator: jsonschema_rs.Draft7Validator, obj: Json, subject: str, name: str) -> Iterator[Finding]:
    leaves = {(_pointer(e.instance_path), _short(e)): None for error in validator.iter_errors(obj) for e in _leaves(error)}
    for pointer, problem in list(leaves)[:MOST_ERRORS]:
        yield SCHEMA_VIOLATION(subject, pointer=pointer, problem=problem, schema=name)


def schema_name(uri: str) -> str:
    """A short name of a schema for people: ``eo v2.0.0``, ``item``."""
    parts = uri.rsplit("/", 3)
    return f"{parts[1]} {parts[2]}" if parts[-1] == "schema.json" else parts[-1].removesuffix(".json")


def _as_placed(obj: Json) -> Json:
    links = obj.get("links")
    if obj.get("type") != "Feature" or "collection" not in obj or not isinstance(links, list):
        return obj
    if any(isinstance(entry, dict) and entry.get("rel") == "collection" for entry in links):
        return obj
    return {**obj, "links": [*links, _PROVISIONAL_LINK]}


def _leaves(error: jsonschema_rs.ValidationError) -> list[jsonschema_rs.ValidationError]:
    """The errors inside ``oneOf``/``anyOf`` of the branch that was most likely meant."""
    context = getattr(error.kind, "context", None)
    if not context:
        return [error]
    branches = [[leaf for inner in branch for leaf in _leaves(inner)] for branch in context]
    meant = min((b for b in branches if b), key=_distance, default=None)
    return meant if meant else [error]


def _distance(branch: list[jsonschema_rs.ValidationError]) -> tuple[bool, int, int]:
    """How far an object is from a branch: another type of object is farthest, then many errors, then shallow ones."""
    other_type = any(list(e.instance_path) in (["type"], ["stac_extensions"]) for e in branch)
    return other_type, len(branch), -max(len(e.instance_path) for e in branch)


def _pointer(path: Iterable[str | int]) -> str:
    return "/" + "/".join(str(p).replace("~", "~0").replace("/", "~1") for p in path)


def _short(error: jsonschema_rs.ValidationError) -> str:
    """The engine's message where it quotes a single value, else the name of the broken keyword."""
    if isinstance(error.instance, dict | list) and len(error.message) > 160:
        expected = error.kind.value if hasattr(error.kind, "value") else ""
        return printable(f"breaks the rule “{error.kind.name}” {expected}".strip(), 200)
    return printable(error.message, 200)
