"""VN-2000: its zones, its datum parameters, and how to recognise them in what files declare.

Zones and parameters are those of the EPSG registry (v11/v12 as shipped with PROJ); the test of this module compares them
with the database. The 7 parameters are those of decision QĐ 05/2007/QĐ-BTNMT, EPSG operation 6960.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

GEOGRAPHIC = "EPSG:4756"
OPERATION = "EPSG:6960"
ACCURACY = 1.0
"""Metres, as EPSG states it for operation 6960."""

TM3_SCALE = 0.9999
UTM_SCALE = 0.9996

ZONES: dict[tuple[float, float], str] = {
    (102.0, TM3_SCALE): "EPSG:5896",
    (103.0, TM3_SCALE): "EPSG:9205",
    (104.0, TM3_SCALE): "EPSG:9206",
    (104.5, TM3_SCALE): "EPSG:9207",
    (104.75, TM3_SCALE): "EPSG:9208",
    (105.0, TM3_SCALE): "EPSG:5897",
    (105.5, TM3_SCALE): "EPSG:9209",
    (105.75, TM3_SCALE): "EPSG:9210",
    (106.0, TM3_SCALE): "EPSG:9211",
    (106.25, TM3_SCALE): "EPSG:9212",
    (106.5, TM3_SCALE): "EPSG:9213",
    (107.0, TM3_SCALE): "EPSG:9214",
    (107.25, TM3_SCALE): "EPSG:9215",
    (107.5, TM3_SCALE): "EPSG:9216",
    (107.75, TM3_SCALE): "EPSG:5899",
    (108.0, TM3_SCALE): "EPSG:5898",
    (108.25, TM3_SCALE): "EPSG:9217",
    (108.5, TM3_SCALE): "EPSG:9218",
    (105.0, UTM_SCALE): "EPSG:3405",
    (111.0, UTM_SCALE): "EPSG:3406",
}
"""Central meridian (degrees) and scale factor of each zone; all have false easting 500 km, false northing 0, latitude 0."""

DEPRECATED = {"EPSG:6956": "EPSG:5896", "EPSG:6957": "EPSG:5897", "EPSG:6958": "EPSG:5898", "EPSG:6959": "EPSG:5899"}
"""Withdrawn codes whose false easting and northing were swapped, and what they meant."""

CODES = (*sorted(set(ZONES.values())),)

POSITION_VECTOR = (-191.90441429, -39.30318279, -111.45032835, 0.00928836, -0.01975479, 0.00427372, 0.252906278)
"""EPSG:6960 as TOWGS84: metres, arc-seconds in the position-vector convention (EPSG gives coordinate-frame signs), ppm."""

MEKONG = (-192.873, -39.382, -111.202, -0.00205, -0.0005, 0.00335, 0.0188)
"""EPSG:5194 as TOWGS84: an earlier determination in the Mekong delta, within a metre of the official one."""

WGS84_AXIS, WGS84_INVERSE_FLATTENING = 6378137.0, 298.257223563

NEAR = 5.0
"""Metres: datum parameters this close to the official ones mean VN-2000 (roundings, old determinations, sign errors)."""


@dataclass(frozen=True, slots=True)
class TransverseMercator:
    """Parameters of a transverse Mercator projection: degrees, metres."""

    latitude: float
    meridian: float
    scale: float
    easting: float
    northing: float


def zone(projection: TransverseMercator) -> str | None:
    """The VN-2000 code with these parameters, or None."""
    if abs(projection.easting - 500_000) > 0.001 or abs(projection.northing) > 0.001:
        return None
    return _zone_of(projection)


def swapped_zone(projection: TransverseMercator) -> str | None:
    """The VN-2000 code that a definition with swapped false easting and northing (the withdrawn 6956-6959) means, or None."""
    if abs(projection.northing - 500_000) > 0.001 or abs(projection.easting) > 0.001 or abs(projection.scale - TM3_SCALE) > 1e-7:
        return None
    return _zone_of(projection)


def _zone_of(projection: TransverseMercator) -> str | None:
    if abs(projection.latitude) > 1e-9:
        return None
    for (meridian, scale), code in ZONES.items():
        if abs(meridian - projection.meridian) < 1e-6 and abs(scale - projection.scale) < 1e-7:
            return code
    return None


def meridian_name(code: str) -> str:
    """The central meridian of a zone as people write it, ``107°45'``; empty for other codes."""
    for (meridian, _), zone_code in ZONES.items():
        if zone_code == code:
            degrees, fraction = divmod(meridian, 1)
            return f"{degrees:.0f}°{fraction * 60:02.0f}'"
    return ""


