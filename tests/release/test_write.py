"""A release is there whole or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from catalog_builder.errors import EnvironmentProblem
from catalog_builder.files import write_bytes
from catalog_builder.release import swap
from catalog_builder.release.swap import exchange, recover
from catalog_builder.release.write import KEEP, MANIFEST, ReleaseWriter, read_manifest


def publish(site: Path, **files: bytes) -> str:
    writer = ReleaseWriter(site)
    for name, data in files.items():
        writer.put(f"{name}.json", data)
    return writer.publish(len(files), {"audience": "public"}).id


def test_the_served_tree_appears_and_changes_as_a_whole(tmp_path: Path) -> None:
    site = tmp_path / "site"
    first = publish(site, catalog=b"1", item=b"a")
    second = publish(site, catalog=b"2")
    assert first != second
    assert sorted(p.name for p in site.iterdir()) == ["catalog.json", MANIFEST]
    assert (tmp_path / ".site-releases" / first / "item.json").read_bytes() == b"a"


def test_the_same_content_changes_nothing(tmp_path: Path) -> None:
    site = tmp_path / "site"
    first = publish(site, catalog=b"1")
    before = (site / "catalog.json").stat().st_ino
    assert publish(site, catalog=b"1") == first
    assert (site / "catalog.json").stat().st_ino == before
    assert list((tmp_path / ".site-releases").iterdir()) == []


def test_unchanged_files_are_links_not_copies(tmp_path: Path) -> None:
    site = tmp_path / "site"
    publish(site, catalog=b"1", item=b"same")
    before = (site / "item.json").stat().st_ino
    publish(site, catalog=b"2", item=b"same")
    assert (site / "item.json").stat().st_ino == before


def test_only_the_last_releases_are_kept(tmp_path: Path) -> None:
    site = tmp_path / "site"
    for n in range(KEEP + 4):
        publish(site, catalog=str(n).encode())
    assert len(list((tmp_path / ".site-releases").iterdir())) == KEEP


def test_the_oldest_release_becomes_the_newest(tmp_path: Path) -> None:
    """Its folders are used again; what it has and the new release has not is gone, folders included."""
    site, releases = tmp_path / "site", tmp_path / ".site-releases"
    oldest = publish(site, **{"catalog": b"0", "same": b"same", "month/day/gone": b"gone", "was/folder": b"x", "file": b"x"})
    folder = site.stat().st_ino
    for n in range(1, KEEP + 1):
        publish(site, catalog=str(n).encode(), same=b"same")
    assert (releases / oldest).stat().st_ino == folder
    same = (site / "same.json").stat().st_ino
    publish(site, **{"catalog": b"new", "same": b"same", "was": b"y", "file.json/inside": b"y"})
    assert site.stat().st_ino == folder and (site / "same.json").stat().st_ino == same
    assert files(site) == {
        "catalog.json": b"new",
        "same.json": b"same",
        "was.json": b"y",
        "file.json/inside.json": b"y",
        MANIFEST: (site / MANIFEST).read_bytes(),
    }
    assert not (site / "month").exists() and not (site / "was").exists()


def test_what_was_put_right_in_the_served_tree_stays_right(tmp_path: Path) -> None:
    """Damage and strange files in a kept release do not come back when its folders are used again."""
    site = tmp_path / "site"
    oldest = publish(site, catalog=b"0", item=b"same", other=b"more")
    for n in range(1, KEEP + 1):
        publish(site, catalog=str(n).encode(), item=b"same", other=b"more")
    served, kept = site / "item.json", tmp_path / ".site-releases" / oldest
    served.write_bytes(b"emas")  # the disk changed it, under all its names
    served.unlink()
    served.write_bytes(b"same")
    (kept / "stranger.txt").write_text("?")
    (kept / "other.json").unlink()
    (kept / "other.json").symlink_to("/etc/passwd")
    publish(site, catalog=b"new", item=b"same", other=b"more")
    assert files(site) == {"catalog.json": b"new", "item.json": b"same", "other.json": b"more", MANIFEST: (site / MANIFEST).read_bytes()}
    assert not (site / "other.json").is_symlink()


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    write_bytes(tmp_path / "site" / "thesis.doc", b"important")
    with pytest.raises(EnvironmentProblem) as caught:
        ReleaseWriter(tmp_path / "site")
    assert caught.value.findings[0].code == "release.site-occupied"


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a/../../x"])
def test_no_file_leaves_the_release(tmp_path: Path, path: str) -> None:
    with pytest.raises(ValueError, match="leaves"):
        ReleaseWriter(tmp_path / "site").put(path, b"")


def test_folders_are_exchanged(tmp_path: Path) -> None:
    write_bytes(tmp_path / "a" / "x", b"a")
    write_bytes(tmp_path / "b" / "x", b"b")
    exchange(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "a/x").read_bytes() == b"b" and (tmp_path / "b/x").read_bytes() == b"a"


def test_a_new_tree_that_cannot_be_renamed_leaves_the_old_one_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swap, "_exchanged_at_once", lambda a, b: False)
    write_bytes(tmp_path / "served" / "x", b"old")
    with pytest.raises(FileNotFoundError):
        exchange(tmp_path / "not there", tmp_path / "served")
    assert (tmp_path / "served/x").read_bytes() == b"old" and [p.name for p in tmp_path.iterdir()] == ["served"]


KILLER = """
import os, signal, sys
from pathlib import Path
import catalog_builder.release.swap as swap
import catalog_builder.release.write as write
from tests.crash_driver import changes

