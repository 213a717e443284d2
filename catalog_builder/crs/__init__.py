"""Coordinate reference systems: the one place where a declared CRS becomes a resolved one, and where footprints are transformed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Confidence(StrEnum):
    """Why the resolved code is believed (``vn:crs`` in the items)."""

    AUTHORITY = "authority"  # the file names a code whose definition it matches
    PARAMETERS = "parameters"  # the file's parameters match exactly one authority definition
    USER = "user"  # an override says so
    CUSTOM = "custom"  # a complete definition with no authority code; used as it is


@dataclass(frozen=True, slots=True)
class ResolvedCrs:
    """A CRS that can be used. ``declared`` is what the file said (short name or WKT head), ``code`` ``"EPSG:5899"`` or None,
    ``wkt`` WKT2:2019 of the authority's definition (or the custom one), ``operation`` the pinned transformation to WGS 84
    (``"EPSG:6960"``; None where the datum is WGS 84 or equivalent), ``accuracy`` metres of that operation or None."""

    declared: str
    code: str | None
    wkt: str
    confidence: Confidence
    operation: str | None = None
    accuracy: float | None = None
