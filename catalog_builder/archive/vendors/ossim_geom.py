"""Images with an OSSIM description beside them (``image.geom``), as Orfeo ToolBox and OSSIM write for satellite scenes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from catalog_builder.archive import sensors
from catalog_builder.archive.claims import RASTER_SUFFIXES, Claims, Point
from catalog_builder.archive.delivery import ArchiveFile, FileRole, Folder, RasterSource, Reading, SceneFiles
from catalog_builder.archive.dimap import LEVEL_RULE, LEVELS, beside
from catalog_builder.archive.keyvalue import KeyValues, parse_keyvalues
from catalog_builder.archive.xmltree import to_number
from catalog_builder.facts import Field

CORNERS = ("ul", "ur", "lr", "ll")


class OssimGeom:
    """Reader of OSSIM keyword lists that hold the support data of a scene."""

    name = "ossim-geom"

    def find(self, folder: Folder) -> Iterable[SceneFiles]:
        """One scene for each ``.geom`` with support data and an image of the same name."""
        for key in folder.files:
            if key.suffix != ".geom" or b"support_data." not in key.head(1 << 16):
                continue
            images = [f for f in folder.files if f.stem == key.stem and f.suffix in RASTER_SUFFIXES]
            if not images:
                continue
            files = [(key, FileRole.METADATA), (images[0], FileRole.RASTER)]
            files += [(side, FileRole.GEOREFERENCE) for side in beside(folder, images[0])]
            files += [(model, FileRole.RPC) for model in _models(folder, key)]
            yield SceneFiles(self.name, key, folder, tuple(files))

    def read(self, scene: SceneFiles) -> Reading:
        """What the keyword list says. The RPC files stay unapplied: the image may be a window of what they model.

        Raises:
            UnreadableDelivery: the file is too large for metadata.
        """
        words, claims = parse_keyvalues(scene.key), Claims()
        _identity(words, claims)
        _view(words, claims)
        image = scene.with_role(FileRole.RASTER)[0]
        named = (words.text("support_data.band_name_list") or "").replace('"', " ").split()
        bands = sensors.bands(words.text("support_data.sensorID") or "", None, named)
        key = "pan" if [b.common_name for b in bands] == ["pan"] else "image"
        raster = RasterSource(key=key, tiles=(image,), bands=bands, gsd=_gsd(words), sidecars=tuple(beside(scene.folder, image)))
        return Reading(tuple(claims.claims), (raster,), tuple(claims.findings))


def _models(folder: Folder, key: ArchiveFile) -> list[ArchiveFile]:
    """RPC files whose name holds the image identifier of the keyword list."""
    match = re.search(rb"^\s*image_id:\s*(\S+)", key.head(1 << 16), re.MULTILINE)
    identifier = match.group(1).decode("latin-1").lower() if match else ""
    return [f for f in folder.files if len(identifier) > 5 and f.basename.lower().startswith("rpc") and identifier in f.basename.lower()]


def _identity(words: KeyValues, claims: Claims) -> None:
    known = claims.platform(words.text("support_data.sensorID"), words.source("support_data.sensorID"))
    if known and len(known.instruments) == 1:
        claims.registry_instruments(known)
    claims.when(Field.ACQUIRED, words.text("support_data.image_date"), words.source("support_data.image_date"))
    claims.when(Field.PRODUCED, words.text("support_data.production_date"), words.source("support_data.production_date"))
    level = words.text("support_data.processing_level")
    claims.add(Field.PROCESSING_LEVEL, level, words.source("support_data.processing_level"))
    claims.national_level(level, LEVELS, words.source("support_data.processing_level"), LEVEL_RULE)
    claims.add(Field.PRODUCT_ID, words.text("support_data.image_id"), words.source("support_data.image_id"))


def _view(words: KeyValues, claims: Claims) -> None:
    """``azimuth_angle`` and ``elevation_angle`` are the sun's; each list runs from the top to the bottom of the scene."""
    claims.azimuth(Field.SUN_AZIMUTH, _middle(words, "azimuth_angle"), words.source("support_data.azimuth_angle (middle)"))
    claims.number(Field.SUN_ELEVATION, _middle(words, "elevation_angle"), words.source("support_data.elevation_angle (middle)"), -90, 90)
    claims.number(Field.INCIDENCE_ANGLE, _middle(words, "incident_angle"), words.source("support_data.incident_angle (middle)"), 0, 90)
    claims.number(Field.OFF_NADIR, _middle(words, "viewing_angle"), words.source("support_data.viewing_angle (middle)"), 0, 90)
    claims.number(Field.GSD, _gsd(words), words.source("meters_per_pixel_x, meters_per_pixel_y (mean)"), 0.05, 1000)
    points = [_ground_point(words.text(f"support_data.{c}_ground_point")) for c in CORNERS]
    known = [p for p in points if p is not None]
    if len(known) == 4:
        claims.footprint(known, words.source("support_data.ul_ground_point .. ll_ground_point"))


def _numbers(text: str | None) -> list[float]:
    values = [to_number(part) for part in (text or "").replace('"', " ").split()]
    return [v for v in values if v is not None]


def _middle(words: KeyValues, name: str) -> float | None:
    values = _numbers(words.text(f"support_data.{name}"))
    return values[len(values) // 2] if values else None


def _gsd(words: KeyValues) -> float | None:
    sizes = [words.number(f"meters_per_pixel_{axis}") for axis in "xy"]
    known = [s for s in sizes if s is not None and s > 0]
    return round(sum(known) / 2, 4) if len(known) == 2 else None


def _ground_point(text: str | None) -> Point | None:
    """``latitude longitude height WGE`` as longitude and latitude."""
    values = _numbers(text)
    return (values[1], values[0]) if len(values) >= 2 else None


FORMAT = OssimGeom()
