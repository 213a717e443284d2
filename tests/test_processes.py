"""What every process of the product sets up."""

from __future__ import annotations

import subprocess
import sys

LAST = "import atexit, gc; atexit.register(lambda: print(gc.get_freeze_count(), end=''));"
"""Functions are called in the opposite order, so this one speaks after all that the product has registered."""


def frozen(then: str) -> int:
    """Objects that the garbage collector leaves alone when a process that does ``then`` ends."""
    done = subprocess.run([sys.executable, "-c", LAST + then], capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
    return int(done.stdout.splitlines()[-1])


def test_a_process_ends_without_looking_for_cycles() -> None:
    assert frozen("import catalog_builder.cli as c, sys; sys.argv = ['x', '--version']; c.main()") > 1000
    assert frozen("import catalog_builder.cli") == 0


def test_a_process_looks_for_cycles_once_it_is_loaded_and_then_among_what_is_new() -> None:
    done = subprocess.run([sys.executable, "-c", LOADING], capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
    assert done.stdout.split() == ["0", "True", "True", "True"]


LOADING = """
import gc
from catalog_builder.processes import set_up
set_up()
looks = []
gc.callbacks.append(lambda phase, info: looks.append(phase))
import catalog_builder.scene
print(len(looks), gc.isenabled())
kept = [[] for _ in range(200_000)]
print(len(looks) > 0 and gc.get_freeze_count() > 50_000)
cycle = []
cycle.append(cycle)
import weakref
class Seen(list): pass
seen = Seen()
seen.append(seen)
gone = weakref.ref(seen)
del seen
kept += [[] for _ in range(100_000)]
print(gone() is None)
"""
