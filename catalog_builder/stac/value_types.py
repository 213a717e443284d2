"""The types that rules of a profile ask of values: a name as it stands in a rule, and what decides."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

_RFC3339 = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$", re.ASCII)
_WORDS_FOR_NUMBERS = ("nan", "inf", "-inf")


def is_number(value: Any) -> bool:
    """A finite number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value.strip() != ""


def _is_integer(value: Any) -> bool:
    return is_number(value) and value == int(value)  # 4.0 is one, as JSON schemas see it


def _is_date(value: Any) -> bool:
    return isinstance(value, str) and _parses(date.fromisoformat, value)


def _is_moment(value: Any) -> bool:
    return isinstance(value, str) and _RFC3339.match(value) is not None and _parses(datetime.fromisoformat, value)


def _parses(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


@lru_cache(1024)  # the same few addresses stand in every item
def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


TYPE_TESTS: Mapping[str, Callable[[Any], bool]] = {
    "text": _is_text,
    "number": is_number,
    "number-or-word": lambda value: (isinstance(value, str) and value in _WORDS_FOR_NUMBERS) or is_number(value),
    "integer": _is_integer,
    "boolean": lambda value: isinstance(value, bool),
    "list": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "date": _is_date,
    "datetime": _is_moment,
    "url": lambda value: isinstance(value, str) and _is_web_address(value),
}
"""Name of a type in a rule -> whether a value has it; ``any`` is not in it."""
