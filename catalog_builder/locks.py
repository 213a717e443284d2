"""A lock with an owner, for folders that several machines may share: one build at a time works on a store."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import orjson

from catalog_builder.errors import EnvironmentProblem
from catalog_builder.files import json_bytes, write_bytes
from catalog_builder.processes import is_running
from catalog_builder.release.findings import LOCKED
from catalog_builder.times import age, now, to_stac

HEARTBEAT_SECONDS = 30
EXPIRY_SECONDS = 300
"""A lock whose owner has not touched it for this long is dead: ten missed heartbeats, also over a slow share."""


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock file ``path`` for the duration.

    Raises:
        EnvironmentProblem: someone alive holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    name = _name()
    if not _create(path, name):
        _refuse_or_clear(path)
        if not _create(path, name):
            _refuse_or_clear(path)
            raise EnvironmentProblem(LOCKED(str(path), owner="?", since="?", path=str(path)))
    stop = threading.Event()
    heart = threading.Thread(target=_beat, args=(path, stop), daemon=True)
    heart.start()
    try:
        yield
    finally:
        stop.set()
        heart.join()
        _remove(path, name)


def _name() -> bytes:
    return json_bytes({"host": socket.gethostname(), "pid": os.getpid(), "since": to_stac(now().replace(microsecond=0))})


def _create(path: Path, name: bytes) -> bool:
    """Make the lock file appear with its owner's name in it, in one step; False when there is one already."""
    written = write_bytes(path.with_name(f".{path.name}-{socket.gethostname()}-{os.getpid()}"), name).path
    try:
        os.link(written, path)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links; a second step is unavoidable there
        return _create_in_two_steps(path, name)
    finally:
        written.unlink()
    return True


def _create_in_two_steps(path: Path, name: bytes) -> bool:
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(name)
    return True


def _refuse_or_clear(path: Path) -> None:
    """Remove the lock of a dead owner; raise for a living one."""
    try:
        name, untouched = path.read_bytes(), age(path.stat().st_mtime_ns)
    except FileNotFoundError:
        return
    host, pid, since = _owner(name)
    if untouched > EXPIRY_SECONDS or (host == socket.gethostname() and not is_running(pid)):
        _remove(path, name)
        return
    raise EnvironmentProblem(LOCKED(str(path), owner=f"{host}, process {pid or '?'}", since=since, path=str(path)))


def _owner(name: bytes) -> tuple[str, int, str]:
    """Host, process and beginning; unknown while the owner is writing its name, or when it died doing so: the age tells."""
    try:
        owner = orjson.loads(name)
        return str(owner["host"]), int(owner["pid"]), str(owner["since"])
    except (ValueError, TypeError, KeyError):
        return "?", 0, "?"


def _remove(path: Path, name: bytes) -> None:
    """Remove the lock that is called ``name``, and no other: who was suspended for long may find that it has been taken over."""
    with suppress(FileNotFoundError):
        if path.read_bytes() == name:
            path.unlink()


def _beat(path: Path, stop: threading.Event) -> None:
    while not stop.wait(HEARTBEAT_SECONDS):
        try:
            os.utime(path)
        except FileNotFoundError:  # someone cleared it by hand; the build goes on, as they were told it might
            return
        except OSError:  # a share that is away for a moment; the build itself finds out whether it comes back
            continue
