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
        for name, width in (("preview", 1024), ("thumbnail", 256)):
            shape = (3, max(1, width * src.height // src.width), width)
            data = src.read([1, 2, 3], out_shape=shape, resampling=Resampling.average)
            picture = (data.astype("float32") * 255 / max(int(data.max()), 1)).astype(np.uint8)
            with rasterio.open(
                target.with_name(f"{name}.png"), "w", driver="PNG", width=shape[2], height=shape[1], count=3, dtype="uint8"
            ) as dst:
                dst.write(picture)
            item.add_asset(name, pystac.Asset(f"./{name}.png", roles=[name]))
        item.geometry = next(dataset_features(src, bidx=1, sampling=4, band=False, as_mask=True, geographic=True))["geometry"]
    item.properties["file:checksum"] = "1220" + hashlib.sha256(target.read_bytes()).hexdigest()
    item.save_object(include_self_link=False, dest_href=str(target.with_suffix(".json")))


def main(folder: Path) -> None:
    out = folder / "library"
    out.mkdir(exist_ok=True)
    begun, cpu = time.perf_counter(), time.process_time()
    for source in sorted((folder / "archive").glob("*.tif")):
        scene(source, out / "x.tif")
    (folder / "library.json").write_text(json.dumps({"wall": time.perf_counter() - begun, "cpu": time.process_time() - cpu}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
