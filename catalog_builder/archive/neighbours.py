"""Which files beside a file can change what is read of it: those that share its name, as GDAL and the readers look for them.

Readers ask their scene for the files it claimed. Only opening a raster looks further, at what lies beside it on the disk, and always
for names made from the raster's own: ``x.tfw``, ``x.tif.aux.xml``, ``x_rpc.txt`` of ``x.tif``; ``RPC_x.XML`` of ``IMG_x_R1C1.TIF``
(Pléiades, SPOT); ``HDR-x.txt`` of ``IMG-01-x.tif`` (ALOS); ``x.rpc`` of ``x.1r.tif`` (EROS). So ten thousand rasters in one folder
do not concern each other. GDAL's rules: gcore/mdreader, GDALFindAssociatedFile, GDALLoadWorldFile.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator

from catalog_builder.archive.delivery import ArchiveFile, Folder

_TAG = re.compile(r"(?:img|dim|rpc|hdr|lut|ref)[-_](?:\d\d-)?")
"""What image, metadata and model of one product put before its name."""

_TILE = re.compile(r"_r\d+c\d+$")


class Neighbours:
    """Everything that lies in an archive by folder and name. ``others`` are archive names that are no files: links and the like."""

    def __init__(self, root: Folder, others: Iterable[str] = ()) -> None:
        found: dict[str, set[tuple[str, bytes]]] = defaultdict(set)
        for file in root.walk():
            name = file.path.name.lower()
            entry = _line(file)
            found[_parent(file.name)] |= {(name, entry), (_TAG.sub("", name, count=1), entry)} if _TAG.match(name) else {(name, entry)}
        for other in others:
            found[_parent(other)].add((other.rpartition("/")[2].lower(), f"{other}\0no file\n".encode()))
        self._entries = {folder: sorted(entries) for folder, entries in found.items()}

    def lines(self, files: Iterable[ArchiveFile]) -> list[bytes]:
        """What can change how ``files`` are read, themselves included: a line for each with place, size and modification time."""
        lines = set()
        for file in files:
            lines.add(_line(file))
            entries = self._entries.get(_parent(file.name), [])
            for beginning, endings in _sought(file.path.name.lower()):
                lines |= set(_starting(entries, beginning, endings))
        return sorted(lines)


def _sought(name: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Beginnings of the names that belong to a file called ``name``; with endings where only these do."""
    stem = name.rpartition(".")[0] or name
    yield stem, ()
    if _TAG.match(name):
        yield _TILE.sub("", _TAG.sub("", stem.removesuffix(".jp2"), count=1)), ()
    first = name.partition(".")[0]
    if first and first != stem:
        yield first, (".rpc", ".pass")


def _starting(entries: list[tuple[str, bytes]], beginning: str, endings: tuple[str, ...]) -> Iterator[bytes]:
    for i in range(bisect_left(entries, (beginning, b"")), len(entries)):
        name, line = entries[i]
        if not name.startswith(beginning):
            return
        rest = name[len(beginning) :]
        if rest in endings or (not endings and not rest[:1].isalnum()):
            yield line


def _parent(name: str) -> str:
    return name.rpartition("/")[0]


def _line(file: ArchiveFile) -> bytes:
    return f"{file.name}\0{file.path}\0{file.size}\0{file.mtime_ns}\n".encode("utf-8", "surrogateescape")
