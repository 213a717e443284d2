"""One DIMAP 2 product document: what it says of the scene, its files and its bands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from lxml import etree

from catalog_builder.archive import sensors
from catalog_builder.archive.commercial import RADIANCE_UNIT, RASTER_SUFFIXES, Claims, follow
from catalog_builder.archive.delivery import ArchiveFile, Band, FileRole, Folder, RasterSource
from catalog_builder.archive.dimap import LEVEL_RULE, LEVELS, Tile, beside, own_text, resolve_tiles
from catalog_builder.archive.xmltree import Tree
from catalog_builder.facts import Field
from catalog_builder.findings import Finding
from catalog_builder.times import Precision, When, parse_iso

STRIP = "Dataset_Sources/Source_Identification/Strip_Source"
SETTINGS = "Processing_Information/Product_Settings"
DELIVERY = "Product_Information/Delivery_Identification"
VALUES = "Geometric_Data/Use_Area/Located_Geometric_Values"

SAME_ACQUISITION = timedelta(seconds=5)
"""PAN and MS of one look start within a second; the looks of a stereo pair lie ten seconds or more apart."""

_PANCHROMATIC = frozenset({"P", "PAN", "PA"})


def describe(tree: Tree, claims: Claims) -> None:
    """Claim everything that the product document says."""
    _identity(tree, claims)
    _time(tree, claims)
    _angles(tree, claims)
    _place(tree, claims)
    size, path = spacing(tree)
    claims.number(Field.GSD, size, tree.source(path), 0.05, 1000)
    cloud, depth = "Dataset_Content/CLOUD_COVERAGE", "Radiometric_Data/Dynamic_Range/PRODUCT_RANGE"
    claims.number(Field.CLOUD_COVER, tree.number(cloud), tree.source(cloud), 0, 100)
    bits = tree.number(depth)
    claims.add(Field.BIT_DEPTH, int(bits) if bits and 1 <= bits <= 64 else None, tree.source(depth))


def _identity(tree: Tree, claims: Claims) -> None:
    name, platform = platform_text(tree), None
    if name:
        platform = claims.platform(name, tree.source(f"{STRIP}/MISSION"))
    instrument = own_text(tree, f"{STRIP}/INSTRUMENT")
    if instrument:
        named = sensors.instruments(instrument)
        if not named and platform and len(platform.instruments) == 1:
            named = platform.instruments  # Pleiades calls its instrument PHR, as the satellite
        claims.add(Field.INSTRUMENTS, named or (instrument,), tree.source(f"{STRIP}/INSTRUMENT"))
    level = own_text(tree, f"{SETTINGS}/PROCESSING_LEVEL")
    claims.add(Field.PROCESSING_LEVEL, level, tree.source(f"{SETTINGS}/PROCESSING_LEVEL"))
    claims.national_level(level, LEVELS, tree.source(f"{SETTINGS}/PROCESSING_LEVEL"), LEVEL_RULE)
    for field, path in (
        (Field.IMAGING_MODE, f"{SETTINGS}/SPECTRAL_PROCESSING"),
        (Field.SCENE_NAME, "Dataset_Identification/DATASET_NAME"),
        (Field.PRODUCT_ID, "Dataset_Identification/DATASET_NAME"),
        (Field.PRODUCT_TYPE, f"{DELIVERY}/PRODUCT_CODE"),
        (Field.ORDER_ID, f"{DELIVERY}/Order_Identification/COMMERCIAL_REFERENCE"),
        (Field.CATALOG_ID, "Dataset_Sources/Source_Identification/SOURCE_ID"),
    ):
        claims.add(field, own_text(tree, path), tree.source(path))
    if not claims.has(Field.ORDER_ID):
        claims.add(Field.ORDER_ID, own_text(tree, f"{DELIVERY}/JOB_ID"), tree.source(f"{DELIVERY}/JOB_ID"))
    if own_text(tree, f"{DELIVERY}/PRODUCTION_DATE"):
        claims.when(Field.PRODUCED, tree.text(f"{DELIVERY}/PRODUCTION_DATE"), tree.source(f"{DELIVERY}/PRODUCTION_DATE"))
    facility = "Processing_Information/Production_Facility/SOFTWARE"
    software, version = own_text(tree, facility), tree.text(f"{facility}/@version")
    claims.add(Field.SOFTWARE, f"{software} {version}" if software and version else software, tree.source(facility))


def platform_text(tree: Tree) -> str | None:
    """Mission and index as the document writes them: ``SPOT 7``, ``PHR 1A``, ``PNEO 3``."""
    mission, index = own_text(tree, f"{STRIP}/MISSION"), own_text(tree, f"{STRIP}/MISSION_INDEX")
    return f"{mission} {index}" if mission and index else mission


def _time(tree: Tree, claims: Claims) -> None:
    source = tree.source(f"{STRIP}/IMAGING_DATE, IMAGING_TIME")
    moments = [m for text in imaging_times(tree) if (m := claims.moment(text, source)) is not None]
    if not moments:
        centre = _centre(tree)
        text = tree.text("TIME", centre) if centre is not None else None
        claims.when(Field.ACQUIRED, text, tree.source(f"{VALUES}/TIME"))
        return
    first, last = min(m.start for m in moments), max(m.end or m.start for m in moments)
    if last - first <= SAME_ACQUISITION:
        claims.add(Field.ACQUIRED, min(moments, key=lambda m: m.start), source)
    elif all(m.precision is Precision.DAY for m in moments) and len({m.start for m in moments}) == 1:
        claims.add(Field.ACQUIRED, moments[0], source)
    else:  # a mosaic of several strips
        claims.add(Field.ACQUIRED, When.between(first, last), source)


def imaging_times(tree: Tree) -> Iterator[str]:
    """Date and time of each source strip, as ISO text; the date alone where the time is missing."""
    for strip in tree.all(STRIP):
        date, time = tree.text("IMAGING_DATE", strip), tree.text("IMAGING_TIME", strip)
        if date and date != "IMAGING_DATE":
            yield f"{date}T{time}" if time and time != "IMAGING_TIME" else date


def _centre(tree: Tree) -> etree._Element | None:
    """The geometric values at the centre of the scene, else the middle ones of the list."""
    values = tree.all(VALUES)
    for value in values:
        if (tree.text("LOCATION_TYPE", value) or "").lower() == "center":
            return value
    return values[len(values) // 2] if values else None


def _angles(tree: Tree, claims: Claims) -> None:
    centre = _centre(tree)
    if centre is None:
        return

    def angle(name: str) -> float | None:
        return tree.number(f"Acquisition_Angles/{name}", centre)

    where = f"{VALUES}[Center]"
    claims.azimuth(Field.VIEW_AZIMUTH, angle("AZIMUTH_ANGLE"), tree.source(f"{where}/Acquisition_Angles/AZIMUTH_ANGLE"))
    for field, name in ((Field.OFF_NADIR, "VIEWING_ANGLE"), (Field.INCIDENCE_ANGLE, "INCIDENCE_ANGLE")):
        value = angle(name)
        claims.number(field, None if value is None else abs(value), tree.source(f"{where}/Acquisition_Angles/{name}"), 0, 90)
    sun = "Solar_Incidences"
    claims.azimuth(Field.SUN_AZIMUTH, tree.number(f"{sun}/SUN_AZIMUTH", centre), tree.source(f"{where}/{sun}/SUN_AZIMUTH"))
    claims.number(Field.SUN_ELEVATION, tree.number(f"{sun}/SUN_ELEVATION", centre), tree.source(f"{where}/{sun}/SUN_ELEVATION"), -90, 90)


def _place(tree: Tree, claims: Claims) -> None:
    extent = "Dataset_Content/Dataset_Extent/Vertex"
    claims.footprint(((tree.number("LON", v), tree.number("LAT", v)) for v in tree.all(extent)), tree.source(extent))
    code, path = crs_code(tree)
    claims.add(Field.DECLARED_CRS, code, tree.source(path))


def crs_code(tree: Tree) -> tuple[str | None, str]:
    """``EPSG:n`` of the pixels and where it stands; a product in sensor geometry has none, whatever its corners are given in."""
    crs = "Coordinate_Reference_System"
    placed = tree.number("Geoposition/Geoposition_Insert/ULXMAP") is not None
    rectified = placed or tree.text("Geoposition/Raster_CRS/RASTER_GEOMETRY") == "RECTIFIED"
    for kind in ("Projected", "Geodetic", "Geographic"):
        path = f"{crs}/{kind}_CRS/{kind.upper()}_CRS_CODE"
        match = re.search(r"EPSG:(?:[\d.]*:)?(\d+)$", tree.text(path) or "")
        if match and (rectified or kind == "Projected"):
            return f"EPSG:{match.group(1)}", path
    return None, ""


def spacing(tree: Tree) -> tuple[float | None, str]:
    """Pixel spacing of the product in metres, and where it stands: resampling, grid, else what was measured at the centre."""
    path = f"{SETTINGS}/Sampling_Settings/RESAMPLING_SPACING"
    if (value := tree.number(path)) and tree.text(f"{path}/@unit") in (None, "m"):
        return value, path
    path = "Geoposition/Geoposition_Insert/XDIM"
    if (value := tree.number(path)) and tree.text(f"{path}/@unit") == "m":
        return abs(value), path
    centre = _centre(tree)
    sizes = [] if centre is None else [tree.number(f"Ground_Sample_Distance/GSD_{d}_TRACK", centre) for d in ("ACROSS", "ALONG")]
    known = [s for s in sizes if s is not None]
    return (round(sum(known) / len(known), 4) if known else None), f"{VALUES}[Center]/Ground_Sample_Distance (mean)"


def band_count(tree: Tree) -> int:
    return int(tree.number("Raster_Data/Raster_Dimensions/NBANDS") or 0)


def belong_together(one: Tree | None, other: Tree | None) -> bool:
    """Whether two documents are the parts of one bundle: one platform, level and moment, and not twice the same product."""
    if one is None or other is None:
        return False
    path = f"{SETTINGS}/PROCESSING_LEVEL"
    if platform_text(one) != platform_text(other) or one.text(path) != other.text(path):
        return False
    kind = f"{SETTINGS}/SPECTRAL_PROCESSING"
    if (one.text(kind), band_count(one)) == (other.text(kind), band_count(other)):
        return False
    moments = [_first_moment(one), _first_moment(other)]
    if moments[0] is None or moments[1] is None:
        return False
    return moments[0].overlaps(moments[1], SAME_ACQUISITION)


def _first_moment(tree: Tree) -> When | None:
    for text in imaging_times(tree):
        try:
            return parse_iso(text)
        except ValueError:
            return None  # reported when the document is read
    return None


def listed_files(tree: Tree, folder: Folder) -> Iterator[tuple[ArchiveFile, FileRole]]:
    """Every file that the document names, with its role."""
    for path in tree.all("//DATA_FILE_PATH"):
        if file := follow(folder, path.get("href"), tree.file, []):
            yield file, FileRole.RASTER
    for component in tree.all("//Component"):
        href = tree.text("COMPONENT_PATH/@href", component) or ""
        if file := follow(folder, href, tree.file, []):
            name = file.basename.upper()
            yield file, FileRole.RPC if name.startswith("RPC") else FileRole.MASK if "_MSK" in name else FileRole.METADATA
    for name in ("DATASET_QL_PATH", "DATASET_TN_PATH"):
        for path in tree.all(f"//{name}"):
            if file := follow(folder, path.get("href"), tree.file, []):
                yield file, FileRole.BROWSE
    for file in images_by_name(tree.file, folder):
        yield file, FileRole.RASTER
        yield from ((side, FileRole.GEOREFERENCE) for side in beside(folder, file))


def images_by_name(document: ArchiveFile, folder: Folder) -> list[ArchiveFile]:
    """``IMG_x_R#C#`` images beside ``DIM_x.XML``, the naming rule for documents that list no files."""
    base = re.escape(re.sub(r"^DIM_", "", document.stem, flags=re.IGNORECASE))
    pattern = re.compile(rf"IMG_{base}(?:_R\d+C\d+)?", re.IGNORECASE)
    return [f for f in folder.files if f.suffix in RASTER_SUFFIXES and pattern.fullmatch(f.stem)]


