"""How to get at the data with the tools people have, with the real addresses of this catalogue; and what a web server should send."""

from __future__ import annotations

from catalog_builder.i18n import N_
from catalog_builder.release.model import Page, PlacedItem
from catalog_builder.site.addresses import encoded, is_remote, resolved
from catalog_builder.site.frame import Link
from catalog_builder.site.reading import assets_of, links_of, text
from catalog_builder.site.site import Site
from catalog_builder.site.snippets import Snippet, guide_snippets
from catalog_builder.site.wording import Wording

SAMPLE = 50
"""Newest scenes among which one with a COG is looked for, to have a real address in the examples."""

HEADERS = (
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options: nosniff",
    "Referrer-Policy: no-referrer",
    "Strict-Transport-Security: max-age=31536000",
    "Access-Control-Allow-Origin: *",
    "Access-Control-Expose-Headers: Content-Length, Content-Range, ETag",
    "Accept-Ranges: bytes",
)
"""Headers under which every page works. The decoders of the map are a script of the release, so no worker-src is needed; nothing is
evaluated, so neither 'unsafe-eval' nor 'wasm-unsafe-eval' is."""


def guide_page(site: Site, say: Wording) -> Page:
    path = "guide/index.html"
    page = site.addresses.page(path, say.language)
    title = say(N_("Use the data"))
    frame = site.frame(
        path,
        say,
        title,
        say(N_("How to read {catalogue} from QGIS, Python, R, GDAL and DuckDB."), catalogue=site.title(say)),
        crumbs=(Link(say(N_("Catalogue")), site.href(page, "index.html", say)), Link(title, current=True)),
        stac=("catalog.json", "application/json"),
    )
    return site.paint(
        "guide.html.j2",
        frame,
        snippets=_snippets(site, say),
        has_address=site.addresses.public is not None,
        headers=Snippet(say(N_("Headers of the web server")), "\n".join(HEADERS)),
        search=site.href(page, "search/index.html", say),
        catalog_json=site.href(page, "catalog.json"),
    )


def _snippets(site: Site, say: Wording) -> tuple[Snippet, ...]:
    def address(reference: str) -> str:
        return reference if is_remote(reference) or site.addresses.public is None else site.addresses.public + reference

    table = next((r for link in links_of(site.release.catalog, "items") if (r := resolved("", text(link.get("href")) or "/"))), None)
    sample, box = next(((found, item.bbox) for item in site.items[:SAMPLE] if (found := _raster(item))), (None, None))
    first = site.items[0] if site.items else None
    return guide_snippets(
        root=address("catalog.json"),
        table=address(table) if table else None,
        raster=address(sample) if sample else None,
        record=address(encoded(first.path)) if first else None,
        box=box,
        say=say,
    )


def _raster(item: PlacedItem) -> str | None:
    """The first COG with data of an item."""
    return next((a.reference for a in assets_of(item.load(), item.folder) if "data" in a.roles and a.is_cog), None)
