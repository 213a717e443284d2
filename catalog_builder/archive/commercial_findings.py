"""Findings of the commercial vendor formats."""

from __future__ import annotations

from catalog_builder.findings import FindingType, Severity
from catalog_builder.i18n import N_

HREF_OUTSIDE = FindingType(
    "archive.href-outside",
    Severity.ERROR,
    N_("The metadata names the file {href}, which lies outside the delivery; it was not followed."),
    N_("A genuine delivery names only its own files. Find out where this one comes from, or ask the vendor for a clean copy."),
)
TILES_MISSING = FindingType(
    "archive.tiles-missing",
    Severity.WARNING,
    N_("The metadata lists {listed} image files and {missing} of them are not there, {example} for one."),
    N_("Copy the delivery again from its medium; until then the scene shows only the tiles that are there."),
)
BAD_VALUE = FindingType(
    "archive.bad-value",
    Severity.WARNING,
    N_("The metadata gives {value} as {key}, which cannot be right; it was treated as unknown."),
    N_("Compare with the order or the vendor's catalogue and put the right value into an override."),
)
AXES_SWAPPED = FindingType(
    "archive.axes-swapped",
    Severity.INFO,
    N_("The metadata gives latitudes where longitudes belong; the centre of its sensor model shows it, so they were swapped back."),
    N_("Nothing to do; check the footprint on the map."),
)
RPC_UNUSABLE = FindingType(
    "archive.rpc-unusable",
    Severity.WARNING,
    N_("The sensor model holds no numbers where they belong ({key}); the image is catalogued without it."),
    N_("Ask the vendor for the RPC file of this product if the scene is to be orthorectified."),
)