def rasters(tree: Tree, folder: Folder, findings: list[Finding]) -> Iterator[RasterSource]:
    """One raster for each group of data files (Pleiades Neo delivers its six bands as an RGB and a NED group)."""
    groups = tree.all("Raster_Data/Data_Access/Data_Files") or tree.all("Raster_Data/Data_Access")
    listed = False
    for group in groups:
        tiles = [
            Tile(href, int(float(f.get("tile_R") or 1)), int(float(f.get("tile_C") or 1)))
            for f in tree.all("Data_File", group)
            if (href := tree.text("DATA_FILE_PATH/@href", f))
        ]
        listed = listed or bool(tiles)
        yield from _raster(tree, folder, group if len(groups) > 1 else None, resolve_tiles(folder, tiles, tree.file, findings))
    if not listed:
        named = [(_named_tile(f), f) for f in images_by_name(tree.file, folder)]
        yield from _raster(tree, folder, None, sorted(named, key=lambda t: (t[0].row, t[0].column)))


def _named_tile(file: ArchiveFile) -> Tile:
    match = re.search(r"_R(\d+)C(\d+)$", file.stem, re.IGNORECASE)
    return Tile(file.basename, int(match.group(1)), int(match.group(2))) if match else Tile(file.basename, 1, 1)


def _raster(tree: Tree, folder: Folder, group: etree._Element | None, tiles: list[tuple[Tile, ArchiveFile]]) -> Iterator[RasterSource]:
    if not tiles:
        return
    described = bands(tree, group)
    files = tuple(f for _, f in tiles)
    size, _ = spacing(tree)
    sidecars = [s for f in files for s in beside(folder, f)]
    sidecars += [f for f, role in listed_files(tree, folder) if role is FileRole.RPC]
    base = re.sub(r"^DIM_", "", tree.file.stem, flags=re.IGNORECASE)
    if (rpc := folder.file(f"RPC_{base}.XML")) is not None:
        sidecars.append(rpc)
    yield RasterSource(
        key=_key(tree, described, files[0]),
        tiles=files,
        bands=described,
        offsets=_offsets(tree, [t for t, _ in tiles]),
        nodata=_nodata(tree),
        gsd=size,
        sidecars=tuple(dict.fromkeys([*sidecars, tree.file])),
    )


