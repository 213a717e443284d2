"""What the parts of a product's name mean, one function per naming convention.

A function yields only what the name really says: a production time in a name is not a time of acquisition. It raises ValueError
for a date that does not exist.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from catalog_builder.facts import Field
from catalog_builder.times import When

Said = Mapping[Field, Any]


def _stamp(text: str) -> datetime:
    """``20210605T031234`` or ``20210605031234``, UTC."""
    return datetime.strptime(text.replace("T", "").replace("t", "").replace("_", ""), "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def _day(text: str) -> When:
    return When.day(int(text[:4]), int(text[4:6]), int(text[6:8]))


def _day_of_year(year: int, day: int) -> When:
    date = datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=day - 1)
    if date.year != year or day < 1:
        raise ValueError(f"year {year} has no day {day}")
    return When.day(date.year, date.month, date.day)


def _mgrs(tile: str) -> str:
    return f"MGRS-{int(tile[:2])}{tile[2:].upper()}"


_POLARISATIONS = {
    "SH": ("HH",),
    "SV": ("VV",),
    "DH": ("HH", "HV"),
    "DV": ("VV", "VH"),
    "HH": ("HH",),
    "VV": ("VV",),
    "HV": ("HV",),
    "VH": ("VH",),
}


def sentinel2_product(m: re.Match[str]) -> Said:
    """Sentinel-2 Products Specification Document (S2-PDGS-TAS-DI-PSD), file naming."""
    return {
        Field.ACQUIRED: When.instant(_stamp(m["time"])),
        Field.PLATFORM: f"Sentinel-2{m['unit'].upper()}",
        Field.INSTRUMENTS: ("MSI",),
        Field.PROCESSING_LEVEL: m["level"].upper(),
        Field.RELATIVE_ORBIT: int(m["orbit"]),
        Field.GRID_CODE: _mgrs(m["tile"]),
        Field.PRODUCT_ID: m[0],
    }


def sentinel2_tile(m: re.Match[str]) -> Said:
    return {
        Field.ACQUIRED: When.instant(_stamp(m["time"])),
        Field.CONSTELLATION: "Sentinel-2",
        Field.INSTRUMENTS: ("MSI",),
        Field.GRID_CODE: _mgrs(m["tile"]),
    }


S2_ORBITS_PER_DAY = 143 / 10
"""Sentinel-2 repeats its track after 143 orbits in 10 days (Sentinel-2 User Handbook, orbit)."""

S2_REFERENCE = {
    "A": (32448, datetime(2021, 9, 8, 4, 37, 14, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)),
    "B": (24390, datetime(2021, 11, 6, 15, 55, 50, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)),
}
"""Absolute orbit, a sensing time in it (product names L1C_T46RER_A032448_20210908T043714, L1C_T18TWR_A024390_20211106T155550)
and until when the phase held (the constellation was rearranged for a third unit in 2025). Checked against names of 2015-2022."""


def sentinel2_day(unit: str, orbit: int, produced: datetime) -> When | None:
    """The day of the absolute orbit of Sentinel-2A or -2B; the interval of days where the orbit crosses midnight UTC.

    The orbit is known to about half a revolution. None when the result contradicts the production time.
    """
    if unit not in S2_REFERENCE:
        return None
    reference, at, until = S2_REFERENCE[unit]
    centre = at + timedelta(days=(orbit - reference) / S2_ORBITS_PER_DAY)
    half = timedelta(days=0.75 / S2_ORBITS_PER_DAY)
    first, last = centre - half, centre + half
    if produced < first or centre > until:
        return None
    start = When.day(first.year, first.month, first.day)
    return start if first.date() == last.date() else When.between(first.replace(microsecond=0), last.replace(microsecond=0))


def sentinel2_oper(m: re.Match[str]) -> Said:
    produced = _stamp(m["time"])
    return {
        Field.ACQUIRED: sentinel2_day(m["unit"].upper(), int(m["absolute"]), produced),
        Field.PRODUCED: When.instant(produced),
        Field.PLATFORM: f"Sentinel-2{m['unit'].upper()}",
        Field.INSTRUMENTS: ("MSI",),
        Field.PROCESSING_LEVEL: m["level"].upper(),
        Field.ABSOLUTE_ORBIT: int(m["absolute"]),
        Field.GRID_CODE: _mgrs(m["tile"]),
    }


def sentinel1(m: re.Match[str]) -> Said:
    """Sentinel-1 Product Specification (S1-RS-MDA-52-7441), naming of products and of measurement data sets."""
    return {
        Field.ACQUIRED: When.between(_stamp(m["start"]), _stamp(m["end"])),
        Field.PLATFORM: f"Sentinel-1{m['unit'].upper()}",
        Field.INSTRUMENTS: ("C-SAR",),
        Field.SAR_MODE: m["mode"].upper(),
        Field.SAR_BAND: "C",
        Field.PRODUCT_TYPE: m["type"].upper(),
        Field.POLARIZATIONS: _POLARISATIONS[m["pol"].upper()],
        Field.ABSOLUTE_ORBIT: int(m["orbit"]),
    }


def landsat_collection(m: re.Match[str]) -> Said:
    """Landsat Collection 1 and 2 Product Identifier (LSDS-1656): mission, level, path/row, acquired, processed, collection, tier."""
    number = int(m["number"])
    return {
        Field.ACQUIRED: _day(m["day"]),
        Field.PRODUCED: _day(m["made"]),
        Field.PLATFORM: f"Landsat-{number}",
        Field.INSTRUMENTS: _landsat_instruments(m["letter"].upper(), number),
        Field.PROCESSING_LEVEL: m["level"].upper(),
        Field.GRID_CODE: _wrs(number, m["path"], m["row"]),
        Field.PRODUCT_ID: m[0],
    }


def landsat_scene(m: re.Match[str]) -> Said:
    """Scene identifiers before the collections: LXSPPPRRRYYYYDDDGSIVV."""
    number = int(m["number"])
    return {
        Field.ACQUIRED: _day_of_year(int(m["year"]), int(m["doy"])),
        Field.PLATFORM: f"Landsat-{number}",
        Field.INSTRUMENTS: _landsat_instruments(m["letter"].upper(), number),
        Field.GRID_CODE: _wrs(number, m["path"], m["row"]),
        Field.CATALOG_ID: m[0],
    }


def landsat_nlaps(m: re.Match[str]) -> Said:
    """File names of USGS and GLCF around 2000: L71127045_04520001130, p127r045_7dt20001130."""
    number = int(m["number"])
    return {
        Field.ACQUIRED: _day(m["day"]),
        Field.PLATFORM: f"Landsat-{number}",
        Field.GRID_CODE: _wrs(number, m["path"], m["row"]),
    }


def _landsat_instruments(letter: str, number: int) -> tuple[str, ...] | None:
    suffix = "-2" if number == 9 else ""
    if number >= 8:
        return {"C": (f"OLI{suffix}", f"TIRS{suffix}"), "O": (f"OLI{suffix}",), "T": (f"TIRS{suffix}",)}.get(letter)
    return {"E": ("ETM+",), "T": ("TM",), "M": ("MSS",)}.get(letter)


def _wrs(number: int, path: str, row: str) -> str:
    return f"WRS{1 if number <= 3 else 2}-{path}{row}"


def envisat(m: re.Match[str]) -> Said:
    """ENVISAT product file names (PO-RS-MDA-GS-2009): mode, level, originator, start, duration in seconds, phase, cycle, orbits."""
    start = _stamp(m["day"] + m["time"])
    instrument = {"ASA": "ASAR", "MER": "MERIS"}[m["instrument"]]
    said: dict[Field, Any] = {
        Field.ACQUIRED: When.between(start, start + timedelta(seconds=int(m["seconds"]))),
        Field.PLATFORM: "Envisat",
        Field.INSTRUMENTS: (instrument,),
        Field.PRODUCT_TYPE: f"{m['instrument']}_{m['mode']}_{m['level']}",
        Field.RELATIVE_ORBIT: int(m["relative"]),
        Field.ABSOLUTE_ORBIT: int(m["absolute"]),
    }
    if instrument == "ASAR":
        said |= {Field.SAR_MODE: m["mode"][:2], Field.SAR_BAND: "C"}
    return said


def planetscope(m: re.Match[str]) -> Said:
    """Planet Imagery Product Specification: item ids; times are UTC."""
    return {
        Field.ACQUIRED: When.instant(_stamp(m["day"] + m["time"])),
        Field.PLATFORM: "PlanetScope",
        Field.CATALOG_ID: m["id"],
    }


def skysat(m: re.Match[str]) -> Said:
    unit = f"SkySat-C{int(m['number'])}" if m["c"] else "SkySat"
    return {Field.ACQUIRED: When.instant(_stamp(m["day"] + m["time"])), Field.PLATFORM: unit, Field.CATALOG_ID: m[0]}


def rapideye(m: re.Match[str]) -> Said:
    return {Field.ACQUIRED: _day(m["day"].replace("-", "")), Field.PLATFORM: f"RapidEye-{m['unit']}", Field.PROCESSING_LEVEL: m["level"]}


def airbus(m: re.Match[str]) -> Said:
    """Airbus DIMAP file names: acquisition time to a tenth of a second, processing level."""
    unit = m["unit"].upper()
    names = {
        "SPOT6": "SPOT-6",
        "SPOT7": "SPOT-7",
        "PHR1A": "Pleiades-1A",
        "PHR1B": "Pleiades-1B",
        "PNEO3": "PleiadesNeo-3",
        "PNEO4": "PleiadesNeo-4",
    }
    moment = _stamp(m["time"]) + timedelta(milliseconds=100 * int(m["tenth"] or 0))
    return {
        Field.ACQUIRED: When.instant(moment),
        Field.PLATFORM: names[unit],
        Field.IMAGING_MODE: m["mode"].upper(),
        Field.PROCESSING_LEVEL: {"SEN": "SENSOR", "ORT": "ORTHO", "PRJ": "PROJECTED", "MOS": "MOSAIC"}.get(m["level"].upper()),
    }


def digitalglobe(m: re.Match[str]) -> Said:
    """DigitalGlobe ISD documentation: 16JAN05031422-M2AS-..., time of the first line, UTC."""
    moment = datetime.strptime(m["time"].title(), "%y%b%d%H%M%S").replace(tzinfo=UTC)
    return {Field.ACQUIRED: When.instant(moment), Field.IMAGING_MODE: {"P": "PAN", "M": "MS", "S": "PMS", "A": "SWIR"}[m["mode"].upper()]}


def kompsat(m: re.Match[str]) -> Said:
    return {
        Field.ACQUIRED: When.instant(_stamp(m["time"])),
        Field.PLATFORM: f"KOMPSAT-{m['unit'].upper()}",
        Field.PROCESSING_LEVEL: m["level"].upper(),
    }


def aster(m: re.Match[str]) -> Said:
    """ASTER: AST_L1T_003MMDDYYYYHHMMSS_<production>."""
    t = m["time"]
    return {
        Field.ACQUIRED: When.instant(_stamp(t[4:8] + t[:4] + t[8:])),
        Field.PRODUCED: When.instant(_stamp(m["made"])),
        Field.PLATFORM: "Terra",
        Field.INSTRUMENTS: ("ASTER",),
        Field.PROCESSING_LEVEL: m["level"].upper(),
    }


def modis(m: re.Match[str]) -> Said:
    platform = {"MO": "Terra", "MY": "Aqua"}.get(m["unit"].upper())
    return {Field.ACQUIRED: _day_of_year(int(m["year"]), int(m["doy"])), Field.PLATFORM: platform, Field.INSTRUMENTS: ("MODIS",)}


def cbers(m: re.Match[str]) -> Said:
    return {Field.ACQUIRED: _day(m["day"]), Field.PLATFORM: f"CBERS-{m['unit'].upper()}", Field.INSTRUMENTS: (m["instrument"].upper(),)}


def alos2_scene(m: re.Match[str]) -> Said:
    """JAXA: ALOS-2 scene identifier; yearly PALSAR-2 mosaics and forest maps (year, F02 = PALSAR-2, D dual, A/D orbit, R/L look)."""
    d = m["day"]
    return {Field.ACQUIRED: _day("20" + d), Field.PLATFORM: "ALOS-2", Field.INSTRUMENTS: ("PALSAR-2",), Field.SAR_BAND: "L"}


def palsar_mosaic(m: re.Match[str]) -> Said:
    return {
        Field.ACQUIRED: When.year(2000 + int(m["year"])),
        Field.PLATFORM: "ALOS-2",
        Field.INSTRUMENTS: ("PALSAR-2",),
        Field.SAR_BAND: "L",
        Field.PRODUCT_TYPE: m["kind"],
        Field.LOOK_DIRECTION: {"R": "right", "L": "left"}[m["look"]],
        Field.ORBIT_STATE: {"A": "ascending", "D": "descending"}[m["pass"]],
    }


def umbra(m: re.Match[str]) -> Said:
    moment = datetime.strptime(m["time"], "%Y-%m-%d-%H-%M-%S").replace(tzinfo=UTC)
    return {Field.ACQUIRED: When.instant(moment), Field.PLATFORM: f"Umbra-{m['unit']}"}


def capella(m: re.Match[str]) -> Said:
    return {
        Field.ACQUIRED: When.between(_stamp(m["start"]), _stamp(m["end"])),
        Field.SAR_BAND: "X",
        Field.POLARIZATIONS: (m["pol"].upper(),),
    }


def naip(m: re.Match[str]) -> Said:
    """USDA NAIP quarter quads: m_<block><quad>_<quarter>_<zone>_<resolution>_<acquired>[_<version>]."""
    return {Field.ACQUIRED: _day(m["day"]), Field.MAP_SHEET: f"{m['quad']}_{m['quarter'].lower()}"}


def linz(m: re.Match[str]) -> Said:
    """LINZ tile names: sheet, year of capture, scale, tile."""
    return {Field.ACQUIRED: When.year(int(m["year"])), Field.MAP_SHEET: m["sheet"].upper(), Field.MAP_SCALE: int(m["scale"])}


def utc(m: re.Match[str]) -> Said:
    return {Field.ACQUIRED: When.instant(_stamp(m["time"]))}
