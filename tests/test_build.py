"""The main job as a user runs it, on small real archives: command line in, release out."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pystac
import pytest
import rasterio
from rasterio.transform import from_origin

from tests.archives import write_definition, write_scene

COMMAND = [sys.executable, "-m", "catalog_builder"]


def run(*arguments: str | Path, code: int = 0) -> dict[str, Any]:
    """Run the command line with ``--json`` and give what it says; its exit code must be ``code``."""
    done = subprocess.run([*COMMAND, *map(str, arguments), "--json"], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def build(folder: Path, *arguments: str | Path, code: int = 0) -> dict[str, Any]:
    return run("build", folder, "--jobs", "1", *arguments, code=code)


def tree(folder: Path) -> dict[str, str]:
    """Path and SHA-256 of every file."""
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def stamp(folder: Path) -> None:
    """Fixed modification times, as a copied archive has them."""
    for path in folder.rglob("*"):
        os.utime(path, (1_600_000_000, 1_600_000_000))


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Two good scenes and one without a date."""
    folder = write_definition(tmp_path / "definition")
    write_scene(folder / "archive/bay/HaLong_20210605.tif", seed=1)
    write_scene(folder / "archive/bay/HaLong_20220607.tif", seed=2)
    write_scene(folder / "archive/old/undated.tif", seed=3)
    stamp(folder / "archive")
    return folder


def test_a_scene_that_gdal_cannot_write_stops_no_other(tmp_path: Path) -> None:
    """The system refuses files of more than 3 MB. The scene of floats goes GDAL's way, fails alone, and is tried again the next time."""
    folder = write_definition(tmp_path / "definition")
    write_scene(folder / "archive/HaLong_20210605.tif", seed=1)
    heights = np.random.default_rng(1).normal(size=(1, 1200, 1200)).astype("float32")
    place = {"crs": "EPSG:32648", "transform": from_origin(715_000, 2_320_000, 2, 2)}
    profile = {"driver": "GTiff", "dtype": "float32", "count": 1, "width": 1200, "height": 1200}
    with rasterio.open(folder / "archive/Heights_20210605.tif", "w", **profile, **place) as dataset:
        dataset.write(heights)
    limit = (3_000_000, resource.getrlimit(resource.RLIMIT_FSIZE)[1])
    said = subprocess.run(
        [*COMMAND, "build", str(folder), "--jobs", "2", "--json"],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit),
    )
    result = json.loads(said.stdout)
    assert said.returncode == 1 and result["items"] == 1, said.stdout
    assert ("raster.writer-failed", "Heights_20210605.tif") in {(f["code"], f["subject"]) for f in result["findings"]}
    assert build(folder)["items"] == 2


def test_good_scenes_are_published_and_bad_ones_quarantined(archive: Path) -> None:
    before = tree(archive / "archive")
    result = build(archive, code=1)
    assert result["items"] == 2
    assert len(result["quarantined"]) == 1
    assert "archive.no-date" in {f["code"] for f in result["findings"]}
    assert tree(archive / "archive") == before, "the archive was touched"

    site = archive / "site"
    catalog = pystac.Catalog.from_file(str(site / "catalog.json"))
    items = list(catalog.get_items(recursive=True))
    assert [i.datetime or i.common_metadata.start_datetime for i in items]
    for item in items:
        for asset in item.assets.values():
            assert Path(asset.get_absolute_href() or "").is_file(), asset.href
    drafts = list((site / "qa/drafts").glob("*.json"))
    assert len(drafts) == 1
    draft = json.loads(drafts[0].read_text())
    assert draft["properties"]["datetime"] is None and draft["geometry"] is not None
    assert (site / "index.html").is_file() and (site / "en/index.html").is_file()
    assert json.loads((site / "findings.json").read_text())


