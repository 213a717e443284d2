"""Schemas compiled: one check for everything that an object lists, kept per process.

Most objects are valid, and an object lists a dozen schemas. So the schemas of a list are compiled into one in a lean form, asked once per
object; only what it refuses is judged schema by schema, which decides and has the messages. Formats are checked, and nothing ever comes
from the network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any
from urllib.parse import urldefrag, urljoin

import jsonschema_rs

from catalog_builder.stac.lean import BUILT_IN, CannotFollow, Questions, lean
from catalog_builder.stac.model import Json
from catalog_builder.stac.schemas import SchemaStore

MOST_LISTS = 500
"""Lists of schemas kept; a catalogue has a few dozen, a hostile one as many as it likes."""


@dataclass(frozen=True, slots=True)
class Together:
    """The schemas of one list: all of ``known`` hold for what ``accepts`` takes; ``missing`` are not on this machine."""

    accepts: Callable[[Any], bool]
    known: tuple[str, ...]
    missing: tuple[str, ...]


class Compiled:
    """The schemas of a store, compiled when they are first asked for. One whose references are not all there counts as missing."""

    def __init__(self, documents: Mapping[str, Json]) -> None:
        references = {uri: {*_references(document, uri)} - {uri} for uri, document in documents.items()}
        self._usable = _closed(references)
        self._apart = _reaching(references, BUILT_IN)
        self._documents = documents
        self._lean = jsonschema_rs.Registry([(uri, lean(documents[uri])) for uri in sorted(self._usable)])
        self._questions = Questions(documents)
        self._lists: dict[tuple[str, ...], Together] = {}
        self._single: dict[str, jsonschema_rs.Draft7Validator] = {}

    @cached_property
    def _registry(self) -> jsonschema_rs.Registry:
        """The schemas as they are published; most processes never have to give a reason."""
        return jsonschema_rs.Registry([(uri, self._documents[uri]) for uri in sorted(self._usable)])

    def together(self, uris: tuple[str, ...]) -> Together:
        """The schemas at ``uris`` as one."""
        found = self._lists.get(uris)
        if found is None:
            if len(self._lists) >= MOST_LISTS:
                self._lists.clear()
            found = self._lists[uris] = self._compile(uris)
        return found

    def _compile(self, uris: tuple[str, ...]) -> Together:
        known = tuple(uri for uri in dict.fromkeys(uris) if uri in self._usable)
        missing = tuple(uri for uri in dict.fromkeys(uris) if uri not in self._usable)
        joined = [uri for uri in known if uri not in self._apart]
        try:
            first, registry = self._questions.schema(joined), self._lean
        except CannotFollow:
            first, registry = True, self._registry
        schema = {"allOf": [True, first, *({"$ref": uri} for uri in joined)]}
        whole = jsonschema_rs.Draft7Validator(schema, registry=registry, validate_formats=True, offline=True)
        apart = [self.single(uri) for uri in known if uri in self._apart]
        if not apart:
            return Together(whole.is_valid, known, missing)
        return Together(lambda obj: whole.is_valid(obj) and all(one.is_valid(obj) for one in apart), known, missing)

    def single(self, uri: str) -> jsonschema_rs.Draft7Validator:
        """The schema at ``uri`` as it is published, for what it has to say.

        Raises:
            KeyError: it is not there.
        """
        if uri not in self._single:
            self._single[uri] = jsonschema_rs.Draft7Validator(
                self._documents[uri], registry=self._registry, validate_formats=True, base_uri=uri, offline=True
            )
        return self._single[uri]


@cache
def compiled(store: SchemaStore) -> Compiled:
    return Compiled(store.documents())


def _closed(references: Mapping[str, set[str]]) -> frozenset[str]:
    """Addresses whose references, and theirs, are all there; a missing one would make the engine refuse everything."""
    usable = set(references)
    while broken := {uri for uri in usable if not references[uri] - BUILT_IN <= usable}:
        usable -= broken
    return frozenset(usable)


def _reaching(references: Mapping[str, set[str]], wanted: AbstractSet[str]) -> frozenset[str]:
    """Addresses that refer to ``wanted``, directly or through others."""
    found: set[str] = set()
    while more := {uri for uri, named in references.items() if uri not in found and named & (wanted | found)}:
        found |= more
    return frozenset(found)


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
