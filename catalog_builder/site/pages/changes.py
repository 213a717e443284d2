"""What is new: scenes by the time of their publication, as a page and as an Atom feed.

Only times that the items carry are told. A release without them has no feed, because an entry without a time would need an
invented one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from markupsafe import escape

from catalog_builder.i18n import N_
from catalog_builder.release.model import Page, PlacedItem
from catalog_builder.site.frame import Link
from catalog_builder.site.site import Site, spoken_title
from catalog_builder.site.views import Card, card
from catalog_builder.site.wording import Wording
from catalog_builder.times import in_vietnam, to_stac

FEED = "changes/feed.xml"


@dataclass(frozen=True, slots=True)
class Day:
    """What was published on one day."""

    title: str
    cards: tuple[Card, ...]


def changes_page(site: Site, say: Wording) -> Page:
    path = "changes/index.html"
    page = site.addresses.page(path, say.language)
    title = say(N_("Changes"))
    frame = site.frame(
        path,
        say,
        title,
        say(N_("The scenes that were published last in {catalogue}."), catalogue=site.title(say)),
        crumbs=(Link(say(N_("Catalogue")), site.href(page, "index.html", say)), Link(title, current=True)),
        indexed=False,
    )
    published = site.published
    days = [tuple(group) for _, group in groupby(published, key=lambda entry: in_vietnam(entry[0]).date())]
    return site.paint(
        "changes.html.j2",
        frame,
        days=tuple(Day(say.day(group[0][0]), tuple(card(site, page, item, say) for _, item in group)) for group in days),
        feed=site.href(page, FEED, say) if has_feed(site) else "",
        release_json=site.href(page, "release.json"),
    )


def feed_pages(site: Site) -> Iterator[Page]:
    """The Atom feed (RFC 4287) in every language; entries need times and addresses, so without either there is none."""
    for language in site.languages if has_feed(site) else ():
        yield Page(site.addresses.page(FEED, language), _feed(site, site.published, Wording(language)).encode())


def has_feed(site: Site) -> bool:
    return site.is_public and site.addresses.public is not None and bool(site.published)


def _feed(site: Site, published: tuple[tuple[datetime, PlacedItem], ...], say: Wording) -> str:
    own = site.addresses.absolute(site.addresses.page(FEED, say.language)) or ""
    home = site.addresses.absolute(site.addresses.page("changes/index.html", say.language)) or ""
    author = site.publisher(say) or site.title(say)
    entries = "".join(_entry(site, when, item, say) for when, item in published)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{say.language}">\n'
        f"<title>{escape(site.title(say))}</title>\n<id>{escape(own)}</id>\n<updated>{to_stac(published[0][0])}</updated>\n"
        f'<link rel="self" type="application/atom+xml" href="{escape(own)}"/>\n'
        f'<link rel="alternate" type="text/html" href="{escape(home)}"/>\n'
        f"<author><name>{escape(author)}</name></author>\n{entries}</feed>\n"
    )


def _entry(site: Site, when: datetime, item: PlacedItem, say: Wording) -> str:
    address = site.scene_address(item, say) or ""
    record = site.addresses.absolute(item.path) or ""
    return (
        f"<entry><title>{escape(spoken_title(item, say))}</title><id>{escape(address)}</id><updated>{to_stac(when)}</updated>"
        f'<link rel="alternate" type="text/html" href="{escape(address)}"/>'
        f'<link rel="related" type="application/geo+json" href="{escape(record)}"/>'
        f"<summary>{escape(say.acquired_day(item.start, item.end))}</summary></entry>\n"
    )
