"""The hostile collection, built end to end by the command line: it ends, tells what was wrong, and leaks and breaks nothing.

Some scenes get a date from an override, so that their texts and names go all the way into the published pages.
"""

from __future__ import annotations

import csv
import json
import re
import resource
import shutil
import socket
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from rasterio.io import MemoryFile

from tests.archives import write_definition

pytestmark = pytest.mark.shared

SECONDS = 600
"""What the build must end within, on any machine; it takes about half a minute on two cores."""

MEMORY = 4 << 30
"""Bytes that no process of the build may exceed."""

PUBLISHED = "published"
IGNORED = "ignored"

EXPECTED: dict[str, str] = {
    "Thumbs.db": IGNORED,
    "allzero_30000_deflate_bomb.tif": "archive.no-date",
    "aux_xml_evil/scene.tif": "crs.out-of-range",
    "aux_xml_evil/scene.tif.aux.xml": "crs.out-of-range",
    "bad_encoding/METADATA.DIM": PUBLISHED,
    "billion_laughs_planet/20990101_000000_1.tif": "archive.duplicate",
    "billion_laughs_planet/20990101_000000_1_metadata.xml": "archive.xml-entities",
    "bomb_1GiB_in_1MB.zip": "archive.container-bomb",
    "dimap_href_escape/METADATA.DIM": "archive.href-outside",
    "gdal_corpus/block_width_above_32bit.tif": "archive.raster-unreadable",
    "gdal_corpus/byte_zstd_corrupted.tif": "raster.unreadable-pixels",
    "gdal_corpus/corrupted_gtiff_tags.tif": "archive.raster-truncated",
    "gdal_corpus/excessive-memory-TIFFFillTile.tif": "archive.raster-truncated",
    "gdal_corpus/fakebig.gif": "archive.raster-unreadable",
    "gdal_corpus/huge-number-strips.tif": "archive.raster-unreadable",
    "gdal_corpus/idat_broken.png": "raster.not-georeferenced",
    "gdal_corpus/leak-ZIPSetupDecode.tif": "raster.unreadable-pixels",
    "gdal_corpus/packbits-not-enough-data.tif": "raster.not-georeferenced",
    "gdal_corpus/scanline_more_than_2GB.tif": "archive.raster-too-large",
    "gdal_corpus/single_block_32769_16385.jp2": "archive.no-date",
    "gdal_corpus/tiled_bad_offset.tif": "archive.raster-truncated",
    "gdal_corpus/toomanyblocks.tif": "archive.raster-unreadable",
    "gdal_corpus/truncated.jp2": "archive.raster-unreadable",
    "gdal_corpus/uint33.tif": "archive.raster-unreadable",
    "gdal_corpus/unknown_compression.tif": "archive.convert-first",
    "georef_lat_95.tif": "crs.out-of-range",
    "georef_utm_coords_as_4326.tif": "crs.out-of-range",
    "georef_zero_pixel.tif": "crs.out-of-range",
    "html_error_page.tif": "archive.raster-not-recognised",
    "html_in_tags.tif": PUBLISHED,
    "huge_attr/product.xml": "archive.unclaimed",
    "jpeg_named.tif": "raster.not-georeferenced",
    "mtl_lies/LC08_L1TP_127045_20990101_20990101_02_T1_MTL.txt": "archive.bad-value",
    "nested_zip_6x8.zip": "archive.container-nested",
    "sparse_200000x200000.tif": "raster.too-large",
    "symlinks.tar": "archive.container-unsafe",
    "tar_symlink_write.tar.gz": "archive.container-unsafe",
    "tar_traversal.tar": "archive.container-unsafe",
    "tiff_magic_then_random.tif": "archive.raster-unreadable",
    "tiff_without_extension": "archive.duplicate",
    "til_escape/evil.TIL": "archive.href-outside",
    "truncated_60pct.tif": "archive.raster-unreadable",
    "vrt_python_pixfun.vrt": "archive.refused-format",
    "vrt_raw_etc_passwd.vrt": "archive.refused-format",
    "vrt_self.vrt": "archive.refused-format",
    "vrt_vsicurl_loopback.vrt": "archive.refused-format",
    "weird_names.tar": PUBLISHED,
    "wms_minidriver.xml": "archive.refused-format",
    "xxe_dimap/IMAGERY.TIF": "archive.xml-entities",
    "xxe_dimap/METADATA.DIM": "archive.xml-entities",
    "zero_bytes.tif": "archive.raster-empty",
    "zip_absolute.zip": "archive.container-unsafe",
    "zip_symlink.zip": "archive.container-unsafe",
    "zip_tcvn_name.zip": "archive.duplicate",
    "zip_traversal_dotdot.zip": "archive.container-unsafe",
    "zip_truncated.zip": "archive.container-corrupt",
}
"""Every record of the collection and how it must end: published, ignored, or in a finding of this code."""

