"""From a release to the files of its site."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from catalog_builder.definition.model import Access
from catalog_builder.findings import Finding
from catalog_builder.release.model import Page, PromisedPage, Release
from catalog_builder.site.addresses import RESERVED
from catalog_builder.site.assets import asset_pages, missing_assets
from catalog_builder.site.boundaries import FILE as BOUNDARIES
from catalog_builder.site.findings import NO_PUBLIC_ADDRESS, RESERVED_NAME
from catalog_builder.site.machine import closed_robots, robots, sitemap
from catalog_builder.site.pages.about import about_page, not_found_page
from catalog_builder.site.pages.cell import cell_page, cell_path
from catalog_builder.site.pages.changes import changes_page, feed_pages
from catalog_builder.site.pages.collection import collection_pages
from catalog_builder.site.pages.compare import compare_page
from catalog_builder.site.pages.guide import guide_page
from catalog_builder.site.pages.home import home_page
from catalog_builder.site.pages.item import item_page
from catalog_builder.site.pages.legal import accessibility_page, licences_page
from catalog_builder.site.pages.on_demand import on_demand_page
from catalog_builder.site.pages.place import place_pages
from catalog_builder.site.pages.qa import qa_page
from catalog_builder.site.pages.search import search_page
from catalog_builder.site.places import missing_outlines
from catalog_builder.site.scene import Scenes
from catalog_builder.site.search import index_pages, search_index
from catalog_builder.site.setting import Setting
from catalog_builder.site.shown import ShownScene, page_key
from catalog_builder.site.site import Site, compare_path, folder_page
from catalog_builder.site.travelling import ScenePage
from catalog_builder.site.wording import Wording

UNLISTED = ("404.html", "cells/", "changes/", "qa/", "scene/")
"""Pages that a sitemap does not name: lists that only repeat others, and the work of the editors. Comparisons neither."""


def render(release: Release) -> Iterator[Page | PromisedPage]:
    """All pages and assets of the site of ``release``, one at a time, in a fixed order. Those of scenes, partitions
    and cells, nearly all of a large site, are promised: what they show is in their keys."""
    site = Site(release)
    yield from asset_pages()
    if site.boundaries.key:
        yield Page(BOUNDARIES, site.boundaries.file)
    listed: list[str] = []
    for page in _pages(site):
        listed.append(page.path)
        yield page
    yield from index_pages(search_index(site))
    yield from feed_pages(site)
    yield from _machine_files(site, listed)


def problems(release: Release) -> tuple[Finding, ...]:
    """What is wrong with, or missing for, the site of ``release``; errors mean that it must not be rendered."""
    found = [RESERVED_NAME(f"collections/{c.id}.toml", name=c.id) for c in release.collections if c.id in RESERVED]
    if release.definition.public_address is None and release.audience is Access.PUBLIC:
        found.append(NO_PUBLIC_ADDRESS("catalog.toml"))
    return (*found, *missing_outlines(release.definition), *missing_assets())


def _pages(site: Site) -> Iterator[Page | PromisedPage]:
    yield not_found_page(site)
    for language in site.languages:
        say = Wording(language)
        yield home_page(site, say)
        yield about_page(site, say)
        yield search_page(site, say)
        yield guide_page(site, say)
        yield changes_page(site, say)
        yield licences_page(site, say)
        yield accessibility_page(site, say)
        yield qa_page(site, say)
        if site.on_demand:
            yield on_demand_page(site, say)
        for cell in site.coverage.cells if site.coverage else ():
            yield PromisedPage(
                site.addresses.page(cell_path(cell), language), page_key(site.setting, cell), partial(cell_page, site.setting, cell, say)
            )
        yield from place_pages(site, say)
        for collection in site.release.collections:
            yield from collection_pages(site, collection, say)
    for shown in () if site.on_demand else site.shown_scenes():
        yield from _scene_pages(site, shown)


def _scene_pages(site: Site, shown: ShownScene) -> Iterator[PromisedPage]:
    """The page of a scene in each language, and the one that compares it with the scene before it."""
    key = page_key(site.setting, shown)
    page, compared = folder_page(shown.item.path), compare_path(shown.item)
    for language in site.languages:
        say = Wording(language)
        yield PromisedPage(site.addresses.page(page, language), key, ScenePage(_item, site.setting, shown, site.scenes, say))
        if shown.before is not None:
            maker = ScenePage(_comparison, site.setting, shown, site.scenes, say)
            yield PromisedPage(site.addresses.page(compared, language), key, maker)


def _item(setting: Setting, shown: ShownScene, scenes: Scenes, say: Wording) -> Page:
    return item_page(setting, shown, scenes(shown.item), say)


def _comparison(setting: Setting, shown: ShownScene, scenes: Scenes, say: Wording) -> Page:
    assert shown.before is not None  # only such scenes have the page
    return compare_page(setting, shown, scenes(shown.before), scenes(shown.item), say)


def _machine_files(site: Site, paths: list[str]) -> Iterator[Page]:
    if not site.is_public:
        yield closed_robots()
    elif site.addresses.public is not None:
        prefixes = tuple(site.addresses.page(name, language) for name in UNLISTED for language in site.languages)
        yield from sitemap(
            site.addresses.public, (p for p in paths if not p.startswith(prefixes) and not p.endswith("/compare/index.html"))
        )
        yield robots(site.addresses.public)
