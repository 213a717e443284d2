"""Places: the administrative units of the register whose outline the agency gives, and the scenes over them.

A unit without an outline in the agency's own boundaries has no page, because its extent would have to be invented. Scenes are
assigned by their box against the outline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import shapely

from catalog_builder.definition.model import Definition
from catalog_builder.definition.registers import AdminUnit
from catalog_builder.findings import Finding
from catalog_builder.release.model import PlacedItem
from catalog_builder.site.addresses import safe_name
from catalog_builder.site.coverage import Box, boxes
from catalog_builder.site.findings import NO_OUTLINES
from catalog_builder.site.registers import current
from catalog_builder.stac.admin_units import CODE, boundaries, outlines


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
    path = boundaries(definition)
    shapes = outlines(path) if path else {}
    codes = dict.fromkeys(unit.code for unit in definition.admin_units if unit.code in shapes and safe_name(unit.code))
    day = definition.as_of.date() if definition.as_of else None
    parts = [(n, box) for n, item in enumerate(items) for box in boxes(item)]
    tree = shapely.STRtree([shapely.box(*box) for _, box in parts])
    found = []
    for code in codes:
        unit = current(definition.admin_units, code, day)
        over = sorted({parts[hit][0] for hit in tree.query(shapes[code], predicate="intersects")})
        if unit is not None and over:
            found.append(Place(unit, shapes[code], tuple(items[n] for n in over)))
    return tuple(found)


def missing_outlines(definition: Definition) -> tuple[Finding, ...]:
    """What is wrong with the boundaries that the definition names."""
    path = boundaries(definition)
    if path is None or outlines(path):
        return ()
    return (NO_OUTLINES(path.name, path=path.name, code=CODE),)
