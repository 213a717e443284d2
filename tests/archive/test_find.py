"""Folders that are as they were are not looked through again; whatever a format could see in one makes it another."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from catalog_builder.archive.containers import Containers
from catalog_builder.archive.delivery import FileRole, Folder, Reading, SceneFiles
from catalog_builder.archive.find import Finds, find_guarded
from catalog_builder.archive.walk import walk_all
from catalog_builder.workers import InlineExecutor


class Asked:
    """A format that takes every .tif, and from the folder above what ``deep.txt`` there names; it notes which folders it is shown."""

    name = "asked"

    def __init__(self) -> None:
        self.folders: list[str] = []
        self.trouble = False

    def find(self, folder: Folder) -> Iterable[SceneFiles]:
        self.folders.append(folder.name)
        if self.trouble:
            raise OSError("the share is away")
        for file in folder.files:
            if file.basename == "deep.txt" and (deep := folder.resolve(file.head().decode())) is not None:
                yield SceneFiles(self.name, file, folder, ((file, FileRole.METADATA), (deep, FileRole.RASTER)))
            if file.suffix == ".tif":
                yield SceneFiles(self.name, file, folder, ((file, FileRole.RASTER),))

    def read(self, scene: SceneFiles) -> Reading:
        raise NotImplementedError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "archive"
    for name in ("a/1.tif", "a/img/2.tif", "b/3.tif", "b/img/4.tif"):
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(name)
    return path


def look(root: Path, form: Asked, known: dict[str, bytes]) -> Finds:
    form.folders.clear()
    tree = walk_all([root], Containers(root.parent / "work"))
    finds = find_guarded(tree.folder, [form], InlineExecutor(), known, [f.subject for f in tree.findings])
    known |= finds.lasting
    return finds


def names(finds: Finds) -> list[list[str]]:
    return [[f.name for f, _ in found.scene.files] for found in finds.found]


def test_only_changed_folders_and_those_above_are_looked_through(root: Path) -> None:
    form, known = Asked(), dict[str, bytes]()
    first = look(root, form, known)
    assert form.folders == ["", "a", "a/img", "b", "b/img"]
    assert names(first) == [["a/1.tif"], ["a/img/2.tif"], ["b/3.tif"], ["b/img/4.tif"]]
    assert look(root, form, known).found == first.found
    assert form.folders == []
    (root / "b" / "5.tif").write_text("5")
    assert names(look(root, form, known)) == [["a/1.tif"], ["a/img/2.tif"], ["b/3.tif"], ["b/5.tif"], ["b/img/4.tif"]]
    assert form.folders == ["", "b"]
    (root / "b" / "5.tif").unlink()
    assert look(root, form, known).found == first.found
    assert form.folders == [], "as it was at first, which is known"


def test_what_a_folder_above_claims_changes_the_folder(root: Path) -> None:
    form, known = Asked(), dict[str, bytes]()
    look(root, form, known)
    (root / "a" / "deep.txt").write_text("img/2.tif")
    assert names(look(root, form, known)) == [["a/1.tif"], ["a/deep.txt", "a/img/2.tif"], ["b/3.tif"], ["b/img/4.tif"]]
    assert form.folders == ["", "a", "a/img"]
    assert look(root, form, known).folders and form.folders == []


def test_links_and_replaced_files_are_changes(root: Path) -> None:
    form, known = Asked(), dict[str, bytes]()
    look(root, form, known)
    (root / "a" / "1.hdr").symlink_to(root / "b" / "3.tif")
    look(root, form, known)
    assert form.folders == ["", "a"]
    before = (root / "b" / "3.tif").stat()
    (root / "new").write_text("x" * before.st_size)
    (root / "new").replace(root / "b" / "3.tif")
    os.utime(root / "b" / "3.tif", ns=(before.st_atime_ns, before.st_mtime_ns))
    look(root, form, known)
    assert form.folders == ["", "b"]


def test_a_folder_on_which_a_format_failed_is_asked_again(root: Path) -> None:
    form, known = Asked(), dict[str, bytes]()
    form.trouble = True
    failed = look(root, form, known)
    assert (failed.found, known) == ([], {})
    form.trouble = False
    assert len(look(root, form, known).found) == 4
