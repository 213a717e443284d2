"""One DIMAP 2 product document: what it says of the scene, its files and its bands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from lxml import etree

from catalog_builder.archive import sensors
from catalog_builder.archive.claims import Claims
from catalog_builder.archive.dimap import LEVEL_RULE, LEVELS, own_text
from catalog_builder.archive.xmltree import Tree
from catalog_builder.facts import Field, Origin, Source
from catalog_builder.times import Precision, When, parse_iso

STRIP = "Dataset_Sources/Source_Identification/Strip_Source"
SETTINGS = "Processing_Information/Product_Settings"
DELIVERY = "Product_Information/Delivery_Identification"
VALUES = "Geometric_Data/Use_Area/Located_Geometric_Values"

FINEST, COARSEST = 0.05, 1000.0
"""Pixel sizes in metres between which a spacing is believed."""

METRES_PER_DEGREE = 111_195
"""Of latitude, on the sphere of the mean earth radius 6 371 008.8 m (IUGG)."""

SAME_ACQUISITION = timedelta(seconds=5)
"""PAN and MS of one look start within a second; the looks of a stereo pair lie ten seconds or more apart."""


def describe(tree: Tree, claims: Claims) -> None:
    """Claim everything that the product document says."""
    _identity(tree, claims)
    _time(tree, claims)
    _angles(tree, claims)
    _place(tree, claims)
    size, measured = spacing(tree)
    claims.add(Field.GSD, size, measured)
    cloud, depth = "Dataset_Content/CLOUD_COVERAGE", "Radiometric_Data/Dynamic_Range/PRODUCT_RANGE"
    claims.number(Field.CLOUD_COVER, tree.number(cloud), tree.source(cloud), 0, 100)
    bits = tree.number(depth)
    claims.add(Field.BIT_DEPTH, int(bits) if bits and 1 <= bits <= 64 else None, tree.source(depth))


def _identity(tree: Tree, claims: Claims) -> None:
    name, platform = platform_text(tree), None
    if name:
        platform = claims.platform(name, tree.source(f"{STRIP}/MISSION"))
    instrument = own_text(tree, f"{STRIP}/INSTRUMENT")
    if instrument:
        named = sensors.instruments(instrument)
        if not named and platform and len(platform.instruments) == 1:
            named = platform.instruments  # Pleiades calls its instrument PHR, as the satellite
        claims.add(Field.INSTRUMENTS, named or (instrument,), tree.source(f"{STRIP}/INSTRUMENT"))
    level, path = processing_level(tree)
    claims.add(Field.PROCESSING_LEVEL, level, tree.source(path))
    claims.national_level(level, LEVELS, tree.source(path), LEVEL_RULE)
    for field, path in (
        (Field.IMAGING_MODE, f"{SETTINGS}/SPECTRAL_PROCESSING"),
        (Field.SCENE_NAME, "Dataset_Identification/DATASET_NAME"),
        (Field.PRODUCT_ID, "Dataset_Identification/DATASET_NAME"),
        (Field.PRODUCT_TYPE, f"{DELIVERY}/PRODUCT_CODE"),
        (Field.ORDER_ID, f"{DELIVERY}/Order_Identification/COMMERCIAL_REFERENCE"),
        (Field.CATALOG_ID, "Dataset_Sources/Source_Identification/SOURCE_ID"),
    ):
        claims.add(field, own_text(tree, path), tree.source(path))
    if not claims.has(Field.ORDER_ID):
        claims.add(Field.ORDER_ID, own_text(tree, f"{DELIVERY}/JOB_ID"), tree.source(f"{DELIVERY}/JOB_ID"))
    if own_text(tree, f"{DELIVERY}/PRODUCTION_DATE"):
        claims.when(Field.PRODUCED, tree.text(f"{DELIVERY}/PRODUCTION_DATE"), tree.source(f"{DELIVERY}/PRODUCTION_DATE"))
    facility = "Processing_Information/Production_Facility/SOFTWARE"
    software, version = own_text(tree, facility), tree.text(f"{facility}/@version")
    claims.add(Field.SOFTWARE, f"{software} {version}" if software and version else software, tree.source(facility))


def processing_level(tree: Tree) -> tuple[str | None, str]:
    """The level and where it stands: the settings, else the second half of the profile (``PNEO_SENSOR``)."""
    path = f"{SETTINGS}/PROCESSING_LEVEL"
    if level := own_text(tree, path):
        return level, path
    path = "Metadata_Identification/METADATA_PROFILE"
    level = (tree.text(path) or "").upper().partition("_")[2]
    return (level if level in LEVELS else None), path


def platform_text(tree: Tree) -> str | None:
    """Mission and index as the document writes them: ``SPOT 7``, ``PHR 1A``, ``PNEO 3``."""
    mission, index = own_text(tree, f"{STRIP}/MISSION"), own_text(tree, f"{STRIP}/MISSION_INDEX")
    return f"{mission} {index}" if mission and index else mission


def _time(tree: Tree, claims: Claims) -> None:
    source = tree.source(f"{STRIP}/IMAGING_DATE, IMAGING_TIME")
    moments = [m for text in imaging_times(tree) if (m := claims.moment(text, source)) is not None]
    if not moments:
        centre = _centre(tree)
        text = tree.text("TIME", centre) if centre is not None else None
        claims.when(Field.ACQUIRED, text, tree.source(f"{VALUES}/TIME"))
        return
    first, last = min(m.start for m in moments), max(m.end or m.start for m in moments)
    if last - first <= SAME_ACQUISITION:
        claims.add(Field.ACQUIRED, min(moments, key=lambda m: m.start), source)
    elif all(m.precision is Precision.DAY for m in moments) and len({m.start for m in moments}) == 1:
        claims.add(Field.ACQUIRED, moments[0], source)
    else:  # a mosaic of several strips
        claims.add(Field.ACQUIRED, When.between(first, last), source)


def imaging_times(tree: Tree) -> Iterator[str]:
    """Date and time of each source strip, as ISO text; the date alone where the time is missing."""
    for strip in tree.all(STRIP):
        date, time = tree.text("IMAGING_DATE", strip), tree.text("IMAGING_TIME", strip)
        if date and date != "IMAGING_DATE":
            yield f"{date}T{time}" if time and time != "IMAGING_TIME" else date


def _centre(tree: Tree) -> etree._Element | None:
    """The geometric values at the centre of the scene, else the middle ones of the list."""
    values = tree.all(VALUES)
    for value in values:
        if (tree.text("LOCATION_TYPE", value) or "").lower() == "center":
            return value
    return values[len(values) // 2] if values else None


def _angles(tree: Tree, claims: Claims) -> None:
    centre = _centre(tree)
    if centre is None:
        return

    def angle(name: str) -> float | None:
        return tree.number(f"Acquisition_Angles/{name}", centre)

    where = f"{VALUES}[Center]"
    claims.azimuth(Field.VIEW_AZIMUTH, angle("AZIMUTH_ANGLE"), tree.source(f"{where}/Acquisition_Angles/AZIMUTH_ANGLE"))
    for field, name in ((Field.OFF_NADIR, "VIEWING_ANGLE"), (Field.INCIDENCE_ANGLE, "INCIDENCE_ANGLE")):
        value = angle(name)
        claims.number(field, None if value is None else abs(value), tree.source(f"{where}/Acquisition_Angles/{name}"), 0, 90)
    sun = "Solar_Incidences"
    claims.azimuth(Field.SUN_AZIMUTH, tree.number(f"{sun}/SUN_AZIMUTH", centre), tree.source(f"{where}/{sun}/SUN_AZIMUTH"))
    claims.number(Field.SUN_ELEVATION, tree.number(f"{sun}/SUN_ELEVATION", centre), tree.source(f"{where}/{sun}/SUN_ELEVATION"), -90, 90)


def _place(tree: Tree, claims: Claims) -> None:
    extent = "Dataset_Content/Dataset_Extent"
    centre = (tree.number(f"{extent}/Center/LON"), tree.number(f"{extent}/Center/LAT"))
    vertices = [(tree.number("LON", v), tree.number("LAT", v)) for v in tree.all(f"{extent}/Vertex")]
    outline = [v for v in vertices if v != centre]  # Pleiades Neo lists the centre among the vertices
    claims.footprint(outline, tree.source(f"{extent}/Vertex"))
    code, path = crs_code(tree)
    claims.add(Field.DECLARED_CRS, code, tree.source(path))


def crs_code(tree: Tree) -> tuple[str | None, str]:
    """``EPSG:n`` of the pixels and where it stands; a product in sensor geometry has none, whatever its corners are given in."""
    crs = "Coordinate_Reference_System"
    placed = tree.number("Geoposition/Geoposition_Insert/ULXMAP") is not None
    rectified = placed or tree.text("Geoposition/Raster_CRS/RASTER_GEOMETRY") == "RECTIFIED"
    for kind in ("Projected", "Geodetic", "Geographic"):
        path = f"{crs}/{kind}_CRS/{kind.upper()}_CRS_CODE"
        match = re.search(r"EPSG:(?:[\d.]*:)?(\d+)$", tree.text(path) or "")
        if match and (rectified or kind == "Projected"):
            return f"EPSG:{match.group(1)}", path
    return None, ""


def spacing(tree: Tree) -> tuple[float | None, Source]:
    """Pixel spacing of the product in metres and its source: resampling, the map grid, else what was measured at the centre.

    Geographic products state degrees, some of them as metres; a spacing that no sensor has is not believed.
    """
    resampling = f"{SETTINGS}/Sampling_Settings/RESAMPLING_SPACING"
    if (value := tree.number(resampling)) and FINEST <= value <= COARSEST and tree.text(f"{resampling}/@unit") in (None, "m"):
        return value, tree.source(resampling)
    grid = "Geoposition/Geoposition_Insert"
    step, unit = tree.number(f"{grid}/YDIM"), tree.text(f"{grid}/YDIM/@unit")
    if step and unit == "m" and FINEST <= abs(step) <= COARSEST:
        return abs(step), tree.source(f"{grid}/YDIM")
    if step and unit == "deg" and FINEST <= abs(step) * METRES_PER_DEGREE <= COARSEST:
        source = Source(Origin.COMPUTED, tree.file.name, f"{grid}/YDIM x {METRES_PER_DEGREE} m")
        return round(abs(step) * METRES_PER_DEGREE, 3), source
    centre = _centre(tree)
    sizes = [] if centre is None else [tree.number(f"Ground_Sample_Distance/GSD_{d}_TRACK", centre) for d in ("ACROSS", "ALONG")]
    known = [s for s in sizes if s is not None and FINEST <= s <= COARSEST]
    mean = round(sum(known) / len(known), 4) if known else None
    return mean, tree.source(f"{VALUES}[Center]/Ground_Sample_Distance (mean)")


def band_count(tree: Tree) -> int:
    return int(tree.number("Raster_Data/Raster_Dimensions/NBANDS") or 0)


def belong_together(one: Tree | None, other: Tree | None) -> bool:
    """Whether two documents are the parts of one bundle: one platform, level and moment, and not twice the same product."""
    if one is None or other is None:
        return False
    path = f"{SETTINGS}/PROCESSING_LEVEL"
    if platform_text(one) != platform_text(other) or one.text(path) != other.text(path):
        return False
    kind = f"{SETTINGS}/SPECTRAL_PROCESSING"
    if (one.text(kind), band_count(one)) == (other.text(kind), band_count(other)):
        return False
    moments = [_first_moment(one), _first_moment(other)]
    if moments[0] is None or moments[1] is None:
        return False
    return moments[0].overlaps(moments[1], SAME_ACQUISITION)


def _first_moment(tree: Tree) -> When | None:
    for text in imaging_times(tree):
        try:
            return parse_iso(text)
        except ValueError:
            return None  # reported when the document is read
    return None
