"""Pages of places: the administrative units whose outline the agency gives, with the newest scenes over each; and their list.

A unit of the register that belongs to another leads to it, and that one names the units within it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import shapely

from catalog_builder.i18n import N_
from catalog_builder.release.model import Page
from catalog_builder.site.basemap import svg_path
from catalog_builder.site.coverage import SHOWN_PER_CELL, window_over
from catalog_builder.site.frame import Link
from catalog_builder.site.places import Place
from catalog_builder.site.site import Site
from catalog_builder.site.views import MapView, card, map_view, outlines
from catalog_builder.site.wording import Wording

INDEX = "places/index.html"

SMALLEST_MAP = 0.2
"""Degrees that the map of a place shows at least: closer, the coastline of the basemap has nothing to tell."""


def place_pages(site: Site, say: Wording) -> Iterator[Page]:
    """The list and every place; nothing where there is no place."""
    if site.places:
        yield _index(site, say)
    for place in site.places:
        yield _page(site, place, say)


def name(place: Place, say: Wording) -> str:
    return place.unit.name_vi if say.language == "vi" else place.unit.name_en or place.unit.name_vi


def _count(place: Place, say: Wording) -> str:
    return say.count(len(place.items), N_("{n} scene"), N_("{n} scenes"))


def _index(site: Site, say: Wording) -> Page:
    page = site.addresses.page(INDEX, say.language)
    title = say(N_("Places"))
    summary = say(N_("Administrative units with scenes in {catalogue}."), catalogue=site.title(say))
    frame = site.frame(INDEX, say, title, summary, crumbs=(_home(site, page, say), Link(title, current=True)))
    rows = tuple(
        (_link(site, page, place, say), parent and _link(site, page, parent, say), place.unit.code, say.number(len(place.items)))
        for place in site.places
        for parent in (_parent(site, place),)
    )
    return site.paint("places.html.j2", frame, rows=rows, nested=any(parent for _, parent, _, _ in rows))


def _page(site: Site, place: Place, say: Wording) -> Page:
    page = site.addresses.page(place.path, say.language)
    title, count = name(place, say), _count(place, say)
    frame = site.frame(
        place.path,
        say,
        title,
        f"{title}: {count}",
        crumbs=_crumbs(site, page, place, say),
        stac=("catalog.json", "application/json"),
    )
    west, south, east, north = place.box
    return site.paint(
        "place.html.j2",
        frame,
        count=count,
        inner=tuple((_link(site, page, p, say), _count(p, say)) for p in site.places if _parent(site, p) is place),
        shown=say.number(SHOWN_PER_CELL),
        search=f"{site.href(page, 'search/index.html', say)}?bbox={west:.4f},{south:.4f},{east:.4f},{north:.4f}",
        is_cut=len(place.items) > SHOWN_PER_CELL,
        cards=tuple(card(site, page, item, say) for item in place.items[:SHOWN_PER_CELL]),
        map=_map(site, place, say),
        bounded=True,
        caption=say(N_("Outline given by the agency, WGS 84")),
        search_title=say(N_("Search in the box of this place")),
    )


def _crumbs(site: Site, page: str, place: Place, say: Wording) -> tuple[Link, ...]:
    parent = _parent(site, place)
    between = (_link(site, page, parent, say),) if parent else ()
    return (_home(site, page, say), Link(say(N_("Places")), site.href(page, INDEX, say)), *between, Link(name(place, say), current=True))


def _parent(site: Site, place: Place) -> Place | None:
    """The place to which ``place`` belongs by the register, when that one has a page."""
    return next((p for p in site.places if p.unit.code == place.unit.parent and p is not place), None)


def _link(site: Site, page: str, place: Place, say: Wording) -> Link:
    return Link(name(place, say), site.href(page, place.path, say))


def _home(site: Site, page: str, say: Wording) -> Link:
    return Link(say(N_("Catalogue")), site.href(page, "index.html", say))


def _map(site: Site, place: Place, say: Wording) -> MapView:
    window = window_over(place.box, margin=0.15, smallest=SMALLEST_MAP)
    plain = map_view(window, say(N_("Location of the place")), say, site.boundaries)
    return replace(
        plain,
        outlines=outlines(place.items, window),
        shape=svg_path(shapely.simplify(place.outline, 0.5 / window.scale_x), window),
    )
