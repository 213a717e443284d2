"""Remembered items: what is written comes back, and a forged file runs nothing."""

from __future__ import annotations

import os
import pickle
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog_builder.release.known import Known, KnownItem
from catalog_builder.release.model import PlacedItem
from catalog_builder.remembering import sealed
from catalog_builder.stac.model import Json
from catalog_builder.stac.summary import summarise
from tests.stac import factories


def known_item(folder: Path) -> KnownItem:
    json = factories.linked(factories.item(folder).json)
    start = datetime(2019, 6, 5, 3, 12, 34, 500000, tzinfo=UTC)
    placed = PlacedItem(
        id="a", collection="spot", title="A", path="spot/a/a.json", start=start, end=start, bbox=(1, 2, 3, 4), platform="SPOT-7",
        instruments=("naomi",), gsd=6.0, cloud_cover=None, resolution_class=None, thumbnail=None, json_size=1,
        json_checksum="1220", load=lambda: json,
    )  # fmt: skip
    return KnownItem("key", placed, summarise(json), ("ms.tif",))


def load(path: str) -> Json:
    """Stands for the way to the JSON of a release."""
    return {"at": path}


def test_remembered_items_come_back(tmp_path: Path) -> None:
    path = tmp_path / "placed.pickle"
    item = known_item(tmp_path)
    first = Known(path, "context")
    first.put(item)
    first.write()
    again = Known.read(path, "context", load).get("spot", "a", "key")
    assert again is not None and again.summary == item.summary and again.placed.start == item.placed.start
    assert again.placed.load() == {"at": item.placed.path}
    assert Known.read(path, "another context", load).get("spot", "a", "key") is None


def test_a_changed_bit_is_seen(tmp_path: Path) -> None:
    """It could be in a title or an extent, and would be in every release from then on."""
    path = tmp_path / "placed.pickle"
    written = Known(path, "context")
    written.put(known_item(tmp_path))
    written.write()
    whole = path.read_bytes()
    for place in range(0, len(whole), 41):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert Known.read(path, "context", load).get("spot", "a", "key") is None, place


class Forged:
    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.target),)


@pytest.mark.parametrize(
    "data", [b"", b"nonsense", pickle.dumps(("context", [1])), sealed(b"nonsense"), sealed(pickle.dumps(("context", [1])))]
)
def test_a_broken_file_is_as_good_as_none(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "placed.pickle").write_bytes(data)
    assert Known.read(tmp_path / "placed.pickle", "context", load).get("spot", "a", "key") is None


def test_a_forged_file_runs_nothing(tmp_path: Path) -> None:
    (tmp_path / "placed.pickle").write_bytes(sealed(pickle.dumps(("context", Forged(tmp_path / "evil")))))
    assert Known.read(tmp_path / "placed.pickle", "context", load).get("spot", "a", "key") is None
    assert not (tmp_path / "evil").exists()
