"""PlanetScope: product XML, item JSON, analytic and visual rasters, usable data masks; one item for each scene and level."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from catalog_builder.archive import eop, planetitem, sensors
from catalog_builder.archive.claims import RASTER_SUFFIXES, Claims, fraction_as_percent, role_of, unique_keys
from catalog_builder.archive.delivery import ArchiveFile, Band, FileRole, Folder, RasterKind, RasterSource, Reading, SceneFiles
from catalog_builder.archive.dimap import beside
from catalog_builder.archive.planetitem import SCENE_ID, looks_like_item, read_item
from catalog_builder.archive.rasterheader import read_header
from catalog_builder.archive.xmltree import Tree, parse_xml
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.facts import Field, Source

PLATFORM = "PlanetScope"
"""The register's row for the fleet: hundreds of satellites share one camera family, so the satellite's number is appended."""

_MASK = re.compile(r"_udm2?(?:_clip)?$", re.IGNORECASE)
_VISUAL = re.compile(r"_visual(?:_clip)?$", re.IGNORECASE)


@dataclass
class _Group:
    """The files of one scene at one level."""

    documents: list[ArchiveFile] = field(default_factory=list)
    items: list[ArchiveFile] = field(default_factory=list)


class Planet:
    """Reader of PlanetScope scenes."""

    name = "planetscope"

    def find(self, folder: Folder) -> Iterable[SceneFiles]:
        """One scene for each scene identifier and level (1B, 3A, 3B) of the folder that has an XML or an item JSON."""
        groups: dict[tuple[str, str], _Group] = {}
        for file in folder.files:
            if eop.eop_family(file) == "ps":
                groups.setdefault((_identifier(file), _level(file)), _Group()).documents.append(file)
        for file in folder.files:
            if not looks_like_item(file) or not SCENE_ID.match(file.basename) or not _is_planetscope(file):
                continue
            levels = [key for key in groups if key[0] == _identifier(file)]
            for key in levels or [(_identifier(file), "")]:
                groups.setdefault(key, _Group()).items.append(file)
        for (identifier, level), group in sorted(groups.items()):
            yield _scene(self.name, folder, identifier, level, group)

    def read(self, scene: SceneFiles) -> Reading:
        """What product XML and item JSON say; where the two round differently, the product's own XML is used.

        Raises:
            UnreadableDelivery: the metadata cannot be understood.
        """
        documents = [f for f in scene.with_role(FileRole.METADATA) if eop.eop_family(f) == "ps"]
        items = [read_item(f) for f in scene.with_role(FileRole.METADATA) if looks_like_item(f)]
        trees = [parse_xml(f) for f in sorted(documents, key=lambda f: ("_SR_" in f.basename, f.name))]
        claims, said = Claims(), Claims()
        if items:
            planetitem.describe(items[0], said)
            _identity_of_item(items[0], said)
        if trees:
            _describe(trees[0], claims, next((c.value for c in said.claims if c.field is Field.CLOUD_COVER), None))
        known = {c.field for c in claims.claims} - {Field.ACQUIRED}
        exact = [c for c in said.claims if c.field is Field.ACQUIRED]
        merged = [*exact, *claims.claims, *(c for c in said.claims if c.field not in known and c not in exact)]
        rasters = _rasters(scene, trees, items[0] if items else None)
        return Reading(tuple(merged), rasters, (*claims.findings, *said.findings))


def _identifier(file: ArchiveFile) -> str:
    match = SCENE_ID.match(file.basename)
    return match.group().lower() if match else file.stem.lower()


def _level(file: ArchiveFile) -> str:
    match = re.search(r"_(1B|3A|3B)_", file.basename, re.IGNORECASE)
    return match.group(1).upper() if match else ""


def _is_planetscope(file: ArchiveFile) -> bool:
    try:
        return read_item(file).family == "planetscope"
    except UnreadableDelivery:
        return False  # no item after all; the file is left to others


def _scene(name: str, folder: Folder, identifier: str, level: str, group: _Group) -> SceneFiles:
    files = {f.name: (f, FileRole.METADATA) for f in (*group.documents, *group.items)}
    for file in folder.files:
        if _identifier(file) != identifier or (level and _level(file) not in ("", level)):
            continue
        image = file.suffix in RASTER_SUFFIXES and role_of(file) is FileRole.OTHER
        role = FileRole.MASK if image and _MASK.search(file.stem) else FileRole.RASTER if image else role_of(file)
        files.setdefault(file.name, (file, role))
    key = sorted([*group.documents, *group.items], key=lambda f: (f.suffix != ".xml", "_SR_" in f.basename, f.name))[0]
    return SceneFiles(name, key, folder, tuple(files[k] for k in sorted(files)))


def _platform(satellite: str | None, source: Source, claims: Claims) -> None:
    known = sensors.platform(PLATFORM)
    name = known.name if known else PLATFORM
    claims.add(Field.PLATFORM, f"{name}-{satellite}" if satellite else name, source)
    claims.add(Field.CONSTELLATION, name, source)


def _describe(tree: Tree, claims: Claims, cloud_of_item: float | None) -> None:
    _platform(tree.text("//Platform/serialIdentifier"), tree.source("//Platform/serialIdentifier"), claims)
    instrument = tree.text("//Instrument/shortName")
    if instrument:
        claims.add(Field.INSTRUMENTS, sensors.instruments(instrument) or (instrument,), tree.source("//Instrument/shortName"))
    eop.describe(tree, claims)
    azimuth = f"{eop.ACQUISITION}/azimuthAngle"
    claims.azimuth(Field.VIEW_AZIMUTH, tree.number(azimuth), tree.source(azimuth))
    cloud = "//cloudCoverPercentage"
    claims.add(Field.CLOUD_COVER, _cloud(tree.number(cloud), cloud_of_item), tree.source(cloud))


def _cloud(value: float | None, of_item: float | None) -> float | None:
    """Percent. PlanetScope XML gives a fraction although it says percentage; 1 alone could be either and stays unknown."""
    if value is None or not 0 <= value <= 100:
        return None
    if of_item is not None and abs(value - of_item) < 0.5 and value > 1:
        return value
    if value == 1:
        return of_item
    return fraction_as_percent(value) if value < 1 else value


def _identity_of_item(item: planetitem.Item, claims: Claims) -> None:
    source = item.source("platform", "satellite_id")
    _platform(item.text("platform", "satellite_id"), source, claims)
    listed = item.properties.get("instruments")
    names = [n for n in listed if isinstance(n, str)] if isinstance(listed, list) else [t for t in [item.text("instrument")] if t]
    named = tuple(i for n in names for i in (sensors.instruments(n) or (n,)))
    claims.add(Field.INSTRUMENTS, named or None, item.source("instruments", "instrument"))


def _rasters(scene: SceneFiles, trees: list[Tree], item: planetitem.Item | None) -> tuple[RasterSource, ...]:
    by_name = {name.lower(): tree for tree in trees if (name := tree.text(f"{eop.PRODUCT}/fileName"))}
    images = [*scene.with_role(FileRole.RASTER), *scene.with_role(FileRole.MASK)]
    found: list[RasterSource] = []
    for file in images:
        mask, visual = _MASK.search(file.stem) is not None, _VISUAL.search(file.stem) is not None
        tree = by_name.get(file.basename.lower())
        if tree is None and not mask and not visual and len(trees) == 1:
            tree = trees[0]  # clipped orders rename the raster and keep the XML
        sidecars = (*beside(scene.folder, file), *([tree.file] if tree else []))
        if mask:
            found.append(RasterSource(_key(file), (file,), RasterKind.CATEGORICAL, sidecars=sidecars, primary=False))
            continue
        size = eop.spacing(tree)[0] if tree else item.number("pl:pixel_resolution", "pixel_resolution") if item else None
        described = _bands(file, tree or (trees[0] if trees else None), item, visual)
        found.append(RasterSource(_key(file), (file,), bands=described, gsd=size, sidecars=sidecars, primary=not visual))
    lonely = not any(r.primary for r in found)  # a visual product alone is what there is to look at
    keys = unique_keys([r.key for r in found])
    return tuple(replace(r, key=k, primary=r.primary or (lonely and r.kind is RasterKind.IMAGE)) for k, r in zip(keys, found, strict=True))


def _key(file: ArchiveFile) -> str:
    """What the file name says after scene and level: ``analyticms``, ``analyticms_sr``, ``udm2``; ``rgb`` for ``visual``, which is
    the name of the product's own picture of the scene."""
    rest = SCENE_ID.sub("", file.stem, count=1)
    rest = re.sub(r"^_(?:1B|3A|3B)_", "", rest, flags=re.IGNORECASE)
    key = re.sub(r"_clip$", "", rest, flags=re.IGNORECASE).strip("_").lower()
    return "rgb" if key == "visual" else key or "image"


def _bands(file: ArchiveFile, tree: Tree | None, item: planetitem.Item | None, visual: bool) -> tuple[Band, ...]:
    """Bands by their number: three of a visual product, four or eight of an analytic one."""
    stated = tree.number(f"{eop.PRODUCT}/numBands") if tree else None
    try:
        count = int(stated) if stated and not visual else read_header(file).count
    except UnreadableDelivery:
        return ()  # the raster room reports the raster
    if visual:
        return sensors.bands(PLATFORM, "PS2", eop.ORDERS[3]) if count == 3 else ()
    instrument = tree.text("//Instrument/shortName") if tree else item.text("instrument") if item else None
    if tree is not None:
        return eop.bands(tree, PLATFORM, instrument, count)
    return sensors.bands(PLATFORM, instrument or "PS2", eop.ORDERS[count]) if count in (4, 8) else ()


FORMAT = Planet()
