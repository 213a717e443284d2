"""Files that hold imagery in a form the product cannot read: named, with what to do, and never skipped in silence."""

from __future__ import annotations

from collections.abc import Iterable

from catalog_builder.archive.delivery import FileRole, Folder, Reading, SceneFiles
from catalog_builder.archive.foreign import foreign_format
from catalog_builder.archive.generic_findings import CONVERT_FIRST, REFUSED_FORMAT
from catalog_builder.archive.sidecars import NamesOf, side_files
from catalog_builder.errors import UnreadableDelivery


class UnreadableFormat:
    """Every ECW, MrSID, HDF, tiled GeoPackage, GeoPDF, VRT or WMS description is a delivery that ends in a finding."""

    name = "unreadable"

    def find(self, folder: Folder) -> Iterable[SceneFiles]:
        names = NamesOf(folder.files)
        for file in folder.files:
            if file.size and foreign_format(file) is not None:
                yield SceneFiles(self.name, file, folder, ((file, FileRole.RASTER), *side_files(file, names)))

    def read(self, scene: SceneFiles) -> Reading:
        """Never returns.

        Raises:
            UnreadableDelivery: always, with the name of the format.
        """
        found = foreign_format(scene.key)
        name = found.name if found else "?"
        finding = REFUSED_FORMAT if found and found.refused else CONVERT_FIRST
        raise UnreadableDelivery(finding(scene.key.name, format=name))


FORMAT = UnreadableFormat()
