"""The files, rasters and bands of one DIMAP 2 product document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from catalog_builder.archive import sensors
from catalog_builder.archive.airbus_product import SETTINGS, band_count, platform_text, spacing
from catalog_builder.archive.claims import RADIANCE_UNIT, RASTER_SUFFIXES, follow
from catalog_builder.archive.commercial_findings import RPC_UNUSABLE
from catalog_builder.archive.delivery import ArchiveFile, Band, FileRole, Folder, RasterSource
from catalog_builder.archive.dimap import Tile, beside, own_text, resolve_tiles
from catalog_builder.archive.xmltree import Tree, parse_xml, to_number
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.findings import Finding

MODEL_NUMBERS = (
    "LONG_OFF",
    "LAT_OFF",
    "LINE_OFF",
    "SAMP_OFF",
    "HEIGHT_OFF",
    "LONG_SCALE",
    "LAT_SCALE",
    "SAMP_NUM_COEFF_1",
    "LINE_DEN_COEFF_20",
)
"""A few of the numbers of a rational function model, enough to tell a model from a template."""

CALIBRATIONS = {
    "BASIC": ("Band_Radiance", "L=DN/GAIN+BIAS", RADIANCE_UNIT),
    "REFLECTANCE": ("Band_Reflectance", "RHO=RHO'/GAIN+BIAS", None),
}
"""For each radiometric processing the measurement that its counts are for, the formula it must state, and the unit it gives."""

PARTS = {"R": "R", "G": "G", "B": "B", "N": "NIR", "E": "RE", "D": "DB"}
"""Letters in the names of Pleiades Neo band groups and the bands they stand for."""

_PANCHROMATIC = frozenset({"P", "PAN", "PA"})


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


MAX_TILES = 10_000
"""Rows or columns of tiles beyond any product."""


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
            Tile(href, _position(f.get("tile_R")), _position(f.get("tile_C")))
            for f in tree.all("Data_File", group)
            if (href := tree.text("DATA_FILE_PATH/@href", f))
        ]
        listed = listed or bool(tiles)
        yield from _raster(tree, folder, group if len(groups) > 1 else None, resolve_tiles(folder, tiles, tree.file, findings), findings)
    if not listed:
        named = [(_named_tile(f), f) for f in images_by_name(tree.file, folder)]
        yield from _raster(tree, folder, None, sorted(named, key=lambda t: (t[0].row, t[0].column)), findings)


def _position(text: str | None) -> int:
    """A row or column of tiles, from 1; a product of one tile may leave it out, and nonsense means no more than that."""
    value = to_number(text or "")
    return int(value) if value is not None and 1 <= value <= MAX_TILES else 1


def _named_tile(file: ArchiveFile) -> Tile:
    match = re.search(r"_R(\d+)C(\d+)$", file.stem, re.IGNORECASE)
    return Tile(file.basename, int(match.group(1)), int(match.group(2))) if match else Tile(file.basename, 1, 1)


def _raster(
    tree: Tree, folder: Folder, group: etree._Element | None, tiles: list[tuple[Tile, ArchiveFile]], findings: list[Finding]
) -> Iterator[RasterSource]:
    if not tiles:
        return
    described = bands(tree, group)
    files = tuple(f for _, f in tiles)
    size, _ = spacing(tree)
    sidecars = [s for f in files for s in beside(folder, f)]
    sidecars += _models(tree, folder, findings)
    yield RasterSource(
        key=_key(tree, described, files[0]),
        tiles=files,
        bands=described,
        offsets=_offsets(tree, [t for t, _ in tiles]),
        nodata=_nodata(tree),
        gsd=size,
        sidecars=tuple(dict.fromkeys([*sidecars, tree.file])),
    )


def _models(tree: Tree, folder: Folder, findings: list[Finding]) -> list[ArchiveFile]:
    """RPC files of the product, by reference and by name; those that hold no numbers would make the image unreadable."""
    files = {f.name: f for f, role in listed_files(tree, folder) if role is FileRole.RPC}
    base = re.sub(r"^DIM_", "", tree.file.stem, flags=re.IGNORECASE)
    if (named := folder.file(f"RPC_{base}.XML")) is not None:
        files[named.name] = named
    usable = []
    for file in files.values():
        if (problem := unusable_model(file)) is None:
            usable.append(file)
        elif (finding := RPC_UNUSABLE(file.name, key=problem)) not in findings:
            findings.append(finding)
    return usable


def unusable_model(file: ArchiveFile) -> str | None:
    """What keeps an RPC document from being used: the first element that should be a number and is none; None when it is whole."""
    try:
        tree = parse_xml(file)
    except UnreadableDelivery:
        return "XML"
    return next((key for key in MODEL_NUMBERS if tree.number(f"//{key}") is None), None)


def _key(tree: Tree, described: tuple[Band, ...], first: ArchiveFile) -> str:
    count = len(described) or band_count(tree)
    if count == 1:
        return "pan"
    mode = (own_text(tree, f"{SETTINGS}/SPECTRAL_PROCESSING") or "image").lower()
    part = re.search(r"_(RGB|NED)(?:_R\d+C\d+)?$", first.stem, re.IGNORECASE)
    return f"{mode}-{part.group(1).lower()}" if part else mode


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
    names = [name for _, name in ordered]
    if [i for i, _ in ordered] != list(range(1, len(indexed) + 1)):
        names = _order_of_part(tree, group, names)
    return tuple(_band(tree, name) for name in names)


def _order_of_part(tree: Tree, group: etree._Element | None, names: list[str]) -> list[str]:
    """Band order where the indexes are wrong, as the NED files of Pleiades Neo number theirs 4, 2, 3: the letters of the file name
    say it. [] where they do not."""
    hrefs = [p.get("href") or "" for p in tree.all("Data_File/DATA_FILE_PATH", group)] if group is not None else []
    match = re.search(r"_(RGB|NED)(?:_R\d+C\d+)?\.", hrefs[0], re.IGNORECASE) if hrefs else None
    expected = [PARTS[letter] for letter in match.group(1).upper()] if match else []
    return expected if sorted(expected) == sorted(names) else []


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
    processing = tree.text(f"{SETTINGS}/Radiometric_Settings/RADIOMETRIC_PROCESSING")
    if processing not in CALIBRATIONS:
        return band  # display products no longer hold the counts that the gains are for
    measure, formula, unit = CALIBRATIONS[processing]
    for entry in tree.all(f"//{measure}"):
        gain, bias = tree.number("GAIN", entry), tree.number("BIAS", entry)
        if tree.text("BAND_ID", entry) == name and gain and bias is not None and formula in (tree.text("MEASURE_DESC", entry) or ""):
            band = replace(band, scale=1 / gain, offset=bias, unit=unit)
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
