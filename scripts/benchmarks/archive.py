"""A whole archive by the command, as a user builds it: the first build, one new scene, nothing new.

Run as ``python -m scripts.benchmarks.archive N FOLDER``; prints one JSON object. Scenes are tiny (32 x 32 pixels, four bands), so
that N of them fit on a disk: what is measured is everything that a build does besides pixels. What pixels add is measured on
:data:`WHOLE` scenes of :data:`SIDE` x :data:`SIDE`. Each number is the time of the command from its start to its end. The site has pages in
two languages, and every scene has findings, as scenes without metadata do.
"""

from __future__ import annotations

import json
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from catalog_builder.release.write import KEEP, read_manifest
from scripts.benchmarks.measure import Cost, command, median
from tests.archives import HA_LONG_UTM48, write_definition, write_scene

ROUNDS = 3
PER_FOLDER = 100
EARLY = KEEP + 1
"""Builds with a new scene that find no old release whose folders they can use again."""

SIDE, WHOLE = 1024, 500
"""Pixels of a side of scenes that are built with all their pixels, and how many there are: more than a build does once would hide."""


def run(count: int, folder: Path) -> dict[str, Any]:
    """All costs as [wall, CPU, peak MB], and how many files a new scene rewrites."""
    archive, definition = folder / "archive", write_definition(folder / "definition")
    for number in range(count):
        add(archive, number)
    build = [sys.executable, "-m", "catalog_builder", "build", definition, "--archive", archive]
    first, early, one_new, rewritten = command(build), [], [], 0
    for number in range(count, count + EARLY + ROUNDS):
        before = files(definition / "site")
        add(archive, number)
        (early if number < count + EARLY else one_new).append(command(build))
        after = files(definition / "site")
        rewritten = len(after.items() - before.items())
    again = [command(build) for _ in range(ROUNDS)]
    whole, nothing = full_size(folder / "whole")
    costs = {
        "first": first,
        "early": median(early),
        "one_new": median(one_new),
        "again": median(again),
        "whole": whole,
        "whole_again": nothing,
    }
    told = {name: [cost.wall, cost.cpu, cost.peak] for name, cost in costs.items()}
    return {"scenes": count, "whole": WHOLE, "costs": told, "rewritten": rewritten, "files": len(after)}


def full_size(folder: Path) -> tuple[Cost, Cost]:
    """The first build of scenes as they come, and the same command once more."""
    archive, definition = folder / "archive", write_definition(folder / "definition")
    for number in range(WHOLE):
        add(archive, number, SIDE)
    build = [sys.executable, "-m", "catalog_builder", "build", definition, "--archive", archive]
    return command(build), command(build)


def add(archive: Path, number: int, side: int = 32) -> None:
    """Scene ``number``: a day between 2005 and 2025, a hundred scenes in a folder; small ones have a place of their own."""
    day = date(2005, 1, 1) + timedelta(days=number * 37 % 7300)
    east, north = HA_LONG_UTM48
    corner = (east + number % 100 * 400, north - number // 100 % 100 * 400)
    name = f"{number // PER_FOLDER:04d}/HaLong{number:06d}_{day:%Y%m%d}.tif"
    write_scene(archive / name, seed=number, size=side, bands=4, corner=corner)


def files(site: Path) -> dict[str, tuple[int, str]]:
    manifest = read_manifest(site)
    assert manifest is not None, "the build has published nothing"
    return dict(manifest.files)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=Path(sys.argv[2]), prefix="archive-") as place:
        print(json.dumps(run(int(sys.argv[1]), Path(place)), indent=2))
