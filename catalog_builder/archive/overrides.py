"""Facts that people supply: matching overrides to scenes, turning them into claims and corrections of rasters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from catalog_builder.archive.delivery import Band, RasterKind, RasterSource
from catalog_builder.archive.findings import OVERRIDE_BANDS, OVERRIDE_INVALID, OVERRIDE_RIVALS, OVERRIDE_UNUSED
from catalog_builder.archive.override_template import write_override_template
from catalog_builder.definition.model import Override
from catalog_builder.facts import Claim, Field, Origin, Source
from catalog_builder.findings import Finding
from catalog_builder.times import When, parse_iso

__all__ = ["OverrideClaims", "correct_rasters", "matches", "matching", "override_claims", "unused", "write_override_template"]

OVERRIDES_FILE = "overrides"
"""What stands as the file in the source of a fact: a register's name, as the definition is not part of the archive."""

DATE_FORMS = "2021-06-05, 2021-06-05T03:12:34Z, 2021-06, 2021, 2021-06-05/2021-06-09"
"""How ``acquired`` may be written, for people."""

PLAIN_FIELDS: Mapping[str, Field] = {
    "crs": Field.DECLARED_CRS,
    "platform": Field.PLATFORM,
    "instruments": Field.INSTRUMENTS,
    "scene_name": Field.SCENE_NAME,
    "gsd": Field.GSD,
    "cloud_cover": Field.CLOUD_COVER,
    "processing_level": Field.PROCESSING_LEVEL,
    "national_level": Field.NATIONAL_LEVEL,
    "project": Field.PROJECT,
}
"""Keys of an override that are facts as they stand."""


@dataclass(frozen=True, slots=True)
class OverrideClaims:
    """What the overrides of one scene say, and what is wrong with them."""

    claims: tuple[Claim, ...]
    findings: tuple[Finding, ...]


def matching(overrides: Sequence[Override], names: Iterable[str]) -> tuple[Override, ...]:
    """The overrides whose path matches the scene with these archive-relative names (origin and files), in their own order."""
    candidates = _candidates(names)
    return tuple(o for o in overrides if _matches_any(o.path, candidates))


def matches(pattern: str, names: Iterable[str]) -> bool:
    """Whether ``pattern`` matches one of ``names`` or a folder above one: ``2019/**/*.tif``, ``2019/ha_long``, ``2019/x.zip``.

    ``*`` and ``?`` stay within one folder, ``**`` does not; NFC and NFD spellings of a name are the same.
    """
    return _matches_any(pattern, _candidates(names))


def unused(overrides: Sequence[Override], used: Iterable[Override]) -> list[Finding]:
    """A finding for each override that matched nothing."""
    seen = {id(o) for o in used}
    return [OVERRIDE_UNUSED(o.path) for o in overrides if id(o) not in seen]


def override_claims(overrides: Sequence[Override], subject: str) -> OverrideClaims:
    """The facts that ``overrides`` state about the scene ``subject``; of two that differ the first is used."""
    claims: list[Claim] = []
    findings: list[Finding] = []
    for override in overrides:
        found, problems = _claims_of(override)
        claims += found
        findings += problems
    findings += _rivals(claims, subject)
    return OverrideClaims(tuple(claims), tuple(findings))


def correct_rasters(
    overrides: Sequence[Override], rasters: Sequence[RasterSource], subject: str
) -> tuple[tuple[RasterSource, ...], tuple[Finding, ...]]:
    """``rasters`` with the nodata value, kind and band names that people gave; the first override to say something wins."""
    nodata = next((o.nodata for o in overrides if o.nodata is not None), None)
    kind = next((RasterKind(o.kind) for o in overrides if o.kind in set(RasterKind)), None)
    names = next((o.band_names for o in overrides if o.band_names), None)
    common = next((o.common_names for o in overrides if o.common_names), None)
    findings = [
        OVERRIDE_INVALID(o.path, field="kind", value=o.kind, forms=", ".join(RasterKind))
        for o in overrides
        if o.kind is not None and o.kind not in set(RasterKind)
    ]
    corrected: list[RasterSource] = []
    for raster in rasters:
        bands, problem = _bands(raster, names, common, subject)
        findings += problem
        corrected.append(
            replace(raster, bands=bands, nodata=raster.nodata if nodata is None else nodata, kind=raster.kind if kind is None else kind)
        )
    return tuple(corrected), tuple(findings)


