"""Lines to copy: how to use a scene from QGIS, GDAL, Python and curl, with the addresses of this very scene."""

from __future__ import annotations

from collections.abc import Sequence
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


def guide_snippets(
    root: str, table: str | None, raster: str | None, record: str | None, box: Sequence[float] | None, say: Wording
) -> tuple[Snippet, ...]:
    """One example per tool, each whole and with addresses of this catalogue; tools without something to read are left out.

    ``box`` (west, south, east, north, degrees) is where ``raster`` lies: the windows of the examples are in its middle.
    """
    window = _window(box)
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
                f"SELECT id, datetime, assets\nFROM read_parquet('{table}')\n"
                f"WHERE bbox.xmin < {window[2]} AND bbox.xmax > {window[0]}\n  AND bbox.ymin < {window[3]} AND bbox.ymax > {window[1]}\n"
                "ORDER BY datetime DESC;",
                say(N_("All items are rows of one GeoParquet table; over HTTP only the parts that a question needs are read.")),
            ),
            Snippet("Python · GeoPandas", _geopandas(table)),
        ]
    if raster:
        gdal = f"/vsicurl/{raster}" if is_remote(raster) else raster
        found += [
            Snippet(
                "GDAL",
                f'gdalinfo "{gdal}"\n\ngdalwarp -t_srs EPSG:4326 -te {" ".join(window)} \\\n  "{gdal}" window.tif',
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


def _geopandas(table: str) -> str:
    """GeoPandas opens web addresses only with two more packages; Python itself fetches the table without any."""
    shown = 'print(items[["id", "datetime"]].head())'
    if not is_remote(table):
        return f'import geopandas\n\nitems = geopandas.read_parquet("{table}")\n{shown}'
    return (
        "import io\nimport urllib.request\n\nimport geopandas\n\n"
        f'table = urllib.request.urlopen("{table}").read()\nitems = geopandas.read_parquet(io.BytesIO(table))\n{shown}'
    )


def _window(box: Sequence[float] | None) -> tuple[str, str, str, str]:
    """The middle fifth of ``box`` in degrees; around Hạ Long where there is none, or where it crosses the antimeridian."""
    west, south, east, north = box if box is not None and box[0] < box[2] else (106.9, 20.8, 107.2, 21.1)
    x, y, half_x, half_y = (west + east) / 2, (south + north) / 2, (east - west) / 10, (north - south) / 10
    return f"{x - half_x:.5f}", f"{y - half_y:.5f}", f"{x + half_x:.5f}", f"{y + half_y:.5f}"
