"""Datums of older maps and photographs of Vietnam, for which the registry has no transformation that covers the country."""

from __future__ import annotations

from dataclasses import dataclass

from pyproj import CRS

from catalog_builder.crs.parse import datum_name, projection_parameters


@dataclass(frozen=True, slots=True)
class LegacyDatum:
    """``accuracy``: metres, the best that the EPSG registry states for any transformation of this datum."""

    name: str
    semi_major: float
    accuracy: float


HANOI_1972 = LegacyDatum("HN-72", 6_378_245.0, 5.0)
"""Krassowsky ellipsoid; EPSG:1544 (Vũng Tàu area only) is stated at 5 m."""

INDIAN_1960 = LegacyDatum("Indian 1960", 6_377_276.345, 44.0)
"""Everest 1830 (1937 adjustment); EPSG:1542 (14-18°N only) is stated at 44 m."""

CODES = {
    "EPSG:4147": HANOI_1972,
    "EPSG:2044": HANOI_1972,
    "EPSG:2045": HANOI_1972,
    "EPSG:4131": INDIAN_1960,
    "EPSG:3148": INDIAN_1960,
    "EPSG:3149": INDIAN_1960,
    "EPSG:3176": INDIAN_1960,
}

_NAMES = {
    "hanoi1972": HANOI_1972,
    "hn72": HANOI_1972,
    "hn1972": HANOI_1972,
    "hanoi72": HANOI_1972,
    "indian1960": INDIAN_1960,
    "indiandatum1960": INDIAN_1960,
}


def legacy_datum(crs: CRS) -> LegacyDatum | None:
    """The legacy datum of a single CRS, by the name of its datum; in Vietnam also by the ellipsoid where the datum has no name."""
    folded = "".join(c for c in datum_name(crs).casefold() if c.isalnum()).removeprefix("d")
    if folded in _NAMES:
        return _NAMES[folded]
    if not folded.startswith("unknown") or crs.ellipsoid is None:
        return None
    axis = crs.ellipsoid.semi_major_metre
    return next((d for d in (HANOI_1972, INDIAN_1960) if abs(d.semi_major - axis) < 0.01 and _in_vietnam(crs)), None)


def _in_vietnam(crs: CRS) -> bool:
    """Whether the central meridian is one used for Vietnam: 102 to 111 degrees east."""
    meridian = projection_parameters(crs).get("Longitude of natural origin")
    return meridian is not None and 102 <= meridian <= 111
