"""Files of the product that take long to parse, kept in a form that does not: a process reads all of them before its first scene.

``python -m catalog_builder.prepared`` writes the prepared forms at set-up. Each is named after the checksum of the file that it was made
of, so an edited file is simply parsed again until the next set-up; nothing has to be compared and nothing can be out of date.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson

from catalog_builder.resources import PACKAGE, assets_dir, data_dir


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file of the product, its dates as texts."""
    return _read(path, _toml)


def read_texts(path: Path) -> dict[str, str]:
    """The translated texts of a ``.po`` file by those in the code, without those that nobody has looked at since the code changed."""
    return _read(path, _texts)


def _read(path: Path, parse: Callable[[bytes], dict[str, Any]]) -> dict[str, Any]:
    source = path.read_bytes()
    try:
        ready = (_folder() / _name(source)).read_bytes()
    except FileNotFoundError:
        return parse(source)
    return dict(orjson.loads(ready))


def _folder() -> Path:
    return assets_dir() / "prepared"


def _name(source: bytes) -> str:
    return f"{hashlib.sha256(source).hexdigest()}.json"


def _toml(source: bytes) -> dict[str, Any]:
    return dict(orjson.loads(orjson.dumps(tomllib.loads(source.decode()))))


def _texts(source: bytes) -> dict[str, str]:
    from io import BytesIO

    from babel.messages.pofile import read_po  # takes longer to load than what it is spared from reading

    return {str(m.id): str(m.string) for m in read_po(BytesIO(source)) if m.id and m.string and not m.fuzzy}


PARSERS: Mapping[str, Callable[[bytes], dict[str, Any]]] = {".toml": _toml, ".po": _texts}
"""What is prepared, by the ending of its name."""


def prepare() -> int:
    """Write the prepared form of every file of the product that has one, and remove those of earlier versions; 0 when done."""
    from catalog_builder.files import write_text  # only at set-up

    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    wanted: dict[str, str] = {}
    for path in sorted((*data_dir().rglob("*.toml"), *(PACKAGE / "locale").rglob("*.po"))):
        source = path.read_bytes()
        wanted[_name(source)] = json.dumps(PARSERS[path.suffix](source), ensure_ascii=False)
    for old in {path.name for path in folder.iterdir()} - wanted.keys():
        (folder / old).unlink()
    for name, text in wanted.items():
        write_text(folder / name, text)
    return 0


if __name__ == "__main__":
    sys.exit(prepare())
