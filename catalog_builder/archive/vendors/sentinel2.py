"""Sentinel-2 in SAFE: levels 1C and 2A, the compact naming since 2016 and the older products with several granules.

Element names are those of the Sentinel-2 Products Specification Document (S2-PDGS-TAS-DI-PSD). Reflectance is
``(DN + offset) / quantification`` with the offset (since baseline 04.00) and quantification that the product itself states.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from lxml import etree

from catalog_builder.archive import public
from catalog_builder.archive.claims import Claims, ring
from catalog_builder.archive.delivery import ArchiveFile, FileRole, Folder, GroundControlPoint, RasterSource, Reading, SceneFiles
from catalog_builder.archive.public_findings import BAND_PLACEHOLDER, BANDS_MISSING
from catalog_builder.archive.rasterheader import RasterHeader
from catalog_builder.archive.sentinel2_bands import Radiometry, is_band, radiometry, rasters_of
from catalog_builder.archive.xmltree import Tree, parse_xml, root_name
from catalog_builder.facts import Field, Origin, Source
from catalog_builder.findings import Finding

PRODUCT_ROOTS = frozenset({"Level-1C_User_Product", "Level-2A_User_Product"})
TILE_ROOTS = frozenset({"Level-1C_Tile_ID", "Level-2A_Tile_ID"})
PARTS = frozenset({"granule", "datastrip", "html", "rep_info", "aux_data", "inspire"})
"""Folders of a SAFE product, in lower case."""

NATIONAL_LEVELS = {"LEVEL-1C": "3A", "LEVEL-2A": "3A", "LEVEL-2AP": "3A"}
"""Both are orthorectified with a DEM and refined on reference images, which TT 10/2015/TT-BTNMT, as we read it, calls 3A."""


@dataclass(frozen=True, slots=True)
class Sentinel2Safe:
    """The format: one scene per granule (tile) of a product."""

    name: str = "sentinel-2-safe"

    def find(self, folder: Folder) -> Iterable[SceneFiles]:
        lonely = _tile_file(folder.files)  # a granule without its product: one of a product is claimed before it is met
        if lonely is not None:
            yield _with_roles(public.scene(self.name, lonely, folder, folder.walk()))
        for product in folder.files:
            if product.suffix != ".xml" or root_name(product) not in PRODUCT_ROOTS:
                continue
            granules = _granules(folder)
            shared = list(_product_files(folder))
            if len(granules) < 2:
                own = [f for g in granules for f in g.walk()]
                yield _with_roles(public.scene(self.name, product, folder, [*shared, *own]))
                continue
            for granule in granules:
                tile = _tile_file(granule.files)
                if tile is not None:
                    yield _with_roles(public.scene(self.name, tile, folder, [product, *shared, *granule.walk()]))

    def read(self, scene: SceneFiles) -> Reading:
        claims = Claims()
        product = _tree_of(scene, PRODUCT_ROOTS)
        tile = _tree_of(scene, TILE_ROOTS)
        alone = product is not None and product.file.name == scene.key.name
        if product is not None:
            _claim_product(product, claims, alone)
        if tile is not None:
            _claim_tile(tile, claims, named=not alone)
        if product is None and tile is not None:
            _claim_lonely(tile, claims)
        if product is not None and not claims.has(Field.ACQUIRED):
            start = next((p for p in ("//DATATAKE_SENSING_START", "//PRODUCT_START_TIME") if product.text(p)), "//PRODUCT_START_TIME")
            claims.when(Field.ACQUIRED, product.text(start), product.source(start))
        calibration = radiometry(product) if product is not None else Radiometry()
        sources = rasters_of(scene.with_role(FileRole.RASTER), calibration)
        _claim_gsd(product, tile, sources, claims)
        if product is not None and alone:
            _report_missing(scene, product, sources, claims.findings)
        usable = public.usable(sources, claims.findings)
        placed = [p for source, header in usable if (p := _placed(source, header, tile, claims.findings)) is not None]
        return Reading(tuple(claims.claims), public.shown_first(placed), tuple(claims.findings))


def _granules(folder: Folder) -> list[Folder]:
    return [g for f in folder.folders if public.last_part(f).upper() == "GRANULE" for g in f.folders]


def _product_files(folder: Folder) -> Iterator[ArchiveFile]:
    """What belongs to the product as a whole. Outside a ``.SAFE`` folder only files that are surely its own are taken."""
    safe = public.last_part(folder).upper().endswith(".SAFE")
    for file in folder.files:
        if safe or re.match(r"(?i)manifest\.safe|inspire\.xml|S2[A-D]_|MTD_MSI", file.basename):
            yield file
    for sub in folder.folders:
        name = public.last_part(sub).lower()
        if name != "granule" and (safe or name in PARTS):
            yield from sub.walk()


def _tile_file(files: Iterable[ArchiveFile]) -> ArchiveFile | None:
    return next((f for f in files if f.suffix == ".xml" and root_name(f) in TILE_ROOTS), None)


def _with_roles(scene: SceneFiles) -> SceneFiles:
    """Quicklooks and masks of ``QI_DATA`` are images too, but not pixels of the scene; records of processing are not its metadata."""

    def role(file: ArchiveFile, given: FileRole) -> FileRole:
        if given is FileRole.RASTER and ("/qi" in file.name.lower().rpartition("/")[0] or not is_band(file)):
            return FileRole.BROWSE if "_PVI" in file.basename or "BWI" in file.basename else FileRole.MASK
        if given is FileRole.METADATA and re.search(r"/(DATASTRIP|QI_DATA|AUX_DATA)/", file.name):
            return FileRole.OTHER  # logs of the processing: megabytes of which nothing describes the scene
        return given

    return SceneFiles(scene.format, scene.key, scene.folder, tuple((f, role(f, r)) for f, r in scene.files))


def _tree_of(scene: SceneFiles, roots: frozenset[str]) -> Tree | None:
    """The metadata of the product or of the tile.

    Raises:
        UnreadableDelivery: it is there but cannot be read.
    """
    candidates = [f for f in scene.with_role(FileRole.METADATA) if f.suffix == ".xml" and "_DATA/" not in f.name]
    file = next((f for f in candidates if root_name(f) in roots), None)
    return None if file is None else parse_xml(file)


def _claim_product(tree: Tree, claims: Claims, alone: bool) -> None:
    def text(path: str) -> tuple[str | None, Source]:
        return tree.text(path), tree.source(path)

    uri, source = next(
        (found for k in ("PRODUCT_URI", "PRODUCT_URI_2A", "PRODUCT_URI_1C") if (found := text(f"//{k}"))[0]), text("//PRODUCT_URI")
    )
    name = re.sub(r"(?i)\.SAFE$", "", uri) if uri else None
    claims.add(Field.PRODUCT_ID, name, source)
    if alone:
        claims.add(Field.SCENE_NAME, name, source)
        _claim_footprint(tree, claims)
        claims.number(Field.CLOUD_COVER, tree.number("//Cloud_Coverage_Assessment"), tree.source("//Cloud_Coverage_Assessment"), 0, 100)
    known = claims.platform(*text("//SPACECRAFT_NAME"))
    kind, source = text("//PRODUCT_TYPE")
    claims.add(Field.PRODUCT_TYPE, kind, source)
    if kind and "MSI" in kind:
        claims.add(Field.INSTRUMENTS, ("MSI",), source)
    else:
        public.claim_only_instrument(known, claims)
    level, source = text("//PROCESSING_LEVEL")
    claims.add(Field.PROCESSING_LEVEL, level, source)
    claims.national_level(level, NATIONAL_LEVELS, source, "domain 2.4")
    claims.when(Field.PRODUCED, *text("//GENERATION_TIME"))
    baseline, source = text("//PROCESSING_BASELINE")
    claims.add(Field.SOFTWARE, f"Sentinel-2 processing baseline {baseline}" if baseline else None, source)
    take, source = text("//Datatake/@datatakeIdentifier")
    claims.add(Field.CATALOG_ID, take, source)
    orbit = re.match(r"G\w+?_\d{8}T\d{6}_(\d{6})_", take or "")
    claims.add(Field.ABSOLUTE_ORBIT, int(orbit.group(1)) if orbit else None, source)
    public.claim_whole(tree, claims, Field.RELATIVE_ORBIT, "//SENSING_ORBIT_NUMBER")
    public.claim_lower(tree, claims, Field.ORBIT_STATE, "//SENSING_ORBIT_DIRECTION")


def _claim_tile(tree: Tree, claims: Claims, named: bool) -> None:
    """Claims of a tile's own metadata: when the tile itself was sensed, its angles, grid and clouds."""
    tile_id, source = tree.text("//TILE_ID"), tree.source("//TILE_ID")
    code = re.search(r"_T(\d{2}[A-Z]{3})(?:_|$)", tile_id or "")
    claims.add(Field.GRID_CODE, f"MGRS-{code.group(1)}" if code else None, source)
    if named:
        claims.add(Field.SCENE_NAME, tile_id, source)
    claims.when(Field.ACQUIRED, tree.text("//SENSING_TIME"), tree.source("//SENSING_TIME"))
    claims.number(Field.CLOUD_COVER, tree.number("//CLOUDY_PIXEL_PERCENTAGE"), tree.source("//CLOUDY_PIXEL_PERCENTAGE"), 0, 100)
    zenith = tree.number("//Mean_Sun_Angle/ZENITH_ANGLE")
    elevation = None if zenith is None else round(90 - zenith, 9)
    claims.number(Field.SUN_ELEVATION, elevation, tree.source("90 - //Mean_Sun_Angle/ZENITH_ANGLE"), -90, 90)
    claims.azimuth(Field.SUN_AZIMUTH, tree.number("//Mean_Sun_Angle/AZIMUTH_ANGLE"), tree.source("//Mean_Sun_Angle/AZIMUTH_ANGLE"))
    _claim_view(tree, claims)
    crs, source = tree.text("//HORIZONTAL_CS_CODE"), tree.source("//HORIZONTAL_CS_CODE")
    crs = crs.upper() if crs and re.fullmatch(r"(?i)EPSG:\d{4,6}", crs) else None
    claims.add(Field.DECLARED_CRS, crs, source)
    if crs is not None and not claims.has(Field.FOOTPRINT):
        claims.footprint(_tile_outline(tree, crs), Source(Origin.COMPUTED, tree.file.name, "//Geoposition and //Size, projected"))


