"""KARI's XML form (``*_Aux.xml``: KOMPSAT-3, 3A and their successors): one document for all images of a product."""

from __future__ import annotations

import re
from dataclasses import replace

from lxml import etree

from catalog_builder.archive import sensors
from catalog_builder.archive.claims import RADIANCE_UNIT, RASTER_SUFFIXES, Claims, follow, role_of, unique_keys, with_gsd
from catalog_builder.archive.commercial_findings import BAD_VALUE
from catalog_builder.archive.delivery import ArchiveFile, Band, FileRole, Folder, RasterSource, SceneFiles
from catalog_builder.archive.dimap import beside
from catalog_builder.archive.xmltree import Tree, root_name
from catalog_builder.facts import Field
from catalog_builder.times import When, parse_iso

CORNERS = ("TL", "TR", "BR", "BL")

COLOURS = {"blue": "BLUE", "green": "GREEN", "red": "RED", "nir": "NIR", "near infrared": "NIR", "panchromatic": "PAN", "pan": "PAN"}
"""Values of ``ImageColor`` that name one band."""

CHANNELS = {"PAN": "PAN"} | {f"{kind}{i}": name for kind in ("MS", "PS") for i, name in enumerate(("BLUE", "GREEN", "RED", "NIR"), 1)}
"""Elements below ``Image``, one for each band of the multispectral (MS) and pansharpened (PS) images."""

CALIBRATED = ("KOMPSAT-3", "KOMPSAT-3A")
"""Platforms whose ``RadianceConversion`` turns counts into spectral radiance."""

_SHOWN = re.compile(r"_(?:br|th)$", re.IGNORECASE)


def is_aux(file: ArchiveFile) -> bool:
    """Whether ``file`` is such a document."""
    return file.basename.lower().endswith("_aux.xml") and root_name(file) == "Auxiliary" and b"<General" in file.head(8192)


def scene_files(name: str, folder: Folder, key: ArchiveFile) -> SceneFiles:
    """The document, and in its folder all that shares its name or is named by it."""
    stem = re.sub(r"_aux$", "", key.stem, flags=re.IGNORECASE).lower()
    named = {n.decode("utf-8", "replace").strip().lower() for n in re.findall(rb"FileName>([^<]{1,255})<", key.head(1 << 23))}
    files = [(key, FileRole.METADATA)]
    for file in folder.files:
        shared = file.basename.lower().startswith((f"{stem}_", f"{stem}."))
        if file != key and (shared or file.basename.lower() in named):
            files.append((file, _role(file)))
    return SceneFiles(name, key, folder, tuple(sorted(files, key=lambda f: f[0].name)))


def _role(file: ArchiveFile) -> FileRole:
    if _SHOWN.search(file.stem):
        return FileRole.GEOREFERENCE if file.suffix == ".jpw" else FileRole.BROWSE
    if file.suffix == ".rpc":
        return FileRole.RPC
    image = file.suffix in RASTER_SUFFIXES and role_of(file) is FileRole.OTHER
    return FileRole.RASTER if image else role_of(file)


def images(tree: Tree) -> list[tuple[str, etree._Element]]:
    """The elements below ``Image`` with their names; several ``Image`` elements are one list."""
    found = [(str(etree.QName(e).localname), e) for e in tree.all("Image/*")]
    return [(name, e) for name, e in found if tree.text("ImageFileName", e) or tree.text("ImagingTime/ImagingStartTime/UTC", e)]


