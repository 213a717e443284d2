"""Facts of a delivery as STAC properties, each through a converter that refuses what cannot be true."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from catalog_builder.archive.delivery import Delivery
from catalog_builder.facts import Facts, Field
from catalog_builder.raster.model import Raster
from catalog_builder.stac.ledger import Ledger, azimuth, computed, number, one_of, text, texts, whole
from catalog_builder.stac.model import Json
from catalog_builder.times import When, to_stac

POLARIZATIONS = ("HH", "VV", "HV", "VH", "LH", "LV", "RH", "RV", "CH", "CV")
LARGEST_GSD_M = 100_000.0
_GRID_CODE = re.compile(r"^[A-Z0-9]+-[-_.A-Za-z0-9]+$")
_VERSIONED = re.compile(r"^(?P<name>.*?\S)[\s_/-]+v?(?P<version>\d[\w.+-]*)$")


def _polarizations(value: Any) -> list[str]:
    convert = one_of(*POLARIZATIONS)
    return list(dict.fromkeys(convert(v) for v in texts(value)))


def _grid_code(value: Any) -> str:
    if not _GRID_CODE.match(str(value)):
        raise ValueError(f"{value!r} is not a grid code")
    return str(value)


def _produced(value: Any) -> str | None:
    return to_stac(value.start) if isinstance(value, When) and value.is_instant else None


CONVERTERS: Sequence[tuple[str, Field, Callable[[Any], Any]]] = (
    ("platform", Field.PLATFORM, text),
    ("constellation", Field.CONSTELLATION, text),
    ("instruments", Field.INSTRUMENTS, texts),
    ("gsd", Field.GSD, number(1e-4, LARGEST_GSD_M)),
    ("eo:cloud_cover", Field.CLOUD_COVER, number(0, 100)),
    ("view:off_nadir", Field.OFF_NADIR, number(0, 90)),
    ("view:incidence_angle", Field.INCIDENCE_ANGLE, number(0, 90)),
    ("view:azimuth", Field.VIEW_AZIMUTH, azimuth),
    ("view:sun_azimuth", Field.SUN_AZIMUTH, azimuth),
    ("view:sun_elevation", Field.SUN_ELEVATION, number(-90, 90)),
    ("sat:orbit_state", Field.ORBIT_STATE, one_of("ascending", "descending", "geostationary", "crossing")),
    ("sat:absolute_orbit", Field.ABSOLUTE_ORBIT, whole(1, 10_000_000)),
    ("sat:relative_orbit", Field.RELATIVE_ORBIT, whole(1, 10_000_000)),
    ("sar:instrument_mode", Field.SAR_MODE, text),
    ("sar:frequency_band", Field.SAR_BAND, one_of("P", "L", "S", "C", "X", "Ku", "K", "Ka")),
    ("sar:polarizations", Field.POLARIZATIONS, _polarizations),
    ("sar:observation_direction", Field.LOOK_DIRECTION, one_of("left", "right")),
    ("product:type", Field.PRODUCT_TYPE, text),
    ("grid:code", Field.GRID_CODE, _grid_code),
    ("accuracy:geometric_rmse", Field.GEOMETRIC_RMSE, number(0, 100_000)),
    ("processing:level", Field.PROCESSING_LEVEL, text),
    ("processing:datetime", Field.PRODUCED, _produced),
    ("cb:product_id", Field.PRODUCT_ID, text),
    ("cb:catalog_id", Field.CATALOG_ID, text),
    ("cb:order_id", Field.ORDER_ID, text),
)
"""Property, fact and converter, in the order in which they are written."""


def put_facts(ledger: Ledger, delivery: Delivery, raster: Raster) -> None:
    """Write the properties that follow from facts one to one, and the GSD measured from the grid where nobody claims one."""
    claims = delivery.facts.by_field()
    for name, field, convert in CONVERTERS:
        ledger.claim(name, claims.get(field), convert)
    if "gsd" not in ledger.values:
        _measured_gsd(ledger, delivery, raster)
    if "accuracy:geometric_rmse" not in ledger.values:
        _measured_rmse(ledger, raster)


def put_datetime(ledger: Ledger, facts: Facts) -> None:
    """``datetime``, or null with ``start_datetime``/``end_datetime`` when only an interval is known; null alone when nothing is."""
    ledger.values["datetime"] = None
    claim, when = facts.claim(Field.ACQUIRED), facts.acquired
    if claim is None or when is None:
        return
    source = str(claim.source)
    if when.end is None:
        ledger.put("datetime", to_stac(when.start), source)
    else:
        ledger.sources["datetime"] = source
        ledger.put("start_datetime", to_stac(when.start), source)
        ledger.put("end_datetime", to_stac(when.end), source)
    ledger.put("vn:datetime_precision", when.precision.value, source)


def software(facts: Facts, own: Json) -> Json:
    """``processing:software``: the vendor's processor where the metadata names it with a version, then ours."""
    claimed = facts.get(Field.SOFTWARE)
    match = _VERSIONED.match(text(claimed)) if claimed else None
    return ({match["name"]: match["version"]} if match else {}) | own


def _measured_gsd(ledger: Ledger, delivery: Delivery, raster: Raster) -> None:
    declared = [r.gsd for r in delivery.rasters if r.gsd]
    measured = [p.gsd for p in raster.products if p.gsd]
    if declared:
        ledger.put("gsd", number(0, LARGEST_GSD_M)(min(declared)), computed("smallest GSD that the metadata gives for a raster"))
    elif measured:
        ledger.put("gsd", number(0, LARGEST_GSD_M)(min(measured)), computed("smallest pixel size at the centre, from the grid"))


def _measured_rmse(ledger: Ledger, raster: Raster) -> None:
    for product in raster.products:
        rmse = (product.rectification or {}).get("rmse_m")
        if product.primary and isinstance(rmse, int | float):
            ledger.put("accuracy:geometric_rmse", number(0, 100_000)(rmse), computed("residuals of the rectification"))
            return
