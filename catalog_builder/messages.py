"""The texts of the product and which of them lack a translation. ``python -m catalog_builder.messages`` lists the gaps."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment
from jinja2.ext import babel_extract

from catalog_builder.i18n import LANGUAGES, translations
from catalog_builder.resources import PACKAGE, templates_dir

MARKERS = frozenset({"N_", "_", "gettext", "translate"})


def marked_texts() -> dict[str, str]:
    """Every marked text and the file it stands in first."""
    texts: dict[str, str] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for text in _python_texts(path):
            texts.setdefault(text, str(path.relative_to(PACKAGE.parent)))
    for path in sorted(p for p in templates_dir().rglob("*") if p.suffix in {".html", ".j2", ".xml", ".txt", ".svg"}):
        for text in _template_texts(path):
            texts.setdefault(text, f"templates/{path.relative_to(templates_dir())}")
    return texts


def untranslated(language: str) -> dict[str, str]:
    """Marked texts that ``language`` has no translation of, with their files. English is the language of the texts."""
    if language == "en":
        return {}
    known = translations(language).texts
    return {text: where for text, where in marked_texts().items() if text and text not in known}


def _python_texts(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKERS and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def _template_texts(path: Path) -> Iterator[str]:
    Environment(autoescape=True, extensions=["jinja2.ext.i18n"]).parse(path.read_text(encoding="utf-8"))
    with path.open("rb") as stream:
        for _line, _function, message, _comments in babel_extract(stream, ("_", "gettext", "ngettext"), (), {"silent": "false"}):
            parts = message if isinstance(message, tuple) else (message,)
            if parts[0]:
                yield str(parts[0])


def main() -> int:
    gaps = [(language, text, where) for language in LANGUAGES for text, where in untranslated(language).items()]
    for language, text, where in gaps:
        print(f"{language}\t{where}\t{text!r}")
    return 1 if gaps else 0


if __name__ == "__main__":
    sys.exit(main())
