"""Costs of a large catalogue without rasters: items of one real scene under other names, dates and places through the real code.

Run as ``python -m scripts.benchmarks.scale N FOLDER`` for everything, or ``… N FOLDER index`` for what can be measured without a file
per item: the search index, ``items.parquet`` and the look at an unchanged archive. Prints one JSON object. Every release is written by
a fork that has rendered nothing before, as a command would, so its seconds and its peak memory are its own.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa

from catalog_builder import publish as publishing
from catalog_builder.archive.scan import scan
from catalog_builder.build import BuildOptions, build
from catalog_builder.definition import Access, Definition, load_definition
from catalog_builder.definition.assign import Assignment, assign
from catalog_builder.files import json_bytes
from catalog_builder.progress import Progress
from catalog_builder.release import tree as composing
from catalog_builder.release.memory import Memory
from catalog_builder.release.model import Page, PromisedPage
from catalog_builder.release.write import KEEP, ReleaseWriter, read_manifest
from catalog_builder.site.search import index_pages, search_index
from catalog_builder.site.site import Site
from catalog_builder.snapshot import inputs_of
from catalog_builder.stac.item import make_item
from catalog_builder.stac.parquet import write_items_parquet
from catalog_builder.stac.profile import check_profile
from catalog_builder.stac.rows import ORDER, Part, part_of, rows_of
from catalog_builder.stac.schemas import SchemaStore
from catalog_builder.stac.validate import Validator
from catalog_builder.store import Record, Store, load_raster
from catalog_builder.workers import InlineExecutor
from scripts.benchmarks.measure import Clock, here, in_fork, paired, peak_of_this_process
from tests.archives import write_definition, write_scene

ARCHIVE_FILES = 100_000
PARTITION = 350
"""Items of a month in this catalogue, whose scenes are two hours apart."""

RECYCLED = KEEP + 2
"""The release that is the first to be assembled from an old one."""


class _Uninstalled(MetaPathFinder):
    """Hides pandas, which pyarrow imports where it finds it: here it is installed for tests only, and users have none."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name)


sys.meta_path.insert(0, _Uninstalled())


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
    with clock.measure("generate, validate, write"):
        records = {r.id: r for r in map(factory.finished, range(count))}
    out: dict[str, Any] = {"items": count, "generated": clock.seconds["generate, validate, write"]}
    out["peak_generating"] = peak_of_this_process()
    site = folder / "site"

    def release() -> dict[str, Any]:
        return in_fork(lambda: _publish(factory, records, site))

    out["first"], out["again"] = release(), release()
    for number in range(RECYCLED - 1):
        before = read_manifest(site)
        records[f"new-{number}"] = factory.finished(count + number)
        cost = release()
        out.setdefault("early", cost)
    out["one_new"] = cost
    after = read_manifest(site)
    assert before is not None and after is not None
    out["files"] = len(after.files)
    out["rewritten"] = sum(1 for name, entry in after.files.items() if before.files.get(name) != entry)
    out |= nothing_changed(factory.definition, max(count, ARCHIVE_FILES), folder)
    return out


def _publish(factory: Factory, records: dict[str, Record], site: Path) -> dict[str, Any]:
    """One release, and the seconds of its parts."""
    clock = Clock()
    clock.watch(Memory, "read", "read what is remembered")
    clock.watch(composing.TreeComposer, "compose", "items, partitions, collections")
    clock.watch(composing, "write_items_parquet", "items.parquet")
    clock.watch(publishing, "refuse_leaks", "search for leaks")
    clock.watch(ReleaseWriter, "publish", "manifest, assembly, swap")
    clock.watch(Memory, "write", "remember")
    clock.watch(sys.modules["catalog_builder.site.render"], "search_index", "search index")
    pages = _Pages(clock)
    with clock.measure("release"):
        publishing.publish(
            factory.definition,
            Access.PUBLIC,
            factory.store,
            site,
            records,
            (),
            allow_shrink=False,
            progress=Progress(),
            jobs=os.cpu_count() or 1,
        )
    return {"seconds": clock.seconds, "pages": pages.seen, "pages_made": pages.made}


class _Pages:
    """Counts pages and the time in which the site says which there are and makes those that must be made."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self.seen, self.made = clock, 0, 0
        made_ahead = publishing.made_ahead

        def counted(*arguments: Any) -> Iterator[Page | PromisedPage]:
            pages = made_ahead(*arguments)
            while True:
                with clock.measure("pages: which, what they show, made by other processes"):
                    page = next(pages, None)
                if page is None:
                    return
                self.seen += page.path.endswith(".html")
                yield replace(page, make=self._timed(page)) if isinstance(page, PromisedPage) else page

        publishing.made_ahead = counted

    def _timed(self, page: PromisedPage) -> Callable[[], Page]:
        def make() -> Page:
            self.made += 1
            with self._clock.measure("pages: made in this process"):
                return page.make()

        return make


def index(count: int, folder: Path) -> dict[str, Any]:
    """What can be measured of ``count`` items without a file for each."""
    factory = Factory(folder)
    items = [factory.item(number) | {"links": []} for number in range(PARTITION)]
    out: dict[str, Any] = {"items": count}
    out["search"] = in_fork(lambda: _search(count, folder))
    out["parquet"] = in_fork(lambda: _parquet(count, rows_of(items), folder / "items.parquet"))
    return out | nothing_changed(factory.definition, count, folder)


def _search(count: int, folder: Path) -> dict[str, Any]:
    """The search index of made-up scenes; half of the memory is their :class:`PlacedItem`."""
    from scripts.benchmarks.searching import release

    clock = Clock()
    made = release(count)
    placed = peak_of_this_process()
    with clock.measure("search index"):
        for page in index_pages(search_index(Site(made))):
            target = folder / page.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(page.data)
    return {
        "seconds": clock.seconds,
        "placed": placed,
        "bytes": sum(p.stat().st_size for p in (folder / "search").rglob("*") if p.is_file()),
    }


def _parquet(count: int, rows: pa.RecordBatch, path: Path) -> dict[str, Any]:
    """The rows of one month under other names and places, as often as it takes."""
    clock = Clock()
    with clock.measure("items.parquet"):
        write_items_parquet([_moved(rows, first) for first in range(0, count, PARTITION)], path)
    return {"seconds": clock.seconds, "bytes": path.stat().st_size}


def _moved(rows: pa.RecordBatch, first: int) -> Part:
    """``rows`` as items ``first`` and following, spread along the Hilbert curve."""

    def load() -> pa.RecordBatch:
        ids = pa.array([f"scene-{first + n:09d}" for n in range(rows.num_rows)])
        keys = pa.array(np.random.default_rng(first).integers(0, 1 << 32, rows.num_rows))
        named = rows.set_column(rows.schema.get_field_index("id"), "id", ids)
        return named.set_column(named.schema.get_field_index(ORDER), ORDER, keys)

    return part_of(load(), load)


def nothing_changed(definition: Definition, count: int, folder: Path) -> dict[str, Any]:
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
    return {"archive_files": count, "noop": ours.wall, "stat": bare.wall}


if __name__ == "__main__":
    measure = index if "index" in sys.argv[3:] else run
    print(json.dumps(measure(int(sys.argv[1]), Path(sys.argv[2]))))
