"""Policy: who may see a delivery."""

from __future__ import annotations

import pytest

from catalog_builder.definition.assign import Assignment, assign
from catalog_builder.definition.model import Access, Order
from tests.stac import factories as make


@pytest.mark.parametrize(
    ("default", "collection", "order", "expected"),
    [
        (Access.INTERNAL, None, None, Access.INTERNAL),
        (Access.RESTRICTED, None, None, Access.RESTRICTED),
        (Access.RESTRICTED, Access.PUBLIC, None, Access.PUBLIC),
        (Access.INTERNAL, Access.PUBLIC, Order(id="o", title={"en": "O"}, origin="x", licence="y", paths=("*",)), Access.INTERNAL),
        (Access.PUBLIC, None, Order(id="o", title={"en": "O"}, origin="x", licence="y", paths=("*",)), Access.PUBLIC),
    ],
)
def test_who_says_nothing_says_what_the_catalogue_says(
    default: Access, collection: Access | None, order: Order | None, expected: Access
) -> None:
    delivery, definition = make.delivery(), make.definition()
    taking = definition.collections[0].model_copy(update={"access": collection})
    told = {"default_access": default, "collections": (taking,), "orders": (order,) if order else (), "fallback_collection": taking.id}
    decision = assign(delivery, definition.model_copy(update=told))
    assert isinstance(decision, Assignment) and decision.access is expected
    assert ("default" in decision.access_reason) is (expected is default and (collection is None or order is not None))
