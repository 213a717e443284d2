"""Whatever stops a build, the served release is whole, and the next build finishes without doing finished work again."""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from catalog_builder.errors import EnvironmentProblem
from catalog_builder.files import json_bytes
from catalog_builder.store import Store
from tests.building import add_scene, archive_of, make, tree
from tests.crash_driver import whole

ROOT = Path(__file__).parent.parent
ROUNDS = int(os.environ.get("CATALOG_BUILDER_KILL_ROUNDS", "6"))
STRIDE = 1 if os.environ.get("CATALOG_BUILDER_EVERY_WRITE") else 9
"""Each round is a build. Every ninth write keeps the suite short; the environment asks for every single one."""


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: a kill does not care, and syncing costs nothing there."""
    if not os.access("/dev/shm", os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


def start(folder: Path, limits: Callable[[], None] | None = None, *arguments: str) -> subprocess.Popen[str]:
    """The real command in a process group of its own."""
    command = [sys.executable, "-m", "catalog_builder", "build", str(folder), "--jobs", "1", "--json", *arguments]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=limits,
    )


def run(folder: Path, code: int, limits: Callable[[], None] | None = None, *arguments: str) -> dict[str, object]:
    process = start(folder, limits, *arguments)
    out, err = process.communicate()
    assert process.returncode == code, out + err
    result: dict[str, object] = json.loads(out)
    return result


def codes(result: dict[str, object]) -> set[str]:
    return {f["code"] for f in result["findings"]}  # type: ignore[attr-defined]


@pytest.mark.timeout(1800 if STRIDE > 1 else 7200)
def test_a_kill_at_any_write_of_a_build(memory: Path) -> None:
    """See :mod:`tests.crash_driver`: old or new release, whole; the next build ends in the same bytes and converts nothing twice."""
    environment = {**os.environ, "PYTHONWARNINGS": "ignore", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "tests.crash_driver", str(memory), str(STRIDE)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout)
    assert told["total"] >= 100 and told["rounds"] >= told["total"] // STRIDE
    assert told["old"] and (told["new"] or STRIDE > 1)


def test_random_kills_of_the_real_command(memory: Path) -> None:
    """Kill the process and its workers at seeded random moments until one run gets through."""
    folder = archive_of(memory / "definition", 3)
    undisturbed = archive_of(memory / "undisturbed", 3)
    begun = time.monotonic()
    run(undisturbed, 0)
    lasts = time.monotonic() - begun
    dice = random.Random(20260131)
    for _ in range(ROUNDS):
        process = start(folder)
        try:
            process.communicate(timeout=dice.uniform(0.3, 1.0) * lasts)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        whole(folder / "site")
    result = run(folder, 0)
    assert result["items"] == 3
    assert tree(folder / "site") == tree(undisturbed / "site")


def test_finished_scenes_are_not_made_again_after_a_kill(tmp_path: Path) -> None:
    """Kill once the journal has a line: that scene must be reused."""
    folder = archive_of(tmp_path / "definition", 6)
    journal = folder / "store/journal.ndjson"
    process = start(folder)
    while process.poll() is None and not (journal.is_file() and journal.read_bytes().count(b"\n")):
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    finished = journal.read_bytes().count(b"\n")
    assert whole(folder / "site") is None or finished == 6
    assert run(folder, 0)["reused"] == finished


@pytest.mark.parametrize("stage", ["products", "items", "pages"])
def test_a_disk_that_takes_no_more(tmp_path: Path, stage: str) -> None:
    """Files may not grow beyond a limit, as on a full disk, chosen so that one stage after the other fails."""
    folder = archive_of(tmp_path / "definition", 1)
    make(folder)
    old = tree(folder / "site")
    add_scene(folder, 2)
    json_size = max(p.stat().st_size for p in (folder / "site/scenes").rglob("HaLong*.json"))
    page_size = max(p.stat().st_size for p in (folder / "site/scenes").rglob("index.html"))
    limit = {"products": 2048, "items": json_size * 3 // 4, "pages": page_size * 3 // 4}[stage]

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    stopped = run(folder, 3, full)
    assert codes(stopped) == {"release.disk"}
    assert tree(folder / "site") == old
    assert run(folder, 0)["items"] == 2, "a full disk must not be remembered as a fault of the scene"


def test_a_store_that_cannot_be_written(tmp_path: Path) -> None:
    folder = archive_of(tmp_path / "definition", 1)
    run(folder, 0)
    old = tree(folder / "site")
    (tmp_path / "file").write_text("not a folder")
    stopped = run(folder, 3, None, "--store", str(tmp_path / "file/store"))
    assert codes(stopped) == {"release.disk"}
    assert tree(folder / "site") == old


def read_only(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run ``command`` where ``folder`` is a read-only file system, in a mount namespace of its own."""
    namespace = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"])]
    script = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
    return subprocess.run([*namespace, "sh", "-c", script, str(folder), *command], cwd=ROOT, capture_output=True, text=True, check=False)


