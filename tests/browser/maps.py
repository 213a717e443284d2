"""Scenes with colour blocks at known places, in the grids that matter, as the release holds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import rasterio
from pyproj import CRS
from pyproj.transformer import Transformer, TransformerGroup
from rasterio.io import MemoryFile
from rasterio.shutil import copy
from rasterio.transform import Affine

from catalog_builder.crs import Confidence, ResolvedCrs
from catalog_builder.crs.transform import pin
from catalog_builder.definition.model import AreaOfInterest, Definition
from catalog_builder.files import json_bytes, write_bytes
from catalog_builder.raster.model import Grid, Statistics
from catalog_builder.release.model import Release
from catalog_builder.times import When
from tests.site import factories as make
from tests.stac import factories as stac

CODES = ("EPSG:9217", "EPSG:5899", "EPSG:3405", "EPSG:4326")
WIDTH, HEIGHT, EDGE = 1100, 900, 100
"""Pixels of a scene; the first ``EDGE`` columns hold no data."""

LOW, HIGH = 100, 1000
HA_LONG = (107.05, 20.98)

BORDER = 20.96
"""Latitude of a made-up border through the northern blocks of the scenes there."""


@dataclass(frozen=True)
class Place:
    """A scene on the map: grid, and how PROJ goes from it to WGS 84."""

    code: str
    item: str
    transform: Affine
    to_wgs84: Transformer

    @property
    def path(self) -> str:
        return f"spot/2019/06/{self.item}/index.html"

    def at(self, column: float, row: float) -> tuple[float, float]:
        """Coordinates of a pixel position in the grid."""
        x, y = self.transform @ (column, row)
        return float(x), float(y)


def operation(code: str) -> Transformer:
    """PROJ's own transformation: the official one where the datum is VN-2000."""
    group = TransformerGroup(code, "EPSG:4326", always_xy=True).transformers
    return next((t for t in group if "VN-2000 to WGS 84 (2)" in t.description), group[0])


def place(code: str, at: tuple[float, float] = HA_LONG, turned: float = 0.0, name: str = "") -> Place:
    """A scene with its north-west corner at ``at`` (degrees), its grid turned anticlockwise by ``turned`` degrees."""
    to_wgs84 = operation(code)
    x, y = to_wgs84.transform(*at, direction="INVERSE")
    step = 0.0001 if code == "EPSG:4326" else 10.0
    origin = (round(x / step) * step, round(y / step) * step)
    grid = Affine.translation(*origin) @ Affine.rotation(turned) @ Affine.scale(step, -step)
    return Place(code, f"map-{name or code[5:]}", grid if turned else Affine(step, 0, origin[0], 0, -step, origin[1]), to_wgs84)


PLACES = tuple(place(code) for code in CODES)
TURNED = place("EPSG:9217", turned=20.0, name="turned")
SHEARED = replace(TURNED, item="map-sheared", transform=TURNED.transform @ Affine.shear(30))
ACROSS = place("EPSG:32760", (179.96, -16.6), name="across")
"""Scenes that are not as others: a turned grid, a sheared one, and a place over the antimeridian."""


def blocks() -> np.ndarray:
    """Blue, green, red, near infrared; north-west is red, north-east green, south-west blue, south-east near infrared."""
    data = np.full((4, HEIGHT, WIDTH), LOW, np.uint16)
    half = (HEIGHT // 2, WIDTH // 2)
    data[2, : half[0], : half[1]] = HIGH
    data[1, : half[0], half[1] :] = HIGH
    data[0, half[0] :, : half[1]] = HIGH
    data[3, half[0] :, half[1] :] = HIGH
    data[:, :, :EDGE] = 0
    return data


def cog(data: np.ndarray, place: Place, mask: np.ndarray | None = None, nodata: float | None = None, **options: str) -> bytes:
    profile = {"driver": "GTiff", "count": len(data), "height": HEIGHT, "width": WIDTH, "dtype": data.dtype, "nodata": nodata}
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), MemoryFile() as plain, MemoryFile() as made:
        with plain.open(**profile, transform=place.transform, crs=place.code) as out:
            out.write(data)
            if mask is not None:
                out.write_mask(mask)
        with plain.open() as source:
            copy(source, made.name, driver="COG", blocksize=256, **options)
        made.seek(0)
        return made.read()


def scene_at(root: Path, place: Place, day: int, codec: str, definition: Definition) -> dict[str, object]:
    folder = root / make.item_folder("spot", place.item, datetime(2019, 6, 1, tzinfo=UTC))
    folder.mkdir(parents=True)
    data = blocks()
    colours = ((data[[2, 1, 0]] == HIGH) * 255).astype(np.uint8)
    seen = (data[0] > 0).astype(np.uint8) * 255
    stand_ins = stac.raster(folder)  # written first: real files take the place of some
    visual = write_bytes(folder / "visual.tif", cog(colours, place, mask=seen, compress="JPEG", quality="95"))
    analytic = write_bytes(folder / "ms.tif", cog(data, place, nodata=0, compress=codec, predictor="YES"))
    corners = [place.to_wgs84.transform(*place.at(c, r)) for c in (0, WIDTH) for r in (0, HEIGHT)]
    xs, ys = [c[0] for c in corners], [c[1] for c in corners]
    # over the antimeridian the box runs from the west of it to the east
    west, east = (min(x for x in xs if x > 0), max(x for x in xs if x < 0)) if max(xs) - min(xs) > 180 else (min(xs), max(xs))
    pinned = pin(CRS(place.code))
    crs = ResolvedCrs(place.code, place.code, CRS(place.code).to_wkt(), Confidence.AUTHORITY, pinned.name, pinned.accuracy)
    statistics = Statistics(LOW, HIGH, 300.0, 100.0, 90.0, LOW, HIGH)
    bands = tuple(replace(b, statistics=statistics) for b in stac.bands())
    a = place.transform
    product = replace(stand_ins.products[0], cog=analytic, grid=Grid(WIDTH, HEIGHT, (a.a, a.b, a.c, a.d, a.e, a.f), crs), bands=bands)
    raster = replace(
        stand_ins,
        products=(product,),
        footprint=stac.footprint((west, min(ys), east, max(ys))),
        visual=visual,
        thumbnail=make.picture(folder, "thumbnail.webp", (256, 210)),
        preview=make.picture(folder, "preview.webp", (1024, 838)),
    )
    when = When.instant(datetime(2019, 6, 1, 3, 0, tzinfo=UTC) + timedelta(days=day))
    return make.scene(root, place.item, "spot", definition, when=when, raster=raster, scene_name=f"Khối màu {place.code}")


def release(root: Path) -> Release:
    """One scene per grid over the same place, every second one compressed with Zstandard."""
    return released(root, PLACES)


def released(root: Path, places: Sequence[Place], definition: Definition | None = None) -> Release:
    definition = definition or stac.definition()
    scenes = [scene_at(root, place, n, "ZSTD" if n % 2 else "DEFLATE", definition) for n, place in enumerate(places)]
    return make.release(root, scenes, definition)


def bounded(folder: Path) -> Definition:
    """A definition with one made-up area; its southern border, a parallel, crosses the scenes and meets none of their blocks' edges."""
    west, south = HA_LONG[0] - 0.3, BORDER
    ring = [[west, south], [west + 2, south], [west + 2, south + 1], [west, south + 1], [west, south]]
    feature = {"type": "Feature", "properties": {"code": "VD-1"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    write_bytes(folder / "example.geojson", json_bytes({"type": "FeatureCollection", "features": [feature]}))
    return stac.definition(area=AreaOfInterest(boundaries=Path("example.geojson")), folder=folder)
