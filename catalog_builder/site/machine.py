"""Files for machines that visit the site: sitemap and robots.txt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape

from catalog_builder.release.model import Page

SITEMAP_LIMIT = 50_000
"""Addresses in one sitemap file (sitemaps.org protocol)."""

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def sitemap(public: str, paths: Iterable[str]) -> Iterator[Page]:
    """``sitemap.xml``; beyond the limit of one file an index and numbered parts."""
    urls = [public + path.removesuffix("index.html") for path in sorted(paths)]
    parts = [urls[i : i + SITEMAP_LIMIT] for i in range(0, len(urls), SITEMAP_LIMIT)] or [[]]
    if len(parts) == 1:
        yield Page("sitemap.xml", _urlset(parts[0]))
        return
    names = [f"sitemap-{n}.xml" for n in range(1, len(parts) + 1)]
    for name, part in zip(names, parts, strict=True):
        yield Page(name, _urlset(part))
    entries = "".join(f"<sitemap><loc>{escape(public + name)}</loc></sitemap>\n" for name in names)
    yield Page("sitemap.xml", f"{_HEAD}<sitemapindex {_SPACE}>\n{entries}</sitemapindex>\n".encode())


def robots(public: str) -> Page:
    return Page("robots.txt", f"User-agent: *\nAllow: /\n\nSitemap: {public}sitemap.xml\n".encode())


def closed_robots() -> Page:
    """An internal site asks every crawler to stay away (access control is the host's business)."""
    return Page("robots.txt", b"User-agent: *\nDisallow: /\n")


def _urlset(urls: Iterable[str]) -> bytes:
    entries = "".join(f"<url><loc>{escape(url)}</loc></url>\n" for url in urls)
    return f"{_HEAD}<urlset {_SPACE}>\n{entries}</urlset>\n".encode()
