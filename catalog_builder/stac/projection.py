"""Fields of the projection extension 2.0.0, and what Vietnam asks of a CRS beyond them."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from functools import cache

from pyproj import CRS

from catalog_builder.crs import ResolvedCrs
from catalog_builder.crs.parse import horizontal, parse, projection_parameters
from catalog_builder.raster.model import Grid
from catalog_builder.stac.ledger import tidy
from catalog_builder.stac.model import Json

ZONE_WIDTH_OF_SCALE = {0.9999: 3.0, 0.9996: 6.0}
"""VN-2000 transverse Mercator: scale factor on the central meridian -> width of the zone in degrees (EPSG 3405, 3406, 5896-5899)."""


def crs_fields(crs: ResolvedCrs | None) -> Json:
    """``proj:code`` where an authority has one, else ``proj:code`` null and the whole definition as PROJJSON."""
    if crs is None:
        return {}
    if crs.code:
        return {"proj:code": crs.code}
    return {"proj:code": None, "proj:projjson": json.loads(_crs(crs.wkt).to_json())}


def grid_fields(grid: Grid) -> Json:
    """Shape (rows, columns), affine and box of the pixel grid in CRS units; only the shape where there is no georeference."""
    fields: Json = {"proj:shape": [grid.height, grid.width]}
    if grid.transform is not None:
        a, b, c, d, e, f = grid.transform
        fields["proj:transform"] = [a, b, c, d, e, f]
        corners = [(c + a * x + b * y, f + d * x + e * y) for x in (0, grid.width) for y in (0, grid.height)]
        xs, ys = [p[0] for p in corners], [p[1] for p in corners]
        fields["proj:bbox"] = [tidy(v) for v in (min(xs), min(ys), max(xs), max(ys))]
    return fields


def shared_crs(all_crs: Sequence[ResolvedCrs | None]) -> ResolvedCrs | None:
    """The CRS of every grid when they are one and the same, else None (then every asset states its own)."""
    known = [c for c in all_crs if c is not None]
    if not known or len(known) != len(all_crs):
        return None
    return known[0] if all((c.code, c.wkt) == (known[0].code, known[0].wkt) for c in known) else None


def official_crs(crs: ResolvedCrs) -> Json:
    """``vn:crs``: what was declared, what was resolved and why it is believed, with operation and accuracy (m) to WGS 84."""
    fields: Json = {"declared": crs.declared, "resolved": crs.code, "confidence": crs.confidence.value}
    if crs.operation:
        fields["operation"] = crs.operation
    if crs.accuracy is not None:
        fields["accuracy"] = tidy(crs.accuracy)
    return fields


def central_meridian(crs: ResolvedCrs) -> float | None:
    """Degrees of the central meridian of a transverse Mercator CRS, else None."""
    return _tm_parameter(crs, "Longitude of natural origin")


def zone_width(crs: ResolvedCrs) -> float | None:
    """Degrees of the projection zone, known from the scale factor of a VN-2000 or UTM grid; None for other CRS."""
    scale = _tm_parameter(crs, "Scale factor at natural origin")
    if scale is None:
        return None
    return next((width for factor, width in ZONE_WIDTH_OF_SCALE.items() if math.isclose(scale, factor, abs_tol=1e-9)), None)


def _tm_parameter(crs: ResolvedCrs, name: str) -> float | None:
    projected = horizontal(_crs(crs.wkt))
    operation = projected.coordinate_operation if projected.is_projected else None
    if operation is None or operation.method_name != "Transverse Mercator":
        return None
    value = projection_parameters(projected).get(name)
    return None if value is None else tidy(value)


@cache
def _crs(text: str) -> CRS:
    return parse(text)
