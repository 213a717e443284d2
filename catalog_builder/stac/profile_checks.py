"""Checks of a profile that need more than type and range. Each takes the value and the whole object and says what is wrong, or None."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any, TypeGuard

from catalog_builder.stac.extensions import used_extensions
from catalog_builder.stac.model import Json
from catalog_builder.stac.texts import get_pointer
from catalog_builder.times import from_stac

Check = Callable[[Any, Json], str | None]


def interval_in_order(value: Any, obj: Json) -> str | None:
    """``start_datetime`` is not after ``end_datetime``, and an instant lies between them."""
    properties = obj["properties"]
    try:
        start, end = from_stac(properties["start_datetime"]), from_stac(properties["end_datetime"])
        instant = from_stac(properties["datetime"]) if properties.get("datetime") else start
    except (AttributeError, KeyError, TypeError, ValueError):
        return None  # other rules speak of missing and malformed times
    if start > end:
        return f"{properties['start_datetime']} > {properties['end_datetime']}"
    return None if start <= instant <= end else f"{properties['datetime']}"


def box_in_range(value: Any, obj: Json) -> str | None:
    """A box of longitudes -180..180 and latitudes -90..90, south not above north."""
    if not isinstance(value, list) or len(value) != 4 or not all(_is_number(v) for v in value):
        return str(value)
    west, south, east, north = value
    good = -180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90
    return None if good else str(value)


def rings(value: Any, obj: Json) -> str | None:
    """Closed rings of at least four positions in range; outer rings anticlockwise, holes clockwise (RFC 7946)."""
    geometry = obj.get("geometry")
    if not isinstance(geometry, dict):
        return None
    if geometry.get("type") not in ("Polygon", "MultiPolygon"):
        return None
    try:
        for polygon in [value] if geometry["type"] == "Polygon" else value:
            for number, ring in enumerate(polygon):
                problem = _ring(ring, outer=number == 0)
                if problem:
                    return problem
    except (TypeError, ValueError, IndexError):
        return "malformed"
    return None


def _ring(ring: list[list[float]], outer: bool) -> str | None:
    if len(ring) < 4 or ring[0] != ring[-1]:
        return "open ring"
    xs, ys, *_ = zip(*ring, strict=True)
    if not (min(xs) >= -180 and max(xs) <= 180 and min(ys) >= -90 and max(ys) <= 90):
        return "outside -180..180, -90..90"
    x0, y0 = xs[0], ys[0]
    area = sum((ax - x0) * (by - y0) - (bx - x0) * (ay - y0) for (ax, bx), (ay, by) in zip(pairwise(xs), pairwise(ys), strict=True))
    return None if (area > 0) == outer else "winding"


def box_of_geometry(value: Any, obj: Json) -> str | None:
    """The box holds the geometry (give or take a millionth of a degree)."""
    geometry = obj.get("geometry")
    if not isinstance(geometry, dict) or box_in_range(value, obj):
        return None
    west, south, east, north = value
    for x, y in _positions(geometry.get("coordinates")):
        in_width = west - 1e-6 <= x <= east + 1e-6 if west <= east else x >= west - 1e-6 or x <= east + 1e-6
        if not in_width or not south - 1e-6 <= y <= north + 1e-6:
            return f"{x}, {y}"
    return None


def _positions(node: Any) -> Iterable[tuple[float, float]]:
    if isinstance(node, list) and len(node) >= 2 and all(_is_number(v) for v in node):
        yield node[0], node[1]
    elif isinstance(node, list):
        for part in node:
            yield from _positions(part)


def histogram(value: Any, obj: Json) -> str | None:
    """As many buckets as counted, no negative count, minimum below maximum."""
    if not isinstance(value, dict):
        return str(value)
    buckets = value.get("buckets")
    if not isinstance(buckets, list) or value.get("count") != len(buckets):
        return f"count {value.get('count')}"
    if not set(map(type, buckets)) <= {int} or min(buckets, default=0) < 0:
        return "negative count"
    low, high = value.get("min"), value.get("max")
    return None if _is_number(low) and _is_number(high) and low < high else f"{low} .. {high}"


def statistics_in_order(value: Any, obj: Json) -> str | None:
    """minimum <= mean <= maximum."""
    if not isinstance(value, dict):
        return str(value)
    numbers = [number for n in ("minimum", "mean", "maximum") if _is_number(number := value.get(n))]
    if numbers == sorted(numbers):
        return None
    slack = 1e-6 * max(map(abs, numbers))
    return None if all(a <= b + slack for a, b in pairwise(numbers)) else str(numbers)


def extensions_listed(value: Any, obj: Json) -> str | None:
    """Every extension whose fields are used is listed."""
    listed = value if isinstance(value, list) else ()
    return ", ".join(uri for uri in used_extensions(obj) if uri not in listed) or None


def pointers_resolve(value: Any, obj: Json) -> str | None:
    """Every translated text stands for a text that is there."""
    if not isinstance(value, dict):
        return str(value)
    for pointers in value.values():
        for pointer in pointers if isinstance(pointers, dict) else ():
            if not _resolves(obj, pointer):
                return str(pointer)
    return None


def _resolves(obj: Json, pointer: str) -> bool:
    try:
        get_pointer(obj, pointer)
    except (KeyError, IndexError, TypeError, ValueError):
        return False
    return True


_NEEDS_NO_SOURCE = frozenset({"language", "languages", "vn:access"})


def provenance_known(value: Any, obj: Json) -> str | None:
    """Every property but ours has a source."""
    if not isinstance(value, dict):
        return str(value)
    properties = obj.get("properties", {})
    silent = [n for n in properties if n not in value and n not in _NEEDS_NO_SOURCE and not n.startswith("cb:")]
    return ", ".join(n for n in silent if properties[n] is not None) or None


def other_licence_linked(value: Any, obj: Json) -> str | None:
    """A licence without SPDX identifier is linked or at least named."""
    if value != "other" or obj.get("properties", {}).get("cb:licence"):
        return None
    links = obj.get("links", [])
    return None if any(isinstance(x, dict) and x.get("rel") == "license" for x in links) else "other"


_NUMBERS = frozenset({int, float})


def _is_number(value: Any) -> TypeGuard[float]:
    return type(value) in _NUMBERS  # JSON has no subclasses; true and false are none


CHECKS: Mapping[str, Check] = {
    "box-in-range": box_in_range,
    "box-of-geometry": box_of_geometry,
    "extensions-listed": extensions_listed,
    "histogram": histogram,
    "interval-in-order": interval_in_order,
    "other-licence-linked": other_licence_linked,
    "pointers-resolve": pointers_resolve,
    "provenance-known": provenance_known,
    "rings": rings,
    "statistics-in-order": statistics_in_order,
}
"""Name in a rule -> check."""
