"""Processes of this machine: how our own are set up, and whether others still run (who holds a lock, who is unpacking)."""

from __future__ import annotations

import atexit
import gc
import os
from typing import Literal

LOADED = 200_000
"""Objects after which Python first looks for cycles. Loading all rooms and libraries makes 160,000 that stay until the end, among which
it would look fifty times: a twentieth of the start of a process."""

AFTERWARDS = 50_000
"""Objects between looks from then on. A catalogue is a million objects without cycles: to look every 2,000, as Python does, takes a sixth
of a release of 10,000 items, this half of that."""


def set_up() -> None:
    """What a process of the product sets before it loads the rooms. Python looks for cycles when they are loaded and then never again among
    what was loaded, and among the rest less often than by itself. Nor does it look through all objects once more when the process ends,
    which is a sixth of the time of a short command; nothing here waits for that. And no threads for linear algebra, which is only done on
    small matrices."""
    gc.set_threshold(LOADED)
    if _loaded not in gc.callbacks:
        gc.callbacks.append(_loaded)
    atexit.register(gc.freeze)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _loaded(phase: Literal["start", "stop"], _: dict[str, int]) -> None:
    """After the first look for cycles: what is there stays."""
    if phase == "stop":
        gc.callbacks.remove(_loaded)
        gc.set_threshold(AFTERWARDS)
        gc.freeze()


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
