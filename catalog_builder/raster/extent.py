"""The footprint of a delivery, from the product that knows its place best."""

from __future__ import annotations

from collections.abc import Sequence

from catalog_builder.archive.delivery import Delivery
from catalog_builder.findings import Finding
from catalog_builder.raster.footprint import footprint_from_mask
from catalog_builder.raster.model import Footprint
from catalog_builder.raster.options import RasterOptions
from catalog_builder.raster.product import Made, Subject
from catalog_builder.raster.reduce import coarse_transform, factor_of


def footprint_of(
    delivery: Delivery, subjects: Sequence[Subject], made: Sequence[Made], options: RasterOptions
) -> tuple[Footprint | None, tuple[Finding, ...]]:
    """Where the scene has data: the valid pixels of the first primary product on a map grid."""
    for subject, one in sorted(zip(subjects, made, strict=True), key=lambda pair: not pair[1].product.primary):
        header = subject.header
        if header.transform is not None and subject.crs is not None and one.coverage.any():
            return footprint_from_mask(one.coverage, coarse_transform(header.transform, factor_of(header)), subject.crs), ()
    return None, ()
