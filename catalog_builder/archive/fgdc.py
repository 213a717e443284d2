"""FGDC CSDGM metadata (``metadata/idinfo``), as USDA NAIP and many American archives deliver it beside the image."""

from __future__ import annotations

import re
from datetime import datetime

from catalog_builder.archive.delivery import ArchiveFile
from catalog_builder.archive.xmltree import Tree, parse_xml, root_name
from catalog_builder.facts import Claim, Field
from catalog_builder.times import When


def is_fgdc(file: ArchiveFile) -> bool:
    """Whether ``file`` looks like FGDC metadata by its root element and the element that must follow."""
    return file.suffix == ".xml" and root_name(file) == "metadata" and b"<idinfo" in file.head(8192)


def fgdc_claims(file: ArchiveFile) -> tuple[Claim, ...]:
    """Date of the ground condition, bounding coordinates, horizontal CRS, cloud cover and title.

    Raises:
        UnreadableDelivery: not XML.
    """
    tree = parse_xml(file)
    claims = (
        tree.claim(Field.ACQUIRED, _when(tree), "idinfo/timeperd/timeinfo"),
        tree.claim(Field.SCENE_NAME, _title(tree), "idinfo/citation/citeinfo/title"),
        tree.claim(Field.CORNERS, _corners(tree), "idinfo/spdom/bounding"),
        tree.claim(Field.DECLARED_CRS, _crs(tree), "spref/horizsys"),
        tree.claim(Field.CLOUD_COVER, _cloud(tree), "dataqual/cloud"),
    )
    return tuple(c for c in claims if c is not None)


def _title(tree: Tree) -> str | None:
    """The title, without the ending where it is a file name."""
    text = tree.text("idinfo/citation/citeinfo/title")
    return None if text is None else re.sub(r"\.(?:tiff?|jp2|img|sid|ecw)$", "", text, flags=re.IGNORECASE)[:200]


def _when(tree: Tree) -> When | None:
    """The period of content, only where it is of the ground and not of the publication (CSDGM 1.3 Currentness Reference)."""
    if "publication" in (tree.text("idinfo/timeperd/current") or "").lower():
        return None
    info = "idinfo/timeperd/timeinfo"
    single = _date(tree.text(f"{info}/sngdate/caldate"))
    if single is not None:
        return single
    begin, end = _date(tree.text(f"{info}/rngdates/begdate")), _date(tree.text(f"{info}/rngdates/enddate"))
    if begin is None or end is None:
        return None
    if begin == end:
        return begin
    last = end.end or end.start
    return When.between(begin.start, last) if last >= begin.start else None


def _date(text: str | None) -> When | None:
    """A CSDGM calendar date: YYYYMMDD, YYYYMM or YYYY."""
    for length, form in ((8, "%Y%m%d"), (6, "%Y%m"), (4, "%Y")):
        if text is not None and len(text) == length and text.isdigit():
            try:
                day = datetime.strptime(text, form)
            except ValueError:
                return None
            return {8: When.day(day.year, day.month, day.day), 6: When.month(day.year, day.month), 4: When.year(day.year)}[length]
    return None


def _corners(tree: Tree) -> tuple[tuple[float, float], ...] | None:
    west, east, north, south = (tree.number(f"idinfo/spdom/bounding/{side}bc") for side in ("west", "east", "north", "south"))
    if west is None or east is None or north is None or south is None:
        return None
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south < north <= 90):
        return None
    return (west, north), (east, north), (east, south), (west, south)


def _crs(tree: Tree) -> str | None:
    """UTM on NAD 83 or (north) WGS 84; anything else is left to the raster itself."""
    zone = tree.number("spref/horizsys/planar/gridsys/utm/utmzone")
    datum = (tree.text("spref/horizsys/geodetic/horizdn") or "").lower()
    if zone is None or not 1 <= abs(zone) <= 60:
        return None
    if "1983" in datum and 1 <= zone <= 23:
        return f"EPSG:{26900 + int(zone)}"
    if "wgs" in datum or "world geodetic system" in datum:
        return f"EPSG:{(32600 if zone > 0 else 32700) + int(abs(zone))}"
    return None


def _cloud(tree: Tree) -> float | None:
    """``cloud`` is a percentage or the word Unknown (CSDGM 2.6)."""
    value = tree.number("dataqual/cloud")
    return value if value is not None and 0 <= value <= 100 else None
