"""The home page: what this is, where and when there is imagery, and what came last."""

from __future__ import annotations

from dataclasses import dataclass

from catalog_builder.i18n import N_
from catalog_builder.release.model import Page, PlacedCollection
from catalog_builder.site.charts import strip, years_of
from catalog_builder.site.markdown import first_words, markdown
from catalog_builder.site.registers import collection_definition
from catalog_builder.site.site import Site, folder_page
from catalog_builder.site.structured import as_script, catalogue
from catalog_builder.site.views import StripView, calendar_view, card, coverage_view
from catalog_builder.site.wording import Wording

NEWEST = 8


@dataclass(frozen=True, slots=True)
class CollectionRow:
    """A collection on the home page."""

    href: str
    title: str
    count: str
    years: str
    strip: StripView | None


def home_page(site: Site, say: Wording) -> Page:
    path = site.addresses.page("index.html", say.language)
    title, description = site.title(say), site.description(say)
    frame = site.frame(
        "index.html",
        say,
        title,
        first_words(description),
        stac=("catalog.json", "application/json"),
        image=next((i.thumbnail for i in site.items if i.thumbnail), None),
        structured=as_script(
            catalogue(title, first_words(description), say.language, site.addresses.absolute(path), site.publisher(say)),
        ),
    )
    covered = site.coverage
    shown = coverage_view(site, path, covered, site.items, say(N_("Coverage of the catalogue by cells")), say) if covered else None
    return site.paint(
        "home.html.j2",
        frame,
        lead=markdown(description),
        figures=_figures(site, say),
        collections=tuple(_row(site, path, c, say) for c in _in_order(site)),
        map=shown,
        bounded=bool(shown and shown.boundaries),
        cell_size=say.number(covered.step) if covered else "",
        newest=tuple(card(site, path, item, say) for item in site.items[:NEWEST]),
        calendar=calendar_view(site.items, say),
        catalog_json=site.href(path, "catalog.json"),
        search=site.href(path, "search/index.html", say),
        about=site.href(path, "about/index.html", say),
    )


def _figures(site: Site, say: Wording) -> tuple[str, ...]:
    """The line above the title: how much, from when to when."""
    figures = [say.count(len(site.items), N_("{n} scene"), N_("{n} scenes"))]
    if site.period:
        figures.append(say.years(*site.period))
    figures.append(say.count(len(site.release.collections), N_("{n} collection"), N_("{n} collections")))
    return tuple(figures)


def _in_order(site: Site) -> list[PlacedCollection]:
    """Collections in the order of the definition, then by id."""

    def position(placed: PlacedCollection) -> tuple[int, str]:
        defined = collection_definition(site.definition, placed.id)
        return (defined.order if defined else 1_000_000, placed.id)

    return sorted(site.release.collections, key=position)


def _row(site: Site, page: str, placed: PlacedCollection, say: Wording) -> CollectionRow:
    years = years_of(placed.items)
    span = say.years(min(years), max(years)) if years else ""
    view = None
    if years and site.period:
        first, last = site.period
        view = StripView(
            strip(years, first, last), (last - first + 1) * 10, say(N_("Scenes per year, {years}"), years=say.years(first, last))
        )
    return CollectionRow(
        href=site.href(page, folder_page(placed.path), say),
        title=site.collection_title(placed.id, say),
        count=say.count(len(placed.items), N_("{n} scene"), N_("{n} scenes")),
        years=span,
        strip=view,
    )
