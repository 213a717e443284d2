"""Where a scene lies under each possible CRS, compared with where it ought to lie."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from pyproj import CRS
from pyproj.exceptions import CRSError, ProjError

from catalog_builder.crs import Confidence, ResolvedCrs, findings, vn2000
from catalog_builder.crs.transform import bounds_to_wgs84, pin
from catalog_builder.findings import Finding

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees of WGS 84 (or min x, min y, max x, max y where said)."""

DOUBTFUL, CONVINCING = 0.5, 0.9
"""Shares of a scene inside the declared area: below the first the meridian is doubted if another one gives the second."""

SMALL_AREA = 0.3
"""Degrees of longitude: only in areas about as wide as a step of meridian (15') does a partial overlap mean anything. A scene on
the border of a province is no reason to doubt its meridian."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A CRS that the coordinates could be in. ``overlap``: share (0..1) of the scene that would lie in the declared area;
    None when no area or bounds are known. ``box`` is where the scene would lie."""

    code: str
    name: str
    overlap: float | None = None
    box: Box | None = None

    def __str__(self) -> str:
        meridian = vn2000.meridian_name(self.code)
        return f"{self.code} ({meridian})" if meridian else f"{self.code} ({self.name})"


def named(candidates: Sequence[Candidate], limit: int = 4) -> str:
    """The best candidates in one line for a finding; a dash when there are none."""
    return ", ".join(str(c) for c in candidates[:limit]) or "–"


@lru_cache(maxsize=1024)
def authority_crs(code: str) -> ResolvedCrs:
    """The authority's definition of ``code`` with its pinned operation.

    Raises:
        CRSError: there is no such code.
    """
    crs = CRS.from_user_input(code)
    operation = pin(crs)
    return ResolvedCrs(code, code, crs.to_wkt("WKT2_2019"), Confidence.AUTHORITY, operation.name, operation.accuracy)


def default_codes(area: Box | None) -> tuple[str, ...]:
    """All VN-2000 zones, and WGS 84 / UTM zones that touch the area."""
    if area is None:
        return vn2000.CODES
    west, south, east, north = area
    middle = (south + north) / 2
    if east < west:
        east += 360
    zones = range(math.floor((west + 180) / 6) + 1, math.floor((east + 180) / 6) + 2)
    hemisphere = 32600 if middle >= 0 else 32700
    return (*vn2000.CODES, *sorted({f"EPSG:{hemisphere + (z - 1) % 60 + 1}" for z in zones}))


def candidates(bounds: Box | None, area: Box | None, codes: Sequence[str] = ()) -> tuple[Candidate, ...]:
    """The CRSs in which ``bounds`` (native min x, min y, max x, max y) would lie in ``area``, best first.

    Without bounds or area nothing can be ranked: ``codes`` come back as they are. An empty ``codes`` means
    :func:`default_codes`; codes that do not exist are left out.
    """
    if bounds is None or area is None:
        return tuple(Candidate(c, _name(c)) for c in codes if _exists(c))
    ranked: list[tuple[float, float, int, Candidate]] = []
    for position, code in enumerate(codes or default_codes(area)):
        if not _exists(code):
            continue
        box = place(authority_crs(code), bounds)
        if box is None or (share := overlap(box, area)) <= 0:
            continue
        ranked.append((-round(share, 6), round(_distance(box, area), 9), position, Candidate(code, _name(code), share, box)))
    return tuple(candidate for *_, candidate in sorted(ranked, key=lambda r: r[:3]))


def place(crs: ResolvedCrs, bounds: Box) -> Box | None:
    """The WGS 84 box of native ``bounds``, or None when they cannot be in this CRS at all."""
    if not all(math.isfinite(v) for v in bounds):
        return None
    try:
        return bounds_to_wgs84(crs, bounds)
    except ProjError:
        return None


def overlap(box: Box, area: Box) -> float:
    """Share of the smaller of the two boxes that lies in the other; boxes of no extent count as points."""
    width, height = _common(box, area)
    if width < 0 or height < 0:
        return 0.0
    smaller = [min(b, a) for b, a in zip(_size(box), _size(area), strict=True)]
    return math.prod(1.0 if s == 0 else min(1.0, c / s) for c, s in zip((width, height), smaller, strict=True))


def check_area(
    box: Box,
    area: Box,
    crs: ResolvedCrs,
    *,
    subject: str,
    bounds: Box | None = None,
    codes: Sequence[str] = (),
    by_person: bool = False,
) -> tuple[Finding, ...]:
    """Whether a scene at ``box`` (WGS 84) agrees with its declared ``area``: the check that catches a wrong central meridian.

    ``bounds`` are the native bounds, to try other meridians: 15 minutes of meridian move a scene by 26.6 km, well inside
    a province, so ``area`` should be as small as is known (commune, map sheet, neighbouring scenes). What a person has decided
    (``by_person``) is not refused, only remarked on.
    """
    share = overlap(box, area)
    tried = candidates(bounds, area, codes or vn2000.CODES) if crs.code in vn2000.CODES and not by_person else ()
    others = [c for c in tried if c.code != crs.code]
    best = max((c.overlap or 0.0 for c in others), default=0.0)
    small = _size(area)[0] <= SMALL_AREA
    if (share == 0 and best > 0) or (small and share < DOUBTFUL and best >= CONVINCING):
        return (findings.WRONG_MERIDIAN(subject, declared=crs.code or crs.declared, candidates=named(others)),)
    if share == 0:
        return (findings.OUTSIDE_AREA(subject, declared=crs.code or crs.declared, here=middle_text(box)),)
    return ()


def middle_text(box: Box) -> str:
    """The middle of a box in degrees of latitude and longitude, the same in every language: ``20.951°, 107.080°``."""
    lon = ((box[0] + box[2]) / 2 + 180) % 360 - 180
    lat = (box[1] + box[3]) / 2
    return f"{lat:.3f}°, {lon:.3f}°"


def _common(box: Box, area: Box) -> tuple[float, float]:
    (w0, e0), (w1, e1) = _unwrapped(box), _unwrapped(area)
    width = max(min(e0, e1 + turn) - max(w0, w1 + turn) for turn in (-360.0, 0.0, 360.0))
    return width, min(box[3], area[3]) - max(box[1], area[1])


def _unwrapped(box: Box) -> tuple[float, float]:
    return (box[0], box[2] + 360) if box[2] < box[0] else (box[0], box[2])


def _size(box: Box) -> tuple[float, float]:
    west, east = _unwrapped(box)
    return east - west, box[3] - box[1]


def _distance(box: Box, area: Box) -> float:
    (w0, e0), (w1, e1) = _unwrapped(box), _unwrapped(area)
    return math.hypot((w0 + e0 - w1 - e1) / 2, (box[1] + box[3] - area[1] - area[3]) / 2)


@lru_cache(maxsize=1024)
def _exists(code: str) -> bool:
    try:
        authority_crs(code)
    except CRSError:
        return False
    return True


def _name(code: str) -> str:
    return str(CRS.from_user_input(code).name)
