"""ASTER on Terra as LP DAAC delivers it: the granule's ECS metadata (``…hdf.xml``) with GeoTIFFs or HDF beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from catalog_builder.archive import public, sensors
from catalog_builder.archive.claims import Claims
from catalog_builder.archive.delivery import ArchiveFile, FileRole, Folder, RasterKind, RasterSource, Reading, SceneFiles
from catalog_builder.archive.xmltree import Tree, parse_xml, root_name
from catalog_builder.facts import Claim, Field, Origin, Source

NATIONAL_LEVELS = {"SYSTEMATIC": "2A", "TERRAIN+SYSTEMATIC": "2A", "TERRAIN+PRECISION+SYSTEMATIC": "3A", "L1A": "1A", "L1B": "2A"}
"""By the correction achieved: precision means ground control (as for Landsat L1GT and L1TP)."""

SUBSYSTEMS: Mapping[str, tuple[str, ...]] = {
    "VNIR": ("1", "2", "3N"),
    "SWIR": ("4", "5", "6", "7", "8", "9"),
    "TIR": ("10", "11", "12", "13", "14"),
}
_SUBSYSTEM = re.compile(r"[._](VNIR|SWIR|TIR)(?:[._]|$)", re.IGNORECASE)
_SINGLE = re.compile(r"[._](?:ImageData|Band|B)0?(\d{1,2}[NB]?)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class AsterGranule:
    """The format: one scene per granule metadata file."""

    name: str = "aster-granule"

    def find(self, folder: Folder) -> Iterable[SceneFiles]:
        for file in folder.files:
            if file.suffix == ".xml" and root_name(file) == "GranuleMetaDataFile" and b"<ShortName>AST_" in file.head(8192):
                stem = re.sub(r"(?i)(\.hdf)?\.xml$", "", file.basename).lower()
                own = [f for f in folder.files if f.basename.lower().startswith((f"{stem}.", f"{stem}_"))]
                yield _with_hdf(public.scene(self.name, file, folder, own))

    def read(self, scene: SceneFiles) -> Reading:
        claims = Claims()
        tree = parse_xml(scene.key)
        _claim_scene(tree, claims)
        rasters = _rasters(scene)
        _claim_gsd(tree, claims)
        return public.reading(claims.claims, rasters, claims.findings)


def _with_hdf(scene: SceneFiles) -> SceneFiles:
    """The HDF holds the pixels; the full-resolution browse images ``_V``, ``_T`` and ``_QA`` do not."""

    def role(file: ArchiveFile, given: FileRole) -> FileRole:
        if file.suffix == ".hdf":
            return FileRole.RASTER
        return FileRole.BROWSE if re.search(r"_(V|T|Q|QA|BR)$", file.stem) and given is FileRole.RASTER else given

    return SceneFiles(scene.format, scene.key, scene.folder, tuple((f, role(f, r)) for f, r in scene.files))


def _claim_scene(tree: Tree, claims: Claims) -> None:
    def psa(name: str) -> tuple[str | None, Source]:
        element = next((e for e in tree.all("//PSA") if tree.text("PSAName", e) == name), None)
        return (None if element is None else tree.text("PSAValue", element)), tree.source(f"//PSA[{name}]")

    def angle(name: str) -> tuple[float | None, Source]:
        text, source = psa(name)
        return (float(text) if text and re.fullmatch(r"-?\d+(\.\d+)?", text) else None), source

    public.claim_text(tree, claims, {Field.SCENE_NAME: "//LocalGranuleID", Field.PRODUCT_ID: "//LocalGranuleID"})
    short, source = tree.text("//CollectionMetaData/ShortName") or "", tree.source("//CollectionMetaData/ShortName")
    known = claims.platform("Terra", source)
    claims.add(Field.INSTRUMENTS, known and ("ASTER",), source)
    claims.add(Field.PRODUCT_TYPE, short, source)
    level = short.removeprefix("AST_")
    claims.add(Field.PROCESSING_LEVEL, level, source)
    achieved, where = psa("CorrectionAchieved")
    claims.national_level(achieved or level, NATIONAL_LEVELS, where if achieved else source, "domain 2.4 by analogy")
    day, time = tree.text("//SingleDateTime/CalendarDate"), tree.text("//SingleDateTime/TimeofDay")
    claims.when(Field.ACQUIRED, f"{day}T{time}" if day and time else day, tree.source("//SingleDateTime"))
    claims.number(Field.CLOUD_COVER, *angle("SceneCloudCoverage"), 0, 100)
    claims.number(Field.CLOUD_COVER, tree.number("//QAPercentCloudCover"), tree.source("//QAPercentCloudCover"), 0, 100)
    claims.azimuth(Field.SUN_AZIMUTH, *angle("Solar_Azimuth_Angle"))
    claims.number(Field.SUN_ELEVATION, *angle("Solar_Elevation_Angle"), -90, 90)
    pointing = next((p for k in ("VNIR", "TIR", "SWIR") if (p := angle(f"ASTER{k}PointingAngle"))[0] is not None), None)
    if pointing is not None and pointing[0] is not None:
        claims.number(Field.OFF_NADIR, abs(pointing[0]), pointing[1], 0, 90)
    direction, source = psa("FlyingDirection")
    claims.add(Field.ORBIT_STATE, {"DE": "descending", "AS": "ascending"}.get(direction or ""), source)
    claims.when(Field.PRODUCED, tree.text("//ECSDataGranule/ProductionDateTime"), tree.source("//ECSDataGranule/ProductionDateTime"))
    version = tree.text("//PGEVersion")
    claims.add(Field.SOFTWARE, f"PGE {version}" if version else None, tree.source("//PGEVersion"))
    points = [(tree.number("PointLongitude", p), tree.number("PointLatitude", p)) for p in tree.all("//GPolygon/Boundary/Point")]
    claims.footprint(points, tree.source("//GPolygon/Boundary"))
    _claim_crs(points, psa("UTMZoneNumber"), psa("SpheroidCode")[0], claims)


def _claim_crs(
    points: list[tuple[float | None, float | None]], zone: tuple[str | None, Source], spheroid: str | None, claims: Claims
) -> None:
    """The UTM zone, where the scene lies wholly north of the equator; the southern convention is left to the raster."""
    text, source = zone
    north = bool(points) and all(lat is not None and lat > 0 for _, lat in points)
    if text and text.isdecimal() and spheroid == "WGS84" and north:
        claims.add(Field.DECLARED_CRS, public.utm_code(int(text), north=True), source)


def _claim_gsd(tree: Tree, claims: Claims) -> None:
    """Nominal pixel of the finest band that was acquired."""
    values = {tree.text("PSAName", e) or "": tree.text("PSAValue", e) or "" for e in tree.all("//PSA")}
    acquired = [b for bands in SUBSYSTEMS.values() for b in bands if values.get(f"Band{b}_Available", "").startswith("Yes")]
    rows = [r for r in sensors.bands("Terra", "ASTER", acquired) if r.gsd is not None]
    best = min(rows, key=lambda b: b.gsd or 0, default=None)
    if best is not None:
        source = Source(Origin.REGISTRY, "sensors.toml", f"Terra ASTER {best.name}")
        claims.claims.append(Claim(Field.GSD, best.gsd, source, unverified=best.unverified))


def _rasters(scene: SceneFiles) -> tuple[RasterSource, ...]:
    """The images. Files of a whole subsystem do not say in which order its bands are, so their bands stay without a name."""
    files = [f for f, _ in scene.files]
    found = []
    for file in scene.with_role(FileRole.RASTER):
        part, single = _SUBSYSTEM.search(file.stem), _SINGLE.search(file.stem)
        names = [single.group(1).upper()] if single else []
        key = f"B{names[0]}" if single else part.group(1).upper() if part else file.suffix.lstrip(".").upper()
        bands = sensors.bands("Terra", "ASTER", names)
        nominal = sensors.bands("Terra", "ASTER", SUBSYSTEMS[part.group(1).upper()][:1]) if part else bands
        gsd = nominal[0].gsd if nominal else None
        found.append(RasterSource(key, (file,), RasterKind.IMAGE, bands, gsd=gsd, sidecars=public.side_files(file, files)))
    return tuple(sorted(found, key=lambda r: (r.gsd or 999, r.key)))


FORMAT = AsterGranule()
