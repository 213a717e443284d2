"""One scene in a worker: what must not be remembered of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog_builder.raster import findings
from catalog_builder.scene import _refuse_passing_trouble
from tests.raster.raster_kit import delivery, noise, source, write


def test_a_missing_picture_is_believed_only_of_a_disk_that_takes_more(tmp_path: Path) -> None:
    scene = delivery(source(write(tmp_path / "a.tif", noise((1, 20, 20)))))
    found = [findings.NO_VISUAL("scene", problem="write failed")]
    _refuse_passing_trouble(scene, found, tmp_path)
    with pytest.raises(OSError, match="gone"):
        _refuse_passing_trouble(scene, found, tmp_path / "gone")
    _refuse_passing_trouble(scene, [findings.NO_VALID_PIXELS("a.tif")], tmp_path / "gone")
