"""Bands of an asset as STAC 1.1.0 ``bands``, with the eo 2.0.0, raster 2.0.0 and classification 2.0.0 fields inside."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from catalog_builder.archive.delivery import Category
from catalog_builder.ids import slug
from catalog_builder.raster.model import BandFacts, Histogram, Statistics
from catalog_builder.stac.ledger import text, tidy
from catalog_builder.stac.model import Json

COMMON_NAMES = frozenset(
    {
        "pan",
        "coastal",
        "blue",
        "green",
        "green05",
        "yellow",
        "red",
        "rededge",
        "rededge071",
        "rededge075",
        "rededge078",
        "nir",
        "nir08",
        "nir09",
        "cirrus",
        "swir16",
        "swir22",
        "lwir",
        "lwir11",
        "lwir12",
    }
)
"""Common band names of the eo extension 2.0.0."""

MAX_EXACT_INTEGER = 2**53
"""Beyond this a 64-bit float no longer holds every integer; vendors write nodata such as -1.8e308."""

MIN_BUCKETS = 3
"""Fewest buckets the raster extension 2.0.0 takes in a histogram."""


def bands(facts: Sequence[BandFacts]) -> list[Json]:
    """One band object per band of the file, in the order of the file; a band without a name is called by its number."""
    return [_band(f, number) for number, f in enumerate(facts, 1)]


def _band(facts: BandFacts, number: int) -> Json:
    band = facts.band
    out: Json = {"name": text(band.name) or str(number)}
    if band.description:
        out["description"] = text(band.description)
    out["data_type"] = facts.data_type
    if facts.nodata is not None:
        out["nodata"] = json_number(facts.nodata)
    if band.unit:
        out["unit"] = text(band.unit)
    if band.gsd is not None and band.gsd > 0:
        out["gsd"] = tidy(band.gsd)
    statistics = _statistics(facts.statistics)
    if statistics:
        out["statistics"] = statistics
    out |= _spectral(facts) | _radiometric(facts)
    if facts.pixel_checksum:
        out["cb:pixel_checksum"] = facts.pixel_checksum
    percentiles = [facts.statistics.percentile_2, facts.statistics.percentile_98]
    if all(p is not None and math.isfinite(p) for p in percentiles):
        out["cb:percentiles"] = [tidy(p) for p in percentiles if p is not None]
    if band.unverified:
        out["cb:unverified"] = True
    return out


def _spectral(facts: BandFacts) -> Json:
    band = facts.band
    out: Json = {}
    if band.common_name in COMMON_NAMES:
        out["eo:common_name"] = band.common_name
    if band.center_wavelength is not None and band.center_wavelength > 0:
        out["eo:center_wavelength"] = tidy(band.center_wavelength)
    if band.full_width_half_max is not None and band.full_width_half_max > 0:
        out["eo:full_width_half_max"] = tidy(band.full_width_half_max)
    return out


def _radiometric(facts: BandFacts) -> Json:
    out: Json = {}
    if facts.band.scale is not None:
        out["raster:scale"] = facts.band.scale
    if facts.band.offset is not None:
        out["raster:offset"] = facts.band.offset
    if facts.bits_per_sample is not None:
        out["raster:bits_per_sample"] = facts.bits_per_sample
    if facts.histogram is not None and len(facts.histogram.counts) >= MIN_BUCKETS:
        out["raster:histogram"] = _histogram(facts.histogram)
    return out


def _statistics(statistics: Statistics) -> Json:
    values = {
        "minimum": statistics.minimum,
        "maximum": statistics.maximum,
        "mean": statistics.mean,
        "stddev": statistics.stddev,
        "valid_percent": statistics.valid_percent,
    }
    return {name: tidy(value) for name, value in values.items() if value is not None and math.isfinite(value)}


def _histogram(histogram: Histogram) -> Json:
    return {
        "count": len(histogram.counts),
        "min": tidy(histogram.minimum),
        "max": tidy(histogram.maximum),
        "buckets": list(histogram.counts),
    }


def json_number(value: float) -> float | int | str:
    """A number as STAC writes it: integers without a point while a float holds them exactly, ``nan`` and infinities as words."""
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return int(value) if value == int(value) and abs(value) <= MAX_EXACT_INTEGER else float(value)


def classes(categories: Sequence[Category]) -> list[Json]:
    """``classification:classes`` of a categorical asset; the name as delivered stays in ``title``."""
    out = []
    for category in categories:
        entry: Json = {"value": category.value, "name": re.sub(r"[^0-9A-Za-z_-]", "-", slug(category.name)), "title": text(category.name)}
        if category.description:
            entry["description"] = text(category.description)
        colour = (category.color or "").removeprefix("#")
        if re.fullmatch(r"[0-9A-Fa-f]{6}", colour):
            entry["color_hint"] = colour.upper()
        out.append(entry)
    return out
