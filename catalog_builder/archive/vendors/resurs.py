"""Resurs-DK1 (NTs OMZ): ``<MSP_ROOT>`` documents, which hold ``key = value`` lines between their tags."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone

from catalog_builder.archive import sensors
from catalog_builder.archive.claims import RASTER_SUFFIXES, Claims, Point, role_of
from catalog_builder.archive.commercial_findings import BAD_VALUE
from catalog_builder.archive.delivery import FileRole, Folder, RasterSource, Reading, SceneFiles
from catalog_builder.archive.dimap import beside
from catalog_builder.archive.keyvalue import KeyValues
from catalog_builder.archive.xmltree import Tree, parse_xml, root_name
from catalog_builder.facts import Field
from catalog_builder.times import When

MOSCOW = timezone(timedelta(hours=3), "UTC+3")
"""The documents give Moscow time (GDAL's reader of the format subtracts the same three hours)."""

CORNERS = ("NW", "NE", "SE", "SW")


class Resurs:
    """Reader of Resurs-DK1 documents."""

    name = "resurs-dk1"

    def find(self, folder: Folder) -> Iterable[SceneFiles]:
        """One scene for each document of the folder, with the files of its stem."""
        for key in folder.files:
            if key.suffix != ".xml" or root_name(key) != "MSP_ROOT":
                continue
            files = {key.name: (key, FileRole.METADATA)}
            for file in folder.files:
                if file.stem.lower() == key.stem.lower() and file.name != key.name:
                    image = file.suffix in RASTER_SUFFIXES and role_of(file) is FileRole.OTHER
                    files[file.name] = (file, FileRole.RASTER if image else role_of(file))
            yield SceneFiles(self.name, key, folder, tuple(files[k] for k in sorted(files)))

    def read(self, scene: SceneFiles) -> Reading:
        """What the document says.

        Raises:
            UnreadableDelivery: the metadata cannot be understood.
        """
        words, claims = _words(parse_xml(scene.key)), Claims()
        claims.platform(words.text("MSP_ROOT/cCodeKA"), words.source("MSP_ROOT/cCodeKA"))
        device = words.text("Pasport/cDeviceName")
        claims.add(Field.INSTRUMENTS, (sensors.instruments(device) or (device,)) if device else None, words.source("Pasport/cDeviceName"))
        _time(words, claims)
        bits = words.number("Pasport/nBitsPerPixel")
        claims.number(Field.BIT_DEPTH, int(bits) if bits else None, words.source("Pasport/nBitsPerPixel"), 1, 64)
        points = [_corner(words, c) for c in CORNERS]
        known = [p for p in points if p is not None]
        if len(known) == 4:
            claims.footprint(known, words.source("Geographic/aNWLat .. aSWLong"))
        images = scene.with_role(FileRole.RASTER)
        rasters = [RasterSource("image", (f,), sidecars=(*beside(scene.folder, f), scene.key)) for f in images]
        return Reading(tuple(claims.claims), tuple(rasters[:1]), tuple(claims.findings))


def _words(tree: Tree) -> KeyValues:
    pairs = []
    for element in tree.root.iter("*"):
        texts = [element.text or "", *(child.tail or "" for child in element)]
        for line in "\n".join(texts).splitlines():
            key, equals, value = line.partition("=")
            if equals:
                pairs.append((f"{element.tag}/{key.strip()}", value.strip().strip('"')))
    return KeyValues(tree.file, tuple(pairs))


def _time(words: KeyValues, claims: Claims) -> None:
    source = words.source("Normal/dSceneDate, tSceneTime")
    date, time = words.text("Normal/dSceneDate"), words.text("Normal/tSceneTime")
    day = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", date or "")
    clock = re.fullmatch(r"(\d{1,2}):(\d\d):(\d\d)(?:\.(\d+))?", time or "")
    if day is None:
        return
    try:
        if clock is None:  # a day in Moscow is not one day in UTC
            start = datetime(int(day[3]), int(day[2]), int(day[1]), tzinfo=MOSCOW)
            claims.add(Field.ACQUIRED, When.between(start, start + timedelta(days=1, seconds=-1)), source)
            return
        micro = int((clock[4] or "0")[:6].ljust(6, "0"))
        moment = datetime(int(day[3]), int(day[2]), int(day[1]), int(clock[1]), int(clock[2]), int(clock[3]), micro, tzinfo=MOSCOW)
    except ValueError:
        claims.findings.append(BAD_VALUE(source.file, value=f"{date} {time}", key=source.locator))
        return
    claims.add(Field.ACQUIRED, When.instant(moment), source)


def _corner(words: KeyValues, corner: str) -> Point | None:
    lon, lat = _degrees(words.text(f"Geographic/a{corner}Long")), _degrees(words.text(f"Geographic/a{corner}Lat"))
    return None if lon is None or lat is None else (lon, lat)


def _degrees(text: str | None) -> float | None:
    """``54:50:11.360508`` in degrees."""
    match = re.fullmatch(r"(-?)(\d{1,3}):(\d{1,2}):(\d{1,2}(?:\.\d+)?)", text or "")
    if match is None:
        return None
    value = int(match[2]) + int(match[3]) / 60 + float(match[4]) / 3600
    return -value if match[1] else value


FORMAT = Resurs()
