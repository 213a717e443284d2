"""What the modules of public missions share: looking at the rasters they name, the order to show them in, file roles."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson
from pyproj import Transformer

from catalog_builder.archive.claims import Claims
from catalog_builder.archive.delivery import ArchiveFile, FileRole, Folder, RasterSource, Reading, SceneFiles
from catalog_builder.archive.findings import METADATA_UNREADABLE
from catalog_builder.archive.generic_findings import RASTER_EMPTY, RASTER_NOT_RECOGNISED
from catalog_builder.archive.keyvalue import read_text
from catalog_builder.archive.public_findings import BAND_CONVERT, BAND_EMPTY, BAND_NOT_AN_IMAGE, BAND_UNREADABLE, BANDS_DIFFER
from catalog_builder.archive.rasterheader import RasterHeader, read_header
from catalog_builder.archive.sensors import Platform
from catalog_builder.archive.xmltree import Tree
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.facts import Claim, Field, Origin, Source
from catalog_builder.findings import Finding

METADATA_SUFFIXES = frozenset({".xml", ".txt", ".json", ".safe", ".met", ".kml"})
BROWSE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".gif"})
FOREIGN = (("HDF4", 0, b"\x0e\x03\x13\x01"), ("HDF5", 0, b"\x89HDF\r\n\x1a\n"), ("COSAR", 28, b"CSAR"))
"""Formats of public missions whose pixels this product does not read, by the bytes at a position."""

TRAPPINGS = frozenset({"html", "support", "rep_info", "icons"})
"""Folders of SAFE products that hold schemas, style sheets and logos, in lower case."""
RASTER_SUFFIXES = frozenset({".tif", ".tiff", ".jp2", ".img", ".ntf"})
GEOREFERENCE_SUFFIXES = frozenset({".tfw", ".tifw", ".jgw", ".j2w", ".pgw", ".wld", ".prj"})


def role_of(file: ArchiveFile) -> FileRole:
    """What a file of a public mission's delivery is, from its name alone."""
    name = file.basename.lower()
    if TRAPPINGS & set(file.name.lower().split("/")[:-1]):
        return FileRole.OTHER
    if name.endswith(".aux.xml") or file.suffix in GEOREFERENCE_SUFFIXES:
        return FileRole.GEOREFERENCE
    if file.suffix in RASTER_SUFFIXES:
        return FileRole.RASTER
    if re.match(r"(?:msk_|.*_udm|.*\.gml$)", name):
        return FileRole.MASK
    if file.suffix in BROWSE_SUFFIXES:
        return FileRole.BROWSE
    return FileRole.METADATA if file.suffix in METADATA_SUFFIXES else FileRole.OTHER


def side_files(raster: ArchiveFile, files: Iterable[ArchiveFile]) -> tuple[ArchiveFile, ...]:
    """The georeference files among ``files`` that GDAL finds beside ``raster``."""
    folder, _, name = raster.name.rpartition("/")
    stem = name.rsplit(".", 1)[0].lower()
    names = {f"{stem}{suffix}" for suffix in GEOREFERENCE_SUFFIXES} | {f"{name.lower()}.aux.xml", f"{stem}.aux.xml"}
    return tuple(f for f in files if f.name.rpartition("/")[0] == folder and f.basename.lower() in names)


def usable(sources: Iterable[RasterSource], findings: list[Finding]) -> tuple[tuple[RasterSource, RasterHeader], ...]:
    """The rasters whose headers can be read, with their headers; the others become findings.

    One bad band does not stop a scene of many. A band description that does not fit the bands in the file is dropped.
    """
    kept: list[tuple[RasterSource, RasterHeader]] = []
    for source in sources:
        header = _header(source.tiles[0], findings)
        if header is None:
            continue
        if source.bands and len(source.bands) != header.count:
            findings.append(BANDS_DIFFER(source.tiles[0].name, described=len(source.bands), present=header.count))
            source = replace(source, bands=())
        kept.append((source, header))
    return tuple(kept)


def shown_first(sources: Sequence[RasterSource]) -> tuple[RasterSource, ...]:
    """``sources`` with those that show the scene best in front: red, green, blue, else pan, else as they are."""
    order = {"red": 0, "green": 1, "blue": 2, "pan": 3}

    def rank(source: RasterSource) -> int:
        if not source.primary:
            return 9
        return min((order.get(b.common_name or "", 8) for b in source.bands), default=8)

    return tuple(sorted(sources, key=rank))


def reading(claims: Iterable[Claim], sources: Iterable[RasterSource], findings: list[Finding]) -> Reading:
    """The reading of a scene: unreadable rasters left out, the best one to look at first."""
    return Reading(tuple(claims), shown_first([s for s, _ in usable(sources, findings)]), tuple(findings))


