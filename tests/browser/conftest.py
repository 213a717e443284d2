"""A real Chromium over a real static server on loopback; a request to any other host fails the test."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from catalog_builder.archive.findings import CONFLICT, METADATA_UNREADABLE, NO_DATE
from catalog_builder.definition.model import AreaOfInterest
from catalog_builder.definition.registers import AdminUnit
from catalog_builder.preview import RangeHandler
from catalog_builder.times import When
from tests.archives import write_definition, write_scene
from tests.checkers import lacking
from tests.serving import serving
from tests.site import factories as make
from tests.stac import factories as stac

LAUNCH = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""Flags that keep Chromium itself from calling home: tests fail on any request beyond the site, and only pages may cause one."""

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'"
)
"""The content security policy that the pages promise to satisfy."""


class Handler(SimpleHTTPRequestHandler):
    """A plain static server with the strict policy on every answer."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


class CompressingHandler(RangeHandler):
    """What catalog-builder serve does, and texts compressed on the way, as the web servers of agencies do."""

    TEXTS = (".html", ".css", ".js", ".json", ".svg", ".xml")

    def send_head(self) -> Any:
        path = Path(self.translate_path(self.path))
        asks = "gzip" in self.headers.get("Accept-Encoding", "") and "Range" not in self.headers
        if not asks or path.suffix not in self.TEXTS or not path.is_file():
            return super().send_head()
        data = gzip.compress(path.read_bytes(), mtime=0)
        self.send_response(HTTPStatus.OK)
        for name, value in (
            ("Content-Type", self.guess_type(str(path))),
            ("Content-Encoding", "gzip"),
            ("Content-Length", str(len(data))),
            ("Vary", "Accept-Encoding"),
        ):
            self.send_header(name, value)
        self.end_headers()
        return BytesIO(data)


@dataclass
class Visit:
    """A browser page with what went wrong while it was open."""

    page: Page
    base: str
    problems: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        self.page.goto(self.base + path)
        self.page.mouse.move(1, 1)  # somebody is there: the live map waits for that
        self.page.wait_for_load_state("networkidle")
        return self.page


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = shutil.which("chromium")
    if executable is None:
        lacking("chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=executable, args=LAUNCH)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release with every kind of page on disk."""
    root = tmp_path_factory.mktemp("release")
    uav = stac.collection_definition(id="uav", order=5, license="other", title={"vi": "Bình đồ ảnh UAV", "en": "UAV orthophotos"})
    definition = stac.definition(collections=(stac.collection_definition(), uav), **made_up_places(tmp_path_factory.mktemp("definition")))
    start = datetime(2016, 1, 20, 3, 12, tzinfo=UTC)
    scenes = [
        make.scene(
            root,
            f"spot7-{n:02d}",
            "spot",
            definition,
            box=(106.5 + n % 7 * 0.2, 20.5 + n % 5 * 0.15, 107.0 + n % 7 * 0.2, 20.9 + n % 5 * 0.15),
            when=When.instant(start + timedelta(days=n // 52 * 1 + (n % 52) * 61)),
            scene_name=f"DS_SPOT7_{n:03d}_201906050312345_FR1_FR1_SV1",
            instruments=("naomi",) if n % 2 else ("naomi", "pan"),
        )
        for n in range(52)
    ]
    scenes += [make.scene(root, f"frame-{n:02d}", "spot", definition, when=When.month(2018, 4)) for n in range(50)]
    uav_box = (107.05, 20.94, 107.08, 20.97)
    scenes.append(make.scene(root, "uav-1", "uav", definition, uav_box, When.year(2021), scene_name="Phường Hồng Gai", platform=None))
    findings = (
        NO_DATE("2003/CD-14/anh_quet_017.tif"),
        METADATA_UNREADABLE("2011/LT5/" + "rat_dai_" * 12 + "MTL.txt", problem="<b>không phải</b> tệp MTL"),
        CONFLICT("spot7-01", field="cloud_cover", kept=4.1, kept_source="DIM.XML#/x", other=9, other_source="a.txt"),
    )
    draft = {"id": "anh_quet_017", "properties": {"title": "Ảnh quét 017", "platform": "film"}}
    make.written(root, make.release(root, scenes, definition, findings, (draft,)))
    return root


def made_up_places(folder: Path) -> dict[str, Any]:
    """A register of two areas, one within the other, and their outlines: shapes that nobody could take for real boundaries."""
    rings = {
        "VD-1": [[106.6, 20.6], [107.4, 20.6], [107.7, 20.9], [107.4, 21.2], [106.6, 21.2], [106.3, 20.9], [106.6, 20.6]],
        "VD-1-A": [[106.9, 20.8], [107.2, 20.8], [107.05, 21.05], [106.9, 20.8]],
    }
    features = [
        {"type": "Feature", "properties": {"code": code}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for code, ring in rings.items()
    ]
    (folder / "example.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    names = {"VD-1": ("Khu vực ví dụ", "Example area", ""), "VD-1-A": ("Phần của khu vực ví dụ", "Part of the example area", "VD-1")}
    units = tuple(
        AdminUnit(code=code, level="area", name_vi=vi, name_en=en, parent=parent, source="test", verified="unverified")
        for code, (vi, en, parent) in names.items()
    )
    return {"admin_units": units, "area": AreaOfInterest(boundaries=Path("example.geojson")), "folder": folder}


@dataclass(frozen=True)
class Published:
    """A real release that is served under the very address that it names as its own."""

    site: Path
    address: str


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    """A real build: COGs, previews of full size, places, two dates of one place; served with byte ranges."""
    folder = tmp_path_factory.mktemp("published") / "definition"
    handler = partial(CompressingHandler, directory=str(folder / "site"))
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), handler)) as address:
        write_definition(folder, extra=f'public_address = "{address}"\nhost = "agency"\n[area]\nboundaries = "example.geojson"')
        units = made_up_places(folder)["admin_units"]
        rows = "".join(f"{u.code},{u.level},{u.name_vi},{u.name_en},{u.parent},test,unverified\n" for u in units)
        agency = "agency,Sở thử nghiệm,Test agency,host,test,verified\n"
        (folder / "registers").mkdir()
        (folder / "registers" / "admin_units.csv").write_text(f"code,level,name_vi,name_en,parent,source,verified\n{rows}")
        (folder / "registers" / "agencies.csv").write_text(f"code,name_vi,name_en,role,source,verified\n{agency}")
        write_scene(folder / "archive/HaLong_20210605.tif", seed=1, size=1500, bands=4)
        write_scene(folder / "archive/HaLong_20220607.tif", seed=2, size=1400, bands=4)
        write_scene(folder / "archive/VanDon_20230608.tif", seed=3, crs="EPSG:5899", corner=(460_000.0, 2_330_000.0), size=1200)
        command = [sys.executable, "-m", "catalog_builder", "build", str(folder), "--jobs", "2", "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        yield Published(folder / "site", address)


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """The site on loopback under a prefix-free root."""
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(site)))) as address:
        yield address


