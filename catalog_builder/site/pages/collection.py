"""The pages of a collection and of its partitions (years, months): what is in it, from when, where, under which licence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from heapq import nsmallest
from urllib.parse import quote

from markupsafe import Markup

from catalog_builder.definition.model import localised
from catalog_builder.i18n import N_
from catalog_builder.release.model import Page, PlacedCollection, PlacedItem, PromisedPage
from catalog_builder.site.coverage import extent, window_over
from catalog_builder.site.facts import Fact
from catalog_builder.site.frame import Link
from catalog_builder.site.markdown import first_words, markdown
from catalog_builder.site.pages.listing import Sheet, pager, sheet_title, sheets
from catalog_builder.site.reading import assets_of, links_of, mapping, sequence, text
from catalog_builder.site.registers import agency_name, collection_definition, collection_title, licence
from catalog_builder.site.setting import Setting
from catalog_builder.site.shown import Part, ShownCollection, ShownPart, Step, page_key, walk
from catalog_builder.site.site import Site, folder_page
from catalog_builder.site.structured import as_script, dataset
from catalog_builder.site.views import MapView, calendar_view, card, map_view, outlines
from catalog_builder.site.wording import NOTHING, Wording
from catalog_builder.times import to_stac

NEWEST = 12


@dataclass(frozen=True, slots=True)
class PartRow:
    """A partition in the table of its parent."""

    href: str
    title: str
    count: str
    cloud: str
    platforms: str


@dataclass(frozen=True, slots=True)
class Download:
    """A file of the whole collection."""

    href: str
    title: str
    note: str


def collection_pages(site: Site, placed: PlacedCollection, say: Wording) -> Iterator[Page | PromisedPage]:
    """The collection's page (its items in several pages when it has no partitions) and the pages of its partitions."""
    yield from _collection(site, placed, say)
    for trail, part in walk(site.parts[placed.id]):
        yield from _part_pages(site.setting, ShownPart(part, site.shown_collections[placed.id], trail), say)


def _collection(site: Site, placed: PlacedCollection, say: Wording) -> Iterator[Page]:
    parts = site.parts[placed.id]
    folder, title = placed.path.rsplit("/", 1)[0], site.collection_title(placed.id, say)
    listed = sheets(folder, placed.items if not placed.partitions else placed.items[:NEWEST])
    shown = _map(site, placed.items, say)
    for sheet in listed:
        page = site.addresses.page(sheet.path, say.language)
        description = _description(site, placed, say)
        licence_title, licence_page = licence(site.definition, placed.id, placed.json, say)
        frame = site.frame(
            sheet.path,
            say,
            sheet_title(title, sheet, say),
            first_words(description or title),
            crumbs=(Link(say(N_("Catalogue")), site.href(page, "index.html", say)), Link(title, current=True)),
            stac=(placed.path, "application/json"),
            image=next((i.thumbnail for i in placed.items if i.thumbnail), None),
            structured=_structured(site, placed, say, title, description, page, licence_page) if sheet.number == 1 else None,
        )
        yield site.paint(
            "collection.html.j2",
            frame,
            lead=markdown(description) if description else "",
            facts=_facts(site, placed, say),
            licence_title=licence_title,
            licence_page=licence_page,
            keywords=_keywords(site, placed, say),
            rows=_parts(site, page, parts, say),
            calendar=calendar_view(placed.items, say, _year_links(site, page, parts, say)),
            map=shown,
            bounded=bool(shown and shown.boundaries),
            cards=tuple(card(site, page, item, say) for item in sheet.items),
            search=f"{site.href(page, 'search/index.html', say)}?collection={quote(placed.id)}",
            only_newest=bool(placed.partitions),
            pager=pager(site, page, folder, sheet, say),
            first=sheet.number == 1,
            downloads=_downloads(site, page, placed, say),
        )


def _part_pages(site: Setting, shown: ShownPart, say: Wording) -> Iterator[PromisedPage]:
    """The pages of a partition: its scenes, or the newest below it."""
    folder, key = shown.part.step.path.rsplit("/", 1)[0], page_key(site, shown)
    for sheet in sheets(folder, shown.part.items or _newest(shown.part)):
        yield PromisedPage(site.addresses.page(sheet.path, say.language), key, partial(_part_page, site, shown, folder, sheet, say))


