"""What a user runs today for one scene, command by command; the best single call of GDAL's COG driver; and the floor of the machine."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import rasterio
from rasterio.windows import Window

from catalog_builder.files import write_json
from catalog_builder.stac.schemas import SchemaStore
from scripts.benchmarks.measure import Cost, command

TOOLS = ("rio-cogeo==7.0.4", "rio-stac==0.12.0", "stactools==0.5.3", "stac-valid>=4.6")
TILE = 512

_PICTURE = """
import sys, rasterio
from rasterio.enums import Resampling
source, target, width = sys.argv[1], sys.argv[2], int(sys.argv[3])
with rasterio.open(source) as src:
    bands = list(src.indexes)[:3]
    data = src.read(bands, out_shape=(len(bands), width * src.height // src.width, width), resampling=Resampling.average)
top = max(int(data.max()), 1)
with rasterio.open(target, "w", driver="PNG", width=data.shape[2], height=data.shape[1], count=len(bands), dtype="uint8") as dst:
    dst.write((data.astype("float32") * 255 / top).astype("uint8"))
"""

_FINISH = """
import os, pystac, sys
from pystac.extensions.file import FileExtension
path, cog, digest = sys.argv[1:]
item = pystac.Item.from_file(path)
file = FileExtension.ext(item.assets["asset"], add_if_missing=True)
file.size, file.checksum = os.path.getsize(cog), "1220" + open(digest).read().split()[0]
for name, role in (("thumb.png", "thumbnail"), ("preview.png", "overview")):
    item.add_asset(role, pystac.Asset("./" + name, roles=[role], media_type="image/png"))
item.save_object(include_self_link=False, dest_href=path)
"""


class Assembled:
    """Nine ordinary commands."""

    def __init__(self, tools: Path, schemas: Path) -> None:
        """``schemas`` gets the official schemas of this machine, so that validating does not wait for the network."""
        self.bin = tools / "bin"
        self.maps = [text for url, path in _schemas(schemas) for text in ("-s", url, str(path))]

    def cost(self, source: Path, folder: Path) -> tuple[Cost, dict[str, Cost]]:
        """All nine on ``source``, one after the other, and each."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        parts = {name: command(arguments, may_fail=name == "stac-valid") for name, arguments in self._commands(source, folder)}
        return sum(parts.values(), Cost(0, 0)), parts

    def _commands(self, source: Path, folder: Path) -> Iterator[tuple[str, list[str | Path]]]:
        cog, item, digest, python = folder / "x.tif", folder / "x.json", folder / "x.sha256", self.bin / "python"
        yield "rio cogeo create", [self.bin / "rio", "cogeo", "create", source, cog, "-q"]
        yield "rio cogeo validate", [self.bin / "rio", "cogeo", "validate", cog]
        yield "rio stac", [self.bin / "rio", "stac", cog, "-d", "2020-01-01", "-o", item]
        for name, width in (("preview", 1024), ("thumb", 256)):
            gdal = shutil.which("gdal_translate")
            target = folder / f"{name}.png"
            scaled: list[str | Path] = ["-q", "-of", "PNG", "-ot", "Byte", "-scale", "-outsize", str(width), "0", cog, target]
            yield name, [gdal, *scaled] if gdal else [python, "-c", _PICTURE, cog, target, str(width)]
        yield "footprint (stactools)", [self.bin / "stac", "update-geometry", item]
        yield "sha256sum", ["sh", "-c", f"sha256sum {cog} > {digest}"]
        yield "pystac", [python, "-c", _FINISH, item, cog, digest]
        yield "stac-valid", [self.bin / "stac-valid", "validate", item, "--no_output", *self.maps]


def _schemas(folder: Path) -> Iterator[tuple[str, Path]]:
    store = SchemaStore.default()
    for number, url in enumerate(u for u in store.pinned() if store.has(u)):
        yield url, write_json(folder / f"{number}.json", store.documents()[url]).path


def install(folder: Path) -> Path:
    """The tools in an environment of their own, from the package index."""
    if not (folder / "bin/stac").is_file():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(folder / "bin/python"), "-m", "pip", "install", "--quiet", *TOOLS], check=True)
    return folder


_COG = """
import sys, rasterio, rasterio.shutil
with rasterio.Env(GDAL_NUM_THREADS="ALL_CPUS"):
    rasterio.shutil.copy(sys.argv[1], sys.argv[2], driver="COG", NUM_THREADS="ALL_CPUS", OVERVIEW_RESAMPLING="AVERAGE", BLOCKSIZE="512",
                         SPARSE_OK="YES", **dict(a.split("=") for a in sys.argv[3:]))
"""


def cog_driver(source: Path, target: Path, *options: str) -> Cost:
    """GDAL's COG driver, only the COG: the best options known."""
    target.unlink(missing_ok=True)
    return command([sys.executable, "-c", _COG, source, target, *options])


def floor(source: Path, target: Path, level: int | None = 1) -> None:
    """What no pipeline can avoid: read, encode 4/3 of the pixels on all cores, write, hash. ``level`` of zstd; None: deflate 1."""
    digest = hashlib.sha256()
    with rasterio.open(source) as src, target.open("wb") as out, ThreadPoolExecutor(2) as pool:
        tiles = 0
        for top in range(0, src.height, TILE):
            rows = src.read(window=Window(0, top, src.width, min(TILE, src.height - top))).transpose(1, 2, 0)
            pieces = [rows[:, left : left + TILE] for left in range(0, src.width, TILE)]
            tiles += len(pieces)
            extra = pieces[: (len(pieces) + 2) // 3]
            for data in pool.map(lambda piece: _encoded(piece, level), [*pieces, *extra]):
                out.write(data)
                digest.update(data)


def _encoded(piece: np.ndarray[Any, Any], level: int | None) -> bytes:
    prepared = np.diff(piece, axis=1, prepend=piece[:, :1] * 0)
    data = prepared.tobytes()
    return bytes(imagecodecs.deflate_encode(data, level=1) if level is None else imagecodecs.zstd_encode(data, level=level))


if __name__ == "__main__":
    floor(Path(sys.argv[1]), Path(sys.argv[2]), 1 if sys.argv[3] == "zstd" else None)
