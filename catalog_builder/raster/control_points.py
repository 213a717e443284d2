"""Fitting a scan to its ground control points: which model the points support, and how good it is.

Polynomials of order 1 to 3 (least squares) and the thin plate spline are those of GDAL's warper, computed here as well so that
each can be judged on points it has not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod

from catalog_builder.archive.delivery import GroundControlPoint
from catalog_builder.crs import ResolvedCrs
from catalog_builder.crs.geometry import Floats, turned_towards
from catalog_builder.crs.transform import crs_is_geographic, to_wgs84
from catalog_builder.raster.footprint import Ground

Array = NDArray[np.float64]
Model = Callable[[Array], Array]
"""Pixels (n, 2: column, row) to map coordinates (n, 2: x, y)."""

MINIMUM = {"polynomial-1": 3, "polynomial-2": 6, "polynomial-3": 10, "TPS": 10}
"""Control points each model needs at least; a spline through fewer than 10 points follows their errors."""

SPARE = 3
"""Points beyond the minimum from which on every point is checked by a fit without it."""

BETTER = 0.8
"""A more complex model must bring the cross-validated RMSE below this share of the simpler one's."""

MAX_SPLINE_POINTS = 1000
"""Points up to which a spline is solved (its cost grows with the cube); denser grids are well served by the third order."""

GROWTH = 2.0
"""A model may not spread the image over more than this many times the area that the first order gives: it has run wild."""

_GEOD = Geod(ellps="WGS84")


@dataclass(frozen=True, slots=True)
class Fit:
    """The chosen model and its quality on the ground. ``rmse`` and ``worst`` are metres; of check points when ``checked`` is not
    0, else of the fit itself, and None when the fit passes through every point by construction."""

    method: str
    points: tuple[GroundControlPoint, ...]
    checked: int
    rmse: float | None
    worst: float | None
    worst_point: int | None  # counted from 1 among the points
    model: Model

    @property
    def order(self) -> int:
        """Polynomial order as GDAL's MAX_GCP_ORDER; -1 means the spline there."""
        return -1 if self.method == "TPS" else int(self.method[-1])


def fit(points: Sequence[GroundControlPoint], crs: ResolvedCrs, width: int, height: int) -> Fit | None:
    """The simplest model that no other clearly beats on points it has not seen; None when the points support none.

    Only enabled points with finite coordinates count, repeated ones once.
    """
    used = usable(points, crs)
    pixels, places = as_arrays(used)
    if len(used) < MINIMUM["polynomial-1"] or not _spread(pixels, 1) or not _spread(places, 1):
        return None
    chosen = _judged("polynomial-1", used, pixels, places, crs)
    extent = _area(chosen.model, width, height)
    for method in ("polynomial-2", "polynomial-3", "TPS"):
        if len(used) < MINIMUM[method] + SPARE or not _spread(pixels, 1 if method == "TPS" else int(method[-1])):
            continue
        if method == "TPS" and len(used) > MAX_SPLINE_POINTS:
            continue
        try:
            other = _judged(method, used, pixels, places, crs)
        except np.linalg.LinAlgError:  # points so close together that no such model is determined
            continue
        tame = extent / GROWTH < _area(other.model, width, height) < extent * GROWTH
        if tame and other.rmse is not None and chosen.rmse is not None and other.rmse < BETTER * chosen.rmse:
            chosen = other
    return chosen


def usable(points: Sequence[GroundControlPoint], crs: ResolvedCrs) -> tuple[GroundControlPoint, ...]:
    """Enabled points that have a place, each pixel once."""
    seen: set[tuple[float, float]] = set()
    kept: list[GroundControlPoint] = []
    for point in points:
        key = (point.column, point.row)
        if not point.enabled or key in seen or not np.isfinite([point.column, point.row, point.x, point.y]).all():
            continue
        lon, lat = to_wgs84(crs, [point.x], [point.y])
        if np.isfinite(lon[0]) and np.isfinite(lat[0]) and abs(float(lat[0])) <= 90:
            seen.add(key)
            kept.append(point)
    return tuple(kept)


def as_arrays(points: Sequence[GroundControlPoint]) -> tuple[Array, Array]:
    pixels = np.array([(p.column, p.row) for p in points], dtype=np.float64).reshape(-1, 2)
    return pixels, np.array([(p.x, p.y) for p in points], dtype=np.float64).reshape(-1, 2)


class _Scale:
    """Pixels about their centre in units of their spread, which keeps the systems well conditioned."""

    def __init__(self, pixels: Array) -> None:
        self.centre: Array = pixels.mean(axis=0)
        self.unit = float(np.max(np.abs(pixels - self.centre), initial=1.0))

    def __call__(self, pixels: Array) -> Array:
        return (pixels - self.centre) / self.unit


def polynomial(pixels: Array, places: Array, order: int) -> Model:
    """Least-squares polynomial of ``order`` from pixels to places."""
    scale, origin = _Scale(pixels), places.mean(axis=0)
    coefficients, *_ = np.linalg.lstsq(_design(scale(pixels), order), places - origin, rcond=None)
    return lambda p: _design(scale(p), order) @ coefficients + origin


def _design(p: Array, order: int) -> Array:
    return np.column_stack([p[:, 0] ** i * p[:, 1] ** j for i in range(order + 1) for j in range(order + 1 - i)])


