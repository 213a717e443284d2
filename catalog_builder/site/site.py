"""The site of one release: what all pages share, computed once, and the way from a view to a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from markupsafe import Markup

from catalog_builder.definition.model import Access, localised
from catalog_builder.i18n import N_
from catalog_builder.release.model import Page, Partition, PlacedCollection, PlacedItem, Release
from catalog_builder.site.addresses import Addresses, relative, root_of
from catalog_builder.site.charts import years_of
from catalog_builder.site.coverage import Coverage, coverage
from catalog_builder.site.environment import environment
from catalog_builder.site.frame import LANGUAGE_NAMES, Frame, Link, Tongue
from catalog_builder.site.neighbours import Neighbours
from catalog_builder.site.places import Place, places
from catalog_builder.site.reading import mapping, moment
from catalog_builder.site.registers import agency_name, collection_title
from catalog_builder.site.wording import Wording

SECTIONS: tuple[tuple[str, str], ...] = (
    ("index.html", N_("Catalogue")),
    ("search/index.html", N_("Search")),
    ("guide/index.html", N_("Use the data")),
    ("qa/index.html", N_("Quality")),
    ("about/index.html", N_("About")),
)
"""The main navigation. A new section is a line here and a module of pages."""

FOOTER: tuple[tuple[str, str], ...] = (
    ("changes/index.html", N_("Changes")),
    ("licences/index.html", N_("Licences")),
    ("accessibility/index.html", N_("Accessibility")),
)
"""Links at the foot of every page."""

PLACES = ("places/index.html", N_("Places"))
"""The list of places, which only catalogues with outlines have."""

PUBLISHED = 100
"""Newest publications that the page of changes and the feed tell."""

CODE_LENGTH, CODE_DIGITS = 12, 4
"""A word this long with this many digits is a vendor's code and not a name."""


