"""The noun of the archive room: a :class:`Delivery`, the files of one scene and what its metadata says.

``Folder`` and ``ArchiveFile`` are what vendor modules see of the disk; ``SceneFiles`` is what they find there; ``Reading`` is
what they say about it. None of them holds pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Protocol

from catalog_builder.facts import Claim, Facts
from catalog_builder.findings import Finding


class FileRole(StrEnum):
    """What a file is to its scene."""

    RASTER = "raster"  # pixels of the scene
    METADATA = "metadata"
    RPC = "rpc"
    GEOREFERENCE = "georeference"  # world file, .prj, .points, .tab, .aux.xml
    BROWSE = "browse"  # the vendor's own quicklook
    MASK = "mask"  # vendor cloud or usability masks
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """A file of the archive. ``path`` is where its bytes can be read now; ``name`` is its archive-relative name, with ``!/``
    after a container that it was unpacked from (``2019/LT05.tar.gz!/LT05_MTL.txt``). Times are the modification time in ns.
    ``inode`` helps to see that a file was replaced; 0 for what was unpacked, and it makes no difference between files."""

    path: Path
    name: str
    size: int
    mtime_ns: int
    inode: int = field(default=0, compare=False, repr=False)

    @property
    def suffix(self) -> str:
        return self.path.suffix.lower()

    @property
    def stem(self) -> str:
        return self.path.stem

    @property
    def basename(self) -> str:
        return self.name.rsplit("/", 1)[-1]

    def head(self, size: int = 4096) -> bytes:
        """The first bytes, for recognition by content."""
        with self.path.open("rb") as stream:
            return stream.read(size)


@dataclass(frozen=True)
class Folder:
    """A folder of the archive (on disk or unpacked from a container), with its files and subfolders sorted by name."""

    name: str
    files: tuple[ArchiveFile, ...]
    folders: tuple[Folder, ...] = ()

    def walk(self) -> Iterator[ArchiveFile]:
        """All files at or below this folder."""
        yield from self.files
        for folder in self.folders:
            yield from folder.walk()

    @cached_property
    def _by_lower_name(self) -> dict[str, ArchiveFile]:
        return {f.basename.lower(): f for f in reversed(self.files)}

    def file(self, name: str) -> ArchiveFile | None:
        """The direct file ``name``, whatever its case (vendor XML often names ``byte.TIF`` what is ``byte.tif`` on disk)."""
        return self._by_lower_name.get(name.lower())

    def resolve(self, href: str) -> ArchiveFile | None:
        """The file that a vendor's relative ``href`` names at or below this folder, or None.

        Only plain relative names inside the folder resolve: no ``..``, no absolute path, no scheme, no drive letter.
        """
        parts = href.replace("\\", "/").removeprefix("./").split("/")
        if any(p in ("", ".", "..") or ":" in p for p in parts):
            return None
        here: Folder | None = self
        for part in parts[:-1]:
            if here is None:
                return None
            here = next((f for f in here.folders if f.name.rsplit("/", 1)[-1].lower() == part.lower()), None)
        return None if here is None else here.file(parts[-1])


@dataclass(frozen=True, slots=True)
class SceneFiles:
    """The files of one scene as a vendor module found them, before reading: enough to decide what belongs together.

    ``format`` is the module's name, ``key`` the metadata file (or main raster) that identifies the scene, and ``folder`` where
    hrefs inside the metadata start. ``claimed`` files are not offered to later formats; several scenes may share files.
    """

    format: str
    key: ArchiveFile
    folder: Folder
    files: tuple[tuple[ArchiveFile, FileRole], ...]

    @property
    def claimed(self) -> frozenset[str]:
        return frozenset(f.name for f, _ in self.files)

    def with_role(self, role: FileRole) -> tuple[ArchiveFile, ...]:
        return tuple(f for f, r in self.files if r is role)


class RasterKind(StrEnum):
    """What pixels mean; presets and overview resampling follow from it."""

    IMAGE = "image"
    CATEGORICAL = "categorical"
    ELEVATION = "elevation"
    SAR = "sar"
    SCAN = "scan"


@dataclass(frozen=True, slots=True)
class Band:
    """A band as metadata describes it. Wavelengths and FWHM in micrometres; ``common_name`` from the STAC eo extension.

    ``scale`` and ``offset`` turn pixel values into ``unit``; ``unverified`` marks register rows nobody has checked.
    """

    name: str
    common_name: str | None = None
    description: str | None = None
    center_wavelength: float | None = None
    full_width_half_max: float | None = None
    gsd: float | None = None
    scale: float | None = None
    offset: float | None = None
    unit: str | None = None
    unverified: bool = False


@dataclass(frozen=True, slots=True)
class Category:
    """One class of a categorical raster or bit field (STAC classification extension)."""

    value: int
    name: str
    description: str = ""
    color: str | None = None


@dataclass(frozen=True, slots=True)
class GroundControlPoint:
    """A point known in the image and on the ground. ``column`` and ``row`` are pixels of the full image from its top left corner,
    row downwards; ``x`` and ``y`` are in the CRS of the points (east before north). Points that are not ``enabled`` were put
    aside by whoever measured them; they may serve as check points."""

    column: float
    row: float
    x: float
    y: float
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class RasterSource:
    """One raster of the scene, to become one COG.

    ``tiles`` are the files of its pixels: one, or the R#C# tiles of one grid (then ``offsets`` gives each tile's (row, column)
    of its first pixel). ``subdataset`` counts from 0 in multi-image files. ``bands`` is empty where metadata says nothing,
    else one per band of the file. ``nodata`` only where metadata declares it.
    """

    key: str
    tiles: tuple[ArchiveFile, ...]
    kind: RasterKind = RasterKind.IMAGE
    bands: tuple[Band, ...] = ()
    offsets: tuple[tuple[int, int], ...] = ()
    nodata: float | None = None
    gsd: float | None = None
    categories: tuple[Category, ...] = ()
    sidecars: tuple[ArchiveFile, ...] = ()  # files GDAL must see beside the raster: .tfw, .prj, .aux.xml, .RPB ...
    primary: bool = True  # shown in thumbnail, preview and visual when several rasters compete: first primary wins
    gcps: tuple[GroundControlPoint, ...] = ()  # to rectify the raster with
    gcp_crs: str | None = None  # "EPSG:n" or WKT of the points; None: they do not say
    subdataset: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """What a vendor module says about one scene: claims (best source first per field), rasters, findings, leftovers."""

    claims: tuple[Claim, ...]
    rasters: tuple[RasterSource, ...] = ()
    findings: tuple[Finding, ...] = ()


class VendorFormat(Protocol):
    """A vendor module: one class per format, one line in ``archive/registry.py``."""

    @property
    def name(self) -> str:
        """Stable short name, e.g. ``airbus-dimap-2``."""
        ...

    def find(self, folder: Folder) -> Iterable[SceneFiles]:
        """The scenes whose key file lies directly in ``folder``, recognised by content; cheap: reads heads, never pixels. The answer
        depends on nothing but what lies at or below ``folder``: it is remembered until that changes."""
        ...

    def read(self, scene: SceneFiles) -> Reading:
        """Everything the metadata says. Runs in a child process under limits. The scene's folder then holds the files that ``find``
        claimed and no others: what is remembered of a scene is good for as long as these, and what lies beside them under their
        names, stay as they are.

        Raises:
            UnreadableDelivery: the metadata cannot be understood; the findings inside say why.
        """
        ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """One scene of the archive: what it is, its files, what is known of it and what is wrong with it.

    ``id`` is unique in one scan and stable over scans of the same archive. ``fingerprint`` changes when any file does
    (names, sizes, modification times). ``origin`` is the archive-relative folder or container the scene lies in.
    """

    id: str
    format: str
    origin: str
    files: tuple[tuple[ArchiveFile, FileRole], ...]
    facts: Facts
    rasters: tuple[RasterSource, ...]
    findings: tuple[Finding, ...]
    fingerprint: str
    notes: tuple[str, ...] = field(default=())

    def with_role(self, role: FileRole) -> tuple[ArchiveFile, ...]:
        return tuple(f for f, r in self.files if r is role)


Reader = Callable[[SceneFiles], Reading]
