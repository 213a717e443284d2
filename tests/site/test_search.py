"""The search index holds what the items say, in the layout that the browser reads."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from catalog_builder.site.search import index_pages, search_index
from catalog_builder.site.search_columns import EDGES, LAYOUT, STEPS
from catalog_builder.site.search_words import tokens
from catalog_builder.site.site import Site
from tests.site import factories as make
from tests.site.test_pages import definition, scenes


def index_of(root: Path, **changes: Any) -> tuple[Site, dict[str, bytes]]:
    d = definition()
    made = make.release(root, scenes(root, d), d)
    site = Site(replace(made, **changes))
    return site, {p.path: p.data for p in index_pages(search_index(site))}


def manifest_of(pages: dict[str, bytes]) -> Any:
    return orjson.loads(gzip.decompress(pages["search/filter.bin.gz"]).partition(b"\n")[0])


def read(pages: dict[str, bytes], name: str) -> Any:
    return orjson.loads(gzip.decompress(pages[f"search/{name}.gz"]))


def columns_of(pages: dict[str, bytes]) -> dict[str, list[int]]:
    """The columns, read as the layout says and apart from the writer."""
    data, at = gzip.decompress(pages["search/filter.bin.gz"]).partition(b"\n")[2], 0
    count, columns = manifest_of(pages)["count"], {}
    for name, kind in LAYOUT:
        if kind == "u1":
            columns[name] = list(data[at : at + count])
            at += count
            continue
        values = [data[at + i] | data[at + count + i] << 8 for i in range(count)]
        columns[name] = [v % 65536 for v in np.cumsum(values).tolist()] if kind == "d2" else values
        at += 2 * count
    assert at == len(data)
    columns |= {
        "x1": [(a + b) % 65536 for a, b in zip(columns["x"], columns["width"], strict=True)],
        "y1": [a + b for a, b in zip(columns["y"], columns["height"], strict=True)],
    }
    return columns


def test_words_are_folded_as_people_type_them() -> None:
    assert tokens("Đầm Thị Nại, DS_SPOT7-2019") == ["dam", "thi", "nai", "ds", "spot7", "2019"]


def test_columns_are_newest_first_and_hold_the_items(tmp_path: Path) -> None:
    site, pages = index_of(tmp_path)
    columns = columns_of(pages)
    manifest = manifest_of(pages)
    assert [i.id for i in site.items] == ["spot7-c", "spot7-b", "spot7-a", "uav-1"]
    assert manifest["day0"] == "2015-01-01"
    days = [(date(2015, 1, 1) + timedelta(days=d)).isoformat() for d in columns["from"]]
    assert days == ["2021-01-02", "2019-06-26", "2019-06-05", "2015-01-01"], "the day is the one in Viet Nam"
    assert columns["length"] == [0, 0, 0, 364]
    assert columns["cloud"] == [13, 5, 13, 13], "cloud is rounded up, so that a limit in whole percent is exact"
    assert columns["collection"] == [0, 0, 0, 1]
    assert columns["class"] == [2, 2, 2, 2]


def test_boxes_are_rounded_outward(tmp_path: Path) -> None:
    site, pages = index_of(tmp_path)
    columns = columns_of(pages)
    x0, y0, x1, y1 = manifest_of(pages)["extent"]
    for n, item in enumerate(site.items):
        assert item.bbox is not None
        assert x0 + columns["x"][n] / STEPS * (x1 - x0) <= item.bbox[0] + 1e-12
        assert y0 + columns["y1"][n] / STEPS * (y1 - y0) >= item.bbox[3] - 1e-12


def test_words_lead_to_items(tmp_path: Path) -> None:
    site, pages = index_of(tmp_path)
    words = orjson.loads(gzip.decompress(pages["search/text/h.gz"]))
    found = np.cumsum(words["hong"]).tolist()
    assert [site.items[n].id for n in found] == ["uav-1"]
    assert "vien" not in words
    manifest = manifest_of(pages)
    assert manifest["collections"][1]["words"] == ["anh", "binh", "do", "orthophotos", "uav"]


def test_the_index_of_a_small_catalogue_is_a_script_too(tmp_path: Path) -> None:
    _, pages = index_of(tmp_path)
    script = pages["search/index.js"].decode()
    whole = orjson.loads(script.removeprefix("window.CATALOGUE_INDEX=").removesuffix(";\n"))
    assert whole["rows"]["recent"][0] == orjson.loads(gzip.decompress(pages["search/rows/recent/00000.gz"]))


def test_an_item_without_a_box_or_cloud(tmp_path: Path) -> None:
    d = definition()
    made = make.release(tmp_path, scenes(tmp_path, d), d)
    spot = made.collections[0]
    bare = replace(spot.items[0], bbox=None, cloud_cover=None, gsd=None, resolution_class=None, thumbnail=None)
    site = Site(replace(made, collections=(replace(spot, items=(bare,)),)))
    pages = {p.path: p.data for p in index_pages(search_index(site))}
    columns = columns_of(pages)
    assert (columns["cloud"], columns["class"], columns["flags"]) == ([255], [0], [1])
    row = orjson.loads(gzip.decompress(pages["search/rows/recent/00000.gz"]))[0]
    assert not {"bbox", "cloud", "gsd", "thumbnail"} & set(row)


def test_words_of_a_busy_beginning_are_split(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog_builder.site.search_words.WORDS_LIMIT", 1)
    site, pages = index_of(tmp_path)
    manifest = manifest_of(pages)
    assert "s" in manifest["split"] and "s" not in manifest["words"]
    everything = {site.items[n].id for n in np.cumsum(read(pages, "text/s")["*"]).tolist()}
    assert everything == {i.id for i in site.items if any(t.startswith("s") for t in tokens(f"{i.title} {i.id} {i.platform}"))} != set()
    assert list(read(pages, "text/spot")) == ["*"] and list(read(pages, "text/spot7")) == ["spot7"]
    assert not any(a != b and b.startswith(a) for a in manifest["words"] for b in manifest["words"]), "one file per word"
    written = {p.removeprefix("search/text/").removesuffix(".gz") for p in pages if p.startswith("search/text/")}
    assert written == {*manifest["words"], *manifest["split"]}


def test_exact_edges_stand_in_the_order_of_their_steps(tmp_path: Path) -> None:
    site, pages = index_of(tmp_path)
    columns = columns_of(pages)
    for n, (name, column) in enumerate(zip(EDGES, ("x", "y", "x1", "y1"), strict=True)):
        order = sorted(range(len(site.items)), key=lambda i: (columns[column][i], i))
        assert read(pages, f"edges/{name}/00000") == [site.items[i].bbox[n] for i in order]  # type: ignore[index]


def test_a_box_over_the_antimeridian(tmp_path: Path) -> None:
    d = definition()
    made = make.release(tmp_path, scenes(tmp_path, d), d)
    spot = made.collections[0]
    across = replace(spot.items[0], bbox=(179.5, -17.0, -179.25, -16.0))
    site = Site(replace(made, collections=(replace(spot, items=(across, *spot.items[1:])),)))
    pages = {p.path: p.data for p in index_pages(search_index(site))}
    columns = columns_of(pages)
    assert columns["flags"] == [2, 0, 0] and columns["x"][0] > columns["x1"][0]
    assert read(pages, "edges/east/00000")[0] == -179.25


def test_rows_of_a_large_catalogue_are_kept_by_time_place_and_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog_builder.site.search.ONE_ORDER", 2)
    site, pages = index_of(tmp_path)
    assert manifest_of(pages)["orders"] == ["recent", "place", "kind"]
    for order in ("recent", "place", "kind"):
        assert {r["id"] for r in read(pages, f"rows/{order}/00000")} == {i.id for i in site.items}
    assert [r["id"] for r in read(pages, "rows/recent/00000")] == [i.id for i in site.items]
