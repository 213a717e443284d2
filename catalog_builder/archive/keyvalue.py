"""Reading the "key = value" text that vendors love: MTL, IMD, PVL, ODL, KOMPSAT and GeoEye text. Bounded and tolerant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from catalog_builder.archive.delivery import ArchiveFile
from catalog_builder.archive.findings import METADATA_TOO_LARGE
from catalog_builder.archive.xmltree import UNKNOWN, to_number
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.facts import Claim, Field, Origin, Source

MAX_TEXT_BYTES = 16 * 1024 * 1024

MAX_PAIRS, MAX_DEPTH, MAX_LIST = 100_000, 20, 100_000
"""Pairs of one file, groups inside groups and characters of one list, beyond which the rest is left unread."""

# All are matched against stripped lines and run in linear time: no two neighbouring parts can take the same characters.
_GROUP = re.compile(r"(?:BEGIN_)?(GROUP|OBJECT)\s*=\s*\"?([\w.-]{1,100})\"?\s*;?$", re.IGNORECASE)
_END = re.compile(r"END(_GROUP|_OBJECT)?\b(?!\s*_)(?:\s*=\s*\"?[\w.-]*\"?)?\s*;?$", re.IGNORECASE)
_SEPARATOR = re.compile(r"[=:]")
_KEY = re.compile(r"[\w. /()#-]{1,1000}")


@dataclass(frozen=True, slots=True)
class KeyValues:
    """The pairs of one file in order, keys with their groups: ``L1_METADATA_FILE/PRODUCT_METADATA/SPACECRAFT_ID``."""

    file: ArchiveFile
    pairs: tuple[tuple[str, str], ...]

    def text(self, key: str) -> str | None:
        """The value of the first pair whose key ends in ``key`` (case-insensitive) and says something."""
        wanted = key.lower()
        for name, value in self.pairs:
            low = name.lower()
            if (low == wanted or low.endswith("/" + wanted)) and value.strip().lower() not in UNKNOWN:
                return value
        return None

    def number(self, key: str) -> float | None:
        text = self.text(key)
        return None if text is None else to_number(text)

    def all(self, key: str) -> list[str]:
        wanted = key.lower()
        return [v for n, v in self.pairs if n.lower() == wanted or n.lower().endswith("/" + wanted)]

    def source(self, key: str) -> Source:
        return Source(Origin.METADATA, self.file.name, key)

    def claim(self, field: Field, value: object, key: str) -> Claim | None:
        return None if value is None else Claim(field, value, self.source(key))


def read_text(file: ArchiveFile, limit: int = MAX_TEXT_BYTES) -> str:
    """The text of ``file``: UTF-8, else UTF-16 by its mark, else Latin-1; NUL padding cut.

    Raises:
        UnreadableDelivery: the file is larger than ``limit``.
    """
    if file.size > limit:
        raise UnreadableDelivery(METADATA_TOO_LARGE(file.name, size=file.size, limit=limit))
    data = file.path.read_bytes()
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    data = data.rstrip(b"\x00").removeprefix(b"\xef\xbb\xbf")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def parse_keyvalues(file: ArchiveFile) -> KeyValues:
    """Every pair of ``file``; groups nest, quotes are dropped, ``( ... )`` lists that run over lines are joined.

    Raises:
        UnreadableDelivery: the file is too large.
    """
    return KeyValues(file, tuple(islice(_pairs(read_text(file)), MAX_PAIRS)))


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    groups: list[str] = []
    lines = iter(text.splitlines())
    for line in map(str.strip, lines):
        if match := _GROUP.match(line):
            groups = [*groups, match.group(2)][:MAX_DEPTH]
        elif _END.match(line):
            groups = groups[:-1]
        elif separator := _SEPARATOR.search(line):
            key = line[: separator.start()].strip()
            if _KEY.fullmatch(key):
                value = _whole_list(line[separator.end() :].strip(), lines)
                yield "/".join([*groups, key]), value.rstrip(";").strip().strip('"')


def _whole_list(value: str, lines: Iterator[str]) -> str:
    """``value``, with the lines that follow when it opens a ``( ... )`` list and does not close it."""
    if not value.startswith("("):
        return value
    parts, size = [value], len(value)
    while ")" not in parts[-1] and size < MAX_LIST and (more := next(lines, None)) is not None:
        parts.append(more.strip())
        size += len(more)
    return " ".join(parts)
