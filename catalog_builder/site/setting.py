"""What all pages of a site share, whatever its scenes: texts, addresses, the frame around a page and the way from views to a page."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from catalog_builder.definition.model import Access, Definition, localised
from catalog_builder.i18n import N_
from catalog_builder.release.links import SCENE, scene_page
from catalog_builder.release.model import Page, PlacedItem
from catalog_builder.site.addresses import Addresses, relative, root_of
from catalog_builder.site.boundaries import drawn_boundaries
from catalog_builder.site.environment import environment
from catalog_builder.site.frame import LANGUAGE_NAMES, Frame, Link, Tongue
from catalog_builder.site.registers import agency_name
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


class Setting:
    """The setting of every page. Read-only; knows nothing of the items of the release, except whether there are ``places``."""

    def __init__(self, definition: Definition, audience: Access, has_places: bool) -> None:
        address = definition.public_address
        self.definition = definition
        self.audience = audience
        self.has_places = has_places
        self.addresses = Addresses(tuple(definition.languages), None if address is None else address.rstrip("/") + "/")
        self.is_public = audience is Access.PUBLIC
        self.boundaries = drawn_boundaries(definition)
        self.footer = (PLACES, *FOOTER) if has_places else FOOTER

    @property
    def key(self) -> str:
        """What pages of this setting show that the definition does not say: links at the foot, the day on which names are valid, and
        the boundaries in the file that it names."""
        return f"{self.footer} {self.definition.as_of and self.definition.as_of.date()} {self.boundaries.key}"

    @property
    def languages(self) -> tuple[str, ...]:
        return self.addresses.languages

    def title(self, say: Wording) -> str:
        return localised(self.definition.title, say.language)

    def description(self, say: Wording) -> str:
        return localised(self.definition.description, say.language)

    def publisher(self, say: Wording) -> str | None:
        """The agency that runs the catalogue, when the definition names one."""
        return agency_name(self.definition, self.definition.host, say) if self.definition.host else None

    def href(self, page: str, target: str, say: Wording | None = None) -> str:
        """``target`` as seen from ``page``: a page of the language of ``say``, or (without) a file that all languages share."""
        return relative(page, target if say is None else self.addresses.page(target, say.language))

    @property
    def on_demand(self) -> bool:
        """Whether one page shows every scene, in the browser, instead of a page for each."""
        return self.definition.site.item_pages == "on-demand"

    def scene_href(self, page: str, item: PlacedItem, say: Wording) -> str:
        """The page of ``item`` in the language of ``say``, as seen from ``page``."""
        if self.on_demand:
            return self.href(page, SCENE, say) + scene_page(item.folder).removeprefix(SCENE)
        return self.href(page, f"{item.folder}/index.html", say)

    def scene_address(self, item: PlacedItem, say: Wording) -> str | None:
        """The public address of the page of ``item``; None without one."""
        if self.addresses.public is None:
            return None
        return self.addresses.public + self.scene_href("", item, say)

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
                Link(say(text), relative(own, self.addresses.page(target, say.language)), target == path) for target, text in self.footer
            ),
            crumbs=crumbs,
            canonical=self.addresses.absolute(own),
            stac=Link("STAC JSON", relative(own, stac[0])) if stac else None,
            stac_type=stac[1] if stac else "application/json",
            image=self.addresses.absolute(image) if image else None,
            structured=structured,
            indexed=indexed and self.is_public,
        )

    def _tongue(self, path: str, own: str, language: str, say: Wording) -> Tongue:
        other = self.addresses.page(path, language)
        return Tongue(language, LANGUAGE_NAMES[language], relative(own, other), self.addresses.absolute(other), language == say.language)

    def paint(self, template: str, frame: Frame, *, bounded: bool = False, **views: Any) -> Page:
        """The page of ``frame``: ``template`` filled with ``views``. ``bounded``: a map on it shows boundaries, which its foot says."""
        say = Wording(frame.language)
        shared = {"site_title": self.title(say), "publisher": self.publisher(say), "audience": self.audience.value, "bounded": bounded}
        html = environment(frame.language).get_template(template).render(page=frame, **shared, **views)
        return Page(frame.path, html.encode())