def test_a_second_build_does_nothing(archive: Path) -> None:
    first = build(archive, code=1)
    inode = (archive / "site/catalog.json").stat().st_ino
    second = build(archive, code=1)
    assert second["built"] == [] and second["changed"] is False
    assert second["release"] == first["release"]
    assert (archive / "site/catalog.json").stat().st_ino == inode


def test_two_builds_are_byte_identical(archive: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        build(archive, "--store", tmp_path / name / "store", "--site", tmp_path / name / "site", code=1)
    assert tree(tmp_path / "a/site") == tree(tmp_path / "b/site")


def test_the_number_of_workers_does_not_matter(archive: Path, tmp_path: Path) -> None:
    build(archive, "--store", tmp_path / "a/store", "--site", tmp_path / "a/site", code=1)
    run("build", archive, "--jobs", "2", "--store", tmp_path / "b/store", "--site", tmp_path / "b/site", code=1)
    assert tree(tmp_path / "a/site") == tree(tmp_path / "b/site")


def test_a_new_scene_rebuilds_only_itself(archive: Path) -> None:
    build(archive, code=1)
    old = next((archive / "site").rglob("HaLong_20210605/image.tif")).stat().st_ino
    write_scene(archive / "archive/bay/HaLong_20230608.tif", seed=4)
    result = build(archive, code=1)
    assert len(result["built"]) == 1 and result["reused"] == 3 and result["items"] == 3
    assert next((archive / "site").rglob("HaLong_20210605/image.tif")).stat().st_ino == old


def test_a_deleted_scene_is_withdrawn_and_a_shrinking_release_refused(archive: Path) -> None:
    build(archive, code=1)
    (archive / "archive/bay/HaLong_20210605.tif").unlink()
    refused = build(archive, code=1)
    assert "release.shrink" in {f["code"] for f in refused["findings"]} and refused["changed"] is False
    assert len(list((archive / "site").rglob("HaLong_20210605.json"))) == 1
    done = build(archive, "--allow-shrink", code=1)
    assert done["items"] == 1 and list((archive / "site").rglob("HaLong_20210605*")) == []


def test_an_archive_that_is_suddenly_empty_withdraws_nothing_of_any_audience(tmp_path: Path) -> None:
    folder = write_definition(tmp_path / "definition", access="internal")
    write_scene(folder / "archive/HaLong_20210605.tif")
    assert build(folder)["items"] == 0
    (folder / "archive").rename(folder / "elsewhere")
    (folder / "archive").mkdir()
    refused = build(folder, code=1)
    assert "release.shrink" in {f["code"] for f in refused["findings"]} and list((folder / "store").rglob("image.tif"))
    build(folder, "--allow-shrink")
    assert not list((folder / "store").rglob("image.tif"))


def test_an_override_supplies_what_is_missing(archive: Path) -> None:
    build(archive, code=1)
    (archive / "overrides").mkdir()
    (archive / "overrides/a.toml").write_text(
        '[[override]]\npath = "old/undated.tif"\nacquired = "1967-02"\nby = "Archive office"\non = 2026-01-31\nreason = "flight log"\n'
    )
    result = build(archive)
    assert result["items"] == 3 and result["quarantined"] == []
    [path] = (archive / "site").rglob("undated.json")
    properties = json.loads(path.read_text())["properties"]
    assert properties["datetime"] is None
    assert (properties["start_datetime"], properties["end_datetime"]) == ("1967-02-01T00:00:00Z", "1967-02-28T23:59:59Z")


def test_nothing_internal_reaches_a_public_release(tmp_path: Path) -> None:
    folder = write_definition(tmp_path / "definition", access="internal")
    (folder / "collections/open.toml").write_text(
        'title = { vi = "Mở", en = "Open" }\ndescription = { vi = "Mở.", en = "Open." }\nlicense = "CC-BY-4.0"\naccess = "public"\n'
        '[[match]]\npath = ["open/*"]\n[[providers]]\nname = "Agency"\nroles = ["host"]\n'
    )
    write_scene(folder / "archive/open/HaLong_20210605.tif", seed=1)
    write_scene(folder / "archive/closed/SECRET7_20210606.tif", seed=2)
    write_scene(folder / "archive/closed/SECRET8_undated.tif", seed=3)
    result = build(folder, code=1)
    assert result["items"] == 1
    for path in (p for p in (folder / "site").rglob("*") if p.is_file()):
        assert "SECRET" not in path.name
        assert b"SECRET" not in path.read_bytes(), path
    internal = build(folder, "--audience", "internal", "--allow-shrink", code=1)
    assert internal["items"] == 2
    assert list((folder / "site").rglob("SECRET7*.json"))


def test_a_build_leaves_the_served_release_when_it_cannot_go_on(archive: Path) -> None:
    build(archive, code=1)
    before = tree(archive / "site")
    gone = build(archive, "--archive", archive / "nowhere", code=3)
    assert gone["findings"][0]["code"] == "release.no-archive"
    inside = build(archive, "--site", archive / "archive/site", code=2)
    assert inside["findings"][0]["code"] == "release.store-inside-archive"
    unreadable = build(archive, "--store", archive / "what?", code=2)
    assert unreadable["findings"][0]["code"] == "release.store-question-mark"
    assert tree(archive / "site") == before


def test_check_finds_what_was_changed_by_hand(archive: Path) -> None:
    build(archive, code=1)
    clean = run("check", archive / "site", "--pixels")
    assert clean["objects"] >= 4 and [f for f in clean["findings"] if f["severity"] == "error"] == []
    cog = next(p for p in (archive / "site").rglob("HaLong_20210605/image.tif"))
    data = bytearray(cog.read_bytes())
    data[-100] ^= 0xFF
    cog.unlink()
    cog.write_bytes(data)
    (archive / "site/note.txt").write_text("hello")
    codes = {f["code"] for f in run("check", archive / "site", code=1)["findings"]}
    assert {"check.bytes-differ", "check.file-extra"} <= codes


def test_explain_and_scan_and_init_speak(archive: Path, tmp_path: Path) -> None:
    build(archive, code=1)
    explained = run("explain", archive, "HaLong_20210605")
    assert any("HaLong_20210605" in str(source) for source in explained["provenance"].values())
    scanned = run("scan", archive, "--write-overrides", tmp_path / "todo.toml", "--csv", tmp_path / "list.csv", code=1)
    assert len(scanned["deliveries"]) == 3
    assert "old/undated.tif" in (tmp_path / "todo.toml").read_text()
    made = subprocess.run([*COMMAND, "init", str(tmp_path / "new"), "--license", "CC-BY-4.0"], capture_output=True, text=True, check=False)
    assert made.returncode == 0 and (tmp_path / "new/catalog.toml").is_file()
    assert build(tmp_path / "new")["items"] == 0


def test_a_collection_named_like_a_folder_of_the_site_is_refused(archive: Path) -> None:
    (archive / "collections/scenes.toml").rename(archive / "collections/search.toml")
    main = archive / "catalog.toml"
    main.write_text(main.read_text().replace('"scenes"', '"search"'))
    assert [f["code"] for f in build(archive, code=2)["findings"]] == ["site.reserved-name"]
    assert not (archive / "site").exists()


def test_what_a_collection_offers_is_named_in_every_language(archive: Path) -> None:
    build(archive, code=1)
    (path,) = (archive / "site").glob("*/collection.json")
    collection = json.loads(path.read_text())
    titles = {collection["assets"]["items"]["title"], collection["cb:texts"]["en"]["/assets/items/title"]}
    assert titles == {"Toàn bộ cảnh dạng GeoParquet (stac-geoparquet)", "All items as GeoParquet (stac-geoparquet)"}
    assert "Toàn bộ cảnh" not in (archive / "site/en" / path.parent.name / "index.html").read_text()
