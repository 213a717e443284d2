"""A release under its own address: nothing leads nowhere, every line to copy works, and the printed sheet leads back."""

from __future__ import annotations

import hashlib
import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import duckdb
import numpy as np
import pystac
import pytest
import rasterio
import zxingcpp
from lxml import etree, html
from PIL import Image
from pyproj import Transformer
from rasterio.warp import transform_bounds

from tests.browser.conftest import Published
from tests.checkers import lacking

pytestmark = pytest.mark.browser

ITEM = "scenes/2023/06/VanDon_20230608/index.html"
A4 = {"width": 794, "height": 1123}
REFERRING = ("href", "src", "srcset", "poster", "action", "data")


def test_nothing_in_the_release_leads_nowhere(published: Published) -> None:
    """Pages with their fragments, style sheet, STAC objects, feeds and sitemap: relative or under the public address."""
    anchors: dict[Path, set[str]] = {}
    told = [(path, reference) for path in files(published.site) for reference in references(path)]
    broken = [(str(p.relative_to(published.site)), r) for p, r in told if not leads(published, p, r, anchors)]
    assert len(told) > 1000 and broken == []


def test_a_broken_reference_is_noticed(published: Published) -> None:
    page = published.site / "index.html"
    for wrong in ("nowhere.html", "#nowhere", "guide/index.html#nowhere", f"{published.address}nowhere.json", "../outside.html"):
        assert not leads(published, page, wrong, {}), wrong
    assert leads(published, page, "https://example.org/", {}), "other hosts are not asked"


PROBE = """
import json, sys, rasterio
with rasterio.open(sys.argv[1]) as raster:
    print(json.dumps({"driver": raster.driver, "tiled": raster.is_tiled, "bounds": raster.bounds, "crs": raster.crs.to_string()}))
"""


def files(site: Path) -> Iterator[Path]:
    return (p for p in sorted(site.rglob("*")) if p.suffix in (".html", ".css", ".json", ".xml", ".txt") and "schemas" not in p.parts)


def references(path: Path) -> Iterator[str]:
    if path.suffix == ".html":
        for element in html.parse(path).iter(etree.Element):
            yield from (element.get(name) for name in REFERRING if element.get(name))
            if "content" in element.attrib and str(element.get("property", "")).startswith(("og:url", "og:image")):
                yield from () if ":alt" in element.get("property") else (element.get("content"),)
    elif path.suffix == ".css":
        yield from (piece.split(")")[0].strip("\"'") for piece in path.read_text().split("url(")[1:])
    elif path.suffix == ".xml":
        for element in etree.parse(path).iter():
            yield from (element.text for _ in [0] if etree.QName(element).localname == "loc")
            yield from (element.get("href") for _ in [0] if element.get("href"))
    elif path.suffix == ".json":
        yield from hrefs(json.loads(path.read_text()))


def hrefs(value: Any) -> Iterator[str]:
    """Every ``href`` of a STAC object, of its links and of its assets."""
    for inner in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from hrefs(inner)
    if isinstance(value, Mapping) and isinstance(value.get("href"), str):
        yield value["href"]


def leads(published: Published, path: Path, reference: str, anchors: dict[Path, set[str]]) -> bool:
    """Whether ``reference`` in ``path`` names a file of the release and, with a fragment, a place on that page."""
    here = published.address + path.relative_to(published.site).as_posix()
    address, fragment = urldefrag(urljoin(here, reference))
    if not address.startswith(published.address):
        return urlsplit(address).scheme in ("http", "https", "mailto") and not address.startswith("http://127.")
    target = published.site / unquote(urlsplit(address).path.lstrip("/"))
    if not target.is_file():
        return not reference.startswith("..") and target.is_dir() and (target / "index.html").is_file()
    if fragment and target.suffix == ".html":
        if target not in anchors:
            anchors[target] = {str(i) for i in html.parse(target).xpath("//@id")}
        return unquote(fragment) in anchors[target]
    return True


def snippets(site: Path, page: str) -> dict[str, str]:
    """The lines to copy of a page by their titles."""
    read = html.parse(site / page)
    return {d.findtext("summary"): d.findtext(".//code") for d in read.iterfind(".//details") if d.get("class") == "snippet"}


@pytest.mark.parametrize("page", ["scenes/2021/06/HaLong_20210605/index.html", ITEM, "guide/index.html"])
def test_the_lines_in_python_run(published: Published, tmp_path: Path, page: str) -> None:
    ran = 0
    for title, text in snippets(published.site, page).items():
        if title.startswith("Python"):
            show = "\nprint(pixels.shape, pixels.max())" if "rasterio" in title else ""
            done = subprocess.run(
                [sys.executable, "-c", text + show], capture_output=True, text=True, cwd=tmp_path, timeout=120, check=False
            )
            assert done.returncode == 0 and done.stdout.strip(), f"{title}: {done.stderr}"
            ran += 1
    assert ran >= 2


