"""Scenes that only RPC tie to the ground, orthorectified where their collection asks for it; the untouched scene stays beside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import rasterio
from pyproj import CRS
from pyproj.exceptions import CRSError

from catalog_builder.archive.delivery import RasterSource
from catalog_builder.crs import ResolvedCrs
from catalog_builder.crs import findings as crs_findings
from catalog_builder.crs.area import authority_crs
from catalog_builder.findings import Finding, Severity
from catalog_builder.raster import findings
from catalog_builder.raster.model import RasterProduct
from catalog_builder.raster.options import RasterOptions
from catalog_builder.raster.product import Subject
from catalog_builder.raster.rectify import RectifiedResult, native_resolution, orthorectify
from catalog_builder.raster.rpc import Rpc
from catalog_builder.raster.source import GDAL_ERRORS, Header, not_written, read_header


def to_be_orthorectified(header: Header, options: RasterOptions) -> bool:
    """Whether the collection asks for scenes like this one on a map grid."""
    return header.ground_control == "rpc" and options.orthorectify is not None


def map_grid(options: RasterOptions, subject: str) -> tuple[ResolvedCrs | None, tuple[Finding, ...]]:
    """The CRS that the collection asks for, or why there is none; and whether an elevation model is missing."""
    code = options.orthorectify or ""
    try:
        declared = CRS.from_user_input(code)
        resolved = authority_crs(code) if declared.is_projected or declared.is_geographic else None
    except CRSError:
        resolved = None
    if resolved is None:
        return None, (findings.NO_MAP_GRID(subject, code=code),)
    return resolved, () if options.dem else (findings.NO_DEM(subject),)


def orthorectified(
    scene: RasterProduct, source: RasterSource, options: RasterOptions, work: Path
) -> tuple[Subject | None, Mapping[str, Any], tuple[Finding, ...]]:
    """The scene on the map grid, as a new raster in ``work`` to be made a product, with how that was done; or why it cannot be.

    ``scene`` is the untouched product, whose pixels are proven and whose file holds the RPC. The pixel size is the scene's own.
    """
    name = source.tiles[0].name
    target = work / "rectified.tif"
    crs, noticed = map_grid(options, name)
    if crs is None:
        return None, {}, noticed
    try:
        result, found = _onto_grid(scene, source, crs, options.dem, target)
    except GDAL_ERRORS as error:
        result, found = None, (not_written(name, error, scene.cog.path, target),)
    if result is None:
        return None, {}, (*(_mild(f) for f in found), findings.NOT_ORTHORECTIFIED(name))
    bands = tuple(b.band for b in scene.bands)  # scales, offsets and units, which a warped file does not hold
    warped = replace(source, bands=bands, sidecars=(), gcps=(), gcp_crs=None, offsets=(), subdataset=0)
    subject = Subject(warped, read_header(target, name), (target,), crs, work)
    return subject, result.rectification.as_mapping(), (*noticed, *found)


def _mild(finding: Finding) -> Finding:
    """An error of orthorectifying as a warning: the untouched scene is still good. A disk in trouble stays an error."""
    trouble = (findings.NOT_WRITTEN.code, findings.WRITER_FAILED.code)
    return finding if finding.code in trouble else replace(finding, severity=Severity.WARNING)


def _onto_grid(scene: RasterProduct, source: RasterSource, crs: ResolvedCrs, dem: Path | None, target: Path) -> RectifiedResult:
    """Orthorectify the file of ``scene`` by the RPC in it."""
    name = source.tiles[0].name
    with rasterio.open(scene.cog.path) as dataset:
        tags = dataset.tags(ns="RPC")
    try:
        rpc = Rpc.from_tags(tags)
    except ValueError as error:
        return None, (crs_findings.BAD_RPC(name, problem=str(error)),)
    resolution = native_resolution(rpc, scene.grid.width, scene.grid.height, crs)
    if resolution is None:
        return None, (crs_findings.BAD_RPC(name, problem=f"LAT_OFF, LONG_OFF = {rpc.lat_off:g}, {rpc.long_off:g}"),)
    nodata = scene.bands[0].nodata
    return orthorectify(scene.cog.path, rpc, crs, resolution, target, subject=name, dem=dem, kind=source.kind, nodata=nodata)
