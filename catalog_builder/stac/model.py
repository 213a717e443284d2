"""The nouns of the STAC room. JSON is kept as plain dicts in the order it is written; these carry what other rooms need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from catalog_builder.definition.model import Access
from catalog_builder.findings import Finding

Json = dict[str, Any]


def plain(value: Any) -> Any:
    """``value`` from another room as a reader of the file will see it: lists, dicts, text and numbers, nothing of NumPy."""
    return orjson.loads(orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY))


@dataclass(frozen=True, slots=True)
class Item:
    """A STAC item as the store keeps it: ``json`` has no links but its own ``derived_from``/``via`` kind, asset hrefs are
    relative to ``folder`` (``./scene.tif``). A *draft* is what is known of a quarantined scene; it is never linked.

    ``provenance`` gives per property where its value comes from, for ``explain`` and the item page.
    """

    id: str
    collection: str
    access: Access
    json: Json
    folder: Path
    provenance: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    draft: bool = False