CONTAINERS = frozenset(n for n in EXPECTED if n.endswith((".zip", ".tar", ".gz")))
"""What is good in a container may be published, whatever else is in it."""

OVERRIDES = """
[[override]]
path = "u/weird_names/**"
by = "test"
on = 2026-01-01
reason = "names must reach the pages"
acquired = "2021-06-05"
[[override]]
path = "html_in_tags.tif"
by = "test"
on = 2026-01-01
reason = "tags must reach the pages"
acquired = "2021-06-05"
scene_name = '</title><script>alert("name")</script>'
"""


@dataclass(frozen=True)
class Outcome:
    """What one build of the collection left behind."""

    folder: Path
    result: dict[str, Any]
    output: str
    exit_code: int
    memory: int
    asked: bool

    @property
    def site(self) -> Path:
        return self.folder / "site"

    def items(self) -> list[tuple[Path, dict[str, Any]]]:
        """Published items with their files."""
        return [(p, d) for p, d in features(self.site) if "qa" not in p.relative_to(self.site).parts]

    def published(self) -> dict[str, set[str]]:
        """Item id -> archive-relative names of its files, which only the store knows: the public item tells no paths."""
        ids = {item["id"] for _, item in self.items()}
        return {i: names for i, names in self.sources().items() if i in ids}

    def sources(self) -> dict[str, set[str]]:
        """Item id -> archive-relative names of its files, drafts included."""
        return {d["id"]: {s["name"] for s in d["properties"]["cb:sources"]} for _, d in features(self.folder / "store" / "scenes")}


def features(folder: Path) -> list[tuple[Path, dict[str, Any]]]:
    """The STAC items below ``folder``."""
    found = [(p, json.loads(p.read_text())) for p in sorted(folder.rglob("*.json"))]
    return [(p, d) for p, d in found if isinstance(d, dict) and d.get("type") == "Feature" and "stac_version" in d]


def archive_of(shared: Path, folder: Path, port: int) -> Path:
    """A copy of the collection in which requests would go to ``port``; in ``u`` what a person would have unpacked with tar."""
    archive = folder / "archive"
    shutil.copytree(shared / "data" / "hostile", archive, symlinks=True)
    for path in (archive, *(p for p in archive.rglob("*") if p.is_dir())):
        path.chmod(0o755)
    for name in ("vrt_vsicurl_loopback.vrt", "wms_minidriver.xml"):
        (archive / name).chmod(0o644)
        (archive / name).write_bytes((archive / name).read_bytes().replace(b"127.0.0.1:9/", f"127.0.0.1:{port}/".encode()))
    for name in ("symlinks", "weird_names"):
        with tarfile.open(archive / f"{name}.tar") as tar:
            tar.extraction_filter = getattr(tarfile, "fully_trusted_filter", None)
            tar.extractall(archive / "u" / name)  # links and odd names are the test; Python before 3.11.4 has no filters
    scenes = sorted(p for p in (archive / "u" / "weird_names").rglob("*") if p.is_file())
    assert len(scenes) == 31
    for number, path in enumerate(scenes):
        path.write_bytes(with_first_pixel(path.read_bytes(), number))
    return archive


def with_first_pixel(data: bytes, value: int) -> bytes:
    """The GeoTIFF ``data`` with one pixel changed: another image, so no duplicate."""
    with MemoryFile(data) as memory:
        with memory.open(driver="GTiff") as source:
            pixels, profile = source.read(), source.profile
        pixels[0, 0, 0] = value
    with MemoryFile() as memory:
        with memory.open(**profile) as target:
            target.write(pixels)
        return bytes(memory.read())


