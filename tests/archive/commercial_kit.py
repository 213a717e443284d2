"""Folders of the archive as vendor modules see them, built from what is on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from catalog_builder.archive.delivery import ArchiveFile, Folder, Reading, SceneFiles, VendorFormat
from catalog_builder.facts import Claim, Field


def folder_on_disk(path: Path, name: str = "") -> Folder:
    """The folder at ``path`` with all below it; ``name`` is its archive-relative name."""
    entries = sorted(path.iterdir(), key=lambda p: p.name)
    prefix = name or path.name
    files = tuple(ArchiveFile(p, f"{prefix}/{p.name}", p.stat().st_size, p.stat().st_mtime_ns) for p in entries if p.is_file())
    folders = tuple(folder_on_disk(p, f"{prefix}/{p.name}") for p in entries if p.is_dir())
    return Folder(prefix, files, folders)


def scenes(format: VendorFormat, path: Path) -> list[tuple[SceneFiles, Reading]]:
    """All scenes that ``format`` finds in ``path`` or below, each with its reading; what a scene claims is not found again."""
    found: list[tuple[SceneFiles, Reading]] = []
    claimed: set[str] = set()

    def visit(folder: Folder) -> None:
        rest = _without(folder, claimed)
        for scene in format.find(rest):
            claimed.update(scene.claimed)
            found.append((scene, format.read(scene)))
        for child in folder.folders:
            visit(child)

    visit(folder_on_disk(path))
    return found


def _without(folder: Folder, names: set[str]) -> Folder:
    files = tuple(f for f in folder.files if f.name not in names)
    return Folder(folder.name, files, tuple(_without(f, names) for f in folder.folders))


def one(format: VendorFormat, path: Path) -> tuple[SceneFiles, Reading]:
    """The only scene in ``path``."""
    (found,) = scenes(format, path)
    return found


def claim(reading: Reading, field: Field) -> Claim | None:
    return next((c for c in reading.claims if c.field is field), None)


def value(reading: Reading, field: Field) -> Any:
    """What ``reading`` says of ``field`` first; None when it says nothing."""
    found = claim(reading, field)
    return None if found is None else found.value


def codes(reading: Reading) -> list[str]:
    return [f.code for f in reading.findings]
