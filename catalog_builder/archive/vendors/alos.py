"""ALOS and ALOS-2 deliveries with JAXA's ``summary.txt``: PRISM, AVNIR-2, PALSAR, PALSAR-2."""

from __future__ import annotations

import re
from collections.abc import Iterable

from catalog_builder.archive import sensors
from catalog_builder.archive.claims import Claims, role_of, unique_keys
from catalog_builder.archive.delivery import ArchiveFile, Band, FileRole, Folder, RasterKind, RasterSource, Reading, SceneFiles
from catalog_builder.archive.dimap import beside
from catalog_builder.archive.keyvalue import KeyValues, parse_keyvalues
from catalog_builder.archive.xmltree import to_number
from catalog_builder.facts import Field, Origin, Source

CORNERS = ("LeftTop", "RightTop", "RightBottom", "LeftBottom")

_IMAGE = re.compile(r"IMG-(?:(HH|HV|VH|VV|0\d)-)?(.+)", re.IGNORECASE)
"""``IMG-<polarisation or band>-<scene>-<product>`` (JAXA product format descriptions)."""


class Alos:
    """Reader of ALOS summaries."""

    name = "alos"

    def find(self, folder: Folder) -> Iterable[SceneFiles]:
        """One scene for the summary of the folder, with every product file beside it."""
        for key in folder.files:
            if key.basename.lower() not in ("summary.txt", "workreport") or b"Lbi_" not in key.head(1 << 14):
                continue
            files = {key.name: (key, FileRole.METADATA)}
            for file in folder.files:
                if re.match(r"(?:IMG|LED|TRL|VOL|RPC|HDR|BRS|KML|SUP)-|(?:ALAV2|ALPSM|ALPSR|ALOS2)", file.basename, re.IGNORECASE):
                    files.setdefault(file.name, (file, _role(file)))
            yield SceneFiles(self.name, key, folder, tuple(files[k] for k in sorted(files)))
            return

    def read(self, scene: SceneFiles) -> Reading:
        """What the summary says. ``Img_CloudQuantityOfAllImage`` is a grade of cloud and no percentage; it is left out.

        Raises:
            UnreadableDelivery: the file is too large for metadata.
        """
        words, claims = parse_keyvalues(scene.key), Claims()
        _describe(words, claims)
        images = [f for f in scene.with_role(FileRole.RASTER) if f.suffix in (".tif", ".tiff", ".jp2")]
        marks = [m.group(1).upper() if (m := _IMAGE.match(f.stem)) and m.group(1) else None for f in scene.with_role(FileRole.RASTER)]
        polarizations = tuple(sorted({m for m in marks if m and m.isalpha()}))
        if polarizations:
            claims.add(Field.POLARIZATIONS, polarizations, Source(Origin.FILENAME, scene.key.name, _IMAGE.pattern))
        keys = unique_keys([_key(f) for f in images])
        rasters = [_raster(scene, words, f, key) for f, key in zip(images, keys, strict=True)]
        return Reading(tuple(claims.claims), tuple(rasters), tuple(claims.findings))


def _role(file: ArchiveFile) -> FileRole:
    name = file.basename.upper()
    if name.startswith("IMG-") and file.suffix not in (".jpg", ".txt", ".tfw", ".xml"):
        return FileRole.RASTER
    if name.startswith("RPC-"):
        return FileRole.RPC
    if name.startswith("BRS-") or file.suffix in (".jpg", ".png"):
        return FileRole.BROWSE
    return FileRole.METADATA if name.startswith(("LED-", "TRL-", "VOL-", "HDR-", "SUP-")) else role_of(file)


