"""The raster room's one entrance: every product of one delivery, proven, in one folder."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from catalog_builder.archive.delivery import Delivery, RasterSource
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.files import StoredFile
from catalog_builder.findings import Finding, in_order
from catalog_builder.ids import slug
from catalog_builder.raster import findings
from catalog_builder.raster.environment import locked_gdal
from catalog_builder.raster.extent import footprint_of
from catalog_builder.raster.model import Raster
from catalog_builder.raster.options import RasterOptions
from catalog_builder.raster.placement import place
from catalog_builder.raster.product import Made, Subject, make_product
from catalog_builder.raster.rendering import Look, choose
from catalog_builder.raster.sidecars import copy_sidecars
from catalog_builder.raster.source import GDAL_ERRORS, check_limits, merged_header, problem_of, read_header, with_declared_nodata
from catalog_builder.raster.staging import stage
from catalog_builder.raster.visual import open_canvas, write_previews, write_visual

WORK = ".work"
"""Folder of links and scratch files inside the delivery's folder; gone when :func:`convert` returns."""

VISUAL = "visual.tif"


def convert(delivery: Delivery, folder: Path, options: RasterOptions) -> Raster:
    """Make every product of ``delivery`` in ``folder``, which is created; run again, it replaces files atomically.

    The archive is only read. Files appear under their final names when they are proven. What is wrong with a raster is an error
    finding in the result, and that raster has no product; other rasters of the delivery are still converted.
    """
    folder.mkdir(parents=True, exist_ok=True)
    work = folder / WORK
    shutil.rmtree(work, ignore_errors=True)
    try:
        with locked_gdal():
            return _convert(delivery, folder, work, options)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _convert(delivery: Delivery, folder: Path, work: Path, options: RasterOptions) -> Raster:
    made: list[Made] = []
    subjects: list[Subject] = []
    found: list[Finding] = []
    for source in delivery.rasters:
        try:
            subject, noticed = prepare(source, delivery, work / slug(source.key), options)
            found += noticed
            if subject is not None:
                made.append(make_product(subject, folder / f"{slug(source.key)}.tif", options))
                subjects.append(subject)
        except UnreadableDelivery as problem:
            found += problem.findings
        except OSError as error:  # a full or vanished disk: this scene is lost, the run is not
            found.append(findings.NOT_WRITTEN(source.tiles[0].name, problem=problem_of(error, folder)))
    for one in made:
        found += one.findings
    footprint, noticed_placing = footprint_of(delivery, subjects, made)
    raster = Raster(products=tuple(m.product for m in made), footprint=footprint)
    if made:
        sidecars, noticed_copying = copy_sidecars(delivery, folder)
        looks, noticed_looking = _looks(raster, folder, work, options, delivery.id)
        raster = replace(raster, sidecars=sidecars, **looks)
        found += [*noticed_copying, *noticed_looking]
    return replace(raster, findings=tuple(in_order([*found, *noticed_placing])))


def prepare(source: RasterSource, delivery: Delivery, work: Path, options: RasterOptions) -> tuple[Subject | None, list[Finding]]:
    """Stage, describe and place one source; None when its place on the Earth is unknown.

    Raises:
        UnreadableDelivery: it cannot be opened or is too large.
    """
    name = source.tiles[0].name
    tiles, found = stage(source, work)
    headers = [read_header(path, tile.name, source.subdataset) for path, tile in zip(tiles, source.tiles, strict=True)]
    header = merged_header(headers, source, name)
    check_limits(header, options, work, name)
    header, doubts = with_declared_nodata(header, source, name)
    crs, noticed = place(header, delivery, options, name)
    found += [*doubts, *noticed]
    unplaced = crs is None and (header.transform is not None or header.gcps > 0)
    if unplaced or any(f.code == findings.NOT_GEOREFERENCED.code for f in noticed):
        return None, found
    return Subject(source, header, tiles, crs, work), found


def _looks(raster: Raster, folder: Path, work: Path, options: RasterOptions, subject: str) -> tuple[dict[str, Any], Sequence[Finding]]:
    """The fields of Raster that are for looking; a failure here costs the picture, never the product."""
    look, missing = choose(raster.products, options.renderings)
    found = [findings.RENDERING_UNKNOWN(subject, bands=", ".join(missing))] if missing else []
    if look is None:
        return {}, found
    try:
        files = _draw(look, folder, work, options.threads)
    except UnreadableDelivery as problem:
        return {}, [*found, *problem.findings]
    except GDAL_ERRORS as error:
        return {}, [*found, findings.NO_VISUAL(subject, problem=problem_of(error, folder))]
    fields = {"visual": files.visual, "preview": files.preview, "thumbnail": files.thumbnail, "preview_size": files.size}
    return {**fields, "rendering": look.to_json()}, found


@dataclass(frozen=True, slots=True)
class _Drawn:
    visual: StoredFile
    preview: StoredFile
    thumbnail: StoredFile
    size: tuple[int, int]


def _draw(look: Look, folder: Path, work: Path, threads: int) -> _Drawn:
    work.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        canvas = open_canvas(look, stack)
        visual = write_visual(canvas, folder / VISUAL, work, threads)
        preview, thumbnail, size = write_previews(canvas, folder)
    return _Drawn(visual, preview, thumbnail, size)
