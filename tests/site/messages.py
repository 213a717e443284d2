"""All texts of the site that need a translation, as the code and the templates mark them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract

from catalog_builder.resources import PACKAGE, templates_dir

KEYWORDS = {"_": None, "gettext": None, "N_": None}


def marked() -> Iterator[tuple[str, str]]:
    """Each marked text with the file it stands in."""
    for path in sorted((PACKAGE / "site").rglob("*.py")):
        yield from _of(path, "python")
    for path in sorted((templates_dir() / "site").glob("*.j2")):
        yield from _of(path, "jinja2.ext:babel_extract")


def _of(path: Path, method: str) -> Iterator[tuple[str, str]]:
    with path.open("rb") as stream:
        for found in extract(method, stream, keywords=KEYWORDS, options={"trimmed": "true", "encoding": "utf-8"}):  # type: ignore[arg-type]
            message = found[1]
            yield (message if isinstance(message, str) else message[0]), path.name
