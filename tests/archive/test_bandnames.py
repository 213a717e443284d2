"""Bands described by the register once the platform is known."""

from __future__ import annotations

from catalog_builder.archive.bandnames import described
from catalog_builder.archive.delivery import Band, RasterSource
from catalog_builder.facts import Claim, Facts, Field, Origin, Source


def facts(platform: str) -> Facts:
    return Facts((Claim(Field.PLATFORM, platform, Source(Origin.OVERRIDE, "a.toml")),))


def test_a_platform_from_an_override_names_the_bands() -> None:
    [raster] = described([RasterSource("b04", (), bands=(Band("B04"),))], facts("Sentinel-2A"))
    assert raster.bands[0].common_name == "red"
    assert raster.bands[0].center_wavelength is not None


def test_what_the_delivery_says_stays() -> None:
    own = Band("B04", common_name="nir", description="near infrared")
    [raster] = described([RasterSource("b04", (), bands=(own,))], facts("Sentinel-2A"))
    assert raster.bands == (own,)


def test_unknown_bands_and_platforms_stay_as_they_are() -> None:
    source = RasterSource("x", (), bands=(Band("weird"),))
    assert described([source], facts("Sentinel-2A")) == (source,)
    assert described([source], Facts()) == (source,)


def test_the_bands_of_a_picture_come_first() -> None:
    sources = [RasterSource(name.lower(), (), bands=(Band(name),)) for name in ("B01", "B02", "B03", "B04", "B8A")]
    assert [r.key for r in described(sources, facts("Sentinel-2A"))] == ["b04", "b03", "b02", "b01", "b8a"]
