"""Parallel work: limits hold, one bad task fails alone, results come in order."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path

import distributed
import pytest

from catalog_builder.archive.findings import NO_DATE
from catalog_builder.errors import EnvironmentProblem, UnreadableDelivery
from catalog_builder.worker_child import TaskFailed
from catalog_builder.workers import (
    InlineExecutor,
    Limited,
    LocalWorkers,
    OutOfMemory,
    TaskTimeout,
    WorkerDied,
    get_ready,
    map_tasks,
    open_executor,
)

MIB = 1024 * 1024


def double(x: int) -> int:
    return 2 * x


def hang(_: int = 0) -> None:
    time.sleep(600)


def crash() -> None:
    ctypes.string_at(0)


def vanish() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def allocate(mib: int) -> int:
    return len(bytearray(mib * MIB))


def leave() -> None:
    sys.exit(3)


def talk() -> int:
    print("noise on standard output", flush=True)
    os.write(2, b"noise on standard error\n")
    return os.write(1, b"noise below python\n")


def thread_settings() -> str | None:
    return os.environ.get("GDAL_NUM_THREADS")


class Awkward(Exception):
    """Cannot be unpickled: its constructor wants two values and hands one on."""

    def __init__(self, a: str, b: str) -> None:
        super().__init__(a)


def raise_awkward() -> None:
    raise Awkward("first", "second")


def raise_unreadable() -> None:
    raise UnreadableDelivery(NO_DATE("a/b"))


def slow_then_value(x: int) -> int:
    time.sleep(0.3 if x == 0 else 0.0)
    if x == 3:
        raise ValueError("three")
    return x * 10


def is_loaded(module: str) -> bool:
    return module in sys.modules


@pytest.fixture(scope="module")
def workers() -> Executor:
    with LocalWorkers(2) as pool:
        yield pool


def test_results_come_back(workers: Executor) -> None:
    assert [f.result() for f in [workers.submit(double, i) for i in range(20)]] == [2 * i for i in range(20)]


def test_a_hanging_task_is_stopped_and_others_go_on(workers: Executor) -> None:
    stuck = workers.submit(Limited(hang, seconds=1.0))
    others = [workers.submit(double, i) for i in range(6)]
    assert [f.result() for f in others] == [2 * i for i in range(6)]
    with pytest.raises(TaskTimeout) as caught:
        stuck.result()
    assert caught.value.seconds == 1.0
    assert [f.result() for f in [workers.submit(double, i) for i in range(4)]] == [0, 2, 4, 6]


@pytest.mark.parametrize(("task", "reason"), [(crash, "signal 11"), (vanish, "signal 9")])
def test_a_crash_fails_only_its_own_task(workers: Executor, task: object, reason: str) -> None:
    bad = workers.submit(task)  # type: ignore[arg-type]
    good = [workers.submit(double, i) for i in range(6)]
    with pytest.raises(WorkerDied, match=reason):
        bad.result()
    assert [f.result() for f in good] == [2 * i for i in range(6)]


def test_memory_is_limited_per_task(workers: Executor) -> None:
    with pytest.raises(OutOfMemory):
        workers.submit(Limited(allocate, memory_bytes=512 * MIB), 1024).result()
    assert workers.submit(Limited(allocate, memory_bytes=512 * MIB), 8).result() == 8 * MIB
    assert workers.submit(allocate, 1024).result() == 1024 * MIB


def test_exit_inside_a_task_is_its_failure(workers: Executor) -> None:
    with pytest.raises(TaskFailed, match="SystemExit"):
        workers.submit(leave).result()


def test_exceptions_travel_with_their_findings(workers: Executor) -> None:
    with pytest.raises(UnreadableDelivery) as caught:
        workers.submit(raise_unreadable).result()
    assert [f.code for f in caught.value.findings] == ["archive.no-date"]


def test_an_exception_that_cannot_travel_is_told(workers: Executor) -> None:
    with pytest.raises(TaskFailed, match="Awkward: first"):
        workers.submit(raise_awkward).result()


def test_what_cannot_be_pickled_fails_its_future(workers: Executor) -> None:
    with pytest.raises(Exception, match="pickle"):
        workers.submit(lambda: 1).result()
    assert workers.submit(double, 2).result() == 4


def test_children_are_silent_and_single_threaded(workers: Executor, capfd: pytest.CaptureFixture[str]) -> None:
    assert workers.submit(talk).result() == 19
    assert workers.submit(thread_settings).result() == "1"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("jobs", [0, 2])
def test_map_keeps_the_order_and_carries_failures(jobs: int) -> None:
    finished: list[int] = []
    with open_executor(jobs) as executor:
        outcomes = list(map_tasks(executor, slow_then_value, range(6), lambda task, _: finished.append(task)))
    assert [task for task, _ in outcomes] == list(range(6))
    assert [r for _, r in outcomes if not isinstance(r, Exception)] == [0, 10, 20, 40, 50]
    assert str(outcomes[3][1]) == "three"
    assert sorted(finished) == list(range(6))


def test_map_of_nothing_is_nothing() -> None:
    with open_executor(1) as executor:
        assert list(map_tasks(executor, double, [])) == []


def test_an_error_in_the_command_stops_running_work() -> None:
    with pytest.raises(KeyboardInterrupt), open_executor(1) as executor:
        running = executor.submit(hang)
        waiting = executor.submit(hang)
        raise KeyboardInterrupt
    assert waiting.cancelled() or isinstance(waiting.exception(), WorkerDied)
    assert running.cancelled() or isinstance(running.exception(), WorkerDied)


def test_shut_down_workers_take_nothing() -> None:
    pool = LocalWorkers(1)
    pool.shutdown()
    with pytest.raises(RuntimeError):
        pool.submit(double, 1)


def test_a_missing_scheduler_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(EnvironmentProblem) as caught, open_executor(1, "tcp://127.0.0.1:1"):
        pass
    assert caught.value.findings[0].code == "workers.no-cluster"


def test_limits_hold_on_a_cluster(tmp_path: Path) -> None:
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0", local_directory=str(tmp_path)
        ) as cluster,
        open_executor(None, cluster.scheduler_address) as executor,
    ):
        assert [r for _, r in map_tasks(executor, double, range(5))] == [0, 2, 4, 6, 8]
        with pytest.raises(WorkerDied):
            executor.submit(crash).result()
        with pytest.raises(TaskTimeout):
            executor.submit(Limited(hang, seconds=1.0)).result()


def test_there_are_no_more_processes_than_tasks_at_once() -> None:
    before, workers = len(minders()), LocalWorkers(4)
    try:
        assert len({workers.submit(os.getpid).result() for _ in range(6)}) == 1
        assert len(minders()) - before == 1
        assert [f.result() for f in [workers.submit(double, n) for n in range(9)]] == list(range(0, 18, 2))
        assert len(minders()) - before == 4
    finally:
        workers.shutdown()


def minders() -> list[threading.Thread]:
    """The threads of this process that feed a child each."""
    return [thread for thread in threading.enumerate() if thread.name == "catalog-builder-worker"]


def test_a_process_gets_ready_before_there_is_a_task() -> None:
    with LocalWorkers(1) as executor:
        assert executor.submit(is_loaded, "xml.dom.minidom").result() is False
        get_ready(executor, "xml.dom.minidom")
        get_ready(executor, "no.such.module")  # says nothing: the first task that needs it does
        assert executor.submit(is_loaded, "xml.dom.minidom").result() is True
    get_ready(InlineExecutor(), "no.such.module")


PARENT = """
import sys
from catalog_builder.workers import LocalWorkers
from tests.test_workers import appear
LocalWorkers(1).submit(appear, sys.argv[1], float(sys.argv[2])).result()
"""


def appear(path: str, seconds: float) -> None:
    """Say that this has begun, and after a while that it has ended."""
    Path(path).write_text(str(os.getpid()))
    time.sleep(seconds)
    Path(path).with_suffix(".ended").touch()


def test_a_child_ends_with_its_parent_in_the_middle_of_a_task(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    with subprocess.Popen([sys.executable, "-c", PARENT, str(begun), "600"], cwd=Path(__file__).parents[1]) as parent:
        wait_until(lambda: begun.is_file() and begun.read_text() != "")
        child = int(begun.read_text())
        assert not has_ended(child)
        parent.kill()
        parent.wait()
    wait_until(lambda: has_ended(child))
    assert not begun.with_suffix(".ended").exists()


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or is one that nobody has asked for its end yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def wait_until(told: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not told():
        assert time.monotonic() < deadline
        time.sleep(0.05)
