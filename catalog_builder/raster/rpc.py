"""Rational polynomial coefficients (RPC00B): where a scene in sensor geometry lies, without orthorectifying it.

The inverse (pixel to ground) is iterated at a constant height, the model's own ``HEIGHT_OFF``, or on an elevation model.
At a constant height a footprint is off by about (terrain - HEIGHT_OFF) x tan(incidence), so it is marked approximate.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio.errors import RasterioError
from rasterio.windows import Window

from catalog_builder.crs import findings
from catalog_builder.crs.geometry import Floats
from catalog_builder.crs.parse import parse
from catalog_builder.crs.transform import WGS84
from catalog_builder.findings import Finding
from catalog_builder.raster.footprint import Ground, Result, apply, sensor_footprint

COEFFICIENTS = 20

ITERATIONS = 20
CONVERGED = 1e-3
"""Pixels: the inverse is done when it is this close everywhere; it converges in 3 to 6 steps."""

DEM_ROUNDS = 4
"""Times the height is read again at the new position; each round shrinks the error by the slope of terrain times view."""

MAX_DEM_PIXELS = 64_000_000
"""Pixels of an elevation model read at once (256 MB as float32); larger windows are read decimated."""

Height = Callable[[Floats, Floats], Floats]
"""Longitudes and latitudes to heights in metres; NaN where unknown."""


@dataclass(frozen=True, slots=True)
class Rpc:
    """The RPC00B model: degrees, metres, pixels counted from the centre of the first one; 20 coefficients each."""

    line_off: float
    samp_off: float
    lat_off: float
    long_off: float
    height_off: float
    line_scale: float
    samp_scale: float
    lat_scale: float
    long_scale: float
    height_scale: float
    line_num_coeff: tuple[float, ...]
    line_den_coeff: tuple[float, ...]
    samp_num_coeff: tuple[float, ...]
    samp_den_coeff: tuple[float, ...]

    @classmethod
    def from_tags(cls, tags: Mapping[str, str]) -> Rpc:
        """From GDAL's RPC metadata domain or vendor keys of the same names; units after numbers (``168.68 meters``) are ignored.

        Raises:
            ValueError: something is missing, is no number or makes no sense; the text names it (for ``crs.bad-rpc``).
        """
        values: dict[str, Any] = {}
        for name in cls.__dataclass_fields__:
            text = tags.get(name.upper())
            if text is None:
                raise ValueError(f"{name.upper()}: -")
            words = text.replace(",", " ").split()
            if name.endswith("coeff"):
                values[name] = tuple(_number(name, w) for w in words)
                if len(values[name]) != COEFFICIENTS:
                    raise ValueError(f"{name.upper()}: {len(values[name])} / {COEFFICIENTS}")
            else:
                values[name] = _number(name, words[0] if words else "")
        rpc = cls(**values)
        for name in ("line_scale", "samp_scale", "lat_scale", "long_scale", "height_scale"):
            if getattr(rpc, name) <= 0:
                raise ValueError(f"{name.upper()} = {getattr(rpc, name):g}")
        if abs(rpc.lat_off) > 90 or abs(rpc.long_off) > 360:
            raise ValueError(f"LAT_OFF, LONG_OFF = {rpc.lat_off:g}, {rpc.long_off:g}")
        return rpc

    def to_tags(self) -> dict[str, str]:
        """As GDAL's RPC metadata domain."""
        tags: dict[str, str] = {}
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            tags[name.upper()] = " ".join(repr(v) for v in value) if isinstance(value, tuple) else repr(value)
        return tags

    def pixel(self, lon: Floats, lat: Floats, height: Floats) -> tuple[Floats, Floats]:
        """Columns and rows (0, 0 at the upper left corner of the first pixel) of points on the ground."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            terms = self._terms(lon, lat, height)
            row = (np.array(self.line_num_coeff) @ terms) / (np.array(self.line_den_coeff) @ terms)
            column = (np.array(self.samp_num_coeff) @ terms) / (np.array(self.samp_den_coeff) @ terms)
        return column * self.samp_scale + self.samp_off + 0.5, row * self.line_scale + self.line_off + 0.5

    def _terms(self, lon: Floats, lat: Floats, height: Floats) -> NDArray[np.float64]:
        x, y = (lon - self.long_off) / self.long_scale, (lat - self.lat_off) / self.lat_scale
        z = (height - self.height_off) / self.height_scale
        one = np.ones_like(x)
        quadratic = (one, x, y, z, x * y, x * z, y * z, x * x, y * y, z * z, x * y * z)
        cubic = (x**3, x * y * y, x * z * z, x * x * y, y**3, y * z * z, x * x * z, y * y * z, z**3)
        return np.stack([*quadratic, *cubic])

    def ground(self, columns: Floats, rows: Floats, height: Floats | float | None = None) -> tuple[Floats, Floats]:
        """Longitudes and latitudes of pixels at ``height`` metres (default: HEIGHT_OFF); ``inf`` where the model gives none.

        Newton iteration with a numerical derivative from the centre of the model.
        """
        level = np.broadcast_to(np.asarray(self.height_off if height is None else height, dtype=np.float64), columns.shape)
        lon, lat = np.full(columns.shape, self.long_off), np.full(columns.shape, self.lat_off)
        east, north = self.long_scale * 1e-5, self.lat_scale * 1e-5
        error = np.full(columns.shape, np.inf)
        for _ in range(ITERATIONS):
            column, row = self.pixel(lon, lat, level)
            miss_column, miss_row = columns - column, rows - row
            error = np.hypot(miss_column, miss_row)
            if np.all(~np.isfinite(error) | (error < CONVERGED)):
                break
            ce, re = self.pixel(lon + east, lat, level)
            cn, rn = self.pixel(lon, lat + north, level)
            a, b, c, d = (ce - column) / east, (cn - column) / north, (re - row) / east, (rn - row) / north
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                determinant = a * d - b * c
                lon = lon + (d * miss_column - b * miss_row) / determinant
                lat = lat + (a * miss_row - c * miss_column) / determinant
        lost = ~(error < CONVERGED) | (np.abs(lat) > 90)
        return np.where(lost, np.inf, lon), np.where(lost, np.inf, lat)


def _number(name: str, word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        raise ValueError(f"{name.upper()} = {word[:40]!r}") from None
    if not math.isfinite(value):
        raise ValueError(f"{name.upper()} = {word[:40]!r}")
    return value


def rpc_ground(rpc: Rpc, height: Height | None = None) -> Ground:
    """Pixel to ground, on the terrain where ``height`` knows it."""

    def ground(columns: Floats, rows: Floats) -> tuple[Floats, Floats]:
        lon, lat = rpc.ground(columns, rows)
        for _ in range(DEM_ROUNDS if height is not None else 0):
            level = height(lon, lat) if height is not None else lon
            lon, lat = rpc.ground(columns, rows, np.where(np.isfinite(level), level, rpc.height_off))
        return lon, lat

    return ground


def rpc_footprint(
    rpc: Rpc,
    width: int,
    height: int,
    *,
    subject: str,
    dem: Path | None = None,
    mask: NDArray[np.bool_] | None = None,
    factor: int = 1,
) -> Result:
    """The approximate footprint of an RPC scene of ``width`` x ``height`` pixels; ``mask`` as for ``grid_footprint``.

    Where the elevation model does not reach, or cannot be read, the height is HEIGHT_OFF: the footprint is approximate either way.
    """
    ground = rpc_ground(rpc)
    found: tuple[Finding, ...] = ()
    if dem is not None:
        try:
            ground = rpc_ground(rpc, _heights_below(rpc, width, height, dem))
        except ValueError:
            found = (findings.DEM_UNUSED(subject, dem=dem.name),)
    footprint, noticed = sensor_footprint(ground, width, height, subject=subject, method="rpc", mask=mask, factor=factor)
    if footprint is None:
        return None, (*found, findings.BAD_RPC(subject, problem=f"LAT_OFF, LONG_OFF = {rpc.lat_off:g}, {rpc.long_off:g}"))
    return footprint, (*found, *noticed)


def _heights_below(rpc: Rpc, width: int, height: int, dem: Path) -> Height | None:
    """Heights around the scene, with a margin for its displacement by the terrain; None when the model does not reach it."""
    columns, rows = np.array([0.0, width, width, 0.0, width / 2]), np.array([0.0, 0.0, height, height, height / 2])
    lon, lat = rpc.ground(columns, rows)
    if not np.isfinite(lon).all():
        return None
    margin = max(rpc.long_scale, rpc.lat_scale) / 4
    box = (float(np.min(lon)) - margin, float(np.min(lat)) - margin, float(np.max(lon)) + margin, float(np.max(lat)) + margin)
    return dem_sampler(dem, box)


def dem_sampler(dem: Path, box: tuple[float, float, float, float]) -> Height | None:
    """A function giving heights (nearest pixel, metres as the model has them) inside ``box`` (lon/lat); None when there is no overlap.

    Heights are taken as they are: the geoid lies about 30 m below the ellipsoid in northern Vietnam, which moves a footprint by
    at most 30 m x tan(incidence).

    Raises:
        ValueError: the file is not a georeferenced elevation model.
    """
    try:
        with rasterio.open(dem) as dataset:
            if dataset.crs is None:
                raise ValueError("it has no coordinate reference system")
            to_dem = _to_dem(dataset.crs.to_wkt())
            xs, ys = to_dem(np.array([box[0], box[2], box[2], box[0]]), np.array([box[1], box[1], box[3], box[3]]))
            if not (np.isfinite(xs).all() and np.isfinite(ys).all()):
                return None
            inverse = ~dataset.transform
            columns, rows = apply(inverse, xs, ys)
            left, right = max(0, math.floor(np.min(columns))), min(dataset.width, math.ceil(np.max(columns)))
            top, bottom = max(0, math.floor(np.min(rows))), min(dataset.height, math.ceil(np.max(rows)))
            if left >= right or top >= bottom:
                return None
            window = Window(left, top, right - left, bottom - top)
            step = max(1.0, math.sqrt((right - left) * (bottom - top) / MAX_DEM_PIXELS))
            shape = (max(1, int((bottom - top) / step)), max(1, int((right - left) / step)))
            heights = dataset.read(1, window=window, out_shape=shape, masked=True).astype(np.float64).filled(np.nan)
    except RasterioError as error:
        raise ValueError("it cannot be read") from error

    def height(lon: Floats, lat: Floats) -> Floats:
        x, y = to_dem(lon, lat)
        column, row = apply(inverse, x, y)
        with np.errstate(invalid="ignore"):
            inside = (column >= left) & (column < right) & (row >= top) & (row < bottom)
            i = np.where(inside, (row - top) / (bottom - top) * shape[0], 0).astype(np.int64)
            j = np.where(inside, (column - left) / (right - left) * shape[1], 0).astype(np.int64)
        return np.where(inside, heights[np.clip(i, 0, shape[0] - 1), np.clip(j, 0, shape[1] - 1)], np.nan)

    return height


def _to_dem(wkt: str) -> Callable[[Floats, Floats], tuple[Floats, Floats]]:
    """WGS 84 to the elevation model's CRS; a datum shift of metres does not matter at the pixel size of such models."""
    transformer = Transformer.from_crs(WGS84, parse(wkt), always_xy=True)

    def transform(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        x, y = transformer.transform(lon, lat)
        return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)

    return transform
