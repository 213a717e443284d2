"""Processes of this machine: how our own are set up, and whether others still run (who holds a lock, who is unpacking)."""

from __future__ import annotations

import atexit
import gc
import os


def set_up() -> None:
    """What a process of the product sets before it loads the rooms. When it ends, Python does not look through all its objects for cycles
    once more, which is a sixth of the time of a short command; nothing here waits for that. And no threads for linear algebra, which is
    only done on small matrices."""
    atexit.register(gc.freeze)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def is_running(pid: int) -> bool:
    """Whether this machine runs process ``pid``, of whatever user."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
