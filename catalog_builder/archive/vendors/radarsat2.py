"""RADARSAT-2: ``product.xml`` with one GeoTIFF per polarisation.

Paths follow the RADARSAT-2 product format definition (RN-RP-51-2713). Images in satellite geometry carry no georeference; the
tie points of the product file become their ground control points.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lxml import etree

from catalog_builder.archive import public, sensors
from catalog_builder.archive.claims import Claims, follow
from catalog_builder.archive.delivery import (
    ArchiveFile,
    Band,
    FileRole,
    Folder,
    GroundControlPoint,
    RasterKind,
    RasterSource,
    Reading,
    SceneFiles,
)
from catalog_builder.archive.xmltree import Tree, parse_xml, root_name
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.facts import Field, Origin, Source
from catalog_builder.findings import Finding

NATIONAL_LEVELS = {**dict.fromkeys(("SLC", "SGF", "SGX", "SCN", "SCW", "SCF", "SCS"), "1A"), "SSG": "2A", "SPG": "3A"}
"""Our reading of TT 10/2015/TT-BTNMT: SLC to SCS are in slant or ground range; SSG is geocoded from orbit data, SPG with ground control."""

BESIDE = frozenset({"lutbeta.xml", "lutgamma.xml", "lutsigma.xml", "lut.xml", "browseimage.tif", "readme.txt"})
"""Files of a product that the product file does not name, in lower case."""

MAX_POINTS = 5000
"""Tie points taken; real products have some hundreds."""


@dataclass(frozen=True, slots=True)
class Radarsat2:
    """The format: one scene per ``product.xml`` of the RADARSAT-2 schema."""

    name: str = "radarsat-2"

    def find(self, folder: Folder) -> Iterable[SceneFiles]:
        product = folder.file("product.xml")
        if product is None or root_name(product) != "product":
            return
        head = product.head(8192)
        if b"/rs2" not in head or b"sourceAttributes" not in head:
            return
        images = [file for href in _hrefs(product) if (file := folder.resolve(href)) is not None]
        beside = [f for f in folder.files if f.basename.lower() in BESIDE or f.suffix in (".kml", ".nff")]
        schemas = [f for sub in folder.folders if public.last_part(sub).lower() == "schemas" for f in sub.walk()]
        yield _with_browse(public.scene(self.name, product, folder, [*images, *beside, *schemas]))

    def read(self, scene: SceneFiles) -> Reading:
        claims = Claims()
        tree = parse_xml(scene.key)
        _claim_scene(tree, claims)
        points = _tie_points(tree)
        claims.footprint(public.around(_extremes(points)), tree.source("//imageTiePoint, outermost"))
        usable = public.usable(_rasters(scene, tree, claims.findings), claims.findings)
        placed = [
            source if header.gcps or header.crs_wkt else replace(source, gcps=points, gcp_crs="EPSG:4326" if points else None)
            for source, header in usable
        ]
        return Reading(tuple(claims.claims), tuple(placed), tuple(claims.findings))


def _with_browse(scene: SceneFiles) -> SceneFiles:
    roles = ((f, FileRole.BROWSE if f.basename.lower() == "browseimage.tif" else r) for f, r in scene.files)
    return SceneFiles(scene.format, scene.key, scene.folder, tuple(roles))


def _hrefs(product: ArchiveFile) -> list[str]:
    """The image files that the product names; none when it cannot be read, which reading it will report."""
    try:
        tree = parse_xml(product)
    except UnreadableDelivery:
        return []
    return [text for e in tree.all("imageAttributes/fullResolutionImageData") if (text := tree.text(".", e))]


def _claim_scene(tree: Tree, claims: Claims) -> None:
    satellite, source = tree.text("sourceAttributes/satellite"), tree.source("sourceAttributes/satellite")
    known = sensors.platform(satellite) if satellite else None
    if known is not None:  # anonymised products say "SATELLITE"; that names nothing
        claims.platform(satellite, source)
        sensor = tree.text("sourceAttributes/sensor")
        claims.add(Field.INSTRUMENTS, sensors.instruments(sensor or "") or known.instruments, tree.source("sourceAttributes/sensor"))
    start = "sourceAttributes/rawDataStartTime"
    claims.when(Field.ACQUIRED, tree.text(start), tree.source(start))
    general = "imageGenerationParameters/generalProcessingInformation"
    public.claim_text(
        tree,
        claims,
        {
            Field.PRODUCT_ID: "productId",
            Field.SCENE_NAME: "productId",
            Field.CATALOG_ID: "sourceAttributes/imageId",
            Field.SAR_MODE: "sourceAttributes/beamModeMnemonic",
            Field.IMAGING_MODE: "sourceAttributes/beamModeMnemonic",
            Field.PRODUCT_TYPE: f"{general}/productType",
            Field.PROCESSING_LEVEL: f"{general}/productType",
            Field.SOFTWARE: f"{general}/softwareVersion",
        },
    )
    kind = tree.text(f"{general}/productType")
    claims.national_level(kind, NATIONAL_LEVELS, tree.source(f"{general}/productType"), "domain 2.4 by analogy")
    claims.when(Field.PRODUCED, tree.text(f"{general}/processingTime"), tree.source(f"{general}/processingTime"))
    public.claim_lower(tree, claims, Field.ORBIT_STATE, "//orbitInformation/passDirection")
    public.claim_lower(tree, claims, Field.LOOK_DIRECTION, "//radarParameters/antennaPointing")
    frequency = "//radarParameters/radarCenterFrequency"
    claims.add(Field.SAR_BAND, public.radar_band(tree.number(frequency)), tree.source(frequency))
    polarizations = tree.text("//radarParameters/polarizations")
    claims.add(Field.POLARIZATIONS, tuple(polarizations.split()) if polarizations else None, tree.source("//radarParameters/polarizations"))
    near, far = (tree.number(f"//sarProcessingInformation/incidenceAngle{side}Range") for side in ("Near", "Far"))
    if near is not None and far is not None:
        computed = Source(Origin.COMPUTED, tree.file.name, "mean of incidenceAngleNearRange and FarRange")
        claims.number(Field.INCIDENCE_ANGLE, (near + far) / 2, computed, 0, 90)
    sides = [tree.number(f"//rasterAttributes/sampled{side}Spacing") for side in ("Pixel", "Line")]
    if kind != "SLC" and None not in sides:
        claims.add(Field.GSD, max(s for s in sides if s is not None), tree.source("//rasterAttributes/sampledPixelSpacing"))


def _tie_points(tree: Tree) -> tuple[GroundControlPoint, ...]:
    points = []
    for element in tree.all("//geolocationGrid/imageTiePoint")[:MAX_POINTS]:
        column, row = tree.number("imageCoordinate/pixel", element), tree.number("imageCoordinate/line", element)
        lon, lat = tree.number("geodeticCoordinate/longitude", element), tree.number("geodeticCoordinate/latitude", element)
        if column is not None and row is not None and lon is not None and lat is not None:
            points.append(GroundControlPoint(column, row, lon, lat))
    return tuple(points)


def _extremes(points: tuple[GroundControlPoint, ...]) -> list[tuple[float, float]]:
    """The tie points at the four corners of the image."""
    if len(points) < 4:
        return []
    corners = [max(points, key=lambda p: (a * p.column + b * p.row, p.column)) for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    return [(p.x, p.y) for p in corners]


def _rasters(scene: SceneFiles, tree: Tree, findings: list[Finding]) -> list[RasterSource]:
    poles: dict[str, tuple[ArchiveFile, list[str]]] = {}
    for element in tree.all("imageAttributes/fullResolutionImageData"):
        file = follow(scene.folder, tree.text(".", element), scene.key, findings)
        if file is not None:
            poles.setdefault(file.name, (file, []))[1].append(_pole(element))
    found = []
    for file, names in poles.values():
        known = [n for n in names if n]
        bands = (Band(known[0], description=f"{known[0]} polarisation"),) if len(known) == 1 else ()
        found.append(RasterSource("-".join(known) or file.stem, (file,), RasterKind.SAR, bands))
    return found


def _pole(element: etree._Element) -> str:
    return str(element.get("pole") or "").strip().upper()


FORMAT = Radarsat2()
