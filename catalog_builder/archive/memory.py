"""What scans learned of files that have not changed since, so that a scan costs what changed and not what exists.

A small SQLite file in the work area. It belongs to one state of the program and its registers: another one starts with nothing.
Losing the file loses only time.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import suppress
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import TracebackType

from catalog_builder.remembering import sealed, unsealed
from catalog_builder.resources import PACKAGE, data_dir

FILE_NAME = "memory.sqlite"
LOCK_SECONDS = 10.0
"""How long to wait for another scan that is writing."""


class About(StrEnum):
    """What is remembered: how a scene was read, which scenes a folder holds, what the bytes of one file say."""

    SCENE = "scene"
    FOLDER = "folder"
    FILE = "file"


class Memory:
    """What is remembered below ``work``, by kind and key; a context manager. What cannot be remembered is only learned again."""

    def __init__(self, work: Path) -> None:
        work.mkdir(parents=True, exist_ok=True)
        self._path = work / FILE_NAME
        self._connection = self._open()
        self._used: set[tuple[str, str]] = set()

    def __enter__(self) -> Memory:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._connection.close()

    def get(self, kind: About, key: str) -> bytes | None:
        """What is known under ``key``, if anything."""
        self._used.add((kind.value, key))
        with suppress(sqlite3.DatabaseError):
            row = self._connection.execute("SELECT value FROM known WHERE kind = ? AND key = ?", (kind.value, key)).fetchone()
            return None if row is None else _whole(row[0])
        return None

    def all(self, kind: About) -> dict[str, bytes]:
        """Everything of ``kind``. Whoever uses it says which of it was of use: :meth:`keep`."""
        with suppress(sqlite3.DatabaseError):
            rows = self._connection.execute("SELECT key, value FROM known WHERE kind = ?", (kind.value,))
            return {key: value for key, told in rows if (value := _whole(told)) is not None}
        return {}

    def put(self, kind: About, values: Mapping[str, bytes]) -> None:
        """Remember ``values``, if that is possible: another scan may hold the file, or the disk be full."""
        if values:
            with suppress(sqlite3.DatabaseError):
                rows = ((kind.value, key, sealed(value)) for key, value in values.items())
                self._in_one_step("INSERT OR REPLACE INTO known VALUES (?, ?, ?)", rows)

    def keep(self, kind: About, keys: Iterable[str]) -> None:
        """:meth:`forget_unused` spares ``keys``."""
        self._used.update((kind.value, key) for key in keys)

    def forget_unused(self) -> None:
        """Drop what this scan had no use for."""
        with suppress(sqlite3.DatabaseError):  # left for the next time
            known = set(self._connection.execute("SELECT kind, key FROM known"))
            self._in_one_step("DELETE FROM known WHERE kind = ? AND key = ?", known - self._used)

    def _in_one_step(self, statement: str, rows: Iterable[tuple[str, ...] | tuple[str, str, bytes]]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._connection.executemany(statement, rows)
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def _open(self) -> sqlite3.Connection:
        try:
            return _connect(str(self._path))
        except sqlite3.OperationalError:  # held by another scan, or not to be written: this one remembers nothing
            return _connect(":memory:")
        except sqlite3.DatabaseError:  # damaged: it holds nothing that cannot be learned again
            self._path.unlink()
            return _connect(str(self._path))


def _whole(told: object) -> bytes | None:
    """The value that was put; None where the disk has changed it, of which SQLite sees only what breaks its own order."""
    value = unsealed(told) if isinstance(told, bytes) else None
    return None if value is None else bytes(value)


def _connect(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=LOCK_SECONDS, isolation_level=None)  # each statement is its own short transaction
    try:
        connection.execute("PRAGMA synchronous = OFF")  # a killed process loses nothing; after a power cut it may all be learned again
        _start(connection)
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def _start(connection: sqlite3.Connection) -> None:
    """Make the tables, and empty them when they are of another program: what that one knew may be wrong for this one."""
    connection.execute("CREATE TABLE IF NOT EXISTS program (sum TEXT)")
    connection.execute("CREATE TABLE IF NOT EXISTS known (kind TEXT, key TEXT, value BLOB, PRIMARY KEY (kind, key)) WITHOUT ROWID")
    connection.execute("SELECT count(*) FROM known").fetchone()
    if connection.execute("SELECT sum FROM program").fetchall() != [(program(),)]:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DELETE FROM known")
        connection.execute("DELETE FROM program")
        connection.execute("INSERT INTO program VALUES (?)", (program(),))
        connection.execute("COMMIT")


@cache
def program() -> str:
    """A checksum of what decides how files are found and read: the source of the package and its registers."""
    sources = [*PACKAGE.glob("*.py"), *PACKAGE.glob("archive/**/*.py"), *PACKAGE.glob("crs/*.py"), *data_dir().glob("*.*")]
    digest = hashlib.sha256()
    for path in sorted(sources):
        digest.update(hashlib.sha256(path.read_bytes()).digest() + path.name.encode())
    return digest.hexdigest()
