"""Lines to copy: how to use a scene from QGIS, GDAL, Python and curl, with the addresses of this very scene."""

from __future__ import annotations

from dataclasses import dataclass

from catalog_builder.i18n import N_
from catalog_builder.site.addresses import is_remote
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


def guide_snippets(root: str, table: str | None, raster: str | None, record: str | None, say: Wording) -> tuple[Snippet, ...]:
    """One example per tool, each whole and with addresses of this catalogue; tools without something to read are left out."""
    found = [
        Snippet("QGIS ≥ 3.42", root, say(N_("Browser › STAC › New Connection; address:"))),
        Snippet(
            "Python · pystac",
            f'import pystac\n\ncatalog = pystac.Catalog.from_file("{root}")\nfor item in catalog.get_items(recursive=True):\n'
            "    print(item.id, item.datetime)",
        ),
    ]
    if table:
        found += [
            Snippet(
                "DuckDB",
                'INSTALL spatial; LOAD spatial;\n\nSELECT id, datetime, "eo:cloud_cover", assets\nFROM read_parquet(\'' + table + "')\n"
                "WHERE bbox.xmin < 107.2 AND bbox.xmax > 106.9\n  AND bbox.ymin < 21.1 AND bbox.ymax > 20.8\nORDER BY datetime DESC;",
                say(N_("All items are rows of one GeoParquet table; over HTTP only the parts that a question needs are read.")),
            ),
            Snippet(
                "Python · GeoPandas",
                f'import geopandas\n\nitems = geopandas.read_parquet("{table}")\nprint(items[["id", "datetime"]].head())',
            ),
        ]
    if raster:
        gdal = f"/vsicurl/{raster}" if is_remote(raster) else raster
        found += [
            Snippet(
                "GDAL",
                f'gdalinfo "{gdal}"\n\ngdalwarp -t_srs EPSG:4326 -te 107.0 20.9 107.1 21.0 \\\n  "{gdal}" window.tif',
                say(N_("The window is an example; nothing outside it is read.")),
            ),
            Snippet(
                "Python · rasterio",
                "import rasterio\nfrom rasterio.windows import Window\n\n"
                f'with rasterio.open("{raster}") as scene:\n'
                "    print(scene.crs, scene.shape)\n    pixels = scene.read(1, window=Window(0, 0, 512, 512))",
            ),
            Snippet("R · terra", f'library(terra)\n\nscene <- rast("{gdal}")\nplot(scene[[1]])'),
        ]
    if record:
        read = f'read_stac("{record}")' if is_remote(record) else f'read_items("{record}")'
        found.append(Snippet("R · rstac", f"library(rstac)\n\nitem <- {read}\nassets_url(item)"))
    return tuple(found)
