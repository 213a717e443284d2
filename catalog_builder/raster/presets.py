"""Presets: codec, level, predictor and overview resampling per kind of raster, with the measured reason beside each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from catalog_builder.archive.delivery import RasterKind
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.prepared import read_toml
from catalog_builder.raster import findings
from catalog_builder.resources import data_dir

TILE = 512
"""Tile side in pixels: best of 256, 512 and 1024 in the measurements, and the default of the COG driver."""

KEPT = "jpeg-kept"
"""The preset of scenes whose JPEG tiles are copied; where there is nothing to copy it means the default."""

_TALL = 512
"""rio-cogeo takes an image over this many pixels that is exactly one tile wide for a striped one."""

_DEFAULTS = {
    RasterKind.CATEGORICAL: "categorical",
    RasterKind.ELEVATION: "elevation",
    RasterKind.SAR: "sar",
    RasterKind.SCAN: "scan",
}


class Preset(BaseModel):
    """One table of ``data/presets.toml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    codec: Literal["DEFLATE", "ZSTD", "LZW", "JPEG"]
    level: int | None = Field(default=None, ge=1, le=100)
    predictor: Literal["auto", "none"]
    overviews: Literal["AVERAGE", "MODE", "NEAREST"]
    reason: str


@cache
def presets() -> Mapping[str, Preset]:
    """All presets of the product by name."""
    tables = read_toml(data_dir() / "presets.toml")
    return {name: Preset(name=name, **table) for name, table in tables.items()}


def preset_for(kind: RasterKind, data_type: str, chosen: Mapping[str, str], subject: str) -> Preset:
    """The preset of a raster: what the collection chose for its kind, else the product's default for kind and data type.

    Raises:
        UnreadableDelivery: the collection names a preset that does not exist.
    """
    default = _DEFAULTS.get(kind) or _image_preset(data_type)
    name = chosen.get(kind.value) or default
    if name not in presets():
        raise UnreadableDelivery(findings.UNKNOWN_PRESET(subject, preset=name, known=", ".join(presets())))
    return presets()[default if name == KEPT else name]


def _image_preset(data_type: str) -> str:
    if data_type in ("uint8", "int8"):
        return "image-8bit"
    return "image-16bit" if data_type.startswith(("uint", "int")) else "float"


def tile_side(width: int, height: int) -> int:
    """:data:`TILE`, or a smaller power of two where some level of the pyramid would be exactly one tile wide and look striped."""
    return next((side for side in (TILE, TILE // 2, TILE // 4) if not looks_striped(width, height, side)), TILE)


def looks_striped(width: int, height: int, side: int) -> bool:
    """Whether rio-cogeo would take some level of the pyramid with tiles of ``side`` for a striped image."""
    return any(w == side and max(w, h) > _TALL for w, h in _levels(width, height, side))


def _levels(width: int, height: int, side: int) -> Iterator[tuple[int, int]]:
    """Sizes of all levels, whether a writer rounds odd sizes down (GDAL) or up (the one-pass writer)."""
    for up in (0, 1):
        w, h = width, height
        yield w, h
        while max(w, h) > side and min(w, h) > 1:
            w, h = (w + up) // 2, (h + up) // 2
            yield w, h
