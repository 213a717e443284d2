"""The tables of an item page: bands with their statistics, files to take away."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote

from catalog_builder.i18n import N_
from catalog_builder.site import codes
from catalog_builder.site.addresses import is_remote
from catalog_builder.site.charts import Histogram, histogram
from catalog_builder.site.reading import AssetView, BandView
from catalog_builder.site.scene import Scene
from catalog_builder.site.wording import NOTHING, Wording

COLOURED = frozenset({"red", "green", "blue", "nir", "nir08", "pan"})
"""Common names whose histogram has a colour of its own; the others share one."""


class BandRow(NamedTuple):
    """A band in the table."""

    name: str
    term: str
    colour: str
    histogram: Histogram | None
    histogram_label: str
    figures: tuple[str, ...]


class FileRow(NamedTuple):
    """A file to take away. ``href`` is empty where the item's link is not one that a page may follow."""

    href: str
    title: str
    name: str
    kind: str
    size: str
    sha256: str
    primary: bool
    label: str  # kind, with the key of the asset where the scene has several data assets


def band_rows(scene: Scene, say: Wording) -> tuple[BandRow, ...]:
    """The bands of all data assets, in the order of the item."""
    data = [a for a in scene.assets if "data" in a.roles and a.bands] or [a for a in scene.assets if a.bands and a.is_cog][:1]
    return tuple(_band(asset, band, len(data) > 1, say) for asset in data for band in asset.bands)


def _band(asset: AssetView, band: BandView, several: bool, say: Wording) -> BandRow:
    described = band.description or ""
    term = say(codes.BAND[band.common_name]) if band.common_name in codes.BAND else say(codes.DESCRIPTION.get(described, described))
    drawn = histogram(band.histogram, band.low, band.high, (band.percentile_2, band.percentile_98))
    figures = (band.minimum, band.percentile_2, band.mean, band.percentile_98, band.maximum, band.stddev)
    name = _band_name(asset, band) if several else band.name
    return BandRow(
        name=name,
        term=term if term.casefold() != name.casefold() else "",
        colour=band.common_name if band.common_name in COLOURED else "other",
        histogram=drawn,
        histogram_label=say(N_("Histogram of {band}"), band=name),
        figures=(
            *(NOTHING if f is None else say.number(f) for f in figures),
            NOTHING if band.valid_percent is None else say.percent(band.valid_percent),
        ),
    )


def _band_name(asset: AssetView, band: BandView) -> str:
    """A band among those of several assets: the asset's key alone where it has but one."""
    return f"{asset.key} {band.name}" if band.name != asset.key and len(asset.bands) > 1 else asset.key


MEDIA = {
    "image/tiff": "GeoTIFF",
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WebP",
    "application/json": "JSON",
    "application/geo+json": "GeoJSON",
    "application/xml": "XML",
    "text/xml": "XML",
    "text/plain": N_("Text"),
    "application/pdf": "PDF",
    "application/vnd.apache.parquet": "Parquet",
}


def file_rows(scene: Scene, root: str, say: Wording) -> tuple[FileRow, ...]:
    """The assets, the main image first; ``root`` leads from the page to the root of the release."""
    rows = []
    main, several = scene.main_asset, sum("data" in asset.roles for asset in scene.assets) > 1
    for asset in scene.assets:
        base = (asset.media_type or "").split(";")[0].strip()
        reference = asset.reference or ""
        kind = "COG" if asset.is_cog else say(MEDIA[base]) if base in MEDIA else base
        rows.append(
            FileRow(
                href=reference if not reference or is_remote(reference) else root + reference,
                title=asset.title_in(say.language) or asset.key,
                name=asset.description or unquote(reference.rsplit("/", 1)[-1]) or asset.key,
                kind=kind,
                size=say.size(asset.size) if asset.size is not None else "",
                sha256=asset.sha256 or "",
                primary=asset is main,
                label=f"{kind} {asset.key}" if several else kind,
            )
        )
    return tuple(sorted(rows, key=lambda r: not r.primary))
