"""What the catalogue definition says about conversion, reduced to what the raster room needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from catalog_builder.definition.model import Rendering

MAX_PIXELS = 20_000_000_000
"""Pixels (width x height) of one raster: a province of 6,000 km² at 0.6 m. Larger headers are refused before anything is allocated."""

MAX_SIDE = 1_000_000
"""Pixels of one side; a row must fit in memory."""


@dataclass(frozen=True, slots=True)
class RasterOptions:
    """How the scenes of one collection are converted. What changes the products is part of their key: :attr:`identity`.

    ``presets`` names a preset per kind of raster, ``declared_crs`` is used where neither file nor delivery declares one,
    ``crs_candidates`` are offered in the finding, ``area`` is the catalogue's box (west, south, east, north, WGS 84), ``dem`` an
    elevation model for RPC scenes, ``orthorectify`` the EPSG code of the grid they are put on (None: they stay as they are),
    ``threads`` those of the codecs; ``threads`` and ``max_pixels`` do not change bytes.
    ``one_pass`` False sends every raster through GDAL's COG driver.
    """

    presets: Mapping[str, str] = field(default_factory=dict)
    declared_crs: str | None = None
    crs_candidates: tuple[str, ...] = ()
    area: tuple[float, float, float, float] | None = None
    renderings: tuple[Rendering, ...] = ()
    dem: Path | None = None
    orthorectify: str | None = None
    threads: int = 1
    max_pixels: int = MAX_PIXELS
    one_pass: bool = True

    @property
    def identity(self) -> str:
        """What decides the products. The elevation model counts by name, size and time, wherever on this machine it lies."""
        deciding = replace(self, dem=None, threads=1, max_pixels=MAX_PIXELS)
        return repr((deciding, None if self.dem is None else _file_identity(self.dem)))


def _file_identity(path: Path) -> tuple[str, int | None, int | None]:
    """Name, bytes and modification time in nanoseconds; a file that is not there has only a name."""
    try:
        status = path.stat()
    except OSError:  # converting says what is wrong with it, and does so again once it is there
        return path.name, None, None
    return path.name, status.st_size, status.st_mtime_ns