def can_mount() -> bool:
    try:
        with tempfile.TemporaryDirectory() as folder:
            return read_only(Path(folder), "true").returncode == 0
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not can_mount(), reason="this system does not let us mount anything")
@pytest.mark.parametrize("place", ["store", "public"])
def test_a_place_that_has_become_read_only(tmp_path: Path, place: str) -> None:
    folder = archive_of(tmp_path / "definition", 1)
    site = tmp_path / "public/site"
    command = [sys.executable, "-m", "catalog_builder", "build", str(folder), "--jobs", "1", "--json"]
    places = ["--store", str(tmp_path / "store"), "--site", str(site)]
    assert subprocess.run([*command, *places], cwd=ROOT, capture_output=True, check=False).returncode == 0
    old = tree(site)
    add_scene(folder, 2)
    stopped = read_only(tmp_path / place, *command, *places)
    assert stopped.returncode == 3, stopped.stdout + stopped.stderr
    assert codes(json.loads(stopped.stdout)) <= {"release.disk", "archive.work-unwritable"}
    assert tree(site) == old
    result = read_only(folder / "archive", *command, *places)
    assert result.returncode == 0, "an archive need not be writable"
    assert json.loads(result.stdout)["items"] == 2


def test_a_share_that_answers_with_errors(tmp_path: Path) -> None:
    """No name may be so long: the system refuses to look, as it does when a server has gone."""
    folder = archive_of(tmp_path / "definition", 1)
    make(folder)
    old = tree(folder / "site")
    stopped = run(folder, 3, None, "--archive", str(tmp_path / ("x" * 300)))
    assert codes(stopped) == {"release.no-archive"}
    assert tree(folder / "site") == old


@pytest.mark.skipif(os.geteuid() == 0, reason="rights do not bind root")
def test_a_store_without_the_right_to_write(tmp_path: Path) -> None:
    folder = archive_of(tmp_path / "definition", 1)
    make(folder)
    old = tree(folder / "site")
    add_scene(folder, 2)
    for path in (folder / "store", *(folder / "store").rglob("*")):
        path.chmod(path.stat().st_mode & ~0o222)
    try:
        with pytest.raises(EnvironmentProblem) as caught:
            make(folder)
    finally:
        for path in (folder / "store", *(folder / "store").rglob("*")):
            path.chmod(path.stat().st_mode | 0o200)
    assert caught.value.findings[0].code in ("release.disk", "archive.work-unwritable")
    assert tree(folder / "site") == old


def test_two_builds_at_once(tmp_path: Path) -> None:
    folder = archive_of(tmp_path / "definition", 1)
    make(folder)
    old = tree(folder / "site")
    add_scene(folder, 2)
    first = start(folder)
    lock = folder / "store/lock.json"
    while first.poll() is None and not lock.exists():
        time.sleep(0.002)
    os.killpg(first.pid, signal.SIGSTOP)  # it holds the lock for as long as this test needs
    try:
        assert lock.exists()
        with pytest.raises(EnvironmentProblem) as caught:
            make(folder)
        assert caught.value.findings[0].code == "release.locked"
        assert tree(folder / "site") == old
    finally:
        os.killpg(first.pid, signal.SIGCONT)
        first.communicate()
    assert make(folder).items == 2


def test_the_lock_of_a_dead_build_is_cleared(tmp_path: Path) -> None:
    folder = archive_of(tmp_path / "definition", 1)
    store = Store(folder / "store")
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    store.lock.write_bytes(json_bytes({"host": os.uname().nodename, "pid": ended.pid, "since": "2026-01-31T00:00:00Z"}))
    assert make(folder).items == 1


def test_an_archive_that_went_away_before_the_build(tmp_path: Path) -> None:
    """An unmounted share is an empty folder: everything seems withdrawn. Neither release nor store may believe it."""
    folder = archive_of(tmp_path / "definition", 3)
    make(folder)
    old, made = tree(folder / "site"), tree(folder / "store/scenes")
    (folder / "archive").rename(folder / "unmounted")
    (folder / "archive").mkdir()
    stopped = make(folder)
    assert {f.code for f in stopped.findings} >= {"release.shrink"} and stopped.exit_code == 1
    assert tree(folder / "site") == old and tree(folder / "store/scenes") == made
    (folder / "archive").rmdir()
    (folder / "unmounted").rename(folder / "archive")
    back = make(folder)
    assert back.built == () and tree(folder / "site") == old


def test_an_archive_that_goes_away_while_scenes_are_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = archive_of(tmp_path / "definition", 1)
    make(folder)
    old = tree(folder / "site")
    add_scene(folder, 2)
    add_scene(folder, 3)
    clear, calls = Store.clear_unfinished, []

    def unmount(store: Store, scene_id: str, key: str) -> None:
        calls.append(scene_id)
        if len(calls) == 2:
            (folder / "archive").rename(folder / "unmounted")
            (folder / "archive").mkdir()
        clear(store, scene_id, key)

    monkeypatch.setattr(Store, "clear_unfinished", unmount)
    with pytest.raises(EnvironmentProblem) as caught:
        make(folder)
    assert caught.value.findings[0].code == "release.no-archive"
    assert tree(folder / "site") == old
    monkeypatch.undo()
    (folder / "archive").rmdir()
    (folder / "unmounted").rename(folder / "archive")
    assert make(folder).items == 3, "a share that went away must not be remembered as a fault of its scenes"


def test_a_file_that_changes_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Someone copies a new version over it: nothing half old, half new is kept, and the next build takes the new one."""
    folder = archive_of(tmp_path / "definition", 2)
    from catalog_builder import scene

    convert = scene.convert

    def overwrite(delivery: object, *arguments: object) -> object:
        if "20210105" in delivery.id:  # type: ignore[attr-defined]
            add_scene(folder, 1, seed=9)
        return convert(delivery, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(scene, "convert", overwrite)
    result = make(folder)
    assert result.items == 1 and {f.code for f in result.findings} >= {"build.scene-failed"}
    monkeypatch.undo()
    assert make(folder).items == 2
    shutil.rmtree(folder / "store")
    served = tree(folder / "site")
    make(folder)
    assert tree(folder / "site") == served
