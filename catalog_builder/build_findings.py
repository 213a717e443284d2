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