def _describe(words: KeyValues, claims: Claims) -> None:
    known = claims.platform(words.text("Lbi_Satellite"), words.source("Lbi_Satellite"))
    instrument = words.text("Lbi_Sensor")
    radar = instrument is not None and ("SAR" in instrument.upper())
    if instrument:
        named = sensors.instruments(instrument)
        if instrument.upper() == "SAR" and known and len(known.instruments) == 1:
            named = known.instruments  # ALOS-2 calls its only instrument SAR
        claims.add(Field.INSTRUMENTS, named or (instrument,), words.source("Lbi_Sensor"))
    if radar:
        claims.add(Field.SAR_BAND, "L", words.source("Lbi_Sensor"))
    _time(words, claims)
    for field, key in (
        (Field.PROCESSING_LEVEL, "Lbi_ProcessLevel"),
        (Field.SCENE_NAME, "Scs_SceneID"),
        (Field.CATALOG_ID, "Scs_SceneID"),
        (Field.PRODUCT_TYPE, "Pds_ProductID"),
        (Field.ORDER_ID, "Odi_OrderId"),
    ):
        claims.add(field, words.text(key), words.source(key))
    scene, product = words.text("Scs_SceneID"), words.text("Pds_ProductID")
    claims.add(Field.PRODUCT_ID, f"{scene}-{product}" if scene and product else None, words.source("Scs_SceneID, Pds_ProductID"))
    claims.number(Field.GSD, words.number("Pds_PixelSpacing"), words.source("Pds_PixelSpacing"), 0.1, 1000)
    off_nadir = words.number("Img_OffNadirAngle")
    claims.number(Field.OFF_NADIR, None if off_nadir is None else abs(off_nadir), words.source("Img_OffNadirAngle"), 0, 90)
    _optics(words, claims)
    for kind in ("ImageScene", "FrameScene"):
        corners = [(words.number(f"Img_{kind}{c}Longitude"), words.number(f"Img_{kind}{c}Latitude")) for c in CORNERS]
        if not claims.has(Field.FOOTPRINT):
            claims.footprint(corners, words.source(f"Img_{kind}LeftTopLatitude .. Img_{kind}LeftBottomLongitude"))


def _optics(words: KeyValues, claims: Claims) -> None:
    """Angles of PRISM and AVNIR-2; the incidence is written with the side of the track, ``L12.3``."""
    claims.azimuth(Field.SUN_AZIMUTH, words.number("Img_SunAngleAzimuth"), words.source("Img_SunAngleAzimuth"))
    claims.number(Field.SUN_ELEVATION, words.number("Img_SunAngleElevation"), words.source("Img_SunAngleElevation"), -90, 90)
    pointing = words.number("Img_PointingAngle")
    claims.number(Field.OFF_NADIR, None if pointing is None else abs(pointing), words.source("Img_PointingAngle"), 0, 90)
    side = re.fullmatch(r"[LR]?([\d.]+)", words.text("Img_SceneCenterAngle") or "", re.IGNORECASE)
    claims.number(Field.INCIDENCE_ANGLE, to_number(side.group(1)) if side else None, words.source("Img_SceneCenterAngle"), 0, 90)


def _time(words: KeyValues, claims: Claims) -> None:
    centre = re.fullmatch(r"(\d{4})(\d\d)(\d\d)\s+(\d\d:\d\d:\d\d(?:\.\d+)?)", words.text("Img_SceneCenterDateTime") or "")
    if centre:
        text = f"{centre.group(1)}-{centre.group(2)}-{centre.group(3)}T{centre.group(4)}"
        claims.when(Field.ACQUIRED, text, words.source("Img_SceneCenterDateTime"))
        return
    day = re.fullmatch(r"(\d{4})(\d\d)(\d\d)", words.text("Lbi_ObservationDate") or "")
    claims.when(Field.ACQUIRED, "-".join(day.groups()) if day else None, words.source("Lbi_ObservationDate"))


def _key(file: ArchiveFile) -> str:
    match = _IMAGE.match(file.stem)
    mark = match.group(1) if match else None
    return "image" if mark is None else mark.lower() if mark.isalpha() else f"band{int(mark)}"


def _raster(scene: SceneFiles, words: KeyValues, file: ArchiveFile, key: str) -> RasterSource:
    instrument = words.text("Lbi_Sensor") or ""
    radar = "SAR" in instrument.upper()
    bands: tuple[Band, ...] = ()
    if radar and len(key) == 2:
        bands = (Band(key.upper()),)
    elif key.startswith("band") and instrument.upper().startswith("AVNIR"):
        bands = sensors.bands(words.text("Lbi_Satellite") or "", instrument, [f"B{key[4:]}"])
    elif instrument.upper() == "PRISM":
        bands = sensors.bands(words.text("Lbi_Satellite") or "", instrument, ["PAN"])
    match = _IMAGE.match(file.stem)
    names = {f"rpc-{match.group(2)}.txt".lower(), f"hdr-{match.group(2)}.txt".lower()} if match else set()
    sidecars = [f for f in scene.folder.files if f.basename.lower() in {*names, "summary.txt"}]
    kind = RasterKind.SAR if radar else RasterKind.IMAGE
    size = words.number("Pds_PixelSpacing")
    return RasterSource(key=key, tiles=(file,), kind=kind, bands=bands, gsd=size, sidecars=(*beside(scene.folder, file), *sidecars))


FORMAT = Alos()
