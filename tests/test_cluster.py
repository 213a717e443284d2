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

from catalog_builder import worker_cluster
from catalog_builder.errors import EnvironmentProblem
from tests.archives import write_definition, write_scene
from tests.test_build import build, run, stamp, tree

pytestmark = [pytest.mark.service, pytest.mark.xdist_group("cluster")]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Address of a scheduler, and its process followed by those of two workers; all end with the test."""
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
        yield address, processes
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


def six_scenes(folder: Path) -> Path:
    for n in range(6):
        write_scene(folder / f"archive/HaLong_2021060{n + 1}.tif", seed=n, size=512)
    stamp(folder / "archive")
    return folder


def start_build(folder: Path, address: str, out: Path) -> subprocess.Popen[bytes]:
    """A build on the cluster, after its first scene was finished."""
    command = [sys.executable, "-m", "catalog_builder", "build", str(folder), "--scheduler", address, "--json"]
    places = ["--store", str(out / "store"), "--site", str(out / "site")]
    building = subprocess.Popen([*command, *places], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    for _ in range(1200):
        if (out / "store/journal.ndjson").is_file() or building.poll() is not None:
            break
        time.sleep(0.05)
    return building


def test_a_cluster_makes_the_same_release_and_survives_a_killed_worker(
    tmp_path: Path, cluster: tuple[str, list[subprocess.Popen[bytes]]]
) -> None:
    address, (_, first, _) = cluster
    folder = six_scenes(write_definition(tmp_path / "definition"))
    building = start_build(folder, address, tmp_path / "a")
    first.send_signal(signal.SIGKILL)
    output, errors = building.communicate(timeout=200)
    assert building.returncode == 0, output.decode() + errors.decode()
    local = build(folder, "--store", tmp_path / "b/store", "--site", tmp_path / "b/site")
    assert local["items"] == 6
    assert tree(tmp_path / "a/site") == tree(tmp_path / "b/site")


def test_a_scheduler_that_dies_stops_the_build_and_blames_no_scene(
    tmp_path: Path, cluster: tuple[str, list[subprocess.Popen[bytes]]]
) -> None:
    address, (scheduler, *_) = cluster
    folder = six_scenes(write_definition(tmp_path / "definition"))
    building = start_build(folder, address, tmp_path / "a")
    scheduler.send_signal(signal.SIGKILL)
    output, errors = building.communicate(timeout=200)
    assert building.returncode == 3, output.decode() + errors.decode()
    assert [f["code"] for f in json.loads(output)["findings"]] == ["workers.cluster-lost"]
    assert not (tmp_path / "a/site").exists(), "nothing may be published"
    finished = (tmp_path / "a/store/journal.ndjson").read_bytes().count(b"\n")
    local = build(folder, "--store", tmp_path / "a/store", "--site", tmp_path / "a/site")
    assert (local["items"], local["reused"], local["quarantined"]) == (6, finished, []) and finished < 6


def test_a_scheduler_without_workers_is_a_finding(tmp_path: Path, cluster: tuple[str, list[subprocess.Popen[bytes]]]) -> None:
    address, (_, *workers) = cluster
    for worker in workers:
        worker.kill()
        worker.wait()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker_cluster, "WORKER_SECONDS", 3)
        with pytest.raises(EnvironmentProblem) as caught, worker_cluster.open_cluster(address):
            pass
    assert [f.code for f in caught.value.findings] == ["workers.cluster-empty"]


def test_an_address_without_a_scheduler_is_a_finding(tmp_path: Path) -> None:
    folder = write_definition(tmp_path / "definition")
    (folder / "archive").mkdir()
    found = run("build", folder, "--scheduler", "nonsense://x", code=3)["findings"]
    assert [f["code"] for f in found] == ["workers.cluster-unreachable"]
