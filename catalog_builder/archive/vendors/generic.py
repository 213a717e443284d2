"""Rasters that no vendor's metadata explains: orthophotos, elevation models, exports, old crops. One raster is one scene, with
the files beside it; single-band files with a common name and known band words are one scene together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from catalog_builder.archive import sensors
from catalog_builder.archive.bandgroups import band_groups, band_word
from catalog_builder.archive.delivery import (
    ArchiveFile,
    Band,
    Category,
    FileRole,
    Folder,
    GroundControlPoint,
    RasterKind,
    RasterSource,
    Reading,
    SceneFiles,
)
from catalog_builder.archive.fgdc import fgdc_claims, is_fgdc
from catalog_builder.archive.filenames import NameReading, may_be_dated_by_year, read_name
from catalog_builder.archive.foreign import foreign_format
from catalog_builder.archive.generic_findings import RASTER_PAGES, RASTER_WRONG_NAME, SIDECAR_UNREADABLE
from catalog_builder.archive.helperfiles import Helper, helper_files
from catalog_builder.archive.mapinfo import parse_tab
from catalog_builder.archive.rasterheader import RasterHeader, read_header
from catalog_builder.archive.rasterkind import raster_kind
from catalog_builder.archive.rastersniff import sniff
from catalog_builder.archive.sidecars import (
    DOCUMENTS,
    GEOREFERENCE,
    PIXEL_COMPANIONS,
    NamesOf,
    georeference_claims,
    side_files,
)
from catalog_builder.archive.tagclaims import check_date_of_platform, tag_claims, undated
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.facts import Claim, Field, Origin, Source
from catalog_builder.findings import Finding
from catalog_builder.times import When

IMAGE_SUFFIXES = {
    ".tif": ("GTiff",),
    ".tiff": ("GTiff",),
    ".jp2": ("JP2OpenJPEG",),
    ".j2k": ("JP2OpenJPEG",),
    ".img": ("HFA", "ENVI", "EHdr"),
    ".ntf": ("NITF",),
    ".nitf": ("NITF",),
    ".png": ("PNG",),
    ".jpg": ("JPEG",),
    ".jpeg": ("JPEG",),
    ".pix": ("PCIDSK",),
}
"""Endings that promise an image, and the drivers that keep the promise; without content of an image they are a finding."""

FOREST_CATEGORIES = (Category(1, "forest"), Category(2, "non-forest"), Category(3, "water"))
"""JAXA global forest/non-forest map of 2007-2016 data (product description of the yearly FNF mosaics)."""

SEEN_BY_GDAL = (FileRole.GEOREFERENCE, FileRole.RPC, FileRole.OTHER, FileRole.MASK)
"""Roles of side files that GDAL must find beside the raster."""

_NOT_PIXELS = GEOREFERENCE | DOCUMENTS | frozenset(PIXEL_COMPANIONS) | {".db", ".dbf", ".shp", ".shx", ".cpg", ".ini", ".lnk"}


class GenericFormat:
    """What is left when every other format has taken its files."""

    name = "raster"

    def find(self, folder: Folder) -> Iterable[SceneFiles]:
        names = NamesOf(folder.files)
        rasters = [f for f in folder.files if _is_candidate(f)]
        helpers = helper_files(rasters)
        helping = {h.file.name for owned in helpers.values() for h in owned}
        scenes = [f for f in rasters if f.name not in helping]
        groups = [tuple(b.file for b in group) for group in band_groups(scenes)]
        grouped = {f.name for group in groups for f in group}
        for members in [*groups, *((f,) for f in scenes if f.name not in grouped)]:
            yield self._scene(folder, members, names, helpers)

    def read(self, scene: SceneFiles) -> Reading:
        rasters = scene.with_role(FileRole.RASTER)
        headers = [(file, read_header(file)) for file in rasters]
        first, header = headers[0]
        side = [f for f, role in scene.files if role is not FileRole.RASTER]
        scanned = raster_kind(header, first.stem) is RasterKind.SCAN
        name = read_name(first, lone_year=scanned or (_is_picture(header) and may_be_dated_by_year(first.stem)))
        claims, findings = scene_claims(first, header, name, raster_kind(header, first.stem), side)
        sources: list[RasterSource] = []
        for file, its in headers:
            sources += _sources(file, its, scene, _kind(file, its, claims), claims)
        findings += [f for file, its in headers for f in _remarks(file, its)]
        return Reading(tuple(claims), tuple(sources), tuple(findings))

    def _scene(self, folder: Folder, rasters: Sequence[ArchiveFile], names: NamesOf, helpers: Mapping[str, Sequence[Helper]]) -> SceneFiles:
        files: dict[str, tuple[ArchiveFile, FileRole]] = {f.name: (f, FileRole.RASTER) for f in rasters}
        for raster in rasters:
            owned = ((h.file, h.role) for h in helpers.get(raster.name, ()))
            for file, role in (*owned, *side_files(raster, names), *_fgdc_beside(raster, names)):
                files.setdefault(file.name, (file, role))
        return SceneFiles(self.name, rasters[0], folder, tuple(files.values()))


def scene_claims(
    file: ArchiveFile, header: RasterHeader, name: NameReading, kind: RasterKind, side: Sequence[ArchiveFile]
) -> tuple[list[Claim], list[Finding]]:
    """Everything side files, tags and the name say of the scene whose main raster is ``file``; best sources first."""
    claims: list[Claim] = []
    declared, findings = georeference_claims(side)
    claims += declared
    wrong = list(findings)
    for document in side:
        if is_fgdc(document):
            try:
                claims += fgdc_claims(document)
            except UnreadableDelivery as problem:
                wrong += [SIDECAR_UNREADABLE(document.name, problem=f.message("en")) for f in problem.findings]
    tags, said = tag_claims(file, header, kind)
    claims += [*tags, *name.claims]
    claims += _implied(claims)
    claims, early = _possible(file, claims)
    wrong += [*said, *name.findings, *early]
    if not any(c.field is Field.ACQUIRED for c in claims):
        wrong += undated(file, header)
    return claims, wrong


def _is_candidate(file: ArchiveFile) -> bool:
    if file.basename.startswith("._") or file.suffix in _NOT_PIXELS:
        return False
    if file.suffix in IMAGE_SUFFIXES:
        return file.size == 0 or foreign_format(file) is None
    return file.size > 0 and sniff(file) is not None


def _fgdc_beside(raster: ArchiveFile, names: NamesOf) -> Iterator[tuple[ArchiveFile, FileRole]]:
    """FGDC metadata whose name goes on after the raster's: NAIP adds the date of the metadata."""
    stem = raster.stem.lower()
    for _, file in names.starting_with(stem):
        if file.suffix == ".xml" and file.stem.lower().startswith((stem + "_", stem + "-", stem + ".")) and is_fgdc(file):
            yield file, FileRole.METADATA


