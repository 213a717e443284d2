"""What the tests of the archive room share."""

from __future__ import annotations

import pytest

from catalog_builder.archive import scan as scan_module
from catalog_builder.archive.find import Found


@pytest.fixture
def read_now(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The key files that scans in this process really read, as they are read."""
    names: list[str] = []
    real = scan_module.read_scene

    def counting(found: Found) -> object:
        names.append(found.scene.key.name)
        return real(found)

    monkeypatch.setattr(scan_module, "read_scene", counting)
    return names
