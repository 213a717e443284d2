"""Costs of a large catalogue without rasters: items of one real scene under other names, dates and places through the real code.

Run as ``python -m scripts.benchmarks.scale N FOLDER``; prints one JSON object. One process per size, so that peak memory is its own.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

import pystac

from catalog_builder import publish as publishing
from catalog_builder.archive.scan import scan
from catalog_builder.build import BuildOptions, build
from catalog_builder.definition import Access, Definition, load_definition
from catalog_builder.definition.assign import Assignment, assign
from catalog_builder.files import json_bytes, write_json
from catalog_builder.progress import Progress
from catalog_builder.release import tree as composing
from catalog_builder.release.model import Page
from catalog_builder.release.write import ReleaseWriter, read_manifest
from catalog_builder.snapshot import inputs_of
from catalog_builder.stac.item import make_item
from catalog_builder.stac.profile import check_profile
from catalog_builder.stac.schemas import SchemaStore
from catalog_builder.stac.second_opinion import second_opinion
from catalog_builder.stac.validate import Validator
from catalog_builder.store import Record, Store, load_raster
from catalog_builder.workers import InlineExecutor
from scripts.benchmarks.measure import here, paired, peak_of_this_process
from tests.archives import write_definition, write_scene

PYSTAC_ITEMS = 4_000
"""More than this takes minutes: the time per item grows with their number."""

ARCHIVE_FILES = 100_000
VALID_ITEMS = 2_000
STAC_VALID_ITEMS = 5


class Clock:
    """Seconds by name; nested names are told apart from what contains them."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def measure(self, name: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - begun

    def watch(self, owner: Any, name: str, title: str) -> None:
        """Count the time inside ``owner.name`` under ``title``."""
        inner: Callable[..., Any] = getattr(owner, name)

        def timed(*arguments: Any, **options: Any) -> Any:
            with self.measure(title):
                return inner(*arguments, **options)

        setattr(owner, name, timed)


class Factory:
    """Makes items: everything but the pixels is done for each of them."""

    def __init__(self, folder: Path) -> None:
        write_definition(folder / "definition")
        write_scene(folder / "definition/archive/HaLong_20210605.tif", bands=4)
        self.definition: Definition = load_definition(folder / "definition")
        self.store = Store(folder / "store")
        options = BuildOptions((folder / "definition/archive",), self.store.folder, folder / "one-site", jobs=0)
        build(self.definition, options, Progress())
        [self.delivery] = scan(options.archive, self.store.work, (), InlineExecutor(), Progress()).deliveries
        decided = assign(self.delivery, self.definition)
        assert isinstance(decided, Assignment)
        self.assignment = decided
        [self.record] = self.store.records().values()
        self.home = (self.store.folder / self.record.item).parent
        raster = load_raster(self.home)
        assert raster is not None and raster.footprint is not None
        self.raster = raster
        self.validator = Validator(SchemaStore.default())

    def item(self, number: int) -> dict[str, Any]:
        """Item ``number``: made by the product, then given its own date and place."""
        moment = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(hours=number * 2.1)
        delivery = replace(self.delivery, id=f"scene-{number:07d}")
        json_ = make_item(delivery, self.raster, self.assignment, self.definition, self.home).json
        stamp = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        properties = json_["properties"]
        properties |= {"datetime": stamp}
        properties.pop("start_datetime", None)
        properties.pop("end_datetime", None)
        shift = (number % 997) * 0.001
        json_["bbox"] = [v + shift for v in json_["bbox"]]
        json_["geometry"] = {"type": "Polygon", "coordinates": [[[x + shift, y + shift] for x, y in _ring(json_["geometry"])]]}
        properties["proj:centroid"] = {k: v + shift for k, v in properties.get("proj:centroid", {"lat": 21.0, "lon": 107.0}).items()}
        json_["assets"] = {k: v for k, v in json_["assets"].items() if k not in ("thumbnail", "preview")}
        return json_

    def finished(self, number: int) -> Record:
        """Generate, validate and write item ``number`` as the store keeps it."""
        json_ = self.item(number)
        name = json_["id"]
        problems = [f for f in self.validator.check(json_, name) if f.severity.value == "error"]
        check_profile(json_, name)
        assert not problems, problems[:1]
        path = self.store.item_path(name, "k", "k")
        path.parent.mkdir(parents=True)
        data = json_bytes(json_)
        path.write_bytes(data)
        start = json_["properties"]["datetime"]
        relative = path.relative_to(self.store.folder).as_posix()
        return replace(self.record, id=name, item=relative, item_key=str(number), start=start, files=(), checksum=f"{number:064x}")


def _ring(geometry: dict[str, Any]) -> list[list[float]]:
    ring = geometry["coordinates"][0]
    return ring if geometry["type"] == "Polygon" else ring[0]  # type: ignore[no-any-return]


