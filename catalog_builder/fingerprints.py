"""What the bytes of a scene's sources were when it was made: a note beside its products, for those who distrust size and time.

A fingerprint is CRC-32 and Adler-32 of a file; an accidental difference passes both with a probability of about 2**-64. They cost one
more read of files that the conversion has just brought into memory, and a twentieth of the time of SHA-256.
"""

from __future__ import annotations

from pathlib import Path

import imagecodecs
import orjson

from catalog_builder.archive.delivery import Delivery
from catalog_builder.files import read_json, write_json

FINGERPRINTS = "sources.json"
BLOCK = 1 << 20
"""Bytes read at once: they stay in the cache of a core between the two sums."""


def fingerprint(path: Path) -> str:
    """Sixteen hexadecimal digits over the content of ``path``.

    Raises:
        OSError: it cannot be read.
    """
    crc, adler = 0, 1
    block = bytearray(BLOCK)
    with path.open("rb", buffering=0) as stream:
        while size := stream.readinto(block):
            part = memoryview(block)[:size]
            crc, adler = imagecodecs.deflate_crc32(part, crc), imagecodecs.deflate_adler32(part, adler)
    return f"{crc:08x}{adler:08x}"


def write_fingerprints(delivery: Delivery, folder: Path) -> None:
    """Note in ``folder`` what the files of ``delivery`` contain."""
    write_json(folder / FINGERPRINTS, {f.name: fingerprint(f.path) for f, _ in delivery.files})


def changed_files(delivery: Delivery, folder: Path) -> tuple[str, ...] | None:
    """Archive names of the files of ``delivery`` that contain something else than was noted; None where no note can be read.

    Raises:
        OSError: a file of the archive cannot be read.
    """
    try:
        noted = read_json(folder / FINGERPRINTS)
    except (FileNotFoundError, orjson.JSONDecodeError):
        return None
    files = {f.name: f.path for f, _ in delivery.files}
    return tuple(name for name, path in sorted(files.items()) if noted.get(name) != fingerprint(path))
