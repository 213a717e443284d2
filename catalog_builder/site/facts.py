"""The facts of a scene in the order people ask for them: when, what, how sharp, how cloudy, where, then how it was made.

Nothing is filled in: a field that the item does not carry has no row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from catalog_builder.i18n import N_
from catalog_builder.site import codes
from catalog_builder.site.grids import crs_name
from catalog_builder.site.reading import mapping, moment, number, sequence, text, texts, texts_in
from catalog_builder.site.registers import agency_name, project_name, theme_name
from catalog_builder.site.scene import Scene
from catalog_builder.site.wording import Wording
from catalog_builder.stac.model import Json
from catalog_builder.times import to_stac


class Fact(NamedTuple):
    """A row: ``note`` is a second line in mono, ``iso`` the machine form of a time, ``code`` sets the value in mono."""

    label: str
    value: str
    note: str = ""
    iso: str = ""
    code: bool = False


Teller = Callable[[Scene, Json, Wording], Iterator[Fact]]


def main_facts(scene: Scene, say: Wording) -> tuple[Fact, ...]:
    """What stands beside the picture."""
    return _told(scene, say, (_when, _platform, _resolution, _cloud, _level, _bands, _grid, _agency))


def more_facts(scene: Scene, say: Wording) -> tuple[tuple[str, tuple[Fact, ...]], ...]:
    """Everything else, in groups with a heading; a group without facts is left out."""
    groups: tuple[tuple[str, tuple[Teller, ...]], ...] = (
        (say(N_("Place and geometry")), (_extent, _centre, _corners, _sheet, _accuracy, _tile)),
        (say(N_("Geometry of the view")), (_angles, _orbit, _radar)),
        (say(N_("Scan and flight")), (_film,)),
        (say(N_("Origin and management")), (_identity, _origin, _management)),
        (say(N_("Processing")), (_processing,)),
    )
    told = ((title, _told(scene, say, tellers)) for title, tellers in groups)
    return tuple((title, facts) for title, facts in told if facts)


def _told(scene: Scene, say: Wording, tellers: tuple[Teller, ...]) -> tuple[Fact, ...]:
    properties = scene.properties
    return tuple(fact for teller in tellers for fact in teller(scene, properties, say))


def _when(scene: Scene, properties: Json, say: Wording) -> Iterator[Fact]:
    item, precision = scene.item, text(properties.get("vn:datetime_precision"))
    iso = to_stac(item.start) if item.start == item.end else ""
    yield Fact(say(N_("Acquired")), say.acquired(item.start, item.end, precision), iso=iso)


def _platform(scene: Scene, properties: Json, say: Wording) -> Iterator[Fact]:
    platform = text(properties.get("platform")) or text(properties.get("constellation"))
    if platform:
        yield Fact(say(N_("Satellite or platform")), platform)
    if instruments := texts(properties.get("instruments")):
        yield Fact(say(N_("Sensor")), ", ".join(instruments))
    mode = text(properties.get("vn:imaging_mode")) or text(properties.get("sar:instrument_mode"))
    if mode:
        yield Fact(say(N_("Imaging mode")), mode)


def _resolution(scene: Scene, properties: Json, say: Wording) -> Iterator[Fact]:
    gsd, kind = number(properties.get("gsd")), text(properties.get("vn:resolution_class"))
    if gsd is not None:
        yield Fact(say(N_("Ground resolution")), say.metres(gsd), codes.spoken(codes.RESOLUTION, kind, say) if kind else "")


def _cloud(scene: Scene, properties: Json, say: Wording) -> Iterator[Fact]:
    cover, kind = number(properties.get("eo:cloud_cover")), text(properties.get("vn:cloud_class"))
    if cover is not None:
        yield Fact(say(N_("Cloud cover")), say.percent(cover), say(N_("class {name}"), name=kind) if kind else "")


def _level(scene: Scene, properties: Json, say: Wording) -> Iterator[Fact]:
    national, own = text(properties.get("vn:processing_level")), text(properties.get("processing:level"))
    if national:
        value = codes.spoken(codes.LEVEL, national, say)
        yield Fact(say(N_("Processing level")), value[:1].upper() + value[1:], say(N_("supplier: {level}"), level=own) if own else "")
    elif own:
        yield Fact(say(N_("Processing level of the supplier")), own)


def _bands(scene: Scene, properties: Json, say: Wording) -> Iterator[Fact]:
    data = [a for a in scene.assets if "data" in a.roles and a.bands] or [a for a in scene.assets if a.bands][:1]
    bands = [band for asset in data for band in asset.bands]
    if bands:
        kinds = sorted({b.data_type for b in bands if b.data_type})
        yield Fact(say(N_("Bands")), say.count(len(bands), N_("{n} band"), N_("{n} bands")), ", ".join(kinds))
    depth = number(properties.get("vn:bit_depth"))
    if depth is not None:
        yield Fact(say(N_("Bit depth")), say(N_("{n} bit"), n=say.number(depth)))
    main = scene.main_asset
    if main is not None and main.width and main.height:
        yield Fact(say(N_("Size")), f"{say.number(main.width)} × {say.number(main.height)} px")


def _grid(scene: Scene, properties: Json, say: Wording) -> Iterator[Fact]:
    code = text(properties.get("proj:code")) or next(
        (c for a in mapping(scene.json.get("assets")).values() if (c := text(mapping(a).get("proj:code")))), None
    )
    if code:
        name = crs_name(code, say.language)
        yield Fact(say(N_("Reference system")), name or code, code if name else "")
    elif name := text(mapping(properties.get("proj:projjson")).get("name")):
        yield Fact(say(N_("Reference system")), name)


def _agency(scene: Scene, properties: Json, say: Wording) -> Iterator[Fact]:
    holder = text(properties.get("vn:holder_agency")) or scene.definition.host
    if holder:
        yield Fact(say(N_("Managing agency")), agency_name(scene.definition, holder, say))


def _extent(scene: Scene, properties: Json, say: Wording) -> Iterator[Fact]:
    if scene.item.bbox is not None:
        west, south, east, north = scene.item.bbox
        yield Fact(say(N_("West – east")), f"{say.longitude(west)} – {say.longitude(east)}", code=True)
        yield Fact(say(N_("South – north")), f"{say.latitude(south)} – {say.latitude(north)}", code=True)


def _centre(scene: Scene, properties: Json, say: Wording) -> Iterator[Fact]:
    centre = mapping(properties.get("proj:centroid"))
    lat, lon = number(centre.get("lat")), number(centre.get("lon"))
    if lat is not None and lon is not None:
        yield Fact(say(N_("Image centre")), f"{say.latitude(lat)}, {say.longitude(lon)}", code=True)


CORNERS = (N_("North-west corner"), N_("North-east corner"), N_("South-east corner"), N_("South-west corner"))


def _corners(scene: Scene, properties: Json, say: Wording) -> Iterator[Fact]:
    for label, corner in zip(CORNERS, corners(properties), strict=False):
        yield Fact(say(label), f"{say.latitude(corner[1])}, {say.longitude(corner[0])}", code=True)


def corners(properties: Json) -> tuple[tuple[float, float], ...]:
    """``vn:corners`` as (lon, lat) of NW, NE, SE, SW; empty unless there are four good pairs."""
    pairs = [[number(n) for n in sequence(pair)] for pair in sequence(properties.get("vn:corners"))]
    good = tuple((pair[0], pair[1]) for pair in pairs if len(pair) >= 2 and pair[0] is not None and pair[1] is not None)
    return good if len(good) == 4 else ()


def _sheet(scene: Scene, properties: Json, say: Wording) -> Iterator[Fact]:
    if sheet := text(properties.get("vn:sheet")):
        yield Fact(say(N_("Map sheet number")), sheet, code=True)
    scale = number(properties.get("vn:map_scale"))
    if scale is not None:
        yield Fact(say(N_("Scale")), f"1:{say.number(scale)}")


def _accuracy(scene: Scene, properties: Json, say: Wording) -> Iterator[Fact]:
    rmse = number(properties.get("accuracy:geometric_rmse"))
    if rmse is not None:
        yield Fact(say(N_("Geometric accuracy (RMSE)")), say.metres(rmse))


def _tile(scene: Scene, properties: Json, say: Wording) -> Iterator[Fact]:
    if tile := text(properties.get("grid:code")):
        yield Fact(say(N_("Grid tile")), tile, code=True)


ANGLES = {
    "view:incidence_angle": N_("Incidence angle"),
    "view:off_nadir": N_("Off-nadir angle"),
    "view:azimuth": N_("View azimuth"),
    "view:sun_elevation": N_("Sun elevation"),
    "view:sun_azimuth": N_("Sun azimuth"),
}


def _angles(scene: Scene, properties: Json, say: Wording) -> Iterator[Fact]:
    for key, label in ANGLES.items():
        value = number(properties.get(key))
        if value is not None:
            yield Fact(say(label), say.degrees(value))


def _orbit(scene: Scene, properties: Json, say: Wording) -> Iterator[Fact]:
    if state := text(properties.get("sat:orbit_state")):
        yield Fact(say(N_("Orbit direction")), codes.spoken(codes.ORBIT, state, say))
    for key, label in (("sat:absolute_orbit", N_("Absolute orbit")), ("sat:relative_orbit", N_("Relative orbit"))):
        if orbit := text(properties.get(key)):
            yield Fact(say(label), orbit, code=True)


def _radar(scene: Scene, properties: Json, say: Wording) -> Iterator[Fact]:
    if band := text(properties.get("sar:frequency_band")):
        yield Fact(say(N_("Radar band")), band)
    if polarisations := texts(properties.get("sar:polarizations")) if properties.get("sar:polarizations") else ():
        yield Fact(say(N_("Polarisations")), ", ".join(polarisations))


def _film(scene: Scene, properties: Json, say: Wording) -> Iterator[Fact]:
    scan, flight = mapping(properties.get("vn:scan")), mapping(properties.get("vn:aerial"))
    for label, value in (
        (N_("Film roll"), text(scan.get("roll"))),
        (N_("Frame"), text(scan.get("frame"))),
        (N_("Camera"), text(flight.get("camera"))),
    ):
        if value:
            yield Fact(say(label), value, code=True)
    scale, height = number(flight.get("photo_scale")), number(flight.get("flight_height_m"))
    focal, dpi = number(flight.get("focal_length_mm")), number(scan.get("dpi"))
    if scale is not None:
        yield Fact(say(N_("Photo scale")), f"1:{say.number(scale)}")
    if height is not None:
        yield Fact(say(N_("Flight height")), say.metres(height))
    if focal is not None:
        yield Fact(say(N_("Focal length")), f"{say.number(focal)} mm")
    if dpi is not None:
        yield Fact(say(N_("Scan resolution")), f"{say.number(dpi)} dpi")


def _identity(scene: Scene, properties: Json, say: Wording) -> Iterator[Fact]:
    if name := text(properties.get("vn:scene_name")):
        yield Fact(say(N_("Scene name")), name, code=True)
    yield Fact(say(N_("Identifier")), scene.item.id, code=True)


def _origin(scene: Scene, properties: Json, say: Wording) -> Iterator[Fact]:
    if origin := text(properties.get("vn:origin")):
        yield Fact(say(N_("Origin")), codes.spoken(codes.ORIGIN, origin, say))
    funds = properties.get("vn:funding_source")
    if funds and (named := [codes.spoken(codes.FUNDING, f, say) for f in texts(funds)]):
        yield Fact(say(N_("Funding source")), ", ".join(named))
    for key, label in (("vn:supplier", N_("Supplier")), ("vn:contract_no", N_("Contract"))):
        if value := text(properties.get(key)):
            yield Fact(say(label), value)
    if project := text(properties.get("vn:project")):
        yield Fact(say(N_("Project")), project_name(scene.definition, project, say))
    themes = properties.get("vn:theme")
    if themes and (named := [theme_name(scene.definition, t, say) for t in texts(themes)]):
        yield Fact(say(N_("Theme")), ", ".join(named))


def _processing(scene: Scene, properties: Json, say: Wording) -> Iterator[Fact]:
    lineage = texts_in(scene.json, say.language).get("/properties/processing:lineage") or text(properties.get("processing:lineage"))
    if lineage:
        yield Fact(say(N_("Lineage")), lineage)
    software = [f"{name} {text(version) or ''}".strip() for name, version in mapping(properties.get("processing:software")).items()]
    if software:
        yield Fact(say(N_("Software")), ", ".join(software))
    if when := moment(properties.get("processing:datetime")):
        yield Fact(say(N_("Produced")), say.moment(when), iso=to_stac(when))


def _management(scene: Scene, properties: Json, say: Wording) -> Iterator[Fact]:
    if access := text(properties.get("vn:access")):
        yield Fact(say(N_("Access")), codes.spoken(codes.ACCESS, access, say))
    for key, label in (("published", N_("Published")), ("updated", N_("Record updated"))):
        if when := moment(properties.get(key)):
            yield Fact(say(label), say.moment(when), iso=to_stac(when))
