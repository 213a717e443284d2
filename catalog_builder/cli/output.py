"""How commands speak: findings on the terminal in the user's language, JSON for machines, annotations for CI."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import click
import orjson

from catalog_builder.errors import CatalogError, EnvironmentProblem, UsageError
from catalog_builder.findings import Finding, FindingType, Severity, in_order, printable
from catalog_builder.i18n import LANGUAGES, N_, translate
from catalog_builder.release.findings import DISK

LANGUAGE_VARIABLE = "CATALOG_BUILDER_LANG"

SHOWN_PER_CODE = 3
"""Examples of one code on the terminal; the rest are counted (all are in --json, findings.json and on the QA page). What stops a command
is told in full: it is in none of these."""

NO_RIGHT = FindingType(
    "environment.no-right",
    Severity.ERROR,
    N_("This user may not do that here: {problem}."),
    N_("Have the rights of the file or folder changed, or choose another place."),
)

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


def prepare_output() -> None:
    """A terminal or a pipe that cannot show a letter gets its number instead; a command is not stopped by that."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # there is none when it was closed
            stream.reconfigure(errors="backslashreplace")


def show_findings(findings: Iterable[Finding], shown_per_code: int | None = SHOWN_PER_CODE) -> None:
    """Findings on standard error, gravest first, so many examples per code (None: all); as annotations on GitHub Actions."""
    ordered = in_order(findings)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        _annotate(ordered)
    by_code: dict[str, list[Finding]] = {}
    for finding in ordered:
        by_code.setdefault(finding.code, []).append(finding)
    for same in by_code.values():
        _show_code(same, len(same) if shown_per_code is None else shown_per_code)


def _show_code(same: Sequence[Finding], count: int) -> None:
    """What is wrong, and below each what to do, once where that is the same for several in a row."""
    lang = language()
    for hint, findings in groupby(same[:count], lambda finding: finding.hint(lang)):
        for finding in findings:
            click.echo(f"{_label(finding.severity)} [{finding.code}] {printable(finding.subject)}: {finding.message(lang)}", err=True)
        if hint:
            click.echo(f"  → {hint}", err=True)
    if len(same) > count:
        click.echo(f"  … {translate(_MORE, lang).format(count=len(same) - count)}", err=True)


def _label(severity: Severity) -> str:
    word = translate(_LABELS[severity], language())
    return word if os.environ.get("NO_COLOR") else click.style(word, fg=_COLOURS[severity], bold=True)


def _annotate(findings: Iterable[Finding]) -> None:
    level = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
    for finding in findings:
        text = f"{printable(finding.subject)}: {finding.message(language())} {finding.hint(language())}"
        escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        click.echo(f"::{level[finding.severity]} title={finding.code}::{escaped}")


def print_json(data: Any) -> None:
    """JSON is UTF-8 whatever the terminal is."""
    click.echo(orjson.dumps(data, option=orjson.OPT_INDENT_2))


def report_problem(problem: CatalogError | OSError) -> int:
    """Show what stopped the command and give its exit code: 2 for usage, 3 for the environment, 1 otherwise."""
    if isinstance(problem, OSError):
        findings: Sequence[Finding] = [_of_system(problem)]
        code = 3
    else:
        findings = problem.findings
        code = 2 if isinstance(problem, UsageError) else 3 if isinstance(problem, EnvironmentProblem) else 1
    if "--json" in sys.argv and not _is_output(problem):
        print_json({"findings": [f.to_json() for f in findings]})
    else:
        show_findings(findings, shown_per_code=None)
    return code


def _is_output(problem: CatalogError | OSError) -> bool:
    """Whether it is standard output itself that cannot be written: an error of the system about no file."""
    return isinstance(problem, OSError) and problem.filename is None


def _of_system(problem: OSError) -> Finding:
    """A file is written under a passing name first; what people know is the folder that it is in."""
    path = Path(str(problem.filename or "-"))
    place, said = str(path.parent if ".part" in path.suffixes else path), problem.strerror or str(problem)
    return NO_RIGHT(place, problem=said) if isinstance(problem, PermissionError) else DISK(place, problem=said)
