"""GeoEye and Space Imaging deliveries: IKONOS, GeoEye-1 (``*_metadata.txt`` with source images and product components)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from catalog_builder.archive import sensors
from catalog_builder.archive.claims import RASTER_SUFFIXES, Claims, Point, own_files, role_of, unique_keys, with_gsd
from catalog_builder.archive.commercial_findings import BAD_VALUE
from catalog_builder.archive.delivery import ArchiveFile, FileRole, Folder, RasterSource, Reading, SceneFiles
from catalog_builder.archive.dimap import beside
from catalog_builder.archive.keyvalue import read_text
from catalog_builder.archive.xmltree import UNKNOWN, to_number
from catalog_builder.facts import Field, Origin, Source
from catalog_builder.times import Precision, When

BANDS = {
    "pan": ("PAN",),
    "blu": ("BLUE",),
    "grn": ("GREEN",),
    "red": ("RED",),
    "nir": ("NIR",),
    "rgb": ("RED", "GREEN", "BLUE"),
    "bgrn": ("BLUE", "GREEN", "RED", "NIR"),
}
"""Band part of the file names (GeoEye product guide: ``po_<order>_<band>_<component>``) and the bands in file order."""

LEVELS = {"STANDARD GEOMETRICALLY CORRECTED": "2A"}
"""Geo products are map projected without control points; other GeoEye levels have no entry in the crosswalk."""

_RASTER = re.compile(r"(?P<order>.+)_(?P<band>[a-z]+)_(?P<component>\d{7})(?:_r\d+c\d+)?", re.IGNORECASE)


@dataclass(slots=True)
class Block:
    """A run of ``Key: value`` lines: the product itself, one source image or one component; the last of equal keys wins not."""

    kind: str
    values: dict[str, str] = field(default_factory=dict)
    corners: list[Point] = field(default_factory=list)

    def text(self, key: str) -> str | None:
        value = self.values.get(key, "").strip()
        return None if value.lower() in UNKNOWN else value

    def number(self, key: str) -> float | None:
        text = self.text(key)
        return None if text is None else to_number(text)


class GeoEye:
    """Reader of GeoEye metadata text."""

    name = "geoeye"

    def find(self, folder: Folder) -> Iterable[SceneFiles]:
        """One scene for each metadata text of the folder."""
        keys = [f for f in folder.files if f.suffix == ".txt" and _is_metadata(f)]
        for key in keys:
            prefix = re.sub(r"_?metadata.*$", "", key.stem, flags=re.IGNORECASE).lower()
            files = {key.name: (key, FileRole.METADATA)}
            for file in own_files(folder) if len(keys) == 1 else folder.files:
                if file.name == key.name or not (len(keys) == 1 or file.basename.lower().startswith(prefix + "_")):
                    continue
                image = file.suffix in RASTER_SUFFIXES
                if image and _RASTER.fullmatch(file.stem) and file.basename.lower().startswith(prefix):
                    files[file.name] = (file, FileRole.RASTER)
                elif not image:
                    files[file.name] = (file, role_of(file))
            yield SceneFiles(self.name, key, folder, tuple(files[k] for k in sorted(files)))

    def read(self, scene: SceneFiles) -> Reading:
        """What the metadata says of the components that are there.

        Raises:
            UnreadableDelivery: the file is too large for metadata.
        """
        blocks, claims = list(_blocks(read_text(scene.key))), Claims()
        images = scene.with_role(FileRole.RASTER)
        present = {m["component"] for f in images if (m := _RASTER.fullmatch(f.stem))}
        components = [b for b in blocks if b.kind == "component"]
        there = [b for b in components if b.text("Component ID") in present] or components
        wanted = {b.text("Product Image ID") for b in there}
        sources = [b for b in blocks if b.kind == "source"]
        used = [b for b in sources if b.text("Product Image ID") in wanted] or sources
        _describe(scene.key, blocks[0], used, there, claims)
        keys = unique_keys([_key(f) for f in images])
        rasters = [_raster(scene, f, key, blocks, there) for f, key in zip(images, keys, strict=True)]
        return Reading(tuple(claims.claims), tuple(sorted(rasters, key=lambda r: r.key == "pan")), tuple(claims.findings))


def _is_metadata(file: ArchiveFile) -> bool:
    head = file.head(4096)
    return b"Product Order Metadata" in head or (b"Source Image Metadata" in head and b"Sensor" in head)


def _blocks(text: str) -> Iterator[Block]:
    """The product's own lines first (all sections in one), then each source image and component."""
    product = Block("product")
    yield product
    here, latitude, section = product, None, ""
    for line in text.splitlines():
        match = re.match(r"\s*([^:=]+?)\s*:\s*(.*?)\s*$", line)
        if match is None:
            if line.strip() and not line.startswith(("=", "-")):
                section = line.strip()
                here = product if section.startswith("Product") else here
            continue
        key, value = match.groups()
        if key == "Source Image ID" or (key == "Component ID"):
            here = Block("source" if key == "Source Image ID" else "component")
            yield here
        elif key == "Latitude":
            latitude = to_number(value)
        elif key == "Longitude" and latitude is not None and here.kind == "component" and "Geographic" in section:
            longitude = to_number(value)
            if longitude is not None:
                here.corners.append((longitude, latitude))
            latitude = None
        here.values.setdefault(key, value)


