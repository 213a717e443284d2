"""Single-band files of one scene that no metadata binds together: recognised by a common name and a known band word."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from catalog_builder.archive.delivery import ArchiveFile

_BAND = re.compile(
    r"^(?P<prefix>.{2,}?)[_.-](?P<band>(?:sr_|st_|toa_)?(?:b(?:and)?[_-]?\d{1,2}a?)|tci|scl|aot|wvp|bqa|(?:pixel_)?qa(?:_[a-z]+)?|hh|hv|vh|vv"
    r"|pan|coastal|blue|green|yellow|red|rededge\d?|red_?edge|nir\d?|swir\d?|tir\d?)(?:[_-](?P<resolution>\d{2}m))?$",
    re.IGNORECASE,
)
"""``X_B02``, ``X_B8A_20m``, ``X_band1``, ``X_SR_B4``, ``X_nir``, ``X_HV``: words of Sentinel-2, Landsat and SAR products."""

AUXILIARY = frozenset(("scl", "aot", "wvp", "bqa", "qa", "pixel_qa", "qa_pixel", "qa_radsat", "qa_aerosol"))
"""Words of layers that describe the image and do not show it."""


@dataclass(frozen=True, slots=True)
class BandFile:
    """A file with the band word of its name (``B02``) and the resolution word (``10m``), if any."""

    file: ArchiveFile
    band: str
    resolution: str | None

    @property
    def shows(self) -> bool:
        """Whether the file is a picture of the ground."""
        return self.band.lower() not in AUXILIARY

    @property
    def key(self) -> str:
        return "_".join(p.lower() for p in (self.band, self.resolution) if p)


def band_groups(files: Iterable[ArchiveFile]) -> tuple[tuple[BandFile, ...], ...]:
    """Groups of two or more files of one ending with a common name and different band words, in the order of the files."""
    groups: dict[tuple[str, str], list[BandFile]] = defaultdict(list)
    for file in files:
        match = _BAND.match(file.stem)
        if match:
            groups[match["prefix"].lower(), file.suffix].append(BandFile(file, match["band"], match["resolution"]))
    return tuple(tuple(group) for group in groups.values() if len(group) > 1 and len({b.key for b in group}) == len(group))


def band_word(file: ArchiveFile) -> str | None:
    """The band word at the end of the name of ``file``, or None."""
    match = _BAND.match(file.stem)
    return match["band"] if match else None
