"""The search page: a form that works as plain links would, and a script that answers it from the static index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from catalog_builder.i18n import N_
from catalog_builder.release.links import SCENE
from catalog_builder.release.model import Page
from catalog_builder.site import codes
from catalog_builder.site.coverage import Box, extent, window_over
from catalog_builder.site.frame import Link
from catalog_builder.site.live import around, words
from catalog_builder.site.registers import collection_definition, theme_name
from catalog_builder.site.search import sources
from catalog_builder.site.site import Site
from catalog_builder.site.views import map_view
from catalog_builder.site.wording import MONTHS, Wording

SCRIPT_WORDS = {
    "none": N_("No scene matches. Try fewer words, a longer period or a larger area."),
    "one": N_("{n} scene"),
    "many": N_("{n} scenes"),
    "cloud": N_("cloud {cover}"),
    "loading": N_("Loading the index …"),
    "failed": N_("The index could not be loaded. Browse by the map or the collections instead."),
    "disk": N_("From a disk, only catalogues of up to 5,000 scenes can be searched. Browse by the map or the collections instead."),
    "date": N_("This is not a date. Write day/month/year, month/year or a year."),
    "box": N_("This is not a box. Write west, south, east, north in degrees."),
    "keys": N_("Arrow keys move the box, with Shift its north-east corner; Enter takes it, Escape leaves it."),
    "taking": N_("The file is being made …"),
    "lost": N_("The file could not be made, because not all scenes could be read."),
    "onMap": N_("On the map"),
    "show": N_("Show on the map: {title}"),
    "opacity": N_("Opacity of {title}"),
    "up": N_("Move up"),
    "down": N_("Move down"),
    "remove": N_("Remove"),
    "upOf": N_("Move up: {title}"),
    "downOf": N_("Move down: {title}"),
    "removeOf": N_("Remove from the map: {title}"),
    "reading": N_("Loading the pictures …"),
    "mapFile": N_("Opened from a disk, there is no map to show scenes on."),
    "mapWebgl": N_("This browser cannot draw the map (no WebGL 2). Each scene has its preview on its own page."),
    "mapRange": N_("The server does not send parts of files (HTTP Range), which the map needs. Each scene's own page has its preview."),
    "mapFailed": N_("The map could not be opened. Each scene has its preview on its own page."),
    "noPicture": N_("No picture that this map can draw; the page of the scene says more."),
    "crosses": N_("Crosses the antimeridian, where this map ends; the page of the scene has a map of its own."),
    "gone": N_("This scene is no longer in the catalogue."),
}
"""Texts that the scripts put on the page."""

MOST_ON_MAP = 6
"""Scenes on the map at once: each keeps its tiles in the memory of the graphics card, and small ones have little of it."""


@dataclass(frozen=True, slots=True)
class Option:
    """A choice in a list of the form."""

    value: str
    title: str


def search_page(site: Site, say: Wording) -> Page:
    path = "search/index.html"
    page = site.addresses.page(path, say.language)
    title = say(N_("Search"))
    frame = site.frame(
        path,
        say,
        title,
        say(N_("Find scenes by place, time, cloud cover, collection and words, with or without diacritics.")),
        crumbs=(Link(say(N_("Catalogue")), site.href(page, "index.html", say)), Link(title, current=True)),
    )
    box, taken = extent(site.items), sources(site.items)
    window = window_over(box) if box else None
    shown = map_view(window, say(N_("Draw a box to search inside it")), say, site.boundaries) if window else None
    return site.paint(
        "search.html.j2",
        frame,
        collections=tuple(Option(c.id, site.collection_title(c.id, say)) for c in site.release.collections),
        platforms=tuple(Option(name, name) for name in sorted({platform for platform, _ in taken if platform})),
        sensors=tuple(Option(name, name) for name in sorted({name for _, names in taken for name in names})),
        themes=tuple(Option(code, theme_name(site.definition, code, say)) for code in _themes(site)),
        classes=tuple(Option(code, say(text)) for code, text in codes.RESOLUTION.items()),
        map=shown,
        bounded=bool((shown and shown.boundaries) or (box and site.boundaries.around(box))),
        window=f"{window.west:.6f},{window.south:.6f},{window.east:.6f},{window.north:.6f}" if window else "",
        settings=settings(site, page, say, box),
        has_places=bool(site.places),
        most=MOST_ON_MAP,
        several=not site.on_demand,
        scripts=tuple(site.href(page, f"assets/{name}.js") for name in ("search-index", "search-map", "search")),
        home=site.href(page, "index.html", say),
    )


def _themes(site: Site) -> tuple[str, ...]:
    """The themes of the collections of the release."""
    defined = (collection_definition(site.definition, c.id) for c in site.release.collections)
    return tuple(sorted({theme for d in defined if d for theme in d.themes}))


def scene_addresses(site: Site, page: str, say: Wording) -> tuple[str, str]:
    """What stands before and after the folder of a scene in the address of its page."""
    if site.on_demand:
        return f"{site.href(page, SCENE, say)}?item=", ""
    return "../" * page.count("/") + site.addresses.page("", say.language), "/index.html"


def settings(site: Site, page: str, say: Wording, box: Box | None) -> str:
    """What the script must know, as JSON in a data attribute."""
    root = "../" * page.count("/")
    told: dict[str, Any] = {
        "root": root,
        "scenes": scene_addresses(site, page, say),
        "language": say.language,
        "position": site.languages.index(say.language),
        "address": site.addresses.public,
        "catalogue": site.definition.id,
        "words": {**words(say), **{key: say(text) for key, text in SCRIPT_WORDS.items()}},
        "months": MONTHS,
        "most": MOST_ON_MAP,
        **({"bbox": list(box), **around(box, root, site.boundaries)} if box else {}),
    }
    return orjson.dumps(told).decode()
