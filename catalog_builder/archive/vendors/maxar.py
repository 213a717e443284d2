"""Maxar (DigitalGlobe, Vantor): WorldView, GeoEye-1 and QuickBird deliveries with IMD, ISD XML, TIL and RPB."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from catalog_builder.archive import maxar_product as product
from catalog_builder.archive.claims import RASTER_SUFFIXES, Claims, find_subfolder, own_files, role_of, unique_keys
from catalog_builder.archive.delivery import ArchiveFile, FileRole, Folder, RasterSource, Reading, SceneFiles
from catalog_builder.archive.isd import Isd, is_isd_xml, read_isd
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.facts import Claim, Field
from catalog_builder.findings import Finding
from catalog_builder.times import When

_BUNDLED = re.compile(r"(?P<order>.+)_(?:MUL|PAN|PSH|SWIR)", re.IGNORECASE)
"""``013085138010_01_P001_MUL`` and ``..._PAN``: the folders of one order and product (Maxar product delivery guide)."""

SAME_LOOK = timedelta(seconds=5)
"""PAN and MUL of one look start within a second of each other."""

_KEYS = {"PAN": "pan", "MS": "ms", "PMS": "pms"}


class Maxar:
    """Reader of Maxar image support data."""

    name = "maxar"

    def find(self, folder: Folder) -> Iterable[SceneFiles]:
        """One scene for each product stem: an ``.IMD``, an ``isd`` XML, or a ``.TIL`` that has neither beside it. The PAN and MUL
        folders of one product and one acquisition are one scene of the folder above."""
        yield from self._products(folder)
        bundles: dict[str, list[SceneFiles]] = {}
        for child in folder.folders:
            match = _BUNDLED.fullmatch(child.name.rsplit("/", 1)[-1])
            found = list(self._products(child)) if match else []
            if match and len(found) == 1:
                bundles.setdefault(match["order"].lower(), []).append(found[0])
        for order in sorted(bundles):
            parts = bundles[order]
            if len(parts) > 1 and _one_acquisition([p.key for p in parts]):
                files = {f.name: (f, role) for part in parts for f, role in part.files}
                yield SceneFiles(self.name, parts[0].key, folder, tuple(files[k] for k in sorted(files)))

    def read(self, scene: SceneFiles) -> Reading:
        """What the image support data says: of a bundle, the finest product first, then what the others add.

        Raises:
            UnreadableDelivery: the metadata cannot be understood.
        """
        keys = _keys(scene.with_role(FileRole.METADATA))
        parts = [(key, Isd(key, ()) if key.suffix == ".til" else read_isd(key)) for key in keys.values()]
        parts.sort(key=lambda p: product.spacing(p[1]) or 1e9)
        claims: dict[Field, Claim] = {}
        findings: list[Finding] = []
        rasters: list[RasterSource] = []
        for key, isd in parts:
            collected = Claims()
            if isd.groups:
                product.describe(isd, collected)
            for claim in collected.claims:
                claims.setdefault(claim.field, claim)
            findings += collected.findings
            rasters += _raster(scene, key, isd, findings)
        rasters.sort(key=lambda r: r.key == "pan")
        named = [replace(r, key=k) for r, k in zip(rasters, unique_keys([r.key for r in rasters]), strict=True)]
        return Reading(tuple(claims.values()), tuple(named), tuple(findings))

    def _products(self, folder: Folder) -> Iterable[SceneFiles]:
        keys = _keys(folder.files)
        stems = sorted(keys)
        for stem in stems:
            others = [s for s in stems if s != stem and s.startswith(stem)]
            yield SceneFiles(self.name, keys[stem], folder, tuple(_files(folder, keys[stem], others, len(stems) == 1)))


def _keys(files: Sequence[ArchiveFile]) -> dict[str, ArchiveFile]:
    """The best metadata file of each product: text before XML before a lone tile index."""
    keys: dict[str, ArchiveFile] = {}
    for file in sorted(files, key=lambda f: (f.suffix != ".imd", f.suffix != ".xml")):
        if file.suffix in (".imd", ".til") or is_isd_xml(file):
            keys.setdefault(file.name.rpartition(".")[0].lower(), file)
    return keys


def _files(folder: Folder, key: ArchiveFile, longer: Sequence[str], alone: bool) -> Iterable[tuple[ArchiveFile, FileRole]]:
    stem, order = key.name.rpartition(".")[0].lower(), _product(key.stem)
    try:
        tiles = {f.name for _, f in product.listed_tiles(folder, key, [])}
    except UnreadableDelivery:
        tiles = set()  # reported when the scene is read
    for file in own_files(folder) if alone else folder.files:
        low = file.name.lower()
        mine = low.startswith(stem) and not any(low.startswith(other) for other in longer)
        mine = mine or (order is not None and order in file.basename.lower())
        if file.name in tiles or (mine and file.suffix in RASTER_SUFFIXES and role_of(file) is FileRole.OTHER):
            yield file, FileRole.RASTER
        elif mine or (alone and file.suffix not in RASTER_SUFFIXES):
            yield file, role_of(file)


def _product(stem: str) -> str | None:
    """The order and product part of a Maxar file name, ``059262057010_01_p001``."""
    match = re.search(r"\d{9,}_\d\d_p\d{3}", stem.lower())
    return match.group() if match else None


def _one_acquisition(keys: Sequence[ArchiveFile]) -> bool:
    """Whether the products say that they are of one satellite and one moment."""
    said = []
    for key in keys:
        claims = Claims()
        try:
            product.describe(read_isd(key), claims)
        except UnreadableDelivery:
            return False
        said.append({c.field: c.value for c in claims.claims})
    times = [t for s in said if isinstance(t := s.get(Field.ACQUIRED), When)]
    return (
        len(times) == len(said) and len({s.get(Field.PLATFORM) for s in said}) == 1 and all(t.overlaps(times[0], SAME_LOOK) for t in times)
    )


def _raster(scene: SceneFiles, key: ArchiveFile, isd: Isd, findings: list[Finding]) -> list[RasterSource]:
    folder = find_subfolder(scene.folder, key)
    listed = product.listed_tiles(folder, key, findings)
    tiles = tuple(f for _, f in listed) or _by_name(scene, folder, key)
    if not tiles:
        return []
    offsets = tuple((int(t.number("ULROWOFFSET") or 0), int(t.number("ULCOLOFFSET") or 0)) for t, _ in listed) if len(listed) > 1 else ()
    roles = (FileRole.RPC, FileRole.GEOREFERENCE, FileRole.METADATA)
    here = {f.name for f in folder.files}
    sidecars = tuple(f for f, role in scene.files if role in roles and f.suffix != ".til" and f.name in here)
    name = _KEYS.get(product.mode(isd.top) or "", "image")
    return [RasterSource(name, tiles, bands=product.bands(isd), offsets=offsets, gsd=product.spacing(isd), sidecars=sidecars)]


def _by_name(scene: SceneFiles, folder: Folder, key: ArchiveFile) -> tuple[ArchiveFile, ...]:
    """The raster named as the metadata, for products without a tile index."""
    here = {f.name for f in folder.files}
    rasters = tuple(f for f in scene.with_role(FileRole.RASTER) if f.name in here)
    return tuple(f for f in rasters if f.stem.lower() == key.stem.lower())[:1] or (rasters if len(rasters) == 1 else ())


FORMAT = Maxar()
