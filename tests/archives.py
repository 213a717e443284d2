"""Small real archives, made on the spot: GeoTIFFs that a build turns into a catalogue in a second or two."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
from rasterio.transform import from_origin

HA_LONG_UTM48 = (720_000.0, 2_325_000.0)
"""Upper left corner near Hạ Long, EPSG:32648, metres."""


def write_scene(
    path: Path,
    *,
    seed: int = 1,
    size: int = 64,
    bands: int = 3,
    dtype: str = "uint16",
    crs: str | None = "EPSG:32648",
    nodata: float | None = 0,
    resolution: float = 10.0,
    corner: tuple[float, float] = HA_LONG_UTM48,
) -> Path:
    """A GeoTIFF with smooth content and a corner of nodata; the same arguments give the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:size, 0:size]
    top = 200 if dtype == "uint8" else 3000
    data = np.stack([(x + y * (b + 1)) * top / (size * (bands + 1)) + rng.integers(1, 20, (size, size)) for b in range(bands)])
    data = data.astype(dtype)
    if nodata is not None:
        data[:, : size // 4, : size // 4] = nodata
    profile = {"driver": "GTiff", "width": size, "height": size, "count": bands, "dtype": dtype, "nodata": nodata}
    if crs is not None:
        profile |= {"crs": crs, "transform": from_origin(*corner, resolution, resolution)}
    with rasterio.open(path, "w", **profile) as dataset:
        dataset.write(data)
    return path


def write_definition(folder: Path, *, access: str = "public", extra: str = "") -> Path:
    """A definition whose only collection takes everything."""
    (folder / "collections").mkdir(parents=True, exist_ok=True)
    (folder / "catalog.toml").write_text(
        'id = "test"\ntitle = { vi = "Kho thử", en = "Test archive" }\ndescription = { vi = "Thử", en = "Test" }\n'
        f'fallback_collection = "scenes"\n{extra}\n[paths]\narchive = ["archive"]\nstore = "store"\nsite = "site"\n'
    )
    (folder / "collections/scenes.toml").write_text(
        'title = { vi = "Cảnh", en = "Scenes" }\ndescription = { vi = "Mọi cảnh.", en = "All scenes." }\n'
        f'license = "CC-BY-4.0"\naccess = "{access}"\n[[providers]]\nname = "Agency"\nroles = ["host"]\n'
    )
    return folder
