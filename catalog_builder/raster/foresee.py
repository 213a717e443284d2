"""What a build will say about the rasters of a delivery, from their headers alone: nothing is decoded, nothing is kept."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from catalog_builder.archive.delivery import Delivery, RasterSource
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.findings import Finding
from catalog_builder.ids import slug
from catalog_builder.raster import findings
from catalog_builder.raster.environment import locked_gdal
from catalog_builder.raster.options import RasterOptions
from catalog_builder.raster.ortho import map_grid, to_be_orthorectified
from catalog_builder.raster.placement import place
from catalog_builder.raster.scans import crs_of_points, to_be_rectified
from catalog_builder.raster.source import check_limits, merged_header, problem_of, read_header, with_declared_nodata
from catalog_builder.raster.staging import stage


@dataclass(frozen=True, slots=True)
class Prospect:
    """A delivery and what its collection says about rasters."""

    delivery: Delivery
    options: RasterOptions


def foresee(prospect: Prospect) -> tuple[Finding, ...]:
    """The findings about opening, size, tiling and CRS that a build would end in; what is said of one band is not repeated for the
    others. Pixels that cannot be read show only when the scene is built."""
    delivery, options = prospect.delivery, prospect.options
    told: dict[tuple[str, str], Finding] = {}
    with tempfile.TemporaryDirectory(prefix="catalog-builder-") as folder, locked_gdal():
        for number, source in enumerate(delivery.rasters):
            for finding in _of_raster(source, delivery, options, Path(folder) / f"{number}-{slug(source.key)}"):
                told.setdefault((finding.code, repr(sorted(finding.params.items()))), finding)
    return tuple(told.values())


def _of_raster(source: RasterSource, delivery: Delivery, options: RasterOptions, work: Path) -> Iterator[Finding]:
    name = source.tiles[0].name
    try:
        tiles, left_out = stage(source, work)
        yield from left_out
        headers = [read_header(path, tile.name, source.subdataset) for path, tile in zip(tiles, source.tiles, strict=True)]
        header = merged_header(headers, source, name)
        check_limits(header, options, work, name)
        header, doubts = with_declared_nodata(header, source, name)
        yield from doubts
        if to_be_rectified(source, header):
            yield from crs_of_points(source, header, delivery, options)[1]
        else:
            yield from place(header, delivery, options, name)[1]
        if to_be_orthorectified(header, options):
            yield from map_grid(options, name)[1]
    except UnreadableDelivery as problem:
        yield from problem.findings
    except OSError as error:
        yield findings.UNREADABLE(name, problem=problem_of(error, work))
