"""The rasters of a Sentinel-2 granule: each band once at its finest resolution, with the numbers that make it reflectance."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from catalog_builder.archive import sensors
from catalog_builder.archive.delivery import ArchiveFile, Band, Category, RasterKind, RasterSource
from catalog_builder.archive.xmltree import Tree

BAND_IDS = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B10", "B11", "B12")
"""Band names by the ``bandId`` of the product specification."""

NATIVE_GSD = {"B01": 60.0, "B09": 60.0, "B10": 60.0, "B02": 10.0, "B03": 10.0, "B04": 10.0, "B08": 10.0, "TCI": 10.0}
"""Metres where the file name gives none (level 1C); all other bands have 20 m."""

SCENE_CLASSES: tuple[tuple[str, str], ...] = (
    *(("no_data", "#000000"), ("saturated_or_defective", "#ff0000"), ("dark_area", "#2f2f2f"), ("cloud_shadow", "#643200")),
    *(("vegetation", "#00a000"), ("not_vegetated", "#ffe65a"), ("water", "#0000ff"), ("unclassified", "#808080")),
    *(("cloud_medium_probability", "#c0c0c0"), ("cloud_high_probability", "#ffffff"), ("thin_cirrus", "#64c8ff"), ("snow_ice", "#ff96ff")),
)
"""Scene classification of level 2A by value, with the colours of the Sen2Cor documentation."""

_NAME = re.compile(r"(?:^|_)(B\d\d|B8A|TCI|AOT|WVP|SCL)(?:_(10|20|60)m)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Radiometry:
    """What the product states of its numbers. Without a product file nothing is known and nothing is assumed."""

    platform: str = "Sentinel-2A"
    quantification: float | None = None
    offsets: Mapping[str, float] = field(default_factory=dict)
    centres: Mapping[str, float] = field(default_factory=dict)  # micrometres
    nodata: float | None = None
    aerosol: float | None = None
    water_vapour: float | None = None
    surface: bool = False


def radiometry(tree: Tree) -> Radiometry:
    """Quantification, offsets, central wavelengths and the value without data, as the product file gives them."""
    offsets: dict[str, float] = {}
    for path in ("//BOA_ADD_OFFSET", "//RADIO_ADD_OFFSET"):
        for element in tree.all(path):
            name, value = _band_of(element.get("band_id")), tree.number(".", element)
            if name is not None and value is not None:
                offsets.setdefault(name, value)
    centres: dict[str, float] = {}
    for element in tree.all("//Spectral_Information"):
        name, value = _band_of(element.get("bandId")), tree.number("Wavelength/CENTRAL", element)
        if name is not None and value is not None:
            centres[name] = round(value / 1000, 6)
    nodata = [tree.number("SPECIAL_VALUE_INDEX", e) for e in tree.all("//Special_Values") if tree.text("SPECIAL_VALUE_TEXT", e) == "NODATA"]
    return Radiometry(
        platform=tree.text("//SPACECRAFT_NAME") or "Sentinel-2A",
        quantification=_first(tree, "BOA_QUANTIFICATION_VALUE", "L2A_BOA_QUANTIFICATION_VALUE", "QUANTIFICATION_VALUE"),
        offsets=offsets,
        centres=centres,
        nodata=nodata[0] if nodata else None,
        aerosol=_first(tree, "AOT_QUANTIFICATION_VALUE", "L2A_AOT_QUANTIFICATION_VALUE"),
        water_vapour=_first(tree, "WVP_QUANTIFICATION_VALUE", "L2A_WVP_QUANTIFICATION_VALUE"),
        surface="2A" in tree.root_name,
    )


def is_band(file: ArchiveFile) -> bool:
    """Whether the name is that of a band, the scene classification or another product of the pixels."""
    return _NAME.search(file.stem) is not None


def rasters_of(files: Iterable[ArchiveFile], known: Radiometry) -> tuple[RasterSource, ...]:
    """One raster per band, the finest of those delivered."""
    finest: dict[str, tuple[float, ArchiveFile]] = {}
    for file in files:
        match = _NAME.search(file.stem)
        if match is None:
            continue
        name = match.group(1).upper()
        gsd = float(match.group(2)) if match.group(2) else NATIVE_GSD.get(name, 20.0)
        if name not in finest or gsd < finest[name][0]:
            finest[name] = (gsd, file)
    order = {name: i for i, name in enumerate((*BAND_IDS, "TCI", "SCL", "AOT", "WVP"))}
    return tuple(_raster(name, *finest[name], known) for name in sorted(finest, key=lambda n: order[n]))


def _raster(name: str, gsd: float, file: ArchiveFile, known: Radiometry) -> RasterSource:
    match name:
        case "TCI":
            bands = tuple(Band(c, common_name=c) for c in ("red", "green", "blue"))
            return RasterSource(name, (file,), RasterKind.IMAGE, bands, gsd=gsd, primary=False)
        case "SCL":
            classes = tuple(Category(i, text, color=color) for i, (text, color) in enumerate(SCENE_CLASSES))
            band = Band(name, description="Scene classification")
            return RasterSource(
                name, (file,), RasterKind.CATEGORICAL, (band,), nodata=known.nodata, gsd=gsd, categories=classes, primary=False
            )
        case "AOT":
            return _quantity(file, gsd, Band(name, description="Aerosol optical thickness at 550 nm", unit="1"), known.aerosol)
        case "WVP":
            return _quantity(file, gsd, Band(name, description="Scene-average water vapour", unit="cm"), known.water_vapour)
    return RasterSource(name, (file,), RasterKind.IMAGE, (_spectral(name, known),), nodata=known.nodata, gsd=gsd)


def _quantity(file: ArchiveFile, gsd: float, band: Band, quantification: float | None) -> RasterSource:
    band = replace(band, scale=1 / quantification, offset=0.0) if quantification else replace(band, unit=None)
    return RasterSource(band.name, (file,), RasterKind.IMAGE, (band,), gsd=gsd, primary=False)


def _spectral(name: str, known: Radiometry) -> Band:
    (band,) = sensors.bands(known.platform, "MSI", [name])
    if name in known.centres:
        band = replace(band, center_wavelength=known.centres[name])
    if not known.quantification:
        return band
    what = "Surface reflectance" if known.surface else "Top-of-atmosphere reflectance"
    offset = known.offsets.get(name, 0.0) / known.quantification
    return replace(band, description=what, scale=1 / known.quantification, offset=offset, unit="1")


def _band_of(band_id: str | None) -> str | None:
    return BAND_IDS[int(band_id)] if band_id and band_id.isdecimal() and int(band_id) < len(BAND_IDS) else None


def _first(tree: Tree, *names: str) -> float | None:
    return next((v for n in names if (v := tree.number(f"//{n}"))), None)
