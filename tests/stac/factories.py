"""Realistic deliveries and rasters without any conversion: what other tests build items, releases and pages from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pyproj import CRS

from catalog_builder.archive.delivery import ArchiveFile, Band, Category, Delivery, FileRole, RasterKind, RasterSource
from catalog_builder.crs import Confidence, ResolvedCrs
from catalog_builder.definition.assign import Assignment
from catalog_builder.definition.model import Access, CollectionDefinition, Definition, Order, Provider, Role
from catalog_builder.definition.registers import Agency
from catalog_builder.facts import Claim, Facts, Field, Origin, Source
from catalog_builder.files import StoredFile, write_bytes
from catalog_builder.findings import Finding
from catalog_builder.raster.model import BandFacts, Footprint, Grid, Histogram, Raster, RasterProduct, Statistics
from catalog_builder.stac.item import make_item
from catalog_builder.stac.model import Item, Json
from catalog_builder.times import When

METADATA = "2019/HD-12/DIM_SPOT7_MS.XML"
CHECKSUM = "1220" + "ab" * 32
PIXEL_CHECKSUM = "1e20" + "cd" * 32
HA_LONG = (106.9, 20.8, 107.2, 21.1)
"""A box in the bay of Hạ Long, degrees."""


def vn2000() -> ResolvedCrs:
    """VN-2000 / TM-3 107-45, the zone of Quảng Ninh, with the pinned operation."""
    return ResolvedCrs("VN_2000_TM3_107_45", "EPSG:5899", CRS("EPSG:5899").to_wkt(), Confidence.PARAMETERS, "EPSG:6960", 0.5)


def custom_crs() -> ResolvedCrs:
    """A complete definition without authority code."""
    crs = CRS.from_proj4("+proj=tmerc +lat_0=0 +lon_0=107.5 +k=0.9999 +x_0=500000 +y_0=0 +ellps=WGS84 +units=m +type=crs")
    return ResolvedCrs("PROJCS[custom]", None, crs.to_wkt(), Confidence.CUSTOM)


def claim(field: Field, value: Any, locator: str = "/Dimap_Document", file: str = METADATA, unverified: bool = False) -> Claim:
    return Claim(field, value, Source(Origin.METADATA, file, locator), unverified)


def claims(**changes: Any) -> tuple[Claim, ...]:
    """Claims of a SPOT 7 scene; ``changes`` by field name replace a value or (None) drop it."""
    values: dict[Field, Any] = {
        Field.SCENE_NAME: "DS_SPOT7_201906050312345_FR1_FR1",
        Field.ACQUIRED: When.instant(datetime(2019, 6, 5, 3, 12, 34, 500000, tzinfo=UTC)),
        Field.PLATFORM: "SPOT-7",
        Field.CONSTELLATION: "SPOT",
        Field.INSTRUMENTS: ("NAOMI",),
        Field.IMAGING_MODE: "MS",
        Field.GSD: 6.0,
        Field.CLOUD_COVER: 12.5,
        Field.OFF_NADIR: 11.25,
        Field.INCIDENCE_ANGLE: 12.8,
        Field.VIEW_AZIMUTH: -179.5,
        Field.SUN_AZIMUTH: 98.1,
        Field.SUN_ELEVATION: 63.4,
        Field.PROCESSING_LEVEL: "ORTHO",
        Field.NATIONAL_LEVEL: "3A",
        Field.PRODUCT_TYPE: "ORTHO",
        Field.PRODUCT_ID: "SO19012345-1-01",
        Field.CATALOG_ID: "201906050312345",
        Field.ORDER_ID: "SO19012345",
        Field.PRODUCED: When.instant(datetime(2019, 6, 20, 8, 0, tzinfo=UTC)),
        Field.SOFTWARE: "Ground segment 5.2.1",
        Field.ORBIT_STATE: "descending",
        Field.ABSOLUTE_ORBIT: 27001,
        Field.RELATIVE_ORBIT: 120,
        Field.GEOMETRIC_RMSE: 4.5,
        Field.BIT_DEPTH: 12,
    }
    values |= {Field(name): value for name, value in changes.items()}
    return tuple(claim(f, v, f"/Dimap_Document/{f.value}") for f, v in values.items() if v is not None)


def archive_file(name: str, size: int = 1000) -> ArchiveFile:
    return ArchiveFile(Path("/nowhere") / name, name, size, 0)


def delivery(
    item_id: str = "spot7-20190605", facts: Sequence[Claim] | None = None, findings: tuple[Finding, ...] = (), **changes: Any
) -> Delivery:
    """A SPOT 7 multispectral delivery of three files."""
    raster = archive_file("2019/HD-12/IMG_SPOT7_MS_R1C1.TIF", 5_000_000)
    files = ((raster, FileRole.RASTER), (archive_file(METADATA, 20_000), FileRole.METADATA))
    result = Delivery(
        id=item_id,
        format="airbus-dimap-2",
        origin="2019/HD-12",
        files=files,
        facts=Facts(tuple(claims() if facts is None else facts)),
        rasters=(RasterSource("ms", (raster,), gsd=6.0),),
        findings=findings,
        fingerprint="f" * 16,
    )
    return replace(result, **changes)


def band_facts(name: str, common: str | None, centre: float | None, **changes: Any) -> BandFacts:
    band = Band(name, common, center_wavelength=centre, full_width_half_max=0.07, gsd=6.0, scale=0.1, offset=0.0, unit="W/m2/sr/um")
    facts = BandFacts(
        band=band,
        data_type="uint16",
        nodata=0.0,
        statistics=Statistics(12.0, 3011.0, 512.25, 130.5, 97.5, 301.0, 900.0),
        histogram=Histogram(11.5, 3011.5, (10, 200, 30, 4)),
        pixel_checksum=PIXEL_CHECKSUM,
        bits_per_sample=12,
    )
    return replace(facts, **changes)


def bands() -> tuple[BandFacts, ...]:
    return (
        band_facts("B0", "blue", 0.485),
        band_facts("B1", "green", 0.56),
        band_facts("B2", "red", 0.66),
        band_facts("B3", "nir", 0.825),
    )


def footprint(box: tuple[float, float, float, float] = HA_LONG, method: str = "nodata", approximate: bool = False) -> Footprint:
    w, s, e, n = box
    ring = [[w, s], [e, s], [e, n], [w, n], [w, s]]
    return Footprint(
        geometry={"type": "Polygon", "coordinates": [ring]},
        bbox=box,
        centroid=((w + e) / 2, (s + n) / 2),
        corners=((w, n), (e, n), (e, s), (w, s)),
        approximate=approximate,
        method=method,
    )


def footprint_across_the_antimeridian() -> Footprint:
    """Two parts, east and west of 180 degrees; the box runs from 179.5 over the line to -179.5."""
    east = [[179.5, -17.0], [180.0, -17.0], [180.0, -16.0], [179.5, -16.0], [179.5, -17.0]]
    west = [[-180.0, -17.0], [-179.5, -17.0], [-179.5, -16.0], [-180.0, -16.0], [-180.0, -17.0]]
    geometry = {"type": "MultiPolygon", "coordinates": [[east], [west]]}
    corners = ((179.5, -16.0), (-179.5, -16.0), (-179.5, -17.0), (179.5, -17.0))
    return Footprint(geometry, (179.5, -17.0, -179.5, -16.0), (180.0, -16.5), corners, False, "mask")


def stored(folder: Path, name: str, data: bytes) -> StoredFile:
    """A real small file in ``folder``: size and checksum are true."""
    return write_bytes(folder / name, data)


def product(folder: Path, key: str = "ms", **changes: Any) -> RasterProduct:
    result = RasterProduct(
        key=key,
        kind=RasterKind.IMAGE,
        cog=stored(folder, f"{key}.tif", b"II*\x00" + key.encode()),
        grid=Grid(4000, 5000, (6.0, 0.0, 400000.0, 0.0, -6.0, 2330000.0), vn2000()),
        gsd=6.001,
        bands=bands(),
        lossless=True,
        preset="multispectral",
        source_names=("2019/HD-12/IMG_SPOT7_MS_R1C1.TIF",),
    )
    return replace(result, **changes)


def raster(folder: Path, products: tuple[RasterProduct, ...] | None = None, **changes: Any) -> Raster:
    """Products as the raster room leaves them in ``folder``, with true sizes and checksums of small stand-in files."""
    result = Raster(
        products=(product(folder),) if products is None else products,
        footprint=footprint(),
        visual=stored(folder, "visual.tif", b"II*\x00visual"),
        thumbnail=stored(folder, "thumbnail.webp", b"RIFFthumbnail"),
        preview=stored(folder, "preview.webp", b"RIFFpreview"),
        preview_size=(819, 1024),
        sidecars=((stored(folder, "DIM_SPOT7_MS.XML", b"<Dimap_Document/>"), "metadata", METADATA),),
        rendering={
            "title": "True colour",
            "titles": {"vi": "Màu tự nhiên", "en": "True colour"},
            "style": "rgb",
            "asset": "ms",
            "assets": ["ms"] * 3,
            "bands": [3, 2, 1],
            "ranges": [[301.0, 900.0]] * 3,
        },
    )
    return replace(result, **changes)


def categorical(folder: Path) -> RasterProduct:
    """A land-cover product with three classes."""
    classes = (Category(0, "No data"), Category(1, "Rừng ngập mặn", "Mangrove", "#00ff7F"), Category(2, "Water", "", "blue"))
    statistics = Statistics(0.0, 2.0, 1.0, 0.5, 100.0, 0.0, 2.0)
    one = BandFacts(Band("class"), "uint8", None, statistics, Histogram(-0.5, 2.5, (5, 6, 7)), PIXEL_CHECKSUM, 8)
    return product(folder, "landcover", kind=RasterKind.CATEGORICAL, bands=(one,), categories=classes, preset="categorical")


def agencies() -> tuple[Agency, ...]:
    """One office under two names, as after a merger."""
    common: dict[str, Any] = {
        "code": "qn-sonnmt",
        "address": "Hạ Long",
        "phone": "0203 3835 123",
        "email": "office@example.vn",
        "url": "https://example.vn",
        "source": "test",
        "verified": "unverified",
    }
    return (
        Agency(name_vi="Sở Tài nguyên và Môi trường", name_en="Department of Natural Resources", valid_to=date(2025, 2, 28), **common),
        Agency(name_vi="Sở Nông nghiệp và Môi trường", name_en="Department of Agriculture", valid_from=date(2025, 3, 1), **common),
    )


def collection_definition(**changes: Any) -> CollectionDefinition:
    values: dict[str, Any] = {
        "id": "spot",
        "title": {"vi": "Ảnh SPOT", "en": "SPOT imagery"},
        "description": {"vi": "Ảnh vệ tinh SPOT của tỉnh.", "en": "SPOT satellite imagery of the province."},
        "keywords": {"vi": ("ảnh vệ tinh", "SPOT"), "en": ("satellite imagery", "SPOT")},
        "license": "CC-BY-4.0",
        "license_url": "https://creativecommons.org/licenses/by/4.0/",
        "providers": (
            Provider(name="Airbus", roles=(Role.PRODUCER,), url="https://airbus.example"),
            Provider(agency="qn-sonnmt", roles=(Role.LICENSOR,)),
        ),
        "access": Access.PUBLIC,
        "themes": ("coast",),
        "origin": "open_data",
    }
    return CollectionDefinition(**(values | changes))


def definition(**changes: Any) -> Definition:
    values: dict[str, Any] = {
        "id": "quang-ninh",
        "title": {"vi": "Danh mục ảnh viễn thám", "en": "Remote sensing catalogue"},
        "description": {"vi": "Ảnh viễn thám của tỉnh.", "en": "Remote sensing imagery of the province."},
        "host": "qn-sonnmt",
        "agencies": agencies(),
        "attribution": {"vi": "Nguồn: Sở", "en": "Source: Department"},
        "collections": (collection_definition(),),
    }
    return Definition(**(values | changes))


def order(**changes: Any) -> Order:
    values: dict[str, Any] = {
        "id": "spot-2019",
        "title": {"vi": "Mua ảnh SPOT 2019", "en": "SPOT purchase 2019"},
        "contract_no": "12/2019/HĐ",
        "contract_date": date(2019, 5, 2),
        "supplier": "Công ty A",
        "origin": "foreign_purchase",
        "funding": ("state_local",),
        "licence": "Airbus multi-user EULA",
        "licence_scope": "multi-agency province",
        "licence_expires": date(2029, 5, 2),
        "licence_url": "https://example.org/eula",
        "received": date(2019, 7, 1),
        "project": "P-07",
        "paths": ("2019/*",),
    }
    return Order(**(values | changes))


def assignment(order: Order | None = None, access: Access = Access.PUBLIC, **changes: Any) -> Assignment:
    return Assignment(collection_definition(**changes), access, f"collection spot says {access.value}", order)


def item(folder: Path, item_id: str = "spot7-20190605", **changes: Any) -> Item:
    """An item of the default delivery; ``changes`` replace ``delivery``, ``raster``, ``assignment`` or ``definition``."""
    return make_item(
        changes.get("delivery") or delivery(item_id),
        changes.get("raster") or raster(folder),
        changes.get("assignment") or assignment(),
        changes.get("definition") or definition(),
        folder,
    )


def linked(json: Json) -> Json:
    """``json`` with the structural links of an item, as a release would give them."""
    links = [
        {"rel": "root", "href": "../../../catalog.json", "type": "application/json", "title": "Root"},
        {"rel": "parent", "href": "../../collection.json", "type": "application/json", "title": "Parent"},
        {"rel": "collection", "href": "../../collection.json", "type": "application/json", "title": "Collection"},
    ]
    return {**json, "links": [*links, *json["links"]]}
