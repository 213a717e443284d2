"""What the readers of public missions share, and that their findings speak Vietnamese."""

from __future__ import annotations

import string
from pathlib import Path

import pytest

from catalog_builder.archive import public, public_findings
from catalog_builder.archive.delivery import ArchiveFile, Band, FileRole, RasterSource
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.findings import Finding, FindingType
from catalog_builder.i18n import translate
from tests.archive.public_samples import folder_of, write_tiff

TYPES = [value for value in vars(public_findings).values() if isinstance(value, FindingType)]


@pytest.mark.parametrize("kind", TYPES, ids=lambda t: t.code)
def test_every_finding_is_translated_with_its_parameters(kind: FindingType) -> None:
    for text in (kind.message, kind.hint):
        assert translate(text, "vi") != text
        fields = [{f for _, f, _, _ in string.Formatter().parse(t) if f} for t in (text, translate(text, "vi"))]
        assert fields[0] == fields[1]


def file_at(path: Path) -> ArchiveFile:
    return next(f for f in folder_of(path.parent).files if f.path == path)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "archive.band-empty"),
        (b"<html>Not found</html>", "archive.band-not-an-image"),
        (b"II*\0" + b"\xff" * 20, "archive.band-unreadable"),
        (b"\x0e\x03\x13\x01" + b"\0" * 60, "archive.band-convert"),
        (b"\0" * 28 + b"CSAR" + b"\0" * 60, "archive.band-convert"),
    ],
)
def test_one_bad_band_does_not_stop_a_scene(tmp_path: Path, data: bytes, code: str) -> None:
    good, bad = write_tiff(tmp_path / "good.tif"), tmp_path / "bad.tif"
    bad.write_bytes(data)
    findings: list[Finding] = []
    kept = public.usable([RasterSource("bad", (file_at(bad),)), RasterSource("good", (file_at(good),))], findings)
    assert [s.key for s, _ in kept] == ["good"]
    assert [f.code for f in findings] == [code]


def test_the_best_band_to_look_at_comes_first(tmp_path: Path) -> None:
    file = file_at(write_tiff(tmp_path / "x.tif"))
    names = ("nir", "blue", "green", "red", None)
    sources = [RasterSource(str(n), (file,), bands=(Band("b", common_name=n),)) for n in names]
    sources.append(RasterSource("tci", (file,), bands=(Band("b", common_name="red"),), primary=False))
    assert [s.key for s in public.shown_first(sources)] == ["red", "green", "blue", "nir", "None", "tci"]


@pytest.mark.parametrize(
    ("name", "role"),
    [
        *(("a/B4.TIF", FileRole.RASTER), ("a/MTL.txt", FileRole.METADATA), ("a/B4.tif.aux.xml", FileRole.GEOREFERENCE)),
        *(("a/quick-look.png", FileRole.BROWSE), ("a/MSK_CLOUDS_B00.gml", FileRole.MASK), ("a/HTML/banner_1.png", FileRole.OTHER)),
        *(("a/support/s1.xsd", FileRole.OTHER), ("a/README.GTF", FileRole.OTHER)),
    ],
)
def test_roles_by_name(name: str, role: FileRole) -> None:
    assert public.role_of(ArchiveFile(Path(name), name, 1, 0)) is role


def test_corners_are_put_in_order_across_the_antimeridian_too() -> None:
    ring = public.around([(179, 1), (-179, 1), (179, 2), (-179, 2)])
    neighbours = list(zip(ring, ring[1:] + ring[:1], strict=True))
    assert all((a[0] == b[0]) != (a[1] == b[1]) for a, b in neighbours)


@pytest.mark.parametrize(("hertz", "band"), [(5.405e9, "C"), (9.65e9, "X"), (1.27e9, "L"), (None, None), (5.0, None)])
def test_radar_bands(hertz: float | None, band: str | None) -> None:
    assert public.radar_band(hertz) == band


def test_broken_json_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text("[" * 5000)
    with pytest.raises(UnreadableDelivery):
        public.read_json(file_at(path))
