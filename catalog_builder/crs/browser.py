"""Definitions for the map in the browser (proj4js), which has no EPSG database and chooses no transformations."""

from __future__ import annotations

import warnings

from catalog_builder.crs import ResolvedCrs
from catalog_builder.crs.parse import crs_of, horizontal
from catalog_builder.crs.transform import helmert

_DATUM_KEYS = ("datum", "towgs84", "nadgrids", "ellps", "type")


def browser_definition(crs: ResolvedCrs) -> str | None:
    """A PROJ.4 string for proj4js that does what the pinned operation does, to millimetres.

    The datum is always spelled out as ellipsoid and ``+towgs84`` in the position-vector convention, because datum names mean
    other parameters (or grids) in proj4js. None where the operation is not a Helmert transformation or the projection has no
    PROJ.4 name.
    """
    shift = helmert(crs)
    single = horizontal(crs_of(crs.wkt))
    if shift is None or single.ellipsoid is None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the string loses is added below
        text = single.to_proj4()
    words = [w for w in text.split() if w.lstrip("+").split("=")[0] not in (*_DATUM_KEYS, "no_defs")]
    if not words:
        return None
    spherical = any(w.startswith(("+a=", "+R=")) for w in words)
    if not spherical:
        flattening = single.ellipsoid.inverse_flattening
        shape = f"+rf={flattening:.12g}" if flattening else f"+b={single.ellipsoid.semi_minor_metre:.14g}"
        words += [f"+a={single.ellipsoid.semi_major_metre:.12g}", shape]
    parameters = ",".join(f"{p:.12g}" for p in (shift or (0.0,) * 7))
    return " ".join([*words, "+nadgrids=@null" if _web_mercator(words) else f"+towgs84={parameters}", "+no_defs"])


def _web_mercator(words: list[str]) -> bool:
    """Spherical Mercator of the web: latitudes are taken over as they are, which a datum shift would spoil."""
    return "+proj=merc" in words and any(w == "+b=6378137" for w in words)
