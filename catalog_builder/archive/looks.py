"""What was seen in the bytes of single files, so that a file which has not changed is not opened again: a share of ten thousand files
costs ten thousand round trips otherwise."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from catalog_builder.archive.delivery import ArchiveFile


class Looks:
    """Answers of earlier looks at files. A file with another place, size, modification time or inode is another file."""

    def __init__(self, known: Mapping[str, bytes] | None = None) -> None:
        self._known = known or {}
        self.new: dict[str, bytes] = {}
        self.used: set[str] = set()

    def see(self, question: str, file: ArchiveFile, look: Callable[[ArchiveFile], str]) -> str:
        """What ``look`` says of ``file``, or said when it was asked the same ``question`` before. An exception is no answer."""
        state = f"{question}\0{file.path}\0{file.size}\0{file.mtime_ns}\0{file.inode}".encode("utf-8", "surrogateescape")
        key = hashlib.blake2b(state, digest_size=16).hexdigest()
        self.used.add(key)
        answer = self._known.get(key) or self.new.get(key)
        if answer is None:
            answer = self.new[key] = look(file).encode() or b"-"
        return "" if answer == b"-" else answer.decode()
