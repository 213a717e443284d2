"""What every test may use: the shared test data (when there is any) and small real rasters made on the spot."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


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
