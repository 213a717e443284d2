"""One scene as a STAC 1.1.0 item.

Everything that is known is written, each property with its source; what is not known is absent. A scene without a date or a
geometry, or with an error finding, becomes a draft: its JSON says what is known and null where STAC allows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyproj
import rasterio

from catalog_builder import __version__
from catalog_builder.archive.delivery import Delivery
from catalog_builder.crs import ResolvedCrs
from catalog_builder.crs.resolve import resolve
from catalog_builder.definition.assign import Assignment
from catalog_builder.definition.model import Definition
from catalog_builder.facts import Field, Origin
from catalog_builder.findings import Finding, Severity
from catalog_builder.i18n import N_
from catalog_builder.raster.model import Raster, RasterProduct
from catalog_builder.stac import official, people, texts
from catalog_builder.stac.assets import AssetWriter
from catalog_builder.stac.audience import for_audience
from catalog_builder.stac.extensions import STAC_VERSION, used_extensions
from catalog_builder.stac.findings import LICENCE_NOT_SPDX, NO_DATE, NO_GEOMETRY
from catalog_builder.stac.ledger import Ledger, computed, text, tidy
from catalog_builder.stac.model import Item, Json, plain
from catalog_builder.stac.projection import crs_fields, shared_crs
from catalog_builder.stac.properties import put_datetime, put_facts, software
from catalog_builder.times import to_stac

__all__ = ["for_audience", "make_item"]

ITEM_VERSION = "1"
RENDER = "visual"

LOSSLESS = N_("Pixels written unchanged as Cloud-Optimized GeoTIFF; equality with the source proved by checksum of the decoded pixels.")
LOSSY = N_("Pixels written as Cloud-Optimized GeoTIFF with loss (see cb:lossless and cb:preset of each asset).")
RECTIFIED = N_("Image rectified geometrically (see vn:rectification of each asset), then written as Cloud-Optimized GeoTIFF.")
METADATA_ONLY = N_("Metadata only; the delivery has no readable pixels.")


def make_item(delivery: Delivery, raster: Raster, assignment: Assignment, definition: Definition, folder: Path) -> Item:
    """The item of ``delivery``; asset hrefs are relative to ``folder``, where the products lie.

    The JSON carries no structural links (the release room adds them), only a ``license`` link where the policy gives one.
    """
    ledger = Ledger(delivery.id)
    languages = tuple(definition.languages) or ("vi",)
    writer = AssetWriter(delivery, folder, languages)
    crs = shared_crs([p.grid.crs for p in raster.products])
    writer.write(raster, shared_code=crs is not None)
    _put_title(ledger, delivery, assignment, languages[0])
    put_datetime(ledger, delivery.facts)
    put_facts(ledger, delivery, raster)
    _put_projection(ledger, delivery, raster, crs)
    official.put_official(ledger, delivery, raster, assignment, definition)
    _put_policy(ledger, assignment, definition)
    translations = _put_processing(ledger, delivery, raster, languages)
    _put_renders(ledger, raster, writer)
    _note_geometry(ledger, delivery, raster)
    _put_own(ledger, delivery, raster, assignment, writer, translations)
    findings = (*ledger.findings, *_licence_findings(delivery.id, assignment), *_missing(delivery, raster))
    draft = any(f.severity is Severity.ERROR for f in (*delivery.findings, *raster.findings, *findings))
    json = _feature(delivery.id, raster, assignment, definition, ledger, writer)
    return Item(delivery.id, assignment.collection.id, assignment.access, json, folder, dict(ledger.sources), findings, draft)


def _feature(item_id: str, raster: Raster, assignment: Assignment, definition: Definition, ledger: Ledger, writer: AssetWriter) -> Json:
    footprint = raster.footprint
    json: Json = {
        "type": "Feature",
        "stac_version": STAC_VERSION,
        "stac_extensions": [],
        "id": item_id,
        "geometry": None if footprint is None else plain({name: footprint.geometry[name] for name in ("type", "coordinates")}),
    }
    if footprint is not None:
        json["bbox"] = [tidy(v) for v in footprint.bbox]
    json |= {
        "properties": ledger.values,
        "links": people.licence_links(definition, assignment.collection, assignment.order),
        "assets": writer.assets,
        "collection": assignment.collection.id,
    }
    json["stac_extensions"] = used_extensions(json)
    return json


def _put_title(ledger: Ledger, delivery: Delivery, assignment: Assignment, language: str) -> None:
    """``title``: the vendor's scene name, after the platform where the name does not tell it. The same in every language."""
    name = text(delivery.facts.get(Field.SCENE_NAME) or "") or delivery.id
    platform = text(delivery.facts.get(Field.PLATFORM) or "")
    title = name if not platform or platform.casefold() in name.casefold() else f"{platform} · {name}"
    ledger.put("title", title, computed("platform and scene name"))
    keywords = [*assignment.collection.keywords.get(language, ()), *([platform] if platform else [])]  # type: ignore[call-overload]
    ledger.put("keywords", list(dict.fromkeys(keywords)), f"collections/{assignment.collection.id}.toml#keywords")


