"""The page of one cell of the coverage map: the newest scenes over it."""

from __future__ import annotations

from dataclasses import replace

from catalog_builder.i18n import N_
from catalog_builder.release.model import Page
from catalog_builder.site.coverage import Cell, locator_window
from catalog_builder.site.frame import Link
from catalog_builder.site.setting import Setting
from catalog_builder.site.views import MapView, card, map_view
from catalog_builder.site.wording import Wording


def cell_path(cell: Cell) -> str:
    return f"cells/{cell.key}/index.html"


def cell_page(site: Setting, cell: Cell, say: Wording) -> Page:
    path = cell_path(cell)
    page = site.addresses.page(path, say.language)
    west, south, east, north = cell.box
    title = say(
        N_("Scenes over {south} – {north}, {west} – {east}"),
        south=say.minutes(south, is_longitude=False),
        north=say.minutes(north, is_longitude=False),
        west=say.minutes(west, is_longitude=True),
        east=say.minutes(east, is_longitude=True),
    )
    count = say.count(cell.count, N_("{n} scene"), N_("{n} scenes"))
    frame = site.frame(
        path,
        say,
        title,
        f"{title}: {count}",
        crumbs=(Link(say(N_("Catalogue")), site.href(page, "index.html", say)), Link(title, current=True)),
        stac=("catalog.json", "application/json"),
        indexed=False,
    )
    shown = _map(site, cell, say)
    return site.paint(
        "cell.html.j2",
        frame,
        count=count,
        shown=say.number(len(cell.newest)),
        search=f"{site.href(page, 'search/index.html', say)}?bbox={west:g},{south:g},{east:g},{north:g}",
        is_cut=len(cell.newest) < cell.count,
        cards=tuple(card(site, page, item, say) for item in cell.newest),
        map=shown,
        bounded=bool(shown.boundaries),
        caption=say(N_("Location of the cell, WGS 84")),
        search_title=say(N_("Search in this cell")),
    )


def _map(site: Setting, cell: Cell, say: Wording) -> MapView:
    west, south, east, north = cell.box
    window = locator_window(cell.box)
    plain = map_view(window, say(N_("Location of the cell")), say, site.boundaries)
    shape = (
        round(window.x(west), 1),
        round(window.y(north), 1),
        round(max((east - west) * window.scale_x, 3.0), 1),
        round(max((north - south) * window.scale_y, 3.0), 1),
    )
    cross = (round(window.x((west + east) / 2), 1), round(window.y((south + north) / 2), 1))
    return replace(plain, outlines=(shape,), cross=cross)
