"""Scans and sensor scenes onto a map grid: warped by ground control points, or by RPC and an elevation model.

The source is never changed: a small VRT beside the result carries the points, and is removed again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import rasterio.shutil
from affine import Affine
from numpy.typing import NDArray
from rasterio.control import GroundControlPoint as RasterioPoint

from catalog_builder.archive.delivery import GroundControlPoint, RasterKind
from catalog_builder.crs import ResolvedCrs, findings
from catalog_builder.crs.transform import crs_is_geographic, from_wgs84
from catalog_builder.findings import Finding
from catalog_builder.raster.control_points import Fit, fit, gcp_ground, usable
from catalog_builder.raster.footprint import Result, sensor_footprint
from catalog_builder.raster.rpc import Rpc, dem_sampler, rpc_ground
from catalog_builder.raster.warp import BLOCK, MapGrid, warp, wrapped

OUTLIER = 3.0
"""A control point this many times worse than the RMSE is named in a finding."""

RPC_METHOD = "rpc"
HEIGHT_OFFSET = "height offset"
"""Stands for the elevation model of a scene that was projected on the constant height of its RPC, HEIGHT_OFF."""

MAX_GROWTH = 8
"""The map grid may have at most this many times the pixels of the source; beyond, the control points are nonsense."""


@dataclass(frozen=True, slots=True)
class Rectification:
    """How a raster came onto its map grid (``vn:rectification``). Metres; ``check_count`` 0 when accuracy is of the fit only."""

    method: str
    gcp_count: int | None = None
    check_count: int | None = None
    rmse_m: float | None = None
    max_residual_m: float | None = None
    dem: str | None = None

    def as_mapping(self) -> Mapping[str, Any]:
        """What is known, for ``RasterProduct.rectification``."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Rectified:
    """A rectified raster on disk: north up in ``crs``."""

    path: Path
    crs: ResolvedCrs
    rectification: Rectification


RectifiedResult = tuple[Rectified | None, tuple[Finding, ...]]


def tiff_points(dataset: Any) -> tuple[tuple[GroundControlPoint, ...], str]:
    """The control points inside an open raster, and the WKT of their CRS (empty when they have none)."""
    points, crs = dataset.gcps
    return tuple(GroundControlPoint(p.col, p.row, p.x, p.y) for p in points), crs.to_wkt() if crs else ""


def gcp_footprint(
    points: Sequence[GroundControlPoint],
    crs: ResolvedCrs,
    width: int,
    height: int,
    *,
    subject: str,
    mask: NDArray[np.bool_] | None = None,
    factor: int = 1,
) -> Result:
    """The approximate footprint of a raster that has only control points; ``mask`` as for ``grid_footprint``."""
    ground = gcp_ground(points, crs)
    if ground is None:
        return None, (findings.TOO_FEW_GCPS(subject, count=len(usable(points, crs))),)
    return sensor_footprint(ground, width, height, subject=subject, method="gcp", mask=mask, factor=factor)


def rectify(
    source: Path,
    points: Sequence[GroundControlPoint],
    crs: ResolvedCrs,
    destination: Path,
    *,
    subject: str,
    kind: RasterKind = RasterKind.SCAN,
    nodata: float | None = None,
) -> RectifiedResult:
    """Warp a scan to a north-up grid in the CRS of its control points, at its own resolution.

    The model (polynomial of order 1 to 3, thin plate spline) is chosen by number and cross-validated residuals of the points.
    Pixels outside the scan are nodata where the scan has a nodata value, else marked in the mask of the result.

    Raises:
        rasterio.errors.RasterioError: the source cannot be read or the result not be written.
    """
    with rasterio.open(source) as scan:
        width, height = scan.width, scan.height
    chosen = fit(points, crs, width, height)
    if chosen is None:
        return None, (findings.TOO_FEW_GCPS(subject, count=len(usable(points, crs))),)
    grid = _north_up_grid(chosen, width, height)
    if grid is None or grid[1] * grid[2] > MAX_GROWTH * width * height + BLOCK * BLOCK:
        return None, (findings.WILD_GCPS(subject, method=chosen.method),)
    options = {"MAX_GCP_ORDER": chosen.order}
    located = [RasterioPoint(row=p.row, col=p.column, x=p.x, y=p.y) for p in chosen.points]
    with wrapped(source, destination) as wrapper:
        with rasterio.open(wrapper, "r+") as vrt:
            vrt.gcps = (located, rasterio.CRS.from_wkt(crs.wkt))
        warp(wrapper, destination, crs, grid, kind, nodata, options)
    rectification = Rectification(chosen.method, len(chosen.points), chosen.checked, _rounded(chosen.rmse), _rounded(chosen.worst))
    return Rectified(destination, crs, rectification), _quality(chosen, subject)


