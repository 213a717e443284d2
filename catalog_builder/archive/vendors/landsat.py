"""Landsat 1 to 9 as USGS delivers them: an MTL file (text, XML or JSON) and one GeoTIFF per band.

Covers the formats before the collections (``LT5…CUB02``, and the older keys such as ``ACQUISITION_DATE``), Collection 1 and
Collection 2, levels 1 and 2. Keys are those of the USGS Landsat data format control books; the per-band rescaling of level 1
gives top-of-atmosphere reflectance *not* corrected for the sun's elevation, of level 2 surface reflectance and kelvin.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from catalog_builder.archive import public, sensors
from catalog_builder.archive.claims import Claims
from catalog_builder.archive.delivery import ArchiveFile, FileRole, Folder, RasterSource, Reading, SceneFiles
from catalog_builder.archive.keyvalue import MAX_TEXT_BYTES, KeyValues, read_text
from catalog_builder.archive.landsat_bands import raster_of
from catalog_builder.archive.landsat_mtl import parse_mtl
from catalog_builder.archive.public_findings import BANDS_MISSING, COPY_UNREADABLE
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.facts import Claim, Field, Origin, Source
from catalog_builder.findings import Finding

NATIONAL_LEVELS = {
    **{"L0R": "0", "L1R": "1A", "L1G": "2A", "L1GS": "2A", "L1GT": "2A"},
    **{"L1T": "3A", "L1TP": "3A", "L2SP": "3A", "L2SR": "3A"},
}
"""Landsat levels in the terms of TT 10/2015/TT-BTNMT, as we read it: systematic geometry is 2A, ground control makes 3A."""

CELL_SIZES = {
    "reflective": ("GRID_CELL_SIZE_REFLECTIVE", "GRID_CELL_SIZE_REF"),
    "thermal": ("GRID_CELL_SIZE_THERMAL", "GRID_CELL_SIZE_THM"),
    "pan": ("GRID_CELL_SIZE_PANCHROMATIC", "GRID_CELL_SIZE_PAN"),
}
"""MTL keys of the cell size by group of bands, newest spelling first."""

_MTL_NAME = re.compile(r"_?MTL(?:\.\w+)?$", re.IGNORECASE)
_MARKS = (b"L1_METADATA_FILE", b"LANDSAT_METADATA_FILE")
_FILE_KEY = re.compile(r"(?:^|/)(?:FILE_NAME_\w+|BAND\w*_FILE_NAME|\w+_FILE_NAME)$")


@dataclass(frozen=True, slots=True)
class LandsatMtl:
    """The format: one scene per MTL name, whatever its encodings."""

    name: str = "landsat-mtl"

    def find(self, folder: Folder) -> Iterable[SceneFiles]:
        groups = _mtl_groups(folder)
        for prefix, documents in sorted(groups.items()):
            named = _named_files(documents[0], folder)
            longer = [p for p in groups if p != prefix and p.startswith(prefix)]
            own = [f for f in folder.files if (prefix and _belongs(f, prefix, longer)) or f.basename.upper() == "README.GTF"]
            yield public.scene(self.name, documents[0], folder, [*documents, *named, *own])

    def read(self, scene: SceneFiles) -> Reading:
        claims = Claims()
        documents = _documents(scene, claims.findings)
        for mtl in documents:
            _claim_scene(mtl, claims)
        rasters = _rasters(scene, documents[0], claims)
        _claim_gsd(documents[0], rasters, claims)
        _report_missing(scene, documents[0], claims.findings)
        return public.reading(claims.claims, rasters, claims.findings)


def _mtl_groups(folder: Folder) -> dict[str, list[ArchiveFile]]:
    """MTL files of ``folder`` by the lower-case scene prefix of their names, text first."""
    groups: dict[str, list[ArchiveFile]] = {}
    for file in sorted(folder.files, key=lambda f: [".txt", ".xml", ".json", f.suffix].index(f.suffix)):
        if not _MTL_NAME.search(file.basename) and file.suffix != ".met":
            continue
        if any(mark in file.head(2048) for mark in _MARKS):
            groups.setdefault(_MTL_NAME.sub("", file.basename).lower(), []).append(file)
    return groups


def _belongs(file: ArchiveFile, prefix: str, longer: list[str]) -> bool:
    name = file.basename.lower()
    return name.startswith((prefix + "_", prefix + ".")) and not any(name.startswith((p + "_", p + ".")) for p in longer)


def _named_files(document: ArchiveFile, folder: Folder) -> Iterator[ArchiveFile]:
    """Files that the MTL names and that lie beside it (scenes whose files do not share the MTL's prefix)."""
    if document.size > MAX_TEXT_BYTES:
        return
    for name in re.findall(r"FILE_NAME\w*\W{1,5}([\w.-]+\.\w{2,4})\b", read_text(document)):
        file = folder.file(name)
        if file is not None:
            yield file


def _documents(scene: SceneFiles, findings: list[Finding]) -> list[KeyValues]:
    """Every readable MTL of the scene, the key file first.

    Raises:
        UnreadableDelivery: none can be read.
    """
    stem = _MTL_NAME.sub("", scene.key.basename).lower()
    files = [f for f in scene.with_role(FileRole.METADATA) if f.basename.lower().startswith(stem) and _MTL_NAME.search(f.basename)]
    read: list[KeyValues] = []
    failures: list[tuple[ArchiveFile, UnreadableDelivery]] = []
    for file in files or [scene.key]:
        try:
            read.append(parse_mtl(file))
        except UnreadableDelivery as problem:
            failures.append((file, problem))
    if not read:
        raise UnreadableDelivery(*(f for _, p in failures for f in p.findings))
    findings += [COPY_UNREADABLE(file.name) for file, _ in failures]
    return read


def _claim_scene(mtl: KeyValues, claims: Claims) -> None:
    def text(*keys: str) -> tuple[str | None, Source]:
        key = next((k for k in keys if mtl.text(k) is not None), keys[0])
        return mtl.text(key), mtl.source(key)

    def number(*keys: str) -> tuple[float | None, Source]:
        key = next((k for k in keys if mtl.number(k) is not None), keys[0])
        return mtl.number(key), mtl.source(key)

    product, scene_id = text("LANDSAT_PRODUCT_ID"), text("LANDSAT_SCENE_ID")
    claims.add(Field.SCENE_NAME, *(product if product[0] else scene_id))
    claims.add(Field.PRODUCT_ID, *(product if product[0] else scene_id))
    claims.add(Field.CATALOG_ID, *scene_id)
    _claim_time(mtl, claims)
    claims.platform(*text("SPACECRAFT_ID"))
    sensor, source = text("SENSOR_ID")
    claims.add(Field.INSTRUMENTS, sensors.instruments(sensor) or None if sensor else None, source)
    claims.number(Field.CLOUD_COVER, *number("CLOUD_COVER"), 0, 100)
    claims.azimuth(Field.SUN_AZIMUTH, *number("SUN_AZIMUTH"))
    claims.number(Field.SUN_ELEVATION, *number("SUN_ELEVATION"), -90, 90)
    roll, source = number("ROLL_ANGLE")
    claims.number(Field.OFF_NADIR, None if roll is None else abs(roll), source, 0, 90)
    claims.number(Field.GEOMETRIC_RMSE, *number("GEOMETRIC_RMSE_MODEL"), 0, 10_000)
    claims.when(Field.PRODUCED, *text("DATE_PRODUCT_GENERATED", "FILE_DATE", "PRODUCT_CREATION_TIME"))
    claims.add(Field.SOFTWARE, *text("PROCESSING_SOFTWARE_VERSION", "PROCESSING_SOFTWARE"))
    _claim_level(mtl, claims)
    _claim_place(mtl, claims)


def _claim_time(mtl: KeyValues, claims: Claims) -> None:
    key = "DATE_ACQUIRED" if mtl.text("DATE_ACQUIRED") else "ACQUISITION_DATE"
    day, time = mtl.text(key), mtl.text("SCENE_CENTER_TIME") or mtl.text("SCENE_CENTER_SCAN_TIME")
    claims.when(Field.ACQUIRED, f"{day}T{time}" if day and time else day, mtl.source(key))


def _claim_level(mtl: KeyValues, claims: Claims) -> None:
    key = next((k for k in ("PROCESSING_LEVEL", "DATA_TYPE", "PRODUCT_TYPE") if mtl.text(k)), "PROCESSING_LEVEL")
    level = mtl.text(key)
    claims.add(Field.PROCESSING_LEVEL, level, mtl.source(key))
    claims.add(Field.PRODUCT_TYPE, mtl.text("COLLECTION_CATEGORY"), mtl.source("COLLECTION_CATEGORY"))
    geometry = next((v for v in mtl.all("PROCESSING_LEVEL") if v.upper().startswith("L1")), level)
    claims.national_level(geometry, NATIONAL_LEVELS, mtl.source(key), "domain 2.4")


def _claim_place(mtl: KeyValues, claims: Claims) -> None:
    path, row = mtl.number("WRS_PATH"), mtl.number("WRS_ROW") or mtl.number("STARTING_ROW")
    if path and row and 1 <= path <= 251 and 1 <= row <= 251:  # WRS-1 has 251 paths, WRS-2 233; both have fewer rows
        platform = sensors.platform(mtl.text("SPACECRAFT_ID") or "")
        first = platform is not None and platform.name in ("Landsat-1", "Landsat-2", "Landsat-3")
        system = int(mtl.number("WRS_TYPE") or (1 if first else 2))
        claims.add(Field.GRID_CODE, f"WRS{system}-{int(path):03d}{int(row):03d}", mtl.source("WRS_PATH"))
    pattern = "CORNER_{}_{}_PRODUCT" if mtl.text("CORNER_UL_LAT_PRODUCT") else "PRODUCT_{}_CORNER_{}"
    corners = [(mtl.number(pattern.format(c, "LON")), mtl.number(pattern.format(c, "LAT"))) for c in ("UL", "UR", "LR", "LL")]
    claims.footprint(corners, mtl.source(pattern.format("UL", "LAT")))
    claims.add(Field.DECLARED_CRS, _declared_crs(mtl), mtl.source("UTM_ZONE"))


def _declared_crs(mtl: KeyValues) -> str | None:
    """The CRS of the product. USGS counts northern zones with negative northings in the south; a negative zone is southern."""
    if (mtl.text("DATUM") or "").upper().replace(" ", "") not in ("WGS84", "WGS_84"):
        return None
    projection, zone = (mtl.text("MAP_PROJECTION") or "").upper(), mtl.number("UTM_ZONE") or mtl.number("ZONE_NUMBER")
    if projection == "UTM" and zone:
        return public.utm_code(int(abs(zone)), north=zone > 0)
    if projection == "PS" and mtl.number("TRUE_SCALE_LAT") == -71 and mtl.number("VERTICAL_LON_FROM_POLE") == 0:
        return "EPSG:3031"
    return None


def _claim_gsd(mtl: KeyValues, rasters: tuple[RasterSource, ...], claims: Claims) -> None:
    """Pixel size of the best band delivered (of a scene without images: of its reflective bands), else the nominal one."""
    sizes = _sizes(mtl)
    delivered = [r.gsd for r in rasters if r.primary and r.gsd]
    best = min(delivered) if delivered else sizes["reflective"][0]
    if best is not None:
        key = next(k for size, k in sizes.values() if size == best)
        claims.add(Field.GSD, best, mtl.source(key))
        return
    platform, sensor = mtl.text("SPACECRAFT_ID"), mtl.text("SENSOR_ID")
    nominal = sensors.nominal_gsd(platform, sensor) if platform else None
    if nominal is not None:
        source = Source(Origin.REGISTRY, "sensors.toml", f"{platform} {sensor or ''}".strip())
        claims.claims.append(Claim(Field.GSD, nominal.gsd, source, unverified=not nominal.verified))


def _sizes(mtl: KeyValues) -> dict[str, tuple[float | None, str]]:
    """Cell sizes in metres by group of bands, with their keys; not those of the level 1 that a level 2 was made from."""
    return {name: (_delivered(mtl, keys), keys[0]) for name, keys in CELL_SIZES.items()}


def _delivered(mtl: KeyValues, keys: tuple[str, ...]) -> float | None:
    level_2 = (mtl.text("PROCESSING_LEVEL") or "").startswith("L2")
    for name, value in mtl.pairs:
        if name.rsplit("/", 1)[-1] in keys and not (level_2 and "LEVEL1_" in name):
            return float(value) if re.fullmatch(r"\d+(\.\d+)?", value) else None
    return None


def _rasters(scene: SceneFiles, mtl: KeyValues, claims: Claims) -> tuple[RasterSource, ...]:
    prefix = _MTL_NAME.sub("", scene.key.basename)
    named = {value.lower(): key.rsplit("/", 1)[-1] for key, value in mtl.pairs if _FILE_KEY.search(key)}
    files = [f for f, _ in scene.files]
    sizes = {name: size for name, (size, _) in _sizes(mtl).items()}
    found = []
    for file in scene.with_role(FileRole.RASTER):
        found.append(raster_of(file, prefix, named.get(file.basename.lower()), mtl, sizes, public.side_files(file, files)))
    return tuple(sorted(found, key=lambda r: [int(p) if p.isdecimal() else p for p in re.split(r"(\d+)", r.key)]))


def _report_missing(scene: SceneFiles, mtl: KeyValues, findings: list[Finding]) -> None:
    present = {f.basename.lower() for f, _ in scene.files}
    own = [(k, v) for k, v in mtl.pairs if _FILE_KEY.search(k) and v.lower().endswith((".tif", ".tiff")) and "LEVEL1_" not in k]
    missing = [v for _, v in own if v.lower() not in present]
    if missing and len(missing) < len(own):
        findings.append(BANDS_MISSING(scene.key.name, listed=len(own), missing=len(missing), example=missing[0]))


FORMAT = LandsatMtl()
