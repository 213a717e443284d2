"""Names from the registers of the definition: agencies, projects and themes change their names, so the row valid now is used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Protocol, TypeVar

from catalog_builder.definition.model import CollectionDefinition, Definition, localised
from catalog_builder.definition.registers import Agency
from catalog_builder.site.reading import links_of, mapping, text
from catalog_builder.site.wording import Wording
from catalog_builder.stac.model import Json

LICENCE_PAGES = {
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC-BY-SA-4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
    "CC-BY-NC-4.0": "https://creativecommons.org/licenses/by-nc/4.0/",
}
"""Pages of licences that people read more easily than the SPDX text."""


class Registered(Protocol):
    """A row of a register with its validity."""

    @property
    def code(self) -> str: ...
    @property
    def valid_from(self) -> date | None: ...
    @property
    def valid_to(self) -> date | None: ...


Row = TypeVar("Row", bound=Registered)


def current(rows: Iterable[Row], code: str, on: date | None) -> Row | None:
    """The row of ``code`` valid on ``on``; without a date, or with none valid, the one that began last."""
    same = sorted((r for r in rows if r.code == code), key=lambda r: r.valid_from or date.min)
    valid = [r for r in same if on and (r.valid_from or date.min) <= on <= (r.valid_to or date.max)]
    best = valid or same
    return best[-1] if best else None


def agency(definition: Definition, code: str | None) -> Agency | None:
    return None if code is None else current(definition.agencies, code, _day(definition))


def agency_name(definition: Definition, code: str, say: Wording) -> str:
    """The agency's name, or its code while the register lacks it."""
    row = agency(definition, code)
    return code if row is None else _name(row.name_vi, row.name_en, say)


def project_name(definition: Definition, code: str, say: Wording) -> str:
    row = current(definition.projects, code, _day(definition))
    return code if row is None else _name(row.name_vi, row.name_en, say)


def theme_name(definition: Definition, code: str, say: Wording) -> str:
    row = current(definition.themes, code, _day(definition))
    return code if row is None else _name(row.name_vi, row.name_en, say)


def collection_definition(definition: Definition, code: str) -> CollectionDefinition | None:
    return next((c for c in definition.collections if c.id == code), None)


def collection_title(definition: Definition, code: str, json: Mapping[str, Any], say: Wording) -> str:
    """The title from the definition in the page's language, else what the collection JSON says."""
    defined = collection_definition(definition, code)
    return localised(defined.title, say.language) if defined else str(json.get("title") or code)


def licence(definition: Definition, code: str, json: Mapping[str, Any], say: Wording) -> tuple[str, str | None]:
    """The licence of a collection in words and the address of its text."""
    defined = collection_definition(definition, code)
    spdx = defined.license if defined else str(json.get("license") or "other")
    title = localised(defined.license_title, say.language) if defined and defined.license_title else spdx
    address = (defined.license_url if defined else None) or LICENCE_PAGES.get(spdx)
    if address is None and spdx not in ("other", "proprietary", "various"):
        address = f"https://spdx.org/licenses/{spdx}.html"
    return title, address if address and address.startswith(("http://", "https://")) else None


def item_licence(definition: Definition, collection: Mapping[str, Any], item: Json, code: str, say: Wording) -> tuple[str, str | None]:
    """The licence of an item: its own words and link where an order gives it one, else that of its collection."""
    properties = mapping(item.get("properties"))
    own = text(properties.get("cb:licence")) or text(properties.get("license"))
    title, address = licence(definition, code, collection, say)
    if own is None or own == (collection.get("license") or own):
        return title, address
    linked = next((h for link in links_of(item, "license") if (h := text(link.get("href")))), LICENCE_PAGES.get(own))
    return own, linked if linked and linked.startswith(("http://", "https://")) else None


def _name(vietnamese: str, english: str, say: Wording) -> str:
    return vietnamese if say.language == "vi" else english or vietnamese


def _day(definition: Definition) -> date | None:
    return definition.as_of.date() if definition.as_of else None
