"""Whether coordinates can be what they claim to be: ranges, areas of use, swapped axes."""

from __future__ import annotations

import math
import re

from catalog_builder.crs import ResolvedCrs, findings
from catalog_builder.crs.area import Box, middle_text, overlap, place
from catalog_builder.crs.parse import crs_of
from catalog_builder.crs.transform import crs_is_geographic
from catalog_builder.findings import Finding

MARGIN = 5.0
"""Degrees beyond its area of use within which a system is still used in good faith (neighbouring zone, sea)."""

UTM_LIMIT = 84.0
"""Latitude to which the UTM zones reach, north as well as south (they are defined to 80 degrees south; the margin covers the rest)."""

SWAP_MARGIN = 1.0
"""Degrees around the area of use in which swapped coordinates must come to lie before a swap is suspected."""


def check_transform(transform: tuple[float, float, float, float, float, float]) -> str:
    """An unusable geotransform (a, b, c, d, e, f) as text for a finding: no pixel size, or not finite; empty when it is usable."""
    a, b, _, d, e, _ = transform
    usable = all(math.isfinite(v) for v in transform) and a * e - b * d != 0
    return "" if usable else f"geotransform {', '.join(f'{v:.10g}' for v in transform)}"


def without_overshoot(bounds: Box, pixel: float) -> Box:
    """Bounds of a geographic grid cut at the poles when they reach over by at most a pixel, as grids of pixel centres do."""
    south, north = bounds[1], bounds[3]
    limit = 90 + pixel * 1.000001
    if -limit <= south < -90:
        south = -90.0
    if 90 < north <= limit:
        north = 90.0
    return bounds[0], south, bounds[2], north


def check_placement(crs: ResolvedCrs, bounds: Box, area: Box | None, *, subject: str) -> tuple[Finding, ...]:
    """Findings about where ``bounds`` (native) lie: impossible coordinates, swapped axes, far outside the area of use."""
    box = place(crs, bounds)
    swapped = place(crs, (bounds[1], bounds[0], bounds[3], bounds[2]))
    valid = box is not None and not (crs_is_geographic(crs) and not _degrees(bounds))
    declared = crs.code or crs.declared
    home = area or area_of_use(crs)
    if (
        swapped is not None
        and home is not None
        and _fits(swapped, home, SWAP_MARGIN)
        and not (valid and box is not None and _fits(box, home))
    ):
        here = middle_text(box) if valid and box is not None else f"{bounds[0]:g}, {bounds[1]:g}"
        if _plausible_swap(crs, bounds):
            return (findings.SWAPPED_AXES(subject, declared=declared, here=here, swapped=middle_text(swapped)),)
    if not valid or box is None:
        corner = ", ".join(f"{v:.10g}" for v in bounds)
        return (findings.OUT_OF_RANGE(subject, values=f"{declared}: {corner}"),)
    use = _customary_use(crs)
    if use is not None and not _fits(box, use):
        return (findings.OUTSIDE_USE(subject, declared=declared, here=middle_text(box)),)
    return ()


def _degrees(bounds: Box) -> bool:
    """Whether a box can be longitude and latitude; a pixel of overlap beyond the poles or a turn is left to the footprint."""
    tolerance = 1e-6
    return -360 - tolerance <= bounds[0] and bounds[2] <= 540 and bounds[1] >= -90 - tolerance and bounds[3] <= 90 + tolerance


def _plausible_swap(crs: ResolvedCrs, bounds: Box) -> bool:
    """Degrees may only be called swapped when the latitude is impossible; 21, 107 is a place in the Barents Sea otherwise."""
    if not crs_is_geographic(crs):
        return True
    return _degrees((bounds[1], bounds[0], bounds[3], bounds[2])) and (abs(bounds[1]) > 90 or abs(bounds[3]) > 90)


def area_of_use(crs: ResolvedCrs) -> Box | None:
    """The area of use that the authority states, west, south, east, north; None for custom systems."""
    area = crs_of(crs.wkt).area_of_use
    return None if area is None else (area.west, area.south, area.east, area.north)


def _customary_use(crs: ResolvedCrs) -> Box | None:
    """The area of use, for a WGS 84 / UTM zone on both sides of the equator.

    The USGS gives all Landsat scenes in the northern zone, with negative northings in the south (Landsat Collection 2 Level-1
    Data Format Control Book); neighbours across the equator are kept in one zone by many others.
    """
    use = area_of_use(crs)
    if use is None or re.fullmatch(r"EPSG:32[67](0[1-9]|[1-5]\d|60)", crs.code or "") is None:
        return use
    return use[0], -UTM_LIMIT, use[2], UTM_LIMIT


def _fits(box: Box, home: Box, margin: float = MARGIN) -> bool:
    west, south, east, north = home
    grown = (west - margin, max(-90.0, south - margin), (east + 360 if east < west else east) + margin, min(90.0, north + margin))
    return overlap(box, grown) > 0
