"""RapidEye: product XML beside the raster, usable data mask and browse image."""

from __future__ import annotations

from collections.abc import Iterable

from catalog_builder.archive import eop, sensors
from catalog_builder.archive.claims import RASTER_SUFFIXES, Claims, follow, role_of
from catalog_builder.archive.delivery import ArchiveFile, FileRole, Folder, RasterKind, RasterSource, Reading, SceneFiles
from catalog_builder.archive.dimap import beside
from catalog_builder.archive.xmltree import Tree, parse_xml
from catalog_builder.facts import Field

PLATFORM = "RapidEye"


class RapidEye:
    """Reader of RapidEye products."""

    name = "rapideye"

    def find(self, folder: Folder) -> Iterable[SceneFiles]:
        """One scene for each RapidEye document of the folder, with the files that share its stem."""
        for document in folder.files:
            if eop.eop_family(document) != "re":
                continue
            stem = document.stem.lower().removesuffix("_metadata")
            files = {document.name: (document, FileRole.METADATA)}
            for file in folder.files:
                if file.stem.lower() == stem or file.stem.lower().startswith(stem + "_"):
                    files.setdefault(file.name, (file, _role(file)))
            yield SceneFiles(self.name, document, folder, tuple(files[k] for k in sorted(files)))

    def read(self, scene: SceneFiles) -> Reading:
        """What the document says.

        Raises:
            UnreadableDelivery: the metadata cannot be understood.
        """
        tree, claims = parse_xml(scene.key), Claims()
        serial = "//Platform/serialIdentifier"
        known = claims.platform(_platform(tree), tree.source(serial))
        if known:
            claims.registry_instruments(known)
        eop.describe(tree, claims)
        cloud = "//cloudCoverPercentage"
        claims.number(Field.CLOUD_COVER, tree.number(cloud), tree.source(cloud), 0, 100)
        named = follow(scene.folder, tree.text(f"{eop.PRODUCT}/fileName"), scene.key, claims.findings)
        images = [f for f in scene.with_role(FileRole.RASTER) if named is None or f.name == named.name] or scene.with_role(FileRole.RASTER)
        count = int(tree.number(f"{eop.PRODUCT}/numBands") or 0)
        size, _ = eop.spacing(tree)
        rasters = [
            RasterSource(
                key="analytic",
                tiles=(file,),
                bands=eop.bands(tree, PLATFORM, None, count) if count == 5 else (),
                gsd=size,
                sidecars=(*beside(scene.folder, file), scene.key),
            )
            for file in images[:1]
        ]
        masks = [f for f in scene.with_role(FileRole.MASK) if f.suffix in RASTER_SUFFIXES]
        rasters += [
            RasterSource("udm", (f,), RasterKind.CATEGORICAL, sidecars=tuple(beside(scene.folder, f)), primary=False) for f in masks[:1]
        ]
        return Reading(tuple(claims.claims), tuple(rasters), tuple(claims.findings))


def _role(file: ArchiveFile) -> FileRole:
    if file.suffix in RASTER_SUFFIXES and file.stem.lower().endswith("_udm"):
        return FileRole.MASK
    if file.suffix in RASTER_SUFFIXES and role_of(file) is FileRole.OTHER:
        return FileRole.RASTER
    return role_of(file)


def _platform(tree: Tree) -> str | None:
    """``RE-3`` is the satellite; documents that blank the number still name the fleet."""
    for path in ("//Platform/serialIdentifier", "//Platform/shortName"):
        text = tree.text(path)
        if text and sensors.platform(text):
            return text
    return tree.text("//Platform/serialIdentifier") or tree.text("//Platform/shortName")


FORMAT = RapidEye()
