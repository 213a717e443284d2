"""The one pinned transformation of each CRS to WGS 84, the same on every machine: no network, no extra grids, no choice by place.

PROJ picks operations by the position of the data, which puts a step of 0.82 m through the Mekong delta (VN-2000, 9.35°N).
Here the operation is chosen once per CRS and recorded in :class:`~catalog_builder.crs.ResolvedCrs`.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer
from pyproj._crs import CoordinateOperation
from pyproj.enums import TransformDirection
from pyproj.exceptions import CRSError, ProjError
from pyproj.transformer import TransformerGroup

from catalog_builder.crs import ResolvedCrs, vn2000
from catalog_builder.crs.parse import crs_of, horizontal

WGS84 = CRS.from_epsg(4326)

TOWGS84 = "TOWGS84"
"""Name of the operation where a definition carries its own datum parameters."""

BALLPARK = "ballpark"
"""Name of the operation where no transformation is known: coordinates are taken over as they are."""


_FARTHEST = 1e12
"""Units beyond which a coordinate is nonsense in any system of the Earth."""


@dataclass(frozen=True, slots=True)
class PinnedOperation:
    """The transformation of a CRS: ``name`` None where the datum is WGS 84; ``accuracy`` metres as the authority states it."""

    name: str | None
    accuracy: float | None

    @property
    def is_ballpark(self) -> bool:
        return self.name == BALLPARK


def pin(crs: CRS) -> PinnedOperation:
    """Choose the operation from ``crs`` to WGS 84: VN-2000's official one, else PROJ's first that needs no grid.

    Raises:
        CRSError: the definition can be parsed but not transformed (scale 0, for example).
    """
    usable = list(_group(crs.to_wkt("WKT2_2019")))
    names = [name for name, _ in usable]
    if vn2000.OPERATION in names:
        return PinnedOperation(vn2000.OPERATION, vn2000.ACCURACY)
    for name, candidate in usable:
        if name != BALLPARK:
            return PinnedOperation(name, candidate.accuracy if name and candidate.accuracy >= 0 else None)
    return PinnedOperation(BALLPARK, None)


@lru_cache(maxsize=512)
def _group(wkt: str) -> tuple[tuple[str | None, Transformer], ...]:
    """The transformations of a CRS to WGS 84 longitude/latitude with their names, grid-free, in PROJ's order."""
    crs = crs_of(wkt)
    source = crs if crs.is_bound else horizontal(crs)
    if source.is_geographic and len(source.axis_info) == 3:
        source = source.to_2d()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "best transformation is not available due to missing grid" is what we want
        try:
            group = TransformerGroup(source, WGS84, always_xy=True, allow_ballpark=True)
        except (ProjError, IndexError) as error:  # pyproj fails with an IndexError when PROJ has no operation at all
            raise CRSError("no transformation to WGS 84 can be made of this definition") from error
    return tuple((_name(t), t) for t in group.transformers if not _grids(t))


def _steps(transformer: Transformer) -> Sequence[CoordinateOperation]:
    return transformer.operations or ()


def _grids(transformer: Transformer) -> bool:
    return any(operation.grids for operation in _steps(transformer)) or "grids=" in transformer.definition


def _name(transformer: Transformer) -> str | None:
    """``EPSG:6960``, two joined by ``+``, TOWGS84, BALLPARK, or None when no datum changes."""
    names: list[str] = []
    for step in _steps(transformer):
        if step.type_name != "Transformation":
            continue
        identity: dict[str, Any] = step.to_json_dict().get("id", {})
        if identity:
            names.append(_operation_code(identity))
        elif "ballpark" in step.name.lower():
            return BALLPARK
        elif not step.name.startswith("Null "):
            names.append(TOWGS84)
    return "+".join(names) or None


def _operation_code(identity: dict[str, Any]) -> str:
    """``EPSG:6960``; PROJ writes ``DERIVED_FROM(EPSG)`` for a 3D reading of it and ``INVERSE(EPSG)`` for the way back."""
    authority = str(identity["authority"])
    prefix = "inverse " if authority.startswith("INVERSE") else ""
    plain = authority.removeprefix("INVERSE(").removeprefix("DERIVED_FROM(").rstrip(")")
    return f"{prefix}{plain}:{identity['code']}"


