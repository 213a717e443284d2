"""The raster room's one entrance: every product of one delivery, proven, in one folder."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import rasterio

from catalog_builder.archive.delivery import Delivery, RasterSource
from catalog_builder.crs import ResolvedCrs
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.files import StoredFile, atomic_path, link_or_copy
from catalog_builder.findings import Finding, in_order
from catalog_builder.ids import slug
from catalog_builder.raster import findings
from catalog_builder.raster.canvas import open_canvas
from catalog_builder.raster.environment import decoding, locked_gdal
from catalog_builder.raster.extent import footprint_of
from catalog_builder.raster.measure import Watcher
from catalog_builder.raster.model import Raster, RasterProduct
from catalog_builder.raster.options import RasterOptions
from catalog_builder.raster.ortho import orthorectified, to_be_orthorectified
from catalog_builder.raster.pixels import strip_rows
from catalog_builder.raster.placement import place
from catalog_builder.raster.presets import tile_side
from catalog_builder.raster.previews import paint_preview, write_previews
from catalog_builder.raster.product import Made, Subject, make_product
from catalog_builder.raster.rendering import Look, choose
from catalog_builder.raster.scans import ORIGINAL, crs_of_points, rectified, to_be_rectified, untouched
from catalog_builder.raster.scratch import give_back_large
from catalog_builder.raster.sidecars import copy_sidecars
from catalog_builder.raster.small_picture import SmallPicture, is_small
from catalog_builder.raster.source import (
    RASTER_ERRORS,
    Header,
    check_limits,
    merged_header,
    not_written,
    problem_of,
    read_header,
    require_one_mask,
    with_declared_nodata,
)
from catalog_builder.raster.staging import stage
from catalog_builder.raster.visual import VisualWriter, can_watch, write_visual

WORK = ".work"
"""Folder of links and scratch files inside the delivery's folder; gone when :func:`convert` returns."""

VISUAL = "visual.tif"


def convert(delivery: Delivery, folder: Path, options: RasterOptions) -> Raster:
    """Make every product of ``delivery`` in ``folder``, which is created; run again, it replaces files atomically.

    The archive is only read. Files appear under their final names when they are proven. What is wrong with a raster is an error
    finding in the result, and that raster has no product; other rasters of the delivery are still converted.

    Raises:
        OSError: the disk does not take what accompanies the products.
    """
    folder.mkdir(parents=True, exist_ok=True)
    work = folder / WORK
    shutil.rmtree(work, ignore_errors=True)
    try:
        with locked_gdal(options.threads):
            return _convert(delivery, folder, work, options)
    finally:
        give_back_large()
        shutil.rmtree(work, ignore_errors=True)


def _convert(delivery: Delivery, folder: Path, work: Path, options: RasterOptions) -> Raster:
    workshop = _Workshop(delivery, folder, work, options)
    with workshop.files:
        return _finished(workshop)


def _finished(workshop: _Workshop) -> Raster:
    delivery, folder, options = workshop.delivery, workshop.folder, workshop.options
    for source in delivery.rasters:
        workshop.make(source)
    subjects, made, found = workshop.subjects, workshop.made, workshop.findings
    footprint, noticed = footprint_of(delivery, subjects, made, options)
    found += noticed
    raster = Raster(products=tuple(m.product for m in made), footprint=footprint)
    if made:
        sidecars, noticed_copying = copy_sidecars(delivery, folder)
        looks, noticed_looking = _looks(raster, workshop)
        raster = replace(raster, sidecars=sidecars, **looks)
        found += [*noticed_copying, *noticed_looking]
    return replace(raster, findings=tuple(in_order(found)))


