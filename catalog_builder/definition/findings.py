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
    N_("Line {line}, column {column} cannot be read: {problem}."),
    N_('Correct the line: texts stand in double quotes, lists in square brackets, a path has / instead of \\ ("D:/imagery").'),
)
UNREADABLE = FindingType(
    "definition.unreadable",
    Severity.ERROR,
    N_("The file cannot be read: {problem}."),
    N_("Check the access rights and the health of the disk."),
)
NOT_UTF8 = FindingType(
    "definition.not-utf8",
    Severity.ERROR,
    N_("The file is not in UTF-8 (byte {byte})."),
    N_("Save it again with the encoding UTF-8: Notepad offers it under Save as, Excel as CSV UTF-8."),
)
_SEE = N_("Correct the value of {key}; the commented definition in catalog/quang-ninh shows every key.")

INVALID = FindingType("definition.invalid", Severity.ERROR, N_("{key}: {problem}"), _SEE)
NO_CHOICE = FindingType("definition.no-choice", Severity.ERROR, N_("{key} is {given}; it can be: {choices}."), _SEE)
NO_MATCH = FindingType("definition.no-match", Severity.ERROR, N_("{key} is {given}, which does not fit the pattern {pattern}."), _SEE)
NO_VALUE = FindingType("definition.no-value", Severity.ERROR, N_("{key} is {given}; it is written like {example}."), _SEE)
MISSING_KEY = FindingType(
    "definition.missing-key",
    Severity.ERROR,
    N_("{key} is missing."),
    N_("Add {key}; the commented definition in catalog/quang-ninh shows every key."),
)
UNKNOWN_KEY = FindingType(
    "definition.unknown-key",
    Severity.ERROR,
    N_("There is no key {key} here."),
    N_("Correct or remove it. There are: {known}."),
)
NO_OVERRIDES = FindingType(
    "definition.no-overrides",
    Severity.ERROR,
    N_("{key} is not [[override]], the only thing that a file of overrides holds."),
    N_("Put [[override]], with two brackets, above each entry."),
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
