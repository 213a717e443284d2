"""Files beside a raster: which belong to it, and what those that say where it lies say."""

from __future__ import annotations

import csv
import math
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyproj import CRS
from pyproj.exceptions import CRSError

from catalog_builder.archive.delivery import ArchiveFile, FileRole, GroundControlPoint
from catalog_builder.archive.filenames import fold
from catalog_builder.archive.generic_findings import SIDECAR_CRS_UNKNOWN, SIDECAR_UNREADABLE
from catalog_builder.archive.keyvalue import read_text
from catalog_builder.archive.mapinfo import parse_tab
from catalog_builder.archive.rasterheader import RasterHeader
from catalog_builder.archive.xmltree import parse_xml, root_name
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.facts import Claim, Field, Origin, Source
from catalog_builder.findings import Finding

MAX_SIDE_TEXT = 4 << 20
"""Bytes of a .prj, world file or .points; larger is something else."""

WORLD_FILES = frozenset({".tfw", ".tifw", ".tiffw", ".jgw", ".jpgw", ".jpegw", ".pgw", ".pngw", ".j2w", ".jp2w", ".gfw", ".bpw", ".wld"})
GEOREFERENCE = WORLD_FILES | {".prj", ".tab", ".points", ".hdr", ".stx", ".clr", ".gcp"}
PIXEL_COMPANIONS = (".ovr", ".msk", ".msk.ovr", ".ige", ".rrd", ".rde", ".aux")
RPC_SUFFIXES = (".rpb", "_rpc.txt", ".rpc", "_rpc.xml")
DOCUMENTS = frozenset({".xml", ".txt", ".json", ".html", ".htm", ".csv", ".imd", ".met", ".md"})


@dataclass(frozen=True, slots=True)
class PointsFile:
    """A QGIS georeferencer file: points as (source x, source y, map x, map y, enabled) and the CRS of the map coordinates."""

    points: tuple[tuple[float, float, float, float, bool], ...]
    crs: str | None


class NamesOf:
    """The files of one folder by the beginning of their names: folders of ten thousand tiles are searched once per tile."""

    def __init__(self, files: Iterable[ArchiveFile]) -> None:
        self._entries = sorted(((f.basename.lower(), f) for f in files), key=lambda e: (e[0], e[1].name))
        self._names = [name for name, _ in self._entries]

    def starting_with(self, beginning: str) -> Iterator[tuple[str, ArchiveFile]]:
        """(name in lower case, file) of every file whose name starts with ``beginning``, which is in lower case."""
        for i in range(bisect_left(self._names, beginning), len(self._names)):
            if not self._names[i].startswith(beginning):
                return
            yield self._entries[i]


def side_files(raster: ArchiveFile, names: NamesOf) -> tuple[tuple[ArchiveFile, FileRole], ...]:
    """The files of its folder that belong to ``raster`` by name: ``x.tif.*`` and ``x.*`` with a known ending, and ``x_rpc.txt``."""
    found = []
    full, stem = raster.basename.lower(), raster.stem.lower()
    for name, file in names.starting_with(stem):
        if file.name == raster.name:
            continue
        ending = name[len(full) :] if name.startswith(full) else name[len(stem) :]
        role = _role(ending, same_name=name.startswith(full))
        if role is not None:
            found.append((file, role))
    return tuple(found)


def georeference_claims(files: Iterable[ArchiveFile]) -> tuple[tuple[Claim, ...], tuple[Finding, ...]]:
    """The CRS that ``.prj``, ``.tab`` and ``.aux.xml`` among ``files`` declare, and what is wrong with them."""
    claims: list[Claim] = []
    findings: list[Finding] = []
    for file in files:
        try:
            declared = _declared_crs(file)
        except UnreadableDelivery as problem:
            findings += [SIDECAR_UNREADABLE(file.name, problem=f.message("en")) for f in problem.findings]
            continue
        if declared is None:
            continue
        wkt, written, locator = declared
        if wkt is None:
            findings.append(SIDECAR_CRS_UNKNOWN(file.name, value=written))
        else:
            claims.append(Claim(Field.DECLARED_CRS, wkt, Source(Origin.METADATA, file.name, locator)))
    return tuple(claims), tuple(findings)


def parse_world_file(file: ArchiveFile) -> tuple[float, float, float, float, float, float] | None:
    """The six numbers of a world file as an affine (a, b, c, d, e, f) of pixel corners; None when they are not six numbers.

    World files give the centre of the first pixel; the affine is moved to its outer corner. Decimal commas are read.
    """
    lines = read_text(file, MAX_SIDE_TEXT).replace(",", ".").split()
    try:
        a, d, b, e, x, y = (float(v) for v in lines[:6])
    except ValueError:
        return None
    if not all(math.isfinite(v) for v in (a, b, d, e, x, y)) or a * e - b * d == 0:
        return None
    return a, b, x - (a + b) / 2, d, e, y - (d + e) / 2


def parse_points(file: ArchiveFile) -> PointsFile:
    """A ``.points`` file of QGIS 2 or 3.

    Raises:
        UnreadableDelivery: no header, a number that is none, or the file is too large.
    """
    lines = read_text(file, MAX_SIDE_TEXT).splitlines()
    comments = [line for line in lines if line.startswith("#")]
    rows = [line for line in lines if line.strip() and not line.startswith("#")]
    if not rows or "mapx" not in rows[0].lower():
        raise UnreadableDelivery(SIDECAR_UNREADABLE(file.name, problem="no line of column names with mapX"))
    delimiter = max(",;\t", key=rows[0].count)
    reader = csv.DictReader([rows[0].lower(), *rows[1:]], delimiter=delimiter)
    try:
        points = tuple(_point(row) for row in reader)
    except (ValueError, TypeError, KeyError, csv.Error) as problem:
        raise UnreadableDelivery(SIDECAR_UNREADABLE(file.name, problem=str(problem))) from problem
    crs = next((c.partition(":")[2].strip() for c in comments if re.match(r"#\s*CRS\s*:", c, re.IGNORECASE)), None)
    return PointsFile(points, known_crs(crs) if crs else None)


