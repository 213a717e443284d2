"""Names of coordinate reference systems in the words people use, with the code under them."""

from __future__ import annotations

import re
from functools import lru_cache

from pyproj import CRS
from pyproj.exceptions import CRSError

from catalog_builder.i18n import N_
from catalog_builder.site.wording import Wording

ZONE_MERIDIANS = {"481": "102°00′", "482": "105°00′", "491": "108°00′"}
"""Central meridians of the numbered 3-degree zones of VN-2000 (EPSG:5896, 5897, 5898), which people know by the meridian."""

_TM3_MERIDIAN = re.compile(r"^VN-2000 / TM-3 (\d+)-(\d+)$")
_TM3_ZONE = re.compile(r"^VN-2000 / TM-3 zone (\d+)$")
_UTM_ZONE = re.compile(r"^(.+) / UTM zone (\d+)([NS]?)$")


@lru_cache(maxsize=512)
def crs_name(code: str, language: str) -> str | None:
    """``EPSG:5899`` as ``VN-2000 / TM-3 107°45′``; None when the code is not known to the PROJ database."""
    try:
        name = CRS.from_user_input(code).name
    except CRSError:
        return None
    if match := _TM3_MERIDIAN.match(name):
        return f"VN-2000 / TM-3 {match[1]}°{match[2]}′"
    if (match := _TM3_ZONE.match(name)) and match[1] in ZONE_MERIDIANS:
        return f"VN-2000 / TM-3 {ZONE_MERIDIANS[match[1]]}"
    if match := _UTM_ZONE.match(name):
        zone = Wording(language)(N_("UTM zone {zone}"), zone=match[2] + match[3])
        return f"{match[1]} / {zone}"
    return name
