"""Findings of ``check``."""

from __future__ import annotations

from catalog_builder.findings import FindingType, Severity
from catalog_builder.i18n import N_

_AGAIN = N_("The tree is damaged or was edited by hand: build it again with --verify, or copy it again from where it is whole.")

NO_TREE = FindingType(
    "check.no-tree",
    Severity.ERROR,
    N_("There is nothing to check here: {path} does not exist."),
    N_("Give the folder that holds catalog.json or a definition; a release is made by: catalog-builder build DEFINITION"),
)
FILE_MISSING = FindingType("check.file-missing", Severity.ERROR, N_("The file is missing."), _AGAIN)
FILE_EXTRA = FindingType(
    "check.file-extra",
    Severity.WARNING,
    N_("The file does not belong to the release."),
    N_("Remove it, or find out who put it there; releases are written by catalog-builder alone."),
)
BYTES_DIFFER = FindingType("check.bytes-differ", Severity.ERROR, N_("Size or checksum differ from the manifest of the release."), _AGAIN)
NOT_JSON = FindingType("check.not-json", Severity.ERROR, N_("The file is not JSON: {problem}"), _AGAIN)
NOT_STAC = FindingType("check.not-stac", Severity.ERROR, N_("The file is not a STAC catalogue, collection or item."), _AGAIN)
LINK_BROKEN = FindingType("check.link-broken", Severity.ERROR, N_("The link {rel} leads nowhere: {href}"), _AGAIN)
LINK_STALE = FindingType("check.link-stale", Severity.ERROR, N_("{href} has another size or checksum than its link says."), _AGAIN)
PIXELS_DIFFER = FindingType(
    "check.pixels-differ",
    Severity.ERROR,
    N_("Band {band} of {asset} has other pixels than when it was made."),
    N_("Delete the scene from the store and build again; then look for the failing disk."),
)
NOT_COG = FindingType("check.not-readable", Severity.ERROR, N_("{asset} cannot be decoded: {problem}"), _AGAIN)