def _claim_lonely(tree: Tree, claims: Claims) -> None:
    """What the identifier of a tile says when its product is not there: ``S2A_OPER_MSI_L1C_TL_…``."""
    match = re.match(r"(S2[A-D])_[A-Z0-9]{4}_MSI_(L\w{2,3})_TL_", tree.text("//TILE_ID") or "")
    if match:
        claims.platform(match.group(1), tree.source("//TILE_ID"))
        claims.add(Field.INSTRUMENTS, ("MSI",), tree.source("//TILE_ID"))
        level = f"Level-{match.group(2)[1:]}"
        claims.add(Field.PROCESSING_LEVEL, level, tree.source("//TILE_ID"))
        claims.national_level(level, NATIONAL_LEVELS, tree.source("//TILE_ID"), "domain 2.4")


def _claim_view(tree: Tree, claims: Claims) -> None:
    """Mean of the bands' mean viewing angles; azimuths as directions, so that 359 and 1 meet at north."""
    views = tree.all("//Mean_Viewing_Incidence_Angle")
    zeniths = [z for v in views if (z := tree.number("ZENITH_ANGLE", v)) is not None]
    azimuths = [math.radians(a) for v in views if (a := tree.number("AZIMUTH_ANGLE", v)) is not None]
    source = tree.source("mean of //Mean_Viewing_Incidence_Angle")
    if zeniths:
        claims.number(Field.INCIDENCE_ANGLE, round(sum(zeniths) / len(zeniths), 6), source, 0, 90)
    if azimuths:
        mean = math.degrees(math.atan2(sum(map(math.sin, azimuths)), sum(map(math.cos, azimuths)))) % 360
        claims.azimuth(Field.VIEW_AZIMUTH, round(mean, 6), source)


