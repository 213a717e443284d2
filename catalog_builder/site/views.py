"""Views that several pages share: cards of scenes, maps, calendars, strips. All texts are ready; templates only place them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from catalog_builder.i18n import N_
from catalog_builder.release.model import PlacedItem
from catalog_builder.site.basemap import Basemap, Window, basemap
from catalog_builder.site.boundaries import Boundaries
from catalog_builder.site.charts import Bar, Month, calendar, years_of
from catalog_builder.site.coverage import Coverage, boxes
from catalog_builder.site.setting import Setting
from catalog_builder.site.site import spoken_title
from catalog_builder.site.wording import Wording
from catalog_builder.times import to_stac

MAX_OUTLINES = 24
"""Outlines of single scenes are drawn on a map up to this number; beyond it they would only be a blot."""


@dataclass(frozen=True, slots=True)
class Card:
    """A scene in a list. ``json`` leads to its record where its page needs a script."""

    href: str
    thumbnail: str | None
    title: str
    code: str
    when: str
    iso: str
    notes: tuple[str, ...]
    json: str = ""


@dataclass(frozen=True, slots=True)
class CellView:
    """A cell of a coverage map: a rectangle in map units that links to its page."""

    href: str
    x: float
    y: float
    width: float
    height: float
    level: int
    label: str
    count: str


@dataclass(frozen=True, slots=True)
class MapView:
    """A map: the basemap, what lies on it, and its words. ``boundaries`` is a path, ``outlines`` are rectangles, ``shape`` a footprint
    path, ``cross`` a point."""

    base: Basemap
    label: str
    meridians: tuple[tuple[float, str], ...]
    parallels: tuple[tuple[float, str], ...]
    boundaries: str = ""
    cells: tuple[CellView, ...] = ()
    outlines: tuple[tuple[float, float, float, float], ...] = ()
    shape: str = ""
    cross: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """A row of the calendar; ``href`` leads to the year's page when there is one."""

    year: int
    href: str
    months: tuple[Month, ...]
    total: str


@dataclass(frozen=True, slots=True)
class StripView:
    """An activity strip of ``width`` units over the catalogue's period."""

    bars: tuple[Bar, ...]
    width: int
    label: str


def card(site: Setting, page: str, item: PlacedItem, say: Wording) -> Card:
    """``item`` as seen from ``page``."""
    title = spoken_title(item, say)
    notes = [item.platform] if item.platform and title == item.title else []
    if item.gsd is not None:
        notes.append(say.metres(item.gsd))
    if item.cloud_cover is not None:
        notes.append(say(N_("cloud {cover}"), cover=say.percent(item.cloud_cover)))
    return Card(
        href=site.scene_href(page, item, say),
        thumbnail=site.href(page, item.thumbnail) if item.thumbnail else None,
        title=title,
        code="" if title == item.title else scene_code(item),
        when=say.acquired_day(item.start, item.end) if title == item.title else "",
        iso=to_stac(item.start) if item.start == item.end else "",
        notes=tuple(notes),
        json=site.href(page, item.path) if site.on_demand else "",
    )


def scene_code(item: PlacedItem) -> str:
    """The vendor's code at the end of the item's title."""
    return item.title.rsplit(" ", 1)[-1]


@lru_cache(maxsize=256)
def map_view(window: Window, label: str, say: Wording, boundaries: Boundaries) -> MapView:
    """The bare map of ``window`` with the degrees at its edge."""
    base = basemap(window)
    return MapView(
        base=base,
        label=label,
        meridians=tuple((t.at, say.minutes(t.degrees, is_longitude=True)) for t in base.meridians if 20 < t.at < base.width - 20),
        parallels=tuple((t.at, say.minutes(t.degrees, is_longitude=False)) for t in base.parallels if 20 < t.at < base.height - 12),
        boundaries=_path(boundaries, window),
    )


@lru_cache(maxsize=256)
def _path(boundaries: Boundaries, window: Window) -> str:
    """For all languages once."""
    return boundaries.path(window)


def coverage_view(site: Setting, page: str, covered: Coverage, items: Sequence[PlacedItem], label: str, say: Wording) -> MapView:
    """The coverage index: cells that link to their pages, and outlines while the scenes are few."""
    plain, window = map_view(covered.window, label, say, site.boundaries), covered.window
    cells = []
    for cell in covered.cells:
        west, south, east, north = cell.box
        corner = f"{say.latitude(south, 2)}, {say.longitude(west, 2)}"
        count = say.count(cell.count, N_("{n} scene"), N_("{n} scenes"))
        cells.append(
            CellView(
                href=site.href(page, f"cells/{cell.key}/index.html", say),
                x=round(window.x(west) + 0.75, 1),
                y=round(window.y(north) + 0.75, 1),
                width=round((east - west) * window.scale_x - 1.5, 1),
                height=round((north - south) * window.scale_y - 1.5, 1),
                level=cell.level,
                label=say(N_("Cell {corner}: {count}"), corner=corner, count=count),
                count=count,
            )
        )
    return replace(plain, cells=tuple(cells), outlines=outlines(items, window) if len(covered.cells) < 4 else ())


def outlines(items: Sequence[PlacedItem], window: Window) -> tuple[tuple[float, float, float, float], ...]:
    """x, y, width, height of each scene's box; nothing when they are too many."""
    if len(items) > MAX_OUTLINES:
        return ()
    return tuple(
        (
            round(window.x(west), 1),
            round(window.y(north), 1),
            round(max((east - west) * window.scale_x, 1.5), 1),
            round(max((north - south) * window.scale_y, 1.5), 1),
        )
        for item in items
        for west, south, east, north in boxes(item)
    )


def calendar_view(items: Sequence[PlacedItem], say: Wording, links: dict[int, str] | None = None) -> tuple[CalendarYear, ...]:
    """The acquisition calendar, one row per year; ``links`` by year. A year's total holds what is known by year only as well."""
    years, known = years_of(items), links or {}
    return tuple(CalendarYear(row[0].year, known.get(row[0].year, ""), row, say.number(years[row[0].year])) for row in calendar(items))