@pytest.mark.parametrize("page", ["scenes/2021/06/HaLong_20210605/index.html", ITEM, "guide/index.html"])
def test_the_lines_for_gdal_and_qgis_name_a_raster_and_a_window_in_it(published: Published, tmp_path: Path, page: str) -> None:
    told = snippets(published.site, page)
    commands = [shlex.split(line) for line in told["GDAL"].replace("\\\n", " ").splitlines() if line]
    info, cut = commands
    assert info[0] == "gdalinfo" and cut[0] in ("gdal_translate", "gdalwarp")
    probe = [sys.executable, "-c", PROBE, info[1]]  # a process of its own: GDAL would wait for the server of this one
    raster = json.loads(subprocess.run(probe, check=True, capture_output=True, text=True, timeout=120).stdout)
    assert raster["driver"] == "GTiff" and raster["tiled"] and cut[-2] == info[1]
    if cut[0] == "gdalwarp":
        west, south, east, north = map(float, cut[cut.index("-te") + 1 : cut.index("-te") + 5])
        left, bottom, right, top = transform_bounds(raster["crs"], cut[cut.index("-t_srs") + 1], *raster["bounds"])
        assert left < west < east < right and bottom < south < north < top
    if shutil.which("gdalinfo"):
        for command in commands:
            subprocess.run(command, check=True, capture_output=True, cwd=tmp_path, timeout=120)
    if "QGIS" in told:
        assert told["QGIS"] == info[1]


def test_the_lines_for_duckdb_find_the_scene(published: Published) -> None:
    """DuckDB would load its HTTP extension from its own host, so the file is read from the disk of the server."""
    text = snippets(published.site, "guide/index.html")["DuckDB"]
    assert published.address in text
    rows = duckdb.sql(text.replace(published.address, f"{published.site.as_posix()}/")).fetchall()
    assert "VanDon_20230608" in [row[0] for row in rows]


def test_a_download_can_be_resumed(published: Published, tmp_path: Path) -> None:
    text = next(t for t in snippets(published.site, ITEM).values() if t.startswith("curl"))
    command = shlex.split(text)
    name = command[-1].rpartition("/")[2]
    record = json.loads(next((published.site / ITEM).parent.glob("VanDon*.json")).read_text())
    asset = next(a for a in record["assets"].values() if a["href"].endswith(name))
    (tmp_path / name).write_bytes((published.site / ITEM).parent.joinpath(name).read_bytes()[:5000])
    if shutil.which("curl") is None:
        lacking("curl")
    subprocess.run(command, check=True, capture_output=True, cwd=tmp_path, timeout=120)
    assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == asset["file:checksum"].removeprefix("1220")


def test_addresses_for_other_software_answer(published: Published) -> None:
    told = snippets(published.site, "guide/index.html")
    assert pystac.Catalog.from_file(told["QGIS ≥ 3.42"]).id == "test"
    for title in ("R · terra", "R · rstac"):
        address = told[title].split('("')[1].split('"')[0].removeprefix("/vsicurl/")
        assert leads(published, published.site / "index.html", address, {}), title


@pytest.mark.parametrize("language", ["", "en/"])
def test_the_printed_sheet_is_one_page_that_leads_back(visit: Any, published: Published, tmp_path: Path, language: str) -> None:
    with visit(base=published.address, viewport=A4, device_scale_factor=3) as visited:
        page = visited.open(language + ITEM)
        assert not page.locator(".printed").is_visible()
        page.emulate_media(media="print")
        shot = tmp_path / "sheet.png"
        page.screenshot(path=shot, full_page=True)
        codes = zxingcpp.read_barcodes(np.asarray(Image.open(shot).convert("L")))
        assert [code.text for code in codes] == [published.address + language + ITEM]
        assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1
        assert page.locator(".printed").is_visible() and not page.locator(".rest").is_visible()


def test_the_printed_corners_are_those_of_the_grid(visit: Any, published: Published) -> None:
    with rasterio.open(next((published.site / ITEM).parent.glob("[!v]*.tif"))) as raster:
        bounds = raster.bounds
    to_wgs84 = Transformer.from_pipeline("EPSG:6960").transform  # what VN-2000 geographic becomes in WGS 84
    with visit(base=published.address, viewport=A4) as visited:
        page = visited.open("en/" + ITEM)
        page.emulate_media(media="print")
        assert "VN-2000 / TM-3 107°45′ (EPSG:5899)" in page.locator(".corners").inner_text()
        rows = [[cell.inner_text() for cell in row.locator("td").all()] for row in page.locator(".corners tbody tr").all()]
    places = [(float(r[0].replace(",", "")), float(r[1].replace(",", ""))) for r in rows]
    assert places == [(bounds.left, bounds.top), (bounds.right, bounds.top), (bounds.right, bounds.bottom), (bounds.left, bounds.bottom)]
    own = Transformer.from_crs("EPSG:5899", "EPSG:4756", always_xy=True)
    for (x, y), (_, _, latitude, longitude) in zip(places, rows, strict=True):
        expected_lat, expected_lon = to_wgs84(*reversed(own.transform(x, y)))
        assert abs(float(latitude.rstrip("°N")) - expected_lat) < 2e-6 and abs(float(longitude.rstrip("°E")) - expected_lon) < 2e-6


def test_a_sheet_without_public_address_says_why_it_has_no_code(visit: Any) -> None:
    with visit(viewport=A4) as visited:
        page = visited.open("en/spot/2016/01/spot7-00/index.html")
        page.emulate_media(media="print")
        assert page.locator(".qr").count() == 0
        assert "No QR code" in page.locator(".printed").inner_text() and "spot7-00" in page.locator(".reach .code").inner_text()
