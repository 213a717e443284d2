"""Collections and catalogues: extents, summaries, item_assets, providers, licence, texts in both languages. Without links."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from catalog_builder.definition.model import CollectionDefinition, Definition, Localised, localised
from catalog_builder.stac import extent, people, texts
from catalog_builder.stac.extensions import STAC_VERSION, used_extensions
from catalog_builder.stac.model import Json
from catalog_builder.stac.summary import RANGES, SETS, ItemSummary, summarise
from catalog_builder.times import to_stac

__all__ = ["ItemSummary", "make_catalog", "make_collection", "make_partition_catalog", "summarise"]


def make_collection(collection: CollectionDefinition, items: Sequence[ItemSummary], definition: Definition) -> Json:
    """The STAC collection of ``items``, without structural links.

    Raises:
        ValueError: no item has a box or a time, so there is no extent to state.
    """
    language = people.language_of(definition)
    json = _begun("Collection", collection.id, collection.title, collection.description, language)
    keywords = collection.keywords.get(language)  # type: ignore[call-overload]
    if keywords:
        json["keywords"] = list(keywords)
    json["license"] = people.spdx_or_other(collection.license)
    json["providers"] = people.providers(definition, collection)
    contacts = people.contacts(definition)
    if contacts:
        json["contacts"] = contacts
    json["extent"] = _extent(items)
    summaries = _summaries(items)
    if summaries:
        json["summaries"] = summaries
    json["item_assets"], asset_texts = _item_assets(items)
    json |= texts.language_fields(definition.languages)
    others = _texts(definition, {"/title": collection.title, "/description": collection.description}, collection.keywords)
    for other in definition.languages[1:]:
        others.setdefault(other, {}).update(asset_texts.get(other, {}))
    return _finished(json, others, people.licence_links(definition, collection, None))


def make_catalog(definition: Definition) -> Json:
    """The root catalogue, without links."""
    language = people.language_of(definition)
    json = _begun("Catalog", definition.id, definition.title, definition.description, language)
    contacts = people.contacts(definition)
    if contacts:
        json["contacts"] = contacts
    if definition.attribution:
        json["cb:attribution"] = localised(definition.attribution, language)
    if definition.as_of is not None:
        json["published"] = to_stac(definition.as_of)
    json |= texts.language_fields(definition.languages)
    own: dict[str, Localised] = {"/title": definition.title, "/description": definition.description}
    if definition.attribution:
        own["/cb:attribution"] = definition.attribution
    others = _texts(definition, own, {})
    return _finished(json, others, [])


def make_partition_catalog(definition: Definition, partition_id: str, title: Localised, description: Localised) -> Json:
    """A sub-catalogue inside a collection (a year, a month ...), without links."""
    language = people.language_of(definition)
    json = _begun("Catalog", partition_id, title, description, language)
    json |= texts.language_fields(definition.languages)
    others = _texts(definition, {"/title": title, "/description": description}, {})
    return _finished(json, others, [])


def _begun(kind: str, identifier: str, title: Localised, description: Localised, language: str) -> Json:
    """What every catalogue and collection begins with."""
    return {
        "type": kind,
        "stac_version": STAC_VERSION,
        "stac_extensions": [],
        "id": identifier,
        "title": localised(title, language),
        "description": localised(description, language),
    }


def _finished(json: Json, others: dict[str, Json], links: list[Json]) -> Json:
    """``json`` with the texts of ``others``, the further languages, and what every catalogue and collection ends with."""
    if any(others.values()):
        json["cb:texts"] = others
    json["links"] = links
    json["stac_extensions"] = used_extensions(json)
    return json


def _texts(definition: Definition, own: Mapping[str, Localised], keywords: Mapping[Any, Sequence[str]]) -> dict[str, Json]:
    """``cb:texts`` of the languages after the first: pointer -> text, where there is a text in that language."""
    first = people.language_of(definition)
    result: dict[str, Json] = {}
    for language in definition.languages[1:]:
        found: Json = {pointer: text[language] for pointer, text in own.items() if language in text and first in text}
        if keywords.get(language) and keywords.get(first):
            found["/keywords"] = list(keywords[language])
        result[language] = found
    return result


def _extent(items: Sequence[ItemSummary]) -> Json:
    starts = [i.start for i in items if i.start is not None]
    ends = [i.end for i in items if i.end is not None]
    if not starts or not ends:
        raise ValueError("no item has a date, so the collection has no temporal extent")
    boxes = [i.bbox for i in items if i.bbox is not None]
    return {
        "spatial": {"bbox": extent.spatial(boxes)},
        "temporal": {"interval": [[to_stac(min(starts)), to_stac(max(ends))]]},
    }


def _summaries(items: Sequence[ItemSummary]) -> Json:
    """Sets and ranges of properties, in one pass over the items."""
    sets: dict[str, set[Any]] = defaultdict(set)
    for item in items:
        for name, value in item.values:
            sets[name].update(value if isinstance(value, tuple) else (value,))
        sets["proj:code"].update(item.proj_codes)
    summaries: Json = {name: sorted(sets[name]) for name in (*SETS, "proj:code") if sets[name]}
    return summaries | {name: {"minimum": min(sets[name]), "maximum": max(sets[name])} for name in RANGES if sets[name]}


def _item_assets(items: Sequence[ItemSummary]) -> tuple[Json, dict[str, Json]]:
    """``item_assets`` and the titles in further languages: what every item that has an asset of that key agrees on."""
    merged: dict[str, Json] = {}
    titles: dict[str, Json] = {}
    for asset in {a: None for i in items for a in i.assets}:
        definition = orjson.loads(asset.json)
        if asset.key not in merged:
            merged[asset.key] = definition
            for language, title in asset.titles:
                titles.setdefault(language, {})[f"/item_assets/{texts.escape(asset.key)}/title"] = title
        else:
            old = merged[asset.key]
            merged[asset.key] = {k: v for k, v in old.items() if definition.get(k) == v or k in ("title", "roles")}
    return merged, titles
