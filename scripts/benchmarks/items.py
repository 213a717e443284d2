"""Items alone: generated, validated and written, against pystac's save and stac-valid on the very same items.

Run as ``python -m scripts.benchmarks.items N FOLDER [N_OF_PYSTAC …]``; prints one JSON object, every number in milliseconds per item.

What is compared: *ours* starts from a delivery and its measured raster, makes the item, judges it by every schema and the profile, and
writes it. *pystac* starts from the finished JSON, makes its objects and saves them in a catalogue, without
validating: it has less to do. Both make a folder and a file per item, of the same size, without waiting for the disk. What the product
adds when it re-makes metadata (products read back from ``raster.json``, files flushed to disk) is told apart, because pystac has neither.
pystac slows down with the number of items (6 ms of CPU per item at 4,000, 16 at 10,000), so it is measured at the same count; that takes
three minutes.
"""

from __future__ import annotations

import contextlib
import copy
import io
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pystac
from stac_validator import fast_validator
from stac_validator.validate import StacValidate

from catalog_builder.facts import Facts, Field
from catalog_builder.files import json_bytes, write_json
from catalog_builder.planning import SceneTask
from catalog_builder.raster.options import RasterOptions
from catalog_builder.scene import make_scene
from catalog_builder.stac.extensions import PREFIXES
from catalog_builder.stac.item import make_item
from catalog_builder.stac.model import Json
from catalog_builder.stac.profile import check_profile
from catalog_builder.stac.schemas import SchemaStore
from catalog_builder.stac.validate import Validator
from catalog_builder.store import Store, save_raster
from catalog_builder.times import When
from scripts.benchmarks.measure import Cost, here, paired
from tests.stac import factories as make

PROCESSES = 2
BUCKETS = 256
SAMPLE = 500
"""Items of which single steps are measured."""

PYSTAC_ITEMS = 10_000
"""More only on request."""

STAC_VALID_ITEMS = 20
ROUNDS = 3
DURABLE_ITEMS = 200
FEW = ("proj", "raster", "file")
"""Extensions of a plain item; the target was set with these."""

PIXEL_KEY, ITEM_KEY = "p" * 16, "i" * 16


