"""Warping one raster onto a map grid with GDAL, from a small VRT that carries its points or RPC."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import rasterio.shutil
from affine import Affine
from rasterio.enums import ColorInterp, Resampling
from rasterio.warp import reproject
from rasterio.windows import Window

from catalog_builder.archive.delivery import RasterKind
from catalog_builder.crs import ResolvedCrs
from catalog_builder.raster.rpc import Rpc

BLOCK = 512
"""Pixels of a tile side of the result."""

MapGrid = tuple[Affine, int, int]
"""Transform, width and height of a map grid."""


@contextmanager
def wrapped(source: Path, destination: Path) -> Iterator[Path]:
    """A VRT over the source in the folder of the result, so that points can be added without touching the source."""
    wrapper = destination.with_name(f".{destination.stem}.source.vrt")
    try:
        rasterio.shutil.copy(str(source), str(wrapper), driver="VRT")
        yield wrapper
    finally:
        wrapper.unlink(missing_ok=True)


def warp(
    wrapper: Path,
    destination: Path,
    crs: ResolvedCrs,
    grid: MapGrid,
    kind: RasterKind,
    nodata: float | None,
    options: Mapping[str, Any],
    rpc: Rpc | None = None,
) -> None:
    """Warp all bands block by block; without nodata, a mask marks what lies outside the image."""
    transform, columns, rows = grid
    with rasterio.open(wrapper) as scan:
        empty = scan.nodata if nodata is None else nodata
        palette = scan.colorinterp[0] is ColorInterp.palette
        colours = scan.colormap(1) if palette else None
        bands, dtype = scan.count, scan.dtypes[0]
        interpretation = scan.colorinterp
        has_alpha = ColorInterp.alpha in interpretation
        profile = {
            "driver": "GTiff", "width": columns, "height": rows, "dtype": dtype, "transform": transform,
            "crs": rasterio.CRS.from_wkt(crs.wkt), "tiled": True, "blockxsize": BLOCK, "blockysize": BLOCK, "BIGTIFF": "IF_SAFER",
        }  # fmt: skip
        masked = empty is None and not has_alpha
        working = destination.with_name(f".{destination.stem}.warped.tif") if masked else destination
        sharp = palette or kind is RasterKind.CATEGORICAL
        with rasterio.open(working, "w", count=bands + masked, nodata=empty, **profile) as warped:
            if not masked:  # before any pixel: a TIFF no longer takes an alpha band afterwards
                warped.colorinterp = interpretation
                if colours:
                    warped.write_colormap(1, colours)
            reproject(
                source=rasterio.band(scan, list(range(1, bands + 1))),
                destination=rasterio.band(warped, list(range(1, bands + 1))),
                src_nodata=empty,
                dst_nodata=empty,
                dst_alpha=bands + 1 if masked else 0,
                resampling=Resampling.nearest if sharp else Resampling.bilinear,
                num_threads=1,
                rpcs=rasterio.rpc.RPC(**_rasterio_rpc(rpc)) if rpc else None,
                **options,
            )
    if masked:
        try:
            _alpha_to_mask(working, destination, bands, profile, interpretation, colours)
        finally:
            working.unlink(missing_ok=True)


def _rasterio_rpc(rpc: Rpc) -> dict[str, Any]:
    values = {name: getattr(rpc, name) for name in rpc.__dataclass_fields__}
    return {n: list(v) if isinstance(v, tuple) else v for n, v in values.items()} | {"err_bias": None, "err_rand": None}


def _alpha_to_mask(working: Path, destination: Path, bands: int, profile: Mapping[str, Any], interpretation: Any, colours: Any) -> None:
    """Copy the warped bands, turning the alpha band that the warper filled into the internal mask of the result."""
    with (
        rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
        rasterio.open(working) as warped,
        rasterio.open(destination, "w", count=bands, **profile) as result,
    ):
        result.colorinterp = interpretation
        if colours:
            result.write_colormap(1, colours)
        for row in range(0, warped.height, BLOCK):
            window = Window(0, row, warped.width, min(BLOCK, warped.height - row))
            result.write(warped.read(list(range(1, bands + 1)), window=window), window=window)
            alpha = warped.read(bands + 1, window=window)
            result.write_mask(np.where(alpha > 0, 255, 0).astype(np.uint8), window=window)
