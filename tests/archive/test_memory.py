"""What is remembered between scans: of this program, whole or not at all, and only what is of use."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog_builder.archive import memory
from catalog_builder.archive.memory import About, Memory


def test_another_program_starts_with_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Memory(tmp_path) as known:
        known.put(About.FILE, {"a": b"1"})
    with Memory(tmp_path) as known:
        assert known.all(About.FILE) == {"a": b"1"}
    monkeypatch.setattr(memory, "program", lambda: "another")
    with Memory(tmp_path) as known:
        assert known.all(About.FILE) == {}


def test_kinds_do_not_mix_and_what_is_unused_is_forgotten(tmp_path: Path) -> None:
    with Memory(tmp_path) as known:
        known.put(About.FILE, {"a": b"1", "b": b"2"})
        known.put(About.SCENE, {"a": b"3", "c": b"4"})
        assert (known.get(About.SCENE, "a"), known.get(About.FOLDER, "a")) == (b"3", None)
        known.keep(About.FILE, ["b"])
        known.forget_unused()
        assert (known.all(About.FILE), known.all(About.SCENE)) == ({"b": b"2"}, {"a": b"3"})


def test_what_a_disk_has_changed_is_learned_again(tmp_path: Path) -> None:
    """SQLite sees when its own order is broken, and nothing of a changed bit in a value."""
    with Memory(tmp_path) as known:
        known.put(About.FILE, {"a": b"what was seen", "b": b"something else"})
    path = tmp_path / memory.FILE_NAME
    path.write_bytes(path.read_bytes().replace(b"what was seen", b"what was sewn"))
    with Memory(tmp_path) as known:
        assert (known.get(About.FILE, "a"), known.all(About.FILE)) == (None, {"b": b"something else"})
