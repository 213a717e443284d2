"""KOMPSAT: KARI's text form (``.txt`` or ``.eph`` with ``AUX_`` and ``IMG_`` keys) and its XML form (``*_Aux.xml``)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from catalog_builder.archive import kompsat_aux, sensors
from catalog_builder.archive.claims import RASTER_SUFFIXES, Claims, Point, role_of, unique_keys
from catalog_builder.archive.commercial_findings import BAD_VALUE
from catalog_builder.archive.delivery import ArchiveFile, Band, FileRole, Folder, RasterSource, Reading, SceneFiles
from catalog_builder.archive.dimap import beside
from catalog_builder.archive.keyvalue import KeyValues, read_text
from catalog_builder.archive.xmltree import parse_xml, to_number
from catalog_builder.facts import Field
from catalog_builder.times import When

_BAND = re.compile(r"(?:M\d?|P)N(\d\d)([RGBN]?)(?=_|$)")
"""The band part of KOMPSAT-2 names: ``...M1N01G_1G`` is green, ``...PN01_1G`` panchromatic."""

_LETTERS = {"R": "RED", "G": "GREEN", "B": "BLUE", "N": "NIR", "": "PAN"}

IMAGE_START = ("IMG_ACQISITION_START_TIME", "IMG_ACQUISITION_START_TIME")
"""The key as KARI misspelt it, and as later software writes it."""

CORNERS = ("TL", "TR", "BR", "BL")


class Kompsat:
    """Reader of KOMPSAT metadata."""

    name = "kompsat"

    def find(self, folder: Folder) -> Iterable[SceneFiles]:
        """One scene for each name; the bands of KOMPSAT-2, delivered as separate files, are one scene."""
        taken: set[str] = set()
        for file in folder.files:
            if kompsat_aux.is_aux(file):
                scene = kompsat_aux.scene_files(self.name, folder, file)
                taken |= scene.claimed
                yield scene
        keys: dict[str, list[ArchiveFile]] = {}
        for file in (f for f in folder.files if f.name not in taken):
            if file.suffix in (".txt", ".eph") and re.search(rb"(?:^|\n)\s*AUX_SATELLITE_NAME\b", file.head(1 << 16)):
                keys.setdefault(_scene_name(file.stem), []).append(file)
        for name in sorted(keys):
            found = sorted(keys[name], key=lambda f: (f.suffix != ".txt", f.name))
            files = {f.name: (f, FileRole.METADATA) for f in found}
            for file in folder.files:
                mine = _scene_name(file.stem) == name or file.stem.lower().startswith(name.lower())
                if mine and file.name not in files:
                    image = file.suffix in RASTER_SUFFIXES and role_of(file) is FileRole.OTHER
                    rpc = file.suffix == ".rpc"
                    files[file.name] = (file, FileRole.RASTER if image else FileRole.RPC if rpc else role_of(file))
            yield SceneFiles(self.name, found[0], folder, tuple(files[k] for k in sorted(files)))

    def read(self, scene: SceneFiles) -> Reading:
        """What the metadata says. ``AUX_CLOUD_STATUS`` is a grade and no percentage, so cloud cover stays unknown.

        Raises:
            UnreadableDelivery: the file is too large for metadata, or no XML.
        """
        if scene.key.suffix == ".xml":
            return _read_aux(scene)
        words, claims = _words(scene.key), Claims()
        _describe(words, claims)
        images = scene.with_role(FileRole.RASTER)
        keys = unique_keys([_key(f) for f in images])
        rasters = [_raster(scene, words, f, key) for f, key in zip(images, keys, strict=True)]
        return Reading(tuple(claims.claims), tuple(sorted(rasters, key=lambda r: r.key == "pan")), tuple(claims.findings))


def _read_aux(scene: SceneFiles) -> Reading:
    tree, claims = parse_xml(scene.key), Claims()
    kompsat_aux.describe(tree, claims)
    rasters = kompsat_aux.rasters(tree, scene, claims)
    return Reading(tuple(claims.claims), rasters, tuple(claims.findings))


def _scene_name(stem: str) -> str:
    return _BAND.sub(r"\1", stem)


def _words(file: ArchiveFile) -> KeyValues:
    """Lines ``KEY<tab or spaces>value``; ``BEGIN_X_BLOCK`` and ``END_`` lines only group."""
    pairs = []
    for line in read_text(file).splitlines():
        match = re.match(r"\s*([A-Z][A-Z0-9_]+)\s+(\S.*?)\s*$", line)
        if match and not line.strip().startswith(("BEGIN_", "END_")):
            pairs.append((match.group(1), match.group(2).strip('"')))
    return KeyValues(file, tuple(pairs))


def _describe(words: KeyValues, claims: Claims) -> None:
    claims.platform(words.text("AUX_SATELLITE_NAME"), words.source("AUX_SATELLITE_NAME"))
    instrument = words.text("AUX_SATELLITE_SENSOR")
    if instrument:
        claims.add(Field.INSTRUMENTS, sensors.instruments(instrument) or (instrument,), words.source("AUX_SATELLITE_SENSOR"))
    _time(words, claims)
    level = words.text("AUX_IMAGE_LEVEL") or words.text("AUX_PRODUCT_LEVEL")
    claims.add(Field.PROCESSING_LEVEL, level, words.source("AUX_IMAGE_LEVEL"))
    claims.azimuth(Field.VIEW_AZIMUTH, words.number("AUX_IMAGE_SATELLITE_AZIMUTH_DEG"), words.source("AUX_IMAGE_SATELLITE_AZIMUTH_DEG"))
    incidence = words.number("AUX_IMAGE_SATELLITE_INCIDENCE_DEG")
    claims.number(
        Field.INCIDENCE_ANGLE, None if incidence is None else abs(incidence), words.source("AUX_IMAGE_SATELLITE_INCIDENCE_DEG"), 0, 90
    )
    sizes = _numbers(words.text("AUX_IMAGE_GSD_METER"))
    claims.number(Field.GSD, min(sizes) if sizes else None, words.source("AUX_IMAGE_GSD_METER"), 0.05, 100)
    claims.add(Field.ABSOLUTE_ORBIT, _whole(words.number("AUX_IMAGE_ORBIT_NUMBER")), words.source("AUX_IMAGE_ORBIT_NUMBER"))
    points = [_point(words.text(f"AUX_IMAGE_{c}_LATLONG_DEG")) for c in CORNERS]
    known = [p for p in points if p is not None]
    if len(known) == 4:
        claims.footprint(known, words.source("AUX_IMAGE_TL_LATLONG_DEG .. AUX_IMAGE_BL_LATLONG_DEG"))


def _time(words: KeyValues, claims: Claims) -> None:
    """Start of the image where it is stated, else start of the strip; the strip's date alone is a day."""
    key = next((k for k in IMAGE_START if words.text(k)), IMAGE_START[0])
    source, text = words.source(key), words.text(key)
    parts = _numbers(text)
    if text is not None and len(parts) == 6:
        try:
            year, month, day_, hour, minute = (int(p) for p in parts[:5])
            start = datetime(year, month, day_, hour, minute, tzinfo=UTC) + timedelta(seconds=parts[5])
        except (ValueError, OverflowError):
            claims.findings.append(BAD_VALUE(source.file, value=text, key=source.locator))
        else:
            claims.add(Field.ACQUIRED, When.instant(start), source)
            return
    date, time = words.text("AUX_STRIP_ACQ_DATE_UT"), words.text("AUX_STRIP_ACQ_START_UT")
    match = re.fullmatch(r"(\d{4})(\d\d)(\d\d)", date or "")
    if match is None:
        return
    day = "-".join(match.groups())
    clock = re.fullmatch(r"(\d\d)(\d\d)(\d\d(?:\.\d+)?)", time or "")
    claims.when(
        Field.ACQUIRED, f"{day}T{':'.join(clock.groups())}" if clock else day, words.source("AUX_STRIP_ACQ_DATE_UT, AUX_STRIP_ACQ_START_UT")
    )