def describe(tree: Tree, claims: Claims) -> None:
    """Claim what the document says of the whole product: the angles and the outline are those of its first image."""
    claims.platform(tree.text("General/Satellite"), tree.source("General/Satellite"))
    instrument = tree.text("General/Sensor")
    if instrument:
        claims.add(Field.INSTRUMENTS, sensors.instruments(instrument) or (instrument,), tree.source("General/Sensor"))
    for field, path in ((Field.PROCESSING_LEVEL, "General/ProductLevel"), (Field.PRODUCT_ID, "General/ProductID")):
        claims.add(field, tree.text(path), tree.source(path))
    claims.add(Field.PRODUCED, _time(tree, "General/CreateDate", None, claims), tree.source("General/CreateDate"))
    version = tree.text("General/PMSVersionNo")
    claims.add(Field.SOFTWARE, f"PMS {version}" if version else None, tree.source("General/PMSVersionNo"))
    orbit = tree.number("General/OrbitNumber")
    claims.add(Field.ABSOLUTE_ORBIT, int(orbit) if orbit and orbit > 0 else None, tree.source("General/OrbitNumber"))
    state = (tree.text("General/OrbitDirection") or "").split(" ")[0].lower()
    claims.add(Field.ORBIT_STATE, state if state in ("ascending", "descending") else None, tree.source("General/OrbitDirection"))
    claims.add(Field.DECLARED_CRS, _crs(tree), tree.source("General/Projection"))
    described = images(tree)
    if described:
        _image(tree, *described[0], claims)
        sizes = {f"Image/{n}/ImageGSD/Column": tree.number("ImageGSD/Column", e) for n, e in described}
        known = {path: size for path, size in sizes.items() if size}
        if known:
            finest = min(known, key=lambda p: known[p])
            claims.number(Field.GSD, known[finest], tree.source(finest), 0.05, 100)


def _image(tree: Tree, name: str, image: etree._Element, claims: Claims) -> None:
    at = f"Image/{name}"
    start = _time(tree, "ImagingTime/ImagingStartTime/UTC", image, claims)
    claims.add(Field.ACQUIRED, start, tree.source(f"{at}/ImagingTime/ImagingStartTime/UTC"))
    for field, path in ((Field.OFF_NADIR, "Angle/Offnadir"), (Field.INCIDENCE_ANGLE, "Angle/Incidence")):
        angle = tree.number(path, image)
        claims.number(field, None if angle is None else abs(angle), tree.source(f"{at}/{path}"), 0, 90)
    claims.azimuth(Field.VIEW_AZIMUTH, tree.number("Angle/Azimuth", image), tree.source(f"{at}/Angle/Azimuth"))
    cloud = tree.number("CloudCover/Average", image)
    if cloud is not None and 0 <= cloud <= 100:  # both published readers take it as percent; the manual was not at hand
        claims.add(Field.CLOUD_COVER, cloud, tree.source(f"{at}/CloudCover/Average"), unverified=True)
    points = [tuple(tree.number(f"ImagingCoordinates/ImageGeog{c}/{a}", image) for a in ("Longitude", "Latitude")) for c in CORNERS]
    if len(set(points)) == 4:
        claims.footprint(((p[0], p[1]) for p in points), tree.source(f"{at}/ImagingCoordinates"))
    if start is not None:
        _sun(tree, start, claims)


def _sun(tree: Tree, start: When, claims: Claims) -> None:
    """The sun of the metadata block next to the start of the image."""
    timed = []
    for i, block in enumerate(tree.all("Metadata/MetadataBlock"), 1):
        moment = _moment(tree.text("Time", block))
        if moment is not None:
            timed.append((abs((moment.start - start.start).total_seconds()), i, block))
    if not timed:
        return
    away, i, block = min(timed, key=lambda t: t[:2])
    if away < 60:
        at = f"Metadata/MetadataBlock[{i}]/SunAngle"
        claims.azimuth(Field.SUN_AZIMUTH, tree.number("SunAngle/Azimuth", block), tree.source(f"{at}/Azimuth"))
        claims.number(Field.SUN_ELEVATION, tree.number("SunAngle/Elevation", block), tree.source(f"{at}/Elevation"), -90, 90)


def _time(tree: Tree, path: str, start: etree._Element | None, claims: Claims) -> When | None:
    text = tree.text(path, start)
    moment = _moment(text)
    if text is not None and moment is None and text.strip("0."):
        claims.findings.append(BAD_VALUE(tree.file.name, value=text, key=path))
    return moment


