"""Every text of the site is there in Vietnamese, with the same placeholders."""

from __future__ import annotations

import re

from babel.messages.pofile import read_po

from catalog_builder.i18n import LOCALE_DIR
from tests.site.messages import marked

PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}")


def translated() -> dict[str, str]:
    with (LOCALE_DIR / "vi" / "site.po").open("rb") as stream:
        return {str(m.id): str(m.string) for m in read_po(stream, locale="vi") if m.id}


def test_every_text_is_translated() -> None:
    told = translated()
    missing = sorted({f"{place}: {text}" for text, place in marked() if not told.get(text)})
    assert missing == []


def test_no_translation_is_left_over() -> None:
    texts = {text for text, _ in marked()}
    assert sorted(set(translated()) - texts) == []


def test_placeholders_survive_translation() -> None:
    wrong = [m for m, t in translated().items() if sorted(PLACEHOLDER.findall(m)) != sorted(PLACEHOLDER.findall(t))]
    assert wrong == []


def test_no_stray_percent_signs_in_page_texts() -> None:
    """Texts of templates are %-formats; a lone % in a translation would break the page."""
    assert [t for t in translated().values() if "%(" in t and re.search(r"%(?!\(\w+\)s)", t)] == []
    in_templates = {text for text, place in marked() if place.endswith(".j2")}
    told = translated()
    assert [text for text in in_templates if re.search(r"%(?!\(\w+\)s)", text + told.get(text, ""))] == []
