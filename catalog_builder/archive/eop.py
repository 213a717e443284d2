"""The Earth observation XML that RapidEye and PlanetScope share (HMA ``EarthObservation`` with ``re:`` or ``ps:`` parts)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from catalog_builder.archive import sensors
from catalog_builder.archive.claims import RADIANCE_UNIT, Claims, Point, with_gsd
from catalog_builder.archive.delivery import ArchiveFile, Band
from catalog_builder.archive.xmltree import Tree, root_name
from catalog_builder.facts import Field

ACQUISITION = "//acquisitionParameters/Acquisition"
PRODUCT = "//EarthObservationResult/product/ProductInformation"
CORNERS = ("topLeft", "topRight", "bottomRight", "bottomLeft")

ORDERS = {
    3: ("RED", "GREEN", "BLUE"),
    4: ("BLUE", "GREEN", "RED", "NIR"),
    5: ("BLUE", "GREEN", "RED", "REDEDGE", "NIR"),
    8: ("COASTAL_BLUE", "BLUE", "GREEN_I", "GREEN", "YELLOW", "RED", "REDEDGE", "NIR"),
}
"""Bands in file order by their number (Planet combined imagery product specification): visual, Dove, RapidEye, SuperDove."""


def eop_family(file: ArchiveFile) -> str | None:
    """``"ps"`` or ``"re"`` for an EarthObservation document of PlanetScope or RapidEye; None for anything else."""
    if file.suffix != ".xml" or root_name(file) != "EarthObservation":
        return None
    match = re.search(rb"<(ps|re):EarthObservation\b", file.head(8192))
    return match.group(1).decode() if match else None


def describe(tree: Tree, claims: Claims) -> None:
    """Claim what both families state in the same way; cloud, platform and azimuth are the caller's."""
    when = f"{ACQUISITION}/acquisitionDateTime"
    claims.when(Field.ACQUIRED, tree.text(when), tree.source(when))
    claims.azimuth(Field.SUN_AZIMUTH, tree.number("//illuminationAzimuthAngle"), tree.source("//illuminationAzimuthAngle"))
    elevation = "//illuminationElevationAngle"
    claims.number(Field.SUN_ELEVATION, tree.number(elevation), tree.source(elevation), -90, 90)
    for field, path in ((Field.INCIDENCE_ANGLE, f"{ACQUISITION}/incidenceAngle"), (Field.OFF_NADIR, f"{ACQUISITION}/spaceCraftViewAngle")):
        value = tree.number(path)
        claims.number(field, None if value is None else abs(value), tree.source(path), 0, 90)
    size, path = spacing(tree)
    claims.number(Field.GSD, size, tree.source(path), 0.1, 1000)
    for field, path in (
        (Field.PRODUCT_ID, "//EarthObservationMetaData/identifier"),
        (Field.SCENE_NAME, "//EarthObservationMetaData/identifier"),
        (Field.PROCESSING_LEVEL, "//EarthObservationMetaData/productType"),
        (Field.CATALOG_ID, "//ArchivingInformation/archivingIdentifier"),
        (Field.LICENCE, "//license/licenseType"),
    ):
        claims.add(field, tree.text(path), tree.source(path))
    direction = (tree.text(f"{ACQUISITION}/orbitDirection") or "").lower()
    claims.add(
        Field.ORBIT_STATE, direction if direction in ("ascending", "descending") else None, tree.source(f"{ACQUISITION}/orbitDirection")
    )
    name, version = tree.text("//ProcessingInformation/processorName"), tree.text("//ProcessingInformation/processorVersion")
    claims.add(Field.SOFTWARE, f"{name} {version}" if name and version else name, tree.source("//ProcessingInformation/processorName"))
    epsg = f"{PRODUCT}/spatialReferenceSystem/epsgCode"
    code = tree.number(epsg)
    claims.add(Field.DECLARED_CRS, f"EPSG:{int(code)}" if code and code > 1000 else None, tree.source(epsg))
    _footprint(tree, claims)


def spacing(tree: Tree) -> tuple[float | None, str]:
    """Pixel size of the product in metres and where it stands."""
    for path in (f"{PRODUCT}/rowGsd", "//Sensor/resolution"):
        if value := tree.number(path):
            return value, path
    return None, f"{PRODUCT}/rowGsd"


def _footprint(tree: Tree, claims: Claims) -> None:
    """The polygon where it agrees with the corner coordinates, else the corners; both orders of axes are in use."""
    corner_path = "//Footprint/geographicLocation"
    corners = [(tree.number(f"{corner_path}/{c}/longitude"), tree.number(f"{corner_path}/{c}/latitude")) for c in CORNERS]
    known: list[Point] = [(lon, lat) for lon, lat in corners if lon is not None and lat is not None]
    path = "//LinearRing/coordinates"
    ring = _pairs(tree.text(path))
    if len(known) == 4 and ring:
        swapped = [(lat, lon) for lon, lat in ring]
        outline = next((r for r in (ring, swapped) if _inside(r, known)), None)
        if outline is not None:
            claims.footprint(outline, tree.source(path))
    if len(known) == 4:
        claims.footprint(known, tree.source(corner_path))


def _pairs(text: str | None) -> list[Point]:
    try:
        pairs = [tuple(float(n) for n in part.split(",")) for part in (text or "").split()]
    except ValueError:
        return []
    return [(p[0], p[1]) for p in pairs if len(p) >= 2]


def _inside(outline: Sequence[Point], corners: Sequence[Point]) -> bool:
    margin = 0.01  # degrees: corners are rounded and boxes may be a pixel short
    low = [min(c[i] for c in corners) - margin for i in (0, 1)]
    high = [max(c[i] for c in corners) + margin for i in (0, 1)]
    return all(low[i] <= p[i] <= high[i] for p in outline for i in (0, 1))


def bands(tree: Tree, platform: str, instrument: str | None, count: int) -> tuple[Band, ...]:
    """Bands in file order with the radiance factors of ``bandSpecificMetadata``; () for a number of bands no product has."""
    names = ORDERS.get(count)
    if names is None:
        return ()
    found = sensors.bands(platform, instrument, names)
    if all(b.common_name is None for b in found):
        found = sensors.bands(platform, None, names)
    factors = {tree.number("bandNumber", e): tree.number("radiometricScaleFactor", e) for e in tree.all("//bandSpecificMetadata")}
    size, _ = spacing(tree)
    result = []
    for number, band in enumerate(with_gsd(found, size), 1):
        factor = factors.get(float(number))
        result.append(_scaled(band, factor) if factor and count > 3 else band)
    return tuple(result)


def _scaled(band: Band, factor: float) -> Band:
    return Band(
        band.name,
        band.common_name,
        band.description,
        band.center_wavelength,
        band.full_width_half_max,
        band.gsd,
        factor,
        0.0,
        RADIANCE_UNIT,
        band.unverified,
    )