def names_vn2000(*names: str) -> bool:
    """Whether a name written by people means VN-2000: ``VN2000``, ``D_VN_2000``, ``KTT 107-45`` (kinh tuyến trục), ``múi 3``."""
    for name in names:
        plain = "".join(c for c in unicodedata.normalize("NFD", name.casefold()) if not unicodedata.combining(c))
        if re.search(r"(vn|viet ?nam)[-_ ]*2000|(^|[^a-z])(ktt|mui)([^a-z]|$)", plain):
            return True
    return False


class ShiftKind(StrEnum):
    """What the datum parameters in a declaration are, compared with EPSG:6960."""

    NONE = "none"
    NULL = "null"  # all zero: the file says that its datum is WGS 84
    EXACT = "exact"
    NEAR = "near"
    SIGNS = "signs"  # the official numbers with wrong signs
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Shift:
    """Datum parameters found in a declaration, their kind, and how far (m) they move a point from where EPSG:6960 puts it."""

    kind: ShiftKind
    parameters: tuple[float, ...] = ()
    distance: float = 0.0

    def __str__(self) -> str:
        return ",".join(f"{p:.10g}" for p in self.parameters)


def judge_shift(declared: Sequence[Sequence[float]]) -> Shift:
    """Compare every set of TOWGS84 parameters found in a declaration with VN-2000's; the most suspicious one counts."""
    order = (ShiftKind.FOREIGN, ShiftKind.SIGNS, ShiftKind.NEAR, ShiftKind.NULL, ShiftKind.EXACT)
    judged = [_judge(tuple(p) + (0.0,) * (7 - len(p))) for p in declared]
    return min(judged, key=lambda s: order.index(s.kind), default=Shift(ShiftKind.NONE))


def _judge(parameters: tuple[float, ...]) -> Shift:
    if not any(parameters):
        return Shift(ShiftKind.NULL, parameters)
    distance = min(shift_distance(parameters, POSITION_VECTOR), shift_distance(parameters, MEKONG) + ACCURACY)
    same_size = all(math.isclose(abs(a), abs(b), abs_tol=2e-5) for a, b in zip(parameters, POSITION_VECTOR, strict=True))
    if distance < 0.01:
        kind = ShiftKind.EXACT
    elif same_size:
        kind = ShiftKind.SIGNS
    else:
        kind = ShiftKind.NEAR if distance < NEAR else ShiftKind.FOREIGN
    return Shift(kind, parameters, distance)


def shift_distance(a: Sequence[float], b: Sequence[float]) -> float:
    """Metres between where two position-vector parameter sets put one point of Vietnam (Hạ Long, 20.95°N 107.08°E)."""
    return math.dist(_moved(a), _moved(b))


def _moved(parameters: Sequence[float]) -> tuple[float, float, float]:
    x, y, z = -1_750_455.0, 5_696_200.0, 2_266_400.0  # Hạ Long, geocentric metres; a kilometre more or less does not matter
    tx, ty, tz, rx, ry, rz, ppm = parameters
    rx, ry, rz = (math.radians(r / 3600) for r in (rx, ry, rz))
    scale = 1 + ppm * 1e-6
    return tx + scale * (x - rz * y + ry * z), ty + scale * (rz * x + y - rx * z), tz + scale * (-ry * x + rx * y + z)
