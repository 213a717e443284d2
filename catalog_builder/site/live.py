"""What the live map of a scene needs: its grid for proj4js, the picture for looking, the bands with their stretches.

Only files of the release are offered, because a page asks no other host for anything.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any
from zlib import crc32

import orjson
from pyproj import CRS
from pyproj.exceptions import CRSError

from catalog_builder.crs import Confidence, ResolvedCrs
from catalog_builder.crs.browser import browser_definition
from catalog_builder.i18n import N_
from catalog_builder.resources import assets_dir
from catalog_builder.site import codes
from catalog_builder.site.addresses import is_remote
from catalog_builder.site.basemap import NAMES, REGION
from catalog_builder.site.boundaries import FILE as BOUNDARIES
from catalog_builder.site.boundaries import Boundaries
from catalog_builder.site.coverage import Box
from catalog_builder.site.reading import AssetView, BandView, mapping, number, sequence, text
from catalog_builder.site.scene import Scene, per_scene
from catalog_builder.site.wording import Wording

GEOGRAPHIC = "EPSG:4326"
"""The grid that map libraries know without a definition."""

COMBINATIONS: tuple[tuple[str, tuple[str, str, str]], ...] = (
    (N_("Natural colour"), ("red", "green", "blue")),
    (N_("Colour infrared: vegetation red"), ("nir", "red", "green")),
    (N_("Colour infrared: vegetation red"), ("nir08", "red", "green")),
    (N_("Short-wave infrared: burnt land, moisture"), ("swir22", "nir", "red")),
    (N_("Short-wave infrared: burnt land, moisture"), ("swir22", "nir08", "red")),
    (N_("Water and mud flats"), ("nir", "swir16", "red")),
    (N_("Water and mud flats"), ("nir08", "swir16", "red")),
)
"""Band combinations that people know, by the common names of the EO extension."""

ODD_GRID = N_("The pixels of this scene stand on a sheared or mirrored grid, which the map cannot place rightly; the preview is shown.")

MOST_SHEAR = 0.01
"""Cosine of the angle between rows and columns up to which they count as perpendicular."""

NAME_MARGIN = 3.0
"""Degrees around a scene in which the names of seas and islands are passed on."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry of a list: the value for the script, the title for people."""

    value: str
    title: str


@dataclass(frozen=True, slots=True)
class LiveMap:
    """The live map of one page. ``settings`` is JSON for the script; ``looks`` the pictures to choose from, ``bands`` those that can
    be combined by hand (empty when there are fewer than two on one grid)."""

    settings: str
    looks: tuple[Choice, ...]
    bands: tuple[Choice, ...]
    data_size: str


@dataclass(frozen=True, slots=True)
class _Grid:
    """The pixel grid of an asset: shape (rows, columns), affine and box in CRS units."""

    shape: tuple[float, ...]
    transform: tuple[float, ...]
    box: tuple[float, ...]

    @property
    def is_drawable(self) -> bool:
        """Whether the map library draws it where it belongs: turned by any angle, but neither sheared nor with columns to the west
        (it mistakes those; openlayers#16870, measured in tests/browser/test_odd_grids.py)."""
        a, b, _, d, e, _ = self.transform[:6]
        shear = abs(a * b + d * e) / (math.hypot(a, d) * math.hypot(b, e) or 1.0)
        return a * e != b * d and shear <= MOST_SHEAR and not (b == d == 0 and a < 0)


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    """A band of an asset on a grid; ``number`` counts from 1, ``nodata`` as JSON. Equal only to itself."""

    asset: AssetView
    band: BandView
    number: int
    nodata: float | str | None
    grid: _Grid


def live_map(scene: Scene, root: str, say: Wording, boundaries: Boundaries) -> LiveMap | None:
    """The live map of ``scene``; None where the release holds no picture for it or its CRS has no definition for a browser. A grid
    that the map would draw in a wrong place is left to the preview, with the reason."""
    held = _held(scene)
    shown = _picture(scene, root, boundaries)
    if shown is None:
        odd = any("visual" in a.roles and a.is_cog for a in scene.assets) and any(not h.grid.is_drawable for h in held)
        return LiveMap(_json({"why": say(ODD_GRID)}), (), (), "") if odd else None
    grid = _grid_of_visual(scene)
    combinable = tuple(h for h in held if h.grid == grid)
    files, bands = _bands(scene)
    settings = {**shown, "files": [root + f for f in files], "bands": bands, "language": say.language, "words": words(say)}
    titles = {h: _title(h, say) for h in held}
    return LiveMap(
        settings=_json(settings),
        looks=_looks(titles, combinable, say),
        bands=tuple(Choice(str(n), title) for n, (h, title) in enumerate(titles.items()) if h in combinable) if len(combinable) > 1 else (),
        data_size=say.size(sum({h.asset.key: h.asset.size or 0 for h in held}.values())) if held else "",
    )


