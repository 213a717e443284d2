"""Bands that only the sensor register can describe, once the platform of the scene is settled.

A plain file says ``B04``; that this is the red band of Sentinel-2 follows from the platform, which may come from an override or another
file of the delivery. What the delivery itself says of a band is never replaced.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from catalog_builder.archive import sensors
from catalog_builder.archive.delivery import Band, RasterSource
from catalog_builder.facts import Facts, Field

PICTURE = ("red", "green", "blue")
"""Common names of the bands of a natural picture, in its order."""


def described(rasters: Iterable[RasterSource], facts: Facts) -> tuple[RasterSource, ...]:
    """The rasters with common names, wavelengths and GSD of their bands filled in where the register knows them.

    Where every raster is one band, those that make a natural picture come first, as readers of metadata order them.
    """
    platform = facts.get(Field.PLATFORM)
    if platform is None:
        return tuple(rasters)
    instruments: tuple[str, ...] = facts.get(Field.INSTRUMENTS) or ()
    named = tuple(replace(r, bands=tuple(_band(b, platform, instruments) for b in r.bands)) for r in rasters)
    return tuple(sorted(named, key=_picture_first)) if all(len(r.bands) == 1 for r in named) else named


def _picture_first(raster: RasterSource) -> int:
    name = raster.bands[0].common_name
    return PICTURE.index(name) if name in PICTURE else len(PICTURE)


def _band(band: Band, platform: str, instruments: tuple[str, ...]) -> Band:
    if band.common_name is not None or band.center_wavelength is not None:
        return band
    for instrument in (*instruments, None):
        [known] = sensors.bands(platform, instrument, (band.name,))
        if known.common_name is not None or known.center_wavelength is not None:
            return replace(
                band,
                common_name=known.common_name,
                description=band.description or known.description,
                center_wavelength=known.center_wavelength,
                full_width_half_max=known.full_width_half_max,
                gsd=band.gsd or known.gsd,
                unverified=known.unverified,
            )
    return band