class Maker:
    """The inputs of item ``number``, and what the product makes of them: a bought SPOT scene with four bands, as rich as items get."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.delivery, self.definition = make.delivery(), make.definition()
        self.assignment = make.assignment(make.order())
        histogram = make.Histogram(0.5, 3000.5, tuple(range(1000, 1000 + BUCKETS)))
        bands = tuple(replace(b, histogram=histogram) for b in make.bands())
        self.raster = make.raster(folder, (make.product(folder, bands=bands),))
        self.validator = Validator(SchemaStore.default())

    def inputs(self, number: int) -> tuple[make.Delivery, make.Raster]:
        """A delivery and a raster of their own: id, time, place, statistics."""
        moment = When.instant(datetime(2000, 1, 1, tzinfo=UTC) + timedelta(hours=number * 2.1))
        facts = Facts(tuple(replace(c, value=moment) if c.field is Field.ACQUIRED else c for c in self.delivery.facts))
        shift = (number % 997) * 0.001
        west, south, east, north = make.HA_LONG
        raster = replace(self.raster, footprint=make.footprint((west + shift, south + shift, east + shift, north + shift)))
        return replace(self.delivery, id=f"scene-{number:07d}", facts=facts), raster

    def item(self, number: int) -> Json:
        delivery, raster = self.inputs(number)
        return make_item(delivery, raster, self.assignment, self.definition, self.folder).json

    def judged(self, json_: Json) -> None:
        """Every schema and the profile, as :mod:`catalog_builder.scene` asks them.

        Raises:
            RuntimeError: the item is not valid, so nothing would be proved by its speed.
        """
        findings = [*self.validator.check(json_, json_["id"]), *check_profile(json_, json_["id"])]
        if any(f.severity.value == "error" for f in findings):
            raise RuntimeError(str(findings[:3]))

    def finished(self, number: int, folder: Path) -> None:
        """Generate, validate, write as pystac does: a folder and a file per item."""
        json_ = self.item(number)
        self.judged(json_)
        home = folder / json_["id"]
        home.mkdir()
        (home / f"{home.name}.json").write_bytes(json_bytes(json_))


def run(count: int, folder: Path, pystac_counts: Sequence[int]) -> dict[str, Any]:
    """All numbers. Nothing is deleted in between: ext4 looks through recently deleted files for every one that is made."""
    maker, store = Maker(folder / "products"), SchemaStore.default()
    items = [maker.item(number) for number in range(SAMPLE)]
    out: dict[str, Any] = {
        "items": count,
        "bytes_per_item": len(json_bytes(items[0])),
        "schemas": sum(store.has(uri) for uri in items[0]["stac_extensions"]) + 1,
        "schemas_missing": [uri for uri in items[0]["stac_extensions"] if not store.has(uri)],
        "steps": _steps(maker, items),
    }
    out["one_process"] = _per_item(count, here(lambda: _generate(folder, 0, count)))
    out["processes"] = PROCESSES
    out["many_processes"] = _many_processes(folder, count)
    counts = sorted(pystac_counts or (min(count, PYSTAC_ITEMS),))
    out["pystac"] = {str(n): _pystac(maker, n, folder / f"pystac-{n}") for n in counts}
    theirs = out["pystac"][str(counts[-1])]["whole"]
    out["pystac_items"] = counts[-1]
    out["times_faster"] = theirs["wall"] / out["many_processes"]["wall"]
    out["times_faster_one_process"] = theirs["wall"] / out["one_process"]["wall"]
    out["times_less_cpu"] = theirs["cpu"] / out["many_processes"]["cpu"]  # holds while others use the machine
    known = maker.validator.store.documents().keys()
    out["validation"] = _validation(maker, items, known, folder / "judged")
    out["validation_of_few"] = _validation(maker, items, [PREFIXES[name] for name in FEW if PREFIXES[name] in known], folder / "judged")
    out["product"] = _product(maker, folder / "durable")
    return out


def _steps(maker: Maker, items: Sequence[Json]) -> dict[str, float]:
    """CPU of each step; the inputs are made by the benchmark, the rest by the product."""
    names = [json_["id"] for json_ in items]
    steps: dict[str, Callable[[], object]] = {
        "inputs": lambda: [maker.inputs(n) for n in range(SAMPLE)],
        "inputs and item": lambda: [maker.item(n) for n in range(SAMPLE)],
        "schemas": lambda: [maker.validator.check(j, n) for j, n in zip(items, names, strict=True)],
        "profile": lambda: [check_profile(j, n) for j, n in zip(items, names, strict=True)],
        "bytes": lambda: [json_bytes(j) for j in items],
    }
    costs = paired(ROUNDS, *(lambda step=step: here(step) for step in steps.values()))  # type: ignore[misc]
    return {name: cost.cpu / SAMPLE * 1000 for name, cost in zip(steps, costs, strict=True)}


@cache
def _maker(folder: Path) -> Maker:
    """One per process."""
    return Maker(folder / f"products-{os.getpid()}")


def _generate(folder: Path, first: int, last: int) -> float:
    """Items ``first`` to ``last``, kept until the clock has stopped; CPU seconds of this process."""
    maker, target = _maker(folder), folder / f"written-{first}-{last}"
    target.mkdir()
    begun = time.process_time()
    for number in range(first, last):
        maker.finished(number, target)
    return time.process_time() - begun


def _many_processes(folder: Path, count: int) -> dict[str, float]:
    """Wall time on :data:`PROCESSES` processes that have started and know the schemas, and the CPU of all together."""
    edges = [count * n // PROCESSES for n in range(PROCESSES + 1)]
    with ProcessPoolExecutor(PROCESSES) as pool:
        list(pool.map(_generate, [folder] * PROCESSES, [count + n for n in range(PROCESSES)], [count + n + 1 for n in range(PROCESSES)]))
        begun = time.perf_counter()
        cpu = sum(pool.map(_generate, [folder] * PROCESSES, edges[:-1], edges[1:]))
        wall = time.perf_counter() - begun
    return _per_item(count, Cost(wall, cpu))


def _pystac(maker: Maker, count: int, folder: Path) -> dict[str, dict[str, float]]:
    """pystac's own part: objects from finished JSON, a catalogue, links, files."""
    catalog = pystac.Catalog("c", "d")

    def build() -> None:
        catalog.add_items(pystac.Item.from_dict(json_, preserve_dict=False) for json_ in made)

    made = [maker.item(number) for number in range(count)]
    objects = here(build)
    save = here(lambda: catalog.normalize_and_save(str(folder), pystac.CatalogType.SELF_CONTAINED))
    return {"objects": _per_item(count, objects), "save": _per_item(count, save), "whole": _per_item(count, objects + save)}


