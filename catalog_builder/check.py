"""Checking a finished tree: every object against schemas and profile, every link, every byte and, on request, every pixel.

The same check runs on a release of this product and on any static STAC tree; what only a release has (the manifest) is checked where
it is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any
from urllib.parse import unquote, urlsplit

import orjson
import rasterio

from catalog_builder.check_findings import (
    BYTES_DIFFER,
    FILE_EXTRA,
    FILE_MISSING,
    LINK_BROKEN,
    LINK_STALE,
    NO_TREE,
    NOT_COG,
    NOT_JSON,
    NOT_STAC,
    PIXELS_DIFFER,
)
from catalog_builder.errors import UsageError
from catalog_builder.files import checksum_file
from catalog_builder.findings import Finding, in_order
from catalog_builder.progress import Progress
from catalog_builder.raster.environment import locked_gdal
from catalog_builder.raster.pixels import strips
from catalog_builder.raster.proof import PixelDigest
from catalog_builder.raster.source import describe_dataset
from catalog_builder.release.write import MANIFEST, read_manifest
from catalog_builder.stac.model import Json
from catalog_builder.stac.profile import check_profile, is_ours
from catalog_builder.stac.schemas import SchemaStore
from catalog_builder.stac.second_opinion import second_opinion
from catalog_builder.stac.validate import Validator

STRUCTURE = ("child", "item")

NOWHERE = "../"
"""Stands for the target of a reference that cannot be read: no file of the tree."""


@dataclass(slots=True)
class CheckReport:
    """What was looked at and what was found."""

    objects: int = 0
    files: int = 0
    findings: list[Finding] = field(default_factory=list)


def check_tree(root: Path, *, pixels: bool, progress: Progress, ask_stac_valid: bool = False) -> CheckReport:
    """Check the tree whose root catalogue is ``root/catalog.json`` (or the JSON file ``root``).

    ``pixels`` decodes every COG; ``ask_stac_valid`` has an independent validator judge every object as well.

    Raises:
        UsageError: there is neither a catalogue nor a release at ``root``.
    """
    folder, start = (root.parent, root.name) if root.is_file() else (root, "catalog.json")
    if not (folder / start).exists() and not (folder / MANIFEST).exists():
        raise UsageError(NO_TREE(str(root), path=str(folder / start)))
    report = CheckReport()
    _check_bytes(folder, report, progress)
    validator = Validator(SchemaStore.default())
    seen: set[str] = set()
    for path, json in _walk(folder, start, seen, report):
        report.objects += 1
        report.findings += validator.check(json, path)
        if is_ours(json):
            report.findings += check_profile(json, path)
        report.findings += _check_links(folder, path, json)
        if pixels and json.get("type") == "Feature":
            report.findings += _check_pixels(folder, path, json)
    if ask_stac_valid:
        report.findings += second_opinion(folder, sorted(seen), SchemaStore.default())
    report.findings = in_order(report.findings)
    return report


def _check_bytes(folder: Path, report: CheckReport, progress: Progress) -> None:
    """Every file of the manifest is there with its size and checksum, and no other file is."""
    manifest = read_manifest(folder)
    if manifest is None:
        if (folder / MANIFEST).is_file():
            _json(folder, MANIFEST, report)  # of another program, or damaged
        return
    with progress.stage("files", len(manifest.files)) as advance:
        for name, (size, checksum) in manifest.files.items():
            path = folder / name
            report.files += 1
            if not path.is_file():
                report.findings.append(FILE_MISSING(name))
            elif path.stat().st_size != size or checksum_file(path) != checksum:
                report.findings.append(BYTES_DIFFER(name))
            advance(name)
    present = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    report.findings += [FILE_EXTRA(name) for name in sorted(present - manifest.files.keys() - {MANIFEST})]


def _walk(folder: Path, start: str, seen: set[str], report: CheckReport) -> Iterator[tuple[str, Json]]:
    """Every STAC object that links reach from ``start``, parents first; cycles end."""
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        json = _read(folder, path, report)
        if json is None:
            continue
        yield path, json
        targets = [_target(path, link) for link in _objects(json.get("links")) if link.get("rel") in STRUCTURE]
        waiting += [t for t in reversed(targets) if t is not None and _is_file(folder / t)]


def _read(folder: Path, path: str, report: CheckReport) -> Json | None:
    json = _json(folder, path, report)
    if json is None:
        return None
    if not isinstance(json, dict) or json.get("type") not in ("Catalog", "Collection", "Feature"):
        report.findings.append(NOT_STAC(path))
        return None
    return json


def _json(folder: Path, path: str, report: CheckReport) -> Any:
    """What the JSON at ``path`` holds; None with a finding where it holds none."""
    try:
        return orjson.loads((folder / path).read_bytes())
    except FileNotFoundError:
        report.findings.append(FILE_MISSING(path))
    except orjson.JSONDecodeError as error:
        report.findings.append(NOT_JSON(path, problem=str(error)))
    return None


def _objects(node: object) -> list[Json]:
    """The objects in a list, or under the keys of an object; that nothing else may be there is for the schemas to say."""
    members = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return [member for member in members if isinstance(member, dict)]


def _is_file(path: Path) -> bool:
    """Whether there is such a file; a name that the system cannot have names none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _check_links(folder: Path, path: str, json: Json) -> Iterator[Finding]:
    """Relative links and assets lead to files inside the tree, and those that state size or checksum tell the truth."""
    for entry in (*_objects(json.get("links")), *_objects(json.get("assets"))):
        target = _target(path, entry)
        if target is None:
            continue
        file = folder / target
        if target.startswith("../") or not _is_file(file):
            yield LINK_BROKEN(path, href=str(entry["href"]), rel=str(entry.get("rel", "asset")))
        elif _is_stale(entry, file):
            yield LINK_STALE(path, href=str(entry["href"]))