def _claim_footprint(tree: Tree, claims: Claims) -> None:
    """The outline of the product, when it is one ring (``lat lon lat lon …``, in old products with heights)."""
    texts = [tree.text(".", e) or "" for e in tree.all("//Global_Footprint/EXT_POS_LIST")]
    if len(texts) != 1:
        return
    numbers = [float(t) for t in texts[0].split() if re.fullmatch(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", t)]
    step = 3 if len(numbers) % 3 == 0 and numbers[:2] == numbers[-3:-1] and numbers[:2] != numbers[-2:] else 2
    outline = ring(zip(numbers[1::step], numbers[0::step], strict=False))
    claims.footprint(outline or (), tree.source("//Global_Footprint/EXT_POS_LIST"))


@dataclass(frozen=True, slots=True)
class _Grid:
    """The grid of a tile at one resolution, as its metadata states it; metres in the CRS of the tile."""

    columns: int
    rows: int
    left: float
    top: float
    right: float
    bottom: float


def _grid(tree: Tree, resolution: int) -> _Grid | None:
    def at(path: str) -> etree._Element | None:
        return next((e for e in tree.all(path) if e.get("resolution") == str(resolution)), None)

    size, position = at("//Size"), at("//Geoposition")
    if size is None or position is None:
        return None
    values = [tree.number(k, size) for k in ("NCOLS", "NROWS")] + [tree.number(k, position) for k in ("ULX", "ULY", "XDIM", "YDIM")]
    if None in values:
        return None
    columns, rows, left, top, dx, dy = (float(v or 0) for v in values)
    return _Grid(int(columns), int(rows), left, top, left + columns * dx, top + rows * dy)


def _tile_outline(tree: Tree, crs: str) -> list[tuple[float, float]]:
    grid = _grid(tree, 10)
    if grid is None:
        return []
    corners = ((grid.left, grid.top), (grid.right, grid.top), (grid.right, grid.bottom), (grid.left, grid.bottom))
    return public.to_lonlat(crs, corners)


def _placed(source: RasterSource, header: RasterHeader, tile: Tree | None, findings: list[Finding]) -> RasterSource | None:
    """``source`` with a place on the ground. Real bands carry one; where it was stripped the tile's grid gives it back, and an
    image without a place whose size is not the tile's is no band of it but a placeholder."""
    if header.crs_wkt is not None or header.gcps or tile is None:
        return source
    crs, grid = tile.text("//HORIZONTAL_CS_CODE"), _grid(tile, int(source.gsd or 0))
    if crs is None or grid is None or (header.width, header.height) != (grid.columns, grid.rows):
        findings.append(BAND_PLACEHOLDER(source.tiles[0].name, width=header.width, height=header.height))
        return None
    ends = ((0, grid.left), (grid.columns, grid.right)), ((0, grid.top), (grid.rows, grid.bottom))
    points = tuple(GroundControlPoint(column, row, x, y) for column, x in ends[0] for row, y in ends[1])
    return replace(source, gcps=points, gcp_crs=crs.upper())


def _claim_gsd(product: Tree | None, tile: Tree | None, sources: tuple[RasterSource, ...], claims: Claims) -> None:
    delivered = [s.gsd for s in sources if s.primary and s.gsd]
    stated = [n for e in (product.all("//Spectral_Information/RESOLUTION") if product else []) if product and (n := product.number(".", e))]
    tiled = [float(r) for e in (tile.all("//Geoposition") if tile else []) if (r := e.get("resolution", "")).isdecimal()]
    tree = product or tile
    if tree is not None and (delivered or stated or tiled):
        claims.add(Field.GSD, min(delivered or stated or tiled), tree.source("//Spectral_Information/RESOLUTION"))


def _report_missing(scene: SceneFiles, product: Tree, sources: tuple[RasterSource, ...], findings: list[Finding]) -> None:
    listed = [(product.text(".", e) or "").rsplit("/", 1)[-1] for e in product.all("//Granule_List//IMAGE_FILE")]
    present = {f.stem for f in scene.with_role(FileRole.RASTER)}
    missing = [name for name in listed if name and name not in present]
    if sources and missing:
        findings.append(BANDS_MISSING(scene.key.name, listed=len(listed), missing=len(missing), example=missing[0]))


FORMAT = Sentinel2Safe()
