"""The nine steps inside one Python process, as a careful programmer writes them with the same tools; runs in their environment."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from pathlib import Path

import numpy as np
import pystac
import rasterio
from rasterio.enums import Resampling
from rasterio.features import dataset_features
from rio_cogeo.cogeo import cog_translate, cog_validate
from rio_cogeo.profiles import cog_profiles
from rio_stac import create_stac_item


def scene(source: Path, target: Path) -> None:
    cog_translate(str(source), str(target), cog_profiles.get("deflate"), quiet=True, in_memory=True)
    assert cog_validate(str(target))[0]
    item = create_stac_item(str(target), with_proj=True, with_raster=True, asset_name="asset")
    with rasterio.open(target) as src:
        colours = 3 if src.count >= 3 else 1
        for name, width in (("preview", 1024), ("thumbnail", 256)):
            width = min(width, src.width)
            shape = (colours, max(1, width * src.height // src.width), width)
            data = src.read(list(range(1, colours + 1)), out_shape=shape, resampling=Resampling.average)
            values = np.nan_to_num(data.astype("float32"), posinf=0, neginf=0).clip(0)
            picture = (values * 255 / max(float(values.max()), 1)).astype(np.uint8)
            with rasterio.open(
                target.with_name(f"{name}.png"), "w", driver="PNG", width=shape[2], height=shape[1], count=colours, dtype="uint8"
            ) as dst:
                dst.write(picture)
            item.add_asset(name, pystac.Asset(f"./{name}.png", roles=[name]))
        covered = next(dataset_features(src, bidx=1, sampling=4, band=False, as_mask=True, geographic=True), None)
        if covered is not None:  # a small raster may have no pixel left after sampling
            item.geometry = covered["geometry"]
    item.properties["file:checksum"] = "1220" + hashlib.sha256(target.read_bytes()).hexdigest()
    item.save_object(include_self_link=False, dest_href=str(target.with_suffix(".json")))


def main(folder: Path, most: int) -> None:
    """The first ``most`` scenes below ``folder/archive``; what one takes goes to ``folder/library.json``."""
    out = folder / "library"
    out.mkdir(exist_ok=True)
    begun, cpu = time.perf_counter(), time.process_time()
    sources = sorted((folder / "archive").glob("*.tif"))[:most]
    for source in sources:
        scene(source, out / "x.tif")
    told = {"wall": time.perf_counter() - begun, "cpu": time.process_time() - cpu}
    (folder / "library.json").write_text(json.dumps({name: seconds / len(sources) for name, seconds in told.items()}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
