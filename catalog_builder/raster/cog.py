"""Writing the analytic product with GDAL's COG driver: the general way that is right for every kind of raster."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import rasterio
import rasterio.shutil
from rio_cogeo.cogeo import cog_validate

from catalog_builder.archive.delivery import RasterKind
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.raster import findings
from catalog_builder.raster.presets import Preset, tile_side
from catalog_builder.raster.source import GDAL_ERRORS, Header, not_written, overviews_of, problem_of


def write_cog(vrt: Path, target: Path, header: Header, kind: RasterKind, preset: Preset, threads: int, subject: str) -> None:
    """Write the lossless COG of the normalised source ``vrt`` to ``target``.

    Raises:
        UnreadableDelivery: the target cannot be written.
    """
    try:
        with rasterio.open(vrt, driver="VRT") as dataset:
            rasterio.shutil.copy(dataset, target, driver="COG", **creation_options(header, kind, preset, threads))
    except GDAL_ERRORS as error:
        raise UnreadableDelivery(not_written(subject, error, vrt, target)) from error


def creation_options(header: Header, kind: RasterKind, preset: Preset, threads: int) -> dict[str, Any]:
    """The COG driver's options for one raster."""
    options = {
        "COMPRESS": preset.codec,
        "PREDICTOR": "YES" if uses_predictor(header, preset) else "NO",
        "BLOCKSIZE": tile_side(header.width, header.height),
        "OVERVIEWS": "IGNORE_EXISTING",
        "OVERVIEW_RESAMPLING": overviews_of(kind, header, preset.overviews),
        "BIGTIFF": "IF_SAFER",
        "SPARSE_OK": "TRUE",
        "STATISTICS": "NO",
        "NUM_THREADS": max(threads, 1),
    }
    if preset.level is not None:
        options["LEVEL"] = preset.level
    return options


def uses_predictor(header: Header, preset: Preset) -> bool:
    """Differences of neighbours help integers and floats; for complex numbers, palettes and floats of less than 32 bits they are
    undefined or harmful."""
    short_float = header.data_type == "float16" or (header.data_type == "float32" and header.bits is not None)
    return preset.predictor == "auto" and not header.is_complex and not header.palette and not short_float


def check_layout(path: Path, subject: str) -> None:
    """Let rio-cogeo, which shares no code with the writers, judge the layout. It takes no raster of a single column and over 512
    rows, because it measures overviews by their columns.

    Raises:
        UnreadableDelivery: it is not a valid COG, even if only a warning says so.
    """
    valid, errors, warnings = cog_validate(str(path), strict=True, quiet=True)
    problems = [*errors, *warnings]
    if not valid or problems:
        raise UnreadableDelivery(findings.LAYOUT(subject, problem=problem_of(ValueError("; ".join(problems)), path)))
