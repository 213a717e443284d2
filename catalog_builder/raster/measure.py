"""What one read of a source tells: statistics, checksums and coverage; and the proof that a product has the same pixels."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path

import rasterio

from catalog_builder.errors import UnreadableDelivery
from catalog_builder.raster import findings
from catalog_builder.raster.pixels import Strip, strips
from catalog_builder.raster.pool import workers
from catalog_builder.raster.proof import PixelDigest
from catalog_builder.raster.reduce import CoverageMask
from catalog_builder.raster.source import GDAL_ERRORS, Header, problem_of
from catalog_builder.raster.statistics import Gatherer, gatherer

COVERED_AT_ONCE = 32
"""Rows whose validity is worked out together, so that it stays in the cache."""

Watcher = Callable[[Strip], None]
"""Sees every strip of the product while it is proven."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Measurements of one source, filled strip by strip."""

    gatherers: tuple[Gatherer, ...]
    digest: PixelDigest
    coverage: CoverageMask

    @classmethod
    def of(cls, header: Header) -> Measured:
        one_value = header.nodata if header.valid_by == "nodata" else None
        gatherers = tuple(gatherer(header.data_type, one_value) for _ in range(header.bands))
        return cls(gatherers, PixelDigest(header), CoverageMask(header))

    def update(self, strip: Strip, header: Header) -> None:
        """Take in the next strip."""
        for band in range(header.bands):
            self._band(strip, header, band)
        self._cover(strip, header)

    def submit(self, strip: Strip, header: Header, pool: Executor) -> list[Future[None]]:
        """The same in threads; wait for these before the next strip."""
        bands = [pool.submit(self._band, strip, header, band) for band in range(header.bands)]
        return [*bands, pool.submit(self._cover, strip, header)]

    def _band(self, strip: Strip, header: Header, band: int) -> None:
        self.digest.update_band(band, strip)
        one = self.gatherers[band]
        one.look(strip.values[band], None if one.knows_nodata else strip.valid(header, band))

    def _cover(self, strip: Strip, header: Header) -> None:
        self.digest.update_mask(strip)
        for row in range(0, strip.values.shape[1], COVERED_AT_ONCE):
            rows = slice(row, row + COVERED_AT_ONCE)
            part = Strip(strip.row + row, strip.values[:, rows], None if strip.mask is None else strip.mask[rows])
            self.coverage.update(part.row, part.any_valid(header), part.values.shape[1])


def measure(vrt: Path, header: Header, subject: str) -> Measured:
    """Read the source once.

    Raises:
        UnreadableDelivery: its pixels cannot be read to the end.
    """
    measured = Measured.of(header)
    try:
        with rasterio.open(vrt, driver="VRT") as dataset:
            for strip in strips(dataset, header):
                measured.update(strip, header)
    except GDAL_ERRORS as error:
        raise UnreadableDelivery(findings.UNREADABLE_PIXELS(subject, problem=problem_of(error, vrt))) from error
    return measured


def prove(product: Path, header: Header, measured: Measured, threads: int, subject: str, watcher: Watcher | None = None) -> None:
    """Read the product with GDAL and compare the checksums of its pixels with those of the source; second looks happen here too.

    Raises:
        UnreadableDelivery: the pixels differ or cannot be read.
    """
    proof = PixelDigest(header)

    def look(strip: Strip, band: int) -> None:
        proof.update_band(band, strip)
        if measured.gatherers[band].needs_second_look:
            measured.gatherers[band].look_again(strip.values[band], strip.valid(header, band))

    try:
        options = {"driver": "GTiff", "NUM_THREADS": max(threads, 1)}
        with workers(threads, header.raw_bytes) as pool, rasterio.open(product, **options) as dataset:
            looking: list[Future[None]] = []
            for strip in strips(dataset, header):
                for future in looking:
                    future.result()
                looking = [pool.submit(look, strip, band) for band in range(header.bands)]
                proof.update_mask(strip)
                if watcher is not None:
                    watcher(strip)
            for future in looking:
                future.result()
    except GDAL_ERRORS as error:
        raise UnreadableDelivery(findings.UNREADABLE_PIXELS(subject, problem=problem_of(error, product))) from error
    what = measured.digest.difference(proof)
    if what:
        raise UnreadableDelivery(findings.PIXELS_DIFFER(subject, what=what))
