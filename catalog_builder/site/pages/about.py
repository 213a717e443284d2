"""The page about the catalogue: who runs it, how to use its data, licences, accessibility; and the page for what is not there."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from catalog_builder.i18n import N_
from catalog_builder.release.model import Page, PlacedCollection
from catalog_builder.resources import assets_dir
from catalog_builder.site.addresses import is_remote, resolved, root_of
from catalog_builder.site.facts import Fact
from catalog_builder.site.frame import Link
from catalog_builder.site.markdown import markdown
from catalog_builder.site.reading import links_of, text
from catalog_builder.site.registers import agency, licence
from catalog_builder.site.site import Site, folder_page
from catalog_builder.site.snippets import catalogue_snippets
from catalog_builder.site.wording import Wording


def about_page(site: Site, say: Wording) -> Page:
    path = "about/index.html"
    page = site.addresses.page(path, say.language)
    title = say(N_("About"))
    frame = site.frame(
        path,
        say,
        title,
        say(N_("About {catalogue}: who runs it, how to use its data, licences and accessibility."), catalogue=site.title(say)),
        crumbs=(Link(say(N_("Catalogue")), site.href(page, "index.html", say)), Link(title, current=True)),
        stac=("catalog.json", "application/json"),
    )
    return site.paint(
        "about.html.j2",
        frame,
        lead=markdown(site.description(say)),
        contact=_contact(site, say),
        licences=tuple(_licence(site, page, collection, say) for collection in site.release.collections),
        snippets=catalogue_snippets(site.addresses.absolute("catalog.json") or "catalog.json", say),
        catalog_json=site.href(page, "catalog.json"),
        tables=_tables(site, page),
        asset_licences=site.href(page, "assets/licences.txt") if (assets_dir() / "licences.txt").is_file() else "",
    )


def _licence(site: Site, page: str, collection: PlacedCollection, say: Wording) -> tuple[Link, Link]:
    """A collection and its licence."""
    title, address = licence(site.definition, collection.id, collection.json, say)
    return Link(site.collection_title(collection.id, say), site.href(page, folder_page(collection.path), say)), Link(title, address or "")


def _contact(site: Site, say: Wording) -> tuple[Fact, ...]:
    """The office that runs the catalogue, as the register has it."""
    row = agency(site.definition, site.definition.host)
    if row is None:
        return ()
    told = (
        (N_("Managing agency"), site.publisher(say) or ""),
        (N_("Address"), row.address),
        (N_("Telephone"), row.phone),
        (N_("E-mail"), row.email),
        (N_("Web site"), row.url),
    )
    return tuple(Fact(say(label), value) for label, value in told if value)


def _tables(site: Site, page: str) -> tuple[Link, ...]:
    """The item table of the whole catalogue (GeoParquet), where the release has one."""
    found = []
    for link in links_of(site.release.catalog, "items"):
        reference = resolved("", text(link.get("href")) or "/")
        if reference and not is_remote(reference):
            found.append(Link(reference, root_of(page) + reference))
    return tuple(found)


def not_found_page(site: Site) -> Page:
    """``404.html`` at the root, in every language of the site. The host shows it for an address of any depth, so its links begin at the
    root of whichever host that is: with the path of the public address, or, while that is unknown, as if the release lay at the root."""
    say = Wording(site.languages[0])
    frame = site.frame("404.html", say, say(N_("Page not found")), say(N_("There is nothing at this address.")), indexed=False)
    base = urlsplit(site.addresses.public or "/").path
    placed = replace(
        frame,
        root=base,
        home=base + frame.home,
        tongues=(),
        canonical=None,
        navigation=tuple(link._replace(href=base + link.href) for link in frame.navigation),
        footer=tuple(link._replace(href=base + link.href) for link in frame.footer),
    )
    texts = tuple(_lost(site, base, Wording(language)) for language in site.languages)
    return site.paint("404.html.j2", placed, texts=texts)


def _lost(site: Site, base: str, say: Wording) -> tuple[str, str, str, tuple[Link, ...]]:
    """What to say in one language: language, heading, text and where to go."""
    reason = say(N_("There is nothing at this address. What stood here may have been withdrawn or may have another address now."))
    ways = (("index.html", say(N_("Go to the catalogue"))), ("search/index.html", say(N_("Search the catalogue"))))
    links = tuple(Link(title, base + site.addresses.page(path, say.language)) for path, title in ways)
    return say.language, say(N_("Page not found")), reason, links
