"""Claims that cannot be true, whoever makes them: found by rules that are data, reported, and not used."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from catalog_builder.archive.findings import DATE_IMPOSSIBLE, OUT_OF_RANGE
from catalog_builder.archive.overrides import shown
from catalog_builder.facts import Claim, Field
from catalog_builder.findings import Finding
from catalog_builder.times import When


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from ``low`` to ``high``; ``above`` when ``low`` itself is not allowed."""

    low: float
    high: float
    above: bool = False

    def holds(self, value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return False
        return (self.low < value if self.above else self.low <= value) and value <= self.high

    def __str__(self) -> str:
        return f"{'>' if self.above else '>='} {self.low:g}, <= {self.high:g}"


RANGES: Mapping[Field, Range] = {
    Field.CLOUD_COVER: Range(0, 100),
    Field.OFF_NADIR: Range(0, 90),
    Field.INCIDENCE_ANGLE: Range(0, 90),
    Field.VIEW_AZIMUTH: Range(0, 360),
    Field.SUN_AZIMUTH: Range(0, 360),
    Field.SUN_ELEVATION: Range(-90, 90),
    Field.GSD: Range(0, 100_000, above=True),  # m; the coarsest sensors have 25-50 km
    Field.GEOMETRIC_RMSE: Range(0, 1_000_000),
    Field.BIT_DEPTH: Range(1, 64),
    Field.MAP_SCALE: Range(1, 100_000_000),
    Field.PHOTO_SCALE: Range(1, 10_000_000),
    Field.FLIGHT_HEIGHT: Range(0, 100_000, above=True),
    Field.FOCAL_LENGTH: Range(0, 100_000, above=True),
    Field.SCAN_DPI: Range(1, 50_000),
    Field.ABSOLUTE_ORBIT: Range(0, 10_000_000),
    Field.RELATIVE_ORBIT: Range(0, 100_000),
}
"""What a number can be, in the unit of its field."""

LON_LAT = "-180 <= lon <= 180, -90 <= lat <= 90"
FIRST_PHOTOGRAPH = datetime(1900, 1, 1, tzinfo=UTC)
"""No archive of this kind holds aerial photographs from before powered flight."""

CLOCK_TOLERANCE = timedelta(days=1)
RELEASED = datetime(2026, 11, 21, tzinfo=UTC)
"""When this version was made. Only a scene that claims to be later than both this and its own files is impossible: modification
times alone are often older than the scene (1970, the DOS epoch 1980, a clock that was wrong), and no clock is read here, so
that the same archive always gives the same catalogue."""


def possible(claims: Iterable[Claim], subject: str, newest_mtime_ns: int) -> tuple[list[Claim], list[Finding]]:
    """The claims that can be true, and a finding for each other. ``newest_mtime_ns``: of the files of the scene."""
    newest = datetime.fromtimestamp(newest_mtime_ns // 1_000_000_000, UTC)
    kept: list[Claim] = []
    findings: list[Finding] = []
    for claim in claims:
        finding = None if claim.value is None else _problem(claim, subject, newest)
        if finding is None:
            kept.append(claim)
        else:
            findings.append(finding)
    return kept, findings


def _problem(claim: Claim, subject: str, newest: datetime) -> Finding | None:
    if claim.field in RANGES:
        allowed = RANGES[claim.field]
        return None if allowed.holds(claim.value) else _finding(OUT_OF_RANGE, claim, subject, str(allowed))
    if claim.field in (Field.CORNERS, Field.FOOTPRINT):
        return None if _on_earth(claim.value) else _finding(OUT_OF_RANGE, claim, subject, LON_LAT)
    if isinstance(claim.value, When):
        return _impossible_date(claim, claim.value, subject, newest)
    return None


def _impossible_date(claim: Claim, when: When, subject: str, newest: datetime) -> Finding | None:
    if when.start < FIRST_PHOTOGRAPH:
        return _finding(DATE_IMPOSSIBLE, claim, subject, f">= {FIRST_PHOTOGRAPH.year}")
    latest = max(newest, RELEASED)
    if when.start > latest + CLOCK_TOLERANCE:
        return _finding(DATE_IMPOSSIBLE, claim, subject, f"<= {latest:%Y-%m-%d}")
    return None


def _on_earth(points: object) -> bool:
    if not isinstance(points, tuple | list) or not points:
        return False
    longitude, latitude = Range(-180, 180), Range(-90, 90)
    return all(len(p) >= 2 and longitude.holds(p[0]) and latitude.holds(p[1]) for p in points)


def _finding(kind: Callable[..., Finding], claim: Claim, subject: str, allowed: str) -> Finding:
    return kind(subject, field=claim.field.value, value=shown(claim.value), source=str(claim.source), allowed=allowed)
