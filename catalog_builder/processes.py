"""Processes of this machine: who holds a lock, who is still unpacking."""

from __future__ import annotations

import os


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
