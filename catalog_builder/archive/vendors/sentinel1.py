"""Sentinel-1 in SAFE: level 1 GRD and SLC (and what the manifest says of level 0 and 2 products).

The manifest gives platform, times, orbits, polarisations and the outline (``lat,lon lat,lon …``); the annotation of each image
gives pixel spacing and incidence. Element names are those of the Sentinel-1 Product Specification (S1-RS-MDA-52-7441).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from catalog_builder.archive import public, sensors
from catalog_builder.archive.claims import Claims
from catalog_builder.archive.delivery import ArchiveFile, Band, FileRole, Folder, RasterKind, RasterSource, Reading, SceneFiles
from catalog_builder.archive.public_findings import PART_UNREADABLE
from catalog_builder.archive.xmltree import Tree, parse_xml
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.facts import Field, Origin, Source
from catalog_builder.findings import Finding
from catalog_builder.times import When

MARK = b"safe/sentinel-1.0/sentinel-1"
PRODUCT_NAME = re.compile(r"S1[A-D]_(?:IW|EW|WV|S[1-6]|EN|N[1-6])_\w{4}_\d\w{3}_\d{8}T\d{6}_\d{8}T\d{6}_\d{6}_[0-9A-F]{6}_[0-9A-F]{4}")
NATIONAL_LEVELS = {"RAW": "0", "SLC": "1A", "GRD": "1A"}
"""Calibrated images in slant or ground range, without map geometry, are 1A: our reading of TT 10/2015/TT-BTNMT."""

_IMAGE_NAME = re.compile(r"s1\w-(?P<swath>\w+?)-(?P<type>grd|slc)-(?P<pol>hh|hv|vh|vv)-", re.IGNORECASE)
PARTS = frozenset({"annotation", "measurement", "preview", "support", "aux_data"})


@dataclass(frozen=True, slots=True)
class Sentinel1Safe:
    """The format: one scene per ``manifest.safe``."""

    name: str = "sentinel-1-safe"

    def find(self, folder: Folder) -> Iterable[SceneFiles]:
        manifest = folder.file("manifest.safe")
        if manifest is None or MARK not in manifest.head(4096):
            return
        safe = public.last_part(folder).upper().endswith(".SAFE")
        direct = [f for f in folder.files if safe or f.basename.upper().startswith(("S1A_", "S1B_", "S1C_", "S1D_"))]
        below = [f for sub in folder.folders if safe or public.last_part(sub).lower() in PARTS for f in sub.walk()]
        yield public.scene(self.name, manifest, folder, [*direct, *below])

    def read(self, scene: SceneFiles) -> Reading:
        claims = Claims()
        manifest = parse_xml(scene.key)
        _claim_name(scene, claims)
        _claim_manifest(manifest, claims)
        annotations = _annotations(scene, claims.findings)
        _claim_annotations(annotations, claims)
        return public.reading(claims.claims, _rasters(scene, annotations), claims.findings)


def _claim_name(scene: SceneFiles, claims: Claims) -> None:
    """The product's name stands nowhere inside it; it is the folder's (or the container's, or that of the report beside it)."""
    for text in (scene.folder.name, *(f.basename for f, _ in scene.files)):
        match = PRODUCT_NAME.search(text)
        if match:
            source = Source(Origin.FILENAME, scene.key.name, "name of the product folder")
            claims.add(Field.SCENE_NAME, match.group(0), source)
            claims.add(Field.PRODUCT_ID, match.group(0), source)
            return


def _claim_manifest(tree: Tree, claims: Claims) -> None:
    family, number = tree.text("//platform/familyName"), tree.text("//platform/number")
    known = claims.platform(f"{family}{number or ''}" if family else None, tree.source("//platform/familyName, number"))
    said = "//platform/instrument/familyName"
    if known is not None and tree.text(f"{said}/@abbreviation") == "SAR":
        claims.add(Field.INSTRUMENTS, known.instruments, tree.source(f"{said}/@abbreviation"))
    public.claim_only_instrument(known, claims)
    band = sensors.instrument(known.instruments[0]) if known and known.instruments else None
    if known and band and band.sar_band:
        claims.add(Field.SAR_BAND, band.sar_band, Source(Origin.REGISTRY, "sensors.toml", band.name), unverified=not band.verified)
    _claim_period(tree, claims)
    public.claim_text(tree, claims, {Field.SAR_MODE: "//instrumentMode/mode", Field.IMAGING_MODE: "//instrumentMode/mode"})
    path = "//transmitterReceiverPolarisation"
    claims.add(Field.POLARIZATIONS, tuple(dict.fromkeys(tree.text(".", e) or "" for e in tree.all(path))) or None, tree.source(path))
    kind, source = tree.text("//productType"), tree.source("//productType")
    claims.add(Field.PRODUCT_TYPE, kind, source)
    claims.national_level(kind, NATIONAL_LEVELS, source, "definition of levels, domain 2.4")
    level = re.search(r"/level-(\d)/", tree.root.get("version", ""))
    claims.add(Field.PROCESSING_LEVEL, f"L{level.group(1)}" if level else None, tree.source("@version"))
    public.claim_whole(tree, claims, Field.ABSOLUTE_ORBIT, "//orbitNumber")
    public.claim_whole(tree, claims, Field.RELATIVE_ORBIT, "//relativeOrbitNumber")
    public.claim_lower(tree, claims, Field.ORBIT_STATE, "//orbitProperties/pass")
    take = tree.number("//missionDataTakeID")
    claims.add(Field.CATALOG_ID, None if take is None else f"{int(take):06X}", tree.source("//missionDataTakeID as hexadecimal"))
    claims.when(Field.PRODUCED, tree.text("//xmlData/processing/@stop"), tree.source("//processing/@stop"))
    software = (tree.text("//processing/facility/software/@name"), tree.text("//processing/facility/software/@version"))
    claims.add(Field.SOFTWARE, " ".join(s for s in software if s), tree.source("//processing/facility/software"))
    _claim_outline(tree, claims)


def _claim_period(tree: Tree, claims: Claims) -> None:
    start = claims.moment(tree.text("//acquisitionPeriod/startTime"), tree.source("//acquisitionPeriod/startTime"))
    stop = claims.moment(tree.text("//acquisitionPeriod/stopTime"), tree.source("//acquisitionPeriod/stopTime"))
    if start is not None and stop is not None and start.start <= stop.start:
        claims.add(Field.ACQUIRED, When.between(start.start, stop.start), tree.source("//acquisitionPeriod"))
    elif start is not None:
        claims.add(Field.ACQUIRED, start, tree.source("//acquisitionPeriod/startTime"))


def _claim_outline(tree: Tree, claims: Claims) -> None:
    """The outline, when the product is one frame (wave mode has many)."""
    frames = [tree.text(".", e) or "" for e in tree.all("//footPrint/coordinates")]
    if len(frames) != 1:
        return
    pairs = [re.fullmatch(r"(-?[\d.]+),(-?[\d.]+)", pair) for pair in frames[0].split()]
    if all(pairs):
        vertices = [(float(m.group(2)), float(m.group(1))) for m in pairs if m]
        claims.footprint(vertices, tree.source("//footPrint/coordinates"))


def _annotations(scene: SceneFiles, findings: list[Finding]) -> list[Tree]:
    trees = []
    for file in scene.with_role(FileRole.METADATA):
        if file.suffix == ".xml" and _IMAGE_NAME.match(file.basename) and "/annotation/" in file.name:
            try:
                trees.append(parse_xml(file))
            except UnreadableDelivery:
                findings.append(PART_UNREADABLE(file.name))
    return trees


def _claim_annotations(trees: list[Tree], claims: Claims) -> None:
    if not trees:
        return
    path = "//imageInformation/incidenceAngleMidSwath"
    angles = sorted({a for t in trees if (a := t.number(path)) is not None})
    if angles:
        claims.number(Field.INCIDENCE_ANGLE, round(sum(angles) / len(angles), 6), trees[0].source(path), 0, 90)
    spacing = [_spacing(t) for t in trees]
    if all(spacing):
        claims.add(Field.GSD, min(s for s in spacing if s), trees[0].source("//imageInformation/rangePixelSpacing"))


def _spacing(tree: Tree) -> float | None:
    """Metres of a pixel on the ground, the coarser of its sides; None in slant range, where it is not on the ground."""
    if (tree.text("//productInformation/projection") or "").lower() != "ground range":
        return None
    sides = [tree.number(f"//imageInformation/{side}PixelSpacing") for side in ("range", "azimuth")]
    known = [s for s in sides if s is not None and s > 0]
    return max(known) if len(known) == 2 else None


def _rasters(scene: SceneFiles, annotations: list[Tree]) -> tuple[RasterSource, ...]:
    spacing = {t.file.stem.lower(): _spacing(t) for t in annotations}
    images = [(f, m) for f in scene.with_role(FileRole.RASTER) if (m := _IMAGE_NAME.match(f.basename))]
    swaths = {m["swath"].upper() for _, m in images}

    def order(image: tuple[ArchiveFile, re.Match[str]]) -> tuple[bool, str]:
        pol = image[1]["pol"].upper()
        return pol[0] != pol[1], image[0].basename

    found = []
    for file, match in sorted(images, key=order):
        pol, swath = match["pol"].upper(), match["swath"].upper()
        kind = "complex, slant range" if match["type"].lower() == "slc" else "detected amplitude, ground range"
        key = f"{swath}-{pol}" if len(swaths) > 1 else pol
        gsd = spacing.get(file.stem.lower())
        found.append(RasterSource(key, (file,), RasterKind.SAR, (Band(pol, description=f"{pol}, {kind}"),), gsd=gsd))
    return tuple(found)


FORMAT = Sentinel1Safe()