def _describe(key: ArchiveFile, product: Block, sources: list[Block], components: list[Block], claims: Claims) -> None:
    def source(what: str) -> Source:
        return Source(Origin.METADATA, key.name, what)

    first = sources[0] if sources else product
    claims.platform(first.text("Sensor") or product.text("Sensor Name"), source("Sensor"))
    _time(sources, claims, source("Acquisition Date/Time"))
    _cloud(sources, components, claims, key)
    size = product.number("Pixel Size X")
    claims.number(Field.GSD, size if (product.text("Pixel Size X") or "").endswith("meters") else None, source("Pixel Size X"), 0.05, 100)
    level = product.text("Processing Level")
    claims.add(Field.PROCESSING_LEVEL, level, source("Processing Level"))
    claims.national_level(level, LEVELS, source("Processing Level"), "crosswalk of GeoEye levels")
    claims.add(Field.PRODUCT_TYPE, product.text("Product Line"), source("Product Line"))
    claims.add(Field.IMAGING_MODE, product.text("Image Type"), source("Image Type"))
    claims.add(Field.ORDER_ID, product.text("Product Order Number"), source("Product Order Number"))
    claims.add(Field.CATALOG_ID, first.text("Source Image ID"), source("Source Image ID"))
    if len(sources) == 1:
        _angles(first, claims, key)
    if len(components) == 1:
        claims.footprint(components[0].corners[:4], source("Component Geographic Corner Coordinates"))
    claims.add(Field.DECLARED_CRS, _utm(product), source("Map Projection, Zone Number, Hemisphere, Datum"))


def _time(sources: list[Block], claims: Claims, source: Source) -> None:
    moments = []
    for block in sources:
        text = block.text("Acquisition Date/Time")
        match = re.match(r"(\d{4})-(\d\d)-(\d\d)\s+(\d\d):(\d\d)(?::(\d\d))?(?:\.\d+)?\s*(?:GMT|UTC|Z)\b", text or "")
        if match is None:
            continue
        try:
            year, month, day, hour, minute, second = (int(g or 0) for g in match.groups())
            start = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        except ValueError:
            claims.findings.append(BAD_VALUE(source.file, value=text, key=source.locator))
            continue
        moments.append(When(start, None, Precision.SECOND if match.group(6) else Precision.MINUTE))
    if moments:
        first, last = min(moments, key=lambda m: m.start), max(moments, key=lambda m: m.start)
        close = (last.start - first.start).total_seconds() <= 120
        claims.add(Field.ACQUIRED, first if close else When.between(first.start, last.start), source)


def _cloud(sources: list[Block], components: list[Block], claims: Claims, key: ArchiveFile) -> None:
    """Cloud of the delivered component where there is one; of several, the plain mean; else of the one source image."""
    own = [n for b in components if (n := b.number("Percent Component Cloud Cover")) is not None and 0 <= n <= 100]
    if own and len(own) == len(components):
        if len(own) == 1:
            claims.add(Field.CLOUD_COVER, own[0], Source(Origin.METADATA, key.name, "Percent Component Cloud Cover"))
        else:
            mean = round(sum(own) / len(own), 4)
            claims.add(Field.CLOUD_COVER, mean, Source(Origin.COMPUTED, key.name, "mean of Percent Component Cloud Cover"))
    elif len(sources) == 1:
        claims.number(
            Field.CLOUD_COVER, sources[0].number("Percent Cloud Cover"), Source(Origin.METADATA, key.name, "Percent Cloud Cover"), 0, 100
        )


def _angles(image: Block, claims: Claims, key: ArchiveFile) -> None:
    def source(what: str) -> Source:
        return Source(Origin.METADATA, key.name, what)

    claims.azimuth(Field.SUN_AZIMUTH, image.number("Sun Angle Azimuth"), source("Sun Angle Azimuth"))
    claims.number(Field.SUN_ELEVATION, image.number("Sun Angle Elevation"), source("Sun Angle Elevation"), -90, 90)
    claims.azimuth(Field.VIEW_AZIMUTH, image.number("Nominal Collection Azimuth"), source("Nominal Collection Azimuth"))
    elevation = image.number("Nominal Collection Elevation")
    if elevation is not None and 0 <= elevation <= 90:
        computed = Source(Origin.COMPUTED, key.name, "90 - Nominal Collection Elevation")
        claims.add(Field.INCIDENCE_ANGLE, round(90 - elevation, 4), computed)


def _utm(product: Block) -> str | None:
    zone, hemisphere, datum = product.number("Zone Number"), product.text("Hemisphere"), (product.text("Datum") or "").replace(" ", "")
    projection = product.text("Map Projection") or ""
    if not projection.startswith("Universal Transverse Mercator") or datum.upper() not in ("WGS84", "WGS-84") or not zone:
        return None
    if not 1 <= zone <= 60 or (hemisphere or "?")[0].upper() not in ("N", "S"):
        return None
    return f"EPSG:{(32600 if str(hemisphere)[0].upper() == 'N' else 32700) + int(zone)}"


def _key(file: ArchiveFile) -> str:
    match = _RASTER.fullmatch(file.stem)
    return match["band"].lower() if match else "image"


def _raster(scene: SceneFiles, file: ArchiveFile, key: str, blocks: list[Block], components: list[Block]) -> RasterSource:
    names = BANDS.get(_key(file), ())
    satellite = next((s for b in blocks if (s := b.text("Sensor"))), "")
    rpc = [f for f, role in scene.files if role is FileRole.RPC and f.stem.lower() == f"{file.stem.lower()}_rpc"]
    match = _RASTER.fullmatch(file.stem)
    component = next((b for b in components if match and b.text("Component ID") == match["component"]), None)
    size = component.number("Pixel Size X") if component else None
    bands = with_gsd(sensors.bands(satellite, None, names), size) if names else ()
    return RasterSource(key=key, tiles=(file,), bands=bands, gsd=size, sidecars=(*beside(scene.folder, file), *rpc, scene.key))


FORMAT = GeoEye()
