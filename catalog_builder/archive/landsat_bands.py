"""The rasters of a Landsat scene: what each file is, its band, and how its numbers become reflectance, kelvin or degrees."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from catalog_builder.archive import sensors
from catalog_builder.archive.delivery import ArchiveFile, Band, RasterKind, RasterSource
from catalog_builder.archive.keyvalue import KeyValues

RADIANCE_UNIT = "W/(m2.sr.um)"

_SPECTRAL = re.compile(r"^(?:SR_|ST_)?B(?:AND)?(\d{1,2}(?:_VCID_\d)?)$", re.IGNORECASE)

_OLD_BAND_KEY = re.compile(r"^(?:FILE_NAME_BAND_|BAND)(\w+?)(?:_FILE_NAME)?$")

QUALITY: Mapping[str, str] = {
    "QA_PIXEL": "Pixel quality, bit field: fill, dilated cloud, cirrus, cloud, cloud shadow, snow, clear, water, confidences",
    "QA_RADSAT": "Radiometric saturation, bit field: one bit per band",
    "BQA": "Pixel quality of Collection 1, bit field",
    "SR_QA_AEROSOL": "Aerosol of the surface reflectance, bit field",
    "SR_CLOUD_QA": "Cloud mask of the surface reflectance, bit field",
    "PIXEL_QA": "Pixel quality, bit field",
    "RADSAT_QA": "Radiometric saturation, bit field",
    "SR_AEROSOL": "Aerosol of the surface reflectance, bit field",
}

QUANTITIES: Mapping[str, tuple[str, float, str]] = {
    "ST_QA": ("Uncertainty of the surface temperature", 0.01, "K"),
    "ST_TRAD": ("Thermal band as radiance", 0.001, RADIANCE_UNIT),
    "ST_URAD": ("Upwelled radiance", 0.001, RADIANCE_UNIT),
    "ST_DRAD": ("Downwelled radiance", 0.001, RADIANCE_UNIT),
    "ST_ATRAN": ("Atmospheric transmittance", 0.0001, "1"),
    "ST_EMIS": ("Emissivity", 0.0001, "1"),
    "ST_EMSD": ("Standard deviation of the emissivity", 0.0001, "1"),
    "ST_CDIST": ("Distance to the nearest cloud", 0.01, "km"),
    "SR_ATMOS_OPACITY": ("Atmospheric opacity", 0.001, "1"),
    "SAA": ("Sun azimuth", 0.01, "degree"),
    "SZA": ("Sun zenith angle", 0.01, "degree"),
    "VAA": ("View azimuth", 0.01, "degree"),
    "VZA": ("View zenith angle", 0.01, "degree"),
}
"""Other rasters: what they hold, scale factor and unit, from the USGS Collection 2 level 1 and level 2 product guides."""


def raster_of(
    file: ArchiveFile,
    prefix: str,
    mtl_key: str | None,
    mtl: KeyValues,
    sizes: Mapping[str, float | None],
    sidecars: tuple[ArchiveFile, ...],
) -> RasterSource:
    """The raster in ``file`` of the scene ``prefix``; ``mtl_key`` is the MTL key that names the file, ``sizes`` are the cell
    sizes of the reflective, thermal and panchromatic bands in metres."""
    key = _key(file, prefix, mtl_key)
    upper = key.upper()
    if upper in QUALITY:
        bands = (Band(name=upper, description=QUALITY[upper]),)
        return RasterSource(key, (file,), RasterKind.CATEGORICAL, bands, gsd=sizes["reflective"], sidecars=sidecars, primary=False)
    if upper in QUANTITIES:
        text, scale, unit = QUANTITIES[upper]
        bands = (Band(name=upper, description=text, scale=scale, unit=unit),)
        return RasterSource(key, (file,), RasterKind.IMAGE, bands, gsd=sizes["reflective"], sidecars=sidecars, primary=False)
    if not _SPECTRAL.match(upper):
        return RasterSource(key, (file,), sidecars=sidecars)
    band = _spectral_band(upper, mtl)
    group = "pan" if band.common_name == "pan" else "thermal" if (band.common_name or "").startswith("lwir") else "reflective"
    return RasterSource(key, (file,), RasterKind.IMAGE, (band,), gsd=sizes[group], sidecars=sidecars)


def _key(file: ArchiveFile, prefix: str, mtl_key: str | None) -> str:
    """The part of the name after the scene (``B6_VCID_1``, ``SR_B3``, ``QA_PIXEL``), else what the MTL calls the file.

    Before 2012 file names count in tens (``…_B30.TIF`` is band 3), so there the MTL decides.
    """
    match = _OLD_BAND_KEY.match(mtl_key or "")
    named_by_mtl = match is not None and (mtl_key or "").startswith("BAND")
    if prefix and file.stem.lower().startswith(prefix.lower() + "_") and not named_by_mtl:
        return file.stem[len(prefix) + 1 :]
    if match is None:
        return file.stem
    return f"B{match.group(1)}" if match.group(1)[:1].isdecimal() else match.group(1)


def _spectral_band(key: str, mtl: KeyValues) -> Band:
    match = _SPECTRAL.match(key)
    number = match.group(1) if match else key
    name = f"B{number}"
    (band,) = sensors.bands(mtl.text("SPACECRAFT_ID") or "", mtl.text("SENSOR_ID"), [name])
    for group, unit, what in _rescalings(key, number, mtl):
        scale, offset = mtl.number(group.format("MULT")), mtl.number(group.format("ADD"))
        if scale is not None and offset is not None:
            return replace(band, name=key, scale=scale, offset=offset, unit=unit, description=what)
    return replace(band, name=key)


def _rescalings(key: str, number: str, mtl: KeyValues) -> list[tuple[str, str, str]]:
    """The rescalings that may apply, best first: MTL key pattern, unit and what the result is.

    The first REFLECTANCE_MULT of a level 2 MTL is the surface reflectance; level 1 records follow it.
    """
    level_2 = (mtl.text("PROCESSING_LEVEL") or "").startswith("L2")
    if key.startswith("ST_"):
        return [(f"TEMPERATURE_{{}}_BAND_ST_B{number}", "K", "Surface temperature")]
    if level_2 or key.startswith("SR_"):  # surface reflectance beside a level 1 MTL has a rescaling that the MTL does not tell
        surface = f"LEVEL2_SURFACE_REFLECTANCE_PARAMETERS/REFLECTANCE_{{}}_BAND_{number}"
        return [(surface, "1", "Surface reflectance")] if key.startswith("SR_") else []
    return [
        (f"REFLECTANCE_{{}}_BAND_{number}", "1", "Top-of-atmosphere reflectance, not corrected for the elevation of the sun"),
        (f"RADIANCE_{{}}_BAND_{number}", RADIANCE_UNIT, "Top-of-atmosphere radiance"),
    ]