def _sources(
    file: ArchiveFile, header: RasterHeader, scene: SceneFiles, kind: RasterKind, claims: Sequence[Claim]
) -> Iterator[RasterSource]:
    """The raster of ``file``, or one per image where the file holds several."""
    group = next(iter(band_groups(scene.with_role(FileRole.RASTER))), ())
    band = next((b for b in group if b.file.name == file.name), None)
    key = band.key if band else kind.value
    sidecars = tuple(f for f, role in side_files(file, NamesOf(f for f, _ in scene.files)) if role in SEEN_BY_GDAL)
    gcps, gcp_crs = ((), None) if kind is RasterKind.SAR else _control_points(header, sidecars)
    for number in range(header.images):
        yield RasterSource(
            key=key if number == 0 else f"{key}-{number + 1}",
            tiles=(file,),
            kind=kind,
            bands=_bands(file, header, claims, grouped=band is not None),
            categories=FOREST_CATEGORIES if _is_forest_map(claims) else (),
            sidecars=sidecars,
            primary=number == 0 and (band is None or band.shows),
            gcps=gcps if number == 0 else (),
            gcp_crs=gcp_crs if number == 0 else None,
            subdataset=number,
        )


def _control_points(header: RasterHeader, sidecars: Sequence[ArchiveFile]) -> tuple[tuple[GroundControlPoint, ...], str | None]:
    """Control points of the raster itself, else of its MapInfo ``.tab`` where GDAL did not place the raster by it."""
    if header.gcps:
        return tuple(GroundControlPoint(p.column, p.row, p.x, p.y) for p in header.gcps), header.gcp_crs_wkt
    if header.transform is None:
        for file in sidecars:
            table = parse_tab(file) if file.suffix == ".tab" else None
            if table is not None and table.gcps:
                return table.gcps, table.wkt
    return (), None


