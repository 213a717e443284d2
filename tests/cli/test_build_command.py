"""What ``catalog-builder build`` tells people and leaves behind."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from tests.archives import write_definition, write_scene
from tests.building import archive_of
from tests.cli.test_command_line import run


def unpacked(folder: Path) -> list[str]:
    """Names of the images in the work area of the store."""
    return sorted(p.name for p in (folder / "store").rglob("files/*.tif"))


def zipped_scene(folder: Path, name: str, seed: int) -> Path:
    scene = write_scene(folder / f"{name}.tif", seed=seed, size=32)
    target = folder / "archive" / f"{name}.zip"
    target.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(target, "w") as archive:
        archive.write(scene, scene.name)
    return target


def test_unpacked_copies_of_deleted_archives_go_with_the_next_build_but_not_with_a_rehearsal(tmp_path: Path) -> None:
    folder = write_definition(tmp_path / "definition")
    kept, deleted = "HaLong_20210605", "HaLong_20220607"
    zipped_scene(folder, kept, 1)
    gone = zipped_scene(folder, deleted, 2)
    assert run("build", folder, "--jobs", "0").returncode == 0
    assert unpacked(folder) == [f"{kept}.tif", f"{deleted}.tif"]
    gone.unlink()
    assert run("build", folder, "--jobs", "0", "--dry-run").returncode == 0
    assert unpacked(folder) == [f"{kept}.tif", f"{deleted}.tif"]
    assert run("build", folder, "--jobs", "0", "--allow-shrink").returncode == 0
    assert unpacked(folder) == [f"{kept}.tif"]


def test_a_refused_release_is_not_called_up_to_date(tmp_path: Path) -> None:
    folder = archive_of(tmp_path / "definition", scenes=2)
    released = run("build", folder, "--jobs", "0", "--json")
    assert released.returncode == 0 and json.loads(released.stdout)["refused"] is False
    next((folder / "archive").rglob("HaLong_20210205.tif")).unlink()
    refused = run("build", folder, "--jobs", "0")
    assert refused.returncode == 1
    assert "up to date" not in refused.stdout
    assert f"Not published, because too many items would disappear. Release {json.loads(released.stdout)['release']}" in refused.stdout
    assert json.loads(run("build", folder, "--jobs", "0", "--json").stdout)["refused"] is True