if sys.argv[3] == "in-steps":
    swap._exchanged_at_once = lambda a, b: False

count, limit = 0, int(sys.argv[2])

def look(event, arguments):
    global count
    if changes(event, arguments):
        count += 1
        if count == limit:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(look)
writer = write.ReleaseWriter(Path(sys.argv[1]))
for name in ("a", "b", "catalog"):
    writer.put(f"{name}.json", b"new")
writer.publish(3, {})
print(count)
"""


@pytest.mark.parametrize("earlier", [0, KEEP + 1])
def test_a_kill_between_any_two_writes_leaves_the_old_or_the_new_release(tmp_path: Path, earlier: int) -> None:
    """Count the steps of an undisturbed run, then kill at each of them; without and with an old release to make the new one of."""
    steps = int(run_killer(tmp_path / "count", 10**9, earlier).stdout)
    assert steps >= 10
    for limit in range(1, steps + 1):
        site = tmp_path / f"k{limit}" / "site"
        done = run_killer(site.parent, limit, earlier)
        assert done.returncode == -signal.SIGKILL
        manifest = read_manifest(site)
        assert manifest is not None
        contents = {name: (site / name).read_bytes() for name in manifest.files}
        assert set(contents.values()) in ({b"old"}, {b"new"})
        assert {p.name for p in site.iterdir()} == {*manifest.files, MANIFEST}
        assert publish(site, a=b"new", b=b"new", catalog=b"new") == read_manifest(site).id  # type: ignore[union-attr]


def test_a_kill_where_folders_cannot_be_exchanged_is_put_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As above, on a system that needs several renames: there the next run may have to finish or undo the swap first."""
    steps = int(run_killer(tmp_path / "count", 10**9, 0, "in-steps").stdout)
    monkeypatch.setattr(swap, "_exchanged_at_once", lambda a, b: False)
    gone = 0
    for limit in range(1, steps + 1):
        site = tmp_path / f"k{limit}" / "site"
        assert run_killer(site.parent, limit, 0, "in-steps").returncode == -signal.SIGKILL
        gone += not site.exists()
        recover(site)
        manifest = read_manifest(site)
        assert manifest is not None
        assert {(site / name).read_bytes() for name in manifest.files} in ({b"old"}, {b"new"})
        assert publish(site, a=b"next", b=b"next", catalog=b"next") == read_manifest(site).id  # type: ignore[union-attr]
        assert {p.name for p in site.parent.iterdir()} == {"site", ".site-releases"}
    assert gone == 1


def test_a_copy_that_somebody_keeps_beside_the_site_is_theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swap, "_exchanged_at_once", lambda a, b: False)
    site = tmp_path / "site"
    publish(site, catalog=b"1")
    write_bytes(tmp_path / "site.old/thesis.doc", b"important")
    recover(site)
    publish(site, catalog=b"2")
    site.rename(tmp_path / "elsewhere")
    recover(site)
    assert not site.exists() and (tmp_path / "site.old/thesis.doc").read_bytes() == b"important"


def run_killer(folder: Path, limit: int, earlier: int, exchange: str = "at-once") -> subprocess.CompletedProcess[str]:
    site = folder / "site"
    for n in range(earlier):
        publish(site, a=b"old", b=str(n).encode(), **{"c/d": b"old"})
    publish(site, a=b"old", b=b"old", catalog=b"old")
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    return subprocess.run(
        [sys.executable, "-c", KILLER, str(site), str(limit), exchange], check=False, capture_output=True, text=True, env=environment
    )