def compare_map(earlier: Scene, later: Scene, root: str, say: Wording, boundaries: Boundaries) -> str | None:
    """Settings of the map that compares two scenes, in the grid of the earlier one; None where one of them has no map."""
    first, second = (_picture(scene, root, boundaries) for scene in (earlier, later))
    return _json({**first, "second": second, "language": say.language, "words": words(say)}) if first and second else None


def _json(settings: Mapping[str, Any]) -> str:
    return orjson.dumps(settings).decode()


def _picture(scene: Scene, root: str, boundaries: Boundaries) -> dict[str, Any] | None:
    """Grid, extent, file and surroundings of the picture for looking."""
    visual = next((a for a in scene.assets if "visual" in a.roles and a.is_cog), None)
    grid, definition = _grid_of_visual(scene), _definition(scene)
    if not visual or not visual.reference or is_remote(visual.reference) or not grid or not definition or scene.item.bbox is None:
        return None
    code, text_of_definition = definition
    return {
        "crs": code,
        "definition": text_of_definition,
        "bbox": list(scene.item.bbox),
        "extent": list(grid.box),
        "columns": int(grid.shape[1]),
        "visual": root + visual.reference,
        **around(scene.item.bbox, root, boundaries),
    }


@cache
def words(say: Wording) -> dict[str, str]:
    """The sentences of the script."""
    return {
        "zoomIn": say(N_("Zoom in")),
        "zoomOut": say(N_("Zoom out")),
        "loading": say(N_("The map is loading; the preview stays until it is drawn.")),
        "file": say(N_("Opened from a disk: the preview is shown. Over a web server, this place has a map to zoom into.")),
        "webgl": say(N_("This browser cannot draw the map (no WebGL 2); the preview is shown.")),
        "range": say(N_("The server does not send parts of files (HTTP Range), which the map needs; the preview is shown.")),
        "failed": say(N_("The map could not be opened; the preview is shown.")),
        "bands": say(N_("These bands could not be shown together.")),
    }


def around(bbox: Box, root: str, boundaries: Boundaries) -> dict[str, Any]:
    """The coastline file for the surroundings of ``bbox``, the names within them, and the file of the boundaries where there are any."""
    west, south, east, north = bbox
    margin = max(1.5, east - west, north - south)
    inside = west - margin >= REGION[0] and south - margin >= REGION[1] and east + margin <= REGION[2] and north + margin <= REGION[3]
    name = "region" if inside else "world"
    near = [
        [f"{over} {title}".strip(), longitude, latitude]
        for over, title, longitude, latitude in NAMES
        if west - NAME_MARGIN <= longitude <= east + NAME_MARGIN and south - NAME_MARGIN <= latitude <= north + NAME_MARGIN
    ]
    there = (assets_dir() / "basemap" / f"{name}.json").is_file()
    ground = {"basemap": f"{root}assets/basemap/{name}.json" if there else "", "names": near}
    return {**ground, "boundaries": root + BOUNDARIES} if boundaries.around(bbox) else ground


@per_scene
def _definition(scene: Scene) -> tuple[str, str] | None:
    """Code and proj4js definition of the grid of the visual; the definition is empty for geographic WGS 84."""
    properties = scene.properties
    holder = properties if "proj:code" in properties else next(_crs_of_assets(scene), {})
    code, whole = text(holder.get("proj:code")), holder.get("proj:projjson")
    if code == GEOGRAPHIC:
        return code, ""
    operation = text(mapping(properties.get("vn:crs")).get("operation"))
    source = code or (json.dumps(whole, sort_keys=True) if isinstance(whole, Mapping) else None)
    found = _browser_definition(source, operation) if source else None
    return (code or f"catalogue:{crc32(found.encode()):08x}", found) if found else None


def _crs_of_assets(scene: Scene) -> Iterator[Mapping[str, Any]]:
    """The assets that name a CRS, those that the visual was made from first."""
    assets = mapping(scene.json.get("assets"))
    named = [*_rendered(scene), *map(str, assets)]
    return (found for key in named if "proj:code" in (found := mapping(assets.get(key))))


