"""What the readers of DIMAP version 1 and 2 share: recognition, national levels, files of a product."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from catalog_builder.archive.claims import find_subfolder, follow, is_outside, own_files, role_of
from catalog_builder.archive.commercial_findings import TILES_MISSING
from catalog_builder.archive.delivery import ArchiveFile, FileRole, Folder
from catalog_builder.archive.xmltree import Tree, root_name
from catalog_builder.findings import Finding

LEVELS = {
    "1A": "1A",
    "SENSOR": "1A",
    "PRIMARY": "1A",
    "2A": "2A",
    "PROJECTED": "2A",
    "2B": "3A",
    "3": "3A",
    "ORTHO": "3A",
}
"""Airbus levels to levels of TT 10/2015/TT-BTNMT, as we read it. SPOT 1B, system ortho and mosaics fit none of them."""

LEVEL_RULE = "crosswalk of Airbus levels"

_DATASET = re.compile(rb"<(?:Raster_Dimensions|Data_Access|Dataset_Sources)\b")
"""What a DIMAP 1 dataset has and a list of volumes has not."""

_SUBPROFILE = re.compile(rb"<METADATA_SUBPROFILE>\s*([\w-]+)\s*</")


def dimap_kind(file: ArchiveFile) -> str | None:
    """``"1"`` for a DIMAP 1 document, for DIMAP 2 its subprofile (``PRODUCT``, ``RPC``, ``STRIP`` ...; ``""`` when it has
    none); None when ``file`` is no DIMAP document. Reads only the head."""
    if file.suffix not in (".xml", ".dim") or root_name(file) != "Dimap_Document":
        return None
    head = file.head(8192)
    if b"<Metadata_Identification" not in head:
        return "1" if b"<Metadata_Id" in head and _DATASET.search(file.head(1 << 20)) else None
    match = _SUBPROFILE.search(head)
    if match is None and b"<Raster_Data" in file.head(1 << 20):
        return "PRODUCT"
    return match.group(1).decode().upper() if match else ""


def own_text(tree: Tree, path: str) -> str | None:
    """The text at ``path`` of ``tree`` unless it only repeats the element's name, as templates that nobody filled do."""
    value = tree.text(path)
    return None if value is None or value == path.rsplit("/", 1)[-1] else value


@dataclass(frozen=True, slots=True)
class Tile:
    """A data file that the metadata lists, with its place in the grid of tiles (from 1)."""

    href: str
    row: int
    column: int


def resolve_tiles(folder: Folder, tiles: Iterable[Tile], subject: ArchiveFile, findings: list[Finding]) -> list[tuple[Tile, ArchiveFile]]:
    """The tiles that are there, in row-major order; hrefs that point outside and tiles that lack become findings."""
    listed = sorted(tiles, key=lambda t: (t.row, t.column))
    there = [(tile, file) for tile in listed if (file := follow(folder, tile.href, subject, findings)) is not None]
    missing = [t.href for t in listed if not is_outside(t.href) and all(t is not found for found, _ in there)]
    if there and missing:
        findings.append(TILES_MISSING(subject.name, listed=len(listed), missing=len(missing), example=missing[0]))
    return there


def beside(folder: Folder, raster: ArchiveFile) -> list[ArchiveFile]:
    """World files, projections and statistics that belong to ``raster`` by name."""
    stem, name = raster.stem.lower(), raster.basename.lower()
    found = []
    for file in folder.files:
        low = file.basename.lower()
        if low == name:
            continue
        if low.startswith((name + ".", stem + ".")) and role_of(file) is FileRole.GEOREFERENCE:
            found.append(file)
    return found


def product_files(folder: Folder, alone: bool, related: Iterable[str]) -> list[tuple[ArchiveFile, FileRole]]:
    """Files around a product: all that are no rasters when the product has ``folder`` to itself, else those whose stem
    contains one of ``related`` (lower case)."""
    wanted = tuple(related)
    result = []
    for file in own_files(folder):
        role = role_of(file)
        if file.suffix in (".tif", ".tiff", ".jp2", ".ntf", ".img", ".dim") and role is not FileRole.BROWSE:
            continue
        if alone or any(w in file.stem.lower() for w in wanted):
            result.append((file, role))
    return result


def folder_of(folder: Folder, file: ArchiveFile) -> Folder:
    """The folder in which hrefs of ``file`` start."""
    return find_subfolder(folder, file)