def _moment(text: str | None) -> When | None:
    """``yyyymmddHHMMSS.f`` as UTC."""
    match = re.fullmatch(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d(?:\.\d+)?)", text or "")
    if match is None:
        return None
    year, month, day, hour, minute, second = match.groups()
    try:
        return parse_iso(f"{year}-{month}-{day}T{hour}:{minute}:{second}Z")
    except ValueError:
        return None


def _crs(tree: Tree) -> str | None:
    """UTM on WGS 84, given as ``N48``; images of the R levels are in sensor geometry whatever is named here."""
    level, zone = tree.text("General/ProductLevel") or "", re.fullmatch(r"([NS])(\d{1,2})", tree.text("General/Projection/Parameter") or "")
    ellipsoid = re.sub(r"[^A-Z0-9]", "", (tree.text("General/EllipsoidType") or "").upper())
    if (
        zone is None
        or tree.text("General/Projection/Type") != "UTM"
        or ellipsoid not in ("WGS84", "WGS1984")
        or level.upper().endswith("R")
    ):
        return None
    number = int(zone.group(2))
    return f"EPSG:{(32600 if zone.group(1) == 'N' else 32700) + number}" if 1 <= number <= 60 else None


def rasters(tree: Tree, scene: SceneFiles, claims: Claims) -> tuple[RasterSource, ...]:
    """One raster for each file that the images name, its bands in the order of the document; panchromatic last."""
    by_file: dict[str, list[tuple[str, etree._Element]]] = {}
    files: dict[str, ArchiveFile] = {}
    for name, image in images(tree):
        file = follow(scene.folder, tree.text("ImageFileName", image), scene.key, claims.findings)
        if file is not None:
            files[file.name] = file
            by_file.setdefault(file.name, []).append((name, image))
    parts = [(files[name], described) for name, described in by_file.items()]
    keys = unique_keys([_key([n for n, _ in described]) for _, described in parts])
    found = [_raster(tree, scene, file, described, key) for (file, described), key in zip(parts, keys, strict=True)]
    return tuple(sorted(found, key=lambda r: r.key == "pan"))


def _key(names: list[str]) -> str:
    if len(names) > 1:
        return names[0][:2].lower()
    known = CHANNELS.get(names[0], "")
    return ("ps-" if names[0].startswith("PS") else "") + known.lower() if known else "image"


def _raster(tree: Tree, scene: SceneFiles, file: ArchiveFile, described: list[tuple[str, etree._Element]], key: str) -> RasterSource:
    size = tree.number("ImageGSD/Column", described[0][1])
    gsd = size if size and 0.05 <= size <= 100 else None
    bands = [_band(tree, name, image) for name, image in described]
    whole = tuple(b for b in bands if b is not None) if None not in bands else ()
    stem = file.stem.lower()
    models = tuple(f for f in scene.with_role(FileRole.RPC) if f.stem.lower() == stem)
    return RasterSource(key=key, tiles=(file,), bands=with_gsd(whole, gsd), gsd=gsd, sidecars=(*beside(scene.folder, file), *models))


def _band(tree: Tree, name: str, image: etree._Element) -> Band | None:
    """The band of one image element; None when neither its colour nor its name says which one it is."""
    colour = COLOURS.get((tree.text("ImageColor", image) or "").lower()) or CHANNELS.get(name)
    if colour is None:
        return None
    platform = tree.text("General/Satellite") or ""
    (band,) = sensors.bands(platform, None, [colour])
    known = sensors.platform(platform)
    gain, offset = tree.number("RadianceConversion/Gain", image), tree.number("RadianceConversion/Offset", image)
    if known and known.name in CALIBRATED and gain and gain > 0 and offset is not None:
        return replace(band, scale=gain, offset=offset, unit=RADIANCE_UNIT)
    return band
