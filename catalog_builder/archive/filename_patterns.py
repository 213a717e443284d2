"""Names that missions give their products: the conventions, as expressions whose named parts are read in
:mod:`catalog_builder.archive.filename_parts`. The documents that define them are named there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from catalog_builder.archive import filename_parts as parts
from catalog_builder.archive.filename_parts import Said


@dataclass(frozen=True, slots=True)
class NamePattern:
    """A naming convention. ``read`` may raise ValueError for a date that does not exist; the name then says nothing."""

    name: str
    regex: re.Pattern[str]
    read: Callable[[re.Match[str]], Said]
    product: bool = True  # names a product, so that it means the same as the name of a folder


def _row(name: str, regex: str, read: Callable[[re.Match[str]], Said], *, product: bool = True) -> NamePattern:
    return NamePattern(name, re.compile(rf"(?<![A-Za-z0-9])(?:{regex})(?![A-Za-z0-9])", re.IGNORECASE), read, product)


_T = r"\d{8}T\d{6}"

PATTERNS: tuple[NamePattern, ...] = (
    _row(
        "sentinel-2-product",
        rf"S2(?P<unit>[A-D])_MSI(?P<level>L1B|L1C|L2A)_(?P<time>{_T})(?:_N\d{{4}})?_R(?P<orbit>\d{{3}})_T(?P<tile>\d\d[A-Z]{{3}})(?:_{_T})?",
        parts.sentinel2_product,
    ),
    _row(
        "sentinel-2-oper",
        rf"S2(?P<unit>[A-D])_OPER_MSI_(?P<level>L1B|L1C|L2A)_\w\w_\w{{4}}_(?P<time>{_T})_A(?P<absolute>\d{{6}})_T(?P<tile>\d\d[A-Z]{{3}})",
        parts.sentinel2_oper,
    ),
    _row("sentinel-2-tile", rf"T(?P<tile>\d\d[A-Z]{{3}})_(?P<time>{_T})(?=_(?:B\d|TCI|SCL|AOT|WVP|PVI|CLD|SNW))", parts.sentinel2_tile),
    _row(
        "sentinel-1-product",
        rf"S1(?P<unit>[A-D])_(?P<mode>IW|EW|WV|S[1-6])_(?P<type>GRD|SLC|OCN|RAW)[FHM_]_\d[SA](?P<pol>SH|SV|DH|DV)_(?P<start>{_T})_(?P<end>{_T})_(?P<orbit>\d{{6}})",
        parts.sentinel1,
    ),
    _row(
        "sentinel-1-measurement",
        rf"s1(?P<unit>[a-d])-(?P<mode>iw\d?|ew\d?|wv\d?|s[1-6])-(?P<type>grd|slc|ocn)-(?P<pol>hh|hv|vv|vh)-(?P<start>{_T})-(?P<end>{_T})-(?P<orbit>\d{{6}})",
        parts.sentinel1,
    ),
    _row(
        "landsat-product",
        r"L(?P<letter>[COTEM])0(?P<number>[1-9])_(?P<level>L\d\w\w)_(?P<path>\d{3})(?P<row>\d{3})_(?P<day>\d{8})_(?P<made>\d{8})_\d\d_(?:RT|T1|T2|A1|A2)",
        parts.landsat_collection,
    ),
    _row(
        "landsat-scene",
        r"L(?P<letter>[COTEM])(?P<number>[1-9])(?P<path>\d{3})(?P<row>\d{3})(?P<year>(?:19|20)\d\d)(?P<doy>\d{3})[A-Z]{3}\d\d",
        parts.landsat_scene,
    ),
    _row("landsat-nlaps", r"L(?P<number>[1-9])\d?(?P<path>\d{3})(?P<row>\d{3})_\d{3}(?P<day>(?:19|20)\d{6})", parts.landsat_nlaps),
    _row("landsat-geocover", r"p(?P<path>\d{3})r(?P<row>\d{3})_(?P<number>[1-7])[a-z]{1,2}(?P<day>(?:19|20)\d{6})", parts.landsat_nlaps),
    _row(
        "envisat",
        r"(?P<instrument>ASA|MER)_(?P<mode>\w{3})_(?P<level>\d[A-Z]).{3,8}?(?P<day>(?:19|20)\d{6})_(?P<time>\d{6})_(?P<seconds>\d{8})\d{4}_(?P<relative>\d{5})_(?P<absolute>\d{5})_\d{4}",
        parts.envisat,
    ),
    _row(
        "planetscope",
        r"(?P<id>(?P<day>20\d{6})_(?P<time>\d{6})_(?:\d\d_)?[0-9a-f]{4})(?=_(?:1B|3A|3B|BasicAnalytic|Analytic|Visual))",
        parts.planetscope,
    ),
    _row("skysat", r"(?P<day>20\d{6})_(?P<time>\d{6})_ss(?P<c>c?)(?P<number>\d{1,2})(?:d\d)?(?:_\d{4})?", parts.skysat),
    _row("rapideye", r"\d{7}_(?P<day>20\d\d-\d\d-\d\d)_RE(?P<unit>[1-5])_(?P<level>1B|3A)", parts.rapideye),
    _row(
        "airbus",
        r"(?P<unit>PHR1[AB]|SPOT[67]|PNEO[34])_(?P<mode>[A-Z]{1,3}(?:-[A-Z]+)?)(?:_\d{3})?_(?P<time>20\d{12})(?P<tenth>\d)?(?:_(?P<level>SEN|ORT|PRJ|MOS))",
        parts.airbus,
    ),
    _row("digitalglobe", r"(?P<time>\d\d[A-Z]{3}\d{8})-(?P<mode>[PMSA])\d[A-Z]{2}[A-Z]?(?=[-_.]|$)", parts.digitalglobe),
    _row("kompsat", r"K(?P<unit>3A?|5)_(?P<time>20\d{12})_\d{5}_\d{8}_(?P<level>L\w\w)(?:_\w+)?", parts.kompsat),
    _row("aster", r"AST_(?P<level>L1[ABT]|\d\d)_003(?P<time>\d{14})_(?P<made>\d{14})(?:_\d+)?", parts.aster),
    _row("modis", r"M(?P<unit>[OYC])D\w{2,8}\.A(?P<year>20\d\d)(?P<doy>\d{3})", parts.modis),
    _row("cbers", r"CBERS_(?P<unit>\dA?)_(?P<instrument>[A-Z0-9]+)_(?P<day>(?:19|20)\d{6})_\d{3}_\d{3}_L\d\w*", parts.cbers),
    _row("alos-2-scene", r"ALOS2\d{9}-(?P<day>\d{6})", parts.alos2_scene),
    _row(
        "palsar-2-mosaic",
        r"[NS]\d\d[EW]\d{3}_(?P<year>1[4-9]|2\d)_(?P<kind>C|FNF|MOS|sl_HH|sl_HV|date|mask|linci)_F02D(?P<pass>[AD])(?P<look>[RL])",
        parts.palsar_mosaic,
    ),
    _row("umbra", r"(?P<time>20\d\d-\d\d-\d\d-\d\d-\d\d-\d\d)_UMBRA-(?P<unit>\d\d)", parts.umbra),
    _row("capella", r"CAPELLA_C\d+_\w+?_\w+?_(?P<pol>HH|VV)_(?P<start>20\d{12})_(?P<end>20\d{12})", parts.capella),
    _row("naip", r"m_(?P<quad>\d{7})_(?P<quarter>ne|nw|se|sw)_\d\d_\w{1,3}_(?P<day>20\d{6})(?:_20\d{6})?", parts.naip),
    _row(
        "linz",
        r"(?P<sheet>[A-C][A-Z]\d\d)_(?P<year>(?:19|20)\d\d)_(?P<scale>500|1000|2000|5000|10000|50000)_\d{4}",
        parts.linz,
        product=False,
    ),
    _row("utc-time", r"(?P<time>(?:19|20)\d{6}T\d{6})Z", parts.utc, product=False),
)
"""First match wins, so the more telling conventions stand first."""
