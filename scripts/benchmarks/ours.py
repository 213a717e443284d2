"""One process of the product: ``python -m scripts.benchmarks.ours FOLDER PRESET TOLD`` makes every scene below ``FOLDER/archive``.

Everything that a build does for a scene: scan, plan, convert, prove, measure, thumbnail, preview, visual copy, footprint, checksums,
item, validation; a lone scene in this process with all cores, several in one process per core. Writes to ``TOLD`` the seconds from the
scan to the last item (without the start of processes), the size of the analytic COGs, and the files it refused.
"""

from __future__ import annotations

from catalog_builder.processes import set_up

# ruff: noqa: E402
set_up()  # as the command does before anything else is loaded

import json
import os
import resource
import sys
import time
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from catalog_builder.archive.scan import scan
from catalog_builder.definition import load_definition
from catalog_builder.definition.assign import Assignment, assign
from catalog_builder.planning import Planner
from catalog_builder.progress import Progress
from catalog_builder.scene import make_scene
from catalog_builder.store import Record, Store
from catalog_builder.workers import map_tasks, open_executor
from tests.archives import write_definition


def main(folder: Path, preset: str, told: Path) -> None:
    extra = "" if preset == "default" else f'\n[presets]\nimage = "{preset}"\n'
    definition_folder = write_definition(folder / "definition")
    collection = definition_folder / "collections/scenes.toml"
    collection.write_text(collection.read_text().replace("\n[[providers]]", f"{extra}\n[[providers]]"))
    definition = load_definition(definition_folder)
    store = Store(folder / "store")
    count = len(list((folder / "archive").iterdir()))
    drafts: list[str] = []
    with open_executor(0 if count == 1 else None) as executor:  # many scenes: one process per core, as a build does
        list(map_tasks(executor, _ready, range(os.cpu_count() or 1)))
        begun, cpu = time.perf_counter(), time.process_time()
        scanned = scan((folder / "archive",), store.work, (), executor, Progress())
        planner = Planner(definition, store.folder)
        tasks = []
        for delivery in scanned.deliveries:
            decision = assign(delivery, definition)
            assert isinstance(decision, Assignment)
            tasks.append(planner.plan(delivery, decision))
        threads = max(1, (os.cpu_count() or 1) // count)  # without importing the build, which brings pages that no scene needs
        for task, record in map_tasks(executor, make_scene, [replace(t, options=replace(t.options, threads=threads)) for t in tasks]):
            assert isinstance(record, Record), record
            drafts += [file.name for file, _ in task.delivery.files] if record.draft else []
        wall, used = time.perf_counter() - begun, time.process_time() - cpu
    if count > 1:
        used += resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime + resource.getrusage(resource.RUSAGE_CHILDREN).ru_stime
    cogs = [p for p in (store.folder / "scenes").rglob("*.tif") if p.name != "visual.tif"]
    told.write_text(json.dumps({"wall": wall, "cpu": used, "size": sum(p.stat().st_size for p in cogs), "drafts": drafts}))


def _ready(_: int) -> None:
    """A first task, so that processes have started and loaded what they work with before the clock starts, as on the other side."""
    import_module("catalog_builder.scene")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
