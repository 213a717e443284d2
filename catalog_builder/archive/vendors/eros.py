"""EROS A and B (ImageSat): the ``.pass`` text beside the image, with the ``.rpc`` model."""

from __future__ import annotations

import re
from collections.abc import Iterable

from catalog_builder.archive.claims import RASTER_SUFFIXES, Claims, role_of
from catalog_builder.archive.delivery import FileRole, Folder, RasterSource, Reading, SceneFiles
from catalog_builder.archive.dimap import beside
from catalog_builder.archive.keyvalue import KeyValues, read_text
from catalog_builder.facts import Field


class Eros:
    """Reader of EROS pass files."""

    name = "eros"

    def find(self, folder: Folder) -> Iterable[SceneFiles]:
        """One scene for each pass file of the folder; images are named as it, with further parts after a dot."""
        for key in folder.files:
            if key.suffix != ".pass" or not re.search(rb"^satellite\s", key.head(8192), re.MULTILINE):
                continue
            files = {key.name: (key, FileRole.METADATA)}
            for file in folder.files:
                if file.basename.lower().startswith(key.stem.lower() + ".") and file.name != key.name:
                    image = file.suffix in RASTER_SUFFIXES and role_of(file) is FileRole.OTHER
                    rpc = file.suffix == ".rpc"
                    files[file.name] = (file, FileRole.RASTER if image else FileRole.RPC if rpc else role_of(file))
            yield SceneFiles(self.name, key, folder, tuple(files[k] for k in sorted(files)))

    def read(self, scene: SceneFiles) -> Reading:
        """What the pass file says.

        Raises:
            UnreadableDelivery: the file is too large for metadata.
        """
        words, claims = _words(scene), Claims()
        claims.platform(words.text("satellite"), words.source("satellite"))
        camera = words.text("camera")
        claims.add(Field.INSTRUMENTS, (camera,) if camera else None, words.source("camera"))
        start = (words.text("sweep_start_utc") or "").replace(",", "T")
        claims.when(Field.ACQUIRED, start or None, words.source("sweep_start_utc"))
        claims.number(Field.CLOUD_COVER, words.number("overall_cc"), words.source("overall_cc"), 0, 100)
        model = scene.with_role(FileRole.RPC)
        rasters = [
            RasterSource("image", (f,), sidecars=(*beside(scene.folder, f), *model, scene.key)) for f in scene.with_role(FileRole.RASTER)
        ]
        return Reading(tuple(claims.claims), tuple(rasters[:1]), tuple(claims.findings))


def _words(scene: SceneFiles) -> KeyValues:
    """Lines of a key in a field of fixed width, then its value."""
    pairs = [m.groups() for line in read_text(scene.key).splitlines() if (m := re.match(r"(\w+)\s+(\S.*?)\s*$", line))]
    return KeyValues(scene.key, tuple((k, v.strip('"')) for k, v in pairs))


FORMAT = Eros()