def _key(tree: Tree, described: tuple[Band, ...], first: ArchiveFile) -> str:
    count = len(described) or band_count(tree)
    if count == 1:
        return "pan"
    mode = (own_text(tree, f"{SETTINGS}/SPECTRAL_PROCESSING") or "image").lower()
    part = re.search(r"_(RGB|NED)(?:_R\d+C\d+)?$", first.stem, re.IGNORECASE)
    return f"{mode}-{part.group(1).lower()}" if part else mode


def rekeyed(raster: RasterSource, key: str) -> RasterSource:
    return replace(raster, key=key)


def _offsets(tree: Tree, tiles: list[Tile]) -> tuple[tuple[int, int], ...]:
    """(row, column) of the first pixel of each tile of a regular tiling."""
    tiling = "Raster_Data/Raster_Dimensions/Tile_Set/Regular_Tiling"
    rows, columns = tree.number(f"{tiling}/NTILES_SIZE/@nrows"), tree.number(f"{tiling}/NTILES_SIZE/@ncols")
    if len(tiles) < 2 or not rows or not columns:
        return ()
    over_rows = tree.number(f"{tiling}/OVERLAP_ROW") or tree.number(f"{tiling}/NTILES_OVERLAP/@nrows") or 0
    over_columns = tree.number(f"{tiling}/OVERLAP_COL") or tree.number(f"{tiling}/NTILES_OVERLAP/@ncols") or 0
    return tuple((int((t.row - 1) * (rows - over_rows)), int((t.column - 1) * (columns - over_columns))) for t in tiles)


