"""Official fields of Vietnam (``vn:``): classes, corners, CRS statement, order, deadlines.

Fields: TT 09/2017/TT-BTNMT article 7; classes: TT 10/2015/TT-BTNMT articles 3 and 7 (limits are configuration).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import lru_cache

from catalog_builder.archive.delivery import Delivery, RasterKind
from catalog_builder.crs import ResolvedCrs
from catalog_builder.definition.assign import Assignment
from catalog_builder.definition.model import Definition, Thresholds
from catalog_builder.definition.registers import Holiday
from catalog_builder.facts import Facts, Field
from catalog_builder.raster.model import Raster
from catalog_builder.stac.admin_units import units_under
from catalog_builder.stac.ledger import Ledger, computed, number, one_of, text, tidy, whole
from catalog_builder.stac.model import Json
from catalog_builder.stac.projection import central_meridian, official_crs, zone_width

NATIONAL_LEVELS = ("0", "raw", "1A", "2A", "3A", "3B")
ORIGINS = ("national_station", "foreign_purchase", "domestic_purchase", "exchange", "aid", "own_flight", "open_data", "archive_scan")
FUNDING = ("state_central", "state_local", "oda", "grant", "enterprise", "other")
PUBLISH_WORKING_DAYS = 30
"""Working days from hand-over to publication of metadata: decree 03/2019/ND-CP, article 18(2)."""


def put_official(ledger: Ledger, delivery: Delivery, raster: Raster, assignment: Assignment, definition: Definition) -> None:
    """Write every ``vn:`` property that is known."""
    facts = delivery.facts
    ledger.put("vn:access", assignment.access.value, computed(assignment.access_reason))
    ledger.claim("vn:scene_name", facts.claim(Field.SCENE_NAME), text)
    ledger.claim("vn:imaging_mode", facts.claim(Field.IMAGING_MODE), text)
    ledger.claim("vn:processing_level", facts.claim(Field.NATIONAL_LEVEL), one_of(*NATIONAL_LEVELS))
    _bit_depth(ledger, facts, raster)
    _classes(ledger, definition.thresholds)
    _corners(ledger, facts, raster)
    if raster.footprint is not None:
        ledger.put("vn:admin_units", units_under(definition, raster.footprint), computed("footprint over area.boundaries of catalog.toml"))
    _policy(ledger, delivery, assignment, definition)
    _sheet(ledger, facts)
    _film(ledger, facts, raster)


def put_crs(ledger: Ledger, crs: ResolvedCrs | None, source: str) -> None:
    """Write ``vn:crs``, ``vn:central_meridian`` and ``vn:zone_width`` of the CRS that all products share."""
    if crs is None:
        return
    ledger.put("vn:crs", official_crs(crs), source)
    ledger.put("vn:central_meridian", central_meridian(crs), computed("longitude of natural origin of the resolved CRS"))
    ledger.put("vn:zone_width", zone_width(crs), computed("scale factor of the resolved CRS"))


def resolution_class(gsd: float, thresholds: Thresholds) -> str:
    """``very_high`` below, ``high`` up to and with, ``medium`` up to and with the limits, else ``low``; ``gsd`` in metres."""
    if gsd < thresholds.very_high_below_m:
        return "very_high"
    if gsd <= thresholds.high_up_to_m:
        return "high"
    return "medium" if gsd <= thresholds.medium_up_to_m else "low"


def cloud_class(percent: float, thresholds: Thresholds) -> str:
    """A below the first limit, B below the second, C from there."""
    if percent < thresholds.cloud_a_below:
        return "A"
    return "B" if percent < thresholds.cloud_b_below else "C"


def working_day(start: date, days: int, holidays: Iterable[date]) -> date:
    """The day that is ``days`` working days (Monday to Friday, no holiday) after ``start``."""
    closed = set(holidays)
    day = start
    while days > 0:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in closed:
            days -= 1
    return day


def _classes(ledger: Ledger, thresholds: Thresholds) -> None:
    gsd, cloud = ledger.values.get("gsd"), ledger.values.get("eo:cloud_cover")
    if gsd is not None:
        ledger.put("vn:resolution_class", resolution_class(gsd, thresholds), computed("gsd and thresholds of catalog.toml"))
    if cloud is not None:
        ledger.put("vn:cloud_class", cloud_class(cloud, thresholds), computed("eo:cloud_cover and thresholds of catalog.toml"))


def _bit_depth(ledger: Ledger, facts: Facts, raster: Raster) -> None:
    claim = facts.claim(Field.BIT_DEPTH)
    if claim is not None:
        ledger.claim("vn:bit_depth", claim, whole(1, 64))
        return
    bits = {b.bits_per_sample for p in raster.products if p.primary for b in p.bands if b.bits_per_sample}
    if len(bits) == 1:
        ledger.put("vn:bit_depth", bits.pop(), computed("bits per sample of the file"))


def _corners(ledger: Ledger, facts: Facts, raster: Raster) -> None:
    claim = facts.claim(Field.CORNERS)
    if claim is not None:
        ledger.claim("vn:corners", claim, _four_corners)
    if "vn:corners" not in ledger.values and raster.footprint and len(raster.footprint.corners) == 4:
        ledger.put("vn:corners", _four_corners(raster.footprint.corners), computed(f"corners of the raster ({raster.footprint.method})"))


def _four_corners(value: Sequence[Sequence[float]]) -> list[list[float]]:
    lon, lat = number(-180, 180), number(-90, 90)
    if len(value) != 4:
        raise ValueError(f"{len(value)} corners")
    return [[lon(x), lat(y)] for x, y in value]


def _policy(ledger: Ledger, delivery: Delivery, assignment: Assignment, definition: Definition) -> None:
    collection, order = assignment.collection, assignment.order
    here = f"orders/{order.id}.toml" if order else f"collections/{collection.id}.toml"
    ledger.put("vn:origin", order.origin if order else collection.origin, f"{here}#origin")
    ledger.put("vn:funding_source", list(order.funding if order else collection.funding), f"{here}#funding")
    ledger.put("vn:theme", list(collection.themes), f"collections/{collection.id}.toml#themes")
    ledger.claim("vn:project", delivery.facts.claim(Field.PROJECT), text)
    if order is None:
        return
    if "vn:project" not in ledger.values:
        ledger.put("vn:project", order.project, f"{here}#project")
    ledger.put("vn:contract_no", order.contract_no, f"{here}#contract_no")
    ledger.put("vn:contract_date", _iso(order.contract_date), f"{here}#contract_date")
    ledger.put("vn:supplier", order.supplier, f"{here}#supplier")
    ledger.put("vn:licence_scope", order.licence_scope, f"{here}#licence_scope")
    ledger.put("vn:licence_expires", _iso(order.licence_expires), f"{here}#licence_expires")
    ledger.put("vn:received", _iso(order.received), f"{here}#received")
    if order.received:
        due = publish_due(order.received, definition.holidays)
        ledger.put(
            "vn:publish_due", due.isoformat(), computed(f"{PUBLISH_WORKING_DAYS} working days after vn:received, registers/holidays.csv")
        )


def publish_due(received: date, holidays: Iterable[Holiday]) -> date:
    """The last day to publish the metadata of a scene handed over on ``received``."""
    return _publish_due(received, tuple(h.day for h in holidays))


@lru_cache(1024)  # the scenes of an order were handed over on one day
def _publish_due(received: date, closed: tuple[date, ...]) -> date:
    return working_day(received, PUBLISH_WORKING_DAYS, closed)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _sheet(ledger: Ledger, facts: Facts) -> None:
    ledger.claim("vn:sheet", facts.claim(Field.MAP_SHEET), text)
    ledger.claim("vn:map_scale", facts.claim(Field.MAP_SCALE), whole(1, 100_000_000))


def _film(ledger: Ledger, facts: Facts, raster: Raster) -> None:
    scan = _group(ledger, facts, {"dpi": Field.SCAN_DPI, "roll": Field.FILM_ROLL, "frame": Field.FRAME})
    if scan and "vn:bit_depth" in ledger.values and any(p.kind is RasterKind.SCAN for p in raster.products):
        scan["bit_depth"] = ledger.values["vn:bit_depth"]
    _put_group(ledger, "vn:scan", scan, facts, Field.SCAN_DPI, Field.FILM_ROLL, Field.FRAME)
    fields = {
        "photo_scale": Field.PHOTO_SCALE,
        "flight_height_m": Field.FLIGHT_HEIGHT,
        "focal_length_mm": Field.FOCAL_LENGTH,
        "camera": Field.CAMERA,
    }
    _put_group(ledger, "vn:aerial", _group(ledger, facts, fields), facts, *fields.values())


def _group(ledger: Ledger, facts: Facts, fields: dict[str, Field]) -> Json:
    part = Ledger(ledger.subject)
    words = {Field.FILM_ROLL, Field.FRAME, Field.CAMERA}
    for name, field in fields.items():
        convert = text if field in words else whole(1, 10_000_000) if field is Field.PHOTO_SCALE else number(0, 1_000_000)
        part.claim(name, facts.claim(field), convert)
    ledger.findings += part.findings
    return {k: tidy(v) if isinstance(v, float) else v for k, v in part.values.items()}


def _put_group(ledger: Ledger, name: str, group: Json, facts: Facts, *fields: Field) -> None:
    sources = dict.fromkeys(str(c.source) for f in fields if (c := facts.claim(f)))
    ledger.put(name, group, ", ".join(sources))
