"""Descriptions: CommonMark without raw HTML and without images, so that no text can load anything or run anything."""

from __future__ import annotations

from functools import cache, lru_cache

from markdown_it import MarkdownIt
from markupsafe import Markup


@lru_cache(maxsize=1024)
def markdown(text: str) -> Markup:
    """``text`` as HTML; tags in it stay text and links to anything but web addresses and mail are dropped by the parser."""
    return Markup(_parser().render(text))


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).disable(["image", "heading", "lheading"])


def first_words(text: str, limit: int = 200) -> str:
    """The beginning of a description in one line, for search engines."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rsplit(" ", 1)[0] + "…"
