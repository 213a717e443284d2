"""``build --verify`` trusts neither sizes nor times nor the store: what differs is found by its bytes and made again."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from catalog_builder import audit as audit_module
from catalog_builder import build as build_module
from catalog_builder.audit import Doubt
from catalog_builder.build import BuildResult
from catalog_builder.errors import EnvironmentProblem
from catalog_builder.planning import Reason
from catalog_builder.workers import WorkerDied
from tests.building import add_scene, archive_of, make, tree
from tests.crash_driver import whole

FIRST, SECOND = "HaLong_20210105", "HaLong_20210205"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = archive_of(tmp_path / "definition", 2)
    make(folder)
    return folder


def codes(result: BuildResult) -> list[tuple[str, str]]:
    """What the look at the bytes found, and whom it concerns."""
    return [(f.code, f.subject) for f in result.findings if f.code.startswith("build.")]


def test_nothing_to_find(built: Path) -> None:
    served = tree(built / "site")
    result = make(built, verify=True)
    assert (result.built, codes(result), result.changed) == ((), [], False)
    assert tree(built / "site") == served
    assert make(built).reused == 2


def test_a_source_that_changed_behind_its_size_and_time(built: Path) -> None:
    path = built / "archive/bay/HaLong_20210105.tif"
    status, old = path.stat(), path.read_bytes()
    add_scene(built, 1, seed=9)
    assert path.stat().st_size == status.st_size and path.read_bytes() != old
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert make(built).built == (), "size and time are trusted without being asked not to"
    foreseen = make(built, verify=True, dry_run=True)
    assert foreseen.built == (FIRST,) and foreseen.reasons == {FIRST: (Reason.SOURCES,)}
    result = make(built, verify=True)
    assert (result.built, result.reasons) == ((FIRST,), {FIRST: (Reason.SOURCES,)})
    assert codes(result) == [("build.source-changed", "bay/HaLong_20210105.tif")] and result.changed and result.exit_code == 0
    make(built, store="store-of-its-own")
    assert tree(built / "site") == tree(built / "site-of-its-own")
    assert make(built, verify=True).built == ()


def test_products_that_the_journal_does_not_speak_of_are_not_believed(built: Path) -> None:
    """The journal is lost as well, so nothing says what the products were made of."""
    path = built / "archive/bay/HaLong_20210105.tif"
    status = path.stat()
    add_scene(built, 1, seed=9)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    (built / "store/journal.ndjson").unlink()
    assert make(built, verify=True).built == (FIRST, SECOND)
    make(built, store="store-of-its-own")
    assert tree(built / "site") == tree(built / "site-of-its-own")


@pytest.mark.parametrize("name", ["*.tif", "thumbnail.jpg", "item-*.json"])
def test_a_flipped_byte_in_the_store(built: Path, name: str) -> None:
    served, stored = tree(built / "site"), tree(built / "store/scenes")
    path = next((built / "store/scenes" / SECOND).rglob(name))
    with path.open("r+b") as stream:
        stream.seek(-200, os.SEEK_END)
        byte = stream.read(1)[0]
        stream.seek(-200, os.SEEK_END)
        stream.write(bytes([byte ^ 1]))
    assert make(built).built == ()
    result = make(built, verify=True)
    assert (result.built, result.reasons) == ((SECOND,), {SECOND: (Reason.DAMAGE,)})
    assert codes(result) == [("build.product-damaged", path.relative_to(built / "store").as_posix())]
    assert tree(built / "store/scenes") == stored
    assert tree(built / "site") == served and whole(built / "site"), "the served file is the same file on disk"
    assert make(built, verify=True).built == ()


@pytest.mark.parametrize("name", ["visual.tif", "sources.json", "raster.json"])
def test_what_is_missing_in_the_store(built: Path, name: str) -> None:
    served, stored = tree(built / "site"), tree(built / "store/scenes")
    next((built / "store/scenes" / FIRST).rglob(name)).unlink()
    result = make(built, verify=True)
    assert result.built == (FIRST,) and {code for code, _ in codes(result)} == {"build.product-damaged"}
    assert tree(built / "store/scenes") == stored and tree(built / "site") == served


def test_what_a_disk_did_to_the_served_tree(built: Path) -> None:
    """Pages, items and catalogues are made again, also when nothing else has changed; kept releases do not bring the damage back."""
    site, served = built / "site", tree(built / "site")
    [scene] = (site / "scenes").rglob(FIRST)
    victims = [site / "index.html", site / "catalog.json", site / "items.parquet", scene / f"{FIRST}.json", scene / "index.html"]
    for path in victims:
        data = path.read_bytes()
        path.write_bytes(data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])
    (site / "findings.json").unlink()
    assert not make(built).changed and tree(site) != served, "size and time are trusted without being asked not to"
    result = make(built, verify=True)
    spoilt = sorted(p.relative_to(site).as_posix() for p in (*victims, site / "findings.json"))
    assert codes(result) == [("build.served-damaged", name) for name in spoilt]
    assert (result.built, result.changed, result.exit_code) == ((), False, 0)
    assert tree(site) == served and whole(site)
    assert make(built, verify=True).findings == make(built).findings


def test_a_look_without_consequences(built: Path) -> None:
    path = next((built / "store/scenes" / FIRST).rglob("visual.tif"))
    path.unlink()
    before = tree(built / "store/scenes")
    result = make(built, verify=True, dry_run=True)
    assert result.built == (FIRST,) and [code for code, _ in codes(result)] == ["build.product-damaged"]
    assert tree(built / "store/scenes") == before


def test_a_verification_that_was_killed_is_finished_by_the_next_builds(built: Path) -> None:
    """Killed after it removed a damaged scene: the next build makes it, the next look puts the served file right."""
    served, stored = tree(built / "site"), tree(built / "store/scenes")
    path = next((built / "store/scenes" / FIRST).rglob("visual.tif"))
    with path.open("r+b") as stream:
        stream.write(b"XX")
    assert tree(built / "site") != served
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build_module, "_make", killed)
        with pytest.raises(KeyboardInterrupt):
            make(built, verify=True)
    assert not path.exists()
    result = make(built)
    assert (result.built, result.reasons) == ((FIRST,), {FIRST: (Reason.STORE,)})
    assert tree(built / "store/scenes") == stored
    assert make(built, verify=True).built == ()
    assert tree(built / "site") == served


def killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_an_archive_that_cannot_be_read_stops_the_look(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is there when the archive is listed and gone when it is read, as on a share that goes away."""
    served = tree(built / "site")
    listed = build_module.audit

    def unmount(*arguments: Any) -> Any:
        (built / "archive").rename(built / "unmounted")
        return listed(*arguments)

    monkeypatch.setattr(build_module, "audit", unmount)
    with pytest.raises(EnvironmentProblem) as caught:
        make(built, verify=True)
    assert [f.code for f in caught.value.findings] == ["release.disk"]
    (built / "unmounted").rename(built / "archive")
    monkeypatch.undo()
    assert make(built, verify=True).built == () and tree(built / "site") == served


def test_a_look_that_dies_leaves_its_scene_alone(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served = tree(built / "site")

    def die(doubt: Doubt) -> object:
        raise WorkerDied("killed by signal 9")

    monkeypatch.setattr(audit_module, "look_at", die)
    result = make(built, verify=True)
    assert result.built == () and result.exit_code == 1
    assert codes(result) == [("build.scene-failed", FIRST), ("build.scene-failed", SECOND)]
    assert tree(built / "site") == served
