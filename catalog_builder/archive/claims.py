"""What the vendor modules share: collecting claims, following hrefs, angles, corners, national levels."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from catalog_builder.archive import sensors
from catalog_builder.archive.commercial_findings import BAD_VALUE, HREF_OUTSIDE
from catalog_builder.archive.delivery import ArchiveFile, Band, FileRole, Folder
from catalog_builder.facts import Claim, Field, Origin, Source
from catalog_builder.findings import Finding
from catalog_builder.times import When, parse_iso

Point = tuple[float, float]
"""Longitude and latitude, degrees, WGS 84."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""What software writes when it has no date; never an acquisition time."""

RADIANCE_UNIT = "W/(m2.sr.um)"


@dataclass
class Claims:
    """The claims of one reading as they are collected; values that say nothing are dropped, impossible ones reported."""

    claims: list[Claim] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def add(self, what: Field, value: object, source: Source, *, unverified: bool = False) -> None:
        """Claim ``value`` unless it is None, an empty text or a text of zeros and separators alone."""
        if value is None or (isinstance(value, str) and not value.strip(" 0_-.")):
            return
        self.claims.append(Claim(what, value, source, unverified))

    def has(self, what: Field) -> bool:
        return any(c.field is what for c in self.claims)

    def when(self, what: Field, text: str | None, source: Source) -> None:
        """Claim the ISO time ``text`` (UTC where it names no zone)."""
        self.add(what, self.moment(text, source), source)

    def moment(self, text: str | None, source: Source) -> When | None:
        """``text`` as a time; None when there is none, when it is the epoch, or (with a finding) when it is no time at all."""
        if text is None:
            return None
        try:
            moment = parse_iso(text)
        except ValueError:
            self.findings.append(BAD_VALUE(source.file, value=text, key=source.locator))
            return None
        return None if moment.start == EPOCH else moment

    def number(self, what: Field, value: float | None, source: Source, low: float, high: float) -> None:
        """Claim ``value`` when it lies in [``low``, ``high``]; the vendors' 999, -1 and -999 for "unknown" fall out silently."""
        if value is not None and low <= value <= high:
            self.add(what, value, source)

    def azimuth(self, what: Field, value: float | None, source: Source) -> None:
        """Claim an angle from north, brought into 0..360."""
        if value is not None and -180 <= value <= 360:
            self.add(what, value % 360, source)

    def platform(self, text: str | None, source: Source) -> sensors.Platform | None:
        """Claim the platform and its constellation under the registry's names, or ``text`` itself where the registry has none."""
        if text is None:
            return None
        known = sensors.platform(text)
        self.add(Field.PLATFORM, known.name if known else text, source)
        if known:
            self.add(Field.CONSTELLATION, known.constellation, Source(Origin.REGISTRY, "sensors.toml", known.name))
        return known

    def registry_instruments(self, known: sensors.Platform) -> None:
        """Claim the instruments that the register gives for ``known``, for formats that do not name the instrument."""
        if known.instruments:
            source = Source(Origin.REGISTRY, "sensors.toml", known.name)
            self.add(Field.INSTRUMENTS, known.instruments, source, unverified=not known.verified)

    def footprint(self, vertices: Iterable[tuple[float | None, float | None]], source: Source) -> None:
        """Claim the outline through ``vertices`` (longitude, latitude) and, where it has four, the corners."""
        outline = ring(vertices)
        if outline is None:
            return
        self.add(Field.FOOTPRINT, outline, source)
        if len(outline) == 4:
            self.add(Field.CORNERS, corners(outline), source)

    def national_level(self, vendor_level: str | None, rules: Mapping[str, str], source: Source, rule: str) -> None:
        """Claim the level of TT 10/2015/TT-BTNMT that ``rules`` give for the vendor's level; ``rule`` names the crosswalk."""
        level = rules.get(vendor_level.strip().upper()) if vendor_level else None
        self.add(Field.NATIONAL_LEVEL, level, Source(Origin.COMPUTED, source.file, f"{rule}: {vendor_level} -> {level}"))


def fraction_as_percent(value: float | None) -> float | None:
    """A fraction 0..1 in percent; None for anything else, the vendors' -999 included."""
    return round(value * 100, 6) if value is not None and 0 <= value <= 1 else None


def ring(vertices: Iterable[tuple[float | None, float | None]]) -> tuple[Point, ...] | None:
    """An open ring of at least three different points on the globe, or None."""
    points: list[Point] = []
    for lon, lat in vertices:
        if lon is None or lat is None or not (-180 <= lon <= 180 and -90 <= lat <= 90):
            return None
        if not points or points[-1] != (lon, lat):
            points.append((lon, lat))
    if len(points) > 1 and points[0] == points[-1]:
        points.pop()
    return tuple(points) if len(set(points)) >= 3 else None


