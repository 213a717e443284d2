"""What a file name says about its scene: mission conventions first, then a plain date, then a lone year.

Everything said here has origin ``FILENAME`` and names the pattern as its locator. A name that can be read in two ways says
nothing and is a finding.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from catalog_builder.archive import sensors
from catalog_builder.archive.delivery import ArchiveFile
from catalog_builder.archive.filename_patterns import PATTERNS
from catalog_builder.archive.generic_findings import NAME_DATE_AMBIGUOUS, NAME_DATE_IMPOSSIBLE
from catalog_builder.facts import Claim, Field, Origin, Source
from catalog_builder.findings import Finding
from catalog_builder.times import When

FIRST_YEAR, LAST_YEAR = 1930, 2035
"""Years that a name can mean: the first aerial surveys of Indochina kept in archives, and a little after today."""

SCAN_WORDS = frozenset(("scan", "scanned", "quet", "film", "phim", "aerial", "photo", "photos", "topo", "map", "sheet", "manh", "bando"))
"""Words of scanned photographs and maps without signs (quét: scan, phim: film, mảnh: sheet, bản đồ: map)."""

SCAN_PHRASES = ("ban_do", "khong_anh", "anh_hang_khong")
"""bản đồ: map; không ảnh, ảnh hàng không: aerial photograph."""

IMAGERY_WORDS = frozenset(
    ("anh", "ortho", "orthophoto", "orthomosaic", "uav", "drone", "flycam", "image", "imagery", "rgb", "bda", "binhdo")
)
"""Words after which a year means when a picture was taken (ảnh: picture, bình đồ ảnh: image map)."""

PLAN_WORDS = frozenset(("quyhoach", "qh", "plan", "planning", "kehoach", "kh", "scenario", "kichban"))
"""Words after which a year means the future that somebody plans for."""

_MAP_WORDS = frozenset(("map", "bando", "topo", "sheet", "manh"))
_INTERNATIONAL_SHEET = re.compile(r"(?<![A-Za-z0-9])([A-F]-4[89]-\d{1,3}(?:-[A-D](?:-[a-d](?:-[1-4])?)?)?)(?![A-Za-z0-9])")
"""Sheets of the international map that cover Vietnam: rows A to F, columns 48 and 49, down to 1:10,000."""

_NUMBERED_SHEET = re.compile(r"(?<![^\W_])(?:to|tờ|manh|mảnh|sheet)[-_ ]?(\d{4}[-_ ]?(?:IV|I{1,3}|[1-4]))(?![A-Za-z0-9])", re.IGNORECASE)
"""Sheets of series L7014 (1:50,000): four digits and a quarter."""

_SCALE = re.compile(r"(?<![\d.])1[-:_ ](\d{1,4}000|[125]00)(?!\d)")

_TOKEN = re.compile(r"[^\W_]+")
_MISLEADING = re.compile(r"(?:re|rs|en|ov|ls|tm)\d{1,2}|[a-z]\d{1,2}|paz|dove|sar", re.IGNORECASE)
"""Register spellings too short or too ordinary to mean a satellite inside a free file name."""


@dataclass(frozen=True, slots=True)
class NameReading:
    """What a name says. ``pattern`` is the mission convention it follows, None for a free name."""

    claims: tuple[Claim, ...]
    findings: tuple[Finding, ...] = ()
    pattern: str | None = None


def read_name(file: ArchiveFile, *, lone_year: bool = False) -> NameReading:
    """The claims of the name of ``file``; ``lone_year`` lets a single year stand for the date (scans are named so)."""
    stem = unicodedata.normalize("NFC", file.basename.rsplit(".", 1)[0] or file.basename)
    formal = _formal(file, stem, "") or _formal(file, _parent(file), "folder ")
    if formal is not None and formal.findings:
        return formal
    claims = list(formal.claims) if formal else []
    findings: list[Finding] = []
    if formal is None:
        when, findings = _free_date(file, stem, lone_year=lone_year)
        claims += [*([] if when is None else [when]), *_map_claims(file, stem)]
    if not any(c.field is Field.PLATFORM for c in claims):
        claims += [_claim(file, f"platform {word}", Field.PLATFORM, name) for name, word in platforms_in(stem)]
    return NameReading(tuple(claims), tuple(findings), formal.pattern if formal else None)


def name_claims(file: ArchiveFile) -> tuple[Claim, ...]:
    """The claims of the name alone, for readers of vendor formats that want it as their last source."""
    return read_name(file).claims


def words(name: str) -> frozenset[str]:
    """The words of a file name in lower case without signs, digits split off: ``DTM_2m-QuảngNinh`` gives dtm, m, quang, ninh."""
    spaced = re.sub(r"(?<=[^\W\dA-Z_])(?=[A-Z])", " ", unicodedata.normalize("NFC", name))
    return frozenset(re.findall(r"[a-z]+", fold(spaced)))


def fold(text: str) -> str:
    """Lower case without signs (đ is d), every other character one underscore: how names and titles are compared."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    letters = "".join(c for c in plain if not unicodedata.combining(c)).lower()
    return "_".join(re.findall(r"[a-z0-9]+", letters))


