"""Schemas made lean for one purpose: to say quickly whether an object is valid. They are never milder than what they are made of.

Each extension asks of every key of every object it knows whether the key begins with its prefix without being one of its own; with a
dozen extensions that was a third of all work. Here the question is asked once per object of an item for all extensions together, and
taken out of their schemas. It is asked at every place that a schema can reach, whatever the conditions on the way, so an odd object may
be refused that the schemas would take; who refuses has to judge it by the schemas themselves.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

from catalog_builder.stac.model import Json

BUILT_IN = frozenset({"http://json-schema.org/draft-07/schema"})
"""Addresses that the engine knows itself, but only where a schema that is compiled alone refers to them."""

DEEPEST = 8
"""Steps into an object; schemas of STAC ask four deep, one that refers to itself would ask for ever."""

ANY, EACH = None, True
"""Steps to any value of an object and to each of a list; a text is the step to the value of that key."""

Place = tuple[str | bool | None, ...]
"""Where in an object a schema looks."""

_NOT_PREFIX = re.compile(r"\^\(\?!([a-z-]+:)\)")
_ANYTHING_AFTER = re.compile(r"(?<!\\)((?:\\\\)*)\.\*\Z")
_LISTS = frozenset({"allOf", "anyOf", "oneOf"})
_SAME_PLACE = frozenset({"not", "if", "then", "else"})
_BY_NAME: Mapping[str, Place] = {"patternProperties": (ANY,), "dependencies": ()}
_INSIDE: Mapping[str, Place] = {"additionalProperties": (ANY,), "items": (EACH,), "additionalItems": (EACH,), "contains": (EACH,)}
"""Keywords that hold schemas, and where these look."""

_STRANGE = frozenset({"$dynamicRef", "$recursiveRef", "dependentSchemas", "prefixItems", "unevaluatedItems", "unevaluatedProperties"})
"""Keywords of later drafts that lead to other schemas, which nobody follows here."""


class CannotFollow(Exception):
    """What a schema asks is asked ever deeper, or it refers to something that is not there, or has keywords of another draft."""


class Questions:
    """What the schemas of a store ask of keys with their prefixes, and where in an object."""

    def __init__(self, documents: Mapping[str, Json]) -> None:
        self._documents = documents
        self._leading: dict[int, list[int]] = {}  # by identity of a schema: the schemas that lead to it
        self._asking: list[int] = []

    def schema(self, uris: Sequence[str]) -> Any:
        """A schema that asks at once what those at ``uris`` ask, and those that they refer to.

        Raises:
            CannotFollow: perhaps not everything they ask was found.
        """
        try:
            return self._followed(uris)
        except (CannotFollow, RecursionError) as error:  # what was looked at in part must be looked at again
            self._leading.clear()
            self._asking.clear()
            raise CannotFollow(*uris) from error

    def _followed(self, uris: Sequence[str]) -> Any:
        for uri in uris:
            if id(self._documents[uri]) not in self._leading:
                self._explore(self._documents[uri], uri)
        walk = _Walk(self, self._leading_to_questions())
        for uri in uris:
            walk.follow(self._documents[uri], uri, ())
        return _asked(walk.allowed)

    def _explore(self, node: Any, base: str) -> None:
        """Note what leads where, from ``node`` of the document at ``base``."""
        self._leading[id(node)] = []
        if node.keys() & _STRANGE or ("$id" in node and not self._is_named_well(node, base)):
            raise CannotFollow(base)
        if own_prefix(node) is not None:
            self._asking.append(id(node))
        for part, at in (*self.referred(node, base), *((part, base) for _, part in _parts(node))):
            if id(part) not in self._leading:
                self._explore(part, at)
            self._leading[id(part)].append(id(node))

    def _leading_to_questions(self) -> set[int]:
        """Identities of all schemas that ask something or lead to one that does."""
        found: set[int] = set()
        open_ = list(self._asking)
        while open_:
            one = open_.pop()
            if one not in found:
                found.add(one)
                open_ += self._leading[one]
        return found

    def _is_named_well(self, node: Json, base: str) -> bool:
        """Whether references in ``node`` mean the same by its own address and by that of its document (STAC has misspelled one)."""
        return node is self._documents[base] and urljoin(str(node["$id"]), ".") == urljoin(base, ".")

    def referred(self, node: Json, base: str) -> Iterator[tuple[Any, str]]:
        """The schema that ``node`` refers to, if any, and the address of the document it stands in."""
        reference = node.get("$ref")
        if not isinstance(reference, str):
            return
        uri, pointer = (base, reference[1:]) if reference.startswith("#") else urldefrag(urljoin(base, reference))
        if uri in BUILT_IN:
            return
        try:
            found: Any = self._documents[uri]
            for step in _steps(pointer):
                found = found[int(step)] if isinstance(found, list) else found[step]
        except (KeyError, IndexError, ValueError):
            raise CannotFollow(reference) from None
        if isinstance(found, dict):
            yield found, uri


def _steps(pointer: str) -> list[str]:
    """The names in a JSON Pointer.

    Raises:
        ValueError: it is none, but the name of an anchor.
    """
    first, *steps = unquote(pointer).split("/")
    if first:
        raise ValueError(pointer)
    return [step.replace("~1", "/").replace("~0", "~") for step in steps]


class _Walk:
    """Follows schemas to every place in an object at which they ask something."""

    def __init__(self, questions: Questions, leading: AbstractSet[int]) -> None:
        self._questions, self._leading = questions, leading
        self._seen: set[tuple[int, Place]] = set()
        self.allowed: dict[Place, dict[str, AbstractSet[str]]] = defaultdict(dict)

    def follow(self, node: Json, base: str, place: Place) -> None:
        """Note what ``node`` of the document at ``base`` asks of the values at ``place`` and below."""
        if id(node) not in self._leading or (id(node), place) in self._seen:
            return
        if len(place) > DEEPEST:
            raise CannotFollow(base)
        self._seen.add((id(node), place))
        for target, at in self._questions.referred(node, base):
            self.follow(target, at, place)
        prefix = own_prefix(node)
        if prefix is not None:
            names = {name for name in node.get("properties", {}) if name.startswith(prefix)}
            self.allowed[place][prefix] = names & self.allowed[place].get(prefix, names)  # who asks here has to allow a key, all of them
        for step, part in _parts(node):
            self.follow(part, base, (*place, *step))


def _parts(node: Json) -> Iterator[tuple[Place, Json]]:
    """The schemas inside ``node``, each with the step from what ``node`` judges to what it judges; True and False say nothing of keys."""
    return ((step, part) for step, part in _all_parts(node) if isinstance(part, dict))


def _all_parts(node: Json) -> Iterator[tuple[Place, Any]]:
    for keyword, value in node.items():
        if keyword in _LISTS and isinstance(value, list):
            yield from (((), part) for part in value)
        elif keyword in _SAME_PLACE:
            yield (), value
        elif keyword == "properties" and isinstance(value, dict):
            yield from (((name,), part) for name, part in value.items())
        elif keyword in _BY_NAME and isinstance(value, dict):
            yield from ((_BY_NAME[keyword], part) for part in value.values())
        elif keyword in _INSIDE:
            yield from ((_INSIDE[keyword], part) for part in (value if isinstance(value, list) else (value,)))


def own_prefix(node: Json) -> str | None:
    """The prefix of which ``node`` asks whether a key has it without being one of its own; None when it asks nothing of the kind."""
    patterns = node.get("patternProperties")
    if not isinstance(patterns, dict) or len(patterns) != 1 or node.get("additionalProperties") is not False:
        return None
    [(pattern, rest)] = patterns.items()
    match = _NOT_PREFIX.fullmatch(pattern)
    return match[1] if match and (rest is True or (isinstance(rest, dict) and rest.keys() <= {"$comment"})) else None


def _asked(allowed: Mapping[Place, Mapping[str, AbstractSet[str]]]) -> Any:
    """A schema of what is allowed at places counted from here."""
    parts: list[Any] = []
    below: dict[str | bool | None, dict[Place, Mapping[str, AbstractSet[str]]]] = defaultdict(dict)
    for place, prefixes in allowed.items():
        if place:
            below[place[0]][place[1:]] = prefixes
        else:
            own = {name: True for names in prefixes.values() for name in sorted(names)}
            parts.append({"properties": own, "patternProperties": {without_prefixes(prefixes): True}, "additionalProperties": False})
    inner = {step: _asked(places) for step, places in below.items()}
    if named := {step: part for step, part in inner.items() if isinstance(step, str)}:
        parts.append({"properties": named})
    if ANY in inner:
        parts.append({"additionalProperties": inner[ANY]})
    if EACH in inner:
        parts.append({"items": inner[EACH]})
    return parts[0] if len(parts) == 1 else {"allOf": [True, *parts]}


def without_prefixes(prefixes: Iterable[str]) -> str:
    """A pattern of all names that begin with none of ``prefixes``. It needs no lookahead, so it is decided at a glance: a name begins with
    some letters that a prefix begins with as well, and then goes on in another way than any prefix, or ends.

    No prefix may be the beginning of another.
    """
    following: dict[str, set[str]] = defaultdict(set)
    for prefix in prefixes:
        for length, letter in enumerate(prefix):
            following[prefix[:length]].add(letter)
    return "|".join(f"^{begun}([^{re.escape(''.join(sorted(next_)))}]|$)" for begun, next_ in sorted(following.items()))


def lean(node: Any) -> Any:
    """``node`` without the questions that :class:`Questions` asks, and with patterns that do not look for what may follow anyway."""
    if isinstance(node, list):
        return [lean(value) for value in node]
    if not isinstance(node, dict):
        return node
    out = {key: lean(value) for key, value in node.items()}
    if own_prefix(node) is not None:
        del out["patternProperties"], out["additionalProperties"]
    if isinstance(out.get("pattern"), str):
        out["pattern"] = _ANYTHING_AFTER.sub(r"\1", out["pattern"])
    return out
