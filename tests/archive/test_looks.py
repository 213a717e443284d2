"""A file that has not changed is asked once; one that has, again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from catalog_builder.archive.containers import Containers
from catalog_builder.archive.delivery import ArchiveFile
from catalog_builder.archive.looks import Looks
from catalog_builder.archive.walk import walk_all


def walked(root: Path, looks: Looks) -> ArchiveFile:
    (file,) = walk_all([root], Containers(root.parent / "work", looks=looks)).folder.files
    return file


def test_an_answer_lasts_as_long_as_the_file(tmp_path: Path) -> None:
    path = tmp_path / "archive" / "ảnh.tif"
    path.parent.mkdir()
    path.write_bytes(b"one")
    os.utime(path, ns=(0, 1_600_000_000_000_000_000))
    first = Looks()
    file = walked(path.parent, first)
    assert first.see("head", file, lambda f: f.head().decode()) == "one"
    known = Looks(first.new)
    assert known.see("head", walked(path.parent, known), lambda f: pytest.fail("looked again")) == "one"
    assert known.see("size", file, lambda f: "") == "" == Looks(known.new).see("size", file, lambda f: pytest.fail("looked again"))
    other = path.with_name("new")
    other.write_bytes(b"two")
    os.utime(other, ns=(0, 1_600_000_000_000_000_000))
    other.replace(path)
    replaced = walked(path.parent, Looks())
    assert replaced == file, "name, size and time are the same"
    assert known.see("head", replaced, lambda f: f.head().decode()) == "two"
    os.utime(path, ns=(0, 1_600_000_001_000_000_000))
    assert known.see("head", walked(path.parent, known), lambda f: "asked") == "asked"


def test_what_cannot_be_read_is_no_answer(tmp_path: Path) -> None:
    looks, file = Looks(), ArchiveFile(tmp_path / "gone.tif", "gone.tif", 1, 1)
    with pytest.raises(FileNotFoundError):
        looks.see("head", file, lambda f: f.head().decode())
    assert looks.new == {}
