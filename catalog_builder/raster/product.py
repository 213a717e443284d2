"""One source raster into one proven product."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod, Transformer

from catalog_builder.archive.delivery import Band, RasterSource
from catalog_builder.crs import ResolvedCrs
from catalog_builder.crs.parse import REMEMBERED, crs_of
from catalog_builder.files import StoredFile, atomic_path, describe
from catalog_builder.findings import Finding
from catalog_builder.raster import findings
from catalog_builder.raster.assembly import Assembly
from catalog_builder.raster.cog import check_layout, write_cog
from catalog_builder.raster.copy_proof import prove_copied
from catalog_builder.raster.fast import is_common, write_in_one_pass
from catalog_builder.raster.grid_vrt import write_vrt
from catalog_builder.raster.jpeg_tiles import JpegTiles, jpeg_tiles
from catalog_builder.raster.measure import Measured, Watcher, measure, prove
from catalog_builder.raster.model import BandFacts, Grid, RasterProduct
from catalog_builder.raster.options import RasterOptions
from catalog_builder.raster.presets import KEPT, Preset, preset_for, presets
from catalog_builder.raster.source import Header
from catalog_builder.raster.tile_proof import has_many_tiles, prove_tiles


@dataclass(frozen=True, slots=True)
class Subject:
    """A source raster that is ready to convert: staged, described, placed."""

    source: RasterSource
    header: Header
    tiles: tuple[Path, ...]
    crs: ResolvedCrs | None
    work: Path

    @property
    def name(self) -> str:
        """The archive name that findings speak of."""
        return self.source.tiles[0].name


@dataclass(frozen=True, slots=True)
class Made:
    """A product, a coarse mask of where it has data (True), what was noticed on the way, and whether it is a JPEG picture itself."""

    product: RasterProduct
    coverage: NDArray[np.bool_]
    findings: tuple[Finding, ...]
    picture: bool = False


Audience = Callable[[RasterProduct, Path, Header], Watcher | None]
"""Is told of a product that is written but not proven, and may watch the proof (to paint a picture from the same read)."""


def make_product(
    subject: Subject,
    target: Path,
    options: RasterOptions,
    rectification: Mapping[str, Any] | None = None,
    audience: Audience | None = None,
) -> Made:
    """Convert, prove and describe one raster; ``target`` appears only when its pixels equal those of the source.

    With ``rectification`` the source is itself a warped copy, so the product is not called lossless.

    Raises:
        UnreadableDelivery: pixels cannot be read, the product cannot be written, or it is not equal to its source.
    """
    header = subject.header
    bands, found = described_bands(subject.source, header, subject.name)
    kept = _kept_tiles(subject, options)
    preset = presets()[KEPT] if kept else preset_for(subject.source.kind, header.data_type, options.presets, subject.name)
    wkt = subject.crs.wkt if subject.crs else None
    vrt = write_vrt(subject.tiles, subject.source, header, bands, wkt, subject.work / f"{subject.source.key}.vrt")
    target.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(target) as temporary, ExitStack() as stack:
        measured, assembly = _write(vrt, temporary, subject, preset, options, kept)
        by_tiles = assembly is not None and kept is None and has_many_tiles(header)
        if assembly is not None:
            stack.callback(assembly.close)
            if by_tiles:
                assembly.start()
            else:
                assembly.wait_for()
        product = _described(subject, bands, measured, preset, StoredFile(target, 0, ""), rectification)
        if kept:
            stored = prove_copied(temporary, vrt, kept, header, subject.name)
        else:
            watcher = audience(product, temporary, header) if audience is not None else None
            stored = _proven(temporary, subject, measured, options, watcher, assembly if by_tiles else None)
        check_layout(temporary, subject.name)
    if not measured.coverage.mask.any():
        found.append(findings.NO_VALID_PIXELS(subject.name))
    product = replace(product, cog=replace(stored, path=target))
    if any(g.needs_second_look for g in measured.gatherers):  # percentiles are known only now
        product = replace(product, bands=_facts(subject, bands, measured))
    return Made(product, measured.coverage.mask, tuple(found), picture=kept is not None and kept.is_picture)


def _described(
    subject: Subject, bands: tuple[Band, ...], measured: Measured, preset: Preset, cog: StoredFile, rectification: Mapping[str, Any] | None
) -> RasterProduct:
    header, source = subject.header, subject.source
    return RasterProduct(
        key=source.key,
        kind=source.kind,
        cog=cog,
        grid=Grid(header.width, header.height, header.transform, subject.crs),
        gsd=ground_sample_distance(header, subject.crs),
        bands=_facts(subject, bands, measured),
        lossless=rectification is None,
        preset=preset.name,
        categories=source.categories,
        source_names=tuple(t.name for t in source.tiles),
        ground_control=header.ground_control,
        rectification=rectification,
        primary=source.primary,
    )


def _facts(subject: Subject, bands: tuple[Band, ...], measured: Measured) -> tuple[BandFacts, ...]:
    header = subject.header
    return tuple(
        BandFacts(band, stac_type(header.data_type), header.nodata, g.statistics(), g.histogram(), checksum, header.bits)
        for band, g, checksum in zip(bands, measured.gatherers, measured.digest.bands, strict=True)
    )


def _kept_tiles(subject: Subject, options: RasterOptions) -> JpegTiles | None:
    """JPEG tiles to copy, unless the collection asks for a preset of its own."""
    if not options.one_pass or options.presets.get(subject.source.kind.value, KEPT) != KEPT:
        return None
    return jpeg_tiles(subject.tiles, subject.source, subject.header)


def _write(
    vrt: Path, target: Path, subject: Subject, preset: Preset, options: RasterOptions, kept: JpegTiles | None
) -> tuple[Measured, Assembly | None]:
    """The product, by the fast way where the raster is common enough, and what its source says; the fast way still has to finish it."""
    header, kind = subject.header, subject.source.kind
    if kept or (options.one_pass and is_common(header, kind, preset)):
        return write_in_one_pass(vrt, target, header, preset, options.threads, subject.name, kept)
    measured = measure(vrt, header, subject.name)  # first, so that what fails afterwards is the writing and not the source
    write_cog(vrt, target, header, kind, preset, options.threads, subject.name)
    return measured, None


def _proven(
    written: Path,
    subject: Subject,
    measured: Measured,
    options: RasterOptions,
    watcher: Watcher | None,
    assembly: Assembly | None,
) -> StoredFile:
    """The written file, after its pixels were compared with those of the source; tile by tile where its ``assembly`` goes on."""
    if assembly is not None:
        return prove_tiles(written, subject.header, measured, options.threads, subject.name, watcher, assembly)
    prove(written, subject.header, measured, options.threads, subject.name, watcher)
    return describe(written)


def described_bands(source: RasterSource, header: Header, subject: str) -> tuple[tuple[Band, ...], list[Finding]]:
    """One band description per band of the file: the metadata's where it fits, else what the file says."""
    in_file = tuple(_band_of_file(header, i) for i in range(header.bands))
    if not source.bands:
        return in_file, []
    described = source.bands
    if len(described) + 1 == header.bands and header.interpretation[-1] == "alpha":
        described = (*described, in_file[-1])
    if len(described) != header.bands:
        return in_file, [findings.BANDS_DIFFER(subject, described=len(source.bands), found=header.bands)]
    return tuple(_completed(d, f) for d, f in zip(described, in_file, strict=True)), []


