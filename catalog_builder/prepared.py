"""Files of the product that take long to parse, kept in a form that does not: a process reads all of them before its first scene or page.

What is kept was made at set-up (:mod:`catalog_builder.preparing`). Each form is named after the checksum of everything it was made of, so
an edited file is simply parsed again until the next set-up; nothing has to be compared and nothing can be out of date.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson

from catalog_builder.resources import PACKAGE, assets_dir, data_dir


def folder() -> Path:
    """Where prepared forms are kept."""
    return assets_dir() / "prepared"


def name_of(made_of: bytes) -> str:
    """The name of the file that keeps what was made of these bytes."""
    return hashlib.sha256(made_of).hexdigest()


def kept(made_of: bytes) -> bytes | None:
    """What was made of these bytes at set-up; None when nobody has made it."""
    try:
        return (folder() / name_of(made_of)).read_bytes()
    except FileNotFoundError:
        return None


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file of the product, its dates as texts."""
    return _read(path, _toml)


def read_texts(path: Path) -> dict[str, str]:
    """The translated texts of a ``.po`` file by those in the code, without those that nobody has looked at since the code changed."""
    return _read(path, _texts)


def _read(path: Path, parse: Callable[[bytes], dict[str, Any]]) -> dict[str, Any]:
    source = path.read_bytes()
    ready = kept(source)
    return parse(source) if ready is None else dict(orjson.loads(ready))


def _toml(source: bytes) -> dict[str, Any]:
    return dict(orjson.loads(orjson.dumps(tomllib.loads(source.decode()))))


def _texts(source: bytes) -> dict[str, str]:
    from babel.messages.pofile import read_po  # takes longer to load than what it is spared from reading

    return {str(m.id): str(m.string) for m in read_po(BytesIO(source)) if m.id and m.string and not m.fuzzy}


def forms() -> Iterator[tuple[str, str]]:
    """The prepared form of every register and translation of the product, with the name of the file to keep it."""
    for files, parse in ((data_dir().rglob("*.toml"), _toml), ((PACKAGE / "locale").rglob("*.po"), _texts)):
        for path in sorted(files):
            source = path.read_bytes()
            yield name_of(source), json.dumps(parse(source), ensure_ascii=False)