class _Workshop:
    """The products of one delivery in the making; what fails leaves findings and the others go on."""

    def __init__(self, delivery: Delivery, folder: Path, work: Path, options: RasterOptions) -> None:
        self.delivery, self.folder, self.work, self.options = delivery, folder, work, options
        self.subjects: list[Subject] = []
        self.made: list[Made] = []
        self.findings: list[Finding] = []
        self.painting: VisualWriter | SmallPicture | None = None
        self.files = ExitStack()

    def make(self, source: RasterSource) -> None:
        """The product of one source, or two where it is rectified."""
        work = self.work / slug(source.key)
        try:
            header, tiles, found = self._read(source, work)
            self.findings += found
            with decoding(header.cache_bytes, is_compressed=header.is_compressed):
                self._convert(source, header, tiles, work)
        except UnreadableDelivery as problem:
            self.findings += problem.findings
        except OSError as error:  # a full or vanished disk: this scene is lost, the run is not
            self.findings.append(not_written(source.tiles[0].name, error, self.folder))

    def _convert(self, source: RasterSource, header: Header, tiles: tuple[Path, ...], work: Path) -> None:
        if to_be_rectified(source, header):
            self._scan(source, header, tiles, work)
            return
        if to_be_orthorectified(header, self.options):
            self._sensor_scene(source, header, tiles, work)
            return
        crs, noticed = place(header, self.delivery, self.options, source.tiles[0].name)
        self.findings += self._news(noticed)
        if not _unplaced(header, crs, noticed):
            self._finish(Subject(source, header, tiles, crs, work))

    def _news(self, noticed: Sequence[Finding]) -> list[Finding]:
        """``noticed`` without what was said about the CRS of another band of this scene in the same words."""
        said = [(f.code, f.params) for f in self.findings]
        return [f for f in noticed if not f.code.startswith("crs.") or (f.code, f.params) not in said]

    def _read(self, source: RasterSource, work: Path) -> tuple[Header, tuple[Path, ...], list[Finding]]:
        name = source.tiles[0].name
        tiles, found = stage(source, work)
        headers = [read_header(path, tile.name, source.subdataset) for path, tile in zip(tiles, source.tiles, strict=True)]
        header = merged_header(headers, source, name)
        check_limits(header, self.options, work, name)
        if header.valid_by == "mask":
            for path, tile in zip(tiles, source.tiles, strict=True):
                require_one_mask(path, tile.name, source.subdataset)
        header, doubts = with_declared_nodata(header, source, name)
        return header, tiles, [*found, *doubts]

    def _scan(self, source: RasterSource, header: Header, tiles: tuple[Path, ...], work: Path) -> None:
        crs, noticed = crs_of_points(source, header, self.delivery, self.options)
        self.findings += noticed
        if crs is None:
            return
        scan = make_product(Subject(untouched(source), header, tiles, None, work), self._target(source.key + ORIGINAL), self.options)
        subject, how, noticed = rectified(scan.product, source, crs, work)
        self.findings += [*scan.findings, *noticed]
        if subject is not None:
            self._finish(subject, how)
            self._keep(Subject(untouched(source), header, tiles, None, work), scan)

    def _sensor_scene(self, source: RasterSource, header: Header, tiles: tuple[Path, ...], work: Path) -> None:
        """The orthorectified scene and the untouched one; where that cannot be done, the untouched scene alone."""
        plain = Subject(untouched(source), header, tiles, None, work)
        scene = make_product(plain, self._target(source.key + ORIGINAL), self.options)
        subject, how, noticed = orthorectified(scene.product, source, self.options, work)
        self.findings += self._news(noticed)
        if subject is None:
            scene.product.cog.path.unlink()
            self._finish(replace(plain, source=source))
            return
        self.findings += scene.findings
        self._finish(subject, how)
        self._keep(plain, scene)

    def _finish(self, subject: Subject, how: Mapping[str, Any] | None = None) -> None:
        audience = self._start_painting if len(self.delivery.rasters) == 1 else None
        made = make_product(subject, self._target(subject.source.key), self.options, how, audience)
        self.findings += made.findings
        self._keep(subject, made)

    def _start_painting(self, product: RasterProduct, written: Path, header: Header) -> Watcher | None:
        """Paint the visual copy from the read that proves ``product``, the only one there is to show."""
        look, _ = choose([product], self.options.renderings)
        complete = all(b.statistics.percentile_2 is not None for b in product.bands)
        if look is None or not can_watch(look, header) or not complete:
            return None
        if is_small(header):
            self.painting = SmallPicture(look, header)
            return self.painting.watch
        if strip_rows(header) % tile_side(header.width, header.height):
            return None
        masked = any(product.bands[c.band].statistics.valid_percent < 100 for c in look.channels)
        with rasterio.open(written) as grid:
            painting = VisualWriter(look, grid, self.work, self.options.threads, masked=masked, watched=header)
        self.painting = self.files.enter_context(painting)
        return self.painting.watch

    def _keep(self, subject: Subject, made: Made) -> None:
        self.subjects.append(subject)
        self.made.append(made)

    def _target(self, key: str) -> Path:
        return self.folder / f"{slug(key)}.tif"