class Site:
    """A release and everything its pages need from more than one item. Read-only after construction."""

    def __init__(self, release: Release) -> None:
        self.release = release
        self.definition = release.definition
        address = release.definition.public_address
        self.addresses = Addresses(tuple(release.definition.languages), None if address is None else address.rstrip("/") + "/")
        self.items = release.items
        self.is_public = release.audience is Access.PUBLIC

    @property
    def languages(self) -> tuple[str, ...]:
        return self.addresses.languages

    @cached_property
    def coverage(self) -> Coverage | None:
        return coverage(self.items)

    @cached_property
    def neighbours(self) -> Neighbours:
        return Neighbours(self.items)

    @cached_property
    def places(self) -> tuple[Place, ...]:
        return places(self.definition, self.items)

    @cached_property
    def period(self) -> tuple[int, int] | None:
        """First and last year with scenes."""
        years = years_of(self.items)
        return (min(years), max(years)) if years else None

    @cached_property
    def trails(self) -> Mapping[tuple[str, str], tuple[Partition, ...]]:
        """For each item (collection, id) the partitions that lead to it from its collection."""
        return {
            (item.collection, item.id): trail
            for collection in self.release.collections
            for trail, partition in walk(collection.partitions)
            for item in partition.items
        }

    @cached_property
    def published(self) -> tuple[tuple[datetime, PlacedItem], ...]:
        """The newest publications with their times. Items are only read when the release was given a time to publish them under."""
        if self.definition.as_of is None:
            return ()
        told = ((mapping(item.load().get("properties")), item) for item in self.items)
        timed = [(when, i) for p, i in told if (when := moment(p.get("updated")) or moment(p.get("published"))) is not None]
        return tuple(sorted(timed, key=lambda entry: (-entry[0].timestamp(), entry[1].collection, entry[1].id))[:PUBLISHED])

    def collection(self, code: str) -> PlacedCollection:
        return next(c for c in self.release.collections if c.id == code)

    def title(self, say: Wording) -> str:
        return localised(self.definition.title, say.language)

    def description(self, say: Wording) -> str:
        return localised(self.definition.description, say.language)

    def publisher(self, say: Wording) -> str | None:
        """The agency that runs the catalogue, when the definition names one."""
        return agency_name(self.definition, self.definition.host, say) if self.definition.host else None

    def collection_title(self, code: str, say: Wording) -> str:
        return collection_title(self.definition, code, self.collection(code).json, say)

    def href(self, page: str, target: str, say: Wording | None = None) -> str:
        """``target`` as seen from ``page``: a page of the language of ``say``, or (without) a file that all languages share."""
        return relative(page, target if say is None else self.addresses.page(target, say.language))

    def frame(
        self,
        path: str,
        say: Wording,
        title: str,
        description: str,
        *,
        crumbs: tuple[Link, ...] = (),
        stac: tuple[str, str] | None = None,
        image: str | None = None,
        structured: Markup | None = None,
        indexed: bool = True,
    ) -> Frame:
        """The frame of the page ``path`` (its address in the first language). ``stac`` is the path and type of its STAC object."""
        own = self.addresses.page(path, say.language)
        return Frame(
            path=own,
            language=say.language,
            title=title,
            description=description,
            root=root_of(own),
            home=relative(own, self.addresses.page("index.html", say.language)),
            tongues=tuple(self._tongue(path, own, language, say) for language in self.languages),
            navigation=tuple(
                Link(say(text), relative(own, self.addresses.page(target, say.language)), target == path) for target, text in SECTIONS
            ),
            footer=tuple(
                Link(say(text), relative(own, self.addresses.page(target, say.language)), target == path) for target, text in self._footer
            ),
            crumbs=crumbs,
            canonical=self.addresses.absolute(own),
            stac=Link("STAC JSON", relative(own, stac[0])) if stac else None,
            stac_type=stac[1] if stac else "application/json",
            image=self.addresses.absolute(image) if image else None,
            structured=structured,
            indexed=indexed and self.is_public,
        )

    @cached_property
    def _footer(self) -> tuple[tuple[str, str], ...]:
        return ((PLACES, *FOOTER)) if self.places else FOOTER

    def _tongue(self, path: str, own: str, language: str, say: Wording) -> Tongue:
        other = self.addresses.page(path, language)
        return Tongue(language, LANGUAGE_NAMES[language], relative(own, other), self.addresses.absolute(other), language == say.language)

    def paint(self, template: str, frame: Frame, **views: Any) -> Page:
        """The page of ``frame``: ``template`` filled with ``views``."""
        say = Wording(frame.language)
        shared = {"site_title": self.title(say), "publisher": self.publisher(say), "audience": self.release.audience.value}
        html = environment(frame.language).get_template(template).render(page=frame, **shared, **views)
        return Page(frame.path, html.encode())


def spoken_title(item: PlacedItem, say: Wording, precision: str | None = None) -> str:
    """What a person would call a scene. A title that is a vendor's code ("SPOT-7 · DS_SPOT7_2015…") gives way to platform and date;
    the code stays beside it. A title in words stays."""
    code = item.title.rsplit(" ", 1)[-1]
    if len(code) < CODE_LENGTH or sum(c.isdigit() for c in code) < CODE_DIGITS:
        return item.title
    when = say.acquired_day(item.start, item.end, precision)
    return f"{item.platform}, {when}" if item.platform else when


def walk(partitions: tuple[Partition, ...], trail: tuple[Partition, ...] = ()) -> Iterator[tuple[tuple[Partition, ...], Partition]]:
    """Every partition with the trail that ends in it."""
    for partition in partitions:
        here = (*trail, partition)
        yield here, partition
        yield from walk(partition.partitions, here)


def items_below(partition: Partition) -> tuple[PlacedItem, ...]:
    """All items of a partition and of those below it."""
    return partition.items + tuple(item for child in partition.partitions for item in items_below(child))


def folder_page(path: str) -> str:
    """The page of a STAC object by the path of its JSON: ``index.html`` in the same folder."""
    folder, _, _ = path.rpartition("/")
    return f"{folder}/index.html" if folder else "index.html"


def compare_path(item: PlacedItem) -> str:
    """The page that compares ``item`` with the scene before it over the same place."""
    return f"{item.folder}/compare/index.html"
