"""Who stands behind the data: providers, contacts as an office, licence. From registers with validity dates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from catalog_builder.definition.model import CollectionDefinition, Definition, Order, Provider, localised
from catalog_builder.definition.registers import Agency
from catalog_builder.stac.model import Json

OTHER_LICENCE = "other"
_SPDX = re.compile(r"^[A-Za-z0-9][A-Za-z0-9.+-]*$")
_E164 = re.compile(r"^\+[1-9][0-9]{3,14}$")


def language_of(definition: Definition) -> str:
    """The language in which core texts are written: the definition's first."""
    return definition.languages[0] if definition.languages else "vi"


def publication_date(definition: Definition) -> date | None:
    """The day for which registers are read: the publication time given by the publisher, never the clock."""
    return definition.as_of.date() if definition.as_of else None


def agency_at(agencies: Iterable[Agency], code: str, day: date | None) -> Agency | None:
    """The row of the office ``code`` valid on ``day``; without a day the row that is still valid or ended last."""
    rows = [a for a in agencies if a.code == code]
    if day is not None:
        rows = [a for a in rows if (a.valid_from is None or a.valid_from <= day) and (a.valid_to is None or day <= a.valid_to)]
    return max(rows, key=lambda a: (a.valid_to or date.max, a.valid_from or date.min), default=None)


def providers(definition: Definition, collection: CollectionDefinition) -> list[Json]:
    """STAC providers of ``collection``, with the managing agency as host; names in the definition's first language."""
    found = [p for row in collection.providers if (p := _provider(definition, row))]
    host = _host(definition)
    if host is not None and not any("host" in p.get("roles", ()) for p in found):
        entry = next((p for p in found if p["name"] == agency_name(host, language_of(definition))), None)
        if entry is None:
            found.append(_entry(agency_name(host, language_of(definition)), ("host",), host.url))
        else:
            entry["roles"] = [*entry["roles"], "host"]
    return found


def _provider(definition: Definition, row: Provider) -> Json | None:
    roles = tuple(r.value for r in row.roles)
    if row.agency is None:
        return _entry(row.name, roles, row.url) if row.name else None
    agency = agency_at(definition.agencies, row.agency, publication_date(definition))
    return None if agency is None else _entry(agency_name(agency, language_of(definition)), roles, row.url or agency.url)


def _entry(name: str, roles: Sequence[str], url: str | None) -> Json:
    entry: Json = {"name": name, "roles": list(roles)}
    return {**entry, "url": url} if url else entry


def agency_name(agency: Agency, language: str) -> str:
    return agency.name_en if language == "en" and agency.name_en else agency.name_vi


def _host(definition: Definition) -> Agency | None:
    return agency_at(definition.agencies, definition.host, publication_date(definition)) if definition.host else None


def contacts(definition: Definition) -> list[Json]:
    """The managing agency as a contact (contacts extension 0.1.1): an office, never a person."""
    host = _host(definition)
    if host is None:
        return []
    name = agency_name(host, language_of(definition))
    contact: Json = {"name": name, "organization": name, "identifier": host.code}
    phone = international(host.phone, "vn" in definition.profile)
    if phone:
        contact["phones"] = [{"value": phone, "roles": ["work"]}]
    elif host.phone:
        contact["contactInstructions"] = [host.phone]
    if host.email:
        contact["emails"] = [{"value": host.email, "roles": ["work"]}]
    if host.address:
        contact["addresses"] = [{"deliveryPoint": [host.address]}]
    if host.url:
        contact["links"] = [{"rel": "about", "href": host.url, "type": "text/html", "title": name}]
    contact["roles"] = ["host"]
    return [contact]


def international(phone: str, vietnamese: bool) -> str | None:
    """``phone`` in E.164 form (``+842033835123``); a leading 0 becomes +84 in a catalogue with the Vietnamese profile only."""
    digits = re.sub(r"[\s().-]", "", phone)
    if vietnamese and digits.startswith("0"):
        digits = "+84" + digits[1:]
    return digits if _E164.match(digits) else None


def spdx_or_other(licence: str) -> str:
    """``licence`` where it has the form of an SPDX identifier, else ``other`` (STAC 1.1.0)."""
    return licence if _SPDX.match(licence) else OTHER_LICENCE


def licence_of(collection: CollectionDefinition, order: Order | None) -> str:
    """The licence of a scene: its order's where it was bought, else its collection's."""
    return spdx_or_other(order.licence if order else collection.license)


def licence_links(definition: Definition, collection: CollectionDefinition, order: Order | None) -> list[Json]:
    """The ``license`` link, required where the licence is ``other``."""
    href = order.licence_url if order else collection.license_url
    if not href:
        return []
    title = order.licence if order else collection.license
    if order is None and collection.license_title:
        title = localised(collection.license_title, language_of(definition))
    return [{"rel": "license", "href": href, "type": "text/html", "title": title}]
