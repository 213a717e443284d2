"""Names that missions give their products: what each part of such a name means.

One row per convention; the documents that define them are named in the comments. A row yields only what the name really says:
a production time in a name is not a time of acquisition.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from catalog_builder.facts import Field
from catalog_builder.times import When

Said = Mapping[Field, Any]


@dataclass(frozen=True, slots=True)
class NamePattern:
    """A naming convention. ``read`` may raise ValueError for a date that does not exist; the name then says nothing."""

    name: str
    regex: re.Pattern[str]
    read: Callable[[re.Match[str]], Said]
    product: bool = True  # names a product, so that it means the same as the name of a folder


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


# Sentinel-2 Products Specification Document (S2-PDGS-TAS-DI-PSD), file naming.
def _sentinel2_product(m: re.Match[str]) -> Said:
    return {
        Field.ACQUIRED: When.instant(_stamp(m["time"])),
        Field.PLATFORM: f"Sentinel-2{m['unit'].upper()}",
        Field.INSTRUMENTS: ("MSI",),
        Field.PROCESSING_LEVEL: m["level"].upper(),
        Field.RELATIVE_ORBIT: int(m["orbit"]),
        Field.GRID_CODE: _mgrs(m["tile"]),
        Field.PRODUCT_ID: m[0],
    }


def _sentinel2_tile(m: re.Match[str]) -> Said:
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


def _sentinel2_oper(m: re.Match[str]) -> Said:
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


# Sentinel-1 Product Specification (S1-RS-MDA-52-7441), naming of products and of measurement data sets.
def _sentinel1(m: re.Match[str]) -> Said:
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


# Landsat Collection 1 and 2 Product Identifier (LSDS-1656): mission, level, path/row, acquired, processed, collection, tier.
def _landsat_collection(m: re.Match[str]) -> Said:
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


def _landsat_scene(m: re.Match[str]) -> Said:
    """Scene identifiers before the collections: LXSPPPRRRYYYYDDDGSIVV."""
    number = int(m["number"])
    return {
        Field.ACQUIRED: _day_of_year(int(m["year"]), int(m["doy"])),
        Field.PLATFORM: f"Landsat-{number}",
        Field.INSTRUMENTS: _landsat_instruments(m["letter"].upper(), number),
        Field.GRID_CODE: _wrs(number, m["path"], m["row"]),
        Field.CATALOG_ID: m[0],
    }


def _landsat_nlaps(m: re.Match[str]) -> Said:
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


# ENVISAT product file names (PO-RS-MDA-GS-2009): mode, level, originator, start, duration in seconds, phase, cycle, orbits.
def _envisat(m: re.Match[str]) -> Said:
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


# Planet Imagery Product Specification: item ids; times are UTC.
def _planetscope(m: re.Match[str]) -> Said:
    return {
        Field.ACQUIRED: When.instant(_stamp(m["day"] + m["time"])),
        Field.PLATFORM: "PlanetScope",
        Field.CATALOG_ID: m["id"],
    }


def _skysat(m: re.Match[str]) -> Said:
    unit = f"SkySat-C{int(m['number'])}" if m["c"] else "SkySat"
    return {Field.ACQUIRED: When.instant(_stamp(m["day"] + m["time"])), Field.PLATFORM: unit, Field.CATALOG_ID: m[0]}


def _rapideye(m: re.Match[str]) -> Said:
    return {Field.ACQUIRED: _day(m["day"].replace("-", "")), Field.PLATFORM: f"RapidEye-{m['unit']}", Field.PROCESSING_LEVEL: m["level"]}


# Airbus DIMAP file names: acquisition time to a tenth of a second, processing level.
def _airbus(m: re.Match[str]) -> Said:
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


# DigitalGlobe ISD documentation: 16JAN05031422-M2AS-..., time of the first line, UTC.
def _digitalglobe(m: re.Match[str]) -> Said:
    moment = datetime.strptime(m["time"].title(), "%y%b%d%H%M%S").replace(tzinfo=UTC)
    return {Field.ACQUIRED: When.instant(moment), Field.IMAGING_MODE: {"P": "PAN", "M": "MS", "S": "PMS", "A": "SWIR"}[m["mode"].upper()]}


def _kompsat(m: re.Match[str]) -> Said:
    return {
        Field.ACQUIRED: When.instant(_stamp(m["time"])),
        Field.PLATFORM: f"KOMPSAT-{m['unit'].upper()}",
        Field.PROCESSING_LEVEL: m["level"].upper(),
    }


# ASTER: AST_L1T_003MMDDYYYYHHMMSS_<production>.
def _aster(m: re.Match[str]) -> Said:
    t = m["time"]
    return {
        Field.ACQUIRED: When.instant(_stamp(t[4:8] + t[:4] + t[8:])),
        Field.PRODUCED: When.instant(_stamp(m["made"])),
        Field.PLATFORM: "Terra",
        Field.INSTRUMENTS: ("ASTER",),
        Field.PROCESSING_LEVEL: m["level"].upper(),
    }


def _modis(m: re.Match[str]) -> Said:
    platform = {"MO": "Terra", "MY": "Aqua"}.get(m["unit"].upper())
    return {Field.ACQUIRED: _day_of_year(int(m["year"]), int(m["doy"])), Field.PLATFORM: platform, Field.INSTRUMENTS: ("MODIS",)}


def _cbers(m: re.Match[str]) -> Said:
    return {Field.ACQUIRED: _day(m["day"]), Field.PLATFORM: f"CBERS-{m['unit'].upper()}", Field.INSTRUMENTS: (m["instrument"].upper(),)}


# JAXA: ALOS-2 scene identifier; yearly PALSAR-2 mosaics and forest maps (year, F02 = PALSAR-2, D dual, A/D orbit, R/L look).
def _alos2_scene(m: re.Match[str]) -> Said:
    d = m["day"]
    return {Field.ACQUIRED: _day("20" + d), Field.PLATFORM: "ALOS-2", Field.INSTRUMENTS: ("PALSAR-2",), Field.SAR_BAND: "L"}


def _palsar_mosaic(m: re.Match[str]) -> Said:
    return {
        Field.ACQUIRED: When.year(2000 + int(m["year"])),
        Field.PLATFORM: "ALOS-2",
        Field.INSTRUMENTS: ("PALSAR-2",),
        Field.SAR_BAND: "L",
        Field.PRODUCT_TYPE: m["kind"],
        Field.LOOK_DIRECTION: {"R": "right", "L": "left"}[m["look"]],
        Field.ORBIT_STATE: {"A": "ascending", "D": "descending"}[m["pass"]],
    }


def _umbra(m: re.Match[str]) -> Said:
    moment = datetime.strptime(m["time"], "%Y-%m-%d-%H-%M-%S").replace(tzinfo=UTC)
    return {Field.ACQUIRED: When.instant(moment), Field.PLATFORM: f"Umbra-{m['unit']}"}


def _capella(m: re.Match[str]) -> Said:
    return {
        Field.ACQUIRED: When.between(_stamp(m["start"]), _stamp(m["end"])),
        Field.SAR_BAND: "X",
        Field.POLARIZATIONS: (m["pol"].upper(),),
    }


# USDA NAIP quarter quads: m_<block><quad>_<quarter>_<zone>_<resolution>_<acquired>[_<version>].
def _naip(m: re.Match[str]) -> Said:
    return {Field.ACQUIRED: _day(m["day"]), Field.MAP_SHEET: f"{m['quad']}_{m['quarter'].lower()}"}


# LINZ tile names: sheet, year of capture, scale, tile.
def _linz(m: re.Match[str]) -> Said:
    return {Field.ACQUIRED: When.year(int(m["year"])), Field.MAP_SHEET: m["sheet"].upper(), Field.MAP_SCALE: int(m["scale"])}


def _utc(m: re.Match[str]) -> Said:
    return {Field.ACQUIRED: When.instant(_stamp(m["time"]))}


def _row(name: str, regex: str, read: Callable[[re.Match[str]], Said], *, product: bool = True) -> NamePattern:
    return NamePattern(name, re.compile(rf"(?<![A-Za-z0-9])(?:{regex})(?![A-Za-z0-9])", re.IGNORECASE), read, product)


_T = r"\d{8}T\d{6}"

PATTERNS: tuple[NamePattern, ...] = (
    _row(
        "sentinel-2-product",
        rf"S2(?P<unit>[A-D])_MSI(?P<level>L1B|L1C|L2A)_(?P<time>{_T})(?:_N\d{{4}})?_R(?P<orbit>\d{{3}})_T(?P<tile>\d\d[A-Z]{{3}})(?:_{_T})?",
        _sentinel2_product,
    ),
    _row(
        "sentinel-2-oper",
        rf"S2(?P<unit>[A-D])_OPER_MSI_(?P<level>L1B|L1C|L2A)_\w\w_\w{{4}}_(?P<time>{_T})_A(?P<absolute>\d{{6}})_T(?P<tile>\d\d[A-Z]{{3}})",
        _sentinel2_oper,
    ),
    _row("sentinel-2-tile", rf"T(?P<tile>\d\d[A-Z]{{3}})_(?P<time>{_T})(?=_(?:B\d|TCI|SCL|AOT|WVP|PVI|CLD|SNW))", _sentinel2_tile),
    _row(
        "sentinel-1-product",
        rf"S1(?P<unit>[A-D])_(?P<mode>IW|EW|WV|S[1-6])_(?P<type>GRD|SLC|OCN|RAW)[FHM_]_\d[SA](?P<pol>SH|SV|DH|DV)_(?P<start>{_T})_(?P<end>{_T})_(?P<orbit>\d{{6}})",
        _sentinel1,
    ),
    _row(
        "sentinel-1-measurement",
        rf"s1(?P<unit>[a-d])-(?P<mode>iw\d?|ew\d?|wv\d?|s[1-6])-(?P<type>grd|slc|ocn)-(?P<pol>hh|hv|vv|vh)-(?P<start>{_T})-(?P<end>{_T})-(?P<orbit>\d{{6}})",
        _sentinel1,
    ),
    _row(
        "landsat-product",
        r"L(?P<letter>[COTEM])0(?P<number>[1-9])_(?P<level>L\d\w\w)_(?P<path>\d{3})(?P<row>\d{3})_(?P<day>\d{8})_(?P<made>\d{8})_\d\d_(?:RT|T1|T2|A1|A2)",
        _landsat_collection,
    ),
    _row(
        "landsat-scene",
        r"L(?P<letter>[COTEM])(?P<number>[1-9])(?P<path>\d{3})(?P<row>\d{3})(?P<year>(?:19|20)\d\d)(?P<doy>\d{3})[A-Z]{3}\d\d",
        _landsat_scene,
    ),
    _row("landsat-nlaps", r"L(?P<number>[1-9])\d?(?P<path>\d{3})(?P<row>\d{3})_\d{3}(?P<day>(?:19|20)\d{6})", _landsat_nlaps),
    _row("landsat-geocover", r"p(?P<path>\d{3})r(?P<row>\d{3})_(?P<number>[1-7])[a-z]{1,2}(?P<day>(?:19|20)\d{6})", _landsat_nlaps),
    _row(
        "envisat",
        r"(?P<instrument>ASA|MER)_(?P<mode>\w{3})_(?P<level>\d[A-Z]).{3,8}?(?P<day>(?:19|20)\d{6})_(?P<time>\d{6})_(?P<seconds>\d{8})\d{4}_(?P<relative>\d{5})_(?P<absolute>\d{5})_\d{4}",
        _envisat,
    ),
    _row(
        "planetscope",
        r"(?P<id>(?P<day>20\d{6})_(?P<time>\d{6})_(?:\d\d_)?[0-9a-f]{4})(?=_(?:1B|3A|3B|BasicAnalytic|Analytic|Visual))",
        _planetscope,
    ),
    _row("skysat", r"(?P<day>20\d{6})_(?P<time>\d{6})_ss(?P<c>c?)(?P<number>\d{1,2})(?:d\d)?(?:_\d{4})?", _skysat),
    _row("rapideye", r"\d{7}_(?P<day>20\d\d-\d\d-\d\d)_RE(?P<unit>[1-5])_(?P<level>1B|3A)", _rapideye),
    _row(
        "airbus",
        r"(?P<unit>PHR1[AB]|SPOT[67]|PNEO[34])_(?P<mode>[A-Z]{1,3}(?:-[A-Z]+)?)(?:_\d{3})?_(?P<time>20\d{12})(?P<tenth>\d)?(?:_(?P<level>SEN|ORT|PRJ|MOS))",
        _airbus,
    ),
    _row("digitalglobe", r"(?P<time>\d\d[A-Z]{3}\d{8})-(?P<mode>[PMSA])\d[A-Z]{2}[A-Z]?(?=[-_.]|$)", _digitalglobe),
    _row("kompsat", r"K(?P<unit>3A?|5)_(?P<time>20\d{12})_\d{5}_\d{8}_(?P<level>L\w\w)(?:_\w+)?", _kompsat),
    _row("aster", r"AST_(?P<level>L1[ABT]|\d\d)_003(?P<time>\d{14})_(?P<made>\d{14})(?:_\d+)?", _aster),
    _row("modis", r"M(?P<unit>[OYC])D\w{2,8}\.A(?P<year>20\d\d)(?P<doy>\d{3})", _modis),
    _row("cbers", r"CBERS_(?P<unit>\dA?)_(?P<instrument>[A-Z0-9]+)_(?P<day>(?:19|20)\d{6})_\d{3}_\d{3}_L\d\w*", _cbers),
    _row("alos-2-scene", r"ALOS2\d{9}-(?P<day>\d{6})", _alos2_scene),
    _row(
        "palsar-2-mosaic",
        r"[NS]\d\d[EW]\d{3}_(?P<year>1[4-9]|2\d)_(?P<kind>C|FNF|MOS|sl_HH|sl_HV|date|mask|linci)_F02D(?P<pass>[AD])(?P<look>[RL])",
        _palsar_mosaic,
    ),
    _row("umbra", r"(?P<time>20\d\d-\d\d-\d\d-\d\d-\d\d-\d\d)_UMBRA-(?P<unit>\d\d)", _umbra),
    _row("capella", r"CAPELLA_C\d+_\w+?_\w+?_(?P<pol>HH|VV)_(?P<start>20\d{12})_(?P<end>20\d{12})", _capella),
    _row("naip", r"m_(?P<quad>\d{7})_(?P<quarter>ne|nw|se|sw)_\d\d_\w{1,3}_(?P<day>20\d{6})(?:_20\d{6})?", _naip),
    _row(
        "linz", r"(?P<sheet>[A-C][A-Z]\d\d)_(?P<year>(?:19|20)\d\d)_(?P<scale>500|1000|2000|5000|10000|50000)_\d{4}", _linz, product=False
    ),
    _row("utc-time", r"(?P<time>(?:19|20)\d{6}T\d{6})Z", _utc, product=False),
)
"""First match wins, so the more telling conventions stand first."""