def spline(pixels: Array, places: Array) -> Model:
    """The thin plate spline through all points: affine plus r² log r of the distance to each point."""
    scale, origin = _Scale(pixels), places.mean(axis=0)
    known = scale(pixels)
    weights = np.linalg.solve(_spline_system(known), np.vstack([places - origin, np.zeros((3, 2))]))

    def model(p: Array) -> Array:
        q = scale(p)
        values: Array = np.column_stack([_kernel(q, known), np.ones(len(q)), q]) @ weights + origin
        return values

    return model


def _spline_system(known: Array) -> Array:
    n = len(known)
    system = np.zeros((n + 3, n + 3))
    system[:n, :n] = _kernel(known, known)
    system[:n, n:] = np.column_stack([np.ones(n), known])
    system[n:, :n] = system[:n, n:].T
    return system


def _kernel(a: Array, b: Array) -> Array:
    square: Array = np.sum((a[:, None, :] - b[None, :, :]) ** 2, axis=2)
    logarithm: Array = np.log(np.maximum(square, 1e-300))
    return square * logarithm


def left_out(method: str, pixels: Array, places: Array) -> Array:
    """Where each point would come to lie by the model of all others, without fitting them all again.

    Least squares: residual / (1 - leverage). Spline: weight / diagonal of the inverse (Rippa 1999, Adv. Comput. Math. 11).
    """
    scaled, centred = _Scale(pixels)(pixels), places - places.mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):  # a point the model hangs on has no error of its own: infinite
        if method == "TPS":
            inverse = np.linalg.inv(_spline_system(scaled))
            weights = inverse[:, : len(pixels)] @ centred
            errors = weights[: len(pixels)] / np.diag(inverse)[: len(pixels), None]
        else:
            basis, _ = np.linalg.qr(_design(scaled, int(method[-1])))
            residuals = centred - basis @ (basis.T @ centred)
            errors = residuals / (1 - np.sum(basis**2, axis=1))[:, None]
    predicted: Array = places - errors
    return predicted


def _judged(method: str, points: Sequence[GroundControlPoint], pixels: Array, places: Array, crs: ResolvedCrs) -> Fit:
    """A model with its residuals: of each point against the fit without it where points suffice, else of the fit."""
    model = spline(pixels, places) if method == "TPS" else polynomial(pixels, places, int(method[-1]))
    checked = len(points) >= MINIMUM[method] + SPARE
    residuals = metres(crs, left_out(method, pixels, places) if checked else model(pixels), places)
    known = checked or (len(points) > MINIMUM[method] and method != "TPS")
    worst = int(np.argmax(residuals))
    return Fit(
        method,
        tuple(points),
        len(points) if checked else 0,
        float(np.sqrt(np.mean(residuals**2))) if known else None,
        float(residuals[worst]) if known else None,
        worst + 1 if known else None,
        model,
    )


def metres(crs: ResolvedCrs, a: Array, b: Array) -> Array:
    """Distances on the ground between points of ``crs``."""
    lon_a, lat_a = to_wgs84(crs, a[:, 0], a[:, 1])
    lon_b, lat_b = to_wgs84(crs, b[:, 0], b[:, 1])
    lon_a, lat_a = np.where(np.isfinite(lon_a), lon_a, lon_b + 180), np.where(np.isfinite(lat_a), lat_a, -lat_b)
    return np.asarray(_GEOD.inv(lon_a, np.clip(lat_a, -90, 90), lon_b, lat_b)[2], dtype=np.float64)


def _spread(points: Array, order: int) -> bool:
    """Whether points determine a polynomial of ``order``: for the first, that they do not lie on one line."""
    offset = points - points.mean(axis=0)
    scale = float(np.max(np.abs(offset))) if len(points) else 0.0
    return scale > 0 and int(np.linalg.matrix_rank(_design(offset / scale, order), tol=1e-4)) == (order + 1) * (order + 2) // 2


def _area(model: Model, width: int, height: int) -> float:
    edge = np.linspace(0.0, 1.0, 11)
    border = np.array([(c * width, r * height) for c in edge for r in edge if c in (0.0, 1.0) or r in (0.0, 1.0)])
    return float(np.prod(np.ptp(model(border), axis=0))) or 1e-300


def gcp_ground(points: Sequence[GroundControlPoint], crs: ResolvedCrs) -> Ground | None:
    """Pixel to ground by control points, for the footprint of a raster that is not rectified; None when there are too few.

    The model is interpolation, not adjustment: the points inside satellite scenes are computed, not measured.
    """
    used = usable(points, crs)
    pixels, places = as_arrays(used)
    if len(used) < MINIMUM["polynomial-1"] or not _spread(pixels, 1):
        return None
    geographic = crs_is_geographic(crs)
    if geographic:
        places = np.column_stack([turned_towards(places[:, 0], places[:1, 0]), places[:, 1]])
    model = _geolocation(pixels, places)

    def ground(columns: Floats, rows: Floats) -> tuple[Floats, Floats]:
        found = model(np.column_stack([columns, rows]))
        if not geographic:
            return to_wgs84(crs, found[:, 0], found[:, 1])
        lon, lat = to_wgs84(crs, found[:, 0], np.clip(found[:, 1], -90.0, 90.0))
        return turned_towards(lon, found[:, 0]), lat

    return ground


def _geolocation(pixels: Array, places: Array) -> Model:
    """The interpolation of a geolocation grid: the spline, the third order for very dense grids, the first for few points."""
    if len(pixels) < MINIMUM["TPS"]:
        return polynomial(pixels, places, 1)
    if len(pixels) > MAX_SPLINE_POINTS:
        return polynomial(pixels, places, 3 if _spread(pixels, 3) else 1)
    try:
        return spline(pixels, places)
    except np.linalg.LinAlgError:
        return polynomial(pixels, places, 1)
