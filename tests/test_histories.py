"""Whatever has happened to archive, policy, store and site: a build gives the bytes that a build from nothing gives.

Random histories, the same in every run. Each step changes one or two things, every other one loses or breaks something, and then builds.
"""

from __future__ import annotations

import os
import random
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog_builder.store import Store
from tests.archives import write_definition, write_scene
from tests.building import inodes, make, tree

STEPS = 8
FOLDERS = ("", "bay", "bay/deep", "Ảnh vệ tinh")
ACCESS = ("public", "internal", "restricted")


class History:
    """A catalogue and what can happen to it; ``told`` says what did."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = write_definition(folder)
        self.archive = folder / "archive"
        self.dice = random.Random(seed)
        self.clock = 1_600_000_000
        self.audience = "public"
        self.told: list[str] = []
        for _ in range(4):
            self.add()

    def happens(self, *what: Callable[[], None]) -> None:
        one = self.dice.choice(what)
        self.told.append(one.__name__)
        one()

    def scenes(self) -> list[Path]:
        return sorted(self.archive.rglob("*.tif"))

    def written(self, path: Path) -> None:
        self.clock += 1
        os.utime(path, (self.clock, self.clock))

    def place(self) -> Path:
        day = self.dice.randrange(1, 9)
        name = self.dice.choice([f"HaLong_202101{day:02d}", f"HaLong_2020{day:02d}11", f"VanDon_{day}"])
        return self.archive / self.dice.choice(FOLDERS) / f"{name}.tif"

    def add(self) -> None:
        kind = self.dice.choice([{}, {}, {"crs": None}, {"dtype": "uint8"}, {"crs": "EPSG:5899", "corner": (460_000.0, 2_330_000.0)}])
        path = write_scene(self.place(), seed=self.dice.randrange(99), size=24, **kind)  # type: ignore[arg-type]
        self.written(path)

    def delete(self) -> None:
        self.dice.choice([*self.scenes(), self.archive / "none"]).unlink(missing_ok=True)

    def move(self) -> None:
        for path in self.scenes()[:1]:
            target = self.place()
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)

    def swap(self) -> None:
        if len(self.scenes()) > 1:
            one, other = self.dice.sample(self.scenes(), 2)
            one.rename(aside := self.archive / "aside")
            other.rename(one)
            aside.rename(other)

    def copy(self) -> None:
        for path in self.scenes()[-1:]:
            if not (target := self.place()).exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, target)

    def pack(self) -> None:
        with zipfile.ZipFile(self.archive / "pack.zip", "w") as packed:
            for path in self.scenes()[:1]:
                packed.write(path, path.name)
        self.written(self.archive / "pack.zip")

    def truncate(self) -> None:
        for path in self.scenes()[:1]:
            path.write_bytes(path.read_bytes()[: self.dice.choice([0, 10, 1000])])
            self.written(path)

    def policy(self) -> None:
        access, number = self.dice.choice(ACCESS[:2]), self.dice.randrange(3)
        languages = self.dice.choice(['"vi", "en"', '"en"', '"en", "vi"'])
        extra = f'languages = [{languages}]\nattribution = {{ en = "Source {number}" }}'
        write_definition(self.folder, access=access, extra=extra)

    def override(self) -> None:
        said = self.dice.choice(['acquired = "1999"', 'platform = "SPOT-7"', 'access = "internal"', 'crs = "EPSG:32648"'])
        (self.folder / "overrides").mkdir(exist_ok=True)
        text = f'[[override]]\npath = "*VanDon*"\n{said}\nby = "Office"\non = 2026-01-31\nreason = "test"\n'
        (self.folder / "overrides/a.toml").write_text(text)

    def audience_changes(self) -> None:
        self.audience = self.dice.choice(ACCESS)

    def something_in_the_store_is_lost(self) -> None:
        self.dice.choice(sorted(p for p in (self.folder / "store").rglob("*") if p.is_file())).unlink()

    def something_remembered_is_broken(self) -> None:
        store = self.folder / "store"
        remembered = [*store.glob("*.json"), *store.glob("releases/**/*.*"), *store.glob("work/*.sqlite")]
        path = self.dice.choice(sorted(p for p in remembered if p.is_file() and p.stat().st_size))
        data = bytearray(path.read_bytes())
        data[self.dice.randrange(len(data))] ^= 1 << self.dice.randrange(8)
        path.write_bytes(data)

    def the_site_is_lost(self) -> None:
        shutil.rmtree(self.folder / "site", ignore_errors=True)


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize("seed", [4, 11, 16])
def test_any_history_gives_the_bytes_of_a_build_from_nothing(tmp_path: Path, seed: int) -> None:
    h = History(tmp_path / "definition", seed)
    for step in range(STEPS):
        for _ in range(h.dice.choice([1, 2]) if step else 0):
            h.happens(h.add, h.delete, h.move, h.swap, h.copy, h.pack, h.truncate, h.policy, h.override, h.audience_changes)
        for _ in range(2 if step % 2 else 0):
            h.happens(h.something_in_the_store_is_lost, h.something_remembered_is_broken, h.the_site_is_lost)
        site = h.folder / "site"
        before = (tree(site), inodes(site)) if site.is_dir() else ({}, {})
        foreseen = make(h.folder, audience=h.audience, dry_run=True)
        result = make(h.folder, audience=h.audience, allow_shrink=True)
        shutil.rmtree(h.folder / "store-fresh", ignore_errors=True)
        shutil.rmtree(h.folder / "site-fresh", ignore_errors=True)
        fresh = make(h.folder, audience=h.audience, allow_shrink=True, store="store-fresh")
        served = tree(site)
        assert served == tree(h.folder / "site-fresh"), h.told
        told = [f for f in result.findings if f.code != "build.served-damaged"]
        assert (told, result.items, result.quarantined) == (list(fresh.findings), fresh.items, fresh.quarantined), h.told
        assert Store(h.folder / "store").records() == Store(h.folder / "store-fresh").records(), h.told
        assert set(result.built) == set(foreseen.built) - {f.subject for f in result.findings if f.code == "build.scene-failed"}, h.told
        same = {name for name in served if before[0].get(name) == served[name]} - {"release.json"}
        now = inodes(site)
        assert {name for name in same if before[1][name] != now[name]} == set(), h.told
        again = make(h.folder, audience=h.audience)
        assert (again.built, again.changed, list(again.findings)) == ((), False, told), h.told
