"""What the objects of the tree are called, and what partitions say about themselves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from catalog_builder.definition.model import CollectionDefinition, Definition, Localised, localised
from catalog_builder.i18n import N_, translate
from catalog_builder.release.partition import Key
from catalog_builder.stac.model import Json

ITEMS_PARQUET = N_("All items as GeoParquet (stac-geoparquet)")
_PARTITION = N_("Scenes of {collection}: {period}.")
_YEAR = N_("Year {year}")
_MONTH = N_("{month}/{year}")
_DAY = N_("{day}/{month}/{year}")
_BUCKET = N_("Part {part}")


def partition_titles(key: Key) -> Json:
    """The title of a partition per language."""
    template = (_YEAR, _MONTH, _DAY, _BUCKET)[len(key) - 1]
    parts = dict(zip(("year", "month", "day", "part"), key, strict=False))
    return {language: translate(template, language).format(**parts) for language in ("vi", "en")}


def partition_texts(
    collection: CollectionDefinition, titles: Json, languages: Iterable[Literal["vi", "en"]]
) -> tuple[Localised, Localised]:
    """The name and the description that a partition of ``collection`` has by itself, out of its ``titles``."""
    names: Localised = {}
    texts: Localised = {}
    for language in languages:
        name, title = localised(collection.title, language), titles[language]
        names[language] = f"{name}, {title}"
        texts[language] = translate(_PARTITION, language).format(collection=name, period=title)
    return names, texts


def by_language(text: Localised) -> Json:
    """``text`` as JSON has it, whose keys are any strings."""
    return {str(language): value for language, value in text.items()}


def title_of(definition: Definition, path: str, language: str) -> str:
    """The title of the catalogue, collection or partition at ``path``."""
    parts = path.split("/")
    if len(parts) == 1:
        return localised(definition.title, language)
    name = localised(definition.collection(parts[0]).title, language)
    return name if parts[-1] == "collection.json" else f"{name}, {partition_titles(tuple(parts[1:-1]))[language]}"
