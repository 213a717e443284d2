"""The noun of the raster room: a :class:`Raster`, the products on disk and the facts measured from the pixels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from catalog_builder.archive.delivery import Band, Category, RasterKind
from catalog_builder.crs import ResolvedCrs
from catalog_builder.files import StoredFile
from catalog_builder.findings import Finding


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts in equal bins over [``minimum``, ``maximum``]; on integer data bin edges fall between integers."""

    minimum: float
    maximum: float
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Statistics:
    """Exact statistics of the valid pixels of one band; ``valid_percent`` 0..100. All None when no pixel is valid, and
    those that a double cannot hold."""

    minimum: float | None
    maximum: float | None
    mean: float | None
    stddev: float | None
    valid_percent: float
    percentile_2: float | None
    percentile_98: float | None


@dataclass(frozen=True, slots=True)
class BandFacts:
    """One band of a product: what metadata says (``band``), what the file holds and what the pixels say.

    ``data_type`` is a STAC data type (``uint16``), ``pixel_checksum`` the BLAKE3 multihash of the decoded pixels in row-major
    order, little endian, equal in source and COG when the product is lossless.
    """

    band: Band
    data_type: str
    nodata: float | None
    statistics: Statistics
    histogram: Histogram | None
    pixel_checksum: str | None
    bits_per_sample: int | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """The pixel grid: ``transform`` is (a, b, c, d, e, f) of the affine, pixel to CRS units; None without georeference."""

    width: int
    height: int
    transform: tuple[float, float, float, float, float, float] | None
    crs: ResolvedCrs | None


@dataclass(frozen=True, slots=True)
class RasterProduct:
    """One COG and what is known of it. ``lossless`` is True only after the pixel comparison; ``source_names`` are archive names."""

    key: str
    kind: RasterKind
    cog: StoredFile
    grid: Grid
    gsd: float | None  # metres at the centre, measured from the grid; None without georeference
    bands: tuple[BandFacts, ...]
    lossless: bool
    preset: str
    categories: tuple[Category, ...] = ()
    source_names: tuple[str, ...] = ()
    ground_control: str | None = None  # "gcp" or "rpc" when the grid is the sensor's and not a map's
    rectification: Mapping[str, Any] | None = None  # method, gcp_count, check_count, rmse_m, max_residual_m (vn:rectification)
    primary: bool = True


@dataclass(frozen=True, slots=True)
class Footprint:
    """Where the data is: GeoJSON geometry (Polygon or MultiPolygon, WGS 84, RFC 7946 winding, split at the antimeridian),
    its bbox (west > east across the antimeridian) and whether it is only approximate (RPC, GCP, vendor corners)."""

    geometry: Mapping[str, Any]
    bbox: tuple[float, float, float, float]
    centroid: tuple[float, float]
    corners: tuple[tuple[float, float], ...]  # NW, NE, SE, SW of the raster or scene outline, lon/lat
    approximate: bool
    method: str  # "mask", "nodata", "extent", "rpc", "gcp", "metadata"


@dataclass(frozen=True, slots=True)
class Raster:
    """Everything the raster room made for one delivery. Files lie in one folder; names are final.

    ``visual``: 8-bit COG for looking; ``thumbnail`` 256 px and ``preview`` 1024 px on the long side. None when the delivery has
    no pixels. ``sidecars`` are the copied vendor files with their role (``metadata``, ``rpc``, ``georeference``, ``browse``).
    """

    products: tuple[RasterProduct, ...]
    footprint: Footprint | None
    visual: StoredFile | None = None
    thumbnail: StoredFile | None = None
    preview: StoredFile | None = None
    preview_size: tuple[int, int] | None = None
    sidecars: tuple[tuple[StoredFile, str, str], ...] = ()  # (file, role, archive name)
    rendering: Mapping[str, Any] | None = None  # what visual shows: asset key, band indexes, (min, max) per band
    findings: tuple[Finding, ...] = ()

    def files(self) -> Iterator[StoredFile]:
        """Every file of the delivery: products, pictures, sidecars."""
        yield from (p.cog for p in self.products)
        yield from (f for f in (self.visual, self.thumbnail, self.preview) if f is not None)
        yield from (f for f, _, _ in self.sidecars)
