"""Which bands of which products are shown, and how their values become brightness."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from catalog_builder.archive.delivery import RasterKind
from catalog_builder.definition.model import Localised, Rendering
from catalog_builder.raster.model import RasterProduct


class Style(StrEnum):
    """How channels become colours."""

    RGB = "rgb"
    GREY = "grey"
    RELIEF = "relief"  # colour ramp over elevation with hill shading
    CLASSES = "classes"  # the palette of the file or the colours of its categories


@dataclass(frozen=True, slots=True)
class Channel:
    """One band of one product and the values shown as black and white."""

    product: RasterProduct
    band: int  # from 0
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Look:
    """A decided rendering: three channels for RGB, else one. ``title`` is English, or the definition's own."""

    style: Style
    channels: tuple[Channel, ...]
    title: Localised

    @property
    def product(self) -> RasterProduct:
        """The product whose grid the visual copy has."""
        return self.channels[0].product

    def to_json(self) -> dict[str, Any]:
        """What ``Raster.rendering`` says: ``assets`` one per channel (``asset`` where all are the same), ``bands`` counted from 1,
        ``ranges`` the values shown as black and white, ``title`` in English and ``titles`` per language."""
        assets = [c.product.key for c in self.channels]
        return {
            "title": self.title.get("en") or next(iter(self.title.values())),
            "titles": dict(self.title),
            "style": self.style.value,
            "asset": assets[0] if len(set(assets)) == 1 else None,
            "assets": assets,
            "bands": [c.band + 1 for c in self.channels],
            "ranges": [[c.low, c.high] for c in self.channels],
        }


DARK = 96.0
"""8-bit bands whose 98th percentile lies below this are raw counts of a sensor, not a picture made for eyes."""

TRUE_COLOUR: Localised = {"vi": "Màu tự nhiên", "en": "True colour"}
FALSE_COLOUR: Localised = {"vi": "Tổ hợp màu giả (cận hồng ngoại, đỏ, lục)", "en": "False colour (near infrared, red, green)"}
AS_STORED: Localised = {"vi": "Màu như trong tệp", "en": "Colours as stored"}
GREY: Localised = {"vi": "Thang xám", "en": "Grey"}
RELIEF: Localised = {"vi": "Độ cao", "en": "Elevation"}
CLASSES: Localised = {"vi": "Các lớp phân loại", "en": "Classes"}

_COMBINATIONS = (
    (("red", "green", "blue"), TRUE_COLOUR),
    (("nir", "red", "green"), FALSE_COLOUR),
    (("nir08", "red", "green"), FALSE_COLOUR),
)


def choose(products: Sequence[RasterProduct], renderings: Iterable[Rendering]) -> tuple[Look | None, tuple[str, ...]]:
    """The first rendering of the collection that fits, else the default for the kind of data; and the bands that no rendering found.

    Primary products are looked at first; None where no product can be shown.
    """
    shown = sorted(products, key=lambda p: not p.primary)
    missing: tuple[str, ...] = ()
    for rendering in renderings:
        bands = [_find(shown, name) for name in rendering.bands]
        if None not in bands and len(bands) in (1, 3):
            found = [b for b in bands if b is not None]
            style = Style.RGB if len(found) == 3 else Style.GREY
            return Look(style, tuple(_stretched(p, i, rendering) for p, i in found), dict(rendering.title)), ()
        missing = missing or tuple(n for n, b in zip(rendering.bands, bands, strict=True) if b is None)
    return _default(shown), missing


def _default(products: Sequence[RasterProduct]) -> Look | None:
    if not products:
        return None
    first = products[0]
    if first.kind is RasterKind.CATEGORICAL or _is_palette(first):
        return Look(Style.CLASSES, (Channel(first, 0, 0, 255),), CLASSES)
    if first.kind is RasterKind.ELEVATION:
        return Look(Style.RELIEF, _by_default([(first, 0)]), RELIEF)
    group = [p for p in products if p.primary == first.primary and p.kind is first.kind]
    for names, title in _COMBINATIONS:
        found = [_find(group, name, common_only=True) for name in names]
        if None not in found:
            return Look(Style.RGB, _by_default([f for f in found if f is not None]), title)
    if [b.band.name for b in first.bands[:3]] == ["red", "green", "blue"]:
        return Look(Style.RGB, _by_default([(first, i) for i in range(3)]), AS_STORED)
    return Look(Style.GREY, _by_default([(first, 0)]), GREY)


def _is_palette(product: RasterProduct) -> bool:
    return product.bands[0].band.name == "palette"


def _find(products: Sequence[RasterProduct], name: str, *, common_only: bool = False) -> tuple[RasterProduct, int] | None:
    """The band called ``name`` (common name first, then own name), in one product as far as possible."""
    for by_common_name in (True,) if common_only else (True, False):
        for product in products:
            for index, facts in enumerate(product.bands):
                if (facts.band.common_name if by_common_name else facts.band.name) == name:
                    return product, index
    return None


def _by_default(bands: Sequence[tuple[RasterProduct, int]]) -> tuple[Channel, ...]:
    """8-bit data are shown as they are, unless all of them are dark; other values between their 2nd and 98th percentile."""
    facts = [product.bands[band] for product, band in bands]
    bright = [f.statistics.percentile_98 is None or f.statistics.percentile_98 >= DARK for f in facts]
    if all(f.data_type == "uint8" for f in facts) and any(bright):
        return tuple(Channel(product, band, 0.0, 255.0) for product, band in bands)
    return tuple(_stretched(product, band) for product, band in bands)


def _stretched(product: RasterProduct, band: int, rendering: Rendering | None = None) -> Channel:
    if rendering is not None and rendering.stretch == "fixed" and rendering.range is not None:
        return Channel(product, band, *rendering.range)
    s = product.bands[band].statistics
    by_range = rendering is not None and rendering.stretch == "minmax"
    low, high = (s.minimum, s.maximum) if by_range else (s.percentile_2, s.percentile_98)
    if low is None or high is None:
        return Channel(product, band, 0.0, 1.0)
    if high <= low:  # one value everywhere, which may be so large that 1 adds nothing to it
        high = low + max(1.0, abs(low) * 1e-6)
    return Channel(product, band, low, high)