def _is_forest_map(claims: Sequence[Claim]) -> bool:
    """The forest/non-forest class map of the yearly PALSAR-2 mosaics, which is called C or FNF."""
    return any(c.field is Field.PRODUCT_TYPE and c.value in ("C", "FNF") and c.source.locator == "palsar-2-mosaic" for c in claims)


def _kind(file: ArchiveFile, header: RasterHeader, claims: Sequence[Claim]) -> RasterKind:
    if _is_forest_map(claims):
        return RasterKind.CATEGORICAL
    return raster_kind(header, file.stem, is_sar=_is_sar(claims))


def _bands(file: ArchiveFile, header: RasterHeader, claims: Sequence[Claim], *, grouped: bool) -> tuple[Band, ...]:
    """Bands where the file or its name tells them: descriptions inside, or the band word of a single-band file of a group."""
    word = band_word(file)
    if header.count == 1 and word is not None:
        platform = next((str(c.value) for c in claims if c.field in (Field.PLATFORM, Field.CONSTELLATION)), None)
        platform = {"Sentinel-2": "Sentinel-2A"}.get(platform or "", platform)  # the units share their bands
        known = sensors.bands(platform, None, (word,)) if platform else (Band(word),)
        if grouped or known[0].center_wavelength is not None:
            return known
    if header.count and all(header.descriptions):
        return tuple(Band(str(text)[:100], description=None) for text in header.descriptions)
    return ()


def _remarks(file: ArchiveFile, header: RasterHeader) -> Iterator[Finding]:
    promised = IMAGE_SUFFIXES.get(file.suffix)
    if promised is not None and header.driver not in promised:
        yield RASTER_WRONG_NAME(file.name, suffix=file.suffix, format=header.driver)
    if header.images > 1:
        yield RASTER_PAGES(file.name, count=header.images)


def _is_picture(header: RasterHeader) -> bool:
    """8-bit grey or colour, the shape of photographs and orthophotos."""
    return header.count in (1, 3, 4) and set(header.dtypes) == {"uint8"}


def _is_sar(claims: Sequence[Claim]) -> bool:
    if any(c.field is Field.SAR_BAND for c in claims):
        return True
    platform = next((sensors.platform(str(c.value)) for c in claims if c.field is Field.PLATFORM), None)
    kinds = [sensors.instrument(i) for i in platform.instruments] if platform else []
    return bool(kinds) and all(i is not None and i.kind == "sar" for i in kinds)


def _implied(claims: Sequence[Claim]) -> list[Claim]:
    """The instrument of a platform that carries only one, from the register."""
    if any(c.field is Field.INSTRUMENTS for c in claims):
        return []
    platform = next((sensors.platform(str(c.value)) for c in claims if c.field is Field.PLATFORM), None)
    if platform is None or len(platform.instruments) != 1:
        return []
    source = Source(Origin.REGISTRY, "sensors.toml", platform.name)
    return [Claim(Field.INSTRUMENTS, platform.instruments, source, unverified=not platform.verified)]


def _possible(file: ArchiveFile, claims: list[Claim]) -> tuple[list[Claim], list[Finding]]:
    """Dates from before the launch of the platform are dropped, with a finding."""
    platform = next((str(c.value) for c in claims if c.field is Field.PLATFORM), None)
    kept, findings = [], []
    for claim in claims:
        early = None
        if claim.field is Field.ACQUIRED and isinstance(claim.value, When):
            early = check_date_of_platform(file, claim.source.locator, claim.value, platform)
        if early is None:
            kept.append(claim)
        else:
            findings.append(early)
    return kept, findings


FORMAT = GenericFormat()
