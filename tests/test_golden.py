"""The golden catalogue: a small tree made of factory scenes, compared byte for byte.

It fails on every change of what is written, wanted or not. When the change is wanted, run
``CATALOG_BUILDER_UPDATE_GOLDEN=1 scripts/test tests/test_golden.py`` and review the difference like code.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyproj
import pytest
import rasterio

from catalog_builder.definition.model import Access
from catalog_builder.facts import Facts
from catalog_builder.files import StoredFile, write_json
from catalog_builder.release.tree import StoredItem, TreeComposer
from catalog_builder.release.write import ReleaseWriter
from catalog_builder.stac.item import make_item
from catalog_builder.times import When
from tests.stac import factories

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def same_software(monkeypatch: pytest.MonkeyPatch) -> None:
    """The versions that items name; the rest of the tree does not depend on the machine."""
    monkeypatch.setattr(rasterio, "__gdal_version__", "3.12.2")
    monkeypatch.setattr(pyproj, "proj_version_str", "9.8.0")


def stored_item(folder: Path, item_id: str, when: datetime, access: Access) -> StoredItem:
    """A factory scene under another id and date, written as the store keeps it."""
    claims = factories.claims(acquired=When.instant(when))
    delivery = replace(factories.delivery(), id=item_id, facts=Facts(claims))
    raster = factories.raster(folder)
    item = make_item(delivery, raster, factories.assignment(access=access), factories.definition(), folder)
    path = folder / f"{item.id}.json"
    write_json(path, item.json)
    products = [p.cog for p in raster.products]
    pictures = [f for f in (raster.visual, raster.thumbnail, raster.preview) if f is not None]
    stored: tuple[StoredFile, ...] = (*products, *pictures, *(f for f, _, _ in raster.sidecars))
    files = tuple((f.path.relative_to(folder).as_posix(), f.size, f.checksum) for f in stored)
    return StoredItem(item.id, item.collection, item.access, path, item.json["properties"]["datetime"], files)


def compose(tmp_path: Path) -> dict[str, bytes]:
    """The JSON files of a release of three scenes, one of them internal."""
    items = [
        stored_item(tmp_path / "a", "spot7-20190605", datetime(2019, 6, 5, 3, 12, 34, 500000, tzinfo=UTC), Access.PUBLIC),
        stored_item(tmp_path / "b", "spot7-20200607", datetime(2020, 6, 7, 3, 10, 0, tzinfo=UTC), Access.PUBLIC),
        stored_item(tmp_path / "c", "spot7-20210608", datetime(2021, 6, 8, 3, 10, 0, tzinfo=UTC), Access.INTERNAL),
    ]
    definition = factories.definition()
    writer = ReleaseWriter(tmp_path / "site")
    TreeComposer(definition, Access.PUBLIC, writer).compose(items)
    return {p: writer.path(p).read_bytes() for p in sorted(writer.files) if p.endswith(".json")}


@pytest.mark.usefixtures("same_software")
def test_the_tree_is_the_golden_one(tmp_path: Path) -> None:
    made = compose(tmp_path)
    if os.environ.get("CATALOG_BUILDER_UPDATE_GOLDEN"):
        shutil.rmtree(GOLDEN, ignore_errors=True)
        for name, data in made.items():
            (GOLDEN / name).parent.mkdir(parents=True, exist_ok=True)
            (GOLDEN / name).write_bytes(data)
    golden = {p.relative_to(GOLDEN).as_posix(): p.read_bytes() for p in sorted(GOLDEN.rglob("*.json"))}
    assert sorted(made) == sorted(golden)
    for name, data in made.items():
        assert data.decode() == golden[name].decode(), name


def test_the_golden_tree_names_nothing_internal() -> None:
    text = b"".join(p.read_bytes() for p in GOLDEN.rglob("*.json"))
    assert text and b"20210608" not in text


def test_a_scene_may_be_called_like_a_catalogue(tmp_path: Path) -> None:
    when = datetime(2019, 6, 5, 3, 12, 34, tzinfo=UTC)
    names = ("ha-long-collection", "catalog", "spot7-20190605")
    writer = ReleaseWriter(tmp_path / "site")
    items = [stored_item(tmp_path / name, name, when, Access.PUBLIC) for name in names]
    TreeComposer(factories.definition(), Access.PUBLIC, writer).compose(items)
    month = writer.read_json("spot/2019/06/catalog.json")
    assert {e["href"] for e in month["links"] if e["rel"] == "item"} == {f"./{name}/{name}.json" for name in names}
    assert not [e for e in month["links"] if e["rel"] == "child"]
