"""Lines to copy: how to use a scene from QGIS, GDAL, Python and curl, with the addresses of this very scene."""

from __future__ import annotations

from dataclasses import dataclass

from catalog_builder.i18n import N_
from catalog_builder.site.wording import Wording


@dataclass(frozen=True, slots=True)
class Snippet:
    """A titled piece of text to copy."""

    title: str
    text: str
    note: str = ""


def item_snippets(raster: str | None, record: str, band_count: int, say: Wording) -> tuple[Snippet, ...]:
    """Snippets for a scene. ``raster`` and ``record`` are public addresses, or paths from the root of the release.

    Addresses are percent-encoded by the caller, so they cannot end a quoted string.
    """
    remote = record.startswith("http")
    snippets = []
    if raster is not None:
        gdal = f"/vsicurl/{raster}" if remote else raster
        bands = "[3, 2, 1]" if band_count >= 3 else "[1]"
        qgis = say(N_("Layer › Add Layer › Add Raster Layer; source:"))
        snippets += [
            Snippet("QGIS", gdal, qgis),
            Snippet("GDAL", f'gdalinfo "{gdal}"\n\ngdal_translate -srcwin 0 0 1024 1024 \\\n  "{gdal}" window.tif'),
            Snippet(
                "Python · rasterio",
                "import rasterio\nfrom rasterio.windows import Window\n\n"
                f'with rasterio.open("{raster}") as scene:\n    pixels = scene.read({bands}, window=Window(0, 0, 1024, 1024))',
            ),
        ]
    snippets.append(
        Snippet(
            "Python · pystac",
            f'import pystac\n\nitem = pystac.Item.from_file("{record}")\nfor name, asset in item.assets.items():\n'
            "    print(name, asset.get_absolute_href())",
        )
    )
    if raster is not None and remote:
        snippets.append(Snippet(say(N_("Resume a broken download")), f'curl -C - -O "{raster}"'))
    return tuple(snippets)


def catalogue_snippets(root: str, say: Wording) -> tuple[Snippet, ...]:
    """Snippets for the whole catalogue, whose root ``catalog.json`` is at ``root``."""
    return (
        Snippet(
            "Python · pystac",
            f'import pystac\n\ncatalog = pystac.Catalog.from_file("{root}")\nfor item in catalog.get_items(recursive=True):\n'
            "    print(item.id, item.datetime)",
        ),
        Snippet("QGIS ≥ 3.42", root, say(N_("Browser › STAC › New Connection; address:"))),
    )
