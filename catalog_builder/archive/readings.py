"""What was read of scenes whose files have not changed since, so that a scan costs what changed and not what exists.

A small SQLite file in the work area: key → pickled :class:`Reading`. The key covers the program and its registers, the format, the
scene's files and the files beside them that share their names, each with place, size and modification time. Losing the file loses only
time.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import TracebackType

from catalog_builder import remembering
from catalog_builder.archive.delivery import Folder, Reading, SceneFiles
from catalog_builder.archive.neighbours import Neighbours
from catalog_builder.resources import PACKAGE, data_dir

FILE_NAME = "readings.sqlite"
LOCK_SECONDS = 10.0
"""How long to wait for another scan that is writing."""


class Readings:
    """The remembered readings below ``work``; a context manager."""

    def __init__(self, work: Path) -> None:
        work.mkdir(parents=True, exist_ok=True)
        self._path = work / FILE_NAME
        self._connection = self._open()
        self._used: set[str] = set()

    def __enter__(self) -> Readings:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._connection.close()

    def get(self, key: str) -> Reading | None:
        """What was read under ``key``, if anything."""
        self._used.add(key)
        with suppress(sqlite3.DatabaseError):  # what cannot be remembered is read again
            row = self._connection.execute("SELECT reading FROM readings WHERE key = ?", (key,)).fetchone()
            reading = None if row is None else remembering.loads(row[0])
            if isinstance(reading, Reading):
                return reading
        return None

    def put(self, key: str, reading: Reading) -> None:
        """Remember ``reading``, if that is possible: another scan may hold the file, or the disk be full."""
        with suppress(sqlite3.DatabaseError):
            self._connection.execute("INSERT OR REPLACE INTO readings VALUES (?, ?)", (key, remembering.dumps(reading)))

    def forget_unused(self) -> None:
        """Drop what this scan did not ask for."""
        with suppress(sqlite3.DatabaseError):  # left for the next time
            known = [key for (key,) in self._connection.execute("SELECT key FROM readings")]
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany("DELETE FROM readings WHERE key = ?", [(k,) for k in known if k not in self._used])
            self._connection.execute("COMMIT")

    def _open(self) -> sqlite3.Connection:
        try:
            return _connect(str(self._path))
        except sqlite3.OperationalError:  # held by another scan, or not to be written: this one remembers nothing
            return _connect(":memory:")
        except sqlite3.DatabaseError:  # damaged: it holds nothing that cannot be read again
            self._path.unlink()
            return _connect(str(self._path))


def _connect(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=LOCK_SECONDS, isolation_level=None)  # each statement is its own short transaction
    try:
        connection.execute("PRAGMA synchronous = OFF")  # a killed process loses nothing; after a power cut it may all be read again
        connection.execute("CREATE TABLE IF NOT EXISTS readings (key TEXT PRIMARY KEY, reading BLOB NOT NULL) WITHOUT ROWID")
        connection.execute("SELECT count(*) FROM readings").fetchone()
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


class Keys:
    """Keys of scenes, each over what can change that scene's reading and nothing else. ``others`` as for :class:`Neighbours`."""

    def __init__(self, root: Folder, others: Iterable[str] = ()) -> None:
        self._neighbours = Neighbours(root, others)

    def key(self, scene: SceneFiles) -> str:
        """Changes when the program, the scene's files or a file beside one of them that shares its name does."""
        roles = sorted(f"{role.value} {file.name}" for file, role in scene.files)
        text = "\n".join((program(), scene.format, scene.key.name, scene.folder.name, *roles, ""))
        return _sum([text.encode("utf-8", "surrogateescape"), *self._neighbours.lines(f for f, _ in scene.files)])


@cache
def program() -> str:
    """A checksum of what decides how files are read: the source of the package and its registers."""
    sources = [*PACKAGE.glob("*.py"), *PACKAGE.glob("archive/**/*.py"), *PACKAGE.glob("crs/*.py"), *data_dir().glob("*.*")]
    return _sum(hashlib.sha256(p.read_bytes()).digest() + p.name.encode() for p in sorted(sources))


def _sum(pieces: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()
