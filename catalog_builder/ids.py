"""Identifiers and slugs: URL-safe, file-system-safe, stable, readable for Vietnamese names."""

from __future__ import annotations

import hashlib
import re
import unicodedata

MAX_LENGTH = 100
"""Characters of an identifier; folder and file names derived from it stay under the 255 bytes of common file systems."""

_MARK = re.compile(r"-[0-9a-f]{8}(-[0-9]+)?$")

_RESERVED = {"con", "prn", "aux", "nul", *(f"com{i}" for i in range(10)), *(f"lpt{i}" for i in range(10))}


def fold(text: str) -> str:
    """Lower case without diacritics, for search and slugs; đ becomes d (Unicode decomposition leaves it alone)."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in text if not unicodedata.combining(c)).casefold()


def slug(text: str) -> str:
    """``text`` as an identifier of ``[A-Za-z0-9._-]``, diacritics dropped, case kept; never empty, never reserved.

    A text that loses everything or is cut gets a short hash, so different names stay different.
    """
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFC", text).replace("đ", "d").replace("Đ", "D"))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    clean = re.sub(r"[^A-Za-z0-9._-]+", "-", plain).strip("-._")
    if not clean or clean.lower().split(".")[0] in _RESERVED or len(clean) > MAX_LENGTH:
        clean = f"{clean[: MAX_LENGTH - 9]}-{short_hash(text)}".lstrip("-")
    return clean


def marked(name: str, mark: str, number: int = 1) -> str:
    """``name`` with a :func:`short_hash` behind it, where others are called the same; ``number`` where that is not enough."""
    return f"{name[: MAX_LENGTH - 9]}-{mark}" if number == 1 else f"{name[: MAX_LENGTH - 14]}-{mark}-{number}"


def unmarked(identifier: str) -> str:
    """The name that :func:`marked` was given, unless it was too long; an identifier without a mark is what it is."""
    return _MARK.sub("", identifier)


def short_hash(text: str) -> str:
    """Eight hex digits of the SHA-256 of ``text`` in NFC (so the NFD twin of a name has another hash only if it differs)."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:8]