Visitor = Callable[..., Any]


@pytest.fixture
def visit(browser: Browser, address: str) -> Visitor:
    """Opens a page in a context of its own; on leaving, nothing may have gone wrong and nothing may have been asked elsewhere."""

    @contextmanager
    def visiting(base: str = address, **options: Any) -> Iterator[Visit]:
        context: BrowserContext = browser.new_context(**options)
        visited = Visit(context.new_page(), base)
        allowed = (address, base, "file://", "data:")

        def check(url: str) -> None:
            if not url.startswith(allowed):
                visited.problems.append(f"asked another host: {url}")

        context.on("request", lambda request: check(request.url))
        # leaving a page aborts what it was still loading
        context.on("requestfailed", lambda r: visited.problems.append(f"failed: {r.url}") if r.failure != "net::ERR_ABORTED" else None)
        context.on("response", lambda r: visited.problems.append(f"{r.status}: {r.url}") if r.status >= 400 else None)
        # what the software renderer of this machine says about its own speed is no fault of a page
        faults = ("error", "warning")
        heard = lambda m: m.type in faults and not m.text.startswith("[.WebGL-")  # noqa: E731
        visited.page.on("console", lambda message: visited.problems.append(message.text) if heard(message) else None)
        visited.page.on("pageerror", lambda error: visited.problems.append(str(error)))
        yield visited
        context.close()
        assert visited.problems == []

    return visiting
