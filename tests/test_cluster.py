"""A real Dask scheduler and workers on loopback: the same tasks, the same result, and a worker that is killed is survived."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import distributed
import pytest

from tests.archives import write_definition, write_scene
from tests.test_build import build, run, stamp, tree

pytestmark = [pytest.mark.service, pytest.mark.xdist_group("cluster")]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Address of a scheduler with two worker processes; all end with the test."""
    environment = {**os.environ, "DASK_DISTRIBUTED__WORKER__DAEMON": "False", "PYTHONWARNINGS": "ignore"}
    file = tmp_path / "scheduler.json"
    processes: list[subprocess.Popen[bytes]] = []

    def start(module: str, *arguments: str) -> None:
        command = [sys.executable, "-m", f"distributed.cli.{module}", "--scheduler-file", str(file), "--no-dashboard", *arguments]
        with (tmp_path / f"{module}-{len(processes)}.log").open("wb") as log:
            processes.append(subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=log, stderr=log))

    try:
        start("dask_scheduler", "--host", "127.0.0.1", "--port", "0")
        wait_for(file)
        for n in range(2):
            start("dask_worker", "--nthreads", "1", "--no-nanny", "--local-directory", str(tmp_path / f"worker-{n}"))
        address = json.loads(file.read_text())["address"]
        with distributed.Client(address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=120)
        yield address, processes[1:]
    finally:
        for process in processes:
            process.kill()
            process.wait()
        for log in sorted(tmp_path.glob("dask_*.log")):  # pytest shows this when the test fails
            print(f"--- {log.name}\n{log.read_text()[-3000:]}")


def wait_for(file: Path) -> None:
    for _ in range(600):
        if file.is_file() and file.stat().st_size > 2:
            return
        time.sleep(0.1)
    raise TimeoutError(f"{file} did not appear: the scheduler has not started")


def test_a_cluster_makes_the_same_release_and_survives_a_killed_worker(
    tmp_path: Path, cluster: tuple[str, list[subprocess.Popen[bytes]]]
) -> None:
    address, workers = cluster
    folder = write_definition(tmp_path / "definition")
    for n in range(6):
        write_scene(folder / f"archive/HaLong_2021060{n + 1}.tif", seed=n, size=512)
    stamp(folder / "archive")
    command = [sys.executable, "-m", "catalog_builder", "build", str(folder), "--scheduler", address, "--json"]
    building = subprocess.Popen(
        [*command, "--store", str(tmp_path / "a/store"), "--site", str(tmp_path / "a/site")], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    journal = tmp_path / "a/store/journal.ndjson"
    for _ in range(1200):
        if journal.is_file() or building.poll() is not None:
            break
        time.sleep(0.05)
    workers[0].send_signal(signal.SIGKILL)
    output, errors = building.communicate(timeout=200)
    assert building.returncode == 0, output.decode() + errors.decode()
    local = build(folder, "--store", tmp_path / "b/store", "--site", tmp_path / "b/site")
    assert local["items"] == 6
    assert tree(tmp_path / "a/site") == tree(tmp_path / "b/site")


def test_an_address_without_a_scheduler_is_a_finding(tmp_path: Path) -> None:
    folder = write_definition(tmp_path / "definition")
    (folder / "archive").mkdir()
    found = run("build", folder, "--scheduler", "nonsense://x", code=3)["findings"]
    assert [f["code"] for f in found] == ["workers.cluster-unreachable"]