@pytest.fixture(scope="module")
def outcome(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    folder = tmp_path_factory.mktemp("hostile") / "room"
    folder.mkdir()
    definition = write_definition(folder / "definition")
    (definition / "overrides").mkdir()
    (definition / "overrides/names.toml").write_text(OVERRIDES)
    before_tmp = set(Path("/tmp").glob("evil*"))
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        archive = archive_of(shared, folder, server.getsockname()[1])
        places = ["--archive", str(archive), "--store", str(folder / "store"), "--site", str(folder / "site")]
        command = [sys.executable, "-m", "catalog_builder", "build", str(definition), *places, "--jobs", "2", "--json"]
        listing, outside = tree(folder), set(folder.parent.iterdir())
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
        asked = was_asked(server)
    written = {p for p in tree(folder) if p.parts[0] not in ("store", "site", ".site-releases")}
    assert written == listing and set(folder.parent.iterdir()) == outside, "something was written outside store and site"
    assert set(Path("/tmp").glob("evil*")) == before_tmp
    assert done.stdout, done.stderr
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    yield Outcome(folder, json.loads(done.stdout), done.stdout + done.stderr, done.returncode, memory, asked)


def tree(folder: Path) -> set[Path]:
    return {p.relative_to(folder) for p in folder.rglob("*")}


def was_asked(server: socket.socket) -> bool:
    try:
        server.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def test_it_ends_and_says_so(outcome: Outcome) -> None:
    assert outcome.exit_code == 1
    assert "Traceback" not in outcome.output
    assert "\x1b" not in outcome.output and "\u202e" not in outcome.output
    surprises = ("archive.reader-failed", "archive.reader-died", "archive.reader-timeout", "build.scene-failed")
    assert [f for f in outcome.result["findings"] if f["code"] in surprises] == []


def test_memory_is_bounded(outcome: Outcome) -> None:
    assert outcome.memory < MEMORY


def test_nobody_called_out(outcome: Outcome) -> None:
    assert not outcome.asked


def test_every_record_is_expected(shared: Path) -> None:
    with (shared / "data" / "manifest.csv").open(encoding="utf-8", newline="") as file:
        records = {
            r["file"].removeprefix("hostile/") for r in csv.DictReader(file) if r["file"].startswith("hostile/") and r["kind"] == "made"
        }
    assert records == set(EXPECTED)


@pytest.mark.parametrize(("name", "end"), sorted(EXPECTED.items()))
def test_every_record_ends_as_it_must(outcome: Outcome, name: str, end: str) -> None:
    scenes = {i: names for i, names in outcome.sources().items() if name in names or any(n.startswith(f"{name}!/") for n in names)}
    mates = {name}.union(*scenes.values(), scenes)
    told = {f["code"] for f in outcome.result["findings"] if any(about(f, mate) for mate in mates)}
    published = set(scenes) & set(outcome.published())
    if end == IGNORED:
        assert not told and not scenes
    elif end == PUBLISHED:
        assert published or name == "weird_names.tar"  # its 31 scenes are counted below
    else:
        assert end in told
        assert not published or name in CONTAINERS


def about(finding: dict[str, Any], name: str) -> bool:
    """Whether a finding is about a file, about something in it, or about the folder of files that nobody claimed."""
    subject = finding["subject"]
    folder, _, base = name.rpartition("/")
    left = finding["code"] == "archive.unclaimed" and subject == folder and base in str(finding.get("params", finding))
    return subject == name or subject.startswith(f"{name}!/") or left


def test_odd_names_are_31_scenes_each_once(outcome: Outcome) -> None:
    scenes = {i: n for i, names in outcome.published().items() for n in names if n.startswith("u/weird_names/")}
    assert len(scenes) == 31
    assert len({i.casefold() for i in scenes}) == 31, "identifiers must stay apart on disks that ignore case"
    assert [i for i in scenes if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", i)] == []
    assert [f for f in outcome.result["findings"] if f["code"] == "archive.duplicate" and f["subject"].startswith("u/weird_names/")] == []


def test_hrefs_resolve_within_the_site(outcome: Outcome) -> None:
    site = outcome.site.resolve()
    for path, item in outcome.items():
        hrefs = [a["href"] for a in item["assets"].values()] + [link["href"] for link in item["links"]]
        for href in hrefs:
            if href.startswith("https://"):
                continue
            target = (path.parent / unquote(href.partition("#")[0])).resolve()
            assert target.is_relative_to(site) and target.exists(), (item["id"], href)


def test_no_byte_of_other_files_in_any_output(outcome: Outcome) -> None:
    for folder in (outcome.folder / "store", outcome.site):
        for path in folder.rglob("*"):
            assert not path.is_symlink(), path
            assert not path.is_file() or b"root:x:0" not in path.read_bytes(), path
    assert "root:x:0" not in outcome.output


def test_texts_of_the_archive_are_never_markup(outcome: Outcome) -> None:
    pages = {p: p.read_text(encoding="utf-8") for p in outcome.site.rglob("*.html")}
    assert any("alert(&#34;name&#34;)" in text or "alert(&quot;name&quot;)" in text for text in pages.values()), "the name reached no page"
    for path, text in pages.items():
        for evil in ("<script>alert", "<img src=x", "<svg/onload", "</title><script", "<b>v2</b>", "<b>Bãi"):
            assert evil not in text, (path, evil)


def test_the_release_is_clean(outcome: Outcome) -> None:
    command = [sys.executable, "-m", "catalog_builder", "check", str(outcome.site), "--pixels", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert [f for f in json.loads(done.stdout)["findings"] if f["severity"] != "info" and not f["code"].startswith(("vn.", "stac."))] == []


def test_the_inventory_holds_no_formula(outcome: Outcome, tmp_path: Path) -> None:
    table = tmp_path / "inventory.csv"
    places = ["--archive", str(outcome.folder / "archive"), "--store", str(outcome.folder / "store"), "--csv", str(table)]
    command = [sys.executable, "-m", "catalog_builder", "scan", str(outcome.folder / "definition"), *places, "--jobs", "2"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "\x1b" not in done.stdout and "\u202e" not in done.stdout
    with table.open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert [c for c in cells if c.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    assert any("rf.tif" in c for c in cells) or any("rf" in c for c in cells)
