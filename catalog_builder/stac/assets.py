"""Assets of an item: what each file is, with its size, checksum, grid and bands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from catalog_builder.archive.delivery import Delivery, RasterKind
from catalog_builder.files import StoredFile
from catalog_builder.i18n import N_
from catalog_builder.ids import slug
from catalog_builder.raster.model import Raster, RasterProduct
from catalog_builder.stac.bands import bands, classes
from catalog_builder.stac.ledger import tidy
from catalog_builder.stac.model import Json, plain
from catalog_builder.stac.projection import crs_fields, grid_fields, official_crs
from catalog_builder.stac.texts import escape, translated

COG_TYPE = "image/tiff; application=geotiff; profile=cloud-optimized"
"""Media type of a Cloud-Optimized GeoTIFF (STAC best practices)."""

MEDIA_TYPES: Mapping[str, str] = {
    ".csv": "text/csv",
    ".geojson": "application/geo+json",
    ".gif": "image/gif",
    ".html": "text/html",
    ".jp2": "image/jp2",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".kml": "application/vnd.google-earth.kml+xml",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".txt": "text/plain",
    ".webp": "image/webp",
    ".xml": "application/xml",
    ".zip": "application/zip",
}
UNKNOWN_TYPE = "application/octet-stream"

TITLES: Mapping[str, str] = {
    "image": N_("Image data (Cloud-Optimized GeoTIFF)"),
    "categorical": N_("Classes (Cloud-Optimized GeoTIFF)"),
    "elevation": N_("Elevation (Cloud-Optimized GeoTIFF)"),
    "sar": N_("Radar image (Cloud-Optimized GeoTIFF)"),
    "scan": N_("Scan (Cloud-Optimized GeoTIFF)"),
    "visual": N_("Image for viewing, 8 bit (Cloud-Optimized GeoTIFF)"),
    "thumbnail": N_("Thumbnail"),
    "preview": N_("Preview"),
    "metadata": N_("Metadata of the vendor"),
    "rpc": N_("Sensor model (RPC) of the vendor"),
    "georeference": N_("Georeference file"),
    "browse": N_("Quicklook of the vendor"),
    "mask": N_("Mask of the vendor"),
    "other": N_("Other file of the delivery"),
}
"""Title per kind of raster product, picture or sidecar role."""

SIDECAR_ROLES: Mapping[str, tuple[str, ...]] = {
    "metadata": ("metadata",),
    "rpc": ("metadata",),
    "georeference": ("metadata",),
    "browse": ("overview",),
    "mask": ("data-mask",),
}


class AssetWriter:
    """Collects assets in the order people look for them: data, visual, pictures, sidecars."""

    def __init__(self, delivery: Delivery, folder: Path, languages: tuple[str, ...]) -> None:
        self.delivery, self.folder, self.languages = delivery, folder, languages
        self.assets: dict[str, Json] = {}
        self.keys: dict[str, str] = {}  # key of a raster product -> key of its asset
        self.sources: dict[str, str] = {}
        self.texts: dict[str, Json] = {language: {} for language in languages[1:]}

    def write(self, raster: Raster, shared_code: bool) -> None:
        """All assets of ``raster``; ``shared_code`` leaves the CRS to the item where every grid has the same."""
        several = len(raster.products) > 1
        for product in raster.products:
            self._product(product, shared_code, several)
        if raster.visual:
            self._picture("visual", raster.visual, COG_TYPE, ["visual", "overview"])
        if raster.thumbnail:
            self._picture("thumbnail", raster.thumbnail, media_type(raster.thumbnail.path), ["thumbnail"])
        if raster.preview:
            self._picture("preview", raster.preview, media_type(raster.preview.path), ["overview"])
        for file, role, archive_name in raster.sidecars:
            key = self._free_key(role)
            self._add(key, file, media_type(file.path), list(SIDECAR_ROLES.get(role, ("metadata",))), TITLES.get(role, TITLES["other"]))
            self.assets[key]["description"] = archive_name.rsplit("/", 1)[-1]
            self.sources[f"assets/{key}"] = archive_name

    def _product(self, product: RasterProduct, shared_code: bool, several: bool) -> None:
        key = self.keys[product.key] = self._free_key(slug(product.key))
        self._add(key, product.cog, COG_TYPE, ["data"], TITLES[product.kind.value], product.key if several else "")
        asset = self.assets[key]
        source = next((r for r in self.delivery.rasters if r.key == product.key), None)
        gsd = (source.gsd if source else None) or product.gsd
        if gsd is not None and gsd > 0:
            asset["gsd"] = tidy(gsd)
        if not shared_code:
            asset |= crs_fields(product.grid.crs)
            if product.grid.crs is not None:
                asset["vn:crs"] = official_crs(product.grid.crs)
        asset |= grid_fields(product.grid)
        if product.gsd is not None and product.gsd > 0:
            asset["raster:spatial_resolution"] = tidy(product.gsd)
        if product.bands:
            asset["bands"] = bands(product.bands)
        if product.categories and product.kind is RasterKind.CATEGORICAL:
            asset["classification:classes"] = classes(product.categories)
        if product.rectification:
            asset["vn:rectification"] = plain(product.rectification)
        asset |= {"cb:kind": product.kind.value, "cb:preset": product.preset, "cb:lossless": product.lossless}
        if product.ground_control:
            asset["cb:ground_control"] = product.ground_control
        if product.source_names:
            asset["cb:source_names"] = list(product.source_names)
            self.sources[f"assets/{key}"] = ", ".join(product.source_names)

    def _picture(self, key: str, file: StoredFile, kind: str, roles: list[str]) -> None:
        self._add(self._free_key(key), file, kind, roles, TITLES[key])

    def _add(self, key: str, file: StoredFile, kind: str, roles: list[str], title: str, suffix: str = "") -> None:
        texts = {lang: f"{text}: {suffix}" if suffix else text for lang, text in translated(title, self.languages).items()}
        self.assets[key] = {
            "href": href_of(file.path, self.folder),
            "type": kind,
            "title": texts[self.languages[0]],
            "roles": roles,
            "file:size": file.size,
            "file:checksum": file.checksum,
        }
        for language in self.languages[1:]:
            self.texts[language][f"/assets/{escape(key)}/title"] = texts[language]

    def _free_key(self, wanted: str) -> str:
        """Sidecars get keys by role and number, not by file name: an index of many items stays one table of few columns."""
        if wanted not in self.assets:
            return wanted
        taken = Counter(k.rsplit("-", 1)[0] if k.rsplit("-", 1)[-1].isdigit() else k for k in self.assets)
        return next(k for n in range(taken[wanted] + 1, len(self.assets) + 3) if (k := f"{wanted}-{n}") not in self.assets)


def href_of(path: Path, folder: Path) -> str:
    """``path`` as a link relative to the item's ``folder``: ``./scene.tif``, percent-encoded where a URL asks for it.

    Raises:
        ValueError: it is not below ``folder``.
    """
    inside, whole = f"{folder.as_posix()}/", path.as_posix()
    if not whole.startswith(inside):
        raise ValueError(f"{path} is not in {folder}")
    return "./" + quote(whole.removeprefix(inside), safe="/!$&'()*+,;=:@~")


def media_type(path: Path) -> str:
    """Media type by suffix; unknown suffixes are bytes."""
    return MEDIA_TYPES.get(path.suffix.lower(), UNKNOWN_TYPE)
