"""Translations: one lookup for the terminal, the findings and the pages.

Texts stand in the code in English, marked with :func:`N_`, and are translated when they are shown, because one finding is
shown in two languages. Catalogues are Babel ``.po`` files, one per room, in ``locale/<language>/``; one that was edited
is read as it is, so there is no compile step to forget.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from catalog_builder.prepared import read_texts

LANGUAGES = ("vi", "en")
"""Languages of the product; the first is the default of a page and of a finding."""

LOCALE_DIR = Path(__file__).parent / "locale"


def N_(text: str) -> str:
    """Mark ``text`` for translation and return it unchanged."""
    return text


@dataclass(frozen=True, slots=True)
class Translations:
    """All texts of one language by those in the code; there are no plurals among them."""

    texts: Mapping[str, str]

    def gettext(self, text: str) -> str:
        """``text`` as it is said, or itself where nobody has translated it."""
        return self.texts.get(text, text)


@cache
def translations(language: str) -> Translations:
    """All catalogues of ``language`` in one; English falls back to the text in the code.

    Raises:
        LookupError: the product has no such language.
    """
    folder = LOCALE_DIR / language
    if language not in LANGUAGES or not folder.is_dir():
        raise LookupError(f"no translation into {language!r}; the product has {', '.join(LANGUAGES)}")
    texts: dict[str, str] = {}
    for path in sorted(folder.glob("*.po")):
        texts |= read_texts(path)
    return Translations(texts)


@lru_cache(maxsize=8192)  # the same few texts of the code, for every scene
def translate(text: str, language: str) -> str:
    """``text`` in ``language``, or ``text`` itself where nobody has translated it (a test keeps that from shipping)."""
    return translations(language).gettext(text) if text else ""
