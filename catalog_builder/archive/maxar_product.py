"""One Maxar product: what its image support data says of the scene, its tiles and its bands."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from catalog_builder.archive import sensors
from catalog_builder.archive.claims import RADIANCE_UNIT, Claims, follow, fraction_as_percent, is_outside
from catalog_builder.archive.commercial_findings import TILES_MISSING
from catalog_builder.archive.delivery import ArchiveFile, Band, Folder
from catalog_builder.archive.isd import Group, Isd, read_tiles
from catalog_builder.facts import Field, Origin, Source
from catalog_builder.findings import Finding
from catalog_builder.times import When

ONE_LOOK = timedelta(seconds=60)
"""Images of one product whose first lines lie closer are one pass; WorldView turns to the next strip within this time."""

CORNERS = ("UL", "UR", "LR", "LL")


def describe(isd: Isd, claims: Claims) -> None:
    top, image, place = isd.top, isd.first("IMAGE"), isd.first("MAP_PROJECTED_PRODUCT")
    claims.platform(image.text("SATID"), isd.source(image, "satId"))
    _time(isd, claims)
    clouds = {fraction_as_percent(i.number("CLOUDCOVER")) for i in isd.all("IMAGE")}
    if len(clouds) == 1:
        claims.add(Field.CLOUD_COVER, clouds.pop(), isd.source(image, "cloudCover"))
    for group, key in ((place, "productGSD"), (image, "meanProductGSD"), (image, "meanCollectedGSD")):
        if not claims.has(Field.GSD):
            claims.number(Field.GSD, group.number(key), isd.source(group, key), 0.05, 100)
    if not claims.has(Field.GSD):
        sizes = [image.number(f"MEANCOLLECTED{d}GSD", f"COLLECTED{d}GSD") for d in ("ROW", "COL")]
        known = [s for s in sizes if s is not None and s > 0]
        mean = round(sum(known) / 2, 4) if len(known) == 2 else None
        claims.add(Field.GSD, mean, isd.source(image, "collectedRowGSD, collectedColGSD (mean)"))
    _angles(isd, image, claims)
    _identity(isd, top, image, claims)
    _place(isd, place, claims)


def _time(isd: Isd, claims: Claims) -> None:
    images = isd.all("IMAGE")
    moments = [(i, m) for i in images if (m := claims.moment(i.text("FIRSTLINETIME", "TLCTIME"), isd.source(i, "firstLineTime")))]
    if moments:
        first, last = min(moments, key=lambda m: m[1].start), max(moments, key=lambda m: m[1].start)
        source = isd.source(first[0], "firstLineTime")
        one_look = last[1].start - first[1].start <= ONE_LOOK
        claims.add(Field.ACQUIRED, first[1] if one_look else When.between(first[1].start, last[1].start), source)
        return
    place = isd.first("MAP_PROJECTED_PRODUCT")  # mosaics without image groups state the span of their sources
    early = claims.moment(place.text("EARLIESTACQTIME"), isd.source(place, "earliestAcqTime"))
    late = claims.moment(place.text("LATESTACQTIME"), isd.source(place, "latestAcqTime"))
    if early and late and early.start <= late.start:
        source = isd.source(place, "earliestAcqTime, latestAcqTime")
        claims.add(Field.ACQUIRED, early if early == late else When.between(early.start, late.start), source)


def _angles(isd: Isd, image: Group, claims: Claims) -> None:
    claims.azimuth(Field.SUN_AZIMUTH, image.number("MEANSUNAZ", "SUNAZ"), isd.source(image, "meanSunAz"))
    claims.number(Field.SUN_ELEVATION, image.number("MEANSUNEL", "SUNEL"), isd.source(image, "meanSunEl"), -90, 90)
    claims.azimuth(Field.VIEW_AZIMUTH, image.number("MEANSATAZ", "SATAZ"), isd.source(image, "meanSatAz"))
    off_nadir = image.number("MEANOFFNADIRVIEWANGLE", "OFFNADIRVIEWANGLE")
    claims.number(Field.OFF_NADIR, off_nadir, isd.source(image, "meanOffNadirViewAngle"), 0, 90)
    elevation = image.number("MEANSATEL", "SATEL")
    if elevation is not None and 0 <= elevation <= 90:
        source = Source(Origin.COMPUTED, isd.file.name, f"90 - {image.label}/meanSatEl")
        claims.add(Field.INCIDENCE_ANGLE, round(90 - elevation, 4), source)


def _identity(isd: Isd, top: Group, image: Group, claims: Claims) -> None:
    level = top.text("PRODUCTLEVEL", "IMAGEDESCRIPTOR")
    claims.add(Field.PROCESSING_LEVEL, level, isd.source(top, "productLevel"))
    claims.national_level(level, {} if level is None else _national(level), isd.source(top, "productLevel"), "crosswalk of Maxar levels")
    claims.add(Field.PRODUCT_TYPE, top.text("IMAGEDESCRIPTOR", "PRODUCTTYPE"), isd.source(top, "imageDescriptor"))
    product = top.text("PRODUCTORDERID")
    meant = product if product and product.strip("0_P") else None  # samples blank the identifier with zeros
    claims.add(Field.PRODUCT_ID, meant, isd.source(top, "productOrderId"))
    match = re.fullmatch(r"(\d{9,})_(\d\d)_P\d{3}", meant or "")
    claims.add(Field.ORDER_ID, f"{match.group(1)}_{match.group(2)}" if match else None, isd.source(top, "productOrderId (order part)"))
    claims.add(Field.CATALOG_ID, image.text("CATID"), isd.source(image, "CatId"))
    claims.add(Field.SCENE_NAME, isd.file.stem, Source(Origin.FILENAME, isd.file.name, "stem"))
    claims.add(Field.IMAGING_MODE, mode(top), isd.source(top, "bandId, panSharpenAlgorithm"))
    claims.when(Field.PRODUCED, top.text("GENERATIONTIME"), isd.source(top, "generationTime"))


def _national(level: str) -> dict[str, str]:
    """Basic 1B -> 1A, Standard and ortho-ready 2A -> 2A, ortho 3x -> 3A: our reading of TT 10/2015/TT-BTNMT."""
    low = level.lower().replace(" ", "")
    found = "1A" if "1b" in low else "2A" if "2a" in low else "3A" if re.search(r"(?:lv|ortho)_?3", low) else None
    return {level.strip().upper(): found} if found else {}


def mode(top: Group) -> str | None:
    bands = top.text("BANDID")
    if bands is None:
        return None
    if bands.upper() in ("P", "PAN"):
        return "PAN"
    return "MS" if top.text("PANSHARPENALGORITHM") is None else "PMS"


def _place(isd: Isd, place: Group, claims: Claims) -> None:
    for group in [*isd.bands, place]:
        if not claims.has(Field.FOOTPRINT):
            vertices = [(group.number(f"{c}LON"), group.number(f"{c}LAT")) for c in CORNERS]
            claims.footprint(vertices, isd.source(group, "ULLon .. LLLat"))
    if place.text("DATUMNAME") != "WE":
        return
    name, zone, hemisphere = place.text("MAPPROJNAME") or "", place.number("MAPZONE"), place.text("MAPHEMI")
    code = None
    if name.upper() == "UTM" and zone and 1 <= zone <= 60 and hemisphere in ("N", "S"):
        code = f"EPSG:{(32600 if hemisphere == 'N' else 32700) + int(zone)}"
    elif name.lower().startswith("geographic"):
        code = "EPSG:4326"
    claims.add(Field.DECLARED_CRS, code, isd.source(place, "mapProjName, mapZone, mapHemi, datumName"))


def listed_tiles(folder: Folder, key: ArchiveFile, findings: list[Finding]) -> list[tuple[Group, ArchiveFile]]:
    """The tiles of the tile index beside ``key`` (or inside it) that are there."""
    index = key if key.suffix in (".til", ".xml") else folder.file(f"{key.stem}.TIL")
    if index is None:
        return []
    tiles = [t for t in read_tiles(index).all("TILE") if t.text("FILENAME")]
    there = [(t, file) for t in tiles if (file := follow(folder, t.text("FILENAME"), index, findings)) is not None]
    missing = [name for t in tiles if (name := t.text("FILENAME")) and not is_outside(name) and folder.resolve(name) is None]
    if there and missing:
        findings.append(TILES_MISSING(index.name, listed=len(tiles), missing=len(missing), example=missing[0]))
    return there


def spacing(isd: Isd) -> float | None:
    return isd.first("MAP_PROJECTED_PRODUCT").number("PRODUCTGSD") or isd.first("IMAGE").number("MEANPRODUCTGSD", "MEANCOLLECTEDGSD")


def bands(isd: Isd) -> tuple[Band, ...]:
    """Bands in file order, which is the order of the ``BAND_`` groups, with band-averaged radiance where the counts allow it."""
    groups = isd.bands
    if not groups:
        return ()
    satellite = isd.first("IMAGE").text("SATID") or ""
    found = sensors.bands(satellite, None, [g.name.removeprefix("BAND_") for g in groups])
    plain = isd.top.text("PANSHARPENALGORITHM") is None and isd.top.text("RADIOMETRICLEVEL") == "Corrected"
    size = spacing(isd)
    result = []
    for band, group in zip(found, groups, strict=True):
        factor, width = group.number("ABSCALFACTOR"), group.number("EFFECTIVEBANDWIDTH")
        scale = factor / width if plain and factor and width and factor > 0 and width > 0 else None
        unit = RADIANCE_UNIT if scale else None
        result.append(replace(band, gsd=size or band.gsd, scale=scale, offset=0.0 if scale else None, unit=unit))
    return tuple(result)
