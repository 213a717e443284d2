"""Lists of scenes in pages of bounded length: ``index.html``, ``page-2.html``, …"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalog_builder.i18n import N_
from catalog_builder.release.model import PlacedItem
from catalog_builder.site.frame import Link
from catalog_builder.site.setting import Setting
from catalog_builder.site.wording import Wording

PER_PAGE = 48


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of a list: its path in the first language, its items, its number and how many there are."""

    path: str
    items: tuple[PlacedItem, ...]
    number: int
    count: int


def sheets(folder: str, items: Sequence[PlacedItem], per_page: int = PER_PAGE) -> tuple[Sheet, ...]:
    """``items`` cut into pages of ``folder``; one empty page for no items."""
    pieces = [tuple(items[i : i + per_page]) for i in range(0, len(items), per_page)] or [()]
    return tuple(Sheet(sheet_path(folder, n), piece, n, len(pieces)) for n, piece in enumerate(pieces, start=1))


def sheet_path(folder: str, number: int) -> str:
    return f"{folder}/index.html" if number == 1 else f"{folder}/page-{number}.html"


def pager(site: Setting, page: str, folder: str, sheet: Sheet, say: Wording) -> tuple[Link, ...]:
    """Links to all pages of a list, or to its ends and the near ones when there are many; none for a single page."""
    if sheet.count == 1:
        return ()
    near = {1, sheet.count, *range(sheet.number - 2, sheet.number + 3)}
    numbers = [n for n in range(1, sheet.count + 1) if n in near]
    return tuple(Link(say.number(n), site.href(page, sheet_path(folder, n), say), n == sheet.number) for n in numbers)


def sheet_title(title: str, sheet: Sheet, say: Wording) -> str:
    """``title``, and from the second page on its number, so that no two pages have one title."""
    return title if sheet.number == 1 else say(N_("{title}, page {n}"), title=title, n=sheet.number)
