"""The page about the catalogue: who runs it, how to use its data, licences, accessibility; and the page for what is not there."""

from __future__ import annotations

from catalog_builder.i18n import N_
from catalog_builder.release.model import Page
from catalog_builder.resources import assets_dir
from catalog_builder.site.facts import Fact
from catalog_builder.site.frame import Link
from catalog_builder.site.markdown import markdown
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
        licences=tuple(
            (
                Link(site.collection_title(c.id, say), site.href(page, folder_page(c.path), say)),
                Link(*(part or "" for part in licence(site.definition, c.id, c.json, say))),
            )
            for c in site.release.collections
        ),
        snippets=catalogue_snippets(site.addresses.absolute("catalog.json") or "catalog.json", say),
        catalog_json=site.href(page, "catalog.json"),
        asset_licences=site.href(page, "assets/licences.txt") if (assets_dir() / "licences.txt").is_file() else "",
        release_id=site.release.id,
    )


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


def not_found_page(site: Site) -> Page:
    """``404.html`` at the root, in every language of the site: the host shows it for any address, so its links are absolute when
    the public address is known."""
    say = Wording(site.languages[0])
    frame = site.frame("404.html", say, say(N_("Page not found")), say(N_("There is nothing at this address.")), indexed=False)
    base = site.addresses.public or ""
    others = tuple(
        (language, Wording(language)(N_("Page not found")), Wording(language)(N_("There is nothing at this address.")),
         Wording(language)(N_("Go to the catalogue")), base + site.addresses.page("index.html", language))
        for language in site.languages
    )  # fmt: skip
    return site.paint("404.html.j2", frame, texts=others, base=base)
