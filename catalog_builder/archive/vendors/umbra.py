"""Umbra SAR with its own metadata: ``…_METADATA.json`` (vendor "Umbra Space") beside ``…_GEC.tif`` and the complex products."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from catalog_builder.archive import public
from catalog_builder.archive.claims import Claims
from catalog_builder.archive.delivery import ArchiveFile, Band, FileRole, Folder, RasterKind, RasterSource, Reading, SceneFiles
from catalog_builder.archive.findings import METADATA_UNREADABLE
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.facts import Field, Origin, Source
from catalog_builder.times import When

_NAME = re.compile(r"_METADATA\.json$", re.IGNORECASE)
_PRODUCT = re.compile(r"_(GEC|CSI|SICD|SIDD|CPHD)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class UmbraMetadata:
    """The format: one scene per metadata file."""

    name: str = "umbra-metadata"

    def find(self, folder: Folder) -> Iterable[SceneFiles]:
        for file in folder.files:
            if _NAME.search(file.basename) and b'"umbraSatelliteName"' in file.head(65536):
                stem = _NAME.sub("", file.basename)
                own = [f for f in folder.files if f.basename.startswith((f"{stem}_", f"{stem}."))]
                yield public.scene(self.name, file, folder, own)

    def read(self, scene: SceneFiles) -> Reading:
        document = public.read_json(scene.key)
        collects = document.get("collects") if isinstance(document, dict) else None
        if not isinstance(collects, list) or not collects or not isinstance(collects[0], dict):
            raise UnreadableDelivery(METADATA_UNREADABLE(scene.key.name, problem="no collects"))
        claims = Claims()
        _claim_product(document, scene.key, claims)
        _claim_collect(collects[0], scene.key, claims)
        return public.reading(claims.claims, _rasters(scene), claims.findings)


def _claim_product(document: dict[str, Any], file: ArchiveFile, claims: Claims) -> None:
    def source(key: str) -> Source:
        return Source(Origin.METADATA, file.name, key)

    claims.add(Field.SCENE_NAME, _NAME.sub("", file.basename), source("file name"))
    known = claims.platform(_text(document.get("umbraSatelliteName")), source("umbraSatelliteName"))
    public.claim_only_instrument(known, claims)
    claims.add(Field.SAR_MODE, _text(document.get("imagingMode")), source("imagingMode"))
    claims.add(Field.IMAGING_MODE, _text(document.get("imagingMode")), source("imagingMode"))
    claims.add(Field.PRODUCT_TYPE, _text(document.get("productSku")), source("productSku"))


def _claim_collect(collect: dict[str, Any], file: ArchiveFile, claims: Claims) -> None:
    def source(key: str) -> Source:
        return Source(Origin.METADATA, file.name, f"collects[0].{key}")

    claims.add(Field.CATALOG_ID, _text(collect.get("id")), source("id"))
    claims.add(Field.ORDER_ID, _text(collect.get("taskId")), source("taskId"))
    start = claims.moment(_text(collect.get("startAtUTC")), source("startAtUTC"))
    end = claims.moment(_text(collect.get("endAtUTC")), source("endAtUTC"))
    if start is not None and end is not None and start.start <= end.start:
        claims.add(Field.ACQUIRED, When.between(start.start, end.start), source("startAtUTC, endAtUTC"))
    else:
        claims.add(Field.ACQUIRED, start, source("startAtUTC"))
    claims.number(Field.INCIDENCE_ANGLE, _number(collect.get("angleIncidenceDegrees")), source("angleIncidenceDegrees"), 0, 90)
    claims.azimuth(Field.VIEW_AZIMUTH, _number(collect.get("angleAzimuthDegrees")), source("angleAzimuthDegrees"))
    claims.add(Field.SAR_BAND, _text(collect.get("radarBand")), source("radarBand"))
    polarizations = collect.get("polarizations")
    if isinstance(polarizations, list):
        claims.add(Field.POLARIZATIONS, tuple(p for p in polarizations if isinstance(p, str)) or None, source("polarizations"))
    for what, key in ((Field.ORBIT_STATE, "satelliteTrack"), (Field.LOOK_DIRECTION, "observationDirection")):
        text = _text(collect.get(key))
        claims.add(what, text.lower() if text else None, source(key))
    footprint = collect.get("footprintPolygonLla")
    rings = footprint.get("coordinates") if isinstance(footprint, dict) else None
    if isinstance(rings, list) and len(rings) == 1 and isinstance(rings[0], list):
        points = [(_number(p[0]), _number(p[1])) for p in rings[0] if isinstance(p, list) and len(p) >= 2]
        claims.footprint(points, source("footprintPolygonLla"))


def _rasters(scene: SceneFiles) -> tuple[RasterSource, ...]:
    """The geocoded image, else the other images that GDAL may open."""
    images = [f for f in scene.with_role(FileRole.RASTER) if f.suffix in (".tif", ".tiff")]
    found = []
    for file in images:
        match = _PRODUCT.search(file.stem)
        key = match.group(1).upper() if match else "GEC"
        found.append(
            RasterSource(key, (file,), RasterKind.SAR, (Band("amplitude", description="Detected amplitude"),), primary=key == "GEC")
        )
    return tuple(found)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: Any) -> float | None:
    """A finite number that can be an angle or a coordinate."""
    usable = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 360
    return float(value) if usable else None


FORMAT = UmbraMetadata()
