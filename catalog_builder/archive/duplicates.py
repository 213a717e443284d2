"""The same scene delivered twice: found by the vendor's names or by equal bytes, kept once, reported."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from catalog_builder.archive.assemble import Assembled
from catalog_builder.archive.delivery import ArchiveFile, Delivery, FileRole
from catalog_builder.archive.findings import DUPLICATE
from catalog_builder.archive.looks import Looks
from catalog_builder.facts import Field, agree
from catalog_builder.files import checksum_file
from catalog_builder.findings import Finding

SAMPLE = 65_536
"""Bytes read at three places before two files of one size are hashed whole: uncompressed neighbours have one size but not these."""

_PRODUCT = (Field.PLATFORM, Field.PROCESSING_LEVEL, Field.PRODUCT_TYPE, Field.IMAGING_MODE, Field.GSD)
_TELLING = (Field.ACQUIRED, Field.PLATFORM, Field.PRODUCT_ID, Field.CATALOG_ID, Field.DECLARED_CRS)


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A delivery that is not built because ``kept`` is the same scene."""

    item: Assembled
    kept: Assembled
    finding: Finding


def without_duplicates(assembled: Iterable[Assembled], looks: Looks | None = None) -> tuple[list[Assembled], list[Duplicate]]:
    """Of each group of equal scenes the one of which most is known, with most files, with the shortest name; and the others.

    Only readable deliveries with rasters are compared. ``looks`` knows the sums of files that were compared before.
    """
    items = list(assembled)
    best_first = sorted(items, key=lambda a: (-len(a.delivery.files), len(a.key), a.key))
    comparable = [a for a in best_first if a.delivery.rasters]
    duplicates = _repeats(comparable)
    dropped = {id(d.item) for d in duplicates}
    comparable = [a for a in comparable if id(a) not in dropped]
    duplicates += _same_bytes(comparable, looks or Looks())
    dropped = {id(d.item) for d in duplicates}
    return [a for a in items if id(a) not in dropped], sorted(duplicates, key=lambda d: d.item.key)


def _repeats(items: Sequence[Assembled]) -> list[Duplicate]:
    """Every item that is the same product as an earlier one."""
    first: dict[Hashable, Assembled] = {}
    found: list[Duplicate] = []
    for item in items:
        value = _product_key(item)
        if value is None:
            continue
        kept = first.setdefault(value, item)
        if kept is not item:
            found.append(Duplicate(item, kept, DUPLICATE(item.key, kept=kept.key, reason=_product_name(item) or "")))
    return found


def _product_key(item: Assembled) -> Hashable | None:
    """Vendor's name, time and everything that tells products of one scene apart; None where name or time is unknown.

    The names of the rasters belong to it: parts of a scene that were delivered separately are not duplicates.
    """
    facts = item.delivery.facts
    name = _product_name(item)
    if name is None or facts.acquired is None:
        return None
    product = tuple(str(facts.get(f)).casefold() for f in _PRODUCT)
    rasters = tuple(sorted(f.basename.casefold() for f in item.delivery.with_role(FileRole.RASTER)))
    return name.casefold(), facts.acquired, product, rasters


def _product_name(item: Assembled) -> str | None:
    name = item.delivery.facts.get(Field.PRODUCT_ID) or item.delivery.facts.get(Field.SCENE_NAME)
    return None if name is None else str(name)


def _same_bytes(items: Sequence[Assembled], looks: Looks) -> list[Duplicate]:
    """Items whose rasters and georeferences are equal byte for byte and whose facts do not contradict each other: one raster under
    two dates is not one scene. Cheaper comparisons first."""
    groups = _groups(items, _sizes)
    for refine in (partial(_sums, looks, "sample", _sample), partial(_sums, looks, "sha256", _checksum)):
        groups = [g for group in groups for g in _groups(group, refine)]
    found: list[Duplicate] = []
    for group in groups:
        kept: list[Assembled] = []
        for item in sorted(group, key=_unknowns):  # what little is known of fits any; what much is known of is kept
            twin = next((k for k in kept if _compatible(k.delivery, item.delivery)), None)
            if twin is None:
                kept.append(item)
            else:
                found.append(Duplicate(item, twin, DUPLICATE(item.key, kept=twin.key, reason="SHA-256")))
    return found


def _unknowns(item: Assembled) -> int:
    return sum(1 for field in _TELLING if item.delivery.facts.get(field) is None)


def _compatible(one: Delivery, other: Delivery) -> bool:
    """Whether no fact that tells scenes apart differs; unknown differs from nothing."""
    pairs = ((one.facts.claim(f), other.facts.claim(f)) for f in _TELLING)
    return all(agree(a, b) for a, b in pairs if a is not None and b is not None)


def _groups(items: Sequence[Assembled], key: Callable[[Delivery], Hashable]) -> list[list[Assembled]]:
    """Groups of two and more items of one key, each in the given order."""
    groups: dict[Hashable, list[Assembled]] = {}
    for item in items:
        groups.setdefault(key(item.delivery), []).append(item)
    return [g for g in groups.values() if len(g) > 1]


def _pixels(delivery: Delivery) -> list[tuple[ArchiveFile, FileRole]]:
    return [(f, r) for f, r in delivery.files if r in (FileRole.RASTER, FileRole.GEOREFERENCE) and f.size > 0]


def _sizes(delivery: Delivery) -> Hashable:
    return tuple(sorted((r.value, f.size) for f, r in _pixels(delivery))) or delivery.id


def _sums(looks: Looks, name: str, look: Callable[[ArchiveFile], str], delivery: Delivery) -> Hashable:
    return tuple(sorted((r.value, f.size, _sum(looks, name, look, f)) for f, r in _pixels(delivery)))


def _sum(looks: Looks, name: str, look: Callable[[ArchiveFile], str], file: ArchiveFile) -> str:
    try:
        return looks.see(name, file, look)
    except OSError:  # equal to nothing; whoever reads the pixels will say what is wrong with it
        return f"unreadable {file.name}"


def _sample(file: ArchiveFile) -> str:
    digest = hashlib.sha256()
    with file.path.open("rb") as stream:
        for start in (0, max(0, (file.size - SAMPLE) // 2), max(0, file.size - SAMPLE)):
            stream.seek(start, os.SEEK_SET)
            digest.update(stream.read(SAMPLE))
    return digest.hexdigest()


def _checksum(file: ArchiveFile) -> str:
    return checksum_file(file.path)
