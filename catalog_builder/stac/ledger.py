"""The ledger: properties as they are written, each with where its value comes from.

A value that cannot be true (a cloud cover of 999, an angle of 400) is not written; it becomes a finding.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from catalog_builder.facts import Claim
from catalog_builder.findings import Finding, printable
from catalog_builder.stac.findings import VALUE_REFUSED
from catalog_builder.stac.model import Json


@dataclass
class Ledger:
    """What is written so far about ``subject``; ``unverified`` names fields whose register row nobody has checked."""

    subject: str
    values: Json = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    unverified: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def put(self, name: str, value: Any, source: str) -> None:
        """Write ``value`` unless it is unknown (None, empty text, empty list)."""
        if value is None or value in ("", [], (), {}):
            return
        self.values[name] = value
        self.sources[name] = source

    def claim(self, name: str, claim: Claim | None, convert: Callable[[Any], Any] = lambda value: value) -> None:
        """Write what ``claim`` says, in the form ``convert`` gives it; what ``convert`` cannot convert is refused with a finding."""
        if claim is None:
            return
        try:
            value = convert(claim.value)
        except (ValueError, TypeError, ArithmeticError):
            self.findings.append(VALUE_REFUSED(self.subject, field=name, value=str(claim.value), source=str(claim.source)))
            return
        self.put(name, value, str(claim.source))
        if claim.unverified and name in self.values:
            self.unverified.append(name)

    def note(self, name: str, source: str) -> None:
        """Say where something outside the properties comes from (``geometry``, an asset)."""
        self.sources[name] = source


def computed(rule: str) -> str:
    """The source of a value that the product works out itself."""
    return f"computed#{rule}"


def number(low: float, high: float) -> Callable[[Any], float]:
    """A converter that takes finite numbers from ``low`` to ``high`` only."""

    def convert(value: Any) -> float:
        result = float(value)
        if not (math.isfinite(result) and low <= result <= high):
            raise ValueError(f"{value} is not between {low} and {high}")
        return tidy(result)

    return convert


def whole(low: int, high: int) -> Callable[[Any], int]:
    """A converter that takes integers from ``low`` to ``high`` only."""

    def convert(value: Any) -> int:
        result = int(value)
        if result != float(value) or not low <= result <= high:
            raise ValueError(f"{value} is not a whole number between {low} and {high}")
        return result

    return convert


def text(value: Any) -> str:
    """``value`` on one line, without control characters: it comes from an archive that nobody has checked. May be empty."""
    return printable(" ".join(str(value).split()))


def texts(value: Any) -> list[str]:
    """One or several texts as a list without empty ones and repeats."""
    several = [value] if isinstance(value, str) else value
    return list(dict.fromkeys(clean for one in several if (clean := text(one))))


def azimuth(value: Any) -> float:
    """Degrees clockwise from north, 0 <= azimuth < 360: vendors also count from -180 to 180."""
    result = float(value)
    if not (math.isfinite(result) and -360 <= result <= 360):
        raise ValueError(f"{value} is not an azimuth")
    return tidy(result % 360)


def one_of(*allowed: str) -> Callable[[Any], str]:
    """A converter that takes the given words only, whatever their case."""
    by_fold = {word.casefold(): word for word in allowed}

    def convert(value: Any) -> str:
        word = by_fold.get(str(value).strip().casefold())
        if word is None:
            raise ValueError(f"{value!r} is not one of {', '.join(allowed)}")
        return word

    return convert


def tidy(value: float) -> float:
    """``value`` without binary noise beyond 12 significant digits, which no instrument has."""
    return float(f"{value:.12g}")
