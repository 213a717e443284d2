"""The page of one scene: the picture at once, the facts, the bands, what to take away, and where every value comes from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import orjson
import shapely
from shapely.errors import ShapelyError

from catalog_builder.i18n import N_
from catalog_builder.release.model import Page, PlacedItem
from catalog_builder.site import codes
from catalog_builder.site.addresses import encoded, is_remote
from catalog_builder.site.basemap import Window, svg_path
from catalog_builder.site.coverage import locator_window
from catalog_builder.site.facts import main_facts, more_facts
from catalog_builder.site.frame import Link
from catalog_builder.site.live import live_map
from catalog_builder.site.pages.collection import crumbs
from catalog_builder.site.pages.item_tables import band_rows, file_rows
from catalog_builder.site.reading import AssetView, links_of, mapping, number, sequence, text
from catalog_builder.site.registers import collection_title, item_licence
from catalog_builder.site.scene import Scene, per_scene
from catalog_builder.site.setting import Setting
from catalog_builder.site.sheet import printed_sheet
from catalog_builder.site.shown import Neighbour, ShownScene
from catalog_builder.site.site import compare_path, folder_page, spoken_title
from catalog_builder.site.snippets import item_snippets
from catalog_builder.site.structured import as_script, dataset, temporal
from catalog_builder.site.views import MapView, map_view, scene_code
from catalog_builder.site.wording import Wording


@dataclass(frozen=True, slots=True)
class Picture:
    """The preview, with the proportions of the image and the coordinates of the corners of its extent."""

    src: str
    width: int | None
    height: int | None
    alt: str
    corners: tuple[str, ...]


class SourceRow(NamedTuple):
    """Where one value comes from."""

    name: str
    key: str
    source: str


class NeighbourRow(NamedTuple):
    """A scene taken before or after over the same place; ``compare`` leads to the page that shows both."""

    href: str
    compare: str
    when: str
    title: str
    thumbnail: str | None
    is_earlier: bool


def item_page(site: Setting, shown: ShownScene, scene: Scene, say: Wording) -> Page:
    """The page of ``scene`` in one language."""
    item, json, placed = scene.item, scene.json, shown.collection
    path = folder_page(item.path)
    page = site.addresses.page(path, say.language)
    root = "../" * page.count("/")
    when = say.acquired_day(item.start, item.end, text(scene.properties.get("vn:datetime_precision")))
    licence_title, licence_page = item_licence(site.definition, placed.json, json, item.collection, say)
    picture = scene_picture(scene, root, say)
    located = _locator(site, scene, say)
    title = spoken_title(item, say, text(scene.properties.get("vn:datetime_precision")))
    frame = site.frame(
        path,
        say,
        title if title == item.title else f"{title} – {scene_code(item)}",
        _summary(scene, say, when),
        crumbs=crumbs(site, page, placed, shown.trail, say, last=title),
        stac=(item.path, "application/geo+json"),
        image=_preview_path(scene),
        structured=_structured(site, scene, say, page, licence_page, when),
    )
    return site.paint(
        "item.html.j2",
        frame,
        heading=title,
        code="" if title == item.title else scene_code(item),
        collection_title=collection_title(site.definition, placed.id, placed.json, say),
        description=text(scene.properties.get("description")),
        picture=picture,
        sheet=printed_sheet(scene, frame.canonical, say),
        live=live_map(scene, root, say, site.boundaries) if picture else None,
        facts=main_facts(scene, say),
        groups=more_facts(scene, say),
        bands=band_rows(scene, say),
        files=file_rows(scene, root, say),
        json_href=site.href(page, item.path),
        json_size=say.size(item.json_size),
        snippets=_snippets(site, scene, say),
        citation=_citation(site, scene, say, page, when),
        licence_title=licence_title,
        licence_page=licence_page,
        sources=_sources(scene, say),
        derived=_derived(scene, say),
        neighbours=tuple(_neighbour(site, page, item, other, say) for other in shown.neighbours),
        map=located,
        bounded=bool((located and located.boundaries) or (item.bbox and site.boundaries.around(item.bbox))),
    )


def _summary(scene: Scene, say: Wording, when: str) -> str:
    """A sentence for search engines and for sharing."""
    item = scene.item
    parts = [item.platform or "", when, say.metres(item.gsd) if item.gsd is not None else ""]
    if item.cloud_cover is not None:
        parts.append(say(N_("cloud {cover}"), cover=say.percent(item.cloud_cover)))
    return ", ".join([item.title, *filter(None, parts)])


@per_scene
def _preview(scene: Scene) -> AssetView | None:
    """The largest picture a browser can show: role ``overview``, else ``thumbnail``, only web formats."""
    shown = [a for a in scene.assets if (a.media_type or "").startswith(("image/jpeg", "image/png", "image/webp")) and a.reference]
    ranked = [a for role in ("overview", "visual", "thumbnail") for a in shown if role in a.roles]
    return next((a for a in shown if a.key == "preview"), ranked[0] if ranked else None)


def _preview_path(scene: Scene) -> str | None:
    preview = _preview(scene)
    return preview.reference if preview and preview.reference and not is_remote(preview.reference) else scene.item.thumbnail


def scene_picture(scene: Scene, root: str, say: Wording) -> Picture | None:
    """The preview of a scene as a page at ``root`` shows it; None without one."""
    preview = _preview(scene)
    local = preview is not None and preview.reference is not None and not is_remote(preview.reference)
    if not local and scene.item.thumbnail is None:
        return None
    src = root + (preview.reference or "" if local and preview else encoded(scene.item.thumbnail or ""))
    places: tuple[tuple[float, float], ...] = ()
    if scene.item.bbox:  # not vn:corners: those are of the vendor's scene, of which the picture may be a part
        west, south, east, north = scene.item.bbox
        places = ((west, north), (east, north), (east, south), (west, south))
    width, height = _proportions(scene.main_asset)
    return Picture(
        src=src,
        width=width,
        height=height,
        alt=say(N_("Preview of {title}"), title=spoken_title(scene.item, say)),
        corners=tuple(f"{say.latitude(lat, 3)} {say.longitude(lon, 3)}" for lon, lat in places),
    )


def _proportions(main: AssetView | None) -> tuple[int | None, int | None]:
    """Width and height that reserve the place of the preview before it has loaded: the image's own, at 1024 px."""
    if main is None or not main.width or not main.height:
        return None, None
    scale = 1024 / max(main.width, main.height)
    return max(1, round(main.width * scale)), max(1, round(main.height * scale))


