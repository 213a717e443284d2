"""What was read of scenes whose files have not changed since: key → pickled :class:`Reading`.

The key covers the format, the scene's files and the files beside them that share their names, each with place, size and modification
time; the program and its registers are covered by the :class:`Memory`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from catalog_builder import remembering
from catalog_builder.archive.delivery import Folder, Reading, SceneFiles
from catalog_builder.archive.memory import About, Memory
from catalog_builder.archive.neighbours import Neighbours


class Readings:
    """The readings that ``memory`` holds."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def get(self, key: str) -> Reading | None:
        """What was read under ``key``, if anything."""
        known = self._memory.get(About.SCENE, key)
        reading = None if known is None else remembering.loads(known)
        return reading if isinstance(reading, Reading) else None

    def put(self, key: str, reading: Reading) -> None:
        """Remember ``reading``."""
        self._memory.put(About.SCENE, {key: remembering.dumps(reading)})


class Keys:
    """Keys of scenes, each over what can change that scene's reading and nothing else. ``others`` as for :class:`Neighbours`."""

    def __init__(self, root: Folder, others: Iterable[str] = ()) -> None:
        self._neighbours = Neighbours(root, others)

    def key(self, scene: SceneFiles) -> str:
        """Changes when the scene's files or a file beside one of them that shares its name does."""
        roles = sorted(f"{role.value} {file.name}" for file, role in scene.files)
        text = "\n".join((scene.format, scene.key.name, scene.folder.name, *roles, ""))
        digest = hashlib.sha256(text.encode("utf-8", "surrogateescape"))
        for line in self._neighbours.lines(f for f, _ in scene.files):
            digest.update(line)
        return digest.hexdigest()
