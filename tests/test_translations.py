"""Every text that a person can see exists in Vietnamese, with the same placeholders."""

from __future__ import annotations

import re
from collections import Counter

from babel.messages.pofile import read_po

from catalog_builder.i18n import LOCALE_DIR, translate
from catalog_builder.messages import marked_texts, untranslated


def test_no_text_lacks_its_vietnamese() -> None:
    assert untranslated("vi") == {}


def test_translations_keep_their_placeholders() -> None:
    placeholder = re.compile(r"\{\w+\}|%\(\w+\)[sd]")
    broken = {
        text: translate(text, "vi")
        for text in marked_texts()
        if text and sorted(placeholder.findall(text)) != sorted(placeholder.findall(translate(text, "vi")))
    }
    assert broken == {}


def test_each_text_stands_in_one_catalogue_and_is_still_said() -> None:
    texts: Counter[str] = Counter()
    for path in sorted((LOCALE_DIR / "vi").glob("*.po")):
        with path.open("rb") as stream:
            texts.update(m.id if isinstance(m.id, str) else m.id[0] for m in read_po(stream) if m.id)
    assert [text for text, times in texts.items() if times > 1] == []
    assert set(texts) - set(marked_texts()) == set()
