"""pystac reads a release back, validates it and finds what is broken in it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pystac
import pytest
from pystac.validation import RegisteredValidator, set_validator

from catalog_builder.files import read_json, write_json
from catalog_builder.stac.model import Json
from catalog_builder.stac.reading import LocalValidator, objects, read_back
from catalog_builder.stac.schemas import SchemaStore
from tests.stac.tree import COLLECTION, write_tree

NONE = SchemaStore(())
ITEM = "spot/2019/a/a.json"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return write_tree(tmp_path / "site")


def codes(root: Path) -> list[str]:
    return [f.code for f in read_back(root, NONE, validate=False)]


def change(path: Path, edit: Callable[[Json], object]) -> None:
    json = read_json(path)
    edit(json)
    write_json(path, json)


def test_a_good_tree_has_nothing_to_say(tree: Path) -> None:
    assert read_back(tree, NONE, validate=False) == []


def test_pystac_walks_every_object(tree: Path) -> None:
    found = {type(o).__name__: o.id for o in objects(tree)}
    assert found == {"Catalog": "spot-2019", "Collection": "spot", "Item": "b"}
    items = [o for o in objects(tree) if isinstance(o, pystac.Item)]
    assert [i.id for i in items] == ["a", "b"]
    for item in items:
        parent = item.get_collection()
        assert parent is not None and parent.id == "spot"
        for asset in item.assets.values():
            assert Path(asset.get_absolute_href() or "").is_file()


@pytest.mark.shared
def test_pystac_validates_every_object_offline(tree: Path, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*_: object) -> None:
        raise AssertionError("the network was asked for")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    store = SchemaStore((shared / "schemas",))
    assert read_back(tree, store) == []
    before = RegisteredValidator.get_validator()
    set_validator(LocalValidator(store))
    try:
        catalog = pystac.Catalog.from_file(str(tree / "catalog.json"))
        assert catalog.validate_all() == 2
    finally:
        set_validator(before)


@pytest.mark.shared
def test_an_invalid_value_is_found_by_pystac(tree: Path, shared: Path) -> None:
    change(tree / ITEM, lambda j: j["properties"].update({"eo:cloud_cover": 400}))
    findings = [f for f in read_back(tree, SchemaStore((shared / "schemas",))) if f.code == "stac.pystac-invalid"]
    assert [f.subject for f in findings] == [ITEM] and "400" in str(findings[0].params["problem"])


def test_a_schema_that_is_not_there_is_said_and_not_fetched(tree: Path) -> None:
    missing = [f for f in read_back(tree, NONE) if f.code == "stac.schema-missing"]
    assert missing and all(f.code in ("stac.schema-missing",) for f in read_back(tree, NONE))


def test_a_changed_file_is_found_by_its_checksum(tree: Path) -> None:
    cog = tree / "spot/2019/a/ms.tif"
    data = cog.read_bytes()
    cog.write_bytes(data[:-1] + b"!")
    assert codes(tree) == ["stac.checksum-differs"]
    cog.write_bytes(data[:-1])
    assert codes(tree) == ["stac.size-differs"]
    cog.unlink()
    assert codes(tree) == ["stac.file-missing"]


def test_a_changed_child_shows_in_its_parent(tree: Path) -> None:
    change(tree / ITEM, lambda j: j["properties"].update({"title": "other"}))
    assert [(f.code, f.subject) for f in read_back(tree, NONE, validate=False)] == [("stac.size-differs", "spot/2019/catalog.json")]


def test_links_out_of_the_tree_and_without_title_are_found(tree: Path) -> None:
    def edit(json: Json) -> None:
        json["assets"]["thumbnail"]["href"] = "../../../../../etc/passwd"
        json["links"].append({"rel": "via", "href": "https://example.org/scene"})

    change(tree / ITEM, edit)
    found = set(codes(tree))
    assert {"stac.file-outside", "stac.link-untitled"} <= found


def test_broken_json_and_a_missing_child_do_not_stop_the_reading(tree: Path) -> None:
    (tree / ITEM).write_text("{")
    found = read_back(tree, NONE, validate=False)
    assert {"stac.unreadable", "stac.size-differs"} == {f.code for f in found}
    (tree / COLLECTION).unlink()
    assert {"stac.unreadable", "stac.file-missing"} == set(codes(tree))
    (tree / "catalog.json").unlink()
    assert codes(tree) == ["stac.unreadable"]


def test_two_items_with_one_id_are_found(tree: Path) -> None:
    change(tree / "spot/2019/b/b.json", lambda j: j.update({"id": "a"}))
    assert "stac.duplicate-id" in codes(tree)
