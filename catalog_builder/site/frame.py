"""What every page has around its content: addresses in all languages, navigation, crumbs, descriptions for machines.

Small views of which a page has dozens, here and in the modules of pages, are named tuples: they are made several times faster than
frozen dataclasses, and a large site has millions of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

LANGUAGE_NAMES = {"vi": "Tiếng Việt", "en": "English"}
OG_LOCALES = {"vi": "vi_VN", "en": "en_GB"}


class Tongue(NamedTuple):
    """The same page in one language: ``href`` as seen from this page, ``url`` absolute where a public address is known."""

    language: str
    name: str
    href: str
    url: str | None
    current: bool


class Link(NamedTuple):
    """A named link as seen from a page; ``current`` marks the page itself, ``href`` empty means no link."""

    title: str
    href: str = ""
    current: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame of one page. ``path`` is where it lies in the release; ``root`` leads to the root of the release, ``home`` to the
    home page in its language."""

    path: str
    language: str
    title: str
    description: str
    root: str
    home: str
    tongues: tuple[Tongue, ...]
    navigation: tuple[Link, ...]
    footer: tuple[Link, ...] = ()
    crumbs: tuple[Link, ...] = ()
    canonical: str | None = None
    stac: Link | None = None
    stac_type: str = "application/json"
    image: str | None = None
    structured: Markup | None = None
    indexed: bool = True

    @property
    def og_locale(self) -> str:
        return OG_LOCALES[self.language]
