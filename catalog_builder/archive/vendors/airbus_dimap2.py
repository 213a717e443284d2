"""Airbus DIMAP version 2 and 3: SPOT 6/7, Pleiades, Pleiades Neo; single products and PAN + MS bundles under one volume."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from catalog_builder.archive import airbus_product as product
from catalog_builder.archive import airbus_rasters
from catalog_builder.archive.claims import Claims, find_subfolder, follow, unique_keys
from catalog_builder.archive.delivery import ArchiveFile, FileRole, Folder, Reading, SceneFiles
from catalog_builder.archive.dimap import dimap_kind, product_files
from catalog_builder.archive.xmltree import Tree, parse_xml
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.facts import Claim, Field
from catalog_builder.findings import Finding

MAX_VOLUME_DEPTH = 3
"""SPOT volumes name product documents that name dataset documents; nothing nests deeper."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product document that was found, with the folder it lies in; ``tree`` is None when it cannot be read."""

    file: ArchiveFile
    folder: Folder
    tree: Tree | None


class AirbusDimap2:
    """Reader of DIMAP version 2 and 3 deliveries."""

    name = "airbus-dimap-2"

    def find(self, folder: Folder) -> Iterable[SceneFiles]:
        """One scene for each acquisition: the PAN and MS products of a bundle are one scene, two looks of a stereo pair are two."""
        kinds = {f.name: (f, kind) for f in folder.files if (kind := dimap_kind(f)) not in (None, "1")}
        volumes = [f for f, kind in kinds.values() if kind not in ("PRODUCT", "RPC", "STRIP")]
        products = {f.name: Candidate(f, folder, _tree(f)) for f, kind in kinds.values() if kind == "PRODUCT"}
        volume_files: list[ArchiveFile] = []
        for volume in volumes:
            members = _members(folder, volume, MAX_VOLUME_DEPTH)
            volume_files += [volume, *(m for m in members if dimap_kind(m) != "PRODUCT")] if members else []
            for member in members:
                if dimap_kind(member) == "PRODUCT":
                    products.setdefault(member.name, Candidate(member, find_subfolder(folder, member), _tree(member)))
        groups = _groups(list(products.values()))
        for group in groups:
            yield _scene(self.name, folder, group, volume_files, alone=len(groups) == 1)

    def read(self, scene: SceneFiles) -> Reading:
        """Claims of the finest product of the scene first, then what the others add; rasters of all, colour before panchromatic.

        Raises:
            UnreadableDelivery: the metadata cannot be understood.
        """
        documents = [f for f in scene.with_role(FileRole.METADATA) if dimap_kind(f) == "PRODUCT"]
        trees = [parse_xml(f) for f in sorted(documents, key=lambda f: f is not scene.key)]
        trees.sort(key=lambda t: (product.spacing(t)[0] or 1e9, -product.band_count(t)))
        findings: list[Finding] = []
        claims: dict[Field, Claim] = {}
        for tree in trees:
            collected = Claims()
            product.describe(tree, collected)
            findings += collected.findings
            for claim in collected.claims:
                claims.setdefault(claim.field, claim)
        rasters = [r for t in trees for r in airbus_rasters.rasters(t, find_subfolder(scene.folder, t.file), findings)]
        rasters.sort(key=lambda r: len(r.bands) == 1 or r.key == "pan")
        keyed = [replace(r, key=key) for r, key in zip(rasters, unique_keys([r.key for r in rasters]), strict=True)]
        return Reading(tuple(claims.values()), tuple(keyed), tuple(findings))


def _tree(file: ArchiveFile) -> Tree | None:
    """The parsed document; None when it cannot be read, which :meth:`AirbusDimap2.read` will report."""
    try:
        return parse_xml(file)
    except UnreadableDelivery:
        return None


def _members(folder: Folder, volume: ArchiveFile, depth: int) -> list[ArchiveFile]:
    """Documents that ``volume`` names, directly or through further volumes."""
    tree = _tree(volume)
    if tree is None or depth == 0:
        return []
    base, found = find_subfolder(folder, volume), []
    for component in tree.all("//Dataset_Components/Component"):
        href = tree.text("COMPONENT_PATH/@href", component)
        file = follow(base, href, volume, [])
        if file is None:
            continue
        kind = dimap_kind(file)
        if kind == "PRODUCT":
            found.append(file)
        elif kind not in (None, "1", "RPC", "STRIP") and file.name != volume.name:
            found += [file, *_members(folder, file, depth - 1)]
    return found


def _groups(candidates: Sequence[Candidate]) -> list[list[Candidate]]:
    """Candidates of one acquisition at one level together, unless two of them are the same kind of product."""
    groups: list[list[Candidate]] = []
    for candidate in sorted(candidates, key=lambda c: c.file.name):
        home = next((g for g in groups if all(product.belong_together(m.tree, candidate.tree) for m in g)), None)
        if home is None:
            groups.append([candidate])
        else:
            home.append(candidate)
    return groups


def _scene(name: str, folder: Folder, group: list[Candidate], volumes: Sequence[ArchiveFile], *, alone: bool) -> SceneFiles:
    files: dict[str, tuple[ArchiveFile, FileRole]] = {}
    for candidate in group:
        files[candidate.file.name] = (candidate.file, FileRole.METADATA)
        own = alone or candidate.folder is not folder
        related = [candidate.file.stem.lower().removeprefix("dim_")]
        if candidate.tree is not None:
            for file, role in airbus_rasters.listed_files(candidate.tree, candidate.folder):
                files.setdefault(file.name, (file, role))
        for file, role in product_files(candidate.folder, own, related):
            files.setdefault(file.name, (file, role))
    for volume in volumes:
        files.setdefault(volume.name, (volume, FileRole.METADATA))
    if alone:
        for file, role in product_files(folder, True, ()):
            files.setdefault(file.name, (file, role))
    return SceneFiles(name, group[0].file, folder, tuple(files[k] for k in sorted(files)))


FORMAT = AirbusDimap2()
