"""Random rasters against NumPy: whatever type, mark of validity, compression and layout, products say what is in the source."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from blake3 import blake3
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from rio_cogeo.cogeo import cog_validate

from catalog_builder.raster.model import BandFacts, Raster
from catalog_builder.raster.options import RasterOptions
from tests.raster.raster_kit import codes, converted, tree_hash, write

SIDES = (1, 2, 7, 127, 256, 257, 511, 513, 700, 1025)


@dataclass(frozen=True)
class Case:
    """A raster to be written."""

    shape: tuple[int, int, int]
    dtype: str
    marked: str
    compress: str
    interleave: str
    tiled: bool
    zstd: bool
    seed: int

    def pixels(self) -> tuple[NDArray[Any], NDArray[np.bool_], dict[str, Any]]:
        """Values, which of them are valid, and how to write them."""
        rng = np.random.default_rng(self.seed)
        kind, limits = np.dtype(self.dtype), None if self.dtype.startswith("float") else np.iinfo(self.dtype)
        whole = rng.normal(0, 100, self.shape) if limits is None else rng.integers(limits.min, limits.max, self.shape, kind, endpoint=True)
        data = whole.astype(kind)
        seen = rng.random(self.shape[1:]) < rng.choice([0.02, 0.5, 1])
        valid = np.broadcast_to(seen, self.shape).copy()
        profile: dict[str, Any] = {"compress": self.compress, "interleave": self.interleave, "tiled": self.tiled}
        if self.marked == "nodata":
            nodata = float(rng.choice([0, 5, -9999] if limits is None else [max(limits.min, -(2**31)), 5, min(limits.max, 2**31)]))
            data[~valid] = nodata
            valid, profile["nodata"] = data != nodata, nodata
        elif self.marked == "mask":
            profile["mask"] = seen
        elif self.marked == "alpha":
            data[-1] = np.where(seen, np.maximum(data[-1], 1), 0)
            valid[-1], profile["alpha"], profile["photometric"] = True, "YES", "MINISBLACK"
        else:
            valid[:] = True
        return data, valid, profile


@st.composite
def cases(draw: st.DrawFn) -> Case:
    marked = draw(st.sampled_from(["nowhere", "nodata", "mask", "alpha"]))
    dtype = draw(st.sampled_from(["uint8", "uint16"] if marked == "alpha" else ["uint8", "int8", "uint16", "int16", "uint32", "float32"]))
    rows, columns = draw(st.sampled_from(SIDES)), draw(st.sampled_from(SIDES[1:]))
    return Case(
        shape=(2 if marked == "alpha" else draw(st.integers(1, 3)), rows, columns),
        dtype=dtype,
        marked=marked,
        compress=draw(st.sampled_from(["NONE", "LZW", "DEFLATE", "ZSTD"])),
        interleave=draw(st.sampled_from(["pixel", "band"])),
        tiled=draw(st.booleans()),
        zstd=draw(st.booleans()),
        seed=draw(st.integers(0, 99)),
    )


@settings(max_examples=25, deadline=None)
@given(cases())
def test_products_say_what_is_in_the_source(case: Case) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        data, valid, profile = case.pixels()
        source = write(folder / "a.tif", data, **{"photometric": "MINISBLACK"} | profile)
        presets = {"image": {"f": "float", "u": "image-16bit", "i": "image-16bit"}[data.dtype.kind] + "-zstd" * case.zstd}
        one, two = (converted(source, folder / str(n), RasterOptions(threads=n, presets=presets)) for n in (1, 2))
        assert tree_hash(folder / "1") == tree_hash(folder / "2")
        nothing = not (valid[:-1] if case.marked == "alpha" else valid).any()
        assert one.products and codes(one) == codes(two) == ({"raster.no-valid-pixels"} if nothing else set())
        compare(one, data, valid, alpha=case.marked == "alpha")
    finally:
        shutil.rmtree(folder)


def compare(raster: Raster, data: NDArray[Any], valid: NDArray[np.bool_], *, alpha: bool) -> None:
    product, visual = raster.products[0], raster.visual
    assert visual is not None and raster.rendering is not None
    for path in (product.cog.path, visual.path):
        assert cog_validate(str(path), strict=True, quiet=True) == (True, [], [])
    with rasterio.open(product.cog.path) as cog, rasterio.open(visual.path) as picture:
        assert cog.read().tobytes() == data.tobytes()
        assert np.array_equal(cog.read_masks() > 0, valid)
        shown = [band - 1 for band in raster.rendering["bands"]]
        assert np.array_equal(picture.dataset_mask() > 0, valid[[b for b in shown if not (alpha and b == len(data) - 1)]].all(axis=0))
    for facts, values, marks in zip(product.bands, data, valid, strict=True):
        assert facts.pixel_checksum == "1e20" + blake3(values.tobytes()).hexdigest()
        compare_statistics(facts, values[marks], values.size)


def compare_statistics(facts: BandFacts, values: NDArray[Any], pixels: int) -> None:
    found = facts.statistics
    assert found.valid_percent == pytest.approx(100 * values.size / pixels)
    if not values.size:
        assert found.minimum is found.mean is facts.histogram is None
        return
    assert facts.histogram is not None and sum(facts.histogram.counts) == values.size
    assert (found.minimum, found.maximum) == (values.min(), values.max())
    assert (found.mean, found.stddev) == pytest.approx((values.mean(dtype=float), values.std(dtype=float)), rel=1e-6, abs=1e-6)
    step = 0.0 if values.itemsize < 4 else 1.01 * (float(values.max()) - float(values.min()) + 1) / 65_536
    ordered = np.sort(values).astype(float)
    for figure, percent in ((found.percentile_2, 2), (found.percentile_98, 98)):
        assert figure == pytest.approx(ordered[-(-percent * values.size // 100) - 1], abs=step)