def _completed(band: Band, in_file: Band) -> Band:
    """``band`` as metadata describes it; scale, offset and unit from the file where metadata is silent."""
    return replace(
        band,
        scale=in_file.scale if band.scale is None else band.scale,
        offset=in_file.offset if band.offset is None else band.offset,
        unit=band.unit or in_file.unit,
    )


def _band_of_file(header: Header, index: int) -> Band:
    colour = header.interpretation[index]
    distinct = header.interpretation.count(colour) == 1 and colour not in ("undefined", "gray")
    scaled = header.scales[index] != 1 or header.offsets[index] != 0
    return Band(
        name=colour if distinct else f"b{index + 1}",
        description=header.descriptions[index],
        scale=header.scales[index] if scaled else None,
        offset=header.offsets[index] if scaled else None,
        unit=header.units[index],
    )


def stac_type(data_type: str) -> str:
    """The STAC name of a rasterio data type (STAC 1.1 common metadata, ``data_type``)."""
    return {"complex_int16": "cint16", "complex64": "cfloat32", "complex128": "cfloat64", "complex_int32": "cint32"}.get(
        data_type, data_type
    )


@lru_cache(maxsize=REMEMBERED)
def _measures(wkt: str) -> tuple[Transformer, Geod] | None:
    """From a CRS to longitude and latitude of its own datum, and the ellipsoid; None where it has no datum."""
    definition = crs_of(wkt)
    geodetic = definition.geodetic_crs
    if geodetic is None:
        return None
    return Transformer.from_crs(definition, geodetic, always_xy=True), geodetic.get_geod() or Geod(ellps="WGS84")


def ground_sample_distance(header: Header, crs: ResolvedCrs | None) -> float | None:
    """Metres per pixel at the centre of the map grid, measured on the ellipsoid (mean of both directions); None without a grid."""
    if header.transform is None or crs is None:
        return None
    a, b, c, d, e, f = header.transform
    measures = _measures(crs.wkt)
    if measures is None:
        return None
    to_degrees, ellipsoid = measures
    x, y = header.width / 2, header.height / 2
    columns, rows = np.array([x, x + 1, x]), np.array([y, y, y + 1])
    lon, lat = to_degrees.transform(a * columns + b * rows + c, d * columns + e * rows + f)
    if not all(map(math.isfinite, (*lon, *lat))) or max(abs(lat)) > 90:
        return None
    _, _, across = ellipsoid.inv(lon[0], lat[0], lon[1], lat[1])
    _, _, down = ellipsoid.inv(lon[0], lat[0], lon[2], lat[2])
    return float(f"{(across + down) / 2:.6g}")
