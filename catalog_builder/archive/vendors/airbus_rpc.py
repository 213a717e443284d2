"""Airbus rational function models without the product document they belong to (``RPC_*.XML`` alone or beside an image)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from catalog_builder.archive.claims import RASTER_SUFFIXES, Claims, Point
from catalog_builder.archive.commercial_findings import AXES_SWAPPED
from catalog_builder.archive.delivery import ArchiveFile, FileRole, Folder, RasterSource, Reading, SceneFiles
from catalog_builder.archive.dimap import beside, dimap_kind
from catalog_builder.archive.xmltree import Tree, parse_xml
from catalog_builder.facts import Field, Origin, Source
from catalog_builder.times import When

VALIDITY = "Rational_Function_Model/Global_RFM/RFM_Validity"
DOMAINS = ("Inverse_Model_Validity_Domain", "GroundtoImage_Validity_Domain")

NAME = re.compile(r"RPC_(SPOT[67]|PHR1[AB]|PNEO[34])_([A-Z-]+)_(\d{14})(\d)_", re.IGNORECASE)
"""``RPC_PHR1B_P_201308051042194_...``: platform, bands, time of acquisition in tenths of a second (Airbus product guides)."""


class AirbusRpc:
    """Reader of lone Airbus RPC documents."""

    name = "airbus-rpc"

    def find(self, folder: Folder) -> Iterable[SceneFiles]:
        """One scene for each RPC document without a product document of the same name and without an OSSIM description."""
        kinds = {f.name: dimap_kind(f) for f in folder.files}
        products = {re.sub(r"^DIM_", "", f.stem, flags=re.IGNORECASE).lower() for f in folder.files if kinds[f.name] == "PRODUCT"}
        for document in folder.files:
            base = re.sub(r"^RPC_", "", document.stem, flags=re.IGNORECASE)
            if kinds[document.name] != "RPC" or base.lower() in products or _described_by_ossim(folder, document):
                continue
            images = _images(folder, base)
            files = [(document, FileRole.RPC), *((f, FileRole.RASTER) for f in images)]
            files += [(side, FileRole.GEOREFERENCE) for image in images for side in beside(folder, image)]
            yield SceneFiles(self.name, document, folder, tuple(files))

    def read(self, scene: SceneFiles) -> Reading:
        """Platform and validity domain; the time only where the file keeps its vendor name.

        Raises:
            UnreadableDelivery: the metadata cannot be understood.
        """
        tree, claims = parse_xml(scene.key), Claims()
        _platform(tree, claims)
        match = NAME.match(scene.key.basename)
        if match:
            _time_in_name(match, scene.key, claims)
        domain, source = validity(tree, claims)
        if domain is not None:
            west, south, east, north = domain
            claims.footprint([(west, north), (east, north), (east, south), (west, south)], source)
        rasters = tuple(
            RasterSource(key="image", tiles=(f,), sidecars=(*beside(scene.folder, f), scene.key)) for f in scene.with_role(FileRole.RASTER)
        )
        return Reading(tuple(claims.claims), rasters[:1], tuple(claims.findings))


def _described_by_ossim(folder: Folder, document: ArchiveFile) -> bool:
    """Whether a ``.geom`` beside ``document`` is of the same image and so tells more than the model alone."""
    for file in folder.files:
        if file.suffix == ".geom":
            match = re.search(rb"^\s*image_id:\s*(\S+)", file.head(1 << 16), re.MULTILINE)
            if match and len(match.group(1)) > 5 and match.group(1).decode("latin-1").lower() in document.basename.lower():
                return True
    return False


def _images(folder: Folder, base: str) -> list[ArchiveFile]:
    pattern = re.compile(rf"(?:IMG_)?{re.escape(base)}(?:_R\d+C\d+)?", re.IGNORECASE)
    return [f for f in folder.files if f.suffix in RASTER_SUFFIXES and pattern.fullmatch(f.stem)]


def _platform(tree: Tree, claims: Claims) -> None:
    """The name of the file tells 1A from 1B; the profile only the family, except for SPOT (``S6_SENSOR``)."""
    match = NAME.match(tree.file.basename)
    if match:
        claims.platform(match.group(1), Source(Origin.FILENAME, tree.file.name, NAME.pattern))
        return
    path = "Metadata_Identification/METADATA_PROFILE"
    profile = (tree.text(path) or "").split("_")[0].upper()
    if profile in ("S6", "S7"):
        claims.platform(profile, tree.source(path))
    elif profile in ("PHR", "PNEO"):
        claims.add(Field.CONSTELLATION, {"PHR": "Pleiades", "PNEO": "PleiadesNeo"}[profile], tree.source(path))


def _time_in_name(match: re.Match[str], file: ArchiveFile, claims: Claims) -> None:
    try:
        start = datetime.strptime(match.group(3), "%Y%m%d%H%M%S").replace(tzinfo=UTC, microsecond=int(match.group(4)) * 100_000)
    except ValueError:
        return  # fourteen digits that are no time
    claims.add(Field.ACQUIRED, When.instant(start), Source(Origin.FILENAME, file.name, NAME.pattern))
    claims.add(Field.IMAGING_MODE, match.group(2), Source(Origin.FILENAME, file.name, NAME.pattern))


def validity(tree: Tree, claims: Claims) -> tuple[tuple[float, float, float, float] | None, Source]:
    """West, south, east, north of the model's validity domain; axes that the offsets show to be swapped are put right."""
    centre = (tree.number(f"{VALIDITY}/LONG_OFF"), tree.number(f"{VALIDITY}/LAT_OFF"))
    for name in DOMAINS:
        path = f"{VALIDITY}/{name}"
        numbers = [tree.number(f"{path}/{k}") for k in ("FIRST_LON", "FIRST_LAT", "LAST_LON", "LAST_LAT")]
        known = [n for n in numbers if n is not None]
        if len(known) != 4:
            continue
        first, last = (known[0], known[1]), (known[2], known[3])
        if centre[0] is None or centre[1] is None or _holds(first, last, (centre[0], centre[1])):
            return _box(first, last), tree.source(path)
        if _holds(first, last, (centre[1], centre[0])):
            claims.findings.append(AXES_SWAPPED(tree.file.name))
            return _box(first[::-1], last[::-1]), tree.source(path)
    return None, tree.source(VALIDITY)


def _holds(first: Point, last: Point, point: Point) -> bool:
    return all(min(a, b) <= c <= max(a, b) for a, b, c in zip(first, last, point, strict=True))


def _box(first: Point, last: Point) -> tuple[float, float, float, float]:
    return min(first[0], last[0]), min(first[1], last[1]), max(first[0], last[0]), max(first[1], last[1])


FORMAT = AirbusRpc()
