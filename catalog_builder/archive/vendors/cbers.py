"""CBERS-4, CBERS-4A and Amazonia-1 as INPE delivers them: per band a GeoTIFF and an XML file of root ``prdf``.

All bands of one acquisition, level and path/row are one scene. Cameras of two halves repeat the metadata under
``leftCamera`` and ``rightCamera``; the first half speaks for the scene, the outline covers both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from catalog_builder.archive import public, sensors
from catalog_builder.archive.claims import Claims
from catalog_builder.archive.delivery import ArchiveFile, FileRole, Folder, RasterKind, RasterSource, Reading, SceneFiles
from catalog_builder.archive.public_findings import PART_UNREADABLE
from catalog_builder.archive.xmltree import Tree, parse_xml, root_name
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.facts import Field

NATIONAL_LEVELS = {"1": "1A", "2": "2A", "2B": "2A", "3": "3A", "4": "3A"}
"""INPE: level 2 has system geometry, 3 ground control, 4 ground control and a DEM; by analogy with Landsat."""

_BAND_PART = re.compile(r"(?:_(LEFT|RIGHT))?_BAND(\d{1,2})$", re.IGNORECASE)
CORNERS = ("UL", "UR", "LR", "LL")


@dataclass(frozen=True, slots=True)
class InpePrdf:
    """The format: one scene per common name of band files."""

    name: str = "inpe-prdf"

    def find(self, folder: Folder) -> Iterable[SceneFiles]:
        groups: dict[str, list[ArchiveFile]] = {}
        for file in folder.files:
            if file.suffix == ".xml" and root_name(file) == "prdf":
                groups.setdefault(_BAND_PART.sub("", file.stem), []).append(file)
        for stem, documents in sorted(groups.items()):
            own = [f for f in folder.files if f.basename.lower().startswith((f"{stem}_".lower(), f"{stem}.".lower()))]
            yield public.scene(self.name, documents[0], folder, own)

    def read(self, scene: SceneFiles) -> Reading:
        claims = Claims()
        tree = parse_xml(scene.key)
        _claim_scene(tree, claims)
        outlines = [tree]
        for file in scene.with_role(FileRole.METADATA):
            half = _BAND_PART.search(file.stem)
            if file.name != scene.key.name and file.suffix == ".xml" and half and half.group(1):
                try:
                    outlines.append(parse_xml(file))
                except UnreadableDelivery:
                    claims.findings.append(PART_UNREADABLE(file.name))
        _claim_outline(outlines, claims)
        return public.reading(claims.claims, _rasters(scene, tree), claims.findings)


def _claim_scene(tree: Tree, claims: Claims) -> None:
    stem = _BAND_PART.sub("", tree.file.stem)
    claims.add(Field.SCENE_NAME, stem, tree.source("file name"))
    claims.add(Field.PRODUCT_ID, stem, tree.source("file name"))
    name, number = tree.text("//satellite/name"), tree.text("//satellite/number")
    known = claims.platform(f"{name}{number or ''}" if name else None, tree.source("//satellite"))
    camera = tree.text("//satellite/instrument")
    if camera:
        claims.add(Field.INSTRUMENTS, sensors.instruments(camera) or (camera,), tree.source("//satellite/instrument"))
    centre = "//image/timeStamp/center" if tree.text("//image/timeStamp/center") else "//viewing/center"
    claims.when(Field.ACQUIRED, tree.text(centre), tree.source(centre))
    claims.number(Field.SUN_ELEVATION, tree.number("//sunPosition/elevation"), tree.source("//sunPosition/elevation"), -90, 90)
    claims.azimuth(Field.SUN_AZIMUTH, tree.number("//sunPosition/sunAzimuth"), tree.source("//sunPosition/sunAzimuth"))
    sides = [tree.number("//image/verticalPixelSize"), tree.number("//image/horizontalPixelSize")]
    sizes = [s for s in sides if s is not None and s > 0]
    claims.add(Field.GSD, max(sizes) if len(sizes) == 2 else None, tree.source("//image/verticalPixelSize"))
    level, source = tree.text("//image/level"), tree.source("//image/level")
    claims.add(Field.PROCESSING_LEVEL, f"L{level}" if level else None, source)
    claims.national_level(level, NATIONAL_LEVELS, source, "domain 2.4 by analogy")
    claims.when(Field.PRODUCED, tree.text("//image/processingTime"), tree.source("//image/processingTime"))
    software = " ".join(t for t in (tree.text("//software"), tree.text("//version")) if t)
    claims.add(Field.SOFTWARE, software, tree.source("//software"))
    public.claim_lower(tree, claims, Field.ORBIT_STATE, "//image/orbitDirection")
    path, row = tree.number("//image/path"), tree.number("//image/row")
    if known and path is not None and row is not None and 0 <= path <= 999 and 0 <= row <= 999:
        code = f"{known.constellation.upper()}-{int(path):03d}{int(row):03d}"
        claims.add(Field.GRID_CODE, code, tree.source("//image/path"))
    claims.add(Field.DECLARED_CRS, _declared_crs(tree), tree.source("//image/projectionName"))


def _declared_crs(tree: Tree) -> str | None:
    """UTM on WGS 84 by its central meridian and false northing; other grids are left to the raster.

    Two-camera products say UTM although their images may be in a Lambert grid (``…_LCC_WGS84``), so there nothing is claimed.
    """
    if tree.all("leftCamera") or tree.all("rightCamera"):
        return None
    datum = (tree.text("//image/datumName") or "").upper().replace(" ", "")
    meridian, northing = tree.number("//image/originLongitude"), tree.number("//image/falseNorthing")
    if (tree.text("//image/projectionName") or "").upper() != "UTM" or datum != "WGS84" or meridian is None:
        return None
    zone = (meridian + 183) / 6
    if northing not in (0, 10_000_000) or zone != int(zone):
        return None
    return public.utm_code(int(zone), north=northing == 0)


def _claim_outline(trees: list[Tree], claims: Claims) -> None:
    """The outline of the data: of one image its corners, of two half cameras the western ones of one and the eastern of the other."""
    rings = [ring for tree in trees for ring in _rings(tree)]
    if not rings:
        return
    west, east = min(rings, key=lambda r: r[0][0]), max(rings, key=lambda r: r[1][0])
    claims.footprint((west[0], east[1], east[2], west[3]), trees[0].source("//image/imageData"))


def _rings(tree: Tree) -> list[list[tuple[float, float]]]:
    """Per image of the file the corners of its data, else of the box around it."""
    rings = []
    for image in tree.all("//image"):
        for box in (*tree.all("imageData", image), *tree.all("boundingBox", image)):
            known = [p for p in (_corner(tree, box, corner) for corner in CORNERS) if p is not None]
            if len(known) == 4:
                rings.append(known)
                break
    return rings


def _corner(tree: Tree, box: etree._Element, corner: str) -> tuple[float, float] | None:
    lon, lat = tree.number(f"{corner}/longitude", box), tree.number(f"{corner}/latitude", box)
    return None if lon is None or lat is None else (lon, lat)


def _rasters(scene: SceneFiles, tree: Tree) -> tuple[RasterSource, ...]:
    platform = f"{tree.text('//satellite/name') or ''}{tree.text('//satellite/number') or ''}"
    camera, files = tree.text("//satellite/instrument"), [f for f, _ in scene.files]
    found = []
    for file in scene.with_role(FileRole.RASTER):
        match = _BAND_PART.search(file.stem)
        names = [f"B{match.group(2)}"] if match else []
        key = "-".join(p for p in (*names, (match.group(1) or "").upper() if match else file.stem) if p)
        bands = sensors.bands(platform, camera, names)
        found.append(RasterSource(key, (file,), RasterKind.IMAGE, bands, sidecars=public.side_files(file, files)))
    return tuple(found)


FORMAT = InpePrdf()
