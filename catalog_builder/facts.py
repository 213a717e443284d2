"""Facts about a scene, each with where it came from.

A reader of a vendor format makes *claims*: this field has this value, said by this place in this file. Several sources may
claim the same field; :func:`settle` keeps the most trusted claim as the *fact* and turns disagreement into findings. A field
nobody claims stays unknown: there is no default, no ``now()``, no world box.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from catalog_builder.times import When


class Origin(StrEnum):
    """Kinds of source, most trusted first: what a person decided, then what the vendor wrote, then what names suggest."""

    OVERRIDE = "override"
    ORDER = "order"
    METADATA = "metadata"
    TAG = "tag"
    FILENAME = "filename"
    REGISTRY = "registry"
    COLLECTION = "collection"
    COMPUTED = "computed"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value stands: ``file`` is archive-relative (or a register's name), ``locator`` an XPath, key, pattern or formula."""

    origin: Origin
    file: str
    locator: str = ""

    def __str__(self) -> str:
        return f"{self.file}#{self.locator}" if self.locator else self.file


class Field(StrEnum):
    """What can be known of a scene. The comment gives type and unit; angles are degrees, lengths metres."""

    SCENE_NAME = "scene_name"  # str: the vendor's name of the scene or product
    ACQUIRED = "acquired"  # When
    PLATFORM = "platform"  # str, the spelling of the sensor registry ("SPOT-7", "Landsat-8", "WorldView-3")
    CONSTELLATION = "constellation"  # str
    INSTRUMENTS = "instruments"  # tuple[str, ...]
    IMAGING_MODE = "imaging_mode"  # str: PAN, MS, PMS, stereo, SAR mode ...
    GSD = "gsd"  # float, m, of the delivered product (best band)
    CLOUD_COVER = "cloud_cover"  # float, percent 0..100
    OFF_NADIR = "off_nadir"  # float, angle at the satellite, 0..90
    INCIDENCE_ANGLE = "incidence_angle"  # float, angle at the ground, 0..90
    VIEW_AZIMUTH = "view_azimuth"  # float, 0..360 clockwise from north
    SUN_AZIMUTH = "sun_azimuth"  # float, 0..360
    SUN_ELEVATION = "sun_elevation"  # float, -90..90
    PROCESSING_LEVEL = "processing_level"  # str, the vendor's own
    NATIONAL_LEVEL = "national_level"  # str, one of 0, raw, 1A, 2A, 3A, 3B (TT 10/2015/TT-BTNMT)
    PRODUCT_TYPE = "product_type"  # str
    PRODUCT_ID = "product_id"  # str, the vendor's identifier of the product
    CATALOG_ID = "catalog_id"  # str, the vendor's identifier of the acquisition (strip, datatake)
    ORDER_ID = "order_id"  # str
    PRODUCED = "produced"  # When, production time; never used as acquisition time
    SOFTWARE = "software"  # str, the vendor's processor and version
    ORBIT_STATE = "orbit_state"  # str: ascending, descending
    ABSOLUTE_ORBIT = "absolute_orbit"  # int
    RELATIVE_ORBIT = "relative_orbit"  # int
    SAR_MODE = "sar_mode"  # str: IW, SM, ...
    SAR_BAND = "sar_band"  # str: C, L, X ...
    POLARIZATIONS = "polarizations"  # tuple[str, ...]
    LOOK_DIRECTION = "look_direction"  # str: left, right
    CORNERS = "corners"  # tuple of 4 (lon, lat): NW, NE, SE, SW, WGS 84
    FOOTPRINT = "footprint"  # tuple of (lon, lat), open ring, WGS 84: the scene's outline as the vendor gives it
    DECLARED_CRS = "declared_crs"  # str: "EPSG:n" or WKT, as declared outside the raster (metadata, .prj, .tab, override)
    GEOMETRIC_RMSE = "geometric_rmse"  # float, m
    BIT_DEPTH = "bit_depth"  # int, significant bits
    GRID_CODE = "grid_code"  # str: "MGRS-48QXJ", "WRS2-127045"
    MAP_SHEET = "map_sheet"  # str
    MAP_SCALE = "map_scale"  # int, denominator
    PHOTO_SCALE = "photo_scale"  # int, denominator
    FLIGHT_HEIGHT = "flight_height"  # float, m
    FOCAL_LENGTH = "focal_length"  # float, mm
    CAMERA = "camera"  # str
    FILM_ROLL = "film_roll"  # str
    FRAME = "frame"  # str
    SCAN_DPI = "scan_dpi"  # float
    PROJECT = "project"  # str, code in the register of projects
    LICENCE = "licence"  # str, as the delivery states it