def _snippets(site: Setting, scene: Scene, say: Wording) -> Any:
    main = scene.main_asset
    raster = main.reference if main else None
    if raster is not None and not is_remote(raster) and site.addresses.public:
        raster = site.addresses.public + raster
    record = site.addresses.absolute(scene.item.path) or encoded(scene.item.path)
    return item_snippets(raster, record, len(main.bands) if main else 0, say)


def _citation(site: Setting, scene: Scene, say: Wording, page: str, when: str) -> str:
    """Publisher (year). Title. Catalogue. Address. The year is of the acquisition: a release has no date of its own."""
    publisher = site.publisher(say) or site.title(say)
    address = site.addresses.absolute(page) or scene.item.id
    catalogue = site.title(say)
    parts = [f"{publisher} ({scene.item.start.year}). {scene.item.title}."]
    if catalogue != publisher:
        parts.append(f"{catalogue}.")
    return " ".join([*parts, address])


def _sources(scene: Scene, say: Wording) -> tuple[SourceRow, ...]:
    return tuple(SourceRow(codes.property_name(key, say), key, source) for key, source in _provenance(scene))


@per_scene
def _provenance(scene: Scene) -> list[tuple[str, str]]:
    """Names of values and their sources, those that have a title in the order of the titles."""
    told = {str(key): source for key, value in mapping(scene.properties.get("cb:provenance")).items() if (source := text(value))}
    titled, others = (key for key in codes.PROPERTY if key in told), sorted(told.keys() - codes.PROPERTY.keys())
    return [(key, told[key]) for key in (*titled, *others)]


def _derived(scene: Scene, say: Wording) -> tuple[Link, ...]:
    """What the scene was made from, as its links say. Only web addresses and files of the release become links."""
    found = []
    for source in map(mapping, sequence(scene.properties.get("cb:sources"))):
        size = number(source.get("size"))
        if name := text(source.get("name")):
            found.append(Link(f"{name} · {say.size(int(size))}" if size is not None else name))
    for link in links_of(scene.json, "derived_from", "via", "source"):
        href = text(link.get("href")) or ""
        found.append(Link(text(link.get("title")) or href, href if href.startswith(("https://", "http://")) else ""))
    return tuple(found)


def _neighbour(site: Setting, page: str, item: PlacedItem, shown: Neighbour, say: Wording) -> NeighbourRow:
    other = shown.item
    newer = item if shown.is_earlier else other
    return NeighbourRow(
        href=site.href(page, folder_page(other.path), say),
        compare=site.href(page, compare_path(newer), say) if shown.is_compared else "",
        when=say.acquired_day(other.start, other.end),
        title=other.platform or other.title,
        thumbnail=site.href(page, other.thumbnail) if other.thumbnail else None,
        is_earlier=shown.is_earlier,
    )


def _locator(site: Setting, scene: Scene, say: Wording) -> MapView | None:
    """Where the scene lies: its true footprint and cross-hairs through its middle."""
    if scene.item.bbox is None:
        return None
    plain = map_view(locator_window(scene.item.bbox), say(N_("Location of the scene")), say, site.boundaries)
    shape, cross = _place(scene, scene.item.bbox)
    return replace(plain, shape=shape, cross=cross)


@per_scene
def _place(scene: Scene, box: tuple[float, float, float, float]) -> tuple[str, tuple[float, float]]:
    """The footprint as a path, and the middle of its ``box``."""
    west, south, east, north = box
    window = locator_window(box)
    middle_x = (west + east) / 2 if west <= east else ((west + east + 360) / 2 + 180) % 360 - 180
    cross = (round(window.x(middle_x), 1), round(window.y((south + north) / 2), 1))
    return _footprint(scene, window), cross


def _footprint(scene: Scene, window: Window) -> str:
    """The footprint as a path; empty when the geometry cannot be read."""
    try:
        geometry = shapely.from_geojson(orjson.dumps(scene.json.get("geometry")))
    except ShapelyError:
        return ""
    return svg_path(shapely.simplify(geometry, 0.5 / window.scale_x), window)


def _structured(site: Setting, scene: Scene, say: Wording, page: str, licence_page: str | None, when: str) -> Any:
    item, main = scene.item, scene.main_asset
    record = site.addresses.absolute(item.path)
    downloads = [(record, "application/geo+json")] if record else []
    if main and main.reference and (is_remote(main.reference) or site.addresses.public):
        downloads.append(
            (main.reference if is_remote(main.reference) else f"{site.addresses.public}{main.reference}", main.media_type or "")
        )
    return as_script(
        dataset(
            name=item.title,
            description=_summary(scene, say, when),
            language=say.language,
            identifier=item.id,
            url=site.addresses.absolute(page),
            licence=licence_page,
            creator=site.publisher(say),
            coverage=temporal(item),
            box=item.bbox,
            catalogue_name=site.title(say),
            downloads=tuple(downloads),
        )
    )
