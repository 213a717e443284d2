"""SkySat scenes and collects: item JSON beside the rasters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from catalog_builder.archive import planetitem
from catalog_builder.archive.claims import RASTER_SUFFIXES, Claims, follow, is_outside, role_of, unique_keys
from catalog_builder.archive.commercial_findings import HREF_OUTSIDE
from catalog_builder.archive.delivery import ArchiveFile, FileRole, Folder, RasterKind, RasterSource, Reading, SceneFiles
from catalog_builder.archive.dimap import beside
from catalog_builder.archive.planetitem import Item, looks_like_item, read_item
from catalog_builder.errors import UnreadableDelivery

_MASK = re.compile(r"_udm2?(?:_clip)?$", re.IGNORECASE)
_VISUAL = re.compile(r"visual", re.IGNORECASE)

SCENE = re.compile(r"\d{8}_\d{6}_ssc?\w*?d\d(?:_\d{4})?(?![0-9a-z])", re.IGNORECASE)
"""``20170831_162740_ssc1d1_0001``: time, satellite and detector, frame (Planet SkySat product specification)."""


class SkySat:
    """Reader of SkySat items."""

    name = "skysat"

    def find(self, folder: Folder) -> Iterable[SceneFiles]:
        """One scene for each SkySat item JSON of the folder."""
        for key in folder.files:
            if not looks_like_item(key):
                continue
            try:
                item = read_item(key)
            except UnreadableDelivery:
                continue  # no item after all; the file is left to others
            if item.family != "skysat":
                continue
            files = {key.name: (key, FileRole.METADATA)}
            for file, role in _named(folder, item):
                files.setdefault(file.name, (file, role))
            match = SCENE.match(key.basename)
            stem = (match.group() if match else key.stem.removesuffix("_metadata")).lower()
            for file in folder.files:
                if file.basename.lower().startswith(stem):
                    files.setdefault(file.name, (file, _role(file)))
            yield SceneFiles(self.name, key, folder, tuple(files[k] for k in sorted(files)))

    def read(self, scene: SceneFiles) -> Reading:
        """What the item says.

        Raises:
            UnreadableDelivery: the item cannot be understood.
        """
        item, claims = read_item(scene.key), Claims()
        claims.platform(item.text("platform", "satellite_id"), item.source("platform", "satellite_id"))
        planetitem.describe(item, claims)
        claims.findings += [HREF_OUTSIDE(scene.key.name, href=h) for h in item.hrefs.values() if _escapes(h)]
        rasters = [_raster(scene, f, item) for f in (*scene.with_role(FileRole.RASTER), *scene.with_role(FileRole.MASK))]
        lonely = not any(r.primary for r in rasters)
        keys = unique_keys([r.key for r in rasters])
        keyed = [
            replace(r, key=k, primary=r.primary or (lonely and r.kind is RasterKind.IMAGE)) for k, r in zip(keys, rasters, strict=True)
        ]
        return Reading(tuple(claims.claims), tuple(keyed), tuple(claims.findings))


def _escapes(href: str) -> bool:
    """Items of the archive service name their assets by URL; those are not paths and are not followed either."""
    return is_outside(href) and not re.match(r"https?://|s3://|gs://", href, re.IGNORECASE)


def _named(folder: Folder, item: Item) -> Iterable[tuple[ArchiveFile, FileRole]]:
    for href in item.hrefs.values():
        file = None if is_outside(href) else follow(folder, href, item.file, [])
        if file is not None and file.name != item.file.name:
            yield file, _role(file)
            yield from ((side, FileRole.GEOREFERENCE) for side in beside(folder, file))


def _role(file: ArchiveFile) -> FileRole:
    if file.suffix in RASTER_SUFFIXES and role_of(file) is FileRole.OTHER:
        return FileRole.MASK if _MASK.search(file.stem) else FileRole.RASTER
    return FileRole.BROWSE if file.suffix in (".png", ".jpg", ".jpeg") else role_of(file)


def _raster(scene: SceneFiles, file: ArchiveFile, item: Item) -> RasterSource:
    rpc = [f for f in scene.folder.files if f.basename.lower() in (f"{file.stem.lower()}_rpc.txt", f"{file.stem.lower()}.rpc")]
    sidecars = (*beside(scene.folder, file), *rpc)
    if _MASK.search(file.stem):
        return RasterSource("udm", (file,), RasterKind.CATEGORICAL, sidecars=sidecars, primary=False)
    match = SCENE.match(file.stem)
    rest = file.stem[match.end() :].strip("_").lower() if match else ""
    visual = _VISUAL.search(rest) is not None or any(n == "visual" and _same(h, file) for n, h in item.hrefs.items())
    key = "rgb" if visual else rest or "image"  # "visual" is the name of the product's own picture of the scene
    return RasterSource(key, (file,), gsd=item.number("pl:pixel_resolution", "pixel_resolution"), sidecars=sidecars, primary=not visual)


def _same(href: str, file: ArchiveFile) -> bool:
    return href.rsplit("/", 1)[-1].lower() == file.basename.lower()


FORMAT = SkySat()
