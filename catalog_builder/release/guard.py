"""The last look before a release is served: nothing of a scene that the audience may not see is named anywhere in it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable
from pathlib import Path

from catalog_builder.errors import EnvironmentProblem
from catalog_builder.ids import unmarked
from catalog_builder.release.findings import LEAK
from catalog_builder.release.write import ReleaseWriter
from catalog_builder.store import Record

TEXT_SUFFIXES = frozenset({".json", ".geojson", ".html", ".xml", ".txt", ".csv", ".js"})

VERSION = b"3"
"""Counts up when the look becomes stricter, so that what passed a laxer one is looked at again."""

_TOKEN = re.compile(rb"[A-Za-z0-9._-]{8,}")


def secrets_hash(hidden: Iterable[Record], visible: Collection[Record] = ()) -> str:
    """A hash over what must not be named. Kept in the store, never published: it would confirm guesses."""
    secret = _secrets(hidden, visible)
    return hashlib.sha256(b"\n".join([VERSION, *sorted(secret), b"", *sorted(_telling(secret, visible))])).hexdigest()


def refuse_leaks(
    writer: ReleaseWriter, hidden: Iterable[Record], visible: Collection[Record] = (), *, trust_unchanged: bool = False
) -> None:
    """Look in every text of the staged release for ids of hidden scenes and for checksums of their files.

    Ids shorter than eight characters or without a digit are looked for in paths only: they are ordinary words elsewhere. So are ids that
    are the name of a ``visible`` scene as well, which bears a mark behind it. A checksum that a file of a visible scene has as well
    tells nothing: two empty pictures have the same bytes.
    With ``trust_unchanged`` the previous release passed this look for the same secrets, so only what differs from it is looked at.

    Raises:
        EnvironmentProblem: a hidden scene is named; nothing has been published.
    """
    secret = _secrets(hidden, visible)
    telling = _telling(secret, visible)
    if not secret:
        return
    for path in writer.files:
        if trust_unchanged and not writer.is_new(path):
            continue
        found = ({part.encode() for part in path.split("/")} & secret.keys()) | (_named(path.encode()) & telling)
        if not found and Path(path).suffix in TEXT_SUFFIXES:
            found = _named(writer.path(path).read_bytes()) & telling
        if found:
            record = secret[min(found)]
            raise EnvironmentProblem(LEAK(path, path=path, name=record.id, access=record.access.value))


def _telling(secret: Iterable[bytes], visible: Iterable[Record]) -> set[bytes]:
    """What of ``secret`` gives a hidden scene away in a text."""
    shared = {unmarked(record.id).encode() for record in visible}
    return {token for token in secret if token not in shared and len(token) >= 8 and any(c in b"0123456789" for c in token)}


def _named(text: bytes) -> set[bytes]:
    """Whatever in ``text`` could be an identifier: its tokens, and their beginnings before a dot, as in file names and sentences."""
    tokens = set(_TOKEN.findall(text))
    for token in [t for t in tokens if b"." in t]:
        end = token.rfind(b".")
        while end > 0:
            tokens.add(token[:end])
            end = token.rfind(b".", 0, end)
    return tokens


def _secrets(hidden: Iterable[Record], visible: Iterable[Record]) -> dict[bytes, Record]:
    secret: dict[bytes, Record] = {}
    for record in hidden:
        secret[record.id.encode()] = record
        secret |= {checksum.encode(): record for path, _, checksum in record.files if record.id in path}
    if secret:
        for record in visible:
            for _, _, checksum in record.files:
                secret.pop(checksum.encode(), None)
    return secret
