"""Rasters that only help another raster: usability masks and quicklooks, recognised by the name of their image in their own."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from catalog_builder.archive.delivery import ArchiveFile, FileRole
from catalog_builder.archive.sidecars import NamesOf

BROWSE = re.compile(r"[-_.](?:browse|ql|quicklook|quick-look|preview|thumb(?:nail)?(?:_(?:small|large))?|icon|pvl)$", re.IGNORECASE)
MASK = re.compile(r"[-_.](?:udm2?|dn_udm|(?:ext|cloud|data|valid)?mask|clouds?)$", re.IGNORECASE)
PICTURES = frozenset({".jpg", ".jpeg", ".png", ".gif", ".webp"})

MIN_COMMON = 8
"""Letters that two names must share before one is taken for the image of the other although the names go on differently."""


@dataclass(frozen=True, slots=True)
class Helper:
    """``file`` is a mask or quicklook of the raster called ``owner``."""

    file: ArchiveFile
    role: FileRole
    owner: str


def helper_files(rasters: Sequence[ArchiveFile]) -> dict[str, tuple[Helper, ...]]:
    """The helpers of each raster that has any, by its archive name. A helper of a helper is a raster of its own."""
    images = [f for f in rasters if f.suffix not in PICTURES]
    names = NamesOf(images)
    by_stem = {f.stem.lower(): f for f in reversed(images)}
    found = {f.name: h for f in rasters if (h := _helper(f, by_stem, names)) is not None}
    owned: dict[str, list[Helper]] = defaultdict(list)
    for helper in found.values():
        if helper.owner not in found:
            owned[helper.owner].append(helper)
    return {owner: tuple(helpers) for owner, helpers in owned.items()}


def _helper(file: ArchiveFile, by_stem: dict[str, ArchiveFile], names: NamesOf) -> Helper | None:
    stem = file.stem.lower()
    for pattern, role in ((MASK, FileRole.MASK), (BROWSE, FileRole.BROWSE)):
        match = pattern.search(stem)
        owner = _owner(stem[: match.start()], by_stem, names, file) if match else None
        if owner is not None:
            return Helper(file, role, owner.name)
    twin = by_stem.get(stem)
    if file.suffix in PICTURES and twin is not None and not _has_world_file(file):
        return Helper(file, FileRole.BROWSE, twin.name)
    return None


def _owner(base: str, by_stem: dict[str, ArchiveFile], names: NamesOf, helper: ArchiveFile) -> ArchiveFile | None:
    if base in by_stem:
        return by_stem[base]
    if len(base) < MIN_COMMON:
        return None
    return next((f for _, f in names.starting_with(base) if f.name != helper.name), None)


def _has_world_file(file: ArchiveFile) -> bool:
    endings = (file.suffix[:2] + file.suffix[-1:] + "w", file.suffix + "w", ".wld")
    return any(file.path.with_suffix(e).is_file() or file.path.with_suffix(e.upper()).is_file() for e in endings)
