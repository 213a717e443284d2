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
from catalog_builder.files import json_bytes, read_json
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
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(
            json_bytes({"host": socket.gethostname(), "pid": os.getpid(), "since": to_stac(datetime.now(UTC).replace(microsecond=0))})
        )
    return True


def _refuse_or_clear(path: Path) -> None:
    """Remove the lock of a dead owner; raise for a living one."""
    try:
        owner = read_json(path)
        age = datetime.now(UTC).timestamp() - path.stat().st_mtime
    except FileNotFoundError:
        return
    except ValueError:  # the owner died while it wrote its name
        owner, age = {}, float(EXPIRY_SECONDS + 1)
    same_host = owner.get("host") == socket.gethostname()
    if age > EXPIRY_SECONDS or (same_host and not _alive(int(owner.get("pid", -1)))):
        path.unlink(missing_ok=True)
        return
    who = f"{owner.get('host')}, process {owner.get('pid')}"
    raise EnvironmentProblem(LOCKED(str(path), owner=who, since=str(owner.get("since")), path=str(path)))


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
