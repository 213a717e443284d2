"""One build at a time; the dead do not block the living."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from catalog_builder.errors import EnvironmentProblem
from catalog_builder.files import read_json, write_json
from catalog_builder.locks import EXPIRY_SECONDS, exclusive


def owned_by(path: Path, host: str, pid: int) -> None:
    write_json(path, {"host": host, "pid": pid, "since": "2026-01-01T00:00:00Z"})


def test_a_second_build_is_told_who_is_working(tmp_path: Path) -> None:
    with exclusive(tmp_path / "lock.json"), pytest.raises(EnvironmentProblem) as caught, exclusive(tmp_path / "lock.json"):
        pass
    finding = caught.value.findings[0]
    assert finding.code == "release.locked" and str(os.getpid()) in str(finding.params["owner"])
    assert not (tmp_path / "lock.json").exists()


def test_the_lock_of_a_dead_process_is_taken_over(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    owned_by(tmp_path / "lock.json", socket.gethostname(), gone.pid)
    with exclusive(tmp_path / "lock.json"):
        assert (tmp_path / "lock.json").exists()


def test_another_machine_is_believed_until_its_heart_stops(tmp_path: Path) -> None:
    lock = tmp_path / "lock.json"
    owned_by(lock, "another-machine", 1)
    with pytest.raises(EnvironmentProblem), exclusive(lock):
        pass
    old = lock.stat().st_mtime - EXPIRY_SECONDS - 5
    os.utime(lock, (old, old))
    with exclusive(lock):
        pass
    assert not lock.exists()


def test_a_torn_lock_file_is_believed_until_it_is_old(tmp_path: Path) -> None:
    """Its owner may be about to write its name (where the file system has no hard links), or have died doing so."""
    lock = tmp_path / "lock.json"
    lock.write_bytes(b'{"host": "x"')
    with pytest.raises(EnvironmentProblem), exclusive(lock):
        pass
    old = lock.stat().st_mtime - EXPIRY_SECONDS - 5
    os.utime(lock, (old, old))
    with exclusive(lock):
        pass


def test_the_lock_never_exists_without_its_owner(tmp_path: Path) -> None:
    with exclusive(tmp_path / "lock.json"):
        assert read_json(tmp_path / "lock.json")["pid"] == os.getpid()
        assert [p.name for p in tmp_path.iterdir()] == ["lock.json"]


@pytest.mark.parametrize("text", ["[]", "null", '"x"', '{"host": "x"}', '{"host": "x", "pid": "y", "since": 1}'])
def test_a_lock_file_that_names_nobody_is_believed_until_it_is_old(tmp_path: Path, text: str) -> None:
    lock = tmp_path / "lock.json"
    lock.write_text(text)
    with pytest.raises(EnvironmentProblem), exclusive(lock):
        pass
    assert lock.read_text() == text
    old = lock.stat().st_mtime - EXPIRY_SECONDS - 5
    os.utime(lock, (old, old))
    with exclusive(lock):
        pass


def test_who_lost_its_lock_does_not_remove_its_successors(tmp_path: Path) -> None:
    """A machine that slept for an hour wakes up after another has taken over."""
    lock = tmp_path / "lock.json"
    with exclusive(lock):
        lock.unlink()
        owned_by(lock, "another-machine", 1)
    assert read_json(lock)["host"] == "another-machine"