def _part_page(site: Setting, shown: ShownPart, folder: str, sheet: Sheet, say: Wording) -> Page:
    page = site.addresses.page(sheet.path, say.language)
    below = tuple(shown.part.below)
    drawn = _map(site, below, say)
    count = say.count(len(below), N_("{n} scene"), N_("{n} scenes"))
    collection = collection_title(site.definition, shown.collection.id, shown.collection.json, say)
    title = say(N_("{collection} · {part}"), collection=collection, part=step_title(shown.part.step, say))
    frame = site.frame(
        sheet.path,
        say,
        sheet_title(title, sheet, say),
        f"{title}: {count}",
        crumbs=crumbs(site, page, shown.collection, shown.trail, say),
        stac=(shown.part.step.path, "application/json"),
        image=next((i.thumbnail for i in below if i.thumbnail), None),
    )
    return site.paint(
        "partition.html.j2",
        frame,
        count=count,
        rows=_parts(site, page, shown.part.parts, say),
        only_newest=not shown.part.items,
        map=drawn,
        bounded=bool(drawn and drawn.boundaries),
        cards=tuple(card(site, page, item, say) for item in sheet.items),
        pager=pager(site, page, folder, sheet, say),
        json_href=site.href(page, shown.part.step.path),
    )


def _newest(part: Part) -> tuple[PlacedItem, ...]:
    return tuple(nsmallest(NEWEST, part.below, key=lambda i: (-i.start.timestamp(), i.id)))


def step_title(step: Step, say: Wording) -> str:
    return step.title.get(say.language) or next(iter(step.title.values()), "") or "/".join(step.key)


def crumbs(
    site: Setting, page: str, placed: ShownCollection, trail: Sequence[Step], say: Wording, last: str | None = None
) -> tuple[Link, ...]:
    """The way from the home page to a partition, or to ``last`` inside it."""
    links = [
        Link(say(N_("Catalogue")), site.href(page, "index.html", say)),
        Link(collection_title(site.definition, placed.id, placed.json, say), site.href(page, folder_page(placed.path), say)),
        *(Link(step_title(p, say), site.href(page, folder_page(p.path), say)) for p in trail),
    ]
    if last is None:
        return (*links[:-1], Link(links[-1].title, current=True))
    return (*links, Link(last, current=True))


def _description(site: Site, placed: PlacedCollection, say: Wording) -> str:
    defined = collection_definition(site.definition, placed.id)
    return localised(defined.description, say.language) if defined else text(placed.json.get("description")) or ""


def _keywords(site: Site, placed: PlacedCollection, say: Wording) -> tuple[str, ...]:
    defined = collection_definition(site.definition, placed.id)
    if defined:
        return next((words for language, words in defined.keywords.items() if language == say.language), ())
    return tuple(t for t in map(text, sequence(placed.json.get("keywords"))) if t)


def _facts(site: Site, placed: PlacedCollection, say: Wording) -> tuple[Fact, ...]:
    items = placed.items
    facts = [Fact(say(N_("Scenes")), say.number(len(items)))]
    if items:
        first, last = min(i.start for i in items), max(i.end for i in items)
        facts.append(Fact(say(N_("Period")), say(N_("{first} to {last}"), first=say.day(first), last=say.day(last))))
    if platforms := sorted({i.platform for i in items if i.platform}):
        facts.append(Fact(say(N_("Satellite or platform")), ", ".join(platforms)))
    if resolutions := sorted({i.gsd for i in items if i.gsd is not None}):
        low, high = say.metres(resolutions[0]), say.metres(resolutions[-1])
        facts.append(Fact(say(N_("Ground resolution")), low if low == high else f"{low} – {high}"))
    facts += _provider_facts(site, placed, say)
    return tuple(facts)


ROLES = {
    "licensor": N_("Licensor"),
    "producer": N_("Producer"),
    "processor": N_("Processor"),
    "host": N_("Managing agency"),
}