def _claims_of(override: Override) -> tuple[list[Claim], list[Finding]]:
    claims = [_claim(override, field, getattr(override, key), key) for key, field in PLAIN_FIELDS.items()]
    findings: list[Finding] = []
    if override.acquired is not None:
        try:
            claims.append(_claim(override, Field.ACQUIRED, parse_acquired(override.acquired), "acquired"))
        except ValueError:
            findings.append(OVERRIDE_INVALID(override.path, field="acquired", value=override.acquired, forms=DATE_FORMS))
    return [c for c in claims if c.value is not None], findings


def parse_acquired(text: str) -> When:
    """An ISO date, date-time, month or year, or an interval ``start/end`` of them.

    Raises:
        ValueError: it is none of these.
    """
    first, slash, last = text.partition("/")
    start = parse_iso(first)
    if not slash:
        return start
    end = parse_iso(last)
    return When.between(start.start, end.end or end.start)


def _claim(override: Override, field: Field, value: Any, key: str) -> Claim:
    return Claim(field, value, Source(Origin.OVERRIDE, OVERRIDES_FILE, f"{override.path}#{key}"))


def _rivals(claims: Sequence[Claim], subject: str) -> Iterator[Finding]:
    first: dict[Field, Claim] = {}
    for claim in claims:
        kept = first.setdefault(claim.field, claim)
        if kept.value != claim.value:
            yield OVERRIDE_RIVALS(
                subject,
                field=claim.field.value,
                kept=shown(kept.value),
                kept_path=kept.source.locator.rpartition("#")[0],
                other=shown(claim.value),
                other_path=claim.source.locator.rpartition("#")[0],
            )


def shown(value: object) -> str:
    """A fact's value as text for findings and tables."""
    if isinstance(value, When):
        start = value.start.strftime("%Y-%m-%dT%H:%M:%SZ")
        return start if value.end is None else f"{start}/{value.end.strftime('%Y-%m-%dT%H:%M:%SZ')}"
    if isinstance(value, tuple):
        return ", ".join(shown(v) for v in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _bands(
    raster: RasterSource, names: tuple[str, ...] | None, common: tuple[str, ...] | None, subject: str
) -> tuple[tuple[Band, ...], list[Finding]]:
    given = names or common
    if given is None:
        return raster.bands, []
    wrong = next((g for g in (names, common) if g is not None and len(g) != len(raster.bands or given)), None)
    if wrong is not None:
        return raster.bands, [OVERRIDE_BANDS(subject, given=len(wrong), raster=raster.key, bands=len(raster.bands or given))]
    bands = raster.bands or tuple(Band(name) for name in given)
    if names is not None:
        bands = tuple(replace(band, name=name) for band, name in zip(bands, names, strict=True))
    if common is not None:
        bands = tuple(replace(band, common_name=name or None) for band, name in zip(bands, common, strict=True))
    return bands, []


def _candidates(names: Iterable[str]) -> frozenset[str]:
    """``names`` and every folder above them, in NFC; a container counts with and without the mark ``!`` after its name."""
    found: set[str] = set()
    for name in names:
        parts = unicodedata.normalize("NFC", name).split("/")
        for i in range(1, len(parts) + 1):
            path = "/".join(parts[:i])
            found |= {path, path.removesuffix("!")}
    return frozenset(found)


def _matches_any(pattern: str, candidates: frozenset[str]) -> bool:
    expression = _compiled(unicodedata.normalize("NFC", pattern.strip("/").removeprefix("./")))
    return any(expression.fullmatch(c) for c in candidates)


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    pieces = re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]/]+\])", pattern)
    return re.compile("".join(_piece(p) for p in pieces), re.DOTALL)


def _piece(piece: str) -> str:
    simple = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    if piece in simple:
        return simple[piece]
    if piece.startswith("[") and piece.endswith("]") and len(piece) > 2:
        body = piece[1:-1]
        negated = body.startswith("!")
        members = re.sub(r"([\\\[\]^&~|])", r"\\\1", body[1:] if negated else body)
        return f"[{'^' if negated else ''}{members}]" if members else re.escape(piece)
    return re.escape(piece)
