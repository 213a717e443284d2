"""The vendor formats in the order in which they are asked: the more a format insists on, the earlier it stands.

A new format is a module in ``archive/vendors/`` with a constant ``FORMAT``, its tests, and one line here. Formats that take what
no vendor claims come last.
"""

from __future__ import annotations

from importlib import import_module

from catalog_builder.archive.delivery import VendorFormat

MODULES = (
    "airbus_dimap2",
    "airbus_dimap1",
    "airbus_system",
    "maxar",
    "geoeye",
    "kompsat",
    "alos",
    "rapideye",
    "planet",
    "skysat",
    "eros",
    "orbview",
    "resurs",
    "landsat",
    "sentinel2",
    "sentinel1",
    "radarsat2",
    "terrasar",
    "umbra",
    "cbers",
    "aster",
    "airbus_rpc",
    "ossim_geom",
    "stac_item",
    "unreadable",
    "scans",
    "generic",
)
"""One line per module of ``archive/vendors/``."""

FORMATS: tuple[VendorFormat, ...] = tuple(import_module(f"catalog_builder.archive.vendors.{name}").FORMAT for name in MODULES)
