"""What policy says about one delivery: its collection, order, access and licence."""

from __future__ import annotations

from dataclasses import dataclass

from catalog_builder.definition.model import Access, CollectionDefinition, Order, Override


@dataclass(frozen=True, slots=True)
class Assignment:
    """The decision for one delivery; ``access_reason`` says in English which rule decided (shown by ``explain``)."""

    collection: CollectionDefinition
    access: Access
    access_reason: str
    order: Order | None = None
    overrides: tuple[Override, ...] = ()
