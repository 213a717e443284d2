"""From a scan to a published scene: the inventory names what is missing, the override file asks for it, an answer publishes."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.archives import write_definition, write_scene

pytestmark = pytest.mark.shared

UNDATED = "vn2000/vn2000_epsg3405.tif"
WITHOUT_CRS = "scan_tfw/KD_7156_ha_long_1967_to_6350-1.tif"
MAP = "scan_points/ban_do_quang_yen_1-50000_1965.jpg"


def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "catalog_builder", *map(str, arguments)]
    wide = os.environ | {"COLUMNS": "200"}  # no word of the table is broken
    return subprocess.run(line, capture_output=True, text=True, check=False, env=wide)


@pytest.fixture(scope="module")
def definition(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A definition whose archive has an undated scene, one without CRS, a scanned map with control points and a good scene."""
    folder = write_definition(tmp_path_factory.mktemp("scan") / "definition")
    for name in ("vn2000", "scan_tfw", "scan_points"):
        shutil.copytree(shared / "data" / "derived" / name, folder / "archive" / name)
    write_scene(folder / "archive" / "good" / "HaLong_20210605.tif")
    return folder


@pytest.fixture(scope="module")
def scanned(definition: Path) -> tuple[dict[str, Any], Path]:
    """What ``scan`` says as JSON, and the folder with the files it wrote."""
    out = definition.parent
    files: list[str | Path] = ["--csv", out / "i.csv", "--xlsx", out / "i.xlsx", "--write-overrides", out / "asked.toml"]
    done = command("scan", definition, *files, "--json")
    assert done.returncode == 1, done.stderr
    return json.loads(done.stdout), out


def row_of(result: dict[str, Any], name: str) -> dict[str, Any]:
    (row,) = [r for r in result["deliveries"] if r["id"] == Path(name).stem]
    return dict(row)


def test_the_inventory_says_what_is_missing_and_what_will_happen(scanned: tuple[dict[str, Any], Path]) -> None:
    result, _ = scanned
    assert (row_of(result, UNDATED)["outcome"], "acquired" in row_of(result, UNDATED)["missing"]) == ("quarantine", True)
    assert (row_of(result, WITHOUT_CRS)["outcome"], "CRS" in row_of(result, WITHOUT_CRS)["missing"]) == ("quarantine", True)
    for good in (MAP, "HaLong_20210605"):
        assert row_of(result, good)["outcome"] == "build"


def test_all_tables_have_the_same_rows(scanned: tuple[dict[str, Any], Path], definition: Path) -> None:
    result, out = scanned
    ids = [r["id"] for r in result["deliveries"]]
    with (out / "i.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row[0] for row in csv.reader(file)][1:] == ids
    sheet = openpyxl.load_workbook(out / "i.xlsx").active
    assert sheet is not None and [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == ids
    text = command("scan", definition)
    assert text.returncode == 1 and "vn2000_epsg3405" in text.stdout and "quarantine" in text.stdout and "Traceback" not in text.stderr


def test_nothing_is_written_into_the_archive(definition: Path) -> None:
    inside = definition / "archive" / "inventory.csv"
    done = command("scan", definition, "--csv", inside)
    assert (done.returncode, inside.exists()) == (2, False) and "archive.output-inside" in done.stderr


def test_the_table_speaks_vietnamese(definition: Path) -> None:
    done = command("--lang", "vi", "scan", definition)
    assert "cách ly" in done.stdout and "quarantine" not in done.stdout and "hệ toạ độ" in done.stdout.replace("\n", " ")


@pytest.fixture(scope="module")
def published(definition: Path, scanned: tuple[dict[str, Any], Path]) -> dict[str, Any]:
    """What a build says after a person has filled in the file that the scan wrote."""
    asked = (scanned[1] / "asked.toml").read_text(encoding="utf-8")
    answered = re.sub(r"^#(?=\S)", "", asked, flags=re.MULTILINE)
    answered = answered.replace('by = ""', 'by = "Archive office"').replace('reason = ""', 'reason = "flight log"')
    answered = answered.replace('crs = "EPSG:5899"', 'crs = "EPSG:32648"')
    (definition / "overrides").mkdir()
    (definition / "overrides" / "asked.toml").write_text(answered, encoding="utf-8")
    done = command("build", definition, "--jobs", "2", "--json")
    assert "Traceback" not in done.stderr
    return dict(json.loads(done.stdout))


def item(definition: Path, name: str) -> dict[str, Any]:
    stem = Path(name).stem
    (path,) = (definition / "site" / "scenes").rglob(f"{stem}/{stem}.json")
    return dict(json.loads(path.read_text()))


def test_answers_publish_the_scenes(published: dict[str, Any], definition: Path) -> None:
    assert published["quarantined"] == [] and {f["code"] for f in published["findings"] if f["severity"] == "error"} == set()
    undated = item(definition, UNDATED)["properties"]
    assert (undated["datetime"], undated["start_datetime"][:10], undated["proj:code"]) == (None, "2021-06-05", "EPSG:3405")
    placed = item(definition, WITHOUT_CRS)["properties"]
    assert (placed["proj:code"], placed["vn:crs"]["confidence"]) == ("EPSG:32648", "user")


def test_the_scanned_map_is_rectified_with_its_errors(published: dict[str, Any], definition: Path) -> None:
    scene = item(definition, MAP)
    (rectified,) = [a for a in scene["assets"].values() if "vn:rectification" in a]
    assert 0 < rectified["vn:rectification"]["rmse_m"] < 500
    originals = [k for k in scene["assets"] if k.endswith("-original")]
    assert len(originals) == 1, "the untouched scan is an asset of its own"


def test_explain_shows_each_value_with_its_source(published: dict[str, Any], definition: Path) -> None:
    name = Path(WITHOUT_CRS).stem
    told = command("explain", definition, name)
    assert told.returncode == 0, told.stderr
    lines = {line.split()[0]: line for line in told.stdout.splitlines() if "←" in line}
    assert "Polygon" in lines["geometry"] and "computed" in lines["geometry"]
    assert "EPSG:32648" in lines["proj:code"]
    dated = command("explain", definition, Path(UNDATED).stem).stdout.splitlines()
    assert ["overrides#" in line for line in dated if line.split()[0] == "start_datetime"] == [True]
    assert "overrides#" in lines["proj:code"]
    assets = [line for key, line in lines.items() if key.startswith("assets/")]
    assert any(".tif" in line.partition("←")[0] and WITHOUT_CRS in line.partition("←")[2] for line in assets)


def test_the_questions_may_stand_unanswered_and_answers_are_not_overwritten(tmp_path: Path) -> None:
    folder = write_definition(tmp_path / "definition")
    write_scene(folder / "archive" / "undated.tif")
    asked = folder / "overrides" / "todo.toml"
    for _ in range(2):  # the first time it is new; the second time it is read with the definition, and asked again
        done = command("scan", folder, "--write-overrides", asked, "--json")
        assert (done.returncode, [f["code"] for f in json.loads(done.stdout)["findings"]]) == (1, ["archive.no-date"])
    answer = '[[override]]\npath = "undated.tif"\nby = "An"\non = 2026-01-31\nreason = "order"\nacquired = "2021-06-05"\n'
    asked.write_text(asked.read_text() + answer)
    refused = command("scan", folder, "--write-overrides", asked)
    assert refused.returncode == 2 and "definition.overrides-filled" in refused.stderr
    assert asked.read_text().endswith(answer)
    assert command("scan", folder).returncode == 0
