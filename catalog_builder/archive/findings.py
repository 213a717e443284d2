"""The findings of the archive room."""

from __future__ import annotations

from catalog_builder.findings import FindingType, Severity
from catalog_builder.i18n import N_

METADATA_TOO_LARGE = FindingType(
    "archive.metadata-too-large",
    Severity.ERROR,
    N_("The metadata file is {size} bytes; files over {limit} bytes are not read."),
    N_("Check whether this really is a metadata file; if so, ask the vendor for a clean copy."),
)
METADATA_UNREADABLE = FindingType(
    "archive.metadata-unreadable",
    Severity.ERROR,
    N_("The metadata file cannot be read: {problem}."),
    N_("Copy the file again from the delivery medium or ask the vendor for it."),
)
XML_ENTITIES = FindingType(
    "archive.xml-entities",
    Severity.ERROR,
    N_("The XML file declares entities, which could read other files or fill the memory; it was not read."),
    N_("No vendor needs this. Find out where the file comes from; remove the DOCTYPE if you trust it."),
)
NO_DATE = FindingType(
    "archive.no-date",
    Severity.ERROR,
    N_("The delivery does not say when the scene was taken."),
    N_("Add the acquisition date to an override file, with who says so (catalog-builder scan --write-overrides prepares it)."),
)
NO_RASTER = FindingType(
    "archive.no-raster",
    Severity.WARNING,
    N_("The delivery has metadata but no readable raster; the item is published without pixels."),
    N_("Find the raster file of this scene and put it beside the metadata."),
)
CONFLICT = FindingType(
    "archive.conflict",
    Severity.WARNING,
    N_("Two sources disagree about {field}: {kept} ({kept_source}) was used, {other} ({other_source}) was not."),
    N_("If the second value is right, say so in an override."),
)