def _quality(chosen: Fit, subject: str) -> tuple[Finding, ...]:
    """Findings about the control points: not checkable, or one far off."""
    found: list[Finding] = []
    if chosen.checked == 0:
        found.append(findings.UNCHECKED_RECTIFICATION(subject, count=len(chosen.points)))
    rmse, worst = chosen.rmse, chosen.worst
    if chosen.checked and rmse and worst is not None and worst > OUTLIER * rmse:
        found.append(findings.GCP_RESIDUALS(subject, point=chosen.worst_point, residual=round(worst, 2), rmse=round(rmse, 2)))
    return tuple(found)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _north_up_grid(chosen: Fit, width: int, height: int) -> MapGrid | None:
    """The grid that holds the warped image at its own pixel size: transform, width, height."""
    edge = np.linspace(0.0, 1.0, 65)
    border = np.array([(c * width, r * height) for c in edge for r in edge if c in (0.0, 1.0) or r in (0.0, 1.0)])
    places = chosen.model(border)
    middle = np.array([[width / 2, height / 2]])
    right, down = (chosen.model(middle + step) - chosen.model(middle - step) for step in ([0.5, 0.0], [0.0, 0.5]))
    pixel = math.sqrt(abs(float(right[0, 0] * down[0, 1] - right[0, 1] * down[0, 0])))
    if not (np.isfinite(places).all() and pixel > 0):
        return None
    west, south = places.min(axis=0)
    east, north = places.max(axis=0)
    columns, rows = max(1, math.ceil((east - west) / pixel - 1e-6)), max(1, math.ceil((north - south) / pixel - 1e-6))
    return Affine(pixel, 0.0, float(west), 0.0, -pixel, float(north)), columns, rows


def orthorectify(
    source: Path,
    rpc: Rpc,
    crs: ResolvedCrs,
    resolution: float,
    destination: Path,
    *,
    subject: str,
    dem: Path | None = None,
    kind: RasterKind = RasterKind.IMAGE,
    nodata: float | None = None,
) -> RectifiedResult:
    """Orthorectify an RPC scene onto ``crs`` at ``resolution`` (units of the CRS) with an elevation model.

    Without ``dem`` the scene is projected on the constant height HEIGHT_OFF, which is not an orthophoto: its ``dem`` says so.

    Raises:
        rasterio.errors.RasterioError: the source cannot be read or the result not be written.
    """
    with rasterio.open(source) as scene:
        width, height = scene.width, scene.height
    grid = _rpc_grid(rpc, crs, resolution, width, height, dem, subject)
    if isinstance(grid, Finding):
        return None, (grid,)
    if grid[1] * grid[2] > MAX_GROWTH * width * height + BLOCK * BLOCK:
        return None, (findings.TOO_FINE(subject, resolution=resolution, width=grid[1], height=grid[2]),)
    options: dict[str, Any] = {"RPC_DEM": str(dem), "RPC_DEMINTERPOLATION": "BILINEAR"} if dem else {"RPC_HEIGHT": rpc.height_off}
    with wrapped(source, destination) as wrapper:
        with rasterio.open(wrapper, "r+") as vrt:
            vrt.update_tags(ns="RPC", **rpc.to_tags())
        warp(wrapper, destination, crs, grid, kind, nodata, options, rpc)
    return Rectified(destination, crs, Rectification(RPC_METHOD, dem=dem.name if dem else HEIGHT_OFFSET)), ()


def _rpc_grid(rpc: Rpc, crs: ResolvedCrs, resolution: float, width: int, height: int, dem: Path | None, subject: str) -> MapGrid | Finding:
    """The grid that holds the scene, its origin a multiple of the resolution; or what is wrong."""
    edge = np.linspace(0.0, 1.0, 33)
    border = np.array([(c * width, r * height) for c in edge for r in edge if c in (0.0, 1.0) or r in (0.0, 1.0)])
    lon, lat = rpc_ground(rpc)(border[:, 0], border[:, 1])
    if not np.isfinite(lon).all():
        return findings.BAD_RPC(subject, problem=f"LAT_OFF, LONG_OFF = {rpc.lat_off:g}, {rpc.long_off:g}")
    if dem is not None:
        box = (float(np.min(lon)), float(np.min(lat)), float(np.max(lon)), float(np.max(lat)))
        try:
            sampler = dem_sampler(dem, box)
        except ValueError:
            return findings.BAD_DEM(subject, dem=dem.name)
        if sampler is None or not np.isfinite(sampler(lon, lat)).all():
            return findings.DEM_COVERAGE(subject, dem=dem.name)
        lon, lat = rpc_ground(rpc, sampler)(border[:, 0], border[:, 1])
    x, y = from_wgs84(crs, lon, lat)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        return findings.OUT_OF_RANGE(subject, values=f"{crs.code or crs.declared}: {rpc.long_off:g}, {rpc.lat_off:g}")
    west, south = math.floor(np.min(x) / resolution) * resolution, math.floor(np.min(y) / resolution) * resolution
    east, north = math.ceil(np.max(x) / resolution) * resolution, math.ceil(np.max(y) / resolution) * resolution
    size = max(1, round((east - west) / resolution)), max(1, round((north - south) / resolution))
    return Affine(resolution, 0.0, west, 0.0, -resolution, north), *size


def native_resolution(rpc: Rpc, width: int, height: int, crs: ResolvedCrs) -> float | None:
    """The pixel size (units of ``crs``) of an RPC scene at its centre, for :func:`orthorectify`; None when it has none."""
    columns = np.array([width / 2 - 0.5, width / 2 + 0.5, width / 2, width / 2])
    rows = np.array([height / 2, height / 2, height / 2 - 0.5, height / 2 + 0.5])
    x, y = from_wgs84(crs, *rpc.ground(columns, rows))
    area = abs(float((x[1] - x[0]) * (y[3] - y[2]) - (x[3] - x[2]) * (y[1] - y[0])))
    size = math.sqrt(area) if math.isfinite(area) else 0.0
    return None if size == 0 else round(size, 9 if crs_is_geographic(crs) else 3)
