"""The findings of the site room."""

from __future__ import annotations

from catalog_builder.findings import FindingType, Severity
from catalog_builder.i18n import N_

FONT_MISSING = FindingType(
    "site.font-missing",
    Severity.INFO,
    N_("The font {asset} has not been built; the pages use the fonts of the system."),
    N_("Run scripts/assets once, or install the wheel, which carries the assets."),
)
BASEMAP_MISSING = FindingType(
    "site.basemap-missing",
    Severity.INFO,
    N_("The coastline {asset} has not been built; the maps have none."),
    N_("Run scripts/assets once, or install the wheel, which carries the assets."),
)
MAP_MISSING = FindingType(
    "site.map-missing",
    Severity.INFO,
    N_("The live map {asset} has not been built; the pages of scenes show the preview only."),
    N_("Run scripts/assets once, or install the wheel, which carries the assets."),
)
RESERVED_NAME = FindingType(
    "site.reserved-name",
    Severity.ERROR,
    N_("The collection is called {name}, and so is a folder of the site; its pages would overwrite each other."),
    N_("Give the collection another id."),
)
NO_OUTLINES = FindingType(
    "site.no-outlines",
    Severity.WARNING,
    N_("The boundaries {path} give no outline, so there are no pages of places and no lines on the maps."),
    N_("Give a GeoJSON FeatureCollection in WGS 84 whose features have areas and a property {code} with the code of the register."),
)
NO_PUBLIC_ADDRESS = FindingType(
    "site.no-public-address",
    Severity.INFO,
    N_("The definition gives no public address, so the site has no sitemap, no canonical links and no preview images for sharing."),
    N_("Set public_address in catalog.toml when the address is known."),
)
