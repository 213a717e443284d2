"""The scan: every scene comes out, whatever one of them does; the same input gives the same answer."""

from __future__ import annotations

import hashlib
import os
import pkgutil
import re
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from concurrent.futures import Executor
from importlib import import_module
from pathlib import Path

import pytest

from catalog_builder.archive import memory, vendors
from catalog_builder.archive import scan as scan_module
from catalog_builder.archive.delivery import Delivery
from catalog_builder.archive.memory import FILE_NAME
from catalog_builder.archive.registry import FORMATS, MODULES
from catalog_builder.archive.scan import Scan, scan
from catalog_builder.definition.model import Override
from catalog_builder.errors import EnvironmentProblem
from catalog_builder.facts import Field
from catalog_builder.progress import Progress
from catalog_builder.workers import InlineExecutor, LocalWorkers
from tests.archive.meta_format import AnyTiff, MetaFormat, write_scene

FORMATS_HERE = (MetaFormat(), AnyTiff())


@pytest.fixture(scope="module")
def workers() -> Iterator[Executor]:
    with LocalWorkers(2) as pool:
        yield pool


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "archive"
    path.mkdir()
    return path


def scanned(root: Path, executor: Executor | None = None, overrides: tuple[Override, ...] = ()) -> Scan:
    return scan([root], root.parent / "work", overrides, executor or InlineExecutor(), Progress(), formats=FORMATS_HERE)


def by_id(result: Scan) -> dict[str, Delivery]:
    return {d.id: d for d in result.deliveries}


def codes(delivery: Delivery) -> list[str]:
    return [f.code for f in delivery.findings]


def test_scenes_are_found_and_what_is_left_goes_to_later_formats(root: Path) -> None:
    write_scene(root / "2021", "s1", date="2021-06-05", name="SCENE 1", platform="SPOT-7")
    (root / "2021" / "left.tif").write_bytes(b"left")
    (root / "2021" / "notes.docx").write_bytes(b"notes")
    result = scanned(root)
    deliveries = by_id(result)
    assert sorted(deliveries) == ["SCENE-1", "left"]
    scene = deliveries["SCENE-1"]
    assert (scene.format, scene.origin, codes(scene)) == ("meta", "2021", [])
    assert [f.name for f, _ in scene.files] == ["2021/s1.meta", "2021/s1.tif"]
    assert scene.facts.get(Field.PLATFORM) == "SPOT-7"
    assert codes(deliveries["left"]) == ["archive.no-date"]
    (unclaimed,) = result.findings
    assert (unclaimed.code, unclaimed.subject, unclaimed.params) == ("archive.unclaimed", "2021", {"count": 1, "names": "notes.docx"})


