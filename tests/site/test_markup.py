"""Every kind of page is good HTML, by html-validate and by the Nu checker of the W3C, which also reads the style sheet."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from catalog_builder.archive.findings import NO_DATE
from tests.checkers import WITHIN, Checkers, installed, lacking
from tests.site import factories as make
from tests.site.test_pages import HOSTILE, definition, scenes

VALIDATOR = "html-validate/bin/html-validate.mjs"
RULES = {"extends": ["html-validate:standard"], "rules": {"long-title": "off", "no-trailing-whitespace": "off"}}
"""Titles are as long as the names of scenes; line ends are not markup."""


@pytest.fixture(scope="session")
def checkers() -> Checkers:
    return installed()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("markup")
    d = definition()
    evil = make.scene(root, "evil", "spot", d, scene_name=HOSTILE, platform=HOSTILE, instruments=(HOSTILE,))
    evil["properties"]["description"] = HOSTILE
    draft = {"id": "quet-17", "properties": {"title": "Ảnh quét 17"}}
    make.written(root, make.release(root, [*scenes(root, d), evil], d, (NO_DATE("2003/CD-14/anh_quet_017.tif"),), (draft,)))
    return root


def pages_of(site: Path) -> list[str]:
    return sorted(str(path) for path in site.rglob("*.html"))


def test_html_validate_finds_nothing(checkers: Checkers, site: Path, tmp_path: Path) -> None:
    config = tmp_path / "rules.json"
    config.write_text(json.dumps({"root": True, **RULES}))
    assert len(pages_of(site)) > 30
    told = checkers.run(VALIDATOR, "--config", str(config), "--formatter", "text", *pages_of(site))
    assert (told.returncode, told.stdout + told.stderr) == (0, "")


def test_the_nu_checker_finds_nothing(checkers: Checkers, site: Path) -> None:
    java = shutil.which("java")
    if java is None:
        lacking("a Java runtime")
    jar = checkers.modules / "vnu-jar" / "build" / "dist" / "vnu.jar"
    command = [str(java), "-jar", str(jar), "--errors-only", "--also-check-css", "--format", "gnu"]
    told = subprocess.run(
        [*command, *pages_of(site), str(site / "assets" / "site.css")], capture_output=True, text=True, timeout=WITHIN, check=False
    )
    assert (told.returncode, told.stdout + told.stderr) == (0, "")


def test_the_checkers_find_what_is_wrong(checkers: Checkers, tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text(
        "<!DOCTYPE html><html lang='vi'><head><title>x</title></head><body><p id='a'></p><p id='a'></p><img src='x'></body></html>"
    )
    (tmp_path / "rules.json").write_text(json.dumps({"root": True, **RULES}))
    assert checkers.run(VALIDATOR, "--config", str(tmp_path / "rules.json"), str(bad)).returncode != 0
