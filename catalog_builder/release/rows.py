"""The rows of ``items.parquet``, remembered per partition, so that a new item costs the rows of its month and not of all items.

A file of rows in the store is named by a hash over what it was made of: the items' places and checksums, and the program. So it is
never out of date, only unused, and losing it loses only time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pyarrow as pa

from catalog_builder.files import write_bytes
from catalog_builder.release import links
from catalog_builder.release.model import PlacedItem
from catalog_builder.remembering import sealed, unsealed
from catalog_builder.stac.rows import Part, part_of, rows_of

SUFFIX = ".arrow"

TOGETHER = 500
"""Items whose rows are remembered together, if their partition lets them be: few enough to make them again for one new item in a
tenth of a second, enough that a sparse archive is not ten thousand files."""

HELD = 100_000_000
"""Bytes of rows that are held between the file of a collection and that of the catalogue; the rest is read twice."""


@dataclass(frozen=True, slots=True)
class PartitionRows:
    """Rows of one partition, with hrefs as seen from the folder of its collection. ``key`` sums up what they are made of; ``part``
    gives them and raises a ValueError when an item has no geometry."""

    key: str
    collection: str
    part: Callable[[], Part]

    def seen_from_root(self) -> PartitionRows:
        """The same rows with hrefs as seen from the root of the release."""
        return replace(self, part=lambda: replace(self.part(), folder=self.collection))


class Rows:
    """Rows in the folder ``folder``; without one they are held in memory."""

    def __init__(self, folder: Path | None, context: str) -> None:
        self._folder = folder
        self._context = context
        self._used: set[str] = set()
        self._parts: dict[str, Part] = {}
        self._held = 0

    def of(self, items: Sequence[PlacedItem], collection: str) -> PartitionRows:
        """The rows of ``items``, all of one partition of ``collection``; made when they are needed."""
        told = [self._context, *(f"{i.path} {i.json_checksum}" for i in items)]
        key = hashlib.sha256("\n".join(told).encode()).hexdigest()[:32]
        self._used.add(key + SUFFIX)
        return PartitionRows(key, collection, partial(self._part, key, items, collection))

    def _part(self, key: str, items: Sequence[PlacedItem], collection: str) -> Part:
        """The rows with this key. They are looked at once for the file of the collection and that of the catalogue."""
        if key not in self._parts:
            self._parts[key] = self._read_or_made(key, items, collection)
        return self._parts[key]

    def _read_or_made(self, key: str, items: Sequence[PlacedItem], collection: str) -> Part:
        if self._folder is None:
            return part_of(_made(items, collection))
        path = self._folder / (key + SUFFIX)
        rows = _read(path)
        if rows is None:
            rows = _made(items, collection)
            write_bytes(path, _packed(rows))
        if self._held + rows.nbytes > HELD:
            return part_of(rows, partial(_load, path))
        self._held += rows.nbytes
        return part_of(rows)

    def write(self) -> None:
        """Forget the rows that this release has not asked for."""
        for path in self._folder.glob(f"*{SUFFIX}") if self._folder is not None else ():
            if path.name not in self._used:
                path.unlink()


def _made(items: Iterable[PlacedItem], collection: str) -> pa.RecordBatch:
    return rows_of(links.rebased(item.load(), item.path, collection) for item in items)


def _packed(rows: pa.RecordBatch) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, rows.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_batch(rows)
    data: bytes = sink.getvalue().to_pybytes()
    return sealed(data)


def _load(path: Path) -> pa.RecordBatch:
    """The rows in ``path``, and nothing but what was written there.

    Raises:
        ValueError: the bytes have changed, or are no rows.
    """
    packed = unsealed(path.read_bytes())
    if packed is None:
        raise ValueError(f"{path} is broken")
    try:
        rows = pa.ipc.open_file(pa.py_buffer(packed)).get_batch(0)
        rows.validate(full=True)  # whoever can write to the store must not lead native code astray
    except (OSError, IndexError, pa.ArrowException) as error:  # Arrow's words for a file that is none, and one without rows
        raise ValueError(f"{path} holds no rows") from error
    return rows


def _read(path: Path) -> pa.RecordBatch | None:
    """The rows in ``path``; None where there are none that can be used."""
    try:
        return _load(path)
    except (FileNotFoundError, ValueError):
        return None
