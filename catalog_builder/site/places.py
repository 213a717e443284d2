"""Places: the administrative units of the register whose outline the agency gives, and the scenes over them.

A unit without an outline in the agency's own boundaries has no page, because its extent would have to be invented. Scenes are
assigned by their box against the outline.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
import shapely
from shapely.errors import ShapelyError

from catalog_builder.definition.model import AdminUnit, Definition
from catalog_builder.findings import Finding
from catalog_builder.release.model import PlacedItem
from catalog_builder.site.addresses import safe_name
from catalog_builder.site.coverage import Box, boxes
from catalog_builder.site.findings import NO_OUTLINES
from catalog_builder.site.reading import mapping, sequence, text
from catalog_builder.site.registers import current

CODE = "code"
"""Property of a feature that names the unit of the register."""


@dataclass(frozen=True)
class Place:
    """A unit with its outline (WGS 84) and its scenes, newest first."""

    unit: AdminUnit
    outline: shapely.Geometry
    items: tuple[PlacedItem, ...]

    @property
    def box(self) -> Box:
        west, south, east, north = shapely.bounds(self.outline)
        return float(west), float(south), float(east), float(north)

    @property
    def path(self) -> str:
        return f"places/{self.unit.code}/index.html"


def places(definition: Definition, items: Sequence[PlacedItem]) -> tuple[Place, ...]:
    """The places with at least one scene, in the order of the register."""
    outlines = _outlines(boundaries(definition))
    codes = dict.fromkeys(unit.code for unit in definition.admin_units if unit.code in outlines and safe_name(unit.code))
    day = definition.as_of.date() if definition.as_of else None
    parts = [(n, box) for n, item in enumerate(items) for box in boxes(item)]
    tree = shapely.STRtree([shapely.box(*box) for _, box in parts])
    found = []
    for code in codes:
        unit = current(definition.admin_units, code, day)
        over = sorted({parts[hit][0] for hit in tree.query(outlines[code], predicate="intersects")})
        if unit is not None and over:
            found.append(Place(unit, outlines[code], tuple(items[n] for n in over)))
    return tuple(found)


def boundaries(definition: Definition) -> Path | None:
    """The file of the agency's boundaries, where the definition names one."""
    return definition.folder / definition.area.boundaries if definition.area.boundaries else None


def missing_outlines(definition: Definition) -> tuple[Finding, ...]:
    """What is wrong with the boundaries that the definition names."""
    path = boundaries(definition)
    if path is None or _outlines(path):
        return ()
    return (NO_OUTLINES(path.name, path=path.name, code=CODE),)


@lru_cache(maxsize=4)
def _outlines(path: Path | None) -> Mapping[str, shapely.Geometry]:
    """Outlines by code from a GeoJSON FeatureCollection; features without a code or a readable area are left out. A file that
    cannot be read has none, which :func:`missing_outlines` tells."""
    try:
        told = mapping(orjson.loads(path.read_bytes())) if path else {}
    except (OSError, orjson.JSONDecodeError):
        return {}
    parts: dict[str, list[shapely.Geometry]] = {}
    for feature in map(mapping, sequence(told.get("features"))):
        code, outline = text(mapping(feature.get("properties")).get(CODE)), _outline(feature.get("geometry"))
        if code and outline is not None:
            parts.setdefault(code, []).append(outline)
    return {code: shapely.union_all(outlines) for code, outlines in parts.items()}


def _outline(geometry: Any) -> shapely.Geometry | None:
    try:
        read = shapely.make_valid(shapely.geometry.shape(geometry))
    except (ShapelyError, ValueError, TypeError, KeyError, AttributeError, IndexError):
        return None
    west, south, east, north = read.bounds if not read.is_empty else (0.0, 0.0, 0.0, 0.0)
    inside = -180 <= west < east <= 180 and -90 <= south < north <= 90
    return read if inside and read.area > 0 else None
