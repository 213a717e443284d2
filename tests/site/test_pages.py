"""The site as a whole: every link leads somewhere, every page says the truth of its object, nothing hostile becomes markup."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pytest

from catalog_builder.archive.findings import METADATA_UNREADABLE, NO_DATE
from catalog_builder.archive.landsat_bands import QUALITY, QUANTITIES
from catalog_builder.definition.model import Access, Definition
from catalog_builder.release.model import Release
from catalog_builder.resources import PACKAGE
from catalog_builder.site import codes, problems, render
from catalog_builder.stac.model import Json
from catalog_builder.times import When
from tests.site import factories as make
from tests.stac import factories as stac

PUBLIC = "https://example.org/kho/"
HOSTILE = "</title><script>alert('x')</script><img src=x onerror=alert(1)>\"'&"
DATA_ATTRIBUTES = {"src", "href", "srcset", "poster", "data", "action"}


class Reader(HTMLParser):
    """What a test wants to know of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.references: list[tuple[str, str, dict[str, str]]] = []
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.words: list[str] = []
        self.inline: list[str] = []
        self.feed(html.replace("<wbr>", ""))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {k: v or "" for k, v in attrs}
        self.tags.append(tag)
        self.inline += [k for k in given if k.startswith("on") or k == "style"]
        if tag == "script" and given.get("type") != "application/ld+json" and "src" not in given:
            self.inline.append("script")
        if tag == "style":
            self.inline.append("style")
        if "id" in given:
            self.ids.append(given["id"])
        self.references += [(tag, given[k], given) for k in DATA_ATTRIBUTES if k in given]

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def definition(**changes: Any) -> Definition:
    uav = stac.collection_definition(id="uav", order=5, title={"vi": "Bình đồ ảnh UAV", "en": "UAV orthophotos"})
    changes = {"collections": (stac.collection_definition(), uav), **changes}
    return stac.definition(**changes)


def scenes(root: Path, d: Definition) -> list[Json]:
    def at(*moment: int) -> When:
        return When.instant(datetime(*moment, tzinfo=UTC))  # type: ignore[misc, arg-type]

    return [
        make.scene(root, "spot7-a", "spot", d, when=at(2019, 6, 5, 3, 12, 34)),
        make.scene(root, "spot7-b", "spot", d, when=at(2019, 6, 25, 22, 45), cloud_cover=4.2),
        make.scene(root, "spot7-c", "spot", d, box=(106.5, 20.5, 107.5, 21.2), when=at(2021, 1, 2, 3, 4)),
        make.scene(
            root, "uav-1", "uav", d, box=(107.0, 20.9, 107.02, 20.92), when=When.year(2015), scene_name="Phường Hồng Gai", platform=None
        ),
    ]


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Release, dict[str, bytes]]:
    root = tmp_path_factory.mktemp("site")
    d = definition(public_address=PUBLIC.rstrip("/"))
    findings = (NO_DATE("2003/scan.tif"), METADATA_UNREADABLE("2011/MTL.txt", problem="<b>x</b>"))
    known = {"title": "Scan", "platform": "film", "gsd": 0.5, "datetime": "2019-06-05T03:12:34Z"}
    draft = {"id": "scan", "properties": known}
    made = make.release(root, scenes(root, d), d, findings, (draft,))
    return root, made, make.written(root, made)


def html_of(pages: dict[str, bytes]) -> dict[str, str]:
    return {path: data.decode() for path, data in pages.items() if path.endswith(".html")}


ITEM = "spot/2019/06/spot7-a/index.html"


def test_every_object_has_a_page_in_both_languages(released: tuple[Path, Release, dict[str, bytes]]) -> None:
    _, made, pages = released
    objects = [
        "catalog.json",
        *(c.path for c in made.collections),
        *(i.path for i in made.items),
        "spot/2019/catalog.json",
        "spot/2019/06/catalog.json",
    ]
    for path in objects:
        page = join(dirname(path), "index.html")
        assert page in pages and f"en/{page}" in pages
    assert {"qa/index.html", "search/index.html", "about/index.html", "404.html", "robots.txt", "sitemap.xml", "assets/site.css"} <= set(
        pages
    )


