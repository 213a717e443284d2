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
LINK_INSIDE = FindingType(
    "archive.link-inside",
    Severity.INFO,
    N_("A symbolic link to something inside the archive was left out: its target is found by itself."),
)
LINK_OUTSIDE = FindingType(
    "archive.link-outside",
    Severity.WARNING,
    N_("A symbolic link that leads out of the archive, to itself or nowhere was not followed."),
    N_("If the file belongs to the archive, put the file itself there, or name its folder as another archive root."),
)
SPECIAL_FILE = FindingType(
    "archive.special-file",
    Severity.INFO,
    N_("This is a {kind}, not a file with content; it was left out."),
)
FOLDER_UNREADABLE = FindingType(
    "archive.folder-unreadable",
    Severity.ERROR,
    N_("The folder cannot be listed: {problem}. What lies in it is missing from the catalogue."),
    N_("Check the access rights and the health of the disk."),
)
FILE_UNREADABLE = FindingType(
    "archive.file-unreadable",
    Severity.ERROR,
    N_("The file cannot be read: {problem}."),
    N_("Check the access rights and the health of the disk, or copy the file again from the delivery medium."),
)
FOLDER_TOO_DEEP = FindingType(
    "archive.folder-too-deep",
    Severity.ERROR,
    N_("The folder lies more than {limit} folders deep and was not searched."),
    N_("Move the delivery closer to the top of the archive."),
)
ROOT_MISSING = FindingType(
    "archive.root-missing",
    Severity.ERROR,
    N_("The archive folder is not there or is not a folder."),
    N_("Connect the disk or the share, or correct the path; nothing was changed."),
)
ROOTS_OVERLAP = FindingType(
    "archive.roots-overlap",
    Severity.ERROR,
    N_("The archive folder lies inside another one that was also given: {other}."),
    N_("Name only the upper folder."),
)
WORK_INSIDE_ARCHIVE = FindingType(
    "archive.work-inside-archive",
    Severity.ERROR,
    N_("The work area lies inside the archive, which is never written to."),
    N_("Choose a store outside the archive."),
)
WORK_UNWRITABLE = FindingType(
    "archive.work-unwritable",
    Severity.ERROR,
    N_("The work area cannot be written: {problem}."),
    N_("Choose a store on a disk with room where you may write."),
)
CONTAINER_UNSAFE = FindingType(
    "archive.container-unsafe",
    Severity.ERROR,
    N_("The archive file has {count} dangerous entries (absolute names, names with .., links, devices), which were not unpacked: {names}"),
    N_("Ordinary deliveries have no such entries. Find out who made the file; its other entries were read."),
)
CONTAINER_BOMB = FindingType(
    "archive.container-bomb",
    Severity.ERROR,
    N_("The archive file was refused, because unpacked it exceeds the limits: {problem}."),
    N_("If the file is genuine, unpack it by hand beside the archive and put the folder in its place."),
)
CONTAINER_CORRUPT = FindingType(
    "archive.container-corrupt",
    Severity.ERROR,
    N_("The archive file is damaged or incomplete: {problem}. Nothing in it was used."),
    N_("Copy the file again from the delivery medium or download it again."),
)
CONTAINER_UNSUPPORTED = FindingType(
    "archive.container-unsupported",
    Severity.ERROR,
    N_("The archive file cannot be unpacked here: {problem}."),
    N_("Unpack it by hand, or pack it again as .zip or .tar.gz without a password."),
)
CONTAINER_NESTED = FindingType(
    "archive.container-nested",
    Severity.ERROR,
    N_("{count} archive files inside archive files, more than {limit} deep, were not opened."),
    N_("Unpack the outer file by hand and put the folder in its place."),
)
NO_SPACE = FindingType(
    "archive.no-space",
    Severity.ERROR,
    N_("The work area has not enough room to unpack the archive file: {needed} bytes are needed, {free} are free."),
    N_("Free some space or choose another store."),
)
READER_FAILED = FindingType(
    "archive.reader-failed",
    Severity.ERROR,
    N_("Reading as {format} failed: {problem}."),
    N_("The delivery is damaged or of a kind not met before; please report it with its metadata file."),
)
READER_TIMEOUT = FindingType(
    "archive.reader-timeout",
    Severity.ERROR,
    N_("Reading as {format} took more than {seconds} seconds and was stopped."),
    N_("The file is damaged or was made to do this; check where it comes from."),
)
READER_DIED = FindingType(
    "archive.reader-died",
    Severity.ERROR,
    N_("Reading as {format} ended its process: {problem}."),
    N_("The file is damaged or was made to do this; check where it comes from."),
)
UNCLAIMED = FindingType(
    "archive.unclaimed",
    Severity.INFO,
    N_("{count} files belong to no scene that is known here: {names}"),
    N_("Nothing to do if they are documents; otherwise the format is unknown or its metadata file is missing."),
)
DUPLICATE = FindingType(
    "archive.duplicate",
    Severity.WARNING,
    N_("The same scene is also at {kept} ({reason}); this copy is not built."),
    N_("Keep one copy in the archive, or give this one another name by an override if it is a different product."),
)
OUT_OF_RANGE = FindingType(
    "archive.value-out-of-range",
    Severity.WARNING,
    N_("{field} is {value} according to {source}, which cannot be ({allowed}); the value was not used."),
    N_("If you know the right value, give it in an override."),
)
DATE_IMPOSSIBLE = FindingType(
    "archive.date-impossible",
    Severity.WARNING,
    N_("{field} is {value} according to {source}, which cannot be ({allowed}); the date was not used."),
    N_("If you know the right date, give it in an override."),
)
OVERRIDE_UNUSED = FindingType(
    "archive.override-unused",
    Severity.WARNING,
    N_("The override matches no delivery."),
    N_("Check its path: a pattern over archive-relative names, where * stays within one folder and ** does not."),
)
OVERRIDE_INVALID = FindingType(
    "archive.override-invalid",
    Severity.ERROR,
    N_("The override gives {field} as {value}; it can be: {forms}."),
    N_("Correct the value. A date must exist in the calendar, and an interval must end after it starts."),
)
OVERRIDE_RIVALS = FindingType(
    "archive.override-rivals",
    Severity.WARNING,
    N_("Two overrides give {field}: {kept} (of {kept_path}) was used, {other} (of {other_path}) was not."),
    N_("Remove one of them, or make their paths exclude each other."),
)
OVERRIDE_BANDS = FindingType(
    "archive.override-bands",
    Severity.ERROR,
    N_("The override gives {given} names for the bands of {raster}, which has {bands}."),
    N_("Give one name per band, in the order of the file."),
)
OUTPUT_INSIDE_ARCHIVE = FindingType(
    "archive.output-inside",
    Severity.ERROR,
    N_("The file {path} would be written into the archive {archive}, which is only read."),
    N_("Choose a place outside the archive."),
)
