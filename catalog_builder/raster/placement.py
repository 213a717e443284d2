"""Which CRS a raster has: its own, else what the delivery declares, else what the collection says of all its scenes."""

from __future__ import annotations

from catalog_builder.archive.delivery import Delivery
from catalog_builder.crs import ResolvedCrs
from catalog_builder.crs.resolve import resolve
from catalog_builder.facts import Claim, Field, Origin
from catalog_builder.findings import Finding
from catalog_builder.raster import findings
from catalog_builder.raster.options import RasterOptions
from catalog_builder.raster.source import Affine6, Header


def place(header: Header, delivery: Delivery, options: RasterOptions, subject: str) -> tuple[ResolvedCrs | None, tuple[Finding, ...]]:
    """The resolved CRS of a raster, or None with the finding that says why it cannot be placed.

    A person's override goes before the file. Scenes tied to the ground by RPC need no CRS; scenes without any tie are accepted only
    when the vendor's metadata gives their corners.
    """
    if header.transform is None and not header.gcps:
        return None, _without_grid(header, delivery, subject)
    declared, origin = declaration(header.wkt, delivery.facts.claim(Field.DECLARED_CRS), options)
    resolution = resolve(
        declared,
        subject=subject,
        origin=origin,
        bounds=bounds_of(header) if header.transform else None,
        transform_hint=header.transform,
        area=options.area,
        candidate_codes=options.crs_candidates,
    )
    return resolution.crs, resolution.findings


def _without_grid(header: Header, delivery: Delivery, subject: str) -> tuple[Finding, ...]:
    if header.rpc:
        return ()
    known = delivery.facts.get(Field.CORNERS) or delivery.facts.get(Field.FOOTPRINT)
    return (findings.ONLY_CORNERS(subject) if known else findings.NOT_GEOREFERENCED(subject),)


def declaration(in_file: str | None, claim: Claim | None, options: RasterOptions) -> tuple[str, Origin]:
    """Which declaration of a CRS counts, and who makes it: a person, the raster, the delivery, the collection."""
    if claim is not None and claim.source.origin is Origin.OVERRIDE:
        return str(claim.value), Origin.OVERRIDE
    if in_file:
        return in_file, Origin.TAG
    if claim is not None:
        return str(claim.value), claim.source.origin
    if options.declared_crs:
        return options.declared_crs, Origin.COLLECTION
    return "", Origin.TAG


def bounds_of(header: Header) -> tuple[float, float, float, float] | None:
    """(min x, min y, max x, max y) of the map grid in its own CRS; None without a grid."""
    return None if header.transform is None else _bounds(header.transform, header.width, header.height)


def _bounds(transform: Affine6, width: int, height: int) -> tuple[float, float, float, float]:
    a, b, c, d, e, f = transform
    corners = [(a * x + b * y + c, d * x + e * y + f) for x in (0, width) for y in (0, height)]
    xs, ys = [p[0] for p in corners], [p[1] for p in corners]
    return min(xs), min(ys), max(xs), max(ys)
