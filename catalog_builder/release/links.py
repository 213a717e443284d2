"""Links of the tree, by the best practices of the STAC specification for a self-contained, relocatable catalogue.

Structural links are relative; an absolute ``self`` exists only where a public address is configured. A link to a child carries the
child's title, size and checksum, so a client sees that something changed without opening it.
"""

from __future__ import annotations

from collections.abc import Iterable
from posixpath import dirname, normpath
from urllib.parse import quote

from catalog_builder.stac.model import Json

JSON_TYPE = "application/json"
GEOJSON_TYPE = "application/geo+json"
HTML_TYPE = "text/html"
FILE_EXTENSION = "https://stac-extensions.github.io/file/v2.1.0/schema.json"


def link(rel: str, here: str, there: str, media_type: str, title: str | None = None, **extra: object) -> Json:
    """A relative link from the file ``here`` to the file ``there`` (paths in the release)."""
    target = _relative(there, dirname(here))
    data: Json = {"rel": rel, "href": target if target.startswith("../") else f"./{target}", "type": media_type}
    if title:
        data["title"] = title
    return data | {k: v for k, v in extra.items() if v is not None}


def child(rel: str, here: str, there: str, media_type: str, title: str, size: int, checksum: str) -> Json:
    return link(rel, here, there, media_type, title, **{"file:size": size, "file:checksum": checksum})


def self_link(address: str | None, here: str, media_type: str) -> list[Json]:
    return [] if address is None else [{"rel": "self", "href": f"{address.rstrip('/')}/{here}", "type": media_type}]


def pages(here: str, languages: Iterable[str], titles: Json) -> list[Json]:
    """The HTML pages of the object at ``here``, one per language; the first language has no prefix."""
    page = f"{dirname(here)}/index.html".lstrip("/")
    return [
        link("alternate", here, page if number == 0 else f"{language}/{page}", HTML_TYPE, titles.get(language), hreflang=language)
        for number, language in enumerate(languages)
    ]


SCENE = "scene/index.html"
"""The page that shows any scene, where scenes have no pages of their own; its address names the folder of the scene."""


def scene_page(folder: str) -> str:
    """The reference, from the root of a release in its first language, of the page that shows the scene in ``folder`` on demand."""
    return f"{SCENE}?item={quote(folder, safe='/')}"


def scene_pages(here: str, languages: Iterable[str], title: str) -> list[Json]:
    """As :func:`pages` for the item at ``here`` where its pages are made on demand."""
    root, told = "../" * here.count("/"), scene_page(dirname(here))
    return [
        {"rel": "alternate", "href": root + (told if number == 0 else f"{language}/{told}"), "type": HTML_TYPE, "title": title}
        | {"hreflang": language}
        for number, language in enumerate(languages)
    ]


def with_links(json: Json, links: list[Json]) -> Json:
    """``json`` with ``links`` (its own first), and the file extension declared when a link carries a size."""
    out = dict(json)
    out["links"] = [*links, *json.get("links", [])]
    if any("file:checksum" in entry for entry in links):
        out["stac_extensions"] = sorted({*json.get("stac_extensions", []), FILE_EXTENSION})
    return out


def rebased(json: Json, here: str, folder: str) -> Json:
    """The item at ``here`` with relative hrefs of assets and links as seen from ``folder``, one of the folders that it is in."""
    own = dirname(here)
    out = dict(json)
    out["assets"] = {key: _moved(asset, own, folder) for key, asset in json["assets"].items()}
    out["links"] = [_moved(entry, own, folder) for entry in json["links"]]
    return out


def _moved(entry: Json, own: str, folder: str) -> Json:
    if "://" in entry["href"]:
        return entry
    return entry | {"href": _relative(normpath(f"{own}/{entry['href']}"), folder)}


def _relative(path: str, folder: str) -> str:
    """``path`` as seen from ``folder``, both below the root of the release; relpath would ask the system where it stands."""
    if folder and path.startswith(f"{folder}/"):
        return path[len(folder) + 1 :]
    here, there, same = folder.split("/") if folder else [], path.split("/"), 0
    while same < min(len(here), len(there)) and here[same] == there[same]:
        same += 1
    return "/".join([".."] * (len(here) - same) + there[same:])