def test_every_relative_link_leads_to_a_file_and_every_fragment_to_a_place(released: tuple[Path, Release, dict[str, bytes]]) -> None:
    root, _, pages = released
    broken = []
    for path, html in html_of(pages).items():
        read = Reader(html)
        assert len(read.ids) == len(set(read.ids)), f"{path} has an id twice"
        for tag, reference, _given in read.references:
            if reference.startswith("#"):
                broken += [] if reference[1:] in read.ids else [(path, reference)]
            elif not reference.startswith(("http://", "https://", "mailto:")):
                # the page for what is not there is shown at any depth, so its links begin at the root of the host
                told = reference.removeprefix(urlsplit(PUBLIC).path) if path == "404.html" else join(dirname(path), reference)
                target = normpath(unquote(told.partition("#")[0].partition("?")[0]))
                if target.startswith("..") or not (root / target).is_file():
                    broken.append((path, f"{tag} {reference}"))
    assert broken == []


def test_pages_load_nothing_from_other_hosts_and_satisfy_a_strict_policy(released: tuple[Path, Release, dict[str, bytes]]) -> None:
    for path, html in html_of(released[2]).items():
        read = Reader(html)
        assert read.inline == [], path
        loaded = [r for tag, r, given in read.references if tag not in ("a", "link") or given.get("rel") in ("stylesheet", "icon")]
        assert [r for r in loaded if "://" in r] == [], path
    assert b"http" not in re.sub(rb"/\*.*?\*/", b"", released[2]["assets/site.css"], flags=re.S)


def test_languages_mirror_each_other(released: tuple[Path, Release, dict[str, bytes]]) -> None:
    pages = html_of(released[2])
    vietnamese = {p for p in pages if not p.startswith("en/") and p != "404.html"}
    assert {p.removeprefix("en/") for p in pages if p.startswith("en/")} == vietnamese
    for path, html in pages.items():
        if path == "404.html":  # it speaks all languages at once
            continue
        language = "en" if path.startswith("en/") else "vi"
        assert f'<html lang="{language}">' in html
        read = Reader(html)
        alternates = {g["hreflang"]: r for tag, r, g in read.references if tag == "link" and "hreflang" in g}
        plain = path.removeprefix("en/")
        assert alternates == {"vi": PUBLIC + plain, "en": f"{PUBLIC}en/{plain}", "x-default": PUBLIC + plain}
        assert f'<link rel="canonical" href="{PUBLIC}{path}">' in html


def test_titles_are_unique_per_language(released: tuple[Path, Release, dict[str, bytes]]) -> None:
    titles = [re.findall("<title>(.*?)</title>", h)[0] for p, h in html_of(released[2]).items() if not p.startswith("en/")]
    assert sorted(titles) == sorted(set(titles))


def test_the_item_page_says_what_the_item_says(released: tuple[Path, Release, dict[str, bytes]]) -> None:
    pages = html_of(released[2])
    vietnamese, english = Reader(pages[ITEM]).text, Reader(pages["en/" + ITEM]).text
    for told in (
        "05/06/2019 10:12 giờ Việt Nam",
        "SPOT-7",
        "NAOMI",
        "6 m",
        "12,5 %",
        "lớp B",
        "Mức 3A",
        "VN-2000 / TM-3 107°45′",
        "EPSG:5899",
    ):
        assert told in vietnamese, told
    for told in (
        "5 June 2019 10:12 Viet Nam time",
        "12.5%",
        "Level 3A",
        "Near infrared",
        "512.2",
    ):
        assert told in english, told
    assert '<time datetime="2019-06-05T03:12:34Z">' in pages[ITEM]
    assert "2019/HD-12/DIM_SPOT7_MS.XML#/Dimap_Document/cloud_cover" in vietnamese
    assert "Ảnh thu nhỏ" in vietnamese and "Thumbnail" in english and "Ảnh thu nhỏ" not in english


def test_files_have_their_size_and_checksum(released: tuple[Path, Release, dict[str, bytes]]) -> None:
    _, made, pages = released
    item = next(i for i in made.items if i.id == "spot7-a").load()
    html = pages[ITEM].decode()
    for asset in item["assets"].values():
        assert asset["file:checksum"].removeprefix("1220") in html
    assert f'href="{item["assets"]["ms"]["href"].removeprefix("./")}"' in html.replace(f'href="../../../../{dirname(ITEM)}/', 'href="')


def test_a_file_of_several_says_which_one_it_is_and_bands_say_what_they_hold_in_the_language_of_the_page(tmp_path: Path) -> None:
    d = definition()
    json = make.scene(tmp_path, "landsat", "spot", d)
    json["assets"]["ms"]["bands"][0] = {"name": "QA_PIXEL", "description": QUALITY["QA_PIXEL"]}
    one = make.written(tmp_path / "one", make.release(tmp_path / "one", [json], d))
    json["assets"]["qa"] = dict(json["assets"]["ms"])
    two = make.written(tmp_path / "two", make.release(tmp_path / "two", [json], d))
    page = "spot/2019/06/landsat/index.html"
    assert "Tải COG <span" in one[page].decode() and "Tải COG ms <span" in two[page].decode()
    assert "Chất lượng điểm ảnh, theo bit" in one[page].decode() and QUALITY["QA_PIXEL"] in one["en/" + page].decode()


