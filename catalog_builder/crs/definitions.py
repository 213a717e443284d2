"""From a parsed definition to an authority's one, or to a custom one that can be transformed."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from pyproj import CRS
from pyproj.crs import BoundCRS
from pyproj.crs.coordinate_operation import ToWGS84Transformation
from pyproj.exceptions import CRSError

from catalog_builder.crs import Confidence, ResolvedCrs
from catalog_builder.crs.area import authority_crs
from catalog_builder.crs.parse import REMEMBERED, differences, horizontal
from catalog_builder.crs.transform import TOWGS84, pin


def stated_code(crs: CRS) -> str | None:
    """The authority code written in the definition itself (``AUTHORITY``/``ID`` of the outermost system); not looked up."""
    single = crs.source_crs if crs.is_bound and crs.source_crs is not None else crs
    for candidate in (crs, single):
        identity = candidate.to_json_dict().get("id")
        if identity:
            return f"{identity['authority']}:{identity['code']}"
    return None


@lru_cache(maxsize=REMEMBERED)
def authority_of(code: str) -> CRS | None:
    """The authority's CRS of ``code``, or None when this PROJ database has none."""
    try:
        return CRS.from_user_input(code)
    except CRSError:
        return None


@lru_cache(maxsize=REMEMBERED)
def matching_code(crs: CRS) -> str | None:
    """The code of the authority definition that ``crs`` equals in method, parameters, ellipsoid, unit and datum; EPSG first.

    PROJ's own identification is only a proposal: it also gives codes to definitions with an unknown datum.
    """
    proposals = [(m.auth_name != "EPSG", -i, f"{m.auth_name}:{m.code}") for i, m in enumerate(crs.list_authority(min_confidence=25)[::-1])]
    deprecated: str | None = None
    for _, _, code in sorted(proposals):
        authority = authority_of(code)
        if authority is None or not _equal(crs, authority):
            continue
        if not authority.is_deprecated:
            return code
        deprecated = deprecated or code
    return deprecated


def _equal(crs: CRS, authority: CRS) -> bool:
    mine, theirs = horizontal(crs), horizontal(authority)
    if crs.is_compound != authority.is_compound or differences(mine, theirs):
        return False
    if mine.geodetic_crs is None or theirs.geodetic_crs is None:
        return False
    return bool(mine.geodetic_crs.to_2d().equals(theirs.geodetic_crs.to_2d(), ignore_axis_order=True))


def resolved_authority(code: str, declared: str, confidence: Confidence) -> ResolvedCrs:
    """The authority's definition of an existing ``code`` with its pinned operation."""
    return replace(authority_crs(code), declared=declared, confidence=confidence)


def resolved_custom(crs: CRS, declared: str, confidence: Confidence, shift: Sequence[float] = ()) -> ResolvedCrs:
    """A complete definition without a code, used as it is; ``shift`` are its own TOWGS84 parameters."""
    usable = with_shift(horizontal(crs), shift) if any(shift) else horizontal(crs)
    if not any(shift) and len(shift) > 0 and pin(usable).is_ballpark:
        usable = with_shift(horizontal(crs), shift)
    operation = pin(usable)
    return ResolvedCrs(declared, None, usable.to_wkt("WKT2_2019"), confidence, operation.name, operation.accuracy)


def with_shift(crs: CRS, shift: Sequence[float]) -> CRS:
    """``crs`` bound to WGS 84 by its own parameters (m, arc-seconds position vector, ppm).

    The datum gets a name of its own, because PROJ ignores the parameters of a datum called ``unknown``.
    """
    definition: dict[str, Any] = copy.deepcopy(crs.to_json_dict())
    base = definition.get("base_crs", definition)
    datum = base.setdefault("datum", base.pop("datum_ensemble", {}))
    datum.clear() if "members" in datum else None
    datum["type"] = datum.get("type", "GeodeticReferenceFrame")
    datum["name"] = f"Datum of TOWGS84 {','.join(f'{p:.10g}' for p in shift)}"
    if crs.ellipsoid is not None:
        datum["ellipsoid"] = crs.ellipsoid.to_json_dict()
    for part in (definition, base, datum):
        part.pop("id", None)
    base["name"] = "geographic"
    renamed = CRS.from_json_dict(definition)
    full = tuple(shift) + (0.0,) * (7 - len(shift))
    return BoundCRS(renamed, CRS.from_epsg(4326), ToWGS84Transformation(renamed.geodetic_crs, *full))


__all__ = ["TOWGS84", "authority_of", "matching_code", "resolved_authority", "resolved_custom", "stated_code", "with_shift"]
