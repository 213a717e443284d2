"""What policy says about one delivery: its collection, order, access and licence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from catalog_builder.archive.delivery import Delivery
from catalog_builder.definition.findings import NO_COLLECTION
from catalog_builder.definition.model import Access, CollectionDefinition, Definition, Match, Order, Override
from catalog_builder.facts import Field
from catalog_builder.findings import Finding
from catalog_builder.ids import fold


@dataclass(frozen=True, slots=True)
class Assignment:
    """The decision for one delivery; ``access_reason`` says in English which rule decided (shown by ``explain``)."""

    collection: CollectionDefinition
    access: Access
    access_reason: str
    order: Order | None = None
    overrides: tuple[Override, ...] = ()


def assign(delivery: Delivery, definition: Definition) -> Assignment | Finding:
    """Collection, order and access of ``delivery``; a finding when no collection takes it.

    Collections are asked in their ``order``; an override's collection wins. Access is the most restrictive of what the order,
    the collection and the overrides say; a collection or an order that says nothing says the definition's default (internal).
    """
    order = next((o for o in definition.orders if matches_path(delivery, o.paths)), None)
    overrides = tuple(o for o in definition.overrides if matches_path(delivery, (o.path,)))
    collection = _collection(delivery, definition, order, overrides)
    if collection is None:
        platform = delivery.facts.get(Field.PLATFORM) or "-"
        return NO_COLLECTION(delivery.origin or delivery.id, format=delivery.format, platform=platform)
    access, reason = _access(collection, order, overrides, definition.default_access)
    return Assignment(collection, access, reason, order, overrides)


def matches_path(delivery: Delivery, globs: Iterable[str]) -> bool:
    """Whether any glob matches the delivery's origin or the name of any of its files, whole (``*`` crosses folders)."""
    names = [delivery.origin, *(file.name for file, _ in delivery.files)]
    return any(fnmatchcase(name, glob) for glob in globs for name in names)


def _collection(
    delivery: Delivery, definition: Definition, order: Order | None, overrides: tuple[Override, ...]
) -> CollectionDefinition | None:
    chosen = next((o.collection for o in reversed(overrides) if o.collection), None)
    if chosen:
        return definition.collection(chosen)
    for collection in sorted(definition.collections, key=lambda c: (c.order, c.id)):
        if any(_matches(delivery, order, rule) for rule in collection.match):
            return collection
    return definition.collection(definition.fallback_collection) if definition.fallback_collection else None


def _matches(delivery: Delivery, order: Order | None, rule: Match) -> bool:
    instruments = delivery.facts.get(Field.INSTRUMENTS) or ()
    return (
        (not rule.path or matches_path(delivery, rule.path))
        and _any(rule.platform, [delivery.facts.get(Field.PLATFORM), delivery.facts.get(Field.CONSTELLATION)])
        and _any(rule.instrument, instruments)
        and (not rule.format or delivery.format in rule.format)
        and (not rule.kind or any(r.kind.value in rule.kind for r in delivery.rasters))
        and (not rule.order or (order is not None and order.id in rule.order))
    )


def _any(wanted: tuple[str, ...], have: Iterable[object]) -> bool:
    return not wanted or bool({_plain(w) for w in wanted} & {_plain(str(h)) for h in have if h is not None})


def _plain(text: str) -> str:
    return "".join(c for c in fold(text) if c.isalnum())


def _access(collection: CollectionDefinition, order: Order | None, overrides: tuple[Override, ...], default: Access) -> tuple[Access, str]:
    said = [_said(collection.access, f"collection {collection.id}", default)]
    if order is not None:
        said.append(_said(order.access, f"order {order.id}", default))
    said += [(o.access, f"override {o.path} by {o.by} on {o.on}") for o in overrides if o.access is not None]
    return max(said, key=lambda s: s[0].rank)


def _said(access: Access | None, by: str, default: Access) -> tuple[Access, str]:
    return (default, f"default of the catalogue, {by} says nothing") if access is None else (access, by)