def scene(format_name: str, key: ArchiveFile, folder: Folder, files: Iterable[ArchiveFile]) -> SceneFiles:
    """A scene of ``files`` with the roles their names tell; the key file is metadata and comes first."""
    others = sorted({f.name: f for f in files if f.name != key.name}.values(), key=lambda f: f.name)
    return SceneFiles(format_name, key, folder, ((key, FileRole.METADATA), *((f, role_of(f)) for f in others)))


def claim_only_instrument(known: Platform | None, claims: Claims) -> None:
    """Claim the instrument of a platform that carries just one, by the register of sensors."""
    if known is not None and len(known.instruments) == 1 and not claims.has(Field.INSTRUMENTS):
        source = Source(Origin.REGISTRY, "sensors.toml", known.name)
        claims.add(Field.INSTRUMENTS, known.instruments, source, unverified=not known.verified)


def to_lonlat(crs: str, points: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Points of ``crs`` (east, north) as longitude and latitude on WGS 84."""
    transformer = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    return [(round(lon, 7), round(lat, 7)) for lon, lat in (transformer.transform(x, y) for x, y in points)]


def claim_text(tree: Tree, claims: Claims, fields: Mapping[Field, str]) -> None:
    """Claim plain texts: what stands at a path of ``tree`` is the value of the field."""
    for what, path in fields.items():
        claims.add(what, tree.text(path), tree.source(path))


def read_json(file: ArchiveFile) -> Any:
    """The JSON document in ``file``.

    Raises:
        UnreadableDelivery: it is too large or no JSON.
    """
    try:
        return orjson.loads(read_text(file))
    except orjson.JSONDecodeError as problem:
        raise UnreadableDelivery(METADATA_UNREADABLE(file.name, problem=str(problem))) from problem


def around(points: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Corner points (lon, lat) put in order around their middle, for formats that list corners row by row."""
    corners = list(points)
    if not corners:
        return []
    if max(p[0] for p in corners) - min(p[0] for p in corners) > 180:
        corners = [(lon + 360 if lon < 0 else lon, lat) for lon, lat in corners]
    lon, lat = sum(p[0] for p in corners) / len(corners), sum(p[1] for p in corners) / len(corners)
    ordered = sorted(corners, key=lambda p: math.atan2(p[1] - lat, p[0] - lon))
    return [((x + 180) % 360 - 180 if abs(x) > 180 else x, y) for x, y in ordered]


def utm_code(zone: int, north: bool) -> str | None:
    """The EPSG code of a UTM zone on WGS 84; None when there is no such zone."""
    return f"EPSG:{(32600 if north else 32700) + zone}" if 1 <= zone <= 60 else None


def radar_band(hertz: float | None) -> str | None:
    """The radar band letter of a centre frequency (IEEE 521: L 1-2, S 2-4, C 4-8, X 8-12 GHz)."""
    bands = (("L", 1e9, 2e9), ("S", 2e9, 4e9), ("C", 4e9, 8e9), ("X", 8e9, 12e9))
    return None if hertz is None else next((letter for letter, low, high in bands if low <= hertz < high), None)


def claim_lower(tree: Tree, claims: Claims, what: Field, path: str) -> None:
    """Claim a text in lower case, as STAC writes orbit states and look directions."""
    text = tree.text(path)
    claims.add(what, text.lower() if text else None, tree.source(path))


def claim_whole(tree: Tree, claims: Claims, what: Field, path: str) -> None:
    """Claim a whole number."""
    value = tree.number(path)
    claims.add(what, None if value is None else int(value), tree.source(path))


def last_part(folder: Folder) -> str:
    """The folder's own name, without the path to it."""
    return folder.name.rstrip("/").rsplit("/", 1)[-1].rsplit("!", 1)[-1]


def _header(file: ArchiveFile, findings: list[Finding]) -> RasterHeader | None:
    try:
        return read_header(file)
    except UnreadableDelivery as problem:
        foreign = next((name for name, start, magic in FOREIGN if file.head(64)[start:].startswith(magic)), None)
        findings += [BAND_CONVERT(file.name, format=foreign)] if foreign else [_softened(f) for f in problem.findings]
        return None


def _softened(finding: Finding) -> Finding:
    """The finding about one file of a scene that is catalogued without it."""
    if finding.code == RASTER_EMPTY.code:
        return BAND_EMPTY(finding.subject)
    if finding.code == RASTER_NOT_RECOGNISED.code:
        return BAND_NOT_AN_IMAGE(finding.subject)
    return BAND_UNREADABLE(finding.subject, problem=finding.message("en"))
