"""Timing: processes and forks with wall, CPU and peak memory; parts of a run; medians of paired runs; facts of the machine."""

from __future__ import annotations

import os
import pickle
import platform
import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import rasterio


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of wall and CPU (user and system, children included), peak memory of the largest process in MB."""

    wall: float
    cpu: float
    peak: float = 0.0

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.wall + other.wall, self.cpu + other.cpu, max(self.peak, other.peak))


def command(arguments: Sequence[str | Path], *, may_fail: bool = False, **environment: str) -> Cost:
    """Run a command to its end. ``may_fail``: its verdict is not the point, its cost is.

    Raises:
        RuntimeError: it failed, with the end of what it said.
    """
    begun = time.perf_counter()
    process = subprocess.Popen(
        [str(a) for a in arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment, "PYTHONWARNINGS": "ignore"},
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - begun
    if process.returncode != 0 and not may_fail:
        raise RuntimeError(f"{arguments[0]} ended with {process.returncode}: {said[-800:].decode(errors='replace')}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def here(work: Callable[[], object]) -> Cost:
    """Run ``work`` in this process; no memory is told, because the process had its peak before."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


def paired(rounds: int, *works: Callable[[], Cost]) -> list[Cost]:
    """The median cost of each of ``works``; they take turns, so that a busy moment of the machine falls on all of them."""
    seen: list[list[Cost]] = [[] for _ in works]
    for _ in range(rounds):
        for costs, work in zip(seen, works, strict=True):
            costs.append(work())
    return [median(costs) for costs in seen]


def median(costs: Sequence[Cost]) -> Cost:
    """Of each figure for itself."""
    return Cost(statistics.median(c.wall for c in costs), statistics.median(c.cpu for c in costs), statistics.median(c.peak for c in costs))


def peak_of_this_process() -> float:
    """MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def in_fork(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What ``work`` returns in a fork, with the fork's peak memory in MB.

    Raises:
        RuntimeError: it failed.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            with os.fdopen(writing, "wb") as stream:
                pickle.dump(work() | {"peak": peak_of_this_process()}, stream)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        data = stream.read()
    os.waitpid(child, 0)
    if not data:
        raise RuntimeError("the fork said nothing; its error is above")
    result: dict[str, Any] = pickle.loads(data)
    return result


class Clock:
    """Wall and CPU seconds by name; nested names are contained in what contains them."""

    def __init__(self) -> None:
        self.seconds: dict[str, tuple[float, float]] = {}

    @contextmanager
    def measure(self, name: str) -> Iterator[None]:
        wall, cpu = time.perf_counter(), _cpu()
        yield
        before = self.seconds.get(name, (0.0, 0.0))
        self.seconds[name] = (before[0] + time.perf_counter() - wall, before[1] + _cpu() - cpu)

    def watch(self, owner: Any, name: str, title: str) -> None:
        """Count the time inside ``owner.name`` under ``title``."""
        inner: Callable[..., Any] = getattr(owner, name)

        def timed(*arguments: Any, **options: Any) -> Any:
            with self.measure(title):
                return inner(*arguments, **options)

        setattr(owner, name, timed)


def _cpu() -> float:
    """CPU seconds of this process and of its children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def machine() -> tuple[tuple[str, str], ...]:
    """What the numbers depend on."""
    model = next((line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    memory = next((int(line.split()[1]) // 1024 for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    packages = ", ".join(f"{name} {version(name)}" for name in ("rasterio", "rio-cogeo", "imagecodecs", "numpy", "pyarrow", "pystac"))
    return (
        ("Processor", f"{model}, {os.cpu_count()} cores"),
        ("Memory", f"{memory} MB"),
        ("System", f"{platform.system()} {platform.release()}"),
        ("Load before the run (1, 5, 15 minutes)", load),
        ("Software", f"Python {platform.python_version()}, GDAL {rasterio.__gdal_version__}, {packages}"),
    )


def is_noisy() -> bool:
    """Whether others were using the machine: a load of more than half a core before anything was measured."""
    return os.getloadavg()[0] > 0.5


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text().splitlines() if file.is_file() else []