def corners(outline: Sequence[Point]) -> tuple[Point, ...]:
    """The four points of ``outline`` as NW, NE, SE, SW: clockwise from the one furthest to the north-west."""
    shifted = [(lon + 360 if lon < 0 and _crosses(outline) else lon, lat) for lon, lat in outline]
    doubled_area = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(shifted, shifted[1:] + shifted[:1], strict=True))
    order = list(range(len(outline)))
    if doubled_area > 0:
        order.reverse()
    middle = (sum(p[0] for p in shifted) / len(shifted), sum(p[1] for p in shifted) / len(shifted))
    stretch = math.cos(math.radians(middle[1]))
    start = max(range(len(order)), key=lambda i: (shifted[order[i]][1] - middle[1]) - (shifted[order[i]][0] - middle[0]) * stretch)
    return tuple(outline[order[(start + i) % len(order)]] for i in range(len(order)))


def _crosses(outline: Sequence[Point]) -> bool:
    lons = [p[0] for p in outline]
    return max(lons) - min(lons) > 180


def is_outside(href: str) -> bool:
    """Whether ``href`` is more than a plain relative name: an absolute path, a scheme, a drive or a way up."""
    parts = href.replace("\\", "/").split("/")
    return href.startswith(("/", "\\")) or ".." in parts or ":" in href


def follow(folder: Folder, href: str | None, subject: ArchiveFile, findings: list[Finding]) -> ArchiveFile | None:
    """The file that ``href`` of ``subject`` names below ``folder``; None with a finding when it points outside."""
    if not href:
        return None
    if is_outside(href):
        findings.append(HREF_OUTSIDE(subject.name, href=href))
        return None
    return folder.resolve(href)


def find_subfolder(folder: Folder, file: ArchiveFile) -> Folder:
    """The folder at or below ``folder`` in which ``file`` lies (``folder`` itself when it is nowhere below)."""
    for candidate in folder.folders:
        if file.name.startswith(candidate.name + "/"):
            return find_subfolder(candidate, file)
    return folder


_COMPANIONS = re.compile(r"library|masks?|lineage|icons?|docs?|documents?|eula|legal|licen[cs]es?|gis_files|browse|preview", re.IGNORECASE)


def own_files(folder: Folder) -> Iterator[ArchiveFile]:
    """The files of ``folder`` and of the subfolders that only accompany a product; other deliveries may lie in the rest."""
    yield from folder.files
    for child in folder.folders:
        if _COMPANIONS.fullmatch(child.name.rsplit("/", 1)[-1]):
            yield from own_files(child)


_BROWSE = re.compile(r"(?:^|[_-])(?:preview|icon|quicklook|browse|thumb(?:nail)?|ql|qkl|tn)(?:[_.-]|$)", re.IGNORECASE)
_IMAGES = frozenset({".jpg", ".jpeg", ".png", ".gif", ".bmp"})
_GEOREFERENCE = frozenset({".tfw", ".jgw", ".j2w", ".pgw", ".wld", ".prj", ".tab", ".points"})
_METADATA = frozenset({".xml", ".imd", ".til", ".att", ".eph", ".geo", ".ste", ".dim", ".txt", ".json", ".met"})
RASTER_SUFFIXES = frozenset({".tif", ".tiff", ".jp2", ".ntf", ".nitf", ".img", ".bil", ".j2k"})
MASK_SUFFIXES = frozenset({".gml", ".msk"})


def role_of(file: ArchiveFile) -> FileRole:
    """What a file of a commercial delivery is, from its name alone; for files that the metadata does not explain."""
    suffix, name = file.suffix, file.basename
    if name.lower().endswith(".aux.xml") or suffix in _GEOREFERENCE:
        return FileRole.GEOREFERENCE
    if suffix in _IMAGES or (suffix in RASTER_SUFFIXES and _BROWSE.search(name)):
        return FileRole.BROWSE if _BROWSE.search(name) else FileRole.OTHER
    if suffix == ".rpb" or re.match(r"rpc[_-]|.*_rpc\.txt$", name, re.IGNORECASE):
        return FileRole.RPC
    if suffix in MASK_SUFFIXES:
        return FileRole.MASK
    if suffix in _METADATA and not re.search(r"readme|licen[cs]e|eula|copyright", name, re.IGNORECASE):
        return FileRole.METADATA
    return FileRole.OTHER


def with_gsd(bands: Sequence[Band], gsd: float | None) -> tuple[Band, ...]:
    """``bands`` at the pixel size of the product where that is known, instead of the sensor's nominal one."""
    return tuple(replace(b, gsd=gsd) for b in bands) if gsd else tuple(bands)


def unique_keys(keys: Sequence[str]) -> list[str]:
    """``keys`` with a number behind the second and later uses of one."""
    seen: dict[str, int] = {}
    result = []
    for key in keys:
        seen[key] = seen.get(key, 0) + 1
        result.append(key if seen[key] == 1 else f"{key}-{seen[key]}")
    return result
