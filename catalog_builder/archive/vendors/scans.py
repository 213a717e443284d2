"""Scanned aerial photographs and maps: images with QGIS control points (``.points``) or a row in an index table of frames."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from catalog_builder.archive.delivery import (
    ArchiveFile,
    FileRole,
    Folder,
    GroundControlPoint,
    RasterKind,
    RasterSource,
    Reading,
    SceneFiles,
)
from catalog_builder.archive.filenames import read_name
from catalog_builder.archive.frames import FrameTable, frame_claims, read_frames
from catalog_builder.archive.generic_findings import POINTS_TOO_FEW, POINTS_WITHOUT_CRS
from catalog_builder.archive.rasterheader import RasterHeader, read_header
from catalog_builder.archive.rastersniff import is_raster
from catalog_builder.archive.sidecars import NamesOf, PointsFile, georeference_claims, parse_points, side_files, to_gcps
from catalog_builder.archive.tagclaims import tag_claims, undated
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.facts import Claim, Field
from catalog_builder.findings import Finding

TABLE_SUFFIXES = frozenset({".csv", ".xlsx", ".txt", ".tsv"})
MIN_POINTS = 3
"""Control points of the smallest transformation (affine)."""


class ScanFormat:
    """One scene per image that has control points or a row in an index table at or above its folder."""

    name = "scan"

    def find(self, folder: Folder) -> Iterable[SceneFiles]:
        tables = [t for f in folder.files if (t := _table(f)) is not None]
        done: set[str] = set()
        images = list(_images(folder)) if tables else []
        for table in tables:
            for image, where in images:
                if image.name not in done and table.rows_of(image):
                    done.add(image.name)
                    yield self._scene(image, where, folder, [t.file for t in tables if t.rows_of(image)])
        for image in folder.files:
            if image.name not in done and _points_beside(image, folder) is not None and is_raster(image):
                yield self._scene(image, folder, folder, [])

    def read(self, scene: SceneFiles) -> Reading:
        image = scene.key
        header = read_header(image)
        side = [f for f, role in scene.files if role is not FileRole.RASTER]
        claims: list[Claim] = []
        findings: list[Finding] = []
        for file in side:
            table = _table(file)
            rows = table.rows_of(image) if table else ()
            if table is not None and rows:
                said, wrong = frame_claims(table, rows, image.name)
                claims, findings = [*claims, *said], [*findings, *wrong]
        points = _points(scene, header)
        declared, wrong = georeference_claims(side)
        name = read_name(image, lone_year=True)
        tags, remarks = tag_claims(image, header, RasterKind.SCAN)
        claims += [*declared, *tags, *name.claims]
        findings += [*points.findings, *wrong, *remarks]
        if not any(c.field is Field.ACQUIRED for c in claims):
            findings += [*name.findings, *undated(image, header)]
        source = RasterSource(
            key=RasterKind.SCAN.value,
            tiles=(image,),
            kind=RasterKind.SCAN,
            sidecars=tuple(
                f for f, role in side_files(image, NamesOf(f for f, _ in scene.files)) if role in (FileRole.GEOREFERENCE, FileRole.OTHER)
            ),
            gcps=points.gcps,
            gcp_crs=points.crs,
        )
        return Reading(tuple(claims), (source,), tuple(findings))

    def _scene(self, image: ArchiveFile, where: Folder, folder: Folder, tables: list[ArchiveFile]) -> SceneFiles:
        files = {image.name: (image, FileRole.RASTER)}
        for file, role in side_files(image, NamesOf(where.files)):
            files.setdefault(file.name, (file, role))
        for file in tables:
            files.setdefault(file.name, (file, FileRole.METADATA))
        return SceneFiles(self.name, image, where, tuple(files.values()))


@dataclass(frozen=True, slots=True)
class _Points:
    gcps: tuple[GroundControlPoint, ...]
    crs: str | None
    findings: tuple[Finding, ...]


def _points(scene: SceneFiles, header: RasterHeader) -> _Points:
    """The control points of a scene: of its ``.points`` file, else of the image itself."""
    file = _points_beside(scene.key, scene.folder)
    if file is None:
        gcps = tuple(GroundControlPoint(p.column, p.row, p.x, p.y) for p in header.gcps)
        return _Points(gcps, header.gcp_crs_wkt if gcps else None, ())
    try:
        points: PointsFile = parse_points(file)
    except UnreadableDelivery as problem:
        return _Points((), None, tuple(problem.findings))
    gcps = to_gcps(points, header)
    findings = []
    enabled = sum(g.enabled for g in gcps)
    if enabled < MIN_POINTS:
        findings.append(POINTS_TOO_FEW(file.name, count=enabled))
    if points.crs is None:
        findings.append(POINTS_WITHOUT_CRS(file.name))
    usable = all(math.isfinite(v) for g in gcps for v in (g.column, g.row, g.x, g.y))
    return _Points(gcps if usable else (), points.crs, tuple(findings))


def _points_beside(image: ArchiveFile, folder: Folder) -> ArchiveFile | None:
    return folder.file(image.basename + ".points") or folder.file(image.stem + ".points")


def _table(file: ArchiveFile) -> FrameTable | None:
    """``file`` as an index table; None for other tables, and for what cannot be read (it stays for other readers)."""
    if file.suffix not in TABLE_SUFFIXES:
        return None
    try:
        return read_frames(file)
    except UnreadableDelivery:
        return None


def _images(folder: Folder) -> Iterator[tuple[ArchiveFile, Folder]]:
    """Rasters at or below ``folder`` with the folder they lie in."""
    for file in folder.files:
        if is_raster(file):
            yield file, folder
    for child in folder.folders:
        yield from _images(child)


FORMAT = ScanFormat()
