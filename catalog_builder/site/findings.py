"""The findings of the site room."""

from __future__ import annotations

from catalog_builder.findings import FindingType, Severity
from catalog_builder.i18n import N_

ASSET_MISSING = FindingType(
    "site.asset-missing",
    Severity.INFO,
    N_("The front-end asset {asset} has not been built; the pages fall back to {fallback}."),
    N_("Run scripts/assets once, or install the wheel, which carries the assets."),
)
RESERVED_NAME = FindingType(
    "site.reserved-name",
    Severity.ERROR,
    N_("The collection is called {name}, and so is a folder of the site; its pages would overwrite each other."),
    N_("Give the collection another id."),
)
NO_PUBLIC_ADDRESS = FindingType(
    "site.no-public-address",
    Severity.INFO,
    N_("The definition gives no public address, so the site has no sitemap, no canonical links and no preview images for sharing."),
    N_("Set public_address in catalog.toml when the address is known."),
)