def test_every_description_that_readers_give_to_bands_can_be_told_in_vietnamese() -> None:
    """Spectral bands are told by their colours; the readers of Landsat and Sentinel-2 describe what else there is."""
    sentinel2 = re.findall(r'description="([^"]+)"', (PACKAGE / "archive/sentinel2_bands.py").read_text())
    assert {*QUALITY.values(), *(what for what, *_ in QUANTITIES.values()), *sentinel2} == set(codes.DESCRIPTION)


def test_snippets_have_the_real_address(released: tuple[Path, Release, dict[str, bytes]]) -> None:
    html = released[2][ITEM].decode()
    assert f"/vsicurl/{PUBLIC}spot/2019/06/spot7-a/ms.tif" in html
    assert f"pystac.Item.from_file(&#34;{PUBLIC}spot/2019/06/spot7-a/spot7-a.json&#34;)" in html


def test_an_interval_is_shown_as_one(released: tuple[Path, Release, dict[str, bytes]]) -> None:
    text = Reader(released[2]["uav/2015/01/uav-1/index.html"].decode()).text
    assert "Thời điểm chụp 2015 " in text and "01/01/2015" not in text


def test_neighbours_lead_to_each_other(released: tuple[Path, Release, dict[str, bytes]]) -> None:
    html = released[2][ITEM].decode()
    assert 'href="../spot7-b/index.html"' in html and "../../../2021/01/spot7-c/index.html" in html


def test_structured_data_is_json_about_the_page(released: tuple[Path, Release, dict[str, bytes]]) -> None:
    pages = html_of(released[2])
    found = re.findall('<script type="application/ld\\+json">(.*?)</script>', pages[ITEM], flags=re.S)
    data = json.loads(found[0])
    assert (data["@type"], data["url"], data["temporalCoverage"]) == ("Dataset", PUBLIC + ITEM, "2019-06-05T03:12:34Z")
    assert data["spatialCoverage"]["geo"]["box"] == "20.80000 106.90000 21.10000 107.20000"
    assert json.loads(re.findall('ld\\+json">(.*?)</script>', pages["index.html"])[0])["@type"] == "DataCatalog"
    assert '<link rel="alternate" type="application/geo+json" href="spot7-a.json"' in pages[ITEM]


def test_the_sitemap_lists_pages_of_both_languages_but_no_working_pages(released: tuple[Path, Release, dict[str, bytes]]) -> None:
    sitemap = released[2]["sitemap.xml"].decode()
    assert f"<loc>{PUBLIC}</loc>" in sitemap and f"<loc>{PUBLIC}en/spot/2019/06/spot7-a/</loc>" in sitemap
    assert not re.search("/qa/|/cells/|404", sitemap)
    assert f"Sitemap: {PUBLIC}sitemap.xml" in released[2]["robots.txt"].decode()


def test_the_quality_page_tells_findings_and_drafts(released: tuple[Path, Release, dict[str, bytes]]) -> None:
    html = released[2]["qa/index.html"].decode()
    assert "archive.no-date" in html and "2003/<wbr>scan.<wbr>tif" in html and "&lt;b&gt;x&lt;/b&gt;" in html
    assert "Scan" in html and "1 cảnh chờ người xử lý" in html
    assert "05/06/2019 10:12 giờ Việt Nam" in html and "Độ phân giải mặt đất: 0,5\N{NO-BREAK SPACE}m" in html


def test_findings_of_one_kind_are_told_by_their_messages(tmp_path: Path) -> None:
    problems = ("<b>x</b>", "thiếu dấu đóng", "<b>x</b>", "<b>x</b>")
    findings = [METADATA_UNREADABLE(f"2011/{n}.txt", problem=problem) for n, problem in enumerate(problems)]
    html = make.written(tmp_path, make.release(tmp_path, [], definition(), findings))["qa/index.html"].decode()
    [kind] = re.findall(r'<details class="finding".*?</section>', html, re.S)
    summary = kind[: kind.index("</summary>")]
    assert "&lt;b&gt;x&lt;/b&gt;" in summary and "và 1 thông báo khác" in summary and "× 4" in summary
    inner = kind[kind.index('<details class="plain">') : kind.index("</details>")]
    assert "× 3" in inner and [n for n in range(4) if f"{n}.<wbr>txt" in inner] == [0, 2, 3]
    assert re.search(r"1\.<wbr>txt</span><span>[^<]*thiếu dấu đóng", kind), "one of its kind needs no folding"