@dataclass(frozen=True, slots=True)
class Claim:
    """Someone says ``field`` is ``value``. ``unverified`` marks values from register rows that nobody has checked."""

    field: Field
    value: Any
    source: Source
    unverified: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What is settled about one scene: at most one claim per field, in the order of :class:`Field`."""

    claims: tuple[Claim, ...] = ()

    def __iter__(self) -> Iterator[Claim]:
        return iter(self.claims)

    def claim(self, field: Field) -> Claim | None:
        for claim in self.claims:
            if claim.field is field:
                return claim
        return None

    def by_field(self) -> dict[Field, Claim]:
        """All claims, for who asks for many."""
        return {claim.field: claim for claim in self.claims}

    def get(self, field: Field) -> Any:
        """The value of ``field``, or None while it is unknown."""
        claim = self.claim(field)
        return None if claim is None else claim.value

    @property
    def acquired(self) -> When | None:
        value = self.get(Field.ACQUIRED)
        return value if isinstance(value, When) else None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two sources disagree; ``kept`` wins by trust."""

    kept: Claim
    other: Claim


ANGLE_TOLERANCE = 0.5
"""Degrees within which two sources agree: vendors give scene centre in one file and scene mean in another."""

TOLERANCES: Mapping[Field, float] = {
    Field.GSD: 0.05,
    Field.CLOUD_COVER: 1.0,
    Field.OFF_NADIR: ANGLE_TOLERANCE,
    Field.INCIDENCE_ANGLE: ANGLE_TOLERANCE,
    Field.VIEW_AZIMUTH: ANGLE_TOLERANCE,
    Field.SUN_AZIMUTH: ANGLE_TOLERANCE,
    Field.SUN_ELEVATION: ANGLE_TOLERANCE,
}

NOT_COMPARED = frozenset({Field.FOOTPRINT, Field.CORNERS, Field.DECLARED_CRS, Field.SOFTWARE, Field.PRODUCED})
"""Fields compared elsewhere (geometry, CRS) or of which several true values exist."""


_PLACE = {field: i for i, field in enumerate(Field)}
_TRUST = {origin: i for i, origin in enumerate(Origin)}


def settle(claims: Iterable[Claim]) -> tuple[Facts, tuple[Conflict, ...]]:
    """Keep one claim per field: by trust of its origin, then in the order given (a reader puts its best source first)."""
    by_field: dict[Field, list[Claim]] = {}
    for claim in claims:
        if claim.value is not None:
            by_field.setdefault(claim.field, []).append(claim)
    kept: list[Claim] = []
    conflicts: list[Conflict] = []
    for field in sorted(by_field, key=_PLACE.__getitem__):
        rivals = sorted(by_field[field], key=lambda c: _TRUST[c.source.origin])
        kept.append(rivals[0])
        if rivals[0].source.origin is not Origin.OVERRIDE:
            conflicts += [Conflict(rivals[0], other) for other in rivals[1:] if not agree(rivals[0], other)]
    return Facts(tuple(kept)), tuple(conflicts)


def agree(a: Claim, b: Claim) -> bool:
    """Whether two claims of one field can both be true within the tolerance of the field."""
    if a.field in NOT_COMPARED:
        return True
    if isinstance(a.value, When) and isinstance(b.value, When):
        return a.value.overlaps(b.value)
    if a.field in TOLERANCES:
        return abs(float(a.value) - float(b.value)) <= TOLERANCES[a.field]
    if isinstance(a.value, str) and isinstance(b.value, str):
        return _folded(a.value) == _folded(b.value)
    return bool(a.value == b.value)


def _folded(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())
