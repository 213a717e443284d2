"""What every test may use: the shared test data (when there is any) and small real rasters made on the spot."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from tests.archives import write_definition, write_scene

settings.register_profile("patient", deadline=None)  # a busy machine is not a fault of what is tested
settings.load_profile("patient")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared test data, from ``CATALOG_BUILDER_SHARED``; the test is skipped, visibly, without it."""
    value = os.environ.get("CATALOG_BUILDER_SHARED")
    if not value:
        if os.environ.get("CATALOG_BUILDER_REQUIRE_SHARED"):
            pytest.fail("the shared test data is required here, and CATALOG_BUILDER_SHARED names no folder")
        pytest.skip("set CATALOG_BUILDER_SHARED to the shared test data to run this test")
    path = Path(value).resolve()
    if not (path / "data").is_dir():
        raise FileNotFoundError(f"CATALOG_BUILDER_SHARED={value} has no folder data/")
    return path


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site folder of a real release: three scenes of different kinds, built by the command line."""
    folder = write_definition(tmp_path_factory.mktemp("release") / "definition")
    write_scene(folder / "archive/HaLong_20210605.tif", seed=1, size=700, bands=4)
    write_scene(folder / "archive/CamPha_20220607.tif", seed=2, dtype="uint8", resolution=0.5, corner=(735_000.0, 2_325_500.0))
    write_scene(folder / "archive/VanDon_20230608.tif", seed=3, crs="EPSG:5899", corner=(460_000.0, 2_330_000.0), size=300)
    command = [sys.executable, "-m", "catalog_builder", "build", str(folder), "--jobs", "2", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "site"
