"""The register of sensors: what platforms and instruments are called, and what their bands are.

Vendors spell one satellite in many ways (``LANDSAT_8``, ``LC08``; ``PHR 1A``; ``WV03``); :func:`platform` knows them and gives
the one spelling that is published. The rows are data (``data/sensors.toml``), each with its source; rows that nobody has
checked against that source stay flagged as unverified all the way into the published band.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from catalog_builder.archive.delivery import Band
from catalog_builder.prepared import read_toml
from catalog_builder.resources import data_dir


@dataclass(frozen=True, slots=True)
class Platform:
    """A satellite. ``name`` is the published spelling; ``launched`` is None for rows that stand for a whole fleet."""

    name: str
    constellation: str
    instruments: tuple[str, ...]
    launched: date | None
    spellings: tuple[str, ...]
    source: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Instrument:
    """A sensor on a platform. ``kind`` is ``optical`` or ``sar``; ``sar_band`` the radar band letter where it has one."""

    name: str
    title: str
    kind: str
    sar_band: str | None
    spellings: tuple[str, ...]
    source: str
    verified: bool


@dataclass(frozen=True, slots=True)
class BandRow:
    """Nominal limits of one band in micrometres and its ground sample distance in metres, as the source gives them."""

    platforms: tuple[str, ...]
    instruments: tuple[str, ...]
    name: str
    common_name: str | None
    lower: float
    upper: float
    gsd: float
    spellings: tuple[str, ...]
    source: str
    verified: bool

    def band(self, name: str) -> Band:
        """This row as a band that the vendor calls ``name``."""
        return Band(
            name=name,
            common_name=self.common_name,
            center_wavelength=round((self.lower + self.upper) / 2, 5),
            full_width_half_max=round(self.upper - self.lower, 5),
            gsd=self.gsd,
            unverified=not self.verified,
        )


def platform(text: str) -> Platform | None:
    """The platform that ``text`` names in any spelling, or None."""
    return _platform_index().get(_folded(text))


def instrument(text: str) -> Instrument | None:
    """The instrument that ``text`` names in any spelling, or None."""
    return _instrument_index().get(_folded(text))


def instruments(text: str) -> tuple[str, ...]:
    """Every instrument in a vendor's list such as ``OLI_TIRS`` or ``HRG 1``, by its published name; () when none is known."""
    whole = instrument(text)
    if whole is not None:
        return (whole.name,)
    found = [instrument(part) for part in re.split(r"[\s,;/_&+]+", text) if part]
    return tuple(dict.fromkeys(i.name for i in found if i is not None))


def bands(platform_name: str, instrument_name: str | None, names: Sequence[str]) -> tuple[Band, ...]:
    """Bands in the order of ``names``, which are the vendor's own (``B2``, ``P``, ``BAND_B``, ``coastal``).

    ``platform_name`` and ``instrument_name`` may be in any spelling. A name that the register does not know, or that means
    different bands of the platform's instruments while no instrument is given, becomes a band with a name and nothing else.
    """
    known = platform(platform_name)
    rows = [] if known is None else _rows_of(known.name, instrument_name)
    return tuple(_band(name, rows) for name in names)


def nominal_gsd(platform_name: str, instrument_name: str | None) -> BandRow | None:
    """The row of the finest multispectral band (else of the only band) of an instrument; None when it is not in the register."""
    known = platform(platform_name)
    rows = [] if known is None else _rows_of(known.name, instrument_name)
    multispectral = [r for r in rows if r.common_name != "pan"]
    return min(multispectral or rows, key=lambda r: r.gsd, default=None)


@cache
def platforms() -> tuple[Platform, ...]:
    return tuple(_platforms(_register()))


@cache
def band_rows() -> tuple[BandRow, ...]:
    return tuple(_band_rows(_register()))


@cache
def instrument_rows() -> tuple[Instrument, ...]:
    return tuple(_instruments(_register()))


def _band(name: str, rows: Sequence[BandRow]) -> Band:
    wanted = _folded(name)
    exact = [r for r in rows if _folded(r.name) == wanted]
    found = exact or [r for r in rows if any(_folded(s) == wanted for s in r.spellings)]
    different = {(r.common_name, r.lower, r.upper) for r in found}
    return found[0].band(name) if len(different) == 1 else Band(name)


def _rows_of(platform_name: str, instrument_name: str | None) -> list[BandRow]:
    rows = [r for r in band_rows() if platform_name in r.platforms]
    if instrument_name is None:
        return rows
    wanted = set(instruments(instrument_name))
    return [r for r in rows if not r.instruments or wanted & set(r.instruments)]


@cache
def _platform_index() -> Mapping[str, Platform]:
    index: dict[str, Platform] = {}
    for row in platforms():
        for spelling in (row.name, *row.spellings):
            for sensor in ("", *row.instruments):
                index.setdefault(_folded(spelling + sensor), row)
    return index


@cache
def _instrument_index() -> Mapping[str, Instrument]:
    index: dict[str, Instrument] = {}
    for row in instrument_rows():
        for spelling in (row.name, *row.spellings):
            index.setdefault(_folded(spelling), row)
    return index


def _folded(text: str) -> str:
    """Letters and digits in lower case, leading zeros of numbers dropped: ``WV-03`` and ``WV3`` are one. ``+`` counts (ETM+)."""
    kept = "".join(c for c in text.casefold() if c.isalnum() or c == "+")
    return re.sub(r"(?<!\d)0+(?=\d)", "", kept)


@cache
def _register() -> Mapping[str, Any]:
    return read_toml(data_dir() / "sensors.toml")


def _grouped(register: Mapping[str, Any], table: str) -> Iterator[tuple[Mapping[str, Any], str, bool]]:
    """Rows of a table of the register with the source and the verification mark that the row or its group states."""
    for group in register[table]:
        for row in group["rows"]:
            yield row, str(row.get("source", group["source"])), bool(row.get("verified", group.get("verified", False)))


def _platforms(register: Mapping[str, Any]) -> Iterator[Platform]:
    for row, source, verified in _grouped(register, "platforms"):
        spellings = tuple(row["spellings"])
        launched = date.fromisoformat(row["launched"]) if "launched" in row else None
        yield Platform(row["name"], row["constellation"], tuple(row["instruments"]), launched, spellings, source, verified)


def _instruments(register: Mapping[str, Any]) -> Iterator[Instrument]:
    for row, source, verified in _grouped(register, "instruments"):
        kind, spellings = row.get("kind", "optical"), tuple(row["spellings"])
        yield Instrument(row["name"], row["title"], kind, row.get("sar_band"), spellings, source, verified)


def _band_rows(register: Mapping[str, Any]) -> Iterator[BandRow]:
    for group in register["bands"]:
        verified = bool(group.get("verified", False))
        for name, common, lower, upper, gsd, spellings in group["rows"]:
            on, by = tuple(group["platforms"]), tuple(group["instruments"])
            yield BandRow(on, by, name, common or None, lower, upper, float(gsd), tuple(spellings), group["source"], verified)