def _put_projection(ledger: Ledger, delivery: Delivery, raster: Raster, crs: ResolvedCrs | None) -> None:
    source = computed("CRS resolved from what the raster or its metadata declares")
    declared = delivery.facts.claim(Field.DECLARED_CRS)
    if declared is not None and declared.source.origin is Origin.OVERRIDE:
        source = str(declared.source)
    if not raster.products and declared is not None:
        resolution = resolve(str(declared.value), subject=delivery.id, origin=declared.source.origin)
        crs, source = resolution.crs, str(declared.source)
        if crs is not None:  # without pixels an unusable declaration is only one fact less, so its findings are not needed
            ledger.findings += resolution.findings
    for name, value in crs_fields(crs).items():
        ledger.values[name] = value  # proj:code null is a statement: no authority code
        ledger.note(name, source)
    official.put_crs(ledger, crs, source)
    if raster.footprint is not None:
        lon, lat = raster.footprint.centroid
        ledger.put("proj:centroid", {"lat": tidy(lat), "lon": tidy(lon)}, computed("centroid of the footprint"))


def _put_policy(ledger: Ledger, assignment: Assignment, definition: Definition) -> None:
    collection, order = assignment.collection, assignment.order
    here = f"orders/{order.id}.toml#licence" if order else f"collections/{collection.id}.toml#license"
    ledger.put("license", people.licence_of(collection, order), here)
    if ledger.values["license"] == people.OTHER_LICENCE:
        ledger.put("cb:licence", order.licence if order else None, here)
    ledger.put("providers", people.providers(definition, collection), f"collections/{collection.id}.toml#providers")
    ledger.put("contacts", people.contacts(definition), "registers/agencies.csv#catalog.toml: host")
    if order is not None:
        ledger.put("order:status", "succeeded", computed("an order with delivered files"))
        ledger.put("order:id", order.id, f"orders/{order.id}.toml#id")
        if order.contract_date:
            ledger.put("order:date", f"{order.contract_date.isoformat()}T00:00:00Z", f"orders/{order.id}.toml#contract_date")
    ledger.put("version", ITEM_VERSION, computed("first version"))
    if definition.as_of is not None:
        ledger.put("published", to_stac(definition.as_of), "command line#--as-of")


def _put_processing(ledger: Ledger, delivery: Delivery, raster: Raster, languages: tuple[str, ...]) -> dict[str, str]:
    """Software and lineage; the lineage in the other languages is returned for ``cb:texts``."""
    own = {"catalog-builder": __version__, "GDAL": rasterio.__gdal_version__, "PROJ": pyproj.proj_version_str}
    ledger.put("processing:software", software(delivery.facts, own), computed("versions in use"))
    lineage = texts.translated(_lineage(raster.products), languages)
    ledger.put("processing:lineage", lineage[languages[0]], computed("what was done to the pixels"))
    return {language: lineage[language] for language in languages[1:]}


def _lineage(products: Iterable[RasterProduct]) -> str:
    made = tuple(products)
    if not made:
        return METADATA_ONLY
    if any(p.rectification for p in made):
        return RECTIFIED
    return LOSSLESS if all(p.lossless for p in made) else LOSSY


