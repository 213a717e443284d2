"""The store: finished scenes on disk and a journal of them.

``store/scenes/<id>/<key>/`` holds the products of one delivery made one way (the key is a hash of its sources, options and
software). It is made under another name, by whoever makes it in a folder of his own, and gets its name when it is finished. Beside the
products stand the items made of them, each named by its own key, so that a line of the journal always speaks of the bytes it was
written for. ``store/journal.ndjson`` gets one line per finished scene, so a killed run loses nothing that was done and the next one
starts where it stopped.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import orjson
from pydantic import TypeAdapter

from catalog_builder.definition.model import Access
from catalog_builder.files import PART_SUFFIX, StoredFile, checksum_bytes, json_bytes, read_json, rename_folder, write_bytes
from catalog_builder.findings import Finding
from catalog_builder.raster.model import Raster

RASTER_FILE = "raster.json"
ABANDONED = f".*{PART_SUFFIX}.*"
"""Temporary files of :func:`catalog_builder.files.atomic_path`, which a killed run leaves."""

MAKING, DISCARDED = ".making", ".discarded"
"""How the names of folders end that are not finished yet, and not any more."""

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
    parts: tuple[tuple[str, str], ...] = ()  # name and hash of what the keys are made of
    checksum: str = ""  # of the item JSON

    def to_json(self) -> dict[str, Any]:
        out = {field.name: getattr(self, field.name) for field in fields(self)}
        return out | {"access": self.access.value, "findings": [f.brief() for f in self.findings]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Record:
        values = dict(data)
        values["access"] = Access(values["access"])
        values["files"] = tuple((p, s, c) for p, s, c in values["files"])
        values["findings"] = tuple(Finding.from_json(f) for f in values["findings"])
        values["parts"] = tuple((name, digest) for name, digest in values.get("parts", ()))
        return cls(**values)


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

    def item_path(self, scene_id: str, pixel_key: str, item_key: str) -> Path:
        return self.scene_folder(scene_id, pixel_key) / f"item-{item_key}.json"

    def records(self) -> dict[str, Record]:
        """The last record of every scene. Passed over, so that their scenes are looked at anew: a line that a kill tore in half, and a
        record of another version of this software, with other fields or with findings that this one could not explain.

        Raises:
            OSError: the journal is there and cannot be read.
        """
        last: dict[str, dict[str, Any]] = {}
        if self.journal.is_file():
            for line in self.journal.read_bytes().splitlines():
                try:
                    data = orjson.loads(line)
                except orjson.JSONDecodeError:
                    continue
                if isinstance(data, dict) and isinstance(data.get("id"), str):
                    last[data["id"]] = data
        return {name: record for name, data in last.items() if (record := _record(data)) is not None}

    def clear_abandoned(self) -> None:
        """Remove half-written notes of a run that was killed. Only for the owner of the lock."""
        for path in self.folder.glob(ABANDONED):
            path.unlink()

    @contextmanager
    def making(self, scene_id: str, pixel_key: str) -> Iterator[Path]:
        """A folder of one's own to make a scene in; it becomes the scene's folder when the block ends well, else it goes.

        Two may make the same scene at once, because a cluster gives the work of a machine that it no longer hears to another one. Each
        works in his own folder, and what the first has finished stays.

        Raises:
            OSError: the disk does not take it.
        """
        folder = self.scene_folder(scene_id, pixel_key)
        own = _beside(folder, MAKING)
        own.mkdir(parents=True)
        try:
            yield own
            try:
                rename_folder(own, folder)
            except OSError:
                if not (folder / RASTER_FILE).is_file():
                    raise
        finally:
            shutil.rmtree(own, ignore_errors=True)  # is gone already where all went well; else the next build clears it

    def clear_unfinished(self, scene_id: str, pixel_key: str) -> None:
        """Remove what a killed run left of a scene that it did not finish."""
        folder = self.scene_folder(scene_id, pixel_key)
        if folder.is_dir() and not (folder / RASTER_FILE).is_file():
            _remove(folder)
        if folder.parent.is_dir():
            for left in _folders(folder.parent):
                if left.name.endswith((MAKING, DISCARDED)):
                    _remove(Path(left.path))

    def discard(self, scene_id: str, pixel_key: str) -> None:
        """Remove a finished scene. It is gone in one step, so that a kill leaves nothing that looks finished and is not."""
        _remove(self.scene_folder(scene_id, pixel_key))

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
        """Rewrite the journal with these records alone and remove folders and items that none of them uses."""
        kept = {r.id: r for r in sorted(records, key=lambda r: r.id)}
        lines = b"".join(orjson.dumps(r.to_json()) + b"\n" for r in kept.values())
        if not self.journal.is_file() or self.journal.read_bytes() != lines:
            write_bytes(self.journal, lines)
        scenes = self.folder / "scenes"
        for scene in _folders(scenes) if scenes.is_dir() else ():
            _tidy_scene(scene.path, kept.get(scene.name))

    def settle(self, records: Mapping[str, Record], changed: Iterable[str]) -> None:
        """As :meth:`compact`, where no scene but ``changed`` ones can have left anything and none is gone. The journal keeps what was said
        of them before, until it has twice as many lines as it needs."""
        lines = self.journal.read_bytes().count(b"\n") if self.journal.is_file() else 0
        if lines > 2 * len(records):
            self.compact(records.values())
        for scene_id in changed:
            folder = self.folder / "scenes" / scene_id
            if folder.is_dir():
                _tidy_scene(folder, records.get(scene_id))

    def remembered(self, name: str) -> dict[str, Any]:
        """What :meth:`remember` kept under ``name``; empty when there is nothing, or not what was kept."""
        try:
            data = read_json(self._notes(name))
        except (FileNotFoundError, orjson.JSONDecodeError):
            return {}
        facts = data.get("facts") if isinstance(data, dict) else None
        return facts if isinstance(facts, dict) and data.get("checksum") == checksum_bytes(json_bytes(facts)) else {}

    def remember(self, name: str, facts: Mapping[str, Any]) -> None:
        """Keep a note that saves work and that nothing depends on."""
        kept = dict(facts)
        write_bytes(self._notes(name), json_bytes({"checksum": checksum_bytes(json_bytes(kept)), "facts": kept}))

    def forget(self, name: str) -> None:
        """Drop what :meth:`remember` kept under ``name``."""
        self._notes(name).unlink(missing_ok=True)

    def _notes(self, name: str) -> Path:
        return self.folder / f"{name}.json"


def _record(data: Mapping[str, Any]) -> Record | None:
    """The record that a line of the journal holds; None where another version of this software wrote what this one cannot read."""
    try:
        record = Record.from_json(data)
    except (AttributeError, LookupError, TypeError, ValueError):
        return None
    return record if all(f.is_known for f in record.findings) else None


def _folders(folder: Path | str) -> list[os.DirEntry[str]]:
    """The folders in ``folder``, without what desktops and file servers leave there. A Path for each would take longer than the look."""
    with os.scandir(folder) as listing:
        return [entry for entry in listing if entry.is_dir(follow_symlinks=False)]


def _beside(folder: Path, ending: str) -> Path:
    """A name beside ``folder`` that nobody else uses, on this machine or on another one."""
    return folder.with_name(f"{folder.name}.{secrets.token_hex(4)}{ending}")


def _remove(folder: Path) -> None:
    """Remove a folder in one step. A forgotten worker that still writes there does not find it any more, and cannot hold it."""
    aside = _beside(folder, DISCARDED)
    try:
        rename_folder(folder, aside)
    except FileNotFoundError:  # that worker has ended and cleared it away himself
        return
    shutil.rmtree(aside)


def _tidy_scene(folder: Path | str, record: Record | None) -> None:
    """Leave of a scene's ``folder`` what ``record`` uses; nothing without one."""
    left = False
    for made in _folders(folder):
        if record is None or made.name != record.pixel_key:
            _remove(Path(made.path))
        else:
            _tidy(made.path, Path(record.item).name)
            left = True
    if not left:
        _remove(Path(folder))


def _tidy(folder: str, item: str) -> None:
    """Leave of ``folder`` its products and ``item``."""
    with os.scandir(folder) as listing:
        entries = list(listing)
    for entry in entries:
        is_item = entry.name.startswith("item-") and entry.name.endswith(".json")
        if entry.name != item and (is_item or fnmatchcase(entry.name, ABANDONED)):
            Path(entry.path).unlink()


def save_raster(raster: Raster, folder: Path) -> None:
    """Write ``raster.json``, without which a folder is not finished; paths in it are relative to ``folder``.

    Raises:
        OSError: a file that it speaks of is not there, or the disk does not take it.
    """
    for file in raster.files():
        file.path.stat()
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
