"""Vendor files that travel with the products: metadata, RPC, georeference and browse images, copied unchanged."""

from __future__ import annotations

import shutil
from pathlib import Path

from catalog_builder.archive.delivery import ArchiveFile, Delivery, FileRole
from catalog_builder.files import StoredFile, atomic_path, describe
from catalog_builder.findings import Finding
from catalog_builder.ids import short_hash, slug
from catalog_builder.raster import findings

FOLDER = "source"
MAX_COPIED = 50 << 20
"""Bytes of one copied file: vendor metadata with its quicklook stays far below."""

_COPIED = (FileRole.METADATA, FileRole.RPC, FileRole.GEOREFERENCE, FileRole.BROWSE)


def copy_sidecars(delivery: Delivery, folder: Path) -> tuple[tuple[tuple[StoredFile, str, str], ...], list[Finding]]:
    """Copy the vendor files of ``delivery`` to ``folder``/source under safe names; (file, role, archive name) each."""
    pixels = {tile.name for source in delivery.rasters for tile in source.tiles}
    copied: list[tuple[StoredFile, str, str]] = []
    found: list[Finding] = []
    taken: set[str] = set()
    for role in _COPIED:
        for file in delivery.with_role(role):
            if file.name in pixels or any(file.name == name for _, _, name in copied):
                continue
            if file.size > MAX_COPIED:
                found.append(findings.SIDECAR_NOT_COPIED(file.name, size=file.size, limit=MAX_COPIED))
                continue
            name = _free_name(file, taken)
            copied.append((_copy(file.path, folder / FOLDER / name), role.value, file.name))
    return tuple(copied), found


def _free_name(file: ArchiveFile, taken: set[str]) -> str:
    name = slug(file.basename)
    if name.lower() in taken:  # names that differ only in case or in what the slug drops
        stem, dot, suffix = name.rpartition(".")
        name = f"{stem or name}-{short_hash(file.name)}{dot}{suffix if stem else ''}"
    taken.add(name.lower())
    return name


def _copy(source: Path, target: Path) -> StoredFile:
    with atomic_path(target) as temporary:
        shutil.copyfile(source, temporary)
    return describe(target)
