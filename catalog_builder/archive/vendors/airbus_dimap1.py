"""DIMAP version 1: SPOT 1-5, VNREDSat-1, FORMOSAT-2, THEOS and the ALOS optical products in this format (``METADATA.DIM``)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

from lxml import etree

from catalog_builder.archive import sensors
from catalog_builder.archive.claims import RADIANCE_UNIT, RASTER_SUFFIXES, Claims, follow, unique_keys
from catalog_builder.archive.delivery import ArchiveFile, Band, FileRole, Folder, RasterSource, Reading, SceneFiles
from catalog_builder.archive.dimap import LEVEL_RULE, LEVELS, Tile, beside, dimap_kind, product_files, resolve_tiles
from catalog_builder.archive.xmltree import Tree, parse_xml
from catalog_builder.facts import Field, Origin, Source
from catalog_builder.findings import Finding
from catalog_builder.times import When

SOURCE = "Dataset_Sources/Source_Information/Scene_Source"
ONE_PASS = timedelta(seconds=60)
"""Source scenes that begin closer than this are of one pass; a mosaic spans more."""


class AirbusDimap1:
    """Reader of DIMAP version 1 deliveries."""

    name = "airbus-dimap-1"

    def find(self, folder: Folder) -> Iterable[SceneFiles]:
        """One scene for each DIMAP 1 document of the folder."""
        documents = [f for f in folder.files if dimap_kind(f) == "1"]
        for document in documents:
            files = {document.name: (document, FileRole.METADATA)}
            for file, role in (*_listed(folder, document), *product_files(folder, len(documents) == 1, [document.stem.lower()])):
                if file.name not in {d.name for d in documents}:
                    files.setdefault(file.name, (file, role))
            yield SceneFiles(self.name, document, folder, tuple(files[k] for k in sorted(files)))

    def read(self, scene: SceneFiles) -> Reading:
        """What the document says.

        Raises:
            UnreadableDelivery: the metadata cannot be understood.
        """
        tree, claims = parse_xml(scene.key), Claims()
        _identity(tree, claims)
        _time(tree, claims)
        _angles(tree, claims)
        _place(tree, claims)
        rasters = tuple(_rasters(tree, scene, claims.findings))
        return Reading(tuple(claims.claims), rasters, tuple(claims.findings))


def _hrefs(document: ArchiveFile) -> list[tuple[str, FileRole]]:
    """Names in the document, by a pattern: the document may be too broken to parse while files are being found."""
    text = document.head(1 << 20).decode("utf-8", "replace")
    found = [(m, FileRole.RASTER) for m in re.findall(r"<DATA_FILE_PATH\s+href\s*=\s*[\"']([^\"']+)[\"']", text)]
    return found + [(m, FileRole.BROWSE) for m in re.findall(r"<DATASET_(?:QL|TN)_PATH\s+href\s*=\s*[\"']([^\"']+)[\"']", text)]


def _listed(folder: Folder, document: ArchiveFile) -> Iterator[tuple[ArchiveFile, FileRole]]:
    for href, role in _hrefs(document):
        file = follow(folder, href, document, [])
        if file is not None and file.name != document.name:
            yield file, role
            if role is FileRole.RASTER:
                yield from ((side, FileRole.GEOREFERENCE) for side in beside(folder, file))
    if not any(role is FileRole.RASTER for _, role in _hrefs(document)):
        yield from ((f, FileRole.RASTER) for f in _imagery(folder))


def _imagery(folder: Folder) -> list[ArchiveFile]:
    """``IMAGERY.*``, the fixed name of the format, for documents that list no file."""
    return [f for f in folder.files if f.stem.upper() == "IMAGERY" and f.suffix in RASTER_SUFFIXES]


def platform_text(tree: Tree) -> str | None:
    """Mission and index as the document writes them: ``SPOT 4``, ``VNREDSat 1``."""
    mission, index = tree.text(f"{SOURCE}/MISSION"), tree.text(f"{SOURCE}/MISSION_INDEX")
    return f"{mission} {index}" if mission and index else mission


def _identity(tree: Tree, claims: Claims) -> None:
    platform = claims.platform(platform_text(tree), tree.source(f"{SOURCE}/MISSION, MISSION_INDEX"))
    instrument = tree.text(f"{SOURCE}/INSTRUMENT")
    if instrument:
        named = sensors.instruments(instrument)
        if not named and platform and len(platform.instruments) == 1:
            named = platform.instruments
        claims.add(Field.INSTRUMENTS, named or (instrument,), tree.source(f"{SOURCE}/INSTRUMENT"))
    for path in ("Data_Processing/PROCESSING_LEVEL", f"{SOURCE}/SCENE_PROCESSING_LEVEL"):
        level = tree.text(path)
        if level and not claims.has(Field.PROCESSING_LEVEL):
            claims.add(Field.PROCESSING_LEVEL, level, tree.source(path))
            claims.national_level(re.sub(r"^LEVEL\s*", "", level, flags=re.IGNORECASE), LEVELS, tree.source(path), LEVEL_RULE)
    for field, path in (
        (Field.SCENE_NAME, "Dataset_Id/DATASET_NAME"),
        (Field.PRODUCT_ID, "Dataset_Id/DATASET_NAME"),
        (Field.PRODUCT_TYPE, "Production/PRODUCT_TYPE"),
        (Field.ORDER_ID, "Production/JOB_ID"),
        (Field.CATALOG_ID, "Dataset_Sources/Source_Information/SOURCE_ID"),
        (Field.IMAGING_MODE, f"{SOURCE}/IMAGING_MODE"),
    ):
        claims.add(field, tree.text(path), tree.source(path))
    if not claims.has(Field.IMAGING_MODE):
        claims.add(Field.IMAGING_MODE, tree.text(f"{SOURCE}/SENSOR_CODE"), tree.source(f"{SOURCE}/SENSOR_CODE"))
    produced = "Production/DATASET_PRODUCTION_DATE"
    claims.when(Field.PRODUCED, tree.text(produced), tree.source(produced))
    facility = "Production/Production_Facility"
    software, version = tree.text(f"{facility}/SOFTWARE_NAME"), tree.text(f"{facility}/SOFTWARE_VERSION")
    claims.add(Field.SOFTWARE, f"{software} {version}" if software and version else software, tree.source(f"{facility}/SOFTWARE_NAME"))


def _time(tree: Tree, claims: Claims) -> None:
    source, moments = tree.source(f"{SOURCE}/IMAGING_DATE, IMAGING_TIME"), []
    for scene in tree.all(SOURCE):
        date, time = tree.text("IMAGING_DATE", scene), tree.text("IMAGING_TIME", scene)
        moment = claims.moment(f"{date}T{time}" if date and time else date, source)
        if moment is not None:
            moments.append(moment)
    if not moments:
        return
    first, last = min(moments, key=lambda m: m.start), max(moments, key=lambda m: m.start)
    one_pass = last.start - first.start <= ONE_PASS
    claims.add(Field.ACQUIRED, first if one_pass else When.between(first.start, last.end or last.start), source)


def _angles(tree: Tree, claims: Claims) -> None:
    """Incidence is at the ground and signed in SPOT products (minus is west of the track); its size is what is asked for."""
    for field, names in (
        (Field.INCIDENCE_ANGLE, ("INCIDENCE_ANGLE", "SATELLITE_INCIDENCE_ANGLE")),
        (Field.OFF_NADIR, ("VIEWING_ANGLE",)),
    ):
        for name in names:
            value = tree.number(f"{SOURCE}/{name}")
            if value is not None and not claims.has(field):
                claims.number(field, abs(value), tree.source(f"{SOURCE}/{name}"), 0, 90)
    azimuth = f"{SOURCE}/SATELLITE_AZIMUTH_ANGLE"
    claims.azimuth(Field.VIEW_AZIMUTH, tree.number(azimuth), tree.source(azimuth))
    claims.azimuth(Field.SUN_AZIMUTH, tree.number(f"{SOURCE}/SUN_AZIMUTH"), tree.source(f"{SOURCE}/SUN_AZIMUTH"))
    elevation = f"{SOURCE}/SUN_ELEVATION"
    claims.number(Field.SUN_ELEVATION, tree.number(elevation), tree.source(elevation), -90, 90)


def _place(tree: Tree, claims: Claims) -> None:
    frame = "Dataset_Frame/Vertex"
    claims.footprint(((tree.number("FRAME_LON", v), tree.number("FRAME_LAT", v)) for v in tree.all(frame)), tree.source(frame))
    size, source, unverified = spacing(tree)
    if size is not None and 0.05 <= size <= 1000:
        claims.add(Field.GSD, size, source, unverified=unverified)
    code = "Coordinate_Reference_System/Horizontal_CS/HORIZONTAL_CS_CODE"
    match = re.search(r"EPSG:(\d+)$", tree.text(code) or "", re.IGNORECASE)
    if match and tree.number("Geoposition/Geoposition_Insert/ULXMAP") is not None:
        claims.add(Field.DECLARED_CRS, f"EPSG:{match.group(1)}", tree.source(code))


def spacing(tree: Tree) -> tuple[float | None, Source, bool]:
    """Pixel size in metres, its source and whether it is an unchecked row of the register: the product's own grid, the
    theoretical resolution, else the nominal one of the sensor's bands."""
    path = "Geoposition/Geoposition_Insert/XDIM"
    projected = tree.text("Coordinate_Reference_System/Horizontal_CS/HORIZONTAL_CS_TYPE") == "PROJECTED"
    if projected and (value := tree.number(path)):
        return abs(value), tree.source(path), False
    path = f"{SOURCE}/THEORETICAL_RESOLUTION"
    if value := tree.number(path):
        return value, tree.source(path), False
    known = [b for b in bands(tree) if b.gsd is not None]
    if not known or platform_text(tree) is None:
        return None, tree.source(path), False
    nominal = min(b.gsd for b in known if b.gsd is not None)
    return nominal, Source(Origin.REGISTRY, "sensors.toml", f"{platform_text(tree)} {known[0].name}"), any(b.unverified for b in known)


