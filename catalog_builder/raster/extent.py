"""The footprint of a delivery, from the product that knows its place best."""

from __future__ import annotations

from collections.abc import Sequence

from catalog_builder.archive.delivery import Delivery
from catalog_builder.facts import Field
from catalog_builder.findings import Finding
from catalog_builder.raster.footprint import Result, extent_footprint, grid_footprint, outline_footprint
from catalog_builder.raster.product import Made, Subject
from catalog_builder.raster.reduce import factor_of

_METHODS = {"nodata": "nodata", "nan": "nodata", "mask": "mask", "alpha": "mask", "all": "extent"}


def footprint_of(delivery: Delivery, subjects: Sequence[Subject], made: Sequence[Made]) -> Result:
    """Where the scene has data: the valid pixels of a primary product on a map grid, else what ties the sensor's grid to the ground,
    else the outline in the vendor's metadata. The finer of several products decides."""
    pairs = list(zip(subjects, made, strict=True))
    mapped = [p for p in pairs if p[1].product.grid.transform is not None and p[1].product.grid.crs is not None]
    found: list[Finding] = []
    for pair in sorted(mapped, key=lambda p: (not p[1].product.primary, p[1].product.gsd or 0.0)):
        footprint, noticed = _on_map_grid(*pair)
        found += noticed
        if footprint is not None:
            return footprint, tuple(found)
    footprint, noticed = _from_metadata(delivery)
    return footprint, (*found, *noticed)


def _on_map_grid(subject: Subject, made: Made) -> Result:
    if not made.coverage.any():  # the product itself already says that it is empty
        return extent_footprint(made.product.grid, subject=subject.name)
    method = _METHODS[subject.header.valid_by]
    return grid_footprint(made.coverage, factor_of(subject.header), made.product.grid, subject=subject.name, method=method)


def _from_metadata(delivery: Delivery) -> Result:
    outline = delivery.facts.get(Field.FOOTPRINT) or delivery.facts.get(Field.CORNERS)
    return (None, ()) if not outline else outline_footprint(outline, subject=delivery.id)