@pytest.mark.parametrize(("address", "base"), [(PUBLIC, "/kho/"), ("https://example.org", "/"), (None, "/")])
def test_the_page_for_what_is_not_there_works_at_any_depth_of_any_host(tmp_path: Path, address: str | None, base: str) -> None:
    page = make.written(tmp_path, make.release(tmp_path, [], definition(public_address=address)))["404.html"].decode()
    read = Reader(page)
    assert f'href="{base}assets/site.css"' in page and f'href="{base}en/search/index.html"' in page
    assert [r for _, r, _ in read.references if not r.startswith((base, "#main"))] == []
    assert "example.org" not in page and read.inline == []


def test_pages_are_light(released: tuple[Path, Release, dict[str, bytes]]) -> None:
    weight = {path: len(gzip.compress(data)) for path, data in released[2].items()}
    assert weight["index.html"] + weight["assets/site.css"] < 40_000
    assert weight["assets/search.js"] < 10_000
    assert weight[ITEM] + weight["assets/site.css"] < 30_000


def test_rendering_twice_gives_the_same_bytes(released: tuple[Path, Release, dict[str, bytes]]) -> None:
    assert {p.path: p.data for p in render(released[1])} == released[2]


def test_without_an_address_there_are_no_absolute_links(tmp_path: Path) -> None:
    d = definition()
    made = make.release(tmp_path, scenes(tmp_path, d), d)
    pages = make.written(tmp_path, made)
    assert "sitemap.xml" not in pages and "robots.txt" not in pages
    html = pages[ITEM].decode()
    assert (
        "canonical" not in html and "og:image" not in html and 'hreflang="en" href="../../../../en/spot/2019/06/spot7-a/index.html"' in html
    )
    assert "rasterio.open(&#34;spot/2019/06/spot7-a/ms.tif&#34;)" in html
    assert [f.code for f in problems(made) if f.code == "site.no-public-address"] == ["site.no-public-address"]


def test_an_internal_site_says_so_and_is_not_indexed(tmp_path: Path) -> None:
    d = definition(public_address=PUBLIC)
    pages = make.written(tmp_path, make.release(tmp_path, scenes(tmp_path, d), d, audience=Access.INTERNAL))
    assert "Bản nội bộ" in pages[ITEM].decode() and '<meta name="robots" content="noindex">' in pages["index.html"].decode()
    assert b"Disallow: /\n" in pages["robots.txt"] and "sitemap.xml" not in pages


def test_an_empty_release_still_has_a_site(tmp_path: Path) -> None:
    pages = make.written(tmp_path, make.release(tmp_path, [], definition()))
    assert "Danh mục chưa có dữ liệu" in pages["index.html"].decode()


def test_one_language_has_no_switch(tmp_path: Path) -> None:
    d = definition(languages=("en",))
    pages = make.written(tmp_path, make.release(tmp_path, scenes(tmp_path, d), d))
    assert not any(p.startswith(("en/", "vi/")) for p in pages)
    assert "hreflang" not in pages["index.html"].decode() and '<html lang="en">' in pages["index.html"].decode()


def test_hostile_metadata_stays_text(tmp_path: Path) -> None:
    d = definition(
        collections=(stac.collection_definition(title={"vi": HOSTILE, "en": HOSTILE}, description={"vi": HOSTILE, "en": HOSTILE}),),
        title={"vi": HOSTILE, "en": HOSTILE},
    )
    json = make.scene(tmp_path, "evil", "spot", d, scene_name=HOSTILE, platform=HOSTILE, instruments=(HOSTILE,))
    json["properties"] |= {"description": HOSTILE, "vn:sheet": HOSTILE, "cb:provenance": {HOSTILE: HOSTILE}}
    json["assets"]["script"] = {
        "href": "javascript:alert(1)",
        "title": HOSTILE,
        "type": HOSTILE,
        "roles": [HOSTILE],
        "bands": [{"name": HOSTILE}],
    }
    json["links"].append({"rel": "derived_from", "href": "javascript:alert(1)", "title": HOSTILE})
    draft = {"id": HOSTILE, "properties": {"title": HOSTILE, "platform": [HOSTILE]}}
    pages = make.written(tmp_path, make.release(tmp_path, [json], d, (NO_DATE(HOSTILE),), (draft,)))
    for path, html in html_of(pages).items():
        read = Reader(html)
        assert read.inline == [] and read.tags.count("script") <= 3, path
        assert [r for _, r, _ in read.references if "javascript" in r] == [], path
        assert "<script>alert" not in html and "<img src=x" not in html, path


