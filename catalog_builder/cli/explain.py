"""``catalog-builder explain``."""

from __future__ import annotations

import json
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from catalog_builder.cli import options as opt
from catalog_builder.cli.output import print_json, say, show_findings
from catalog_builder.cli.speech import argument, tell
from catalog_builder.cli.speech import command as declare
from catalog_builder.findings import printable
from catalog_builder.i18n import N_


@declare(
    "explain",
    help=N_("Say where each value of ITEM comes from, who may see it and why, and what was found wrong."),
    example="catalog-builder explain catalog/demo LC08_L1TP_195025_20130707_20170503_01_T1",
)
@opt.definition_argument
@argument("item", N_("ITEM"), help=N_("Identifier of the item, as it stands in the first column of 'catalog-builder scan'."))
@opt.store_option
@opt.json_option
def command(definition: Path, item: str, store: Path | None, as_json: bool) -> None:
    from catalog_builder.definition import load_definition
    from catalog_builder.files import read_json
    from catalog_builder.store import Store

    loaded = load_definition(definition)
    place = Store(opt.store_path(loaded, store))
    record = place.records().get(item)
    if record is None:
        raise click.BadParameter(
            tell(N_("There is no item {item} in {store}. Most like it: {names}.")).format(
                item=item, store=place.folder, names=", ".join(get_close_matches(item, place.records(), cutoff=0.3)) or "–"
            ),
            param_hint=tell("ITEM"),
        )
    described = read_json(place.folder / record.item)
    provenance = described["properties"].get("cb:provenance", {})
    if as_json:
        print_json(
            {
                "id": item,
                "access": record.access.value,
                "provenance": provenance,
                "values": {name: _value(described, name) for name in provenance},
                "findings": [f.to_json() for f in record.findings],
            }
        )
        return
    say(N_("{item}: access {access}, collection {collection}"), item=item, access=record.access.value, collection=record.collection)
    for name, source in provenance.items():
        click.echo(f"  {printable(name):32} {printable(_value(described, name))[:60]:60} ← {printable(str(source))}")
    show_findings(record.findings)


def _value(item: dict[str, Any], name: str) -> str:
    """What stands in the item under a key of the provenance: a property, the geometry in short, the file of an asset."""
    if name == "geometry":
        return _outline(item)
    if name.startswith("assets/"):
        asset = item["assets"].get(name.removeprefix("assets/"), {})
        return f"{asset.get('href', '')} ({', '.join(asset.get('roles', ()))})"
    value = item["properties"].get(name, "")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _outline(item: dict[str, Any]) -> str:
    """Kind of the geometry, number of its points and its box in degrees."""
    geometry = item.get("geometry")
    if geometry is None:
        return ""
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    points = sum(len(ring) - 1 for polygon in polygons for ring in polygon)
    return f"{geometry['type']} ({points}) {', '.join(f'{v:.5g}' for v in item.get('bbox', ()))}"
