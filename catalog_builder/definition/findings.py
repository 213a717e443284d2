"""The findings about a catalogue definition. They are errors of usage: nothing is built from a definition that has one."""

from __future__ import annotations

from catalog_builder.findings import FindingType, Severity
from catalog_builder.i18n import N_

MISSING = FindingType(
    "definition.missing",
    Severity.ERROR,
    N_("There is no catalogue definition here: {path} does not exist."),
    N_("Give the folder that holds catalog.toml, or make one with: catalog-builder init FOLDER"),
)
SYNTAX = FindingType(
    "definition.syntax",
    Severity.ERROR,
    N_("The file is not valid: {problem}"),
    N_("Correct the line; texts stand in double quotes, lists in square brackets."),
)
INVALID = FindingType(
    "definition.invalid",
    Severity.ERROR,
    N_("{key}: {problem}"),
    N_("Correct the value of {key}; the commented definition in catalog/quang-ninh shows every key."),
)
DUPLICATE = FindingType(
    "definition.duplicate",
    Severity.ERROR,
    N_("{kind} {code} is defined twice; the other one is in {other}."),
    N_("Give one of them another code, or delete it."),
)
UNKNOWN_REFERENCE = FindingType(
    "definition.unknown-reference",
    Severity.ERROR,
    N_("{key} names {code}, which is not in {register}."),
    N_("Correct the code, or add it to {register}."),
)
NO_COLLECTION = FindingType(
    "policy.no-collection",
    Severity.ERROR,
    N_("No collection of the definition takes this delivery ({format}, {platform})."),
    N_("Add a match rule to a collection, or set fallback_collection in catalog.toml."),
)
EXISTS = FindingType(
    "definition.exists",
    Severity.ERROR,
    N_("{path} is there already; nothing was changed."),
    N_("Choose another folder, or edit the definition that is there."),
)
OVERRIDES_FILLED = FindingType(
    "definition.overrides-filled",
    Severity.ERROR,
    N_("{path} holds facts that people have filled in; it was not overwritten."),
    N_("Name another file after --write-overrides; what is filled in there is asked no more."),
)