def _numbers(text: str | None) -> list[float]:
    values = [to_number(part) for part in (text or "").split()]
    return [v for v in values if v is not None]


def _whole(value: float | None) -> int | None:
    return None if value is None or value <= 0 else int(value)


def _point(text: str | None) -> Point | None:
    """``latitude longitude`` as longitude and latitude."""
    values = _numbers(text)
    return (values[1], values[0]) if len(values) == 2 else None


def _letter(file: ArchiveFile) -> str | None:
    match = _BAND.search(file.stem)
    return match.group(2) if match else None


def _key(file: ArchiveFile) -> str:
    letter = _letter(file)
    return "image" if letter is None else _LETTERS[letter].lower()


def _raster(scene: SceneFiles, words: KeyValues, file: ArchiveFile, key: str) -> RasterSource:
    letter = _letter(file)
    names: Sequence[str] = [] if letter is None else [_LETTERS[letter]]
    bands: tuple[Band, ...] = sensors.bands(words.text("AUX_SATELLITE_NAME") or "", None, names) if names else ()
    stem = file.stem.lower()
    sidecars = [f for f, role in scene.files if role in (FileRole.RPC, FileRole.METADATA) and f.stem.lower() == stem]
    return RasterSource(key=key, tiles=(file,), bands=bands, sidecars=(*beside(scene.folder, file), *sidecars))


FORMAT = Kompsat()
