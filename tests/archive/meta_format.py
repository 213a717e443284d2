"""A small real format for tests of the scan: ``<scene>.meta`` text files naming their raster, and ways for its reader to go wrong."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from catalog_builder.archive.delivery import ArchiveFile, Band, FileRole, Folder, RasterSource, Reading, SceneFiles
from catalog_builder.archive.findings import METADATA_UNREADABLE
from catalog_builder.archive.keyvalue import parse_keyvalues
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.facts import Field
from catalog_builder.times import parse_iso


@dataclass(frozen=True)
class MetaFormat:
    """Claims ``x.meta`` and the file its ``raster`` key names; ``trouble`` makes its reader misbehave."""

    name: str = "meta"

    def find(self, folder: Folder) -> Iterable[SceneFiles]:
        for file in folder.files:
            if file.suffix == ".meta":
                values = parse_keyvalues(file)
                if values.text("trouble") == "find":
                    raise KeyError("lost in find")
                if values.text("trouble") == "find-crash":
                    ctypes.string_at(0)
                raster = folder.resolve(values.text("raster") or "")
                files = [(file, FileRole.METADATA)] + ([(raster, FileRole.RASTER)] if raster else [])
                yield SceneFiles(self.name, file, folder, tuple(files))

    def read(self, scene: SceneFiles) -> Reading:
        values = parse_keyvalues(scene.key)
        self._misbehave(values.text("trouble"), scene.key)
        day = values.text("date")
        claims = [
            values.claim(Field.ACQUIRED, parse_iso(day) if day else None, "date"),
            values.claim(Field.SCENE_NAME, values.text("name"), "name"),
            values.claim(Field.PLATFORM, values.text("platform"), "platform"),
            values.claim(Field.CLOUD_COVER, values.number("cloud"), "cloud"),
            values.claim(Field.CLOUD_COVER, values.number("cloud2"), "cloud2"),
        ]
        bands = tuple(Band(n) for n in (values.text("bands") or "").split(",") if n)
        rasters = tuple(RasterSource("image", (f,), bands=bands) for f in scene.with_role(FileRole.RASTER))
        return Reading(tuple(c for c in claims if c is not None), rasters)

    @staticmethod
    def _misbehave(trouble: str | None, file: ArchiveFile) -> None:
        if trouble == "unreadable":
            raise UnreadableDelivery(METADATA_UNREADABLE(file.name, problem="on purpose"))
        if trouble == "raise":
            raise RuntimeError(f"cannot read {file.path}")
        if trouble == "crash":
            ctypes.string_at(0)
        if trouble == "hang":
            time.sleep(600)
        if trouble == "memory":
            bytearray(64 << 30)
        if trouble == "exit":
            os._exit(7)


@dataclass(frozen=True)
class AnyTiff:
    """Takes every ``.tif`` that is left, as the generic format does."""

    name: str = "any-tiff"

    def find(self, folder: Folder) -> Iterable[SceneFiles]:
        for file in folder.files:
            if file.suffix == ".tif":
                yield SceneFiles(self.name, file, folder, ((file, FileRole.RASTER),))

    def read(self, scene: SceneFiles) -> Reading:
        return Reading((), (RasterSource("image", (scene.key,)),))


def write_scene(folder: Path, stem: str, raster: bytes | None = b"pixels", /, **values: str) -> Path:
    """Write ``<stem>.meta`` with ``values`` and, unless it is None, its raster."""
    folder.mkdir(parents=True, exist_ok=True)
    if raster is not None:
        (folder / f"{stem}.tif").write_bytes(raster)
        values = {"raster": f"{stem}.tif", **values}
    path = folder / f"{stem}.meta"
    path.write_text("".join(f"{k} = {v}\n" for k, v in values.items()))
    return path
