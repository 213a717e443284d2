"""Processes of this machine: how our own are set up, and whether others still run (who holds a lock, who is unpacking)."""

from __future__ import annotations

import atexit
import gc
import os

NEW_CONTAINERS = 50_000
"""So many new lists, dicts and objects make the garbage collector look for cycles. The work of this product makes thousands per item
and hardly a cycle: with Python's own 2,000 a quarter of the time of an item is spent looking in vain."""


def set_up() -> None:
    """What a process of the product sets before it loads the rooms: a patient garbage collector, which does not look through everything
    once more when the process ends (a sixth of a short one), and no threads for linear algebra, which is only done on small matrices."""
    gc.set_threshold(NEW_CONTAINERS, *gc.get_threshold()[1:])
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