def _pinned_transformer(crs: ResolvedCrs) -> Transformer:
    usable = _group(crs.wkt)
    for name, candidate in usable:
        if name == crs.operation:
            return candidate
    raise LookupError(f"PROJ does not offer the operation {crs.operation} for {crs.code or crs.declared}")


def transformer(crs: ResolvedCrs) -> Transformer:
    """The pinned transformation from ``crs`` (easting, northing or longitude, latitude order) to WGS 84 longitude, latitude.

    Raises:
        LookupError: the recorded operation is not in this PROJ database.
    """
    return _pinned_transformer(crs)


def to_wgs84(crs: ResolvedCrs, xs: ArrayLike, ys: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitudes and latitudes (WGS 84, degrees) of points in ``crs``; ``inf`` where the projection has no inverse."""
    lon, lat = transformer(crs).transform(np.asarray(xs, dtype=np.float64), np.asarray(ys, dtype=np.float64))
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def from_wgs84(crs: ResolvedCrs, lons: ArrayLike, lats: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points in ``crs`` of WGS 84 longitudes and latitudes, by the same operation backwards."""
    x, y = transformer(crs).transform(
        np.asarray(lons, dtype=np.float64), np.asarray(lats, dtype=np.float64), direction=TransformDirection.INVERSE
    )
    return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)


def bounds_to_wgs84(crs: ResolvedCrs, bounds: tuple[float, float, float, float]) -> tuple[float, float, float, float] | None:
    """West, south, east, north of a native box (min x, min y, max x, max y); None where it cannot be transformed.

    East may exceed 180 when the box crosses the antimeridian.
    """
    x0, y0, x1, y1 = bounds
    if max(abs(v) for v in bounds) > _FARTHEST:
        return None
    across, up = np.linspace(x0, x1, 21), np.linspace(y0, y1, 21)
    xs = np.concatenate([across, across, np.full(21, x0), np.full(21, x1)])
    ys = np.concatenate([np.full(21, y0), np.full(21, y1), up, up])
    lon, lat = to_wgs84(crs, xs, ys)
    good = np.isfinite(lon) & np.isfinite(lat) & (np.abs(lat) <= 90)
    if not good.all():
        return None
    if np.ptp(lon) > 180 and not (crs_is_geographic(crs) or x1 == x0):
        lon = np.where(lon < 0, lon + 360, lon)
    return float(np.min(lon)), float(np.min(lat)), float(np.max(lon)), float(np.max(lat))


def crs_is_geographic(crs: ResolvedCrs) -> bool:
    """Whether coordinates are degrees of longitude and latitude."""
    return bool(horizontal(crs_of(crs.wkt)).is_geographic)


def helmert(crs: ResolvedCrs) -> tuple[float, ...] | None:
    """The pinned operation as 3 or 7 ``+towgs84`` parameters (m, arc-seconds position vector, ppm); None where it is none.

    () means that the datum needs no shift.
    """
    if crs.operation is None:
        return ()
    found: list[tuple[float, ...]] = []
    for step in _steps(_pinned_transformer(crs)):
        if step.type_name == "Transformation":
            parameters = _towgs84(step.params, step.method_name)
            if parameters is None:
                return None
            found.append(parameters)
    return found[0] if len(found) == 1 else None


def _towgs84(params: Iterable[Any], method: str) -> tuple[float, ...] | None:
    values = {p.name: float(p.value) for p in params if isinstance(p.value, int | float)}
    shift = tuple(values.get(f"{axis}-axis translation", 0.0) for axis in "XYZ")
    if "translations" in method:
        return (*shift, 0.0, 0.0, 0.0, 0.0)
    rotation = tuple(values.get(f"{axis}-axis rotation", 0.0) for axis in "XYZ")
    scale = values.get("Scale difference", 0.0)
    if "Position Vector" in method:
        return (*shift, *rotation, scale)
    if "Coordinate Frame" in method:
        return (*shift, *(-r for r in rotation), scale)
    return None
