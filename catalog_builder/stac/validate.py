"""Validation of STAC objects against JSON schemas: core and every extension, formats on, never over the network.

The engine is jsonschema-rs. Errors are taken from inside ``oneOf``/``anyOf``, so that a message names the field and not the item.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from urllib.parse import urldefrag, urljoin

import jsonschema_rs

from catalog_builder.findings import Finding, Severity, printable
from catalog_builder.stac.extensions import STAC_VERSION
from catalog_builder.stac.findings import NOT_STAC, SCHEMA_MISSING, SCHEMA_VIOLATION
from catalog_builder.stac.model import Json
from catalog_builder.stac.schemas import CORE_SCHEMAS, SchemaStore

MOST_ERRORS = 20
"""Violations reported per object and schema; more of them say the same."""

BUILT_IN = frozenset({"http://json-schema.org/draft-07/schema"})
"""Addresses that the engine knows itself."""

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
        placed = _as_placed(obj)
        findings: list[Finding] = []
        for uri in dict.fromkeys([core, *(str(u) for u in obj.get("stac_extensions", ()))]):
            findings += self._against(uri, placed, subject)
        return findings

    def _against(self, uri: str, obj: Json, subject: str) -> Iterator[Finding]:
        validator = _compiled(self.store).get(uri)
        if validator is None:
            missing = SCHEMA_MISSING(uri, uri=uri)
            yield replace(missing, severity=Severity.ERROR) if self.strict else missing
        elif not validator.is_valid(obj):
            leaves = {(_pointer(e.instance_path), _short(e)): None for error in validator.iter_errors(obj) for e in _leaves(error)}
            for pointer, problem in list(leaves)[:MOST_ERRORS]:
                yield SCHEMA_VIOLATION(subject, pointer=pointer, problem=problem, schema=schema_name(uri))


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


@cache
def _compiled(store: SchemaStore) -> Mapping[str, jsonschema_rs.Draft7Validator]:
    """Every schema of the store whose references are all there, compiled once per process."""
    documents = store.documents()
    usable = _closed(documents)
    registry = jsonschema_rs.Registry([(uri, documents[uri]) for uri in usable])
    return _Lazy(documents, usable, registry)


class _Lazy(dict[str, jsonschema_rs.Draft7Validator]):
    """Compiles a schema when it is first asked for."""

    def __init__(self, documents: Mapping[str, Json], usable: Iterable[str], registry: jsonschema_rs.Registry) -> None:
        super().__init__()
        self.documents, self.usable, self.registry = documents, frozenset(usable), registry

    def get(self, uri: str, default: Any = None) -> Any:
        if uri not in self and uri in self.usable:
            self[uri] = jsonschema_rs.Draft7Validator(
                self.documents[uri], registry=self.registry, validate_formats=True, base_uri=uri, offline=True
            )
        return super().get(uri, default)


def _closed(documents: Mapping[str, Json]) -> list[str]:
    """Addresses whose references, and theirs, are all in ``documents``; a missing one would make the engine refuse everything."""
    references = {uri: {*_references(document, uri)} - {uri} - BUILT_IN for uri, document in documents.items()}
    usable = set(documents)
    while broken := {uri for uri in usable if not references[uri] <= usable}:
        usable -= broken
    return sorted(usable)


def _references(node: Any, base: str) -> Iterator[str]:
    """Addresses of other documents that ``node`` refers to."""
    if isinstance(node, dict):
        target = node.get("$ref")
        if isinstance(target, str) and not target.startswith("#"):
            yield urldefrag(urljoin(base, target)).url
        for value in node.values():
            yield from _references(value, base)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value, base)


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