def may_be_dated_by_year(name: str) -> bool:
    """Whether a lone year in a name can be when a picture was taken: the name speaks of pictures, and of no plan."""
    said, plain = words(name), fold(name)
    if said & PLAN_WORDS or "quy_hoach" in plain or "ke_hoach" in plain:
        return False
    return bool(said & IMAGERY_WORDS) or is_scan_name(name)


def is_scan_name(name: str) -> bool:
    """Whether a name speaks of film, frames, scanning or maps."""
    return bool(words(name) & SCAN_WORDS) or any(phrase in fold(name) for phrase in SCAN_PHRASES)


def _formal(file: ArchiveFile, stem: str, prefix: str) -> NameReading | None:
    """The reading of a name that follows a mission's convention; of a folder only conventions that name a product count."""
    for pattern in PATTERNS:
        match = pattern.regex.search(stem)
        if match is None or (prefix and not pattern.product):
            continue
        try:
            said = pattern.read(match)
        except ValueError:
            return NameReading((), (NAME_DATE_IMPOSSIBLE(file.name, pattern=pattern.name),), pattern.name)
        claims = tuple(_claim(file, prefix + pattern.name, field, value) for field, value in said.items() if value is not None)
        return NameReading(claims, (), pattern.name)
    return None


def _parent(file: ArchiveFile) -> str:
    """The name of the folder (or container) that ``file`` lies in; free dates in it are not used: they often are of a hand-over."""
    parts = unicodedata.normalize("NFC", file.name).split("/")
    return parts[-2].removesuffix("!") if len(parts) > 1 else ""


def _map_claims(file: ArchiveFile, stem: str) -> list[Claim]:
    """Sheet and scale in the name of a map: ``F-48-82-A-a``, ``to_6350-1`` (tờ: sheet), ``1-50000``."""
    claims = []
    sheet = _INTERNATIONAL_SHEET.search(stem) or _NUMBERED_SHEET.search(stem)
    if sheet is not None:
        claims.append(_claim(file, "map sheet", Field.MAP_SHEET, sheet[1]))
    scales = set(_SCALE.findall(stem)) if words(stem) & _MAP_WORDS or "ban_do" in fold(stem) else set()
    if len(scales) == 1:
        claims.append(_claim(file, "map scale", Field.MAP_SCALE, int(scales.pop())))
    return claims


def _claim(file: ArchiveFile, pattern: str, field: Field, value: object) -> Claim:
    return Claim(field, value, Source(Origin.FILENAME, file.name, pattern))


def _free_date(file: ArchiveFile, stem: str, *, lone_year: bool) -> tuple[Claim | None, list[Finding]]:
    dates, unclear = _dates(stem)
    if len(dates) == 1 and not unclear:
        (day,) = dates
        return _claim(file, "date", Field.ACQUIRED, When.day(day.year, day.month, day.day)), []
    if dates or unclear:
        shown = sorted({d.isoformat() for d in dates} | unclear)
        return None, [NAME_DATE_AMBIGUOUS(file.name, dates=", ".join(shown))]
    years = {int(t) for t in _TOKEN.findall(stem) if re.fullmatch(r"(?:19|20)\d\d", t) and FIRST_YEAR <= int(t) <= LAST_YEAR}
    if lone_year and len(years) == 1:
        return _claim(file, "year", Field.ACQUIRED, When.year(years.pop())), []
    return None, []


def _dates(stem: str) -> tuple[set[date], set[str]]:
    """Delimited dates in ``stem``, and the texts that are a date only if day and month are told apart by a guess."""
    found: set[date] = set()
    unclear: set[str] = set()
    for y, m, d in re.findall(r"(?<![\d.])((?:19|20)\d\d)([01]\d)([0-3]\d)(?:T?\d{6})?(?!\d)", stem):
        found |= _day(y, m, d)
    for y, m, d in re.findall(r"(?<!\d)((?:19|20)\d\d)[-._]([01]?\d)[-._]([0-3]?\d)(?!\d)", stem):
        found |= _day(y, m, d)
    for first, second, y in re.findall(r"(?<!\d)([0-3]?\d)[-._]([0-3]?\d)[-._]((?:19|20)\d\d)(?!\d)", stem):
        readings = _day(y, second, first) | _day(y, first, second)
        if len(readings) == 1:
            found |= readings
        elif readings:
            unclear.add(f"{first}-{second}-{y}")
    return found, unclear


def _day(year: str, month: str, day: str) -> set[date]:
    try:
        value = date(int(year), int(month), int(day))
    except ValueError:
        return set()
    return {value} if FIRST_YEAR <= value.year <= LAST_YEAR else set()


def platforms_in(text: str) -> list[tuple[str, str]]:
    """The one platform whose spelling is a word of ``text`` (or a word and a number after it), with that spelling; else nothing."""
    tokens = _TOKEN.findall(text)
    found: dict[str, str] = {}
    for word in [*tokens, *(a + b for a, b in pairwise(tokens) if re.fullmatch(r"\d{1,2}[A-Da-d]?", b))]:
        known = None if _MISLEADING.fullmatch(word) or len(word) < 3 or word.isdigit() else sensors.platform(word)
        if known is not None:
            found.setdefault(known.name, word)
    names = set(found)
    generic = {n for n in names if any(other != n and other.startswith(n) for other in names)}
    left = [(name, word) for name, word in found.items() if name not in generic]
    return left if len(left) == 1 else []
