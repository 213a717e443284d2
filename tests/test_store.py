"""The store: a journal that other versions and kills wrote into, folders that others left something in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from catalog_builder.definition.model import Access
from catalog_builder.files import StoredFile, write_bytes
from catalog_builder.raster.model import Raster
from catalog_builder.store import Record, Store, load_raster, save_raster

RECORD = Record("a", "k", "i", "c", Access.PUBLIC, "scenes/a/k/item-i.json", "2020-01-01T00:00:00Z", False, "A", (), ())


@pytest.mark.parametrize(
    "line",
    [
        b"[1]",
        b'"x"',
        b'{"a": 1}',
        b'{"id": "b"}',
        b'{"id": ["b"]}',
        b'{"id": "b", "half',
        orjson.dumps(RECORD.to_json() | {"id": "b", "unheard of": 1}),
        orjson.dumps(RECORD.to_json() | {"id": "b", "access": "secret"}),
        orjson.dumps(RECORD.to_json() | {"id": "b", "findings": [1]}),
    ],
)
def test_what_this_version_cannot_read_is_passed_over(tmp_path: Path, line: bytes) -> None:
    store = Store(tmp_path)
    store.append(RECORD)
    store.journal.write_bytes(store.journal.read_bytes() + line + b"\n")
    store.append(replace(RECORD, id="c"))
    assert set(store.records()) == {"a", "c"}


def test_what_a_desktop_leaves_in_the_store_stops_no_build(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for name in ("a/k", "a/old", "b/k"):
        (tmp_path / "scenes" / name).mkdir(parents=True)
    for name in (".DS_Store", "a/Thumbs.db", "b/Thumbs.db"):
        (tmp_path / "scenes" / name).write_text("?")
    store.compact([RECORD])
    assert (tmp_path / "scenes/a/k").is_dir() and not (tmp_path / "scenes/a/old").exists() and not (tmp_path / "scenes/b").exists()


def test_a_settled_store_is_tidied_where_something_changed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    other = replace(RECORD, id="b", item="scenes/b/k/item-i.json")
    for record in (RECORD, replace(RECORD, item_key="old"), other, RECORD):
        store.append(record)
    for name in ("a/k/item-i.json", "a/k/item-old.json", "a/k/ms.tif", "a/old/ms.tif", "b/k/item-i.json", "b/old/ms.tif", "gone/k/ms.tif"):
        (tmp_path / "scenes" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "scenes" / name).write_text("?")
    journal = store.journal.read_bytes()
    store.settle({"a": RECORD, "b": other}, ["a", "gone", "never made"])
    files = {str(path.relative_to(tmp_path / "scenes")) for path in (tmp_path / "scenes").rglob("*") if path.is_file()}
    assert files == {"a/k/item-i.json", "a/k/ms.tif", "b/k/item-i.json", "b/old/ms.tif"}
    assert store.journal.read_bytes() == journal and store.records() == {"a": RECORD, "b": other}
    store.append(other)
    store.settle({"a": RECORD, "b": other}, [])
    assert store.journal.read_bytes().count(b"\n") == 2 and store.records() == {"a": RECORD, "b": other}
    assert not (tmp_path / "scenes/b/old").exists()


EMPTY = Raster(products=(), footprint=None)


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_first_who_has_finished_a_scene_wins(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.making("a", "k") as slow:
        (slow / "left.vrt").write_bytes(b"half")
        with store.making("a", "k") as quick:
            write_bytes(quick / "image.tif", b"whole")
            save_raster(EMPTY, quick)
        save_raster(EMPTY, slow)
    assert names(tmp_path / "scenes") == {"a/k/image.tif", "a/k/raster.json"}


def test_a_scene_that_failed_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(RuntimeError, match="broken"), store.making("a", "k") as own:
        write_bytes(own / "image.tif", b"half")
        raise RuntimeError("broken")
    assert names(tmp_path) == set() and load_raster(store.scene_folder("a", "k")) is None


def test_a_forgotten_worker_cannot_finish_what_was_cleared(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(FileNotFoundError), store.making("a", "k") as forgotten:
        product = write_bytes(forgotten / "image.tif", b"whole")
        store.clear_unfinished("a", "k")
        late = write_bytes(forgotten / "preview.jpg", b"late")  # makes its folder again
        assert product.path.parent == late.path.parent
        save_raster(replace(EMPTY, thumbnail=product, preview=late), forgotten)
    assert names(tmp_path) == set()


def test_what_killed_runs_left_is_cleared_and_what_is_finished_stays(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.making("a", "k") as own:
        save_raster(EMPTY, own)
    for left in ("k.0a1b2c3d.making", "other.making", "k.0a1b2c3d.discarded"):
        write_bytes(tmp_path / "scenes/a" / left / "image.tif", b"half")
    store.clear_unfinished("a", "k")
    assert names(tmp_path / "scenes") == {"a/k/raster.json"}
    write_bytes(tmp_path / "scenes/a/half/image.tif", b"of another version")
    store.clear_unfinished("a", "half")
    assert names(tmp_path / "scenes") == {"a/k/raster.json"}


def test_a_scene_is_not_finished_without_its_files(tmp_path: Path) -> None:
    gone = StoredFile(tmp_path / "image.tif", 1, "1220")
    with pytest.raises(FileNotFoundError, match=r"image\.tif"):
        save_raster(replace(EMPTY, preview=gone), tmp_path)


def test_a_note_that_a_disk_has_changed_is_none(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    store.remember("note", {"items": 70, "told": ["Hạ Long"]})
    assert store.remembered("note") == {"items": 70, "told": ["Hạ Long"]}
    path = tmp_path / "store/note.json"
    path.write_bytes(path.read_bytes().replace(b"70", b"30"))
    assert store.remembered("note") == {}
