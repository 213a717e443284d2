"""Reading a declared coordinate reference system safely, and the questions asked about it."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache

from pyproj import CRS
from pyproj._crs import Datum  # pyproj.crs has it, but does not declare it
from pyproj.exceptions import CRSError

from catalog_builder.crs import vn2000
from catalog_builder.crs.vn2000 import TransverseMercator
from catalog_builder.findings import printable

REMEMBERED = 256
"""Definitions whose answer is kept: an archive has few, in thousands of scenes, and a search of the PROJ database takes 0.1 s."""

MAX_LENGTH = 65_536
"""Characters; the longest definitions in the EPSG registry have about 10 000."""

EARTH_AXES = (6_350_000.0, 6_400_000.0)
"""Metres: semi-major axes of ellipsoids and spheres in use for the Earth lie between (6 356 752 to 6 378 388)."""

_FILES = re.compile(r"(?i)(grids|init|file)\s*=\s*(?!@null\b|epsg:\d)|PARAMETERFILE|PROJ4_GRIDS")
_SHIFT = re.compile(r"(?i)towgs84\s*[=\[(]\s*([-+.\deE]+(?:\s*,\s*[-+.\deE]+){2,6})")
_UNKNOWN = re.compile(r"^(d_)?(unknown|unnamed|undefined|user[- _]?defined|custom|not[- _]?specified|none|$)", re.IGNORECASE)


class DatumKind(StrEnum):
    """What is known about the datum of a declaration."""

    VN2000 = "vn2000"
    WGS84 = "wgs84"
    KNOWN = "known"
    UNKNOWN = "unknown"


def parse(declared: str) -> CRS:
    """The CRS that WKT, ``"EPSG:n"`` or a PROJ string describes.

    Raises:
        CRSError: it describes none, is too long, or would make PROJ open files (grids, +init).
    """
    if len(declared) > MAX_LENGTH:
        raise CRSError(f"definition of {len(declared)} characters")
    if _FILES.search(declared):
        raise CRSError("definition refers to files")
    if not declared.isprintable() and any(0xD800 <= ord(c) <= 0xDFFF or c == "\0" for c in declared):
        raise CRSError("definition is not text")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # +init syntax and lossy PROJ strings are judged by what they resolve to
        crs = CRS.from_user_input(declared)
    try:
        crs.to_json_dict()
    except ValueError as error:  # PROJ lets nan and inf through, which nothing after it can read
        raise CRSError("definition has numbers that are not finite") from error
    return crs


@lru_cache(maxsize=REMEMBERED)
def crs_of(wkt: str) -> CRS:
    """The CRS of a definition that was resolved before."""
    return CRS.from_wkt(wkt)


def horizontal(crs: CRS) -> CRS:
    """The single horizontal CRS inside a bound or compound one."""
    if crs.is_bound and crs.source_crs is not None:
        return horizontal(crs.source_crs)
    if crs.is_compound:
        return horizontal(crs.sub_crs_list[0])
    return crs


def short_name(declared: str, crs: CRS | None = None) -> str:
    """How findings and items quote a declaration: the code, the name, or the head of the text; never two kilobytes of WKT."""
    text = " ".join(declared.split())
    if crs is None or len(text) <= 40:
        return printable(text, 60)
    single = horizontal(crs)
    name = next((c.name for c in (crs, single) if not c.is_bound and not _UNKNOWN.match(c.name)), "")
    projection = transverse_mercator(single)
    if not name and projection is not None:
        name = f"TM {projection.meridian:g}°, k = {projection.scale:g}"
    return printable(name or text, 100)


def transverse_mercator(crs: CRS) -> TransverseMercator | None:
    """The parameters of a transverse Mercator projection in degrees and metres; None for other systems."""
    operation = crs.coordinate_operation if crs.is_projected else None
    if operation is None or operation.method_name != "Transverse Mercator":
        return None
    values = projection_parameters(crs)
    return TransverseMercator(
        latitude=values.get("Latitude of natural origin", 0.0),
        meridian=values.get("Longitude of natural origin", 0.0),
        scale=values.get("Scale factor at natural origin", 1.0),
        easting=values.get("False easting", 0.0),
        northing=values.get("False northing", 0.0),
    )


def projection_parameters(crs: CRS) -> dict[str, float]:
    """Parameter values of a projection by EPSG name: angles in degrees, lengths in metres."""
    operation = crs.coordinate_operation
    if operation is None:
        return {}
    degree = 0.017453292519943295
    values: dict[str, float] = {}
    for parameter in operation.params:
        value: object = parameter.value  # float, or the text of a file name; pyproj declares str
        if isinstance(value, int | float):
            values[parameter.name] = value * parameter.unit_conversion_factor / (degree if parameter.unit_category == "angular" else 1.0)
    return values


def declared_shifts(declared: str, crs: CRS) -> tuple[tuple[float, ...], ...]:
    """Every set of datum parameters in the text, as written: PROJ silently corrects signs while it parses WKT."""
    found: list[tuple[float, ...]] = []
    for match in _SHIFT.finditer(declared):
        try:
            numbers = tuple(float(n) for n in match.group(1).split(","))
        except ValueError:
            continue
        if len(numbers) in (3, 7) and all(abs(n) < 1e6 for n in numbers):
            found.append(numbers)
    bound = crs.coordinate_operation if crs.is_bound else None
    if not found and bound is not None and bound.towgs84:
        found.append(tuple(float(v) for v in bound.towgs84))
    return tuple(found)


def has_vn2000_ellipsoid(crs: CRS) -> bool:
    """Whether the ellipsoid is WGS 84's, which VN-2000 uses."""
    ellipsoid = crs.ellipsoid
    return (
        ellipsoid is not None
        and abs(ellipsoid.semi_major_metre - vn2000.WGS84_AXIS) < 0.01
        and abs(ellipsoid.inverse_flattening - vn2000.WGS84_INVERSE_FLATTENING) < 1e-5
    )


