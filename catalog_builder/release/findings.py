"""The findings of the release room."""

from __future__ import annotations

from catalog_builder.findings import FindingType, Severity
from catalog_builder.i18n import N_

SHRINK = FindingType(
    "release.shrink",
    Severity.ERROR,
    N_("The new release would lose {lost} of {before} items ({percent} %); more than {limit} % is refused."),
    N_("Check that the archive is connected and complete. If the items are meant to go, build with --allow-shrink."),
)
EMPTY = FindingType(
    "release.empty",
    Severity.WARNING,
    N_("No item may be shown to the audience {audience}; the release holds none."),
    N_("Scenes are internal unless their collection and order say public; build for another audience with --audience internal."),
)
LEAK = FindingType(
    "release.leak",
    Severity.ERROR,
    N_("{path} mentions {name}, whose access is {access}; the release was not written."),
    N_("This is a fault of catalog-builder: report it with this message. The release that is served has not changed."),
)
SITE_OCCUPIED = FindingType(
    "release.site-occupied",
    Severity.ERROR,
    N_("{path} holds files that are not a release; nothing was changed there."),
    N_("Choose another folder with --site, or empty this one."),
)
LOCKED = FindingType(
    "release.locked",
    Severity.ERROR,
    N_("Another build is working on this store: {owner} since {since}."),
    N_("Wait until it has finished. If it is certainly dead, delete {path}."),
)
STORE_INSIDE_ARCHIVE = FindingType(
    "release.store-inside-archive",
    Severity.ERROR,
    N_("{path} lies inside the archive {archive}; the archive is never written to."),
    N_("Choose a store and a site outside the archive."),
)
STORE_QUESTION_MARK = FindingType(
    "release.store-question-mark",
    Severity.ERROR,
    N_("The path of the store, {path}, has a question mark, which ends a path for the library that reads rasters."),
    N_("Choose a store without a question mark in its path."),
)
NO_ARCHIVE = FindingType(
    "release.no-archive",
    Severity.ERROR,
    N_("The archive folder {path} does not exist."),
    N_("Connect the disk, or correct paths.archive in catalog.toml, or give --archive."),
)
DISK = FindingType(
    "release.disk",
    Severity.ERROR,
    N_("Writing failed: {problem}. The release that is served has not changed."),
    N_("Make room or restore the connection, then run the same command again; finished scenes are not made again."),
)
