"""The store: a journal that other versions and kills wrote into, folders that others left something in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from catalog_builder.definition.model import Access
from catalog_builder.store import Record, Store

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
