"""Findings speak both languages, keep their order and cannot steer a terminal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import catalog_builder
import catalog_builder.archive.findings as archive
from catalog_builder.findings import DECLARING, Finding, FindingType, Severity, finding_types, in_order, printable, worst


def test_a_finding_speaks_both_languages_and_survives_json() -> None:
    finding = archive.METADATA_UNREADABLE("scenes/a.xml", problem="line 3")
    data = finding.to_json()
    assert "line 3" in data["message"]["en"] and "line 3" in data["message"]["vi"]
    assert data["message"]["vi"] != data["message"]["en"]
    assert data["hint"]["vi"] != data["hint"]["en"]
    assert Finding.from_json(data) == finding


def test_codes_are_unique() -> None:
    with pytest.raises(ValueError, match="twice"):
        FindingType(archive.NO_DATE.code, Severity.INFO, "again")


def test_order_is_gravest_first_and_stable() -> None:
    error, warning = archive.NO_DATE("b"), archive.NO_RASTER("a")
    assert in_order([warning, error, warning]) == [error, warning]
    assert worst([warning, error]) is Severity.ERROR
    assert worst([]) is None


def test_terminal_escapes_and_bidi_marks_do_not_pass() -> None:
    assert printable("a\x1b[31mb\u202ec\nd") == "a\N{REPLACEMENT CHARACTER}[31mb\N{REPLACEMENT CHARACTER}c\N{REPLACEMENT CHARACTER}d"
    assert len(printable("x" * 9999)) == 500
    assert "\x1b" not in archive.METADATA_UNREADABLE("x", problem="\x1b[2J").message("en")


def test_a_finding_read_back_alone_still_speaks() -> None:
    """As ``explain`` does: findings from the journal, no room loaded."""
    code = "from catalog_builder.findings import Finding, Severity\nprint(Finding('archive.no-date', Severity.ERROR, 'x').message('en'))"
    assert "when" in subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def test_every_declaring_module_is_listed() -> None:
    root = Path(catalog_builder.__file__).parent
    modules = {".".join(p.relative_to(root).with_suffix("").parts) for p in root.rglob("*.py") if "FindingType(\n" in p.read_text()}
    assert modules - {"stac.rules"} <= set(DECLARING)


def test_codes_are_stable_words() -> None:
    for code, kind in finding_types().items():
        assert "." in code and code == code.lower() and " " not in code
        assert kind.message, code
