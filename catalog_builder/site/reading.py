"""Reading STAC JSON for a page: typed, forgiving and side-effect free.

What a page shows may come from untrusted metadata; a value of an unexpected type is shown as unknown, never an exception. What JSON
gives is asked for first, because a page asks some hundred times.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog_builder.files import MULTIHASH_SHA256
from catalog_builder.i18n import LANGUAGES
from catalog_builder.site.addresses import resolved
from catalog_builder.stac.model import Json
from catalog_builder.times import from_stac

_NUMBERS = (int, float)
_WORDS = (str, int, float)

MAX_TEXT = 2000
"""Characters of one metadata value that a page shows; longer ones are cut with an ellipsis."""


def text(value: Any) -> str | None:
    """A non-empty text or number as text, else None."""
    if type(value) is not str:
        if isinstance(value, bool) or not isinstance(value, _WORDS):
            return None
        value = str(value)
    shown = value.strip()
    return (shown if len(shown) <= MAX_TEXT else shown[: MAX_TEXT - 1] + "…") or None


def number(value: Any) -> float | None:
    """A finite number, else None."""
    if type(value) is not float:
        if isinstance(value, bool) or not isinstance(value, _NUMBERS):
            return None
        value = float(value)
    return value if math.isfinite(value) else None


def texts(value: Any) -> tuple[str, ...]:
    """The texts of a list, or of a single text."""
    values = value if isinstance(value, list | tuple) else [value]
    return tuple(t for t in map(text, values) if t is not None)


def mapping(value: Any) -> Mapping[str, Any]:
    return value if type(value) is dict or isinstance(value, Mapping) else {}


def sequence(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list | tuple) else ()


def moment(value: Any) -> datetime | None:
    """An RFC 3339 date-time, else None."""
    try:
        return from_stac(value) if isinstance(value, str) else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class BandView:
    """A band as an item tells it. ``histogram`` are bucket counts over [``low``, ``high``]."""

    name: str
    common_name: str | None
    description: str | None
    data_type: str | None
    unit: str | None
    minimum: float | None
    maximum: float | None
    mean: float | None
    stddev: float | None
    valid_percent: float | None
    percentile_2: float | None
    percentile_98: float | None
    histogram: tuple[int, ...] = ()
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True, slots=True)
class AssetView:
    """An asset: ``reference`` is an encoded reference from the root of the release or an http(s) address, None when unsafe;
    ``titles`` are those beside the first one, by language."""

    key: str
    reference: str | None
    title: str | None
    description: str | None
    media_type: str | None
    roles: tuple[str, ...]
    size: int | None
    sha256: str | None
    bands: tuple[BandView, ...]
    width: int | None
    height: int | None
    titles: tuple[tuple[str, str], ...] = ()

    @property
    def is_cog(self) -> bool:
        return "cloud-optimized" in (self.media_type or "")

    def title_in(self, language: str) -> str | None:
        """The title in ``language``, else the first one."""
        return next((title for spoken, title in self.titles if spoken == language), self.title)


def texts_in(stac: Json, language: str) -> dict[str, str]:
    """The texts that an object has in ``language`` beside its first one: JSON Pointer -> text (``cb:texts``)."""
    holder = mapping(stac.get("properties")) if stac.get("type") == "Feature" else stac
    told = mapping(mapping(holder.get("cb:texts")).get(language))
    return {str(pointer): shown for pointer, value in told.items() if (shown := text(value))}


def assets_of(stac: Json, folder: str) -> tuple[AssetView, ...]:
    """The assets of an item or collection in the order they are written."""
    told = {language: texts_in(stac, language) for language in LANGUAGES}
    return tuple(_asset(str(key), mapping(value), folder, told) for key, value in mapping(stac.get("assets")).items())


def links_of(stac: Json, *relations: str) -> tuple[Mapping[str, Any], ...]:
    """The links with one of ``relations``."""
    return tuple(link for link in map(mapping, sequence(stac.get("links"))) if link.get("rel") in relations)


def _asset(key: str, asset: Mapping[str, Any], folder: str, told: Mapping[str, Mapping[str, str]]) -> AssetView:
    size, checksum = number(asset.get("file:size")), text(asset.get("file:checksum")) or ""
    shape = [number(n) for n in sequence(asset.get("proj:shape"))]
    rows, columns = shape if len(shape) == 2 and all(shape) else (None, None)
    pointer = f"/assets/{key.replace('~', '~0').replace('/', '~1')}/title"
    return AssetView(
        key=key,
        reference=resolved(folder, text(asset.get("href")) or "/"),
        title=text(asset.get("title")),
        description=text(asset.get("description")),
        media_type=text(asset.get("type")),
        roles=texts(asset.get("roles")) if asset.get("roles") else (),
        size=None if size is None else int(size),
        sha256=checksum.removeprefix(MULTIHASH_SHA256) if checksum.startswith(MULTIHASH_SHA256) else None,
        bands=tuple(_band(mapping(band), i) for i, band in enumerate(sequence(asset.get("bands")), start=1)),
        width=None if columns is None else int(columns),
        height=None if rows is None else int(rows),
        titles=tuple((language, shown[pointer]) for language, shown in told.items() if pointer in shown),
    )


def _band(band: Mapping[str, Any], index: int) -> BandView:
    statistics, histogram = mapping(band.get("statistics")), mapping(band.get("raster:histogram"))
    percentiles = [number(p) for p in sequence(band.get("cb:percentiles"))]
    low_high = percentiles if len(percentiles) == 2 else [None, None]
    return BandView(
        name=text(band.get("name")) or str(index),
        common_name=text(band.get("eo:common_name")),
        description=text(band.get("description")),
        data_type=text(band.get("data_type")),
        unit=text(band.get("unit")),
        minimum=number(statistics.get("minimum")),
        maximum=number(statistics.get("maximum")),
        mean=number(statistics.get("mean")),
        stddev=number(statistics.get("stddev")),
        valid_percent=number(statistics.get("valid_percent")),
        percentile_2=low_high[0],
        percentile_98=low_high[1],
        histogram=_counts(histogram.get("buckets")),
        low=number(histogram.get("min")) or 0.0,
        high=number(histogram.get("max")) or 0.0,
    )


def _counts(buckets: Any) -> tuple[int, ...]:
    """The counts of a histogram without what cannot be one."""
    if isinstance(buckets, list) and set(map(type, buckets)) == {int} and min(buckets) >= 0:
        return tuple(buckets)
    return tuple(int(c) for c in map(number, sequence(buckets)) if c is not None and c >= 0)
