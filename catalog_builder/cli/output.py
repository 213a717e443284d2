"""How commands speak: findings on the terminal in the user's language, JSON for machines, annotations for CI."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click
import orjson

from catalog_builder.errors import CatalogError, EnvironmentProblem, UsageError
from catalog_builder.findings import Finding, Severity, in_order, printable
from catalog_builder.i18n import LANGUAGES, N_, translate
from catalog_builder.release.findings import DISK

LANGUAGE_VARIABLE = "CATALOG_BUILDER_LANG"

SHOWN_PER_CODE = 3
"""Examples of one code on the terminal; the rest are counted (all are in --json, findings.json and on the QA page)."""

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}
_LABELS = {Severity.ERROR: N_("error"), Severity.WARNING: N_("warning"), Severity.INFO: N_("note")}
_MORE = N_("and {count} more of the same kind")


def language() -> str:
    """``--lang`` or ``CATALOG_BUILDER_LANG``, else the language of the environment: Vietnamese for ``vi*``, English for all else."""
    chosen = os.environ.get(LANGUAGE_VARIABLE)
    if chosen in LANGUAGES:
        return str(chosen)
    variables = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "vi" if next((v for v in variables if v), "").startswith("vi") else "en"


def say(text: str, **values: object) -> None:
    """Print a translated line."""
    click.echo(translate(text, language()).format(**values))


def show_findings(findings: Iterable[Finding]) -> None:
    """Findings on standard error, gravest first, at most three examples per code; as annotations on GitHub Actions."""
    ordered = in_order(findings)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        _annotate(ordered)
    by_code: dict[str, list[Finding]] = {}
    for finding in ordered:
        by_code.setdefault(finding.code, []).append(finding)
    for same in by_code.values():
        _show_code(same)


def _show_code(same: Sequence[Finding]) -> None:
    lang = language()
    for finding in same[:SHOWN_PER_CODE]:
        label = click.style(translate(_LABELS[finding.severity], lang), fg=_COLOURS[finding.severity], bold=True)
        click.echo(f"{label} [{finding.code}] {printable(finding.subject)}: {finding.message(lang)}", err=True)
    if len(same) > SHOWN_PER_CODE:
        click.echo(f"  … {translate(_MORE, lang).format(count=len(same) - SHOWN_PER_CODE)}", err=True)
    hint = same[0].hint(lang)
    if hint:
        click.echo(f"  → {hint}", err=True)


def _annotate(findings: Iterable[Finding]) -> None:
    level = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
    for finding in findings:
        text = f"{printable(finding.subject)}: {finding.message(language())} {finding.hint(language())}"
        escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        click.echo(f"::{level[finding.severity]} title={finding.code}::{escaped}")


def print_json(data: Any) -> None:
    click.echo(orjson.dumps(data, option=orjson.OPT_INDENT_2).decode())


def report_problem(problem: CatalogError | OSError) -> int:
    """Show what stopped the command and give its exit code: 2 for usage, 3 for the environment, 1 otherwise."""
    if isinstance(problem, OSError):
        findings: Sequence[Finding] = [DISK(str(problem.filename or ""), problem=str(problem))]
        code = 3
    else:
        findings = problem.findings
        code = 2 if isinstance(problem, UsageError) else 3 if isinstance(problem, EnvironmentProblem) else 1
    if "--json" in sys.argv:
        print_json({"findings": [f.to_json() for f in findings]})
    else:
        show_findings(findings)
    return code