def test_a_claim_from_above_counts_for_nested_files(root: Path) -> None:
    write_scene(root, "s1", None, date="2021-06-05", raster="img/deep.tif")
    (root / "img").mkdir()
    (root / "img" / "deep.tif").write_bytes(b"x")
    (root / "img" / "other.tif").write_bytes(b"y")
    assert {i: d.format for i, d in by_id(scanned(root)).items()} == {"s1": "meta", "other": "any-tiff"}


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        ("unreadable", "archive.metadata-unreadable"),
        ("raise", "archive.reader-failed"),
        ("crash", "archive.reader-died"),
        ("memory", "archive.reader-died"),
        ("exit", "archive.reader-died"),
        ("hang", "archive.reader-timeout"),
    ],
)
def test_one_bad_scene_is_quarantined_alone(
    root: Path, workers: Executor, trouble: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if trouble == "hang":
        monkeypatch.setattr(scan_module, "READ_SECONDS", 15.0)  # time enough to start a child on a busy machine
    write_scene(root, "bad", date="2020-01-01", trouble=trouble)
    for i in range(3):
        write_scene(root, f"good{i}", b"%d" % i, date="2020-01-01")
    deliveries = by_id(scanned(root, workers))
    assert codes(deliveries["bad"]) == [code]
    assert len(tuple(deliveries["bad"].facts)) == 0 and [f.name for f, _ in deliveries["bad"].files] == ["bad.meta", "bad.tif"]
    assert [codes(deliveries[f"good{i}"]) for i in range(3)] == [[], [], []]
    assert str(root) not in "".join(f.message("en") for f in deliveries["bad"].findings)


def test_a_format_that_fails_to_find_is_a_finding(root: Path) -> None:
    write_scene(root / "a", "bad", None, trouble="find")
    (root / "a" / "view.tif").write_bytes(b"x")
    result = scanned(root)
    assert sorted(by_id(result)) == ["view"]
    failed = next(f for f in result.findings if f.code == "archive.reader-failed")
    assert (failed.subject, failed.params["format"]) == ("a", "meta")
    assert "KeyError" in str(failed.params["problem"])


def test_a_format_that_dies_while_finding_loses_only_that_folder(root: Path, workers: Executor) -> None:
    write_scene(root / "a", "bad", None, trouble="find-crash")
    (root / "a" / "view.tif").write_bytes(b"x")
    write_scene(root / "b", "good", date="2020-01-01")
    result = scanned(root, workers)
    assert sorted(by_id(result)) == ["good", "view"]
    (died,) = [f for f in result.findings if f.code == "archive.reader-died"]
    assert (died.subject, died.params["format"]) == ("a", "meta")


def test_the_answer_depends_on_the_input_alone(root: Path, workers: Executor) -> None:
    for i in range(12):
        write_scene(root / f"d{i % 3}", f"s{i}", b"%d" % i, date=f"2020-01-{i + 1:02}", name=f"S{i % 5}")
    first, second = scanned(root, workers), scanned(root)
    assert first == second
    assert len(first.deliveries) == 12


def test_the_archive_is_not_touched(root: Path) -> None:
    write_scene(root, "s1", date="2021-06-05")
    before = {p: (p.stat(), hashlib.sha256(p.read_bytes()).hexdigest()) for p in root.rglob("*") if p.is_file()}
    scanned(root)
    after = {p: (p.stat(), hashlib.sha256(p.read_bytes()).hexdigest()) for p in root.rglob("*") if p.is_file()}
    assert {p: (s.st_mtime_ns, s.st_size, h) for p, (s, h) in before.items()} == {
        p: (s.st_mtime_ns, s.st_size, h) for p, (s, h) in after.items()
    }


def test_a_reader_is_sent_only_its_files(root: Path) -> None:
    for i in range(8):
        write_scene(root, f"s{i}", b"%d" % i, date="2020-01-01")
    write_scene(root, "deep", None, date="2020-01-01", raster="img/deep.tif")
    (root / "img").mkdir()
    (root / "img" / "deep.tif").write_bytes(b"d")
    result = scanned(root)
    assert len(result.deliveries) == 9
    assert all(len(d.rasters) == 1 for d in result.deliveries)


def test_a_scan_reads_only_what_changed(root: Path, read_now: list[str]) -> None:
    for folder in ("a", "b"):
        write_scene(root / folder, "s1", folder.encode(), date="2020-01-01")
    write_scene(root, "bad", b"bad", date="2020-01-01", trouble="raise")
    first = scanned(root)
    assert sorted(read_now) == ["a/s1.meta", "b/s1.meta", "bad.meta"]
    read_now.clear()
    assert scanned(root) == first
    assert read_now == ["bad.meta"], "only what failed is tried again"
    read_now.clear()
    write_scene(root / "a", "s1", b"a", date="2021-12-31")
    (root / "b" / "s1.txt").write_text("may matter to the reader")
    (root / "b" / "other.txt").write_text("cannot")
    changed = scanned(root)
    assert sorted(read_now) == ["a/s1.meta", "b/s1.meta", "bad.meta"]
    assert changed != first


def test_a_damaged_memory_costs_only_time(root: Path, read_now: list[str]) -> None:
    write_scene(root, "s1", date="2020-01-01")
    first = scanned(root)
    (root.parent / "work" / FILE_NAME).write_bytes(b"no database" * 1000)
    assert scanned(root) == first
    assert read_now == ["s1.meta", "s1.meta"]


def test_a_memory_that_is_locked_costs_only_time(root: Path, read_now: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "LOCK_SECONDS", 0.2)
    write_scene(root, "s1", date="2020-01-01")
    first = scanned(root)
    other = sqlite3.connect(root.parent / "work" / FILE_NAME, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        assert scanned(root) == first
    finally:
        other.close()
    assert scanned(root) == first
    assert read_now == ["s1.meta", "s1.meta"]


def test_a_work_area_that_is_a_file_is_an_environment_problem(root: Path) -> None:
    (root.parent / "work").write_text("in the way")
    with pytest.raises(EnvironmentProblem) as caught:
        scanned(root)
    assert caught.value.findings[0].code == "archive.work-unwritable"


def test_pruning_keeps_what_this_scan_needed(root: Path, read_now: list[str]) -> None:
    def pruned() -> Scan:
        return scan([root], root.parent / "work", (), InlineExecutor(), Progress(), formats=FORMATS_HERE, prune=True)

    for name in ("old", "new"):
        with zipfile.ZipFile(root / f"{name}.zip", "w") as archive:
            archive.writestr("s1.meta", f"date = 2020-01-01\nname = {name}\n")
    work = root.parent / "work"
    work.mkdir()
    (work / "someone else's").mkdir()
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (work / f".{'0' * 24}.{ended.pid}.part").mkdir()
    (work / f".{'1' * 24}.{os.getppid()}.part").mkdir()  # of a process that runs
    pruned()
    assert sorted(p.name[:2] for p in work.iterdir() if p.is_dir() and not re.fullmatch("[0-9a-f]{24}", p.name)) == [".1", "so"]
    assert len([p for p in work.iterdir() if p.is_dir()]) == 4
    (root / "old.zip").unlink()
    read_now.clear()
    pruned()
    assert len([p for p in work.iterdir() if p.is_dir()]) == 3
    assert read_now == []


def test_overrides_reach_their_scene_and_unused_ones_are_reported(root: Path) -> None:
    write_scene(root / "2019", "s1")
    used = Override(path="2019/s1.tif", by="An", on="2026-01-01", reason="minutes", acquired="2019-03")
    idle = Override(path="2018/*", by="An", on="2026-01-01", reason="minutes", acquired="2018")
    plain, corrected = scanned(root), scanned(root, overrides=(used, idle))
    assert codes(plain.deliveries[0]) == ["archive.no-date"]
    assert codes(corrected.deliveries[0]) == []
    assert corrected.deliveries[0].fingerprint != plain.deliveries[0].fingerprint
    assert [(f.code, f.subject) for f in corrected.findings] == [("archive.override-unused", "2018/*")]


def test_a_changed_file_changes_the_fingerprint(root: Path) -> None:
    write_scene(root, "s1", date="2020-01-01")
    before = scanned(root).deliveries[0].fingerprint
    (root / "s1.tif").write_bytes(b"other pixels")
    assert scanned(root).deliveries[0].fingerprint != before


def test_every_vendor_module_is_registered_once() -> None:
    modules = [m.name for m in pkgutil.iter_modules(vendors.__path__)]
    with_format = {name for name in modules if hasattr(import_module(f"{vendors.__name__}.{name}"), "FORMAT")}
    assert set(MODULES) == with_format
    assert len({f.name for f in FORMATS}) == len(FORMATS) == len(MODULES)
    assert MODULES[-3:] == ("unreadable", "scans", "generic")