def _provider_facts(site: Site, placed: PlacedCollection, say: Wording) -> list[Fact]:
    """Providers from the definition in the page's language, else from the collection JSON."""
    defined = collection_definition(site.definition, placed.id)
    if defined and defined.providers:
        named = [
            (agency_name(site.definition, p.agency, say) if p.agency else p.name or NOTHING, [role.value for role in p.roles])
            for p in defined.providers
        ]
    else:
        providers = map(mapping, sequence(placed.json.get("providers")))
        named = [(text(p.get("name")) or NOTHING, [str(r) for r in sequence(p.get("roles"))]) for p in providers]
    by_role = {role: [name for name, roles in named if role in roles] for role in ROLES}
    return [Fact(say(label), "; ".join(by_role[role])) for role, label in ROLES.items() if by_role[role]]


def _parts(site: Setting, page: str, parts: Sequence[Part], say: Wording) -> tuple[PartRow, ...]:
    rows = []
    for part in sorted(parts, key=lambda p: p.step.key, reverse=True):
        below = tuple(part.below)
        clouds = [i.cloud_cover for i in below if i.cloud_cover is not None]
        rows.append(
            PartRow(
                href=site.href(page, folder_page(part.step.path), say),
                title=step_title(part.step, say),
                count=say.number(len(below)),
                cloud=say.percent(sum(clouds) / len(clouds)) if clouds else NOTHING,
                platforms=", ".join(sorted({i.platform for i in below if i.platform})) or NOTHING,
            )
        )
    return tuple(rows)


def _year_links(site: Setting, page: str, parts: Sequence[Part], say: Wording) -> dict[int, str]:
    """Pages of years, where the partitions are years."""
    years = ((p.step.path, p.step.key[0]) for p in parts if len(p.step.key) == 1)
    return {int(key): site.href(page, folder_page(path), say) for path, key in years if key.isdecimal() and len(key) == 4}


def _map(site: Setting, items: Sequence[PlacedItem], say: Wording) -> MapView | None:
    box = extent(items)
    if box is None:
        return None
    window = window_over(box)
    whole = (
        round(window.x(box[0]), 1),
        round(window.y(box[3]), 1),
        round((box[2] - box[0]) * window.scale_x, 1),
        round((box[3] - box[1]) * window.scale_y, 1),
    )
    plain = map_view(window, say(N_("Extent of the scenes")), say, site.boundaries)
    return replace(plain, outlines=outlines(items, window) or (whole,))


def _downloads(site: Site, page: str, placed: PlacedCollection, say: Wording) -> tuple[Download, ...]:
    """The machine forms of the list: its JSON and what the collection offers as assets (``items.parquet``)."""
    found = [Download(site.href(page, placed.path), "collection.json", say(N_("STAC collection")))]
    folder = placed.path.rsplit("/", 1)[0]
    for asset in assets_of(placed.json, folder):
        if asset.reference is None:
            continue
        size = say.size(asset.size) if asset.size else ""
        href = asset.reference if asset.reference.startswith("http") else page.count("/") * "../" + asset.reference
        found.append(
            Download(href, asset.title_in(say.language) or asset.key, " · ".join(filter(None, (asset.reference.rsplit("/", 1)[-1], size))))
        )
    return tuple(found)


def _structured(
    site: Site, placed: PlacedCollection, say: Wording, title: str, description: str, page: str, licence_page: str | None
) -> Markup:
    items = placed.items
    period = f"{to_stac(min(i.start for i in items))}/{to_stac(max(i.end for i in items))}" if items else None
    url = site.addresses.absolute(placed.path)
    return as_script(
        dataset(
            name=title,
            description=description or title,
            language=say.language,
            identifier=placed.id,
            url=site.addresses.absolute(page),
            licence=licence_page or next((text(link.get("href")) for link in links_of(placed.json, "license")), None),
            creator=site.publisher(say),
            coverage=period,
            box=extent(items),
            catalogue_name=site.title(say),
            downloads=((url, "application/json"),) if url else (),
        )
    )
