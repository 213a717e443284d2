"""A lock with an owner, for folders that several machines may share: one build at a time works on a store."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from catalog_builder.errors import EnvironmentProblem
from catalog_builder.files import read_json, write_json
from catalog_builder.release.findings import LOCKED
from catalog_builder.times import to_stac

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
    if not _create(path):
        _refuse_or_clear(path)
        if not _create(path):
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
        path.unlink(missing_ok=True)


def _create(path: Path) -> bool:
    """Make the lock file appear with its owner's name in it, in one step; False when there is one already."""
    name = {"host": socket.gethostname(), "pid": os.getpid(), "since": to_stac(datetime.now(UTC).replace(microsecond=0))}
    written = write_json(path.with_name(f".{path.name}-{socket.gethostname()}-{os.getpid()}"), name).path
    try:
        os.link(written, path)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links; a second step is unavoidable there
        return _create_in_two_steps(path, written.read_bytes())
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
        owner = read_json(path)
        age = datetime.now(UTC).timestamp() - path.stat().st_mtime
    except FileNotFoundError:
        return
    except ValueError:  # the owner is writing its name, or died doing so: its age tells
        owner, age = {}, datetime.now(UTC).timestamp() - path.stat().st_mtime
    same_host = owner.get("host") == socket.gethostname()
    if age > EXPIRY_SECONDS or (same_host and not _alive(int(owner.get("pid", -1)))):
        path.unlink(missing_ok=True)
        return
    who = f"{owner.get('host', '?')}, process {owner.get('pid', '?')}"
    raise EnvironmentProblem(LOCKED(str(path), owner=who, since=str(owner.get("since", "?")), path=str(path)))


def _alive(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _beat(path: Path, stop: threading.Event) -> None:
    while not stop.wait(HEARTBEAT_SECONDS):
        try:
            os.utime(path)
        except FileNotFoundError:  # someone cleared it by hand; the build goes on, as they were told it might
            return
        except OSError:  # a share that is away for a moment; the build itself finds out whether it comes back
            continue
