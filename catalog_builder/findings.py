"""Findings: the one way in which the product says that something is wrong, and what to do.

A room declares its kinds of finding once, as :class:`FindingType` constants in its own ``findings.py``; code that meets
the situation makes a :class:`Finding` by calling the type. The terminal, ``--json``, ``findings.json`` and the QA page
render the same objects. Codes are stable: people search for them and scripts test them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module
from typing import Any

from catalog_builder.i18n import translate


class Severity(StrEnum):
    """How bad: an ``error`` keeps its subject out of the release and makes the exit code 1."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


_TYPES: dict[str, FindingType] = {}


@dataclass(frozen=True, slots=True)
class FindingType:
    """A kind of finding. ``message`` and ``hint`` are English format strings marked with ``N_``; ``{name}`` takes a parameter."""

    code: str
    severity: Severity
    message: str
    hint: str = ""
    rule_source: str = ""
    translations: Mapping[str, tuple[str, str]] = field(
        default_factory=dict, compare=False
    )  # language -> (message, hint), of rules in data

    def text(self, language: str) -> tuple[str, str]:
        """Message and hint templates in ``language``: the rule's own translation, else the catalogue's."""
        own = self.translations.get(language)
        return own if own is not None else (translate(self.message, language), translate(self.hint, language))

    def __post_init__(self) -> None:
        if self.code in _TYPES:
            raise ValueError(f"finding code {self.code!r} is declared twice")
        _TYPES[self.code] = self

    def __call__(self, subject: str, **params: object) -> Finding:
        """The finding that this happened to ``subject`` (an archive path, an item id, a key of the definition)."""
        return Finding(self.code, self.severity, subject, {k: _plain(v) for k, v in sorted(params.items())})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. ``params`` hold plain text or numbers only, so a finding can cross processes and be JSON."""

    code: str
    severity: Severity
    subject: str
    params: Mapping[str, str | int | float] = field(default_factory=dict)

    @property
    def type(self) -> FindingType:
        """The kind of this finding. One that was read back may be of a room that is not loaded yet; its declaration is."""
        if self.code not in _TYPES:
            load_declarations()
        return _TYPES[self.code]

    @property
    def is_known(self) -> bool:
        """Whether this software declares the kind; one that was read back may be of another version."""
        if self.code not in _TYPES:
            load_declarations()
        return self.code in _TYPES

    def message(self, language: str) -> str:
        return _fill(self.type.text(language)[0], self.params)

    def hint(self, language: str) -> str:
        return _fill(self.type.text(language)[1], self.params)

    def to_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "severity": self.severity.value,
            "subject": self.subject,
            "message": {lang: self.message(lang) for lang in ("vi", "en")},
            "hint": {lang: self.hint(lang) for lang in ("vi", "en")},
            "params": dict(self.params),
        }

    def brief(self) -> dict[str, Any]:
        """What :meth:`from_json` needs and no more: for files that only this program reads."""
        return {"code": self.code, "severity": self.severity.value, "subject": self.subject, "params": dict(self.params)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Finding:
        return cls(data["code"], Severity(data["severity"]), data["subject"], dict(data["params"]))


DECLARING = (
    "archive.commercial_findings",
    "archive.findings",
    "archive.generic_findings",
    "archive.public_findings",
    "build_findings",
    "check_findings",
    "cli.output",
    "crs.findings",
    "definition.findings",
    "preview",
    "raster.findings",
    "release.findings",
    "site.findings",
    "stac.findings",
    "stac.profile",
    "worker_cluster",
)
"""Modules that declare kinds of finding; a test keeps this list complete."""


def load_declarations() -> None:
    for name in DECLARING:
        import_module(f"catalog_builder.{name}")


def finding_types() -> Mapping[str, FindingType]:
    """Every kind of finding there is, by code."""
    load_declarations()
    return dict(sorted(_TYPES.items()))


def worst(findings: Iterable[Finding]) -> Severity | None:
    """The gravest severity among ``findings``; None when there are none."""
    order = (Severity.ERROR, Severity.WARNING, Severity.INFO)
    seen = {f.severity for f in findings}
    return next((s for s in order if s in seen), None)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Sorted for people and for byte-identical output: gravest first, then subject, code, parameters; no repeats."""
    rank = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
    unique = {(f.code, f.subject, tuple(sorted(f.params.items()))): f for f in findings}
    return [unique[k] for k in sorted(unique, key=lambda k: (rank[unique[k].severity], k[1], k[0], str(k[2])))]


def _plain(value: object) -> str | int | float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return printable(str(value))
    return printable(value) if isinstance(value, str) else value


def _fill(template: str, params: Mapping[str, str | int | float]) -> str:
    return template.format_map(params) if template else ""


def printable(text: str, limit: int = 500) -> str:
    """``text`` without control characters (terminal escapes, bidi overrides) and cut to ``limit`` characters.

    Findings quote names and values from untrusted archives; what reaches a terminal must not be able to steer it. Python counts all
    of these characters as not printable.
    """
    clean = text if text.isprintable() else "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"
