"""Structured data for search engines: schema.org as JSON-LD.

A ``<script type="application/ld+json">`` is a data block: browsers never run it, so a content security policy without
``unsafe-inline`` lets it be.
"""

from __future__ import annotations

from typing import Any

import orjson
from markupsafe import Markup

from catalog_builder.release.model import PlacedItem
from catalog_builder.times import to_stac


def as_script(data: dict[str, Any]) -> Markup:
    """JSON that is safe inside a script element: no ``<``, ``>`` or ``&`` survives unescaped."""
    text = orjson.dumps(data).decode()
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))


def catalogue(name: str, description: str, language: str, url: str | None, publisher: str | None) -> dict[str, Any]:
    """A schema.org DataCatalog."""
    return _present(
        {
            "@context": "https://schema.org/",
            "@type": "DataCatalog",
            "name": name,
            "description": description,
            "inLanguage": language,
            "url": url,
            "publisher": {"@type": "Organization", "name": publisher} if publisher else None,
        }
    )


def dataset(
    *,
    name: str,
    description: str,
    language: str,
    identifier: str,
    url: str | None,
    licence: str | None,
    creator: str | None,
    coverage: str | None,
    box: tuple[float, float, float, float] | None,
    catalogue_name: str,
    downloads: tuple[tuple[str, str | None], ...] = (),
) -> dict[str, Any]:
    """A schema.org Dataset. ``box`` is west, south, east, north; schema.org wants "south west north east"."""
    place = None
    if box is not None:
        west, south, east, north = box
        place = {"@type": "Place", "geo": {"@type": "GeoShape", "box": f"{south:.5f} {west:.5f} {north:.5f} {east:.5f}"}}
    return _present(
        {
            "@context": "https://schema.org/",
            "@type": "Dataset",
            "name": name,
            "description": description,
            "inLanguage": language,
            "identifier": identifier,
            "url": url,
            "license": licence,
            "creator": {"@type": "Organization", "name": creator} if creator else None,
            "temporalCoverage": coverage,
            "spatialCoverage": place,
            "includedInDataCatalog": {"@type": "DataCatalog", "name": catalogue_name},
            "distribution": [_present({"@type": "DataDownload", "contentUrl": u, "encodingFormat": t}) for u, t in downloads] or None,
        }
    )


def temporal(item: PlacedItem) -> str:
    """The time of an item in ISO 8601, an interval with a slash."""
    return to_stac(item.start) if item.start == item.end else f"{to_stac(item.start)}/{to_stac(item.end)}"


def _present(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if value is not None}
