"""From what a vendor module read to a :class:`Delivery`: overrides, sanity checks, settled facts, identifiers, fingerprint."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from catalog_builder.archive.bandnames import described
from catalog_builder.archive.delivery import Delivery, RasterSource, Reading, SceneFiles
from catalog_builder.archive.findings import CONFLICT, NO_DATE, NO_RASTER
from catalog_builder.archive.overrides import correct_rasters, matching, override_claims, shown
from catalog_builder.archive.sanity import possible
from catalog_builder.definition.model import Override
from catalog_builder.facts import Conflict, Facts, Field, settle
from catalog_builder.findings import Finding
from catalog_builder.ids import marked, short_hash, slug

NAMELESS = frozenset({"manifest", "metadata", "product", "summary", "index", "dataset", "volume", "imagery", "image", "readme"})
"""Names that say nothing because every delivery of a vendor has them; the folder tells more."""


@dataclass(frozen=True, slots=True)
class ReadScene:
    """A scene and what came of reading it; ``reading`` is None when that failed, and ``findings`` say why."""

    scene: SceneFiles
    reading: Reading | None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Assembled:
    """A delivery whose identifier is not unique yet, the name of its key file and the overrides that were used."""

    delivery: Delivery
    key: str
    overrides: tuple[Override, ...] = ()


def assemble(read: ReadScene, overrides: Sequence[Override]) -> Assembled:
    """The delivery of one scene. A scene that could not be read becomes a delivery with findings and no facts."""
    scene = read.scene
    names = [scene.folder.name, *(f.name for f, _ in scene.files)]
    used = matching(overrides, [n for n in names if n])
    facts, findings = Facts(), read.findings
    rasters: tuple[RasterSource, ...] = ()
    if read.reading is not None:
        facts, rasters, findings = _settled(scene, read.reading, used, read.findings)
    delivery = Delivery(
        id=_base_id(scene, facts),
        format=scene.format,
        origin=scene.folder.name,
        files=tuple(sorted(scene.files, key=lambda pair: (pair[0].name, pair[1].value))),
        facts=facts,
        rasters=rasters,
        findings=findings,
        fingerprint=fingerprint(scene, used),
    )
    return Assembled(delivery, scene.key.name, used)


def _settled(
    scene: SceneFiles, reading: Reading, used: Sequence[Override], findings: tuple[Finding, ...]
) -> tuple[Facts, tuple[RasterSource, ...], tuple[Finding, ...]]:
    subject = scene.key.name
    given = override_claims(used, subject)
    claims, impossible = possible([*given.claims, *reading.claims], subject, max(f.mtime_ns for f, _ in scene.files))
    facts, conflicts = settle(claims)
    rasters, corrections = correct_rasters(used, reading.rasters, subject)
    rasters = described(rasters, facts)
    found = [*findings, *reading.findings, *given.findings, *impossible, *corrections, *(_conflict(subject, c) for c in conflicts)]
    if facts.acquired is None:
        found.append(NO_DATE(subject))
    if not rasters:
        found.append(NO_RASTER(subject))
    return facts, rasters, tuple(found)


def _conflict(subject: str, conflict: Conflict) -> Finding:
    kept, other = conflict.kept, conflict.other
    return CONFLICT(
        subject,
        field=kept.field.value,
        kept=shown(kept.value),
        kept_source=str(kept.source),
        other=shown(other.value),
        other_source=str(other.source),
    )


def _base_id(scene: SceneFiles, facts: Facts) -> str:
    name = facts.get(Field.SCENE_NAME) or facts.get(Field.PRODUCT_ID)
    if name:
        return slug(str(name))
    stem = scene.key.basename.rpartition(".")[0] or scene.key.basename
    above = re.sub(r"(?i)(\.(zip|tar|t[bgx]z2?|gz|bz2|xz))*!$", "", scene.folder.name.rpartition("/")[2])
    return slug(above if stem.lower() in NAMELESS and above else stem)


def with_unique_ids(assembled: Iterable[Assembled], taken: Iterable[str] = ()) -> list[tuple[Assembled, Delivery]]:
    """Each with its delivery under an identifier of its own, in the order of origin and key.

    Of several that would be called the same, the first keeps the name and the others get a hash of where they lie; names that
    differ only in case count as the same, because some file systems think so. The order of ``assembled`` does not matter.
    """
    used = {t.casefold() for t in taken}
    result: list[tuple[Assembled, Delivery]] = []
    for item in sorted(assembled, key=lambda a: (a.delivery.origin, a.key, a.delivery.format)):
        name = item.delivery.id
        if name.casefold() in used:
            name = marked(item.delivery.id, short_hash(f"{item.delivery.origin}\n{item.key}"))
        number = 2
        while name.casefold() in used:  # several scenes of one key file
            name = marked(item.delivery.id, short_hash(item.delivery.origin + item.key), number)
            number += 1
        used.add(name.casefold())
        result.append((item, replace(item.delivery, id=name)))
    return result


def fingerprint(scene: SceneFiles, overrides: Sequence[Override]) -> str:
    """SHA-256 over names, sizes and modification times of the files, and over the overrides that apply."""
    digest = hashlib.sha256()
    for name, size, mtime in sorted({(f.name, f.size, f.mtime_ns) for f, _ in scene.files}):
        digest.update(f"{name}\0{size}\0{mtime}\n".encode("utf-8", "surrogateescape"))
    for override in overrides:
        digest.update(override.model_dump_json().encode())
    return digest.hexdigest()
