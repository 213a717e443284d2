"""One declaration of a CRS with everything asked of it, and the two ways it can end: accepted or refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pyproj import CRS

from catalog_builder.crs import Confidence, ResolvedCrs
from catalog_builder.crs.area import Box, Candidate, candidates, named
from catalog_builder.crs.definitions import resolved_authority, stated_code
from catalog_builder.crs.vn2000 import Shift
from catalog_builder.facts import Origin
from catalog_builder.findings import Finding, FindingType


@dataclass(frozen=True, slots=True)
class Resolution:
    """``crs`` is None when the declaration was refused; ``findings`` say why; ``candidates`` are what it could be, best first."""

    crs: ResolvedCrs | None
    findings: tuple[Finding, ...] = ()
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One declaration with everything asked of it once."""

    declared: str
    crs: CRS
    single: CRS
    shift: Shift
    subject: str
    origin: Origin
    bounds: Box | None
    area: Box | None
    codes: Sequence[str]
    name: str = field(default="")

    @property
    def by_person(self) -> bool:
        return self.origin is Origin.OVERRIDE

    @property
    def confidence(self) -> Confidence:
        """How a code is believed: a person said so, the file states it, or its parameters match it."""
        if self.by_person:
            return Confidence.USER
        return Confidence.AUTHORITY if stated_code(self.crs) else Confidence.PARAMETERS

    def refuse(self, kind: FindingType, first: Sequence[str] = (), **params: object) -> Resolution:
        """No CRS, and the candidates: ``first`` those that the definition itself suggests, then those that fit the place."""
        found = ranked_candidates(self.bounds, self.area, self.codes, first)
        return Resolution(None, (kind(self.subject, declared=self.name, candidates=named(found), **params),), found)

    def accept(self, code: str, *warnings: Finding, confidence: Confidence | None = None) -> Resolution:
        return Resolution(resolved_authority(code, self.name, confidence or self.confidence), tuple(warnings))


def ranked_candidates(bounds: Box | None, area: Box | None, codes: Sequence[str], first: Sequence[str]) -> tuple[Candidate, ...]:
    ranked = candidates(bounds, area, codes)
    suggested = candidates(None, None, first)
    by_code = {c.code: c for c in ranked}
    leading = [by_code.get(c.code, c) for c in suggested]
    return (*leading, *(c for c in ranked if c not in leading))
