"""The footprint of a delivery, from the product that knows its place best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import rasterio

from catalog_builder.archive.delivery import Delivery
from catalog_builder.crs import findings as crs_findings
from catalog_builder.facts import Field
from catalog_builder.findings import Finding
from catalog_builder.raster.footprint import Result, extent_footprint, grid_footprint, outline_footprint
from catalog_builder.raster.options import RasterOptions
from catalog_builder.raster.product import Made, Subject
from catalog_builder.raster.rectify import HEIGHT_OFFSET, gcp_footprint, tiff_points
from catalog_builder.raster.reduce import factor_of
from catalog_builder.raster.rpc import Rpc, rpc_footprint

METHODS = {"nodata": "nodata", "nan": "nodata", "mask": "mask", "alpha": "mask", "all": "extent"}
"""How a footprint says that validity was known, by ``Header.valid_by``."""


def footprint_of(delivery: Delivery, subjects: Sequence[Subject], made: Sequence[Made], options: RasterOptions) -> Result:
    """Where the scene has data: the valid pixels of a primary product on a map grid, else what ties the sensor's grid to the ground,
    else the outline in the vendor's metadata. The finest of several products decides."""
    found: list[Finding] = []
    for subject, one in sorted(zip(subjects, made, strict=True), key=_trust):
        footprint, noticed = _of_product(subject, one, options)
        found += noticed
        if footprint is not None:
            return footprint, tuple(found)
    footprint, noticed = _from_metadata(delivery)
    return footprint, (*found, *noticed)


def _trust(pair: tuple[Subject, Made]) -> tuple[bool, bool, float]:
    product = pair[1].product
    return product.grid.transform is None, not product.primary, product.gsd or 0.0


def _of_product(subject: Subject, made: Made, options: RasterOptions) -> Result:
    product, header = made.product, subject.header
    if product.grid.transform is not None and product.grid.crs is not None:
        return _on_map_grid(subject, made)
    mask = made.coverage if made.coverage.any() and not made.coverage.all() else None
    with rasterio.open(product.cog.path) as dataset:
        points, _ = tiff_points(dataset)
        tags = dataset.tags(ns="RPC")
    shape = (header.width, header.height)
    if product.ground_control == "gcp" and product.grid.crs is not None:
        return gcp_footprint(points, product.grid.crs, *shape, subject=subject.name, mask=mask, factor=factor_of(header))
    if product.ground_control == "rpc":
        return _by_rpc(tags, shape, subject, made, options)
    return None, ()


def _by_rpc(tags: dict[str, str], shape: tuple[int, int], subject: Subject, made: Made, options: RasterOptions) -> Result:
    mask = made.coverage if made.coverage.any() and not made.coverage.all() else None
    try:
        rpc = Rpc.from_tags(tags)
        return rpc_footprint(rpc, *shape, subject=subject.name, dem=options.dem, mask=mask, factor=factor_of(subject.header))
    except ValueError as error:
        return None, (crs_findings.BAD_RPC(subject.name, problem=str(error)),)


def _on_map_grid(subject: Subject, made: Made) -> Result:
    if not made.coverage.any():  # the product itself already says that it is empty
        return extent_footprint(made.product.grid, subject=subject.name)
    method = METHODS[subject.header.valid_by]
    footprint, found = grid_footprint(made.coverage, factor_of(subject.header), made.product.grid, subject=subject.name, method=method)
    if footprint is not None and (made.product.rectification or {}).get("dem") == HEIGHT_OFFSET:
        footprint = replace(footprint, approximate=True)  # the terrain is still in it
    return footprint, found


def _from_metadata(delivery: Delivery) -> Result:
    outline = delivery.facts.get(Field.FOOTPRINT) or delivery.facts.get(Field.CORNERS)
    return (None, ()) if not outline else outline_footprint(outline, subject=delivery.id)
