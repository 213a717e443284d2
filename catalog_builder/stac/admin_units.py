"""Administrative units under a footprint (``vn:admin_units``): rows of the register whose outline the agency gives.

Nothing is guessed: a unit without an outline in the agency's own boundaries is not named, nor is one whose row nobody has checked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
import shapely
from shapely.errors import ShapelyError

from catalog_builder.definition.model import Definition
from catalog_builder.definition.registers import AdminUnit
from catalog_builder.raster.model import Footprint
from catalog_builder.stac.model import Json
from catalog_builder.stac.people import publication_date

CODE = "code"
"""Property of a feature of the boundaries that names the unit of the register."""

TRUSTED = ("seed", "verified")
"""Words in the column ``verified`` of rows that may be published as facts."""


def boundaries(definition: Definition) -> Path | None:
    """The file of the agency's boundaries, where the definition names one."""
    return definition.folder / definition.area.boundaries if definition.area.boundaries else None


def units_under(definition: Definition, footprint: Footprint) -> list[Json]:
    """The trusted units whose outline shares an area with ``footprint``, by code, as they are on the publication date."""
    path = boundaries(definition)
    if path is None:
        return []
    ground = shapely.geometry.shape(dict(footprint.geometry))
    shapes = outlines(path)
    day = publication_date(definition)
    stated = {"as_of": day.isoformat()} if day else {}
    return [
        {"code": unit.code, "level": unit.level, **stated}
        for unit in _rows(definition)
        if unit.code in shapes and shapely.area(shapely.intersection(shapes[unit.code], ground)) > 0
    ]


def identity(definition: Definition) -> str:
    """What :func:`units_under` depends on besides the footprint: trusted rows and the bytes of the boundaries."""
    path = boundaries(definition)
    if path is None:
        return ""
    digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    return f"{digest} {[(u.code, u.level) for u in _rows(definition)]!r}"


def _rows(definition: Definition) -> list[AdminUnit]:
    """Per code the trusted row valid on the publication date; without a date one that has no end."""
    day = publication_date(definition)
    found = {}
    for unit in definition.admin_units:
        begun = day is None or unit.valid_from is None or unit.valid_from <= day
        going_on = unit.valid_to is None or (day is not None and day <= unit.valid_to)
        if unit.verified in TRUSTED and begun and going_on:
            found[unit.code] = unit
    return [found[code] for code in sorted(found)]


def outlines(path: Path) -> Mapping[str, shapely.Geometry]:
    """Outlines (WGS 84) by code from a GeoJSON FeatureCollection; features without a code or a readable area are left out. A file that
    cannot be read has none."""
    try:
        return _outlines(path, path.stat().st_mtime_ns)
    except OSError:
        return {}


@lru_cache(maxsize=4)
def _outlines(path: Path, changed: int) -> Mapping[str, shapely.Geometry]:
    try:
        told = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError:
        return {}
    features = told.get("features") if isinstance(told, dict) else None
    parts: dict[str, list[shapely.Geometry]] = {}
    for feature in features if isinstance(features, list) else ():
        code = _code(feature)
        outline = _outline(feature.get("geometry")) if code else None
        if outline is not None:
            parts.setdefault(code, []).append(outline)
    return {code: shapely.union_all(shapes) for code, shapes in parts.items()}


def _code(feature: Any) -> str:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    code = properties.get(CODE) if isinstance(properties, dict) else None
    return str(code).strip() if isinstance(code, str | int) and not isinstance(code, bool) else ""


def _outline(geometry: Any) -> shapely.Geometry | None:
    try:
        read = shapely.make_valid(shapely.geometry.shape(geometry))
    except (ShapelyError, ValueError, TypeError, KeyError, AttributeError, IndexError):
        return None
    west, south, east, north = read.bounds if not read.is_empty else (0.0, 0.0, 0.0, 0.0)
    inside = -180 <= west < east <= 180 and -90 <= south < north <= 90
    return read if inside and read.area > 0 else None