def bands(tree: Tree) -> tuple[Band, ...]:
    """Bands by ``BAND_INDEX``, which counts the bands of the file; () when indexes are missing or unnamed."""
    entries = [
        (tree.number("BAND_INDEX", e), tree.text("BAND_DESCRIPTION", e), e) for e in tree.all("Image_Interpretation/Spectral_Band_Info")
    ]
    named = sorted(((int(i), name, e) for i, name, e in entries if i is not None and name), key=lambda b: b[0])
    if [i for i, _, _ in named] != list(range(1, len(entries) + 1)):
        return ()
    platform, instrument = platform_text(tree) or "", tree.text(f"{SOURCE}/INSTRUMENT")
    found = sensors.bands(platform, instrument, [name for _, name, _ in named])
    if all(b.common_name is None for b in found):
        found = sensors.bands(platform, None, [name for _, name, _ in named])
    return tuple(_with_gain(tree, band, e) for band, (_, _, e) in zip(found, named, strict=True))


def _with_gain(tree: Tree, band: Band, entry: etree._Element) -> Band:
    """SPOT counts are radiance by L = count / gain + bias (Spot_Scene DIMAP dictionary, PHYSICAL_GAIN)."""
    gain, bias = tree.number("PHYSICAL_GAIN", entry), tree.number("PHYSICAL_BIAS", entry)
    radiance = "radiance" in (tree.text("PHYSICAL_UNIT", entry) or "").lower()
    if (tree.text(f"{SOURCE}/MISSION") or "").upper() != "SPOT" or not radiance or not gain or bias is None:
        return band
    return replace(band, scale=1 / gain, offset=bias, unit=RADIANCE_UNIT)