def _nodata(tree: Tree) -> float | None:
    for special in tree.all("//Raster_Display/Special_Value"):
        if (tree.text("SPECIAL_VALUE_TEXT", special) or "").upper() == "NODATA":
            return tree.number("SPECIAL_VALUE_COUNT", special)
    return None


def bands(tree: Tree, group: etree._Element | None) -> tuple[Band, ...]:
    """Bands in file order, from the index list (of the file group where it has its own); () when the document has no list."""
    lists = tree.all("Raster_Display/Raster_Index_List", group) if group is not None else tree.all("//Raster_Index_List")
    if not lists:
        return _single_band(tree)
    indexed = [(tree.number("BAND_INDEX", e), tree.text("BAND_ID", e)) for e in tree.all("Raster_Index", lists[0])]
    ordered = sorted((int(i), name) for i, name in indexed if i is not None and name)
    if [i for i, _ in ordered] != list(range(1, len(indexed) + 1)):
        return ()
    return tuple(_band(tree, name) for _, name in ordered)


def _single_band(tree: Tree) -> tuple[Band, ...]:
    names = {tree.text("BAND_ID", e) for e in tree.all("//Band_Spectral_Range")}
    if band_count(tree) == 1 and len(names) == 1 and (name := names.pop()) in _PANCHROMATIC:
        return (_band(tree, str(name)),)
    return ()


