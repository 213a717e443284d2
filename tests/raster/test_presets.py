"""Presets: each with its reason, defaults per kind, chosen by name."""

from __future__ import annotations

from pathlib import Path

import pytest
import rasterio

from catalog_builder.archive.delivery import RasterKind
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.raster.options import RasterOptions
from catalog_builder.raster.presets import preset_for, presets
from tests.raster.raster_kit import codes, converted, noise, write


def test_every_preset_says_why_with_a_number() -> None:
    for preset in presets().values():
        assert len(preset.reason) > 20, preset.name
    assert any("MB/s" in p.reason for p in presets().values())


@pytest.mark.parametrize(
    ("kind", "data_type", "name"),
    [
        (RasterKind.IMAGE, "uint8", "image-8bit"),
        (RasterKind.IMAGE, "uint16", "image-16bit"),
        (RasterKind.IMAGE, "int32", "image-16bit"),
        (RasterKind.IMAGE, "float32", "float"),
        (RasterKind.ELEVATION, "int16", "elevation"),
        (RasterKind.CATEGORICAL, "uint8", "categorical"),
        (RasterKind.SAR, "complex_int16", "sar"),
        (RasterKind.SCAN, "uint8", "scan"),
    ],
)
def test_defaults(kind: RasterKind, data_type: str, name: str) -> None:
    assert preset_for(kind, data_type, {}, "x").name == name


def test_a_default_opens_in_old_desktop_software() -> None:
    for kind in RasterKind:
        assert preset_for(kind, "uint8", {}, "x").codec == "DEFLATE"


def test_unknown_preset_is_a_finding() -> None:
    with pytest.raises(UnreadableDelivery) as refused:
        preset_for(RasterKind.IMAGE, "uint8", {"image": "best"}, "x")
    assert refused.value.findings[0].code == "raster.unknown-preset"


def test_the_collection_chooses(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", noise((1, 600, 600), "uint16"))
    raster = converted(path, tmp_path / "store", RasterOptions(presets={"image": "image-16bit-zstd"}))
    assert raster.products[0].preset == "image-16bit-zstd"
    with rasterio.open(raster.products[0].cog.path) as dataset:
        assert dataset.compression.name == "zstd"
        assert dataset.tags(ns="IMAGE_STRUCTURE")["PREDICTOR"] == "2"


def test_categories_are_never_averaged(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", noise((1, 1100, 1100), low=1, high=3))
    raster = converted(path, tmp_path / "store", kind=RasterKind.CATEGORICAL)
    with rasterio.open(raster.products[0].cog.path) as dataset:
        assert "PREDICTOR" not in dataset.tags(ns="IMAGE_STRUCTURE")
        assert dataset.tags(ns="IMAGE_STRUCTURE").get("OVERVIEW_RESAMPLING", dataset.tags().get("OVERVIEW_RESAMPLING")) in (None, "MODE")
    assert codes(raster) == set()
