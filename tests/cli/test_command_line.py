"""The command line as people and CI meet it: language, grouping, annotations, exit codes, help."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from catalog_builder.cli import COMMANDS
from catalog_builder.progress import STAGES
from catalog_builder.resources import PACKAGE
from tests.archives import write_definition


def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if k not in {"LANG", "LC_ALL", "LC_MESSAGES", "GITHUB_ACTIONS", "CATALOG_BUILDER_LANG"}}
    command = [sys.executable, "-m", "catalog_builder", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**clean, **environment})


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help_with_an_example(command: str) -> None:
    done = run(command, "--help")
    assert done.returncode == 0 and "Example" in done.stdout


def test_a_missing_definition_is_a_usage_error_in_the_language_of_the_reader(tmp_path: Path) -> None:
    english, vietnamese = run("build", tmp_path), run("--lang", "vi", "build", tmp_path)
    assert english.returncode == vietnamese.returncode == 2
    assert "definition.missing" in english.stderr and "There is no catalogue definition" in english.stderr
    assert "Ở đây không có định nghĩa danh mục" in vietnamese.stderr
    assert "không có" in run("build", tmp_path, LANG="vi_VN.UTF-8").stderr


def test_errors_are_json_for_machines(tmp_path: Path) -> None:
    done = run("build", tmp_path, "--json")
    assert done.returncode == 2
    [finding] = json.loads(done.stdout)["findings"]
    assert finding["code"] == "definition.missing" and set(finding["message"]) == {"vi", "en"}


def test_an_unknown_option_and_command_are_usage_errors() -> None:
    assert run("build").returncode == 2
    assert run("conquer").returncode == 2


def test_findings_are_annotations_on_github(tmp_path: Path) -> None:
    folder = write_definition(tmp_path / "definition")
    (folder / "archive").mkdir()
    (folder / "archive/broken_20210605.tif").write_bytes(b"")
    done = run("build", folder, "--jobs", "0", GITHUB_ACTIONS="true")
    assert done.returncode == 1
    assert any(line.startswith("::error title=archive.") and "broken_20210605.tif" in line for line in done.stdout.splitlines())


def test_many_findings_of_one_kind_are_counted(tmp_path: Path) -> None:
    folder = write_definition(tmp_path / "definition")
    for n in range(6):
        (folder / "archive").mkdir(exist_ok=True)
        (folder / f"archive/empty_{n}.tif").write_bytes(b"")
    done = run("build", folder, "--jobs", "0")
    assert "and 3 more of the same kind" in done.stderr


def test_progress_is_told_in_the_language_of_the_reader(tmp_path: Path) -> None:
    folder = write_definition(tmp_path / "definition")
    (folder / "archive").mkdir()
    (folder / "archive/broken_20210605.tif").write_bytes(b"")
    assert "reading: 1/1" in run("scan", folder, "--jobs", "0").stderr
    (folder / "archive/broken_20210605.tif").write_bytes(b"0")
    assert "đọc siêu dữ liệu: 1/1" in run("--lang", "vi", "scan", folder, "--jobs", "0").stderr


def test_every_stage_is_in_the_list_that_is_translated() -> None:
    titles = {t for path in PACKAGE.rglob("*.py") for t in re.findall(r'\.stage\("([^"]+)"', path.read_text("utf-8"))}
    assert titles == set(STAGES)
