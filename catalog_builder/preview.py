"""A small local web server with byte ranges, for looking at a release; any real web server does the same job in public."""

from __future__ import annotations

import mimetypes
import re
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO

from catalog_builder.errors import EnvironmentProblem
from catalog_builder.findings import FindingType, Severity
from catalog_builder.i18n import N_

NO_RELEASE = FindingType(
    "serve.no-release",
    Severity.ERROR,
    N_("There is no release in {path}."),
    N_("Build one first: catalog-builder build DEFINITION"),
)
NO_ADDRESS = FindingType(
    "serve.no-address",
    Severity.ERROR,
    N_("The address {host}, port {port}, cannot be used: {problem}."),
    N_("Another program may use the port: choose another one with --port, or 0 for a free one; --host is an address of this machine."),
)

TYPES = {
    ".json": "application/json",
    ".geojson": "application/geo+json",
    ".parquet": "application/vnd.apache.parquet",
    ".tif": "image/tiff",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".svg": "image/svg+xml",
    ".js": "text/javascript",
}


class RangeHandler(SimpleHTTPRequestHandler):
    """Static files with single byte ranges (RFC 9110, 14.2), as COG readers ask for them."""

    extensions_map = {**mimetypes.types_map, **TYPES, "": "application/octet-stream"}  # noqa: RUF012

    def send_head(self) -> BinaryIO | None:
        wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        path = Path(self.translate_path(self.path))
        if wanted is None or not path.is_file() or wanted.groups() == ("", ""):
            return super().send_head()
        size = path.stat().st_size
        first, last = _range(wanted.group(1), wanted.group(2), size)
        if first >= size or first > last:
            self.send_response(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
            self.send_header("Content-Range", f"bytes */{size}")
            self.end_headers()
            return None
        self.send_response(HTTPStatus.PARTIAL_CONTENT)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
        self.send_header("Content-Length", str(last - first + 1))
        self.end_headers()
        if self.command != "HEAD":
            with path.open("rb") as stream:
                stream.seek(first)
                self._copy(stream, last - first + 1)
        return None

    def _copy(self, stream: BinaryIO, left: int) -> None:
        while left > 0 and (block := stream.read(min(left, 1 << 16))):
            self.wfile.write(block)
            left -= len(block)

    def end_headers(self) -> None:
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Cache-Control", "no-cache")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: a preview prints its address and nothing else."""


def make_server(root: Path, host: str, port: int) -> ThreadingHTTPServer:
    """A server of the release in ``root``; port 0 takes a free one.

    Raises:
        EnvironmentProblem: ``root`` holds no release, or the address is taken, forbidden or not of this machine.
    """
    if not (root / "release.json").is_file():
        raise EnvironmentProblem(NO_RELEASE(str(root), path=str(root)))
    try:
        return ThreadingHTTPServer((host, port), partial(RangeHandler, directory=str(root)))
    except OSError as error:
        raise EnvironmentProblem(NO_ADDRESS("serve", host=host, port=port, problem=error.strerror or str(error))) from error


def _range(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:
        return max(0, size - int(last)), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1
