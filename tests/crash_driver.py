"""Kills builds at chosen writes. Run as a process of its own, because it forks: ``python -m tests.crash_driver FOLDER STRIDE``.

Everything is imported once; each round is a fork that builds and is killed by SIGKILL just before its n-th change of the file system
(as the interpreter's audit events tell them), then a fork that builds undisturbed. Prints one JSON object.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from catalog_builder.files import checksum_file
from catalog_builder.release.write import MANIFEST, read_manifest
from catalog_builder.store import DISCARDED, MAKING
from tests.building import add_scene, archive_of, make, tree

CHANGES = frozenset({"os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "shutil.rmtree", "ctypes.dlsym"})
"""Audit events of changes; ``ctypes.dlsym`` comes just before the exchange of folders and before the disk is told to sync."""


def changes(event: str, arguments: tuple[Any, ...]) -> bool:
    if event == "open":
        flags = arguments[2]
        return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
    return event in CHANGES


def in_fork(work: Callable[[], object]) -> int:
    """Run ``work`` in a fork: 0 when it ended well, 1 after an exception, minus the signal that killed it."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def killed_at(number: int, work: Callable[[], object], told: Path | None = None) -> int:
    """Run ``work`` in a fork that kills itself just before its ``number``-th change; without ``told`` nothing is counted."""

    def run() -> None:
        seen = 0

        def look(event: str, arguments: tuple[Any, ...]) -> None:
            nonlocal seen
            if changes(event, arguments):
                seen += 1
                if seen == number:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(look)
        work()
        total = seen
        if told is not None:
            told.write_text(str(total))

    return in_fork(run)


def whole(site: Path) -> str | None:
    """The id of the release in ``site``, every file of which is checked against its manifest; None when there is none.

    Raises:
        AssertionError: something is missing, too much, or differs.
    """
    manifest = read_manifest(site)
    if manifest is None:
        assert not site.exists() or not any(site.iterdir()), "files without a manifest are served"
        return None
    present = {p.relative_to(site).as_posix() for p in site.rglob("*") if p.is_file()} - {MANIFEST}
    assert present == set(manifest.files), present ^ set(manifest.files)
    for name, (size, checksum) in manifest.files.items():
        assert (site / name).stat().st_size == size and checksum_file(site / name) == checksum, name
    return manifest.id


def rounds(folder: Path, stride: int) -> dict[str, Any]:
    """Kill the build of a second scene at every ``stride``-th change and let the next build finish."""
    base, target = folder / "base", folder / "target"
    archive_of(base, 1)
    assert in_fork(lambda: make(base)) == 0
    old = whole(base / "site")
    shutil.copytree(base, target)
    add_scene(target, 2)
    told = folder / "told"
    assert killed_at(0, lambda: make(target), told) == 0
    total, new, expected = int(told.read_text()), whole(target / "site"), tree(target / "site")
    seen = {"old": 0, "new": 0}
    for number in range(1, total + 1, stride):
        place = folder / "round"
        shutil.copytree(base, place)
        add_scene(place, 2)
        code = killed_at(number, lambda place=place: make(place))  # type: ignore[misc]
        assert code == -signal.SIGKILL, (number, code)
        served = whole(place / "site")
        assert served in (old, new), (number, served)
        seen["old" if served == old else "new"] += 1
        finished = [p.parent for p in (place / "store/scenes").rglob("raster.json") if p.parent.suffix != MAKING]
        marks = {p: p.stat().st_ino for f in finished for p in f.glob("*.tif")}
        assert in_fork(lambda place=place: make(place)) == 0, number  # type: ignore[misc]
        assert tree(place / "site") == expected, number
        assert all(p.stat().st_ino == inode for p, inode in marks.items()), f"{number}: finished products were made again"
        left = [p.name for p in place.rglob("*") if ".part" in p.name or p.name.startswith("staging-") or p.name == "lock.json"]
        left += [p.name for p in place.rglob("*") if p.suffix in (MAKING, DISCARDED)]
        assert not left, (number, left)
        shutil.rmtree(place)
    return {"total": total, "rounds": sum(seen.values()), **seen}


if __name__ == "__main__":
    print(json.dumps(rounds(Path(sys.argv[1]), int(sys.argv[2]))))
