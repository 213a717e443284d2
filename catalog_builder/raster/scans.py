"""Scans with control points: the untouched scan stays as a product of its own, the rectified image becomes the scene's picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from catalog_builder.archive.delivery import Delivery, RasterKind, RasterSource
from catalog_builder.crs import ResolvedCrs
from catalog_builder.crs.resolve import resolve
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.facts import Field
from catalog_builder.findings import Finding
from catalog_builder.raster.model import RasterProduct
from catalog_builder.raster.options import RasterOptions
from catalog_builder.raster.placement import declaration
from catalog_builder.raster.product import Subject
from catalog_builder.raster.rectify import rectify
from catalog_builder.raster.source import GDAL_ERRORS, Header, not_written, read_header

ORIGINAL = "-original"
"""Added to the key of the untouched scan; the rectified product keeps the key."""


def to_be_rectified(source: RasterSource, header: Header) -> bool:
    """Whether control points given with the raster should put it onto a map grid.

    Scans always; other images only when the points came from outside the file, that is from a person: the sparse points inside
    satellite scenes describe a sensor that polynomials do not fit.
    """
    return bool(source.gcps) and header.transform is None and (source.kind is RasterKind.SCAN or header.gcps == 0)


def untouched(source: RasterSource) -> RasterSource:
    """The source as the untouched scan: beside the picture, not in it."""
    return replace(source, key=source.key + ORIGINAL, primary=False)


def crs_of_points(
    source: RasterSource, header: Header, delivery: Delivery, options: RasterOptions
) -> tuple[ResolvedCrs | None, tuple[Finding, ...]]:
    """The CRS of the control points: as they say, else as the delivery or the collection declares."""
    declared, origin = declaration(source.gcp_crs or header.wkt, delivery.facts.claim(Field.DECLARED_CRS), options)
    xs, ys = [p.x for p in source.gcps], [p.y for p in source.gcps]
    resolution = resolve(
        declared,
        subject=source.tiles[0].name,
        origin=origin,
        bounds=(min(xs), min(ys), max(xs), max(ys)),
        area=options.area,
        candidate_codes=options.crs_candidates,
    )
    return resolution.crs, resolution.findings


def rectified(
    scan: RasterProduct, source: RasterSource, crs: ResolvedCrs, work: Path
) -> tuple[Subject | None, Mapping[str, Any], tuple[Finding, ...]]:
    """The scan warped onto a map grid, as a new raster in ``work`` to be made a product, with how that was done.

    Raises:
        UnreadableDelivery: it cannot be warped or written.
    """
    name = source.tiles[0].name
    target = work / "rectified.tif"
    nodata = scan.bands[0].nodata
    try:
        result, found = rectify(scan.cog.path, source.gcps, crs, target, subject=name, kind=source.kind, nodata=nodata)
    except GDAL_ERRORS as error:
        raise UnreadableDelivery(not_written(name, error, scan.cog.path, target)) from error
    if result is None:
        return None, {}, found
    warped = replace(source, sidecars=(), gcps=(), gcp_crs=None, offsets=(), subdataset=0)
    subject = Subject(warped, read_header(target, name), (target,), result.crs, work)
    return subject, result.rectification.as_mapping(), found
