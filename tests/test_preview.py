"""The preview server: byte ranges as COG readers ask for them, and nothing outside the release."""

from __future__ import annotations

import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import rasterio

from catalog_builder.errors import EnvironmentProblem
from catalog_builder.preview import make_server
from tests.serving import serving


@pytest.fixture(scope="module")
def address(release: Path) -> Iterator[str]:
    with serving(make_server(release, "127.0.0.1", 0)) as address:
        yield address.rstrip("/")


def get(url: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
            return answer.status, answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), dict(error.headers)


def test_ranges(address: str, release: Path) -> None:
    whole = (release / "catalog.json").read_bytes()
    assert get(f"{address}/catalog.json")[:2] == (200, whole)
    assert get(f"{address}/catalog.json", Range="bytes=0-15")[:2] == (206, whole[:16])
    assert get(f"{address}/catalog.json", Range="bytes=-10")[:2] == (206, whole[-10:])
    assert get(f"{address}/catalog.json", Range=f"bytes={len(whole) - 4}-")[:2] == (206, whole[-4:])
    assert get(f"{address}/catalog.json", Range=f"bytes={len(whole) + 1}-")[0] == 416
    assert get(f"{address}/catalog.json", Range="bytes=a-b")[:2] == (200, whole)


def test_types_and_safety(address: str) -> None:
    status, _, headers = get(f"{address}/items.parquet", Range="bytes=0-3")
    assert status == 206 and headers["Content-Type"] == "application/vnd.apache.parquet"
    assert get(f"{address}/../../../../../../etc/passwd")[0] == 404
    assert get(f"{address}/index.html")[2]["X-Content-Type-Options"] == "nosniff"


def test_gdal_reads_a_cog_over_the_server(address: str, release: Path) -> None:
    """In a process of its own: GDAL holds the interpreter while it waits for the server that runs in this one."""
    path = next(release.rglob("HaLong_20210605/image.tif")).relative_to(release).as_posix()
    code = "import rasterio, sys\nwith rasterio.open(sys.argv[1]) as d: print(d.checksum(1))"
    done = subprocess.run(
        [sys.executable, "-c", code, f"/vsicurl/{address}/{path}"], capture_output=True, text=True, check=True, timeout=60
    )
    with rasterio.open(release / path) as local:
        assert int(done.stdout) == local.checksum(1)


def test_a_folder_without_a_release_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem) as caught:
        make_server(tmp_path, "127.0.0.1", 0)
    assert caught.value.findings[0].code == "serve.no-release"


def test_an_address_that_cannot_be_used_is_said_with_what_to_do(release: Path) -> None:
    with make_server(release, "127.0.0.1", 0) as server, pytest.raises(EnvironmentProblem) as caught:
        make_server(release, "127.0.0.1", server.server_port)
    assert caught.value.findings[0].code == "serve.no-address" and "--port" in caught.value.findings[0].hint("vi")