def _nodata(tree: Tree) -> float | None:
    for special in tree.all("Image_Display/Special_Value"):
        if (tree.text("SPECIAL_VALUE_TEXT", special) or "").upper() == "NODATA":
            return tree.number("SPECIAL_VALUE_INDEX", special)
    return None


def _rasters(tree: Tree, scene: SceneFiles, findings: list[Finding]) -> Iterator[RasterSource]:
    listed = tree.all("Data_Access/Data_File")
    tiles = [Tile(href, i, 1) for i, f in enumerate(listed, 1) if (href := tree.text("DATA_FILE_PATH/@href", f))]
    there = resolve_tiles(scene.folder, tiles, tree.file, findings)
    files = [(tile.row, file) for tile, file in there]
    if not tiles:
        files = [(1, f) for f in _imagery(scene.folder)]
    described, (size, source, _) = bands(tree), spacing(tree)
    separate = len(files) > 1 and len(described) == len(listed)
    keys = unique_keys([(described[i - 1].name if separate else _key(described)).lower() for i, _ in files])
    for key, (index, file) in zip(keys, files, strict=True):
        yield RasterSource(
            key=key,
            tiles=(file,),
            bands=(described[index - 1],) if separate else described if len(files) == 1 else (),
            nodata=_nodata(tree),
            gsd=size if source.origin is Origin.METADATA else None,
            sidecars=(*beside(scene.folder, file), tree.file),
        )


def _key(described: tuple[Band, ...]) -> str:
    if len(described) == 1:
        return "pan" if described[0].common_name == "pan" or described[0].name.upper() in ("P", "PAN", "HM") else "image"
    return "ms" if described else "image"


FORMAT = AirbusDimap1()
