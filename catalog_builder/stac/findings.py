"""Findings of the STAC room."""

from __future__ import annotations

from catalog_builder.findings import FindingType, Severity
from catalog_builder.i18n import N_

NO_DATE = FindingType(
    "stac.no-date",
    Severity.ERROR,
    N_("The item has no acquisition date, so it stays a draft."),
    N_("Add the acquisition date to an override file, with who says so."),
)
NO_GEOMETRY = FindingType(
    "stac.no-geometry",
    Severity.ERROR,
    N_("The item has no geometry, so it stays a draft."),
    N_("Give the coordinate system or ground control points in an override file, or find the vendor's outline of the scene."),
)
VALUE_REFUSED = FindingType(
    "stac.value-refused",
    Severity.WARNING,
    N_("{field} cannot be {value} ({source}); the item is published without it."),
    N_("Look the value up in the delivery and give the right one in an override file."),
)
LICENCE_NOT_SPDX = FindingType(
    "stac.licence-not-spdx",
    Severity.INFO,
    N_("The licence “{licence}” is not an SPDX identifier; the item says “other” and links to the licence text where there is one."),
    N_("Use an SPDX identifier such as CC-BY-4.0 in the order or collection, or keep “other” and give licence_url."),
)
SCHEMA_MISSING = FindingType(
    "stac.schema-missing",
    Severity.WARNING,
    N_("The schema {uri} is not on this machine; what it demands was not checked."),
    N_("Run “catalog-builder schemas fetch” on a machine with internet and “catalog-builder schemas add FOLDER” here."),
)
SCHEMA_CHANGED = FindingType(
    "stac.schema-changed",
    Severity.ERROR,
    N_("The schema {uri} in {file} is not the one this version was made for (SHA-256 {found}, expected {expected}); it was not used."),
    N_("Fetch the schema again, or update catalog-builder if the publisher changed it."),
)
SCHEMA_UNPINNED = FindingType(
    "stac.schema-unpinned",
    Severity.INFO,
    N_("The schema {uri} is not in the list of known schemas; it was taken as it is."),
    N_("Check where it comes from."),
)
SCHEMA_UNREADABLE = FindingType(
    "stac.schema-unreadable",
    Severity.ERROR,
    N_("The schema {uri} in {file} cannot be used: {problem}."),
    N_("Fetch the schema again."),
)
SCHEMA_NOT_FETCHED = FindingType(
    "stac.schema-not-fetched",
    Severity.ERROR,
    N_("The schema {uri} could not be fetched: {problem}."),
    N_("Check the internet connection and the proxy, or copy the schemas from another machine with “catalog-builder schemas add FOLDER”."),
)
SCHEMA_VIOLATION = FindingType(
    "stac.schema-violation",
    Severity.ERROR,
    N_("{pointer}: {problem} (schema {schema})."),
    N_("If the value comes from an override or a definition file, correct it there; otherwise please report it as a defect."),
)
NOT_STAC = FindingType(
    "stac.not-stac",
    Severity.ERROR,
    N_("This is not a STAC {version} item, collection or catalogue: {problem}."),
    N_("Check the file; convert older catalogues to STAC {version} first."),
)
FILE_MISSING = FindingType(
    "stac.file-missing",
    Severity.ERROR,
    N_("The link or asset “{name}” points to {href}, which is not there."),
    N_("Build the release again; if you copied it, copy it completely."),
)
FILE_OUTSIDE = FindingType(
    "stac.file-outside",
    Severity.ERROR,
    N_("The link or asset “{name}” points to {href}, outside the release."),
    N_("Build the release again."),
)
SIZE_DIFFERS = FindingType(
    "stac.size-differs",
    Severity.ERROR,
    N_("{href} has {found} bytes, but “{name}” says {expected}."),
    N_("The file was changed or cut after the release was made. Restore it from the store or build again."),
)
CHECKSUM_DIFFERS = FindingType(
    "stac.checksum-differs",
    Severity.ERROR,
    N_("The bytes of {href} are not those that “{name}” promises (checksum differs)."),
    N_("The file was changed after the release was made. Restore it from the store or build again."),
)
LINK_UNTITLED = FindingType(
    "stac.link-untitled",
    Severity.WARNING,
    N_("The link “{rel}” to {href} has no title."),
    N_("Build the release again with this version."),
)
UNREADABLE = FindingType(
    "stac.unreadable",
    Severity.ERROR,
    N_("pystac cannot read this object: {problem}."),
    N_("Build the release again; if the problem stays, please report it as a defect."),
)
PYSTAC_INVALID = FindingType(
    "stac.pystac-invalid",
    Severity.ERROR,
    N_("pystac finds this object invalid: {problem}."),
    N_("Please report it as a defect, with the JSON file."),
)
DUPLICATE_ID = FindingType(
    "stac.duplicate-id",
    Severity.ERROR,
    N_("Two items of one collection have the id {id}: {first} and {second}."),
    N_("Build the release again; ids must be unique in a collection."),
)
SECOND_OPINION = FindingType(
    "stac.second-opinion",
    Severity.ERROR,
    N_("stac-valid does not accept the object: {problem}"),
    N_("If the object was made by catalog-builder, report this message as a defect."),
)
