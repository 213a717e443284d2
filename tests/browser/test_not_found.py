"""The page for what is not there, as a host shows it: under the address that was asked, at any depth, on a mirror of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Handler
from tests.serving import serving
from tests.site import factories as make
from tests.stac import factories as stac

pytestmark = pytest.mark.browser

PREFIX = "kho"


class Host(Handler):
    """A server that answers with the page of the release where it has nothing."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        body = Path(self.directory, PREFIX, "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    root = tmp_path_factory.mktemp("mirror")
    release = make.release(root / PREFIX, [], stac.definition(public_address=f"https://anh.example.vn/{PREFIX}"))
    make.written(root / PREFIX, release)
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), partial(Host, directory=str(root)))) as address:
        yield address


@pytest.mark.parametrize("asked", ["gone", "spot/2019/06/gone/index.html"])
def test_it_is_styled_and_leads_back_without_asking_another_host(visit: Any, asked: str) -> None:
    with visit(java_script_enabled=False) as visited:
        page = visited.open(f"{PREFIX}/{asked}")
        assert page.locator("h1").inner_text() == "Không tìm thấy trang"
        assert "Be Vietnam Pro" in page.locator("h1").evaluate("it => getComputedStyle(it).fontFamily")
        assert visited.problems.pop(0) == f"404: {visited.base}{PREFIX}/{asked}"
        visited.problems[:] = [p for p in visited.problems if "status of 404" not in p]
        page.locator("main a").last.click()
        page.wait_for_url(f"{visited.base}{PREFIX}/en/search/index.html")