@lru_cache(maxsize=512)
def _browser_definition(source: str, operation: str | None) -> str | None:
    """The definition of an authority code or a PROJJSON text; None where there is none."""
    try:
        crs = CRS.from_user_input(source)
        resolved = ResolvedCrs(source, source if crs.to_authority() else None, crs.to_wkt(), Confidence.AUTHORITY, operation)
        return browser_definition(resolved)
    except CRSError:
        return None


def _rendered(scene: Scene) -> tuple[str, ...]:
    """Keys of the assets that the visual was made from."""
    renders = mapping(mapping(scene.properties.get("renders")).get("visual"))
    return tuple(t for t in map(text, sequence(renders.get("assets"))) if t)


@per_scene
def _grid_of_visual(scene: Scene) -> _Grid | None:
    """The grid that the visual has from what it was made from."""
    held, rendered = _held(scene), _rendered(scene)
    grids = [h.grid for h in held if h.asset.key in rendered] or [h.grid for h in held]
    return grids[0] if grids and grids[0].is_drawable else None


@per_scene
def _held(scene: Scene) -> tuple[_Held, ...]:
    """The bands of all data assets of the release that a browser can read in place."""
    written = mapping(scene.json.get("assets"))
    found = []
    for asset in scene.assets:
        json_of = mapping(written.get(asset.key))
        grid = _grid(json_of)
        if "data" not in asset.roles or not asset.is_cog or not asset.reference or is_remote(asset.reference) or grid is None:
            continue
        for n, (band, told) in enumerate(zip(asset.bands, sequence(json_of.get("bands")), strict=False), start=1):
            nodata = mapping(told).get("nodata", json_of.get("nodata"))
            found.append(_Held(asset, band, n, "nan" if nodata == "nan" else number(nodata), grid))
    return tuple(found)


def _grid(asset: Mapping[str, Any]) -> _Grid | None:
    fields = (asset.get("proj:shape"), asset.get("proj:transform"), asset.get("proj:bbox"))
    numbers = [tuple(n for n in map(number, sequence(f)) if n is not None) for f in fields]
    shape, transform, box = numbers
    return _Grid(shape, transform, box) if len(shape) == 2 and len(transform) >= 6 and len(box) == 4 else None


def _looks(titles: Mapping[_Held, str], combinable: Sequence[_Held], say: Wording) -> tuple[Choice, ...]:
    """The picture for looking, known combinations, bands by hand, single bands. ``titles`` of all bands, in their order."""
    place = {h: n for n, h in enumerate(titles)}
    by_name: dict[str, _Held] = {}
    for h in combinable:
        by_name.setdefault(h.band.common_name or "", h)
    looks = [Choice("visual", say(N_("Picture as published")))]
    for title, names in COMBINATIONS:
        if all(name in by_name for name in names):
            trio = [by_name[name] for name in names]
            bands = ", ".join(h.band.name for h in trio)
            looks.append(Choice(",".join(str(place[h]) for h in trio), f"{say(title)} ({bands})"))
    if len(combinable) > 1:
        looks.append(Choice("hand", say(N_("Bands of your choice"))))
    return (*looks, *(Choice(f"{n},{n},{n}", say(N_("Single band: {band}"), band=title)) for n, title in enumerate(titles.values())))


def _title(held: _Held, say: Wording) -> str:
    name = held.band.name if len(held.asset.bands) > 1 or held.band.name.casefold() != "1" else held.asset.key
    term = say(codes.BAND[held.band.common_name]) if held.band.common_name in codes.BAND else ""
    return f"{name} · {term}" if term and term.casefold() != name.casefold() else name


@per_scene
def _bands(scene: Scene) -> tuple[list[str], list[dict[str, Any]]]:
    """The files of the bands, and the bands for the script."""
    held = _held(scene)
    files = list(dict.fromkeys(h.asset.reference or "" for h in held))
    return files, [_band(h, files) for h in held]


def _band(held: _Held, files: list[str]) -> dict[str, Any]:
    """A band for the script; ranges that the item does not state fall back on the wider one, or on that of the data type."""
    band = held.band
    full = (band.minimum, band.maximum) if band.minimum is not None and band.maximum is not None else None
    inner = (band.percentile_2, band.percentile_98) if band.percentile_2 is not None and band.percentile_98 is not None else None
    spread = None
    if band.mean is not None and band.stddev is not None:
        spread = (band.mean - 2 * band.stddev, band.mean + 2 * band.stddev)
    default = (0.0, 255.0 if band.data_type == "uint8" else 65535.0)
    return {
        "file": files.index(held.asset.reference or ""),
        "band": held.number,
        "nodata": held.nodata,
        "percentiles": inner or full or default,
        "range": full or inner or default,
        "deviation": spread or full or default,
    }
