"""Errors that stop a command. Everything that only stops one scene is a finding, not an exception."""

from __future__ import annotations

from collections.abc import Sequence

from catalog_builder.findings import Finding


class CatalogError(Exception):
    """The command cannot go on; ``findings`` say why, where and what to do."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__("; ".join(f"[{f.code}] {f.subject}: {f.message('en')}" for f in findings))
        self.findings: Sequence[Finding] = findings

    def __reduce__(self) -> tuple[type[CatalogError], tuple[Finding, ...]]:
        return type(self), tuple(self.findings)  # an exception pickles its message, but is made from its findings


class UsageError(CatalogError):
    """The definition or the arguments are wrong (exit code 2)."""


class EnvironmentProblem(CatalogError):
    """The machine lacks something: a schema, a folder, a right, disk space (exit code 3)."""


class UnreadableDelivery(CatalogError):
    """Reading one delivery failed in a known way; the pipeline turns it into its findings and goes on."""