def datum_name(crs: CRS) -> str:
    """The name of the datum (or ensemble), cut to a quotable length; empty when there is none."""
    return "" if crs.datum is None else printable(crs.datum.name, 80)


def datum_kind(crs: CRS) -> DatumKind:
    """What the datum of a single CRS is; UNKNOWN unless PROJ's database or the name vouches for it."""
    name = datum_name(crs)
    if _UNKNOWN.match(name):
        return DatumKind.UNKNOWN
    if vn2000.names_vn2000(name):
        return DatumKind.VN2000
    if "".join(c for c in name.casefold() if c.isalnum()).startswith(("worldgeodeticsystem1984", "wgs1984", "dwgs1984", "wgs84")):
        return DatumKind.WGS84
    return DatumKind.KNOWN if is_known_datum(crs) else DatumKind.UNKNOWN


def is_known_datum(crs: CRS) -> bool:
    """Whether PROJ knows the datum, so that it can find a transformation for it."""
    datum = crs.datum
    if datum is None:
        return False
    identity = datum.to_json_dict().get("id", {})
    if identity.get("authority") == "EPSG" and 6001 <= int(identity["code"]) <= 6060:
        return False  # "Not specified (based on ... ellipsoid)"
    if identity or (crs.to_authority() is not None and crs.geodetic_crs is not None and crs.geodetic_crs.to_authority() is not None):
        return True
    try:
        Datum.from_name(datum.name)
    except CRSError:
        return False
    except AttributeError:  # pyproj finds an ensemble and cannot wrap it (pyproj 3.7, 3.8)
        return True
    return True


def differences(crs: CRS, authority: CRS) -> tuple[str, ...]:
    """In what the numbers of a projected or geographic CRS differ from an authority's: names of parameters, ``ellipsoid`` ..."""
    found: list[str] = []
    if crs.is_geographic != authority.is_geographic:
        return ("kind",)
    mine, theirs = crs.coordinate_operation, authority.coordinate_operation
    if mine is not None and theirs is not None:
        if mine.method_name != theirs.method_name:
            found.append(mine.method_name)
        else:
            found += _different_parameters(projection_parameters(crs), projection_parameters(authority))
    if crs.ellipsoid is None or authority.ellipsoid is None or not _same_ellipsoid(crs, authority):
        found.append("ellipsoid")
    if crs.prime_meridian and authority.prime_meridian and abs(crs.prime_meridian.longitude - authority.prime_meridian.longitude) > 1e-7:
        found.append("prime meridian")
    if _unit(crs) != _unit(authority):
        found.append("unit")
    return tuple(found)


def _different_parameters(mine: dict[str, float], theirs: dict[str, float]) -> Sequence[str]:
    names = sorted({*mine, *theirs})
    return [n for n in names if abs(mine.get(n, 0.0) - theirs.get(n, 0.0)) > max(1e-7, 1e-9 * abs(theirs.get(n, 0.0)))]


def _same_ellipsoid(a: CRS, b: CRS) -> bool:
    one, other = a.ellipsoid, b.ellipsoid
    if one is None or other is None:
        return False
    return abs(one.semi_major_metre - other.semi_major_metre) < 0.01 and abs(one.semi_minor_metre - other.semi_minor_metre) < 0.01


def _unit(crs: CRS) -> float | None:
    axes = crs.axis_info
    return round(axes[0].unit_conversion_factor, 9) if axes else None
