"""One scene in a worker: what must not be remembered of it, and two workers that make the same one."""

from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path

import pytest

from catalog_builder.archive.scan import scan
from catalog_builder.definition import load_definition
from catalog_builder.definition.assign import Assignment, assign
from catalog_builder.fingerprints import FINGERPRINTS
from catalog_builder.planning import Planner, SceneTask
from catalog_builder.progress import Progress
from catalog_builder.raster import findings
from catalog_builder.scene import NotMade, _refuse_passing_trouble, make_scene
from catalog_builder.store import RASTER_FILE, load_raster
from catalog_builder.workers import InlineExecutor, LocalWorkers
from tests.archives import write_definition, write_scene
from tests.raster.raster_kit import delivery, noise, source, write


def test_a_missing_picture_is_believed_only_of_a_disk_that_takes_more(tmp_path: Path) -> None:
    scene = delivery(source(write(tmp_path / "a.tif", noise((1, 20, 20)))))
    found = [findings.NO_VISUAL("scene", problem="write failed")]
    _refuse_passing_trouble(scene, found, tmp_path)
    with pytest.raises(OSError, match="gone"):
        _refuse_passing_trouble(scene, found, tmp_path / "gone")
    _refuse_passing_trouble(scene, [findings.NO_VALID_PIXELS("a.tif")], tmp_path / "gone")


def test_a_writer_that_gave_up_is_blamed_on_the_disk_only_when_the_scene_would_not_fit(tmp_path: Path) -> None:
    scene = delivery(source(write(tmp_path / "a.tif", noise((1, 20, 20)))))
    failed = [findings.WRITER_FAILED("a.tif", problem="cannot write")]
    with pytest.raises(NotMade, match="cannot write"):
        _refuse_passing_trouble(scene, failed, tmp_path)
    (file, role), *others = scene.files
    huge = replace(scene, files=((replace(file, size=1 << 60), role), *others))
    with pytest.raises(OSError, match="cannot write") as caught:
        _refuse_passing_trouble(huge, failed, tmp_path)
    assert caught.value.errno == errno.ENOSPC


def task_of(folder: Path, store: Path) -> SceneTask:
    definition = load_definition(write_definition(folder))
    write_scene(folder / "archive/HaLong_20210601.tif", size=512)
    [delivery_found] = scan((folder / "archive",), store / "work", (), InlineExecutor(), Progress()).deliveries
    decision = assign(delivery_found, definition)
    assert isinstance(decision, Assignment)
    return Planner(definition, store).plan(delivery_found, decision)


def test_two_workers_that_make_the_same_scene_at_once_both_have_all_of_it(tmp_path: Path) -> None:
    workers = LocalWorkers(2)
    try:
        for attempt in range(4):
            task = task_of(tmp_path / "definition", tmp_path / f"store-{attempt}")
            first, second = [f.result() for f in [workers.submit(make_scene, task) for _ in range(2)]]
            assert first == second and not any(f.code.startswith("raster.") for f in first.findings)
            [folder] = (task.store / "scenes" / first.id).iterdir()
            raster = load_raster(folder)
            assert raster is not None and raster.visual is not None and raster.preview is not None
            kept = {RASTER_FILE, FINGERPRINTS, Path(first.item).name, *(f.path.name for f in raster.files())}
            assert {path.name for path in folder.iterdir()} == kept
    finally:
        workers.shutdown()