def _validation(maker: Maker, items: Sequence[Json], extensions: Iterable[str], folder: Path) -> dict[str, float | int]:
    """The same placed items, the same schemas (core and ``extensions``): ours, stac-valid as its command judges, and its newer fast
    way (compiled, in memory). ``with_profile`` judges the whole items, by every schema of this machine and by the profile."""
    documents = maker.validator.store.documents()
    linked = [make.linked(json_) for json_ in items]
    wanted = frozenset(extensions)
    placed = [{**json_, "stac_extensions": [uri for uri in json_["stac_extensions"] if uri in wanted]} for json_ in linked]
    paths = [write_json(folder / f"{n}.json", placed[n]).path for n in range(STAC_VALID_ITEMS)]
    schemas = {uri: str(write_json(folder / f"schemas/{n}.json", d).path) for n, (uri, d) in enumerate(documents.items())}
    fast_validator.SCHEMA_CACHE.update(documents)
    copies = copy.deepcopy(placed)  # it writes defaults into what it judges
    ours, ours_whole, theirs, fast = paired(
        ROUNDS,
        lambda: here(lambda: [maker.validator.check(json_, "x") for json_ in placed]),
        lambda: here(lambda: [maker.judged(json_) for json_ in linked]),
        lambda: here(lambda: [_stac_valid(path, schemas) for path in paths]),
        lambda: here(lambda: [_stac_valid_fast(json_) for json_ in copies]),
    )
    seconds = theirs.cpu / STAC_VALID_ITEMS
    return {
        "schemas": len(placed[0]["stac_extensions"]) + 1,
        "ours": ours.cpu / SAMPLE * 1000,
        "ours_with_profile": ours_whole.cpu / SAMPLE * 1000,
        "stac_valid": seconds * 1000,
        "stac_valid_fast": fast.cpu / SAMPLE * 1000,
        "times_faster": seconds / (ours.cpu / SAMPLE),
        "times_faster_with_profile": seconds / (ours_whole.cpu / SAMPLE),
    }


def _stac_valid(path: Path, schemas: dict[str, str]) -> None:
    checker = StacValidate(str(path), schema_map=schemas)
    with contextlib.redirect_stdout(io.StringIO()):
        checker.run()
    if not all(message.get("valid_stac") for message in checker.message):
        raise RuntimeError(str(checker.message))


def _stac_valid_fast(json_: Json) -> None:
    checker = fast_validator.FastValidator("x", quiet=True)
    checker.run_dict(json_)
    if not checker.valid:
        raise RuntimeError(str(checker.message))


def _product(maker: Maker, folder: Path) -> dict[str, dict[str, float]]:
    """Metadata made again by the task of a worker: products read back, item made, judged, flushed to disk, remembered in the journal."""
    store, tasks = Store(folder), []
    for number in range(DURABLE_ITEMS):
        delivery, raster = maker.inputs(number)
        scene = store.scene_folder(delivery.id, PIXEL_KEY)
        scene.mkdir(parents=True)
        save_raster(make.raster(scene, tuple(replace(p, cog=make.stored(scene, "ms.tif", b"II*\x00")) for p in raster.products)), scene)
        tasks.append(SceneTask(delivery, maker.assignment, maker.definition, RasterOptions(), folder, PIXEL_KEY, ITEM_KEY))
    made = here(lambda: [store.append(make_scene(task)) for task in tasks])
    return {"scene made again": _per_item(DURABLE_ITEMS, made)}


def _per_item(count: int, cost: Cost) -> dict[str, float]:
    return {"wall": cost.wall / count * 1000, "cpu": cost.cpu / count * 1000}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=Path(sys.argv[2]), prefix="items-") as place:
        print(json.dumps(run(int(sys.argv[1]), Path(place), [int(n) for n in sys.argv[3:]]), indent=2))