def to_gcps(points: PointsFile, header: RasterHeader) -> tuple[GroundControlPoint, ...]:
    """Control points in pixels of the image. QGIS counts source rows upwards (negative) on a raster without georeference, and
    uses map coordinates of the raster where it has one."""
    return tuple(GroundControlPoint(*_to_pixel(sx, sy, header), x=mx, y=my, enabled=on) for sx, sy, mx, my, on in points.points)


def known_crs(text: str) -> str | None:
    """``text`` as a CRS to hand on: "EPSG:n" where it names just that, else WKT as it stands; None when PROJ cannot read it."""
    short = re.fullmatch(r"EPSG:(\d+)", text.strip(), re.IGNORECASE)
    try:
        crs = CRS.from_user_input(text.strip())
    except CRSError:
        return _by_root_id(text)
    return f"EPSG:{short.group(1)}" if short else (text.strip() if "[" in text else str(crs.to_wkt()))


def _by_root_id(text: str) -> str | None:
    """WKT that PROJ refuses (QGIS and Esri write variants) but that names its own EPSG code at the root, under the same name."""
    code = re.search(r'(?:ID|AUTHORITY)\["EPSG",\s*"?(\d+)"?\]\s*\]\s*$', text.strip())
    name = re.match(r'\s*\w+\["([^"]+)"', text)
    if code is None or name is None:
        return None
    try:
        known = CRS.from_epsg(int(code.group(1)))
    except CRSError:
        return None
    return f"EPSG:{code.group(1)}" if fold(known.name) == fold(name.group(1)) else None


def _role(ending: str, *, same_name: bool) -> FileRole | None:
    if ending.endswith(".aux.xml") and ending.count(".") <= 3:
        return FileRole.GEOREFERENCE
    if ending in PIXEL_COMPANIONS:
        return FileRole.MASK if ending == ".msk" else FileRole.OTHER
    if ending in RPC_SUFFIXES:
        return FileRole.RPC
    if ending in GEOREFERENCE or (not same_name and re.fullmatch(r"\.\w{3,4}\.points", ending)):
        return FileRole.GEOREFERENCE
    return FileRole.METADATA if ending in DOCUMENTS else None


def _declared_crs(file: ArchiveFile) -> tuple[str | None, str, str] | None:
    """(WKT or None, as written, locator) of a side file that declares a CRS; None when it declares none."""
    name = file.basename.lower()
    if name.endswith(".prj"):
        text = read_text(file, MAX_SIDE_TEXT).strip()
        return (_prj(text), text, "prj") if text else None
    if name.endswith(".tab"):
        table = parse_tab(file)
        return (table.wkt, table.coordsys, "CoordSys") if table and table.coordsys else None
    if name.endswith(".aux.xml") and root_name(file) == "PAMDataset":
        srs = parse_xml(file).text("SRS")
        return (known_crs(srs), srs, "PAMDataset/SRS") if srs else None
    return None


def _prj(text: str) -> str | None:
    """A .prj holds WKT (also Esri's), or the old "Projection UTM / Zone 48 / ..." lines of ArcInfo, of which UTM is read."""
    if "[" in text or text.upper().startswith("EPSG:"):
        return known_crs(text)
    pairs = dict(re.findall(r"^\s*(\w+)\s+(\S.*?)\s*$", text.lower(), re.MULTILINE))
    wgs84 = pairs.get("datum", "").replace(" ", "").replace("_", "") in ("wgs84", "wgs1984")
    if wgs84 and pairs.get("projection") == "geographic":
        return "EPSG:4326"
    zone = pairs.get("zone", "")
    if wgs84 and pairs.get("projection") == "utm" and zone.lstrip("-").isdigit() and 1 <= abs(int(zone)) <= 60:
        return f"EPSG:{(32700 if int(zone) < 0 else 32600) + abs(int(zone))}"
    return None


def _point(row: dict[str, str]) -> tuple[float, float, float, float, bool]:
    def number(*names: str) -> float:
        text = next(row[n] for n in names if row.get(n) not in (None, ""))
        value = float(text.strip())
        if not math.isfinite(value):
            raise ValueError(f"not a finite number: {text}")
        return value

    try:
        sx, sy = number("sourcex", "pixelx"), number("sourcey", "pixely")
        return sx, sy, number("mapx"), number("mapy"), (row.get("enable") or "1").strip() not in ("0", "false")
    except StopIteration:
        raise ValueError("a point has an empty column") from None


def _to_pixel(x: float, y: float, header: RasterHeader) -> tuple[float, float]:
    if header.transform is not None:
        a, b, c, d, e, f = header.transform
        det = a * e - b * d
        if det:
            column, row = (e * (x - c) - b * (y - f)) / det, (a * (y - f) - d * (x - c)) / det
            margin = 0.5 * max(header.width, header.height)
            if -margin <= column <= header.width + margin and -margin <= row <= header.height + margin:
                return column, row
    return x, -y
