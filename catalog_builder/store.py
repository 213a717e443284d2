"""The store: finished scenes on disk and a journal of them.

``store/scenes/<id>/<key>/`` holds the products of one delivery made one way (the key is a hash of its sources, options and
software); a folder is finished when it has ``raster.json``. ``store/journal.ndjson`` gets one line per finished scene, so a
killed run loses nothing that was done and the next one starts where it stopped.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import orjson
from pydantic import TypeAdapter

from catalog_builder.definition.model import Access
from catalog_builder.files import StoredFile, json_bytes, read_json, write_bytes
from catalog_builder.findings import Finding
from catalog_builder.raster.model import Raster

RASTER_FILE = "raster.json"
_RASTER = TypeAdapter(Raster)


@dataclass(frozen=True, slots=True)
class Record:
    """One scene of the store: which inputs it was made from and what came out. Paths are relative to the store."""

    id: str
    pixel_key: str
    item_key: str
    collection: str
    access: Access
    item: str  # path of the item JSON
    start: str | None  # RFC 3339; None for a draft
    draft: bool
    title: str
    files: tuple[tuple[str, int, str], ...]  # path, size, checksum of assets
    findings: tuple[Finding, ...]

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"access": self.access.value, "findings": [f.to_json() for f in self.findings]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Record:
        fields = dict(data)
        fields["access"] = Access(fields["access"])
        fields["files"] = tuple((p, s, c) for p, s, c in fields["files"])
        fields["findings"] = tuple(Finding.from_json(f) for f in fields["findings"])
        return cls(**fields)


class Store:
    """The store in ``folder``; created when it is not there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journal = folder / "journal.ndjson"
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def lock(self) -> Path:
        return self.folder / "lock.json"

    @property
    def work(self) -> Path:
        """Where containers of the archive are unpacked."""
        return self.folder / "work"

    def scene_folder(self, scene_id: str, pixel_key: str) -> Path:
        return self.folder / "scenes" / scene_id / pixel_key

    def records(self) -> dict[str, Record]:
        """The last record of every scene. A line that a kill tore in half is passed over: its scene is made again."""
        out: dict[str, Record] = {}
        if self.journal.is_file():
            for line in self.journal.read_bytes().splitlines():
                try:
                    record = Record.from_json(orjson.loads(line))
                except orjson.JSONDecodeError:
                    continue
                out[record.id] = record
        return out

    def append(self, record: Record) -> None:
        """Remember a finished scene; on disk before this returns. A torn line of an earlier run is closed first."""
        line = orjson.dumps(record.to_json()) + b"\n"
        with self.journal.open("ab+") as stream:
            size = stream.seek(0, os.SEEK_END)
            if size:
                stream.seek(size - 1)
                if stream.read(1) != b"\n":
                    line = b"\n" + line
            stream.write(line)
            stream.flush()
            os.fsync(stream.fileno())

    def compact(self, records: Iterable[Record]) -> None:
        """Rewrite the journal with these records alone and remove scene folders that none of them uses."""
        kept = sorted(records, key=lambda r: r.id)
        lines = b"".join(orjson.dumps(r.to_json()) + b"\n" for r in kept)
        if not self.journal.is_file() or self.journal.read_bytes() != lines:
            write_bytes(self.journal, lines)
        used = {(r.id, r.pixel_key) for r in kept}
        scenes = self.folder / "scenes"
        for scene in sorted(scenes.iterdir()) if scenes.is_dir() else []:
            for made in sorted(scene.iterdir()):
                if (scene.name, made.name) not in used:
                    shutil.rmtree(made)
            if not any(scene.iterdir()):
                scene.rmdir()

    def last_inputs(self) -> str | None:
        """The hash of the inputs of the last release, to see that nothing has changed."""
        path = self.folder / "release-inputs.json"
        return str(read_json(path)["inputs"]) if path.is_file() else None

    def remember_inputs(self, inputs: str) -> None:
        write_bytes(self.folder / "release-inputs.json", json_bytes({"inputs": inputs}))


def save_raster(raster: Raster, folder: Path) -> None:
    """Write ``raster.json``, which also marks the folder as finished; paths in it are relative to ``folder``."""
    text = _RASTER.dump_json(raster).replace(_quoted(folder) + b"/", b'"')
    write_bytes(folder / RASTER_FILE, text)


def load_raster(folder: Path) -> Raster | None:
    """What :func:`save_raster` wrote, or None when the folder is not finished."""
    path = folder / RASTER_FILE
    if not path.is_file():
        return None
    return _absolute(_RASTER.validate_json(path.read_bytes()), folder)


def _quoted(folder: Path) -> bytes:
    return orjson.dumps(str(folder))[:-1]


def _absolute(raster: Raster, folder: Path) -> Raster:
    def here(file: StoredFile | None) -> StoredFile | None:
        return None if file is None else replace(file, path=folder / file.path)

    products = tuple(replace(p, cog=replace(p.cog, path=folder / p.cog.path)) for p in raster.products)
    sidecars = tuple((replace(f, path=folder / f.path), role, name) for f, role, name in raster.sidecars)
    return replace(
        raster,
        products=products,
        sidecars=sidecars,
        visual=here(raster.visual),
        thumbnail=here(raster.thumbnail),
        preview=here(raster.preview),
    )