def _put_renders(ledger: Ledger, raster: Raster, writer: AssetWriter) -> None:
    """``renders`` (render extension 2.0.0): how the data assets become the visual one."""
    rendering = raster.rendering or {}
    shown = render(rendering, writer.keys, writer.languages[0])
    if shown is None:
        return
    ledger.put("renders", {RENDER: shown}, computed("rendering of the visual asset"))
    titles = rendering.get("titles", {})
    for language in writer.languages[1:]:
        if language in titles:
            writer.texts[language][f"/properties/renders/{RENDER}/title"] = str(titles[language])


def render(rendering: Mapping[str, Any], keys: Mapping[str, str], language: str) -> Json | None:
    """The render object of a raster room's ``rendering``: asset per channel, band numbers from 1, value range per band.

    ``keys`` gives the asset key of each raster product. Band numbers are written where one asset holds all channels.
    """
    named = [keys.get(str(key)) for key in (rendering.get("assets") or [rendering.get("asset")])]
    assets = [key for key in dict.fromkeys(named) if key is not None]
    if not assets or None in named:
        return None
    out: Json = {"title": str(rendering.get("titles", {}).get(language) or rendering.get("title") or RENDER), "assets": assets}
    if rendering.get("bands") and len(assets) == 1:
        out["bidx"] = [int(band) for band in rendering["bands"]]
    if rendering.get("ranges"):
        out["rescale"] = [[tidy(float(low)), tidy(float(high))] for low, high in rendering["ranges"]]
    return out


def _note_geometry(ledger: Ledger, delivery: Delivery, raster: Raster) -> None:
    if raster.footprint is None:
        return
    claim = delivery.facts.claim(Field.FOOTPRINT) or delivery.facts.claim(Field.CORNERS)
    from_vendor = raster.footprint.method == "metadata" and claim is not None
    ledger.note("geometry", str(claim.source) if from_vendor and claim else computed(f"footprint by {raster.footprint.method}"))
    ledger.put("cb:footprint", {"method": raster.footprint.method, "approximate": raster.footprint.approximate}, computed("footprint"))
    ledger.sources.pop("cb:footprint", None)


def _put_own(
    ledger: Ledger, delivery: Delivery, raster: Raster, assignment: Assignment, writer: AssetWriter, lineage: Mapping[str, str]
) -> None:
    """``cb:`` properties: sources, provenance, translations. Written last, because they speak of all others."""
    values = ledger.values
    values["cb:access_reason"] = assignment.access_reason
    values["cb:format"] = delivery.format
    checksums = {name: (file.size, file.checksum) for file, _, name in raster.sidecars}
    sources = []
    for file, role in delivery.files:
        entry: Json = {"name": file.name, "size": file.size, "role": role.value}
        copied = checksums.get(file.name)
        if copied and copied[0] == file.size:
            entry["checksum"] = copied[1]
        sources.append(entry)
    values["cb:sources"] = sources
    if ledger.unverified:
        values["cb:unverified"] = sorted(ledger.unverified)
    ledger.sources |= writer.sources
    values["cb:provenance"] = dict(sorted(ledger.sources.items()))
    values |= texts.language_fields(writer.languages)
    translated = {language: {"/properties/processing:lineage": lineage[language], **writer.texts[language]} for language in writer.texts}
    if translated:
        values["cb:texts"] = translated


def _licence_findings(subject: str, assignment: Assignment) -> Iterable[Finding]:
    licence = assignment.order.licence if assignment.order else assignment.collection.license
    if people.spdx_or_other(licence) != licence:
        yield LICENCE_NOT_SPDX(subject, licence=licence)


def _missing(delivery: Delivery, raster: Raster) -> Iterable[Finding]:
    """What keeps the item a draft, unless an earlier room has said it already."""
    said = any(f.severity is Severity.ERROR for f in (*delivery.findings, *raster.findings))
    if delivery.facts.acquired is None and not said:
        yield NO_DATE(delivery.id)
    if raster.footprint is None and not said:
        yield NO_GEOMETRY(delivery.id)
