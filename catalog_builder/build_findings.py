"""Findings of the pipeline itself."""

from __future__ import annotations

from catalog_builder.findings import FindingType, Severity
from catalog_builder.i18n import N_

SCENE_FAILED = FindingType(
    "build.scene-failed",
    Severity.ERROR,
    N_("The scene could not be made: {problem}."),
    N_("Run the build again; if it fails again, look at the files of the scene, and report the message with them."),
)
SOURCE_CHANGED = FindingType(
    "build.source-changed",
    Severity.WARNING,
    N_("The file has other content than when scene {scene} was made of it, with the same size and time of change."),
    N_("The scene was made again. Find out who changed the file: a tool that keeps times, or a disk that fails."),
)
PRODUCT_DAMAGED = FindingType(
    "build.product-damaged",
    Severity.WARNING,
    N_("The file of scene {scene} in the store is missing or is not as it was written."),
    N_("The scene was made again, and the served file put right. Check the disk of the store."),
)
SERVED_DAMAGED = FindingType(
    "build.served-damaged",
    Severity.WARNING,
    N_("The served file was missing or not as it was written."),
    N_("It was written again. Check the disk of the site, and who else can write to it."),
)
