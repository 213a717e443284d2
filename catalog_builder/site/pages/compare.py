"""Two dates of one place: the previews side by side, and a map with a divider where the browser can draw it."""

from __future__ import annotations

from dataclasses import dataclass

from catalog_builder.i18n import N_
from catalog_builder.release.model import Page
from catalog_builder.site.frame import Link
from catalog_builder.site.live import compare_map
from catalog_builder.site.pages.collection import crumbs
from catalog_builder.site.pages.item import Picture, scene_picture
from catalog_builder.site.reading import text
from catalog_builder.site.scene import Scene
from catalog_builder.site.setting import Setting
from catalog_builder.site.shown import ShownScene
from catalog_builder.site.site import compare_path, folder_page, spoken_title
from catalog_builder.site.wording import Wording


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two scenes."""

    picture: Picture | None
    when: str
    title: str
    href: str
    notes: str


def compare_page(site: Setting, shown: ShownScene, earlier: Scene, later: Scene, say: Wording) -> Page:
    """The page that compares ``later``, the scene of ``shown``, with the one before it; both have a picture."""
    path = compare_path(later.item)
    page = site.addresses.page(path, say.language)
    root = "../" * page.count("/")
    sides = (_side(site, page, earlier, root, say), _side(site, page, later, root, say))
    title = say(N_("{before} and {after}"), before=sides[0].when, after=sides[1].when)
    trail = crumbs(site, page, shown.collection, shown.trail, say, last="")[:-1]
    frame = site.frame(
        path,
        say,
        title,
        say(N_("The same place at two times: {before} and {after}."), before=sides[0].title, after=sides[1].title),
        crumbs=(*trail, Link(sides[1].title, sides[1].href), Link(say(N_("Compare")))),
        indexed=False,
    )
    settings = compare_map(earlier, later, root, say, site.boundaries)
    bounded = bool(settings and earlier.item.bbox and site.boundaries.around(earlier.item.bbox))
    return site.paint("compare.html.j2", frame, heading=title, sides=sides, settings=settings, bounded=bounded)


def _side(site: Setting, page: str, scene: Scene, root: str, say: Wording) -> Side:
    item, picture = scene.item, scene_picture(scene, root, say)
    notes = [item.platform or "", say.metres(item.gsd) if item.gsd is not None else ""]
    if item.cloud_cover is not None:
        notes.append(say(N_("cloud {cover}"), cover=say.percent(item.cloud_cover)))
    return Side(
        picture=picture,
        when=say.acquired_day(item.start, item.end, text(scene.properties.get("vn:datetime_precision"))),
        title=spoken_title(item, say),
        href=site.href(page, folder_page(item.path), say),
        notes=" · ".join(filter(None, notes)),
    )
