"""Walking: every real file once, in one order, whatever stands in the way."""

from __future__ import annotations

import os
import unicodedata
import zipfile
from pathlib import Path

import pytest

from catalog_builder.archive.containers import Containers
from catalog_builder.archive.delivery import Folder
from catalog_builder.archive.limits import Limits
from catalog_builder.archive.walk import MAX_DEPTH, Walk, walk, walk_all
from catalog_builder.errors import EnvironmentProblem, UsageError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "archive"
    path.mkdir()
    return path


def walked(root: Path, limits: Limits | None = None) -> Walk:
    return walk(root, Containers(root.parent / "work", limits or Limits(reserve_bytes=0)))


def names(folder: Folder) -> list[str]:
    return [f.name for f in folder.walk()]


def codes(result: Walk) -> list[tuple[str, str]]:
    return sorted((f.code, f.subject) for f in result.findings)


def put(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(path.encode())


def test_files_and_folders_are_sorted_by_name(root: Path) -> None:
    put(root, "b/2", "b/10", "a/x", "c", "B")
    result = walked(root)
    assert names(result.folder) == ["B", "c", "a/x", "b/10", "b/2"]
    assert result.folder.name == "" and [f.name for f in result.folder.folders] == ["a", "b"]
    file = result.folder.files[0]
    assert (file.path, file.size, file.mtime_ns) == (root.resolve() / "B", 1, (root / "B").stat().st_mtime_ns)


def test_litter_is_left_out_quietly(root: Path) -> None:
    put(root, "Thumbs.db", ".DS_Store", "__MACOSX/a", "desktop.ini", "._scene.tif", "scene.tif", ".hidden.tif")
    result = walked(root)
    assert names(result.folder) == [".hidden.tif", "scene.tif"]
    assert result.findings == ()


def test_links_are_never_followed(root: Path, tmp_path: Path) -> None:
    put(root, "real/a.tif")
    (tmp_path / "secret").write_text("secret")
    (root / "alias.tif").symlink_to("real/a.tif")
    (root / "loop").symlink_to(".")
    (root / "self").symlink_to("self")
    (root / "dangling").symlink_to("nowhere")
    (root / "out").symlink_to("../secret")
    (root / "abs").symlink_to("/etc")
    result = walked(root)
    assert names(result.folder) == ["real/a.tif"]
    assert codes(result) == [
        ("archive.link-inside", "alias.tif"),
        ("archive.link-inside", "loop"),
        ("archive.link-outside", "abs"),
        ("archive.link-outside", "dangling"),
        ("archive.link-outside", "out"),
        ("archive.link-outside", "self"),
    ]


def test_a_root_that_is_a_link_is_walked(root: Path, tmp_path: Path) -> None:
    put(root, "a")
    (tmp_path / "disk").symlink_to(root)
    assert names(walked(tmp_path / "disk").folder) == ["a"]


def test_special_files_are_left_out(root: Path) -> None:
    os.mkfifo(root / "pipe")
    result = walked(root)
    assert names(result.folder) == []
    assert codes(result) == [("archive.special-file", "pipe")]


def test_a_folder_that_cannot_be_listed_is_reported(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(root, "shut/a", "open/b")
    (root / "shut").chmod(0)
    if os.access(root / "shut", os.R_OK):  # root may read everything: let the system call fail as it would for others
        real = os.scandir

        def scandir(path: Path) -> object:
            if Path(path).name == "shut":
                raise PermissionError(13, "Permission denied", str(path))
            return real(path)

        monkeypatch.setattr(os, "scandir", scandir)
    result = walked(root)
    (root / "shut").chmod(0o755)
    assert names(result.folder) == ["open/b"]
    assert codes(result) == [("archive.folder-unreadable", "shut")]
    assert str(root) not in result.findings[0].message("en")


def test_very_deep_folders_are_reported(root: Path) -> None:
    deep = root.joinpath(*(["d"] * (MAX_DEPTH + 3)))
    deep.mkdir(parents=True)
    (deep / "f").write_text("x")
    result = walked(root)
    assert names(result.folder) == []
    assert [f.code for f in result.findings] == ["archive.folder-too-deep"]


def test_odd_names_become_printable_and_stay_apart(root: Path) -> None:
    nfc, nfd = "Hạ Long.tif", unicodedata.normalize("NFD", "Hạ Long.tif")
    put(root, nfc, nfd, "a\nb.tif", "a\tb.tif", "evil\u202egpj.tif")
    Path(os.fsdecode(os.fsencode(root) + b"/\xb6nh_H\xb9.tif")).write_bytes(b"tcvn")
    found = names(walked(root).folder)
    assert len(set(found)) == 6
    assert all(n.isprintable() for n in found)
    assert nfc in found and nfd in found


def test_containers_become_folders(root: Path) -> None:
    put(root, "2019/readme.txt")
    with zipfile.ZipFile(root / "2019/scene.zip", "w") as archive:
        archive.writestr("top.txt", "1")
        archive.writestr("IMG/data.tif", "2")
        archive.writestr("__MACOSX/._data.tif", "litter")
        archive.writestr("IMG/Thumbs.db", "litter")
    result = walked(root)
    assert names(result.folder) == ["2019/readme.txt", "2019/scene.zip!/top.txt", "2019/scene.zip!/IMG/data.tif"]
    (year,) = result.folder.folders
    assert year.folders[0].name == "2019/scene.zip!"
    assert year.folders[0].resolve("IMG/DATA.tif") is not None


def nested_zip(path: Path, levels: int) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        if levels == 1:
            archive.writestr("x.txt", "x")
        else:
            inner = path.with_suffix(f".{levels}")
            nested_zip(inner, levels - 1)
            archive.write(inner, "inner.zip")
            archive.write(inner, "twin.zip")
            inner.unlink()


@pytest.mark.parametrize(("levels", "expected"), [(1, 1), (2, 2), (3, 0)])
def test_containers_in_containers_are_opened_two_deep(root: Path, levels: int, expected: int) -> None:
    nested_zip(root / "n.zip", levels)
    result = walked(root)
    assert len(names(result.folder)) == expected
    assert codes(result) == ([("archive.container-nested", "n.zip")] if levels > 2 else [])


def test_nested_bombs_share_the_budget_on_every_scan(root: Path) -> None:
    nested_zip(root / "n.zip", 2)
    limits = Limits(total_bytes=10_000, reserve_bytes=0)
    assert codes(walked(root, limits)) == []
    with zipfile.ZipFile(root / "n.zip") as archive:
        tight = Limits(total_bytes=sum(i.file_size for i in archive.infolist()), reserve_bytes=0)
    assert [code for code, _ in codes(walked(root, tight))] == ["archive.container-bomb"] * 2


def test_a_missing_root_is_not_an_empty_archive(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem) as caught:
        walk_all([tmp_path / "unplugged"], Containers(tmp_path / "work"))
    assert caught.value.findings[0].code == "archive.root-missing"


def test_several_roots_are_folders_named_like_them(tmp_path: Path) -> None:
    for disk in ("one/disk", "two/disk", "other"):
        put(tmp_path / disk, "a.tif")
    roots = [tmp_path / "two/disk", tmp_path / "other", tmp_path / "one/disk"]
    containers = Containers(tmp_path / "work")
    assert names(walk_all(roots, containers).folder) == ["disk/a.tif", "disk-2/a.tif", "other/a.tif"]
    assert names(walk_all(roots[::-1], containers).folder) == names(walk_all(roots, containers).folder)


def test_overlapping_places_are_refused(root: Path) -> None:
    (root / "sub").mkdir()
    with pytest.raises(UsageError) as caught:
        walk_all([root, root / "sub"], Containers(root.parent / "work"))
    assert caught.value.findings[0].code == "archive.roots-overlap"
    with pytest.raises(UsageError) as caught:
        walk_all([root], Containers(root / "work"))
    assert caught.value.findings[0].code == "archive.work-inside-archive"
