"""TerraSAR-X, TanDEM-X and PAZ: the level 1b product file (root ``level1Product``) with images in ``IMAGEDATA``.

Paths follow the TerraSAR-X level 1b product format specification (TX-GS-DD-3307).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from catalog_builder.archive import public, sensors
from catalog_builder.archive.claims import Claims, follow
from catalog_builder.archive.delivery import ArchiveFile, Band, FileRole, Folder, RasterKind, RasterSource, Reading, SceneFiles
from catalog_builder.archive.xmltree import Tree, parse_xml, root_name
from catalog_builder.facts import Field
from catalog_builder.findings import Finding
from catalog_builder.times import When

NATIONAL_LEVELS = {"SSC": "1A", "MGD": "1A", "GEC": "2A", "EEC": "2A"}
"""SSC and MGD are in slant and ground range; GEC and EEC are geocoded from orbit data, EEC with a DEM (as Landsat L1GT)."""

PARTS = frozenset({"imagedata", "preview", "annotation", "auxraster", "support"})


@dataclass(frozen=True, slots=True)
class TerrasarX:
    """The format: one scene per product file."""

    name: str = "terrasar-x"

    def find(self, folder: Folder) -> Iterable[SceneFiles]:
        products = [f for f in folder.files if f.suffix == ".xml" and root_name(f) == "level1Product"]
        for product in products:
            alone = len(products) == 1
            below = [f for sub in folder.folders if alone and public.last_part(sub).lower() in PARTS for f in sub.walk()]
            yield _with_roles(public.scene(self.name, product, folder, below))

    def read(self, scene: SceneFiles) -> Reading:
        claims = Claims()
        tree = parse_xml(scene.key)
        _claim_scene(tree, claims)
        _claim_place(tree, claims)
        return public.reading(claims.claims, _rasters(scene, tree, claims.findings), claims.findings)


def _with_roles(scene: SceneFiles) -> SceneFiles:
    """Quicklooks, and rasters of incidence and layover, are not pixels of the scene."""

    def role(file: ArchiveFile, given: FileRole) -> FileRole:
        folder = file.name.rsplit("/", 2)[-2].lower() if "/" in file.name else ""
        if given is FileRole.RASTER and folder == "preview":
            return FileRole.BROWSE
        if given is FileRole.RASTER and folder == "auxraster":
            return FileRole.MASK
        return FileRole.RASTER if file.suffix == ".cos" else given

    return SceneFiles(scene.format, scene.key, scene.folder, tuple((f, role(f, r)) for f, r in scene.files))


def _claim_scene(tree: Tree, claims: Claims) -> None:
    claims.add(Field.SCENE_NAME, tree.file.stem, tree.source("file name"))
    mission, source = tree.text("productInfo/missionInfo/mission"), tree.source("productInfo/missionInfo/mission")
    known = claims.platform(mission, source)
    sensor, source = tree.text("productInfo/acquisitionInfo/sensor"), tree.source("productInfo/acquisitionInfo/sensor")
    claims.add(Field.INSTRUMENTS, sensors.instruments(sensor or "") or (known.instruments if known else None), source)
    public.claim_text(
        tree,
        claims,
        {
            Field.PRODUCT_ID: "productInfo/generationInfo/logicalProductID",
            Field.SAR_MODE: "productInfo/acquisitionInfo/imagingMode",
            Field.IMAGING_MODE: "productInfo/acquisitionInfo/imagingMode",
            Field.PRODUCT_TYPE: "productInfo/productVariantInfo/productType",
            Field.PROCESSING_LEVEL: "productInfo/productVariantInfo/productVariant",
        },
    )
    variant = "productInfo/productVariantInfo/productVariant"
    claims.national_level(tree.text(variant), NATIONAL_LEVELS, tree.source(variant), "domain 2.4 by analogy")
    claims.when(Field.PRODUCED, tree.text("generalHeader/generationTime"), tree.source("generalHeader/generationTime"))
    public.claim_lower(tree, claims, Field.ORBIT_STATE, "productInfo/missionInfo/orbitDirection")
    public.claim_lower(tree, claims, Field.LOOK_DIRECTION, "productInfo/acquisitionInfo/lookDirection")
    public.claim_whole(tree, claims, Field.ABSOLUTE_ORBIT, "productInfo/missionInfo/absOrbit")
    public.claim_whole(tree, claims, Field.RELATIVE_ORBIT, "productInfo/missionInfo/relOrbit")
    frequency = "instrument/radarParameters/centerFrequency"
    claims.add(Field.SAR_BAND, public.radar_band(tree.number(frequency)), tree.source(frequency))
    layers = [t for e in tree.all("productInfo/acquisitionInfo/polarisationList/polLayer") if (t := tree.text(".", e))]
    claims.add(Field.POLARIZATIONS, tuple(layers) or None, tree.source("productInfo/acquisitionInfo/polarisationList"))
    start, stop = (claims.moment(tree.text(p), tree.source(p)) for p in (f"productInfo/sceneInfo/{w}/timeUTC" for w in ("start", "stop")))
    if start is not None and stop is not None and start.start <= stop.start:
        claims.add(Field.ACQUIRED, When.between(start.start, stop.start), tree.source("productInfo/sceneInfo/start, stop"))
    elif start is not None:
        claims.add(Field.ACQUIRED, start, tree.source("productInfo/sceneInfo/start/timeUTC"))


def _claim_place(tree: Tree, claims: Claims) -> None:
    angle = "productInfo/sceneInfo/sceneCenterCoord/incidenceAngle"
    claims.number(Field.INCIDENCE_ANGLE, tree.number(angle), tree.source(angle), 0, 90)
    points = []
    for corner in tree.all("productInfo/sceneInfo/sceneCornerCoord"):
        lon, lat = tree.number("lon", corner), tree.number("lat", corner)
        if lon is not None and lat is not None:
            points.append((lon, lat))
    claims.footprint(public.around(points), tree.source("productInfo/sceneInfo/sceneCornerCoord"))
    slant = (tree.text("productInfo/productVariantInfo/projection") or "SLANTRANGE").upper() == "SLANTRANGE"
    spacing = [tree.number(f"productInfo/imageDataInfo/imageRaster/{side}Spacing") for side in ("row", "column")]
    metres = [s for s in spacing if s is not None and s > 0]
    if not slant and len(metres) == 2:
        claims.add(Field.GSD, max(metres), tree.source("productInfo/imageDataInfo/imageRaster/rowSpacing"))


def _rasters(scene: SceneFiles, tree: Tree, findings: list[Finding]) -> list[RasterSource]:
    found = []
    for layer in tree.all("productComponents/imageData"):
        parts = (tree.text("file/location/path", layer), tree.text("file/location/filename", layer))
        file = follow(scene.folder, "/".join(p.strip("/") for p in parts if p), scene.key, findings)
        pol = (tree.text("polLayer", layer) or "").upper()
        if file is not None:
            bands = (Band(pol, description=f"{pol} polarisation"),) if pol else ()
            found.append(RasterSource(pol or file.stem, (file,), RasterKind.SAR, bands))
    return found


FORMAT = TerrasarX()
