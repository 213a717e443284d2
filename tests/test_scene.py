"""One scene in a worker: what must not be remembered of it."""

from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path

import pytest

from catalog_builder.raster import findings
from catalog_builder.scene import NotMade, _refuse_passing_trouble
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
