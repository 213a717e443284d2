"""Names of files as archives have them: any bytes at all, turned into text that can be shown, compared and put into XML."""

from __future__ import annotations

from collections.abc import Iterable

from catalog_builder.findings import printable
from catalog_builder.ids import short_hash

MAX_COMPONENT = 255
"""Bytes of one name on common file systems."""


def decode_name(data: bytes) -> str:
    """``data`` as text: UTF-8, else Windows-1258 (Vietnamese), else code page 437, which has a character for every byte."""
    for encoding in ("utf-8", "cp1258"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("cp437")


def clean_name(raw: str) -> str:
    """A name of the file system as printable text; what cannot be shown becomes U+FFFD, a name that is too long is cut."""
    if raw.isascii() and raw.isprintable() and len(raw) <= MAX_COMPONENT:
        return raw
    if any(0xD800 <= ord(c) <= 0xDFFF for c in raw):
        raw = decode_name(raw.encode("utf-8", "surrogateescape"))
    name = printable(raw, limit=10_000)
    return shorten(name, raw) if len(name.encode()) > MAX_COMPONENT else name


def shorten(name: str, raw: str) -> str:
    """``name`` cut to what a file system takes, its suffix kept, with a hash of ``raw`` so that different names stay different."""
    stem, dot, suffix = name.rpartition(".")
    ending = dot + suffix if stem and len(suffix.encode()) <= 16 else ""
    room = MAX_COMPONENT - len(ending.encode()) - 9
    body = (stem if ending else name).encode()[:room].decode("utf-8", "ignore")
    return f"{body}~{short_hash(raw)}{ending}"


def clean_names(raws: Iterable[str]) -> dict[str, str]:
    """Each raw name of one folder with its clean one; names that would become equal get a hash of the raw name."""
    clean: dict[str, str] = {}
    taken: set[str] = set()
    for raw, name in sorted(((r, clean_name(r)) for r in set(raws)), key=lambda pair: (pair[0] != pair[1], pair[0])):
        if name in taken:
            name = tagged(name, raw)
        taken.add(name)
        clean[raw] = name
    return clean


def tagged(name: str, raw: str) -> str:
    """``name`` with a hash of ``raw`` before its suffix."""
    stem, dot, suffix = name.rpartition(".")
    tag = f"~{short_hash(raw)}"
    longer = f"{stem}{tag}{dot}{suffix}" if stem else name + tag
    return shorten(longer, raw) if len(longer.encode()) > MAX_COMPONENT else longer
