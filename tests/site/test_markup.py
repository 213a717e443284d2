"""Every kind of page is good HTML, by html-validate and by the Nu checker of the W3C, which also reads the style sheet."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from catalog_builder.archive.findings import NO_DATE
from catalog_builder.resources import PACKAGE
from tests.site import factories as make
from tests.site.test_pages import HOSTILE, definition, scenes

CHECKERS = PACKAGE.parent / "scripts" / "assets-packages" / "checkers" / "package.json"
INSTALLED = PACKAGE.parent / "build" / "checkers"
RULES = {"extends": ["html-validate:standard"], "rules": {"long-title": "off", "no-trailing-whitespace": "off"}}
"""Titles are as long as the names of scenes; line ends are not markup."""

WITHIN = 300
"""Seconds that one checker may take."""


@pytest.fixture(scope="session")
def checkers() -> Path:
    """``node_modules`` with the pinned checkers, installed once under build/ as scripts/assets installs its packages."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("install Node.js to check the markup")
    wanted = CHECKERS.read_text()
    stamp = INSTALLED / "installed.json"
    if not stamp.is_file() or stamp.read_text() != wanted:
        shutil.rmtree(INSTALLED, ignore_errors=True)
        INSTALLED.mkdir(parents=True)
        shutil.copy(CHECKERS, INSTALLED / "package.json")
        options = ["--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run([npm, "install", *options], cwd=INSTALLED, check=True, timeout=WITHIN, capture_output=True)
        stamp.write_text(wanted)
    return INSTALLED / "node_modules"


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


def test_html_validate_finds_nothing(checkers: Path, site: Path, tmp_path: Path) -> None:
    config = tmp_path / "rules.json"
    config.write_text(json.dumps({"root": True, **RULES}))
    command = ["node", str(checkers / "html-validate" / "bin" / "html-validate.mjs"), "--config", str(config), "--formatter", "text"]
    assert len(pages_of(site)) > 30
    told = subprocess.run([*command, *pages_of(site)], capture_output=True, text=True, timeout=WITHIN, check=False)
    assert (told.returncode, told.stdout + told.stderr) == (0, "")


def test_the_nu_checker_finds_nothing(checkers: Path, site: Path) -> None:
    java = shutil.which("java")
    if java is None:
        pytest.skip("install a Java runtime to run the Nu checker")
    jar = checkers / "vnu-jar" / "build" / "dist" / "vnu.jar"
    command = [java, "-jar", str(jar), "--errors-only", "--also-check-css", "--format", "gnu"]
    told = subprocess.run(
        [*command, *pages_of(site), str(site / "assets" / "site.css")], capture_output=True, text=True, timeout=WITHIN, check=False
    )
    assert (told.returncode, told.stdout + told.stderr) == (0, "")


def test_the_checkers_find_what_is_wrong(checkers: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text(
        "<!DOCTYPE html><html lang='vi'><head><title>x</title></head><body><p id='a'></p><p id='a'></p><img src='x'></body></html>"
    )
    (tmp_path / "rules.json").write_text(json.dumps({"root": True, **RULES}))
    command = ["node", str(checkers / "html-validate" / "bin" / "html-validate.mjs"), "--config", str(tmp_path / "rules.json")]
    assert subprocess.run([*command, str(bad)], capture_output=True, timeout=WITHIN, check=False).returncode != 0