def run(count: int, folder: Path) -> dict[str, Any]:
    """All costs at ``count`` items."""
    factory, clock = Factory(folder), Clock()
    clock.watch(composing, "write_items_parquet", "parquet")
    clock.watch(composing.TreeComposer, "compose", "tree with parquet")
    clock.watch(publishing, "refuse_leaks", "search for leaks")
    clock.watch(ReleaseWriter, "publish", "manifest, sync, swap")
    pages = Pages(clock)
    out: dict[str, Any] = {"items": count, "archive_files": ARCHIVE_FILES}
    with clock.measure("generate, validate, write"):
        records = {r.id: r for r in map(factory.finished, range(count))}
    out["pystac_per_item"] = _pystac(factory, folder)
    out["pystac_items"] = PYSTAC_ITEMS
    out["validation_per_item"], out["stac_valid_per_item"] = _validation(factory, folder)
    site = folder / "site"

    def publish() -> None:
        publishing.publish(factory.definition, Access.PUBLIC, factory.store, site, records, (), allow_shrink=False, progress=Progress())

    with clock.measure("first release"):
        publish()
    out["first"] = dict(clock.seconds)
    clock.seconds.clear()
    with clock.measure("same again"):
        publish()
    before = read_manifest(site)
    assert before is not None
    records |= {r.id: r for r in [factory.finished(count)]}
    with clock.measure("one new item"):
        publish()
    after = read_manifest(site)
    assert after is not None
    out["one_new"] = dict(clock.seconds)
    out["page"], out["page_floor"] = pages.cost(), pages.floor()
    out["files"] = len(after.files)
    out["rewritten"] = sum(1 for name, entry in after.files.items() if before.files.get(name) != entry)
    out["noop"], out["stat"] = _nothing_changed(factory.definition, ARCHIVE_FILES, folder)
    out["peak"] = peak_of_this_process()
    return out


def _pystac(factory: Factory, folder: Path) -> float:
    """Seconds per item that pystac needs to save finished items in a catalogue, without validating them."""
    catalog = pystac.Catalog("c", "d")
    catalog.add_items(pystac.Item.from_dict(factory.item(n)) for n in range(PYSTAC_ITEMS))
    cost = here(lambda: catalog.normalize_and_save(str(folder / "pystac"), pystac.CatalogType.SELF_CONTAINED))
    shutil.rmtree(folder / "pystac")
    return cost.wall / PYSTAC_ITEMS


def _validation(factory: Factory, folder: Path) -> tuple[float, float]:
    """Seconds per item of our validation and of stac-valid in this process, both with schemas of this machine."""
    items = [factory.item(n) for n in range(50)]
    ours = here(lambda: [factory.validator.check(items[n % 50], "x") for n in range(VALID_ITEMS)])
    names = [write_json(folder / f"second/{n}.json", items[n]).path.name for n in range(STAC_VALID_ITEMS)]
    theirs = here(lambda: list(second_opinion(folder / "second", names, SchemaStore.default())))
    return ours.wall / VALID_ITEMS, theirs.wall / STAC_VALID_ITEMS


class Pages:
    """Seconds in rendering, and what formatting strings of the same number of values and bytes takes."""

    def __init__(self, clock: Clock) -> None:
        self._render: Callable[..., Iterator[Page]] = publishing.render
        self._clock, self.count, self.bytes, self.seconds = clock, 0, 0, 0.0
        publishing.render = self._counted  # type: ignore[assignment]

    def _counted(self, *arguments: Any) -> Iterator[Page]:
        pages = self._render(*arguments)
        while True:
            begun = time.perf_counter()
            page = next(pages, None)
            self.seconds += time.perf_counter() - begun
            if page is None:
                return
            if page.path.endswith(".html"):
                self.count, self.bytes = self.count + 1, self.bytes + len(page.data)
            yield page

    def cost(self) -> float:
        return self.seconds / self.count

    def floor(self) -> float:
        values, rounds = 200, 500
        piece = "x" * max(1, self.bytes // self.count // values - 12)

        def page() -> bytes:
            return "".join([f"<p>{escape(f'{n} <b>')}{piece}" for n in range(values)]).encode()

        return here(lambda: [page() for _ in range(rounds)]).wall / rounds


def _nothing_changed(definition: Definition, count: int, folder: Path) -> tuple[float, float]:
    """Seconds to see that an archive of ``count`` files has not changed, and of the bare stat of each of them."""
    archive = folder / "archive"
    for number in range(count):
        path = archive / f"{number // 500:04d}/scene-{number:07d}.tif"
        if number % 500 == 0:
            path.parent.mkdir(parents=True)
        path.touch()

    def stat() -> None:
        for here_, _, names in os.walk(archive):
            for name in names:
                os.stat(f"{here_}/{name}", follow_symlinks=False)  # noqa: PTH116 - the floor is the bare call

    ours, bare = paired(5, lambda: here(lambda: inputs_of(definition, Access.PUBLIC, (archive,))), lambda: here(stat))
    return ours.wall, bare.wall


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]), Path(sys.argv[2]))))
