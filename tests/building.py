"""Builds in this process, for tests that make many of them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from catalog_builder.build import BuildOptions, BuildResult, build
from catalog_builder.definition import Access, load_definition
from catalog_builder.progress import Progress
from tests.archives import write_definition, write_scene


def archive_of(folder: Path, scenes: int = 2) -> Path:
    """A definition with ``scenes`` small scenes of one month each; the same arguments give the same bytes and times."""
    write_definition(folder)
    for n in range(1, scenes + 1):
        add_scene(folder, n)
    return folder


def add_scene(folder: Path, number: int, seed: int | None = None) -> Path:
    path = write_scene(folder / f"archive/bay/HaLong_2021{number:02d}05.tif", seed=number if seed is None else seed, size=32)
    os.utime(path, (1_600_000_000 + (seed or 0), 1_600_000_000 + (seed or 0)))
    return path


def make(
    folder: Path,
    *,
    audience: str = "public",
    allow_shrink: bool = False,
    verify: bool = False,
    dry_run: bool = False,
    store: str = "store",
) -> BuildResult:
    """Build ``folder`` without workers."""
    options = BuildOptions(
        archive=(folder / "archive",),
        store=folder / store,
        site=folder / f"site{store.removeprefix('store')}",
        audience=Access(audience),
        jobs=0,
        allow_shrink=allow_shrink,
        verify=verify,
        dry_run=dry_run,
    )
    return build(load_definition(folder), options, Progress())


def tree(folder: Path) -> dict[str, str]:
    """Path and SHA-256 of every file."""
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def inodes(folder: Path) -> dict[str, int]:
    return {p.relative_to(folder).as_posix(): p.stat().st_ino for p in sorted(folder.rglob("*")) if p.is_file()}
