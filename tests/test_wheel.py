"""The wheel holds everything a user needs and nothing of the machine that made it."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.checkers import lacking

ROOT = Path(__file__).parents[1]


def build(target: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [wheel] = target.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("wheel"))


def test_templates_texts_registers_and_schemas_are_inside(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for wanted in (
        "catalog_builder/templates/site/base.html.j2",
        "catalog_builder/locale/vi/core.po",
        "catalog_builder/data/sensors.toml",
        "catalog_builder/data/presets.toml",
        "catalog_builder/data/extensions/vn/v1.0.0/schema.json",
    ):
        assert wanted in names, wanted
    assert not [n for n in names if n.startswith(("tests/", "catalog/"))]


def test_built_assets_go_in_with_their_licences(wheel: Path) -> None:
    if not (ROOT / "catalog_builder/assets/licences.txt").is_file():
        lacking("the assets that scripts/assets builds")
    names = {n for n in zipfile.ZipFile(wheel).namelist() if n.startswith("catalog_builder/assets/")}
    assert "catalog_builder/assets/licences.txt" in names
    assert any(n.endswith(".woff2") for n in names)
    with zipfile.ZipFile(wheel) as archive:
        ours = ("catalog_builder/data/", "catalog_builder/locale/")
        parsed = [n for n in archive.namelist() if n.endswith((".toml", ".po")) and n.startswith(ours)]
        prepared = {f"catalog_builder/assets/prepared/{hashlib.sha256(archive.read(n)).hexdigest()}" for n in parsed}
    assert len(prepared) > 10 and prepared <= names


def test_the_wheel_is_reproducible_and_names_no_machine(wheel: Path, tmp_path: Path) -> None:
    assert build(tmp_path).read_bytes() == wheel.read_bytes()
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.endswith((".py", ".toml", ".po", ".j2", ".css", ".js", ".json", ".txt")):
                assert str(ROOT).encode() not in archive.read(name), name


def test_an_installed_wheel_builds_a_catalogue(wheel: Path, tmp_path: Path) -> None:
    """From the unpacked wheel alone, away from the checkout: the same interpreter and dependencies, no templates folder beside it."""
    site_packages = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site_packages)
    definition = tmp_path / "definition"
    code = (
        "import sys; sys.path.insert(0, sys.argv.pop(1)); import catalog_builder; "
        "from pathlib import Path; assert Path(catalog_builder.__file__).is_relative_to(sys.path[0]); "
        "from catalog_builder.cli import main; main()"
    )
    command = [sys.executable, "-c", code, str(site_packages)]
    subprocess.run([*command, "init", str(definition), "--license", "CC-BY-4.0"], cwd=tmp_path, check=True, capture_output=True)
    done = subprocess.run([*command, "build", str(definition), "--jobs", "0"], cwd=tmp_path, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (definition / "site/index.html").is_file() and (definition / "site/en/index.html").is_file()