def _is_stale(entry: Mapping[str, object], file: Path) -> bool:
    size, checksum = entry.get("file:size"), entry.get("file:checksum")
    return (size is not None and size != file.stat().st_size) or (checksum is not None and checksum != checksum_file(file))


def _target(path: str, entry: Mapping[str, object]) -> str | None:
    """The file in the tree that a relative href names; None for an absolute one, which a closed network cannot follow."""
    try:
        parts = urlsplit(str(entry.get("href", "")))
    except ValueError:
        return NOWHERE
    if parts.scheme or parts.netloc or not parts.path:
        return None
    return normpath(join(dirname(path), unquote(parts.path)))


def _check_pixels(folder: Path, path: str, json: Json) -> Iterator[Finding]:
    """Decode each COG whose bands carry pixel checksums and compare."""
    assets = json.get("assets")
    for key, asset in assets.items() if isinstance(assets, dict) else ():
        bands = _objects(asset.get("bands")) if isinstance(asset, dict) else []
        target = _target(path, asset) if any("cb:pixel_checksum" in band for band in bands) else None
        if target is None or not _is_file(folder / target):
            continue
        try:
            for band, actual in zip(bands, pixel_checksums(folder / target), strict=False):
                if band.get("cb:pixel_checksum", actual) != actual:
                    yield PIXELS_DIFFER(path, asset=key, band=band.get("name", "?"))
        except rasterio.errors.RasterioError as error:
            yield NOT_COG(path, asset=key, problem=str(error))


def pixel_checksums(path: Path) -> tuple[str, ...]:
    """BLAKE3 multihash of the decoded pixels of each band, as :class:`PixelDigest` takes them."""
    with locked_gdal(), rasterio.open(path, driver="GTiff") as dataset:  # a COG; no other format, which might lead elsewhere
        header = describe_dataset(dataset)
        digest = PixelDigest(header)
        for strip in strips(dataset, header):
            for band in range(header.bands):
                digest.update_band(band, strip)
    return digest.bands
