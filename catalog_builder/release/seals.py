"""Which pages of the served release would come out the same if they were made again.

For each page a seal: a short hash over what it shows and over the bytes that came of it. Only seals are remembered, one file per
audience in the store, so that file can make the next release keep a page or make it, and nothing else. A page is kept when the
served file of its name, in the size and checksum that the manifest states, together with today's key gives a seal that is
remembered. Losing the file loses only time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from catalog_builder.files import StoredFile, write_bytes
from catalog_builder.release.model import Page, PromisedPage
from catalog_builder.release.write import ReleaseWriter

LENGTH = 16
"""Bytes of a seal: two pages share one by chance with a probability of 2**-128."""


class Seals:
    """The seals of the served release, and those of the release that is being written."""

    def __init__(self, path: Path | None, context: str, old: Iterable[bytes] = ()) -> None:
        """``context`` sums up everything that all pages depend on; under another one no seal fits."""
        self._path = path
        self._context = hashlib.sha256(context.encode()).digest()
        self._old = frozenset(old)
        self._new: set[bytes] = set()
        self._fitting: dict[str, bytes] = {}  # seals by path, between is_due and put

    @classmethod
    def read(cls, path: Path, context: str) -> Seals:
        """The seals in the file ``path``; none where there is no such file."""
        data = path.read_bytes() if path.is_file() else b""
        return cls(path, context, (data[i : i + LENGTH] for i in range(0, len(data), LENGTH)))

    def put(self, page: Page | PromisedPage, writer: ReleaseWriter) -> StoredFile:
        """Add ``page`` to the release; a promised one is made only when the served file of its name may be another."""
        if isinstance(page, Page):
            return writer.put(page.path, page.data)
        served = writer.served(page.path)
        if served is not None:
            seal = self._fitting.pop(page.path, None) or self._seal(page, *served)
            if seal in self._old and writer.keep(page.path, *served):
                self._new.add(seal)
                return StoredFile(writer.path(page.path), *served)
        file = writer.put(page.path, page.data)
        self._new.add(self._seal(page, file.size, file.checksum))
        return file

    def is_due(self, page: PromisedPage, writer: ReleaseWriter) -> bool:
        """Whether :meth:`put` would have ``page`` made, as far as can be told without a look at the served file."""
        served = writer.served(page.path)
        if served is None or (seal := self._seal(page, *served)) not in self._old:
            return True
        self._fitting[page.path] = seal
        return False

    def write(self) -> None:
        """Remember the seals of the new release instead of the old ones."""
        if self._path is not None and self._new != self._old:
            write_bytes(self._path, b"".join(sorted(self._new)))

    def _seal(self, page: PromisedPage, size: int, checksum: str) -> bytes:
        told = f"{page.path}\0{page.key}\0{size}\0{checksum}".encode()
        return hashlib.blake2b(told, digest_size=LENGTH, key=self._context).digest()