def _band(tree: Tree, name: str) -> Band:
    """The band under the name its users know, with measured limits and gains where the document gives them."""
    band = sensors.bands(platform_text(tree) or "", None, [name])[0]
    size, _ = spacing(tree)
    band = replace(band, gsd=size) if size else band
    for entry in tree.all("//Band_Spectral_Range"):
        limits = _limits(tree, entry) if tree.text("BAND_ID", entry) == name else None
        if limits is not None:
            centre, width = round(sum(limits) / 2, 5), round(limits[1] - limits[0], 5)
            band = replace(band, center_wavelength=centre, full_width_half_max=width, unverified=False)
    if tree.text(f"{SETTINGS}/Radiometric_Settings/RADIOMETRIC_PROCESSING") != "BASIC":
        return band  # reflectance and display products no longer hold the counts that the gains are for
    for entry in tree.all("//Band_Radiance"):
        gain, bias = tree.number("GAIN", entry), tree.number("BIAS", entry)
        if tree.text("BAND_ID", entry) == name and gain and bias is not None and "DN/GAIN+BIAS" in (tree.text("MEASURE_DESC", entry) or ""):
            band = replace(band, scale=1 / gain, offset=bias, unit=RADIANCE_UNIT)
    return band


def _limits(tree: Tree, entry: etree._Element) -> tuple[float, float] | None:
    """Lower and upper limit of a measured band in micrometres; Pleiades Neo puts them one level deeper."""
    low = tree.number("MIN", entry) or tree.number("FWHM/MIN", entry)
    high = tree.number("MAX", entry) or tree.number("FWHM/MAX", entry)
    unit = (tree.text("MEASURE_UNIT", entry) or "").lower()
    factor = 1.0 if unit.startswith("micrometer") else 1e-3 if unit.startswith("nanometer") else None
    if low is None or high is None or factor is None or not 0.2 < low * factor < high * factor < 20:
        return None
    return low * factor, high * factor
