"""From what a file declares to a CRS that can be used, or to the reason why not.

Policy: VN-2000 is recognised by its parameters and replaced by the authority's definition, which is then
transformed by one pinned operation; a file's own WKT is never used for it. Where the intent is clear and only the shape is
wrong (signs of datum parameters, a datum name that software does not know, a withdrawn code) the scene is resolved with a
warning. Where two readings are possible (unknown datum, WGS 84 datum under a VN-2000 grid, swapped axes, wrong meridian) the
scene is refused with ranked candidates, and a person decides by an override.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyproj import CRS
from pyproj.exceptions import ProjError

from catalog_builder.crs import Confidence, ResolvedCrs, findings, vn2000
from catalog_builder.crs.area import Box, Candidate, candidates, check_area, named, place
from catalog_builder.crs.case import Case, Resolution, ranked_candidates
from catalog_builder.crs.definitions import authority_of, matching_code, resolved_custom, stated_code
from catalog_builder.crs.legacy import legacy_datum
from catalog_builder.crs.parse import (
    EARTH_AXES,
    DatumKind,
    datum_kind,
    datum_name,
    declared_shifts,
    differences,
    has_vn2000_ellipsoid,
    horizontal,
    parse,
    short_name,
    transverse_mercator,
)
from catalog_builder.crs.plausible import check_placement, check_transform, without_overshoot
from catalog_builder.crs.transform import BALLPARK, pin
from catalog_builder.crs.vn2000 import ShiftKind
from catalog_builder.facts import Origin
from catalog_builder.findings import Finding, Severity, printable, worst


def resolve(
    declared: str,
    *,
    subject: str,
    origin: Origin,
    bounds: Box | None = None,
    transform_hint: tuple[float, float, float, float, float, float] | None = None,
    area: Box | None = None,
    candidate_codes: Sequence[str] = (),
) -> Resolution:
    """Resolve ``declared`` (WKT 1 or 2, ``"EPSG:n"``, a PROJ string; empty when the file says nothing).

    Pass a raster's full WKT (``dataset.crs.to_wkt()``), never ``to_string()``: that reports a code even for an unknown datum.

    Args:
        subject: what the findings are about (archive name).
        origin: who declares it; an override may settle what a file may not.
        bounds: min x, min y, max x, max y of the raster in the declared CRS, to detect swapped axes and wrong meridians.
        transform_hint: the geotransform (a, b, c, d, e, f), checked for being usable at all.
        area: west, south, east, north (WGS 84) where the delivery is declared to lie; as small as is known.
        candidate_codes: codes to try when the declaration is missing or refused; default: VN-2000 and the UTM zones of ``area``.
    """
    if transform_hint is not None and (problem := check_transform(transform_hint)):
        return Resolution(None, (findings.OUT_OF_RANGE(subject, values=problem),))
    if not declared.strip():
        found = ranked_candidates(bounds, area, candidate_codes, ())
        return Resolution(None, (findings.MISSING(subject, candidates=named(found)),), found)
    try:
        return _resolve(declared, subject, origin, bounds, transform_hint, area, candidate_codes)
    except ProjError as error:
        problem = printable(str(error).split(" (Internal")[0], 120)
        return Resolution(None, (findings.UNREADABLE(subject, declared=short_name(declared), problem=problem),))


def _resolve(
    declared: str,
    subject: str,
    origin: Origin,
    bounds: Box | None,
    transform_hint: tuple[float, float, float, float, float, float] | None,
    area: Box | None,
    candidate_codes: Sequence[str],
) -> Resolution:
    crs = parse(declared)
    single = horizontal(crs)
    shift = vn2000.judge_shift(declared_shifts(declared, crs))
    if bounds is not None and transform_hint is not None and single.is_geographic:
        bounds = without_overshoot(bounds, max(abs(transform_hint[3]), abs(transform_hint[4])))
    case = Case(declared, crs, single, shift, subject, origin, bounds, area, candidate_codes, short_name(declared, crs))
    resolution = _unusable(case) or _contradiction(case) or _withdrawn(case) or _vn2000(case) or _legacy(case) or _other(case)
    return _placed(case, resolution)


def _unusable(case: Case) -> Resolution | None:
    """Systems that cannot place a scene on the Earth."""
    single, name = case.single, case.name
    if "Engineering" in single.type_name:
        return case.refuse(findings.LOCAL)
    if single.ellipsoid is None or not (single.is_geographic or single.is_projected):
        return Resolution(None, (findings.NOT_HORIZONTAL(case.subject, declared=name, kind=single.type_name),))
    axis = single.ellipsoid.semi_major_metre
    if not EARTH_AXES[0] < axis < EARTH_AXES[1] or (stated_code(case.crs) or "").startswith("IAU"):
        return Resolution(None, (findings.NOT_EARTH(case.subject, declared=name, semi_major=round(axis)),))
    return None


def _contradiction(case: Case) -> Resolution | None:
    """A definition that names a code whose parameters it does not have."""
    code = stated_code(case.crs)
    authority = authority_of(code) if code else None
    if code is None or authority is None:
        return None
    different = differences(case.single, horizontal(authority))
    if not different:
        return None
    projection = transverse_mercator(case.single)
    meant = vn2000.zone(projection) if projection else None
    return case.refuse(findings.CODE_CONTRADICTS, [c for c in (meant, code) if c], code=code, difference=", ".join(different))


def _withdrawn(case: Case) -> Resolution | None:
    """VN-2000 definitions with swapped false easting and northing: EPSG 6956-6959 and what was copied from them."""
    projection = transverse_mercator(case.single)
    code = vn2000.swapped_zone(projection) if projection else None
    if code is None or datum_kind(case.single) is not DatumKind.VN2000:
        return None
    return case.accept(code, findings.DEPRECATED_VN2000(case.subject, declared=case.name, code=code))


def _vn2000(case: Case) -> Resolution | None:
    """VN-2000 by its parameters, and everything that looks like it and is not, or may not be."""
    projection = transverse_mercator(case.single)
    code = vn2000.zone(projection) if projection else vn2000.GEOGRAPHIC if case.single.is_geographic else None
    kind, shift = datum_kind(case.single), case.shift
    if code is None or not has_vn2000_ellipsoid(case.single):
        return None
    if shift.kind in (ShiftKind.EXACT, ShiftKind.SIGNS, ShiftKind.NEAR):
        return case.accept(code, *_shift_warning(case, code), confidence=None if case.by_person else _by_parameters(case))
    if kind is DatumKind.VN2000:
        return _named_vn2000(case, code)
    if kind is DatumKind.UNKNOWN and shift.kind in (ShiftKind.NONE, ShiftKind.NULL):
        return case.refuse(findings.UNKNOWN_DATUM, _readings(case, code), datum=datum_name(case.single) or "?")
    names_it = vn2000.names_vn2000(case.single.name, case.single.geodetic_crs.name if case.single.geodetic_crs else "")
    provincial = projection is not None and projection.scale == vn2000.TM3_SCALE
    if kind is DatumKind.WGS84 and (names_it or (provincial and not case.by_person)):
        return case.refuse(findings.WGS84_DATUM, [code])
    return None


def _by_parameters(case: Case) -> Confidence:
    return Confidence.AUTHORITY if stated_code(case.crs) else Confidence.PARAMETERS


def _named_vn2000(case: Case, code: str) -> Resolution:
    datum = datum_name(case.single)
    if case.shift.kind is ShiftKind.FOREIGN:
        params = {"shift": str(case.shift), "distance": round(case.shift.distance, 1)}
        return case.refuse(findings.TOWGS84_DIFFERS, [code], **params)
    from_authority = stated_code(case.crs) is not None or (case.single.geodetic_crs is not None and pinned_as_vn2000(case.single))
    warnings = [] if from_authority else [findings.DATUM_NAME(case.subject, datum=datum, code=code)]
    return case.accept(code, *warnings)


def pinned_as_vn2000(crs: CRS) -> bool:
    """Whether PROJ itself recognises the datum as VN-2000 and would find its operation."""
    return pin(crs).name == vn2000.OPERATION


def _shift_warning(case: Case, code: str) -> list[Finding]:
    kinds = {ShiftKind.SIGNS: findings.TOWGS84_SIGNS, ShiftKind.NEAR: findings.TOWGS84_NEAR}
    kind = kinds.get(case.shift.kind)
    if kind is None:
        return []
    distance = round(case.shift.distance, 2)
    return [kind(case.subject, declared=case.name, shift=str(case.shift), distance=distance, code=code)]


def _readings(case: Case, code: str) -> list[str]:
    """The readings of a grid without datum: VN-2000, and WGS 84 where the same grid exists there."""
    same = {"EPSG:3405": "EPSG:32648", "EPSG:3406": "EPSG:32649", vn2000.GEOGRAPHIC: "EPSG:4326"}
    readings = [code, same[code]] if code in same else [code]
    return readings[::-1] if code == vn2000.GEOGRAPHIC else readings


def _utm_reading(case: Case) -> list[str]:
    """The WGS 84 / UTM zone with the projection of a definition without datum, if it is one."""
    projection = transverse_mercator(case.single)
    zone = (projection.meridian + 183) / 6 if projection else 0.0
    if projection is None or projection.scale != vn2000.UTM_SCALE or projection.easting != 500_000 or zone != round(zone):
        return []
    hemisphere = {0.0: 32600, 10_000_000.0: 32700}.get(projection.northing)
    return [f"EPSG:{hemisphere + round(zone)}"] if hemisphere else []


def _legacy(case: Case) -> Resolution | None:
    """Hanoi 1972 and Indian 1960: only with parameters that a person gives, and marked as inaccurate."""
    legacy = legacy_datum(case.single)
    if legacy is None:
        return None
    if not case.by_person or not any(case.shift.parameters):
        return Resolution(None, (findings.LEGACY_DATUM(case.subject, declared=case.name, datum=legacy.name),))
    custom = resolved_custom(case.single, case.name, Confidence.USER, case.shift.parameters)
    crs = ResolvedCrs(custom.declared, None, custom.wkt, Confidence.USER, custom.operation, legacy.accuracy)
    return Resolution(crs, (findings.LEGACY_ACCURACY(case.subject, datum=legacy.name, accuracy=legacy.accuracy),))


def _other(case: Case) -> Resolution:
    """Everything else: the authority's definition where the file equals one, else the file's own if it is complete."""
    stated = stated_code(case.crs)
    authority = authority_of(stated) if stated else None
    shift, own, kind = case.shift, any(case.shift.parameters), datum_kind(case.single)
    if kind is DatumKind.UNKNOWN and not own:
        return case.refuse(findings.UNKNOWN_DATUM, _utm_reading(case), datum=datum_name(case.single) or "?")
    if stated and authority is not None and not own and datum_kind(horizontal(authority)) is not kind:
        return case.refuse(findings.CODE_CONTRADICTS, [stated], code=stated, difference="datum")
    code = stated if authority is not None else matching_code(case.crs) or matching_code(case.single)
    authority = authority_of(code) if code else None
    if code is not None and authority is not None and not (own and case.by_person):
        warnings = [findings.DEPRECATED(case.subject, code=code)] if authority.is_deprecated else []
        if own:
            warnings.append(findings.SHIFT_IGNORED(case.subject, declared=case.name, shift=str(shift), code=code))
        return case.accept(code, *warnings)
    confidence = Confidence.USER if case.by_person else Confidence.CUSTOM
    warnings = _ellipsoid_warning(case)
    return Resolution(resolved_custom(case.single, case.name, confidence, shift.parameters), tuple(warnings))


def _ellipsoid_warning(case: Case) -> list[Finding]:
    """A definition that claims the WGS 84 datum with numbers of another ellipsoid."""
    ellipsoid = case.single.ellipsoid
    if ellipsoid is None or datum_kind(case.single) is not DatumKind.WGS84 or has_vn2000_ellipsoid(case.single):
        return []
    axis = round(ellipsoid.semi_major_metre, 3)
    return [findings.ELLIPSOID_DIFFERS(case.subject, declared=case.name, datum=datum_name(case.single), semi_major=axis)]


def _placed(case: Case, resolution: Resolution) -> Resolution:
    """Compare where the resolved CRS puts the raster with where it can and should be."""
    crs = resolution.crs
    if crs is None:
        return resolution
    found = list(resolution.findings)
    if crs.operation == BALLPARK:
        found.append(findings.BALLPARK(case.subject, declared=case.name))
    if case.bounds is not None:
        found += check_placement(crs, case.bounds, case.area, subject=case.subject)
        box = None if worst(found) is Severity.ERROR else place(crs, case.bounds)
        if box is not None and case.area is not None:
            found += check_area(box, case.area, crs, subject=case.subject, bounds=case.bounds, codes=case.codes, by_person=case.by_person)
    if worst(found) is Severity.ERROR:
        return Resolution(None, tuple(found), ranked_candidates(case.bounds, case.area, case.codes, ()))
    return Resolution(crs, tuple(found), resolution.candidates)


__all__ = ["Candidate", "Resolution", "candidates", "check_area", "resolve"]
