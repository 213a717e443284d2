"""OrbView-3: the ``.pvl`` text beside the image, with ``_rpc.txt``."""

from __future__ import annotations

import re
from collections.abc import Iterable

from catalog_builder.archive.claims import RASTER_SUFFIXES, Claims, role_of
from catalog_builder.archive.delivery import FileRole, Folder, RasterSource, Reading, SceneFiles
from catalog_builder.archive.dimap import beside
from catalog_builder.archive.keyvalue import parse_keyvalues
from catalog_builder.facts import Field


class OrbView:
    """Reader of OrbView support files."""

    name = "orbview"

    def find(self, folder: Folder) -> Iterable[SceneFiles]:
        """One scene for each support file of the folder, with the files of its stem."""
        for key in folder.files:
            if key.suffix != ".pvl" or not re.search(rb"sensorInfo|inputImageInfo", key.head(1 << 15)):
                continue
            stem = key.stem.lower()
            files = {key.name: (key, FileRole.METADATA)}
            for file in folder.files:
                if file.stem.lower() in (stem, f"{stem}_rpc") and file.name != key.name:
                    image = file.suffix in RASTER_SUFFIXES and role_of(file) is FileRole.OTHER
                    files[file.name] = (file, FileRole.RASTER if image else role_of(file))
            yield SceneFiles(self.name, key, folder, tuple(files[k] for k in sorted(files)))

    def read(self, scene: SceneFiles) -> Reading:
        """What the support file says.

        Raises:
            UnreadableDelivery: the file is too large for metadata.
        """
        words, claims = parse_keyvalues(scene.key), Claims()
        claims.platform(words.text("sensorInfo/satelliteName"), words.source("sensorInfo/satelliteName"))
        when = "inputImageInfo/firstLineAcquisitionDateTime"
        claims.when(Field.ACQUIRED, words.text(when), words.source(when))
        cloud = "productInfo/productCloudCoverPercentage"
        claims.number(Field.CLOUD_COVER, words.number(cloud), words.source(cloud), 0, 100)
        model = scene.with_role(FileRole.RPC)
        rasters = [
            RasterSource("image", (f,), sidecars=(*beside(scene.folder, f), *model, scene.key)) for f in scene.with_role(FileRole.RASTER)
        ]
        return Reading(tuple(claims.claims), tuple(rasters[:1]), tuple(claims.findings))


FORMAT = OrbView()
