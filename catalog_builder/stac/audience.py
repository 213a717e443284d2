"""What an audience may read of an item's metadata: nothing above its access leaves the release room."""

from __future__ import annotations

import re

from catalog_builder.definition.model import Access
from catalog_builder.stac.extensions import used_extensions
from catalog_builder.stac.model import Json

INTERNAL_ONLY = frozenset(
    {
        "cb:access_reason",
        "cb:order_id",
        "order:date",
        "order:id",
        "vn:contract_date",
        "vn:contract_no",
        "vn:supplier",
    }
)
"""Properties that a public release never shows: contracts, suppliers, reasons that name orders."""

_ORDER_FILE = re.compile(r"^orders/[^#]*")
_OVERRIDE_FILE = re.compile(r"^overrides/[^#]*")


def for_audience(json: Json, audience: Access) -> Json:
    """``json`` as ``audience`` may read it. Pure: the argument is not changed, but what the audience may read of it is shared.

    A public item loses :data:`INTERNAL_ONLY`; names of archive files are reduced to the last part, because folders of an archive
    name contracts, people and projects; files of the definition to their kind.
    """
    if audience is not Access.PUBLIC:
        return json
    out = {**json, "properties": _public_properties(json["properties"]), "assets": {k: _public_asset(a) for k, a in json["assets"].items()}}
    out["stac_extensions"] = used_extensions(out)
    return out


def _public_properties(properties: Json) -> Json:
    public = {name: value for name, value in properties.items() if name not in INTERNAL_ONLY}
    if "cb:provenance" in public:
        silent = INTERNAL_ONLY | {"vn:access"}  # the reason names orders and overrides
        public["cb:provenance"] = {k: _public_source(v) for k, v in public["cb:provenance"].items() if k not in silent}
    if "cb:sources" in public:
        public["cb:sources"] = [source | {"name": base_name(source["name"])} for source in public["cb:sources"]]
    return public


def _public_asset(asset: Json) -> Json:
    return asset | {"cb:source_names": [base_name(n) for n in asset["cb:source_names"]]} if "cb:source_names" in asset else asset


def base_name(name: str) -> str:
    """The last part of an archive name, also inside containers."""
    return name.replace("\\", "/").rsplit("/", 1)[-1]


def _public_source(source: str) -> str:
    """``source`` without folders: ``2019/HD-12/DIM.XML#/a/b`` becomes ``DIM.XML#/a/b``."""
    return ", ".join(_public_part(part) for part in source.split(", "))


def _public_part(part: str) -> str:
    part = _OVERRIDE_FILE.sub("override", _ORDER_FILE.sub("order", part))
    file, mark, locator = part.partition("#")
    if file in ("computed", "order", "override") or file.startswith(("collections/", "registers/")):
        return part
    return base_name(file) + mark + locator
