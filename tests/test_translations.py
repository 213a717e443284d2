"""Every text that a person can see exists in Vietnamese, with the same placeholders."""

from __future__ import annotations

import re

from catalog_builder.i18n import translate
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