@pytest.mark.parametrize(
    "damage",
    [
        {"geometry": {"type": "Polygon", "coordinates": [[["x"]]]}},
        {"geometry": {"type": "Nonsense"}},
        {"geometry": None},
        {"assets": {}},
        {
            "assets": {
                "a": {"href": "../../../../../../etc/passwd", "bands": [{"statistics": [], "raster:histogram": {"buckets": ["x", -1]}}]}
            }
        },
        {"properties": {"gsd": "big", "vn:corners": [[1]], "proj:code": 7, "instruments": {}, "vn:scan": [], "proj:centroid": 3}},
    ],
)
def test_an_odd_item_has_a_page_all_the_same(tmp_path: Path, damage: Json) -> None:
    d = definition()
    made = make.release(tmp_path, scenes(tmp_path, d), d)
    spot = made.collections[0]
    odd = replace(spot.items[0], load=lambda: {**spot.items[0].load(), **damage})
    broken = replace(made, collections=(replace(spot, items=(odd, *spot.items[1:])), *made.collections[1:]))
    assert b"etc/passwd" not in {p.path: p.data for p in render(broken)}[join(odd.folder, "index.html")]


def test_a_long_list_is_cut_into_pages(tmp_path: Path) -> None:
    d = definition()
    made = make.release(tmp_path, [make.scene(tmp_path, f"s{n:03d}", "spot", d) for n in range(50)], d)
    pages = make.written(tmp_path, made)
    first, second = pages["spot/2019/06/index.html"].decode(), pages["spot/2019/06/page-2.html"].decode()
    assert first.count('<li class="card">') == 48 and second.count('<li class="card">') == 2
    assert 'href="page-2.html"' in first and 'href="index.html"' in second and "trang 2" in second
    flat = replace(made, collections=tuple(replace(c, partitions=()) for c in made.collections))
    assert "spot/page-2.html" in {p.path for p in render(flat)}


def test_a_collection_may_not_take_the_place_of_a_page(tmp_path: Path) -> None:
    d = definition(collections=(stac.collection_definition(id="qa"),))
    made = make.release(tmp_path, [make.scene(tmp_path, "a", "qa", d)], d)
    assert "site.reserved-name" in [f.code for f in problems(made)]


def test_without_times_of_publication_there_is_no_feed_and_the_page_says_so(released: tuple[Path, Release, dict[str, bytes]]) -> None:
    _, _, pages = released
    assert not [path for path in pages if path.endswith("feed.xml")]
    assert "không ghi thời điểm công bố" in Reader(pages["changes/index.html"].decode()).text


def test_publications_are_told_by_page_and_feed(tmp_path: Path) -> None:
    d = definition(public_address=PUBLIC, as_of=datetime(2026, 3, 1, 9, tzinfo=UTC), title={"vi": "Kho <ảnh> & dữ liệu", "en": "Archive"})
    pages = make.written(tmp_path, make.release(tmp_path, scenes(tmp_path, d), d))
    feed = ElementTree.fromstring(pages["changes/feed.xml"])
    atom = "{http://www.w3.org/2005/Atom}"
    assert feed.findtext(f"{atom}title") == "Kho <ảnh> & dữ liệu" and feed.findtext(f"{atom}updated") == "2026-03-01T09:00:00Z"
    entries = feed.findall(f"{atom}entry")
    assert len(entries) == 4 and all(e.findtext(f"{atom}updated") == "2026-03-01T09:00:00Z" for e in entries)
    assert {e.findtext(f"{atom}id") for e in entries} <= {PUBLIC + path for path in pages}
    assert "01/03/2026" in Reader(pages["changes/index.html"].decode()).text and "feed.xml" in pages["en/changes/index.html"].decode()


def test_the_guide_has_the_addresses_of_this_catalogue(tmp_path: Path) -> None:
    d = definition(public_address=PUBLIC)
    pages = make.written(tmp_path, make.release(tmp_path, scenes(tmp_path, d), d))
    told = Reader(pages["guide/index.html"].decode()).text
    for address in re.findall(re.escape(PUBLIC) + r"[^\s\"']+", told):
        assert (tmp_path / unquote(address.removeprefix(PUBLIC))).is_file() or address.removeprefix(PUBLIC) in ("catalog.json",), address
    assert f"/vsicurl/{PUBLIC}" in told and "script-src 'self'" in told and "unsafe" not in told
