"""Real deliveries of many vendors, built through the command line and scored value by value against what the vendors wrote."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.archives import write_definition

pytestmark = pytest.mark.shared

CHECKABLE = 288
"""Values that the metadata of the 45 deliveries states and that an item can be asked for."""

UNDECIDED = {"vendor/pleiades_dimap2_bundle": {"geometry", "crs"}, "vendor/s1_slc_complex": {"datetime"}}
"""What stays open, each for a reason that its finding gives: tiles whose coordinates contradict the tiling, a raster without a date."""


@dataclass(frozen=True)
class Built:
    """A build of all deliveries: the store, what the command said, the score, and the archive's state before and after."""

    store: Path
    site: Path
    result: dict[str, Any]
    score: dict[str, Any]
    before: dict[str, tuple[int, int, str]]
    after: dict[str, tuple[int, int, str]]

    def item(self, delivery: str) -> dict[str, Any]:
        """The item of one delivery of the score, published or draft."""
        return dict(json.loads((self.store / "scenes" / self.score["rows"][delivery]["item"]).read_text()))

    def errors(self, item: dict[str, Any]) -> set[str]:
        """Codes of the error findings about an item or one of its files."""
        names = {item["id"], *(s["name"] for s in item["properties"]["cb:sources"])}
        found = {(f["severity"], f["code"]) for f in self.result["findings"] if f["subject"] in names}
        return {code for severity, code in found if severity == "error"}


def state(folders: list[Path]) -> dict[str, tuple[int, int, str]]:
    """Size, modification time and hash of every file below ``folders``."""
    files = sorted(p for folder in folders for p in folder.rglob("*") if p.is_file())
    return {str(p): (p.stat().st_size, p.stat().st_mtime_ns, hashlib.sha256(p.read_bytes()).hexdigest()) for p in files}


@pytest.fixture(scope="module")
def built(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    folder = tmp_path_factory.mktemp("deliveries")
    definition = write_definition(folder / "definition", extra='host = "so"')
    (definition / "registers").mkdir()
    (definition / "registers/agencies.csv").write_text(
        "code,name_vi,name_en,role,url,source,verified\nso,Sở,Department,host,,test,verified\n"
    )
    archives = [shared / "data" / "vendor", shared / "data" / "derived"]
    before = state(archives)
    command = [
        sys.executable,
        "-m",
        "catalog_builder",
        "build",
        str(definition),
        "--store",
        str(folder / "store"),
        "--site",
        str(folder / "site"),
    ]
    command += ["--audience", "public", "--jobs", "2", "--json", *(part for a in archives for part in ("--archive", str(a)))]
    environment = os.environ | {"CATALOG_BUILDER_SCHEMAS": str(shared / "schemas")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 1, done.stderr  # some deliveries lack a date or a CRS: they are quarantined
    report = folder / "score.json"
    bench, scenes = shared / "bench", str(folder / "store" / "scenes")
    truth = ["--truth", str(shared / "data" / "truth.json"), "--overlay", str(bench / "truth_overlay.json")]
    subprocess.run([sys.executable, str(bench / "score.py"), scenes, *truth, "--json", str(report)], check=True, capture_output=True)
    score = json.loads(report.read_text())
    yield Built(folder / "store", folder / "site", json.loads(done.stdout), score, before, state(archives))


def verdicts(score: dict[str, Any], wanted: str) -> dict[str, set[str]]:
    """Delivery -> fields with one of the verdicts ``wanted``."""
    rows = {k: {f for f, (verdict, _) in row["verdict"].items() if verdict in wanted} for k, row in score["rows"].items()}
    return {k: fields for k, fields in rows.items() if fields}


def test_nothing_is_wrong_and_nothing_invented(built: Built) -> None:
    assert verdicts(built.score, "WI") == {}


def test_what_the_vendors_wrote_is_in_the_items(built: Built) -> None:
    total = built.score["total"]
    assert total["R"] + total["M"] == CHECKABLE
    assert total["R"] >= 0.98 * CHECKABLE
    assert verdicts(built.score, "M") == UNDECIDED


def test_every_delivery_has_an_item_or_a_finding_of_its_own(built: Built) -> None:
    quarantined = set(built.result["quarantined"])
    for name, row in built.score["rows"].items():
        assert row["items"] == 1, name
        item = built.item(name)
        published = list(built.site.rglob(f"{item['id']}/{item['id']}.json"))
        if item["id"] in quarantined:
            assert built.errors(item) and not published, name
        else:
            assert len(published) == 1 and not built.errors(item), name


def test_open_values_have_the_finding_that_says_why(built: Built) -> None:
    codes = {name: built.errors(built.item(name)) for name in UNDECIDED}
    assert codes == {"vendor/pleiades_dimap2_bundle": {"raster.tiles-misplaced"}, "vendor/s1_slc_complex": {"archive.no-date"}}


def test_official_schemas_were_applied(built: Built) -> None:
    assert {f["code"] for f in built.result["findings"] if f["code"].startswith("stac.")} == set()


def test_scenes_of_the_southern_hemisphere_are_not_doubted(built: Built) -> None:
    assert [f["subject"] for f in built.result["findings"] if f["code"] == "crs.outside-area-of-use"] == []


def test_the_archive_is_never_touched(built: Built) -> None:
    assert built.after == built.before


def test_the_release_is_clean(built: Built) -> None:
    command = [sys.executable, "-m", "catalog_builder", "check", str(built.site), "--pixels", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
