"""Addresses: where each page lies and how one page names another.

Every link is relative and names ``index.html``, so the tree works under any prefix, from a USB disk and with no server. The
first language of the definition stands at the root; the others repeat the tree of pages (not of data) under ``<language>/``.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

RESERVED = frozenset(
    {
        "about",
        "accessibility",
        "assets",
        "cells",
        "changes",
        "data",
        "en",
        "guide",
        "licences",
        "places",
        "qa",
        "scene",
        "schemas",
        "search",
        "vi",
    }
)
"""Top-level folders of pages; no collection may have such an id."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """The languages of the site, first at the root, and its public address with a closing slash, or None while unknown."""

    languages: tuple[str, ...]
    public: str | None

    def page(self, path: str, language: str) -> str:
        """Where the page ``path`` of the first language lies in ``language``."""
        return path if language == self.languages[0] else f"{language}/{path}"

    def absolute(self, path: str) -> str | None:
        """The public address of a file of the release; None without a public address."""
        return None if self.public is None else self.public + encoded(path)


def relative(page: str, target: str) -> str:
    """``target`` (a path of the release, not encoded) as seen from ``page``, as a URL reference. Both are files, paths without ``..``."""
    start = 0
    while (end := page.find("/", start) + 1) and page[start:end] == target[start:end]:
        start = end
    return encoded("../" * page.count("/", start) + target[start:])


def root_of(page: str) -> str:
    """The prefix that leads from ``page`` to the root: ``""`` or ``../../``."""
    return "../" * page.count("/")


def encoded(path: str) -> str:
    return path if _PLAIN(path) else quote(path, safe="/~@!$&'()*+,;=-._")


_PLAIN = re.compile(r"[A-Za-z0-9/._-]*").fullmatch
"""Paths that need no encoding: nearly all of them."""


def resolved(folder: str, href: str) -> str | None:
    """A URL reference of an object in ``folder`` as a reference from the root of the release, still encoded.

    Absolute http(s) addresses stay; anything else with a scheme or a host, and what climbs out of the release, is None, because
    an item from an untrusted archive must not be able to make a page link to a script.
    """
    parts = urlsplit(href)
    if parts.scheme in ("http", "https") and parts.netloc:
        return href
    if parts.scheme or parts.netloc or href.startswith("/") or "\\" in href:
        return None
    path = posixpath.normpath(posixpath.join(encoded(folder), parts.path))
    return None if path.startswith("../") or path in (".", "..") else path


def safe_name(name: str) -> bool:
    """Whether ``name`` can be a file name in a link: an identifier as the catalogue gives them."""
    return re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name) is not None


def is_remote(reference: str) -> bool:
    return reference.startswith(("http://", "https://"))
