"""Whatever happened before, a release is byte for byte the one that a first build of the same items would make.

Random histories: scenes come, change, move in time, become internal, go; memory is lost or spoilt; audiences take turns. After each
step the served tree is compared with one that was made from nothing.
"""

from __future__ import annotations

import random
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from catalog_builder.definition.model import Access, Definition
from catalog_builder.files import StoredFile, write_json
from catalog_builder.progress import Progress
from catalog_builder.publish import publish
from catalog_builder.release import tree as composing
from catalog_builder.release.partition import partition
from catalog_builder.stac.item import make_item
from catalog_builder.store import Record, Store
from catalog_builder.times import When
from tests.building import inodes, tree
from tests.stac import factories

STEPS = 10


class History:
    """A store whose records change at random; ``dice`` decides everything."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.dice = random.Random(seed)
        self.store = Store(folder / "store")
        self.records: dict[str, Record] = {}
        other = factories.collection_definition(id="other", title={"vi": "Khác", "en": "Other"}, order=2)
        self.definition: Definition = factories.definition(collections=(factories.collection_definition(), other))

    def put(self, name: str) -> None:
        """A scene new or anew: date, cloud, place, collection and access as the dice say."""
        collection, access = self.dice.choice(["spot", "spot", "other"]), self.dice.choice([Access.PUBLIC] * 4 + [Access.INTERNAL])
        when = When.instant(datetime(2020, self.dice.randint(1, 3), self.dice.randint(1, 28), 3, tzinfo=UTC))
        claims = factories.claims(acquired=when, cloud_cover=self.dice.choice([None, 3, 12.5]))
        assignment = factories.assignment(access=access)
        assignment = replace(assignment, collection=self.definition.collection(collection))
        number = len(list((self.store.folder / "scenes").glob("*/*"))) if (self.store.folder / "scenes").is_dir() else 0
        home = self.store.scene_folder(name, f"k{number}")
        west = 107 + self.dice.random()
        raster = factories.raster(home, footprint=factories.footprint((west, 20.9, west + 0.2, 21.1)))
        item = make_item(factories.delivery(name, claims), raster, assignment, self.definition, home)
        written = write_json(home / "item-i.json", item.json)
        pictures = [f for f in (raster.visual, raster.thumbnail, raster.preview) if f is not None]
        files = (*(p.cog for p in raster.products), *pictures, *(f for f, _, _ in raster.sidecars))
        self.records[name] = Record(
            id=name,
            pixel_key=home.name,
            item_key=written.checksum,
            collection=collection,
            access=access,
            item=self._named(written),
            start=item.json["properties"]["datetime"],
            draft=False,
            title=name,
            files=tuple((self._named(f), f.size, f.checksum) for f in files),
            findings=(),
            checksum=written.checksum,
        )

    def _named(self, file: StoredFile) -> str:
        return file.path.relative_to(self.store.folder).as_posix()

    def step(self, number: int) -> None:
        if self.records and self.dice.random() < 0.3:
            del self.records[self.dice.choice(sorted(self.records))]
        if self.records and self.dice.random() < 0.5:
            self.put(self.dice.choice(sorted(self.records)))
        if self.dice.random() < 0.7 or not self.records:
            self.put(f"scene-{number:04d}-{self.dice.randint(0, 9)}")

    def spoil(self) -> None:
        """Lose or overwrite a file of what is remembered."""
        remembered = sorted(p for p in (self.store.folder / "releases").rglob("*") if p.is_file())
        if remembered and self.dice.random() < 0.5:
            victim = self.dice.choice(remembered)
            if self.dice.random() < 0.5:
                victim.unlink()
            else:
                victim.write_bytes(self.dice.randbytes(self.dice.choice([0, 7, 160, 5000])))

    def publish(self, audience: Access, *, fresh: bool = False) -> Path:
        """The served tree; with ``fresh`` one that nothing is remembered for and that replaces nothing."""
        store, site = self.store, self.folder / f"site-{audience.value}"
        if fresh:
            shutil.rmtree(self.folder / "fresh", ignore_errors=True)
            store, site = Store(self.folder / "fresh/store"), self.folder / "fresh/site"
            (store.folder / "scenes").symlink_to(self.store.folder / "scenes")
        publish(self.definition, audience, store, site, self.records, (), allow_shrink=True, progress=Progress())
        return site


@pytest.mark.parametrize("seed", range(3))
def test_a_release_depends_on_its_items_and_not_on_its_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr(composing, "partition", partial(partition, page=2))  # months overflow into days and back
    history = History(tmp_path, seed)
    for number in range(STEPS):
        history.step(number)
        history.spoil()
        audience = history.dice.choice([Access.PUBLIC, Access.PUBLIC, Access.INTERNAL])
        assert tree(history.publish(audience)) == tree(history.publish(audience, fresh=True)), f"step {number} for {audience}"


def test_what_does_not_mention_a_new_scene_is_the_same_file_as_before(tmp_path: Path) -> None:
    """Also pages: only those of the scene and of what tells of it are made, and nothing is written twice."""
    history = History(tmp_path, 1)
    for number in range(6):
        history.put(f"scene-{number:04d}")
        history.records[f"scene-{number:04d}"] = replace(history.records[f"scene-{number:04d}"], access=Access.PUBLIC)
    before = inodes(history.publish(Access.PUBLIC))
    history.put("scene-9999")
    history.records["scene-9999"] = replace(history.records["scene-9999"], access=Access.PUBLIC)
    site = history.publish(Access.PUBLIC)
    changed = {name for name, inode in inodes(site).items() if before.get(name) != inode}
    silent = {n for n in changed if "scene-9999" not in n and b"scene-9999" not in (site / n).read_bytes()}
    assert not [n for n in silent if "/scene-" in n], "a file of another scene that does not tell of the new one"
