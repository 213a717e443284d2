"""The Pleiades system document (``PHR_Dimap_Document``), which the ground segment hands over with its products."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from catalog_builder.archive import sensors
from catalog_builder.archive.claims import Claims, follow
from catalog_builder.archive.delivery import ArchiveFile, Band, FileRole, Folder, RasterSource, Reading, SceneFiles
from catalog_builder.archive.dimap import LEVEL_RULE, LEVELS, beside
from catalog_builder.archive.xmltree import Tree, parse_xml, root_name
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.facts import Field

STRIP = "Data_Strip/Data_Strip_Identification"
IMAGE = "Product_Characteristics/Product_Image_Characteristics"
HEADERS = "Data_Strip/Geometric_Header_List/Located_Geometric_Header"


class AirbusSystem:
    """Reader of Pleiades system documents."""

    name = "airbus-phr-system"

    def find(self, folder: Folder) -> Iterable[SceneFiles]:
        """One scene for each system document of the folder."""
        for document in folder.files:
            if document.suffix == ".xml" and root_name(document) == "PHR_Dimap_Document":
                files = {document.name: (document, FileRole.METADATA)}
                for file, role in _listed(folder, document):
                    files.setdefault(file.name, (file, role))
                yield SceneFiles(self.name, document, folder, tuple(files[k] for k in sorted(files)))

    def read(self, scene: SceneFiles) -> Reading:
        """What the document says.

        Raises:
            UnreadableDelivery: the metadata cannot be understood.
        """
        tree, claims = parse_xml(scene.key), Claims()
        _identity(tree, claims)
        _view(tree, claims)
        files = [follow(scene.folder, p, tree.file, claims.findings) for p in _paths(tree)]
        there = [f for f in files if f is not None]
        rasters = [_raster(tree, scene.folder, f) for f in there]
        return Reading(tuple(claims.claims), tuple(rasters), tuple(claims.findings))


def _paths(tree: Tree) -> list[str]:
    return [p for e in tree.all(f"{IMAGE}/Data_Access/Data_File") if (p := tree.text("DATA_FILE_PATH", e))]


def _listed(folder: Folder, document: ArchiveFile) -> Iterable[tuple[ArchiveFile, FileRole]]:
    try:
        tree = parse_xml(document)
    except UnreadableDelivery:
        return  # :meth:`AirbusSystem.read` reports it
    for path in _paths(tree):
        if file := follow(folder, path, document, []):
            yield file, FileRole.RASTER
            yield from ((side, FileRole.GEOREFERENCE) for side in beside(folder, file))
    for name in ("DATASET_TN_PATH", "DATASET_QL_PATH"):
        if file := follow(folder, tree.text(f"Dataset_Identification/{name}/@href"), document, []):
            yield file, FileRole.BROWSE


def _platform(tree: Tree) -> str | None:
    name, serial = tree.text(f"{STRIP}/PLATFORM_NAME"), tree.text(f"{STRIP}/PLATFORM_SERIAL_NUMBER")
    return f"{name} {serial}" if name and serial else name


def _identity(tree: Tree, claims: Claims) -> None:
    known = claims.platform(_platform(tree), tree.source(f"{STRIP}/PLATFORM_NAME, PLATFORM_SERIAL_NUMBER"))
    if known and len(known.instruments) == 1:
        claims.registry_instruments(known)
    level = tree.text("Product_Characteristics/PROCESSING_LEVEL")
    claims.add(Field.PROCESSING_LEVEL, level, tree.source("Product_Characteristics/PROCESSING_LEVEL"))
    claims.national_level(level, LEVELS, tree.source("Product_Characteristics/PROCESSING_LEVEL"), LEVEL_RULE)
    for field, path in (
        (Field.SCENE_NAME, "Dataset_Identification/DATASET_NAME"),
        (Field.PRODUCT_ID, "Dataset_Identification/DATASET_NAME"),
        (Field.CATALOG_ID, f"{STRIP}/DATA_STRIP_ID"),
        (Field.ORDER_ID, "Production/JOB_ID"),
        (Field.IMAGING_MODE, f"{IMAGE}/SPECTRAL_PROCESSING"),
    ):
        claims.add(field, tree.text(path), tree.source(path))
    start = "Data_Strip/UTC_Acquisition_Range/START"
    claims.when(Field.ACQUIRED, tree.text(start), tree.source(start))
    produced = "Production/DATASET_PRODUCTION_DATE"
    claims.when(Field.PRODUCED, tree.text(produced), tree.source(produced))
    software, version = (tree.text(f"Production/Production_Facility/SOFTWARE_{n}") for n in ("NAME", "VERSION"))
    text = f"{software} {version}" if software and version else software
    claims.add(Field.SOFTWARE, text, tree.source("Production/Production_Facility/SOFTWARE_NAME"))


def _view(tree: Tree, claims: Claims) -> None:
    size = f"{IMAGE}/THEORETICAL_RESOLUTION"
    claims.number(Field.GSD, tree.number(size), tree.source(size), 0.05, 100)
    cloud = "Catalog/Cloud_And_Quality_Notation/Data_Strip_Notation/CLOUD_NOTATION"
    claims.number(Field.CLOUD_COVER, tree.number(cloud), tree.source(cloud), 0, 100)
    headers = tree.all(HEADERS)
    if headers:
        middle, where = headers[len(headers) // 2], f"{HEADERS}[{len(headers) // 2 + 1}]"
        claims.number(
            Field.INCIDENCE_ANGLE,
            tree.number("Incidences/GLOBAL_INCIDENCE", middle),
            tree.source(f"{where}/Incidences/GLOBAL_INCIDENCE"),
            0,
            90,
        )
        claims.number(Field.OFF_NADIR, tree.number("Pointing_Angles/PSI_XY", middle), tree.source(f"{where}/Pointing_Angles/PSI_XY"), 0, 90)
        sun = "Solar_Incidences"
        claims.azimuth(Field.SUN_AZIMUTH, tree.number(f"{sun}/SUN_AZIMUTH", middle), tree.source(f"{where}/{sun}/SUN_AZIMUTH"))
        claims.number(
            Field.SUN_ELEVATION, tree.number(f"{sun}/SUN_ELEVATION", middle), tree.source(f"{where}/{sun}/SUN_ELEVATION"), -90, 90
        )
    frame = "Product_Frame/Dataset_Frame/Vertex"
    claims.footprint(((tree.number("LON", v), tree.number("LAT", v)) for v in tree.all(frame)), tree.source(frame))


def _raster(tree: Tree, folder: Folder, file: ArchiveFile) -> RasterSource:
    order = [tree.text(f"{IMAGE}/Image_Display_Order/{c}_CHANNEL") for c in ("RED", "GREEN", "BLUE")]
    panchromatic = tree.number("Raster_Dimensions/NBANDS") == 1 and len(set(order)) == 1 and order[0] in ("P", "PA")
    size = tree.number(f"{IMAGE}/THEORETICAL_RESOLUTION")
    bands: tuple[Band, ...] = ()
    if panchromatic:
        bands = tuple(replace(b, gsd=size) for b in sensors.bands(_platform(tree) or "", None, ["P"]))
    sidecars = (*beside(folder, file), tree.file)
    return RasterSource("pan" if panchromatic else "image", (file,), bands=bands, nodata=_nodata(tree), gsd=size, sidecars=sidecars)


def _nodata(tree: Tree) -> float | None:
    for special in tree.all(f"{IMAGE}/Special_Values"):
        if tree.text("SPECIAL_VALUE_TEXT", special) == "NODATA":
            return tree.number("SPECIAL_VALUE_INDEX", special)
    return None


FORMAT = AirbusSystem()
