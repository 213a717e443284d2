"""A catalogue whose scenes are shown on demand: one page per language instead of one per scene, and every link leads there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest

from catalog_builder.build import BuildOptions, build
from catalog_builder.definition import load_definition
from catalog_builder.definition.model import Access, Definition, SiteOptions
from catalog_builder.files import json_bytes, write_bytes
from catalog_builder.progress import Progress
from catalog_builder.release.links import scene_pages
from catalog_builder.release.model import Release
from catalog_builder.release.tree import StoredItem, TreeComposer
from catalog_builder.release.write import ReleaseWriter
from tests.archives import write_definition, write_scene
from tests.site import factories as make
from tests.site.test_pages import Reader, html_of
from tests.stac import factories as stac

PUBLIC = "https://anh.example.vn/kho/"


def definition() -> Definition:
    return stac.definition(public_address=PUBLIC, site=SiteOptions(item_pages="on-demand"), as_of=datetime(2026, 1, 2, tzinfo=UTC))


@pytest.fixture
def released(tmp_path: Path) -> tuple[Path, Release, dict[str, bytes]]:
    d = definition()
    scenes = [make.scene(tmp_path, name, "spot", d) for name in ("spot7-a", "spot7-b")]
    for scene in scenes:
        scene["properties"]["published"] = "2026-01-02T00:00:00Z"
    made = make.release(tmp_path, scenes, d)
    return tmp_path, made, make.written(tmp_path, made)


def test_scenes_have_no_pages_of_their_own(released: tuple[Path, Release, dict[str, bytes]]) -> None:
    _, made, pages = released
    assert {"scene/index.html", "en/scene/index.html", "assets/scene.js"} <= set(pages)
    assert not [path for path in pages for item in made.items if path.removeprefix("en/").startswith(item.folder)]


def test_every_link_to_a_scene_leads_to_its_record_by_the_page(released: tuple[Path, Release, dict[str, bytes]]) -> None:
    root, made, pages = released
    folders = {item.folder for item in made.items}
    asked = set()
    for path, html in html_of(pages).items():
        for _, reference, _ in Reader(html).references:
            parts = urlsplit(urljoin(f"https://x/{path}", reference))
            if parts.netloc == "x" and not parts.path.endswith("search/index.html") and parts.query:
                assert parts.path in ("/scene/index.html", "/en/scene/index.html"), (path, reference)
                asked |= set(parse_qs(parts.query)["item"])
    assert asked == folders
    assert all((root / folder / f"{folder.rsplit('/', 1)[1]}.json").is_file() for folder in folders)


def test_machines_are_told(released: tuple[Path, Release, dict[str, bytes]]) -> None:
    pages = released[2]
    assert b"scene" not in pages["sitemap.xml"].replace(b"/spot/", b"")
    assert f"{PUBLIC}scene/index.html?item=spot/2019/06/spot7-a".encode() in pages["changes/feed.xml"]
    html = pages["scene/index.html"].decode()
    assert '<meta name="robots" content="noindex">' in html and "<noscript>" in html


@pytest.mark.parametrize(("pages", "counted"), [("static", ["pages: 1/1"]), ("on-demand", [])])
def test_progress_counts_only_pages_that_come(tmp_path: Path, capsys: pytest.CaptureFixture[str], pages: str, counted: list[str]) -> None:
    write_definition(tmp_path, extra=f'[site]\nitem_pages = "{pages}"')
    write_scene(tmp_path / "archive/HaLong_20210605.tif", size=32)
    options = BuildOptions(
        archive=(tmp_path / "archive",), store=tmp_path / "store", site=tmp_path / "site", audience=Access.PUBLIC, jobs=0
    )
    build(load_definition(tmp_path), options, Progress(quiet=False))
    assert [line for line in capsys.readouterr().err.splitlines() if line.startswith("pages")] == counted


def test_items_name_the_page_that_shows_them(tmp_path: Path) -> None:
    d = definition()
    json = make.scene(tmp_path / "made", "spot7-a", "spot", d)
    path = write_bytes(tmp_path / "store/spot7-a/item.json", json_bytes(json | {"links": []})).path
    assets = [a["href"].removeprefix("./") for a in json["assets"].values()]
    folder = tmp_path / "made" / make.item_folder("spot", "spot7-a", datetime(2019, 6, 5, tzinfo=UTC))
    written = {name: write_bytes(path.parent / name, (folder / name).read_bytes()) for name in assets if (folder / name).is_file()}
    files = tuple((name, file.size, file.checksum) for name, file in written.items())
    stored = StoredItem("spot7-a", "spot", Access.PUBLIC, path, json["properties"]["datetime"], files, "x")
    writer = ReleaseWriter(tmp_path / "site")
    TreeComposer(d, Access.PUBLIC, writer).compose([stored])
    [here] = [name for name in writer.files if name.endswith("/spot7-a.json")]
    alternates = {link["hreflang"]: link["href"] for link in writer.read_json(here)["links"] if link["rel"] == "alternate"}
    target = here.rsplit("/", 1)[0]
    assert alternates == {"vi": f"../../../../scene/index.html?item={target}", "en": f"../../../../en/scene/index.html?item={target}"}
    assert [link["href"] for link in scene_pages(here, d.languages, "x")] == list(alternates.values())


def test_static_sites_have_no_such_page(released: tuple[Path, Release, dict[str, bytes]], tmp_path: Path) -> None:
    made = released[1]
    static = replace(made, definition=made.definition.model_copy(update={"site": SiteOptions()}))
    assert not [path for path in make.written(tmp_path / "static", static) if path.endswith("scene/index.html")]
