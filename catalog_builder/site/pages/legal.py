"""Licences of what the catalogue holds and of the site itself; and the statement on accessibility."""

from __future__ import annotations

from dataclasses import dataclass

from catalog_builder.i18n import N_
from catalog_builder.release.model import Page, PlacedCollection
from catalog_builder.resources import assets_dir
from catalog_builder.site.frame import Frame, Link
from catalog_builder.site.registers import agency, licence
from catalog_builder.site.site import Site, folder_page
from catalog_builder.site.wording import Wording


@dataclass(frozen=True, slots=True)
class LicenceRow:
    """A collection, its licence and how many scenes it holds."""

    collection: Link
    licence: Link
    count: str


def licences_page(site: Site, say: Wording) -> Page:
    page, frame = _framed(site, "licences/index.html", say(N_("Licences")), say(N_("Under which licences the images may be used.")), say)
    return site.paint(
        "licences.html.j2",
        frame,
        rows=tuple(_row(site, page, c, say) for c in site.release.collections),
        asset_licences=site.href(page, "assets/licences.txt") if (assets_dir() / "licences.txt").is_file() else "",
    )


def accessibility_page(site: Site, say: Wording) -> Page:
    title, summary = say(N_("Accessibility")), say(N_("How these pages can be used by everyone, and what is known to be missing."))
    _, frame = _framed(site, "accessibility/index.html", title, summary, say)
    office = agency(site.definition, site.definition.host)
    return site.paint("accessibility.html.j2", frame, email=office.email if office else "", phone=office.phone if office else "")


def _framed(site: Site, path: str, title: str, summary: str, say: Wording) -> tuple[str, Frame]:
    page = site.addresses.page(path, say.language)
    links = (Link(say(N_("Catalogue")), site.href(page, "index.html", say)), Link(title, current=True))
    return page, site.frame(path, say, title, summary, crumbs=links)


def _row(site: Site, page: str, collection: PlacedCollection, say: Wording) -> LicenceRow:
    title, address = licence(site.definition, collection.id, collection.json, say)
    return LicenceRow(
        Link(site.collection_title(collection.id, say), site.href(page, folder_page(collection.path), say)),
        Link(title, address or ""),
        say.number(len(collection.items)),
    )