def _unplaced(header: Header, crs: ResolvedCrs | None, noticed: Sequence[Finding]) -> bool:
    """Whether the place of a raster on the Earth is unknown, so that it must not be published."""
    lost = crs is None and (header.transform is not None or header.gcps > 0)
    return lost or any(f.code == findings.NOT_GEOREFERENCED.code for f in noticed)


def _looks(raster: Raster, workshop: _Workshop) -> tuple[dict[str, Any], Sequence[Finding]]:
    """The fields of Raster that are for looking; a failure here costs the picture, never the product.

    Raises:
        OSError: the disk does not take the picture; that must not be remembered as a property of the scene.
    """
    subject, folder = workshop.delivery.id, workshop.folder
    look, missing = choose(raster.products, workshop.options.renderings)
    found = [findings.RENDERING_UNKNOWN(subject, bands=", ".join(missing))] if missing else []
    if look is None:
        return {}, found
    try:
        return {**_draw(look, workshop), "rendering": look.to_json()}, found
    except UnreadableDelivery as problem:
        return {}, [*found, *problem.findings]
    except RASTER_ERRORS as error:
        return {}, [*found, findings.NO_VISUAL(subject, problem=problem_of(error, folder))]


def _draw(look: Look, workshop: _Workshop) -> dict[str, Any]:
    """Visual copy, preview and thumbnail; the visual copy may have been painted while its product was proven."""
    folder, work, threads = workshop.folder, workshop.work, workshop.options.threads
    target, painting = folder / VISUAL, workshop.painting
    if painting is not None and painting.look.to_json() != look.to_json():
        painting = None
    with ExitStack() as stack:
        canvas = open_canvas(look, stack)
        if isinstance(painting, SmallPicture):
            visual = painting.write_visual(canvas.grid, target, work, threads)
        elif painting is not None:
            visual = painting.finish(target)
        elif _is_the_picture(look, workshop.made):
            visual = _same_file(look.product.cog, target)
        else:
            visual = write_visual(canvas, target, work, threads)
        painted = painting.painted if isinstance(painting, SmallPicture) else paint_preview(canvas)
    preview, thumbnail, size = write_previews(painted, look.style, folder)
    return {"visual": visual, "preview": preview, "thumbnail": thumbnail, "preview_size": size}


def _is_the_picture(look: Look, made: Sequence[Made]) -> bool:
    """Whether the look shows a product that is a JPEG picture, all of it and unchanged, so that the product is its own visual copy."""
    product = look.product
    shown = [(c.product.key, c.band, c.low, c.high) for c in look.channels]
    whole = shown == [(product.key, band, 0.0, 255.0) for band in range(len(product.bands))]
    return whole and any(m.picture and m.product.key == product.key for m in made)


def _same_file(stored: StoredFile, target: Path) -> StoredFile:
    with atomic_path(target) as temporary:
        link_or_copy(stored.path, temporary)
    return replace(stored, path=target)
