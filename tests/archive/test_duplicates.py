"""Duplicates: the same scene twice is kept once; look-alikes stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog_builder.archive.scan import Scan, scan
from catalog_builder.progress import Progress
from catalog_builder.workers import InlineExecutor
from tests.archive.meta_format import AnyTiff, MetaFormat, write_scene


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "archive"
    path.mkdir()
    return path


def scanned(root: Path) -> Scan:
    return scan([root], root.parent / "work", (), InlineExecutor(), Progress(), formats=(MetaFormat(), AnyTiff()))


def duplicates(result: Scan) -> dict[str, str]:
    return {f.subject: str(f.params["kept"]) for f in result.findings if f.code == "archive.duplicate"}


def test_the_same_product_twice_is_kept_once(root: Path) -> None:
    write_scene(root / "2019", "s1", b"a", name="SPOT 1", date="2019-01-01", platform="SPOT-6")
    write_scene(root / "backup of 2019", "s1", b"repacked", name="spot 1", date="2019-01-01", platform="spot-6")
    result = scanned(root)
    assert [d.origin for d in result.deliveries] == ["2019"]
    assert duplicates(result) == {"backup of 2019/s1.meta": "2019/s1.meta"}
    (other,) = result.duplicates
    assert (other.kept, other.delivery.origin) == ("SPOT-1", "backup of 2019")
    assert other.delivery.id != "SPOT-1"


def test_parts_and_other_dates_of_one_name_are_not_duplicates(root: Path) -> None:
    write_scene(root / "a", "pan", b"1", name="SPOT 1", date="2019-01-01")
    write_scene(root / "b", "ms", b"2", name="SPOT 1", date="2019-01-01")
    write_scene(root / "c", "pan", b"3", name="SPOT 1", date="2020-01-01")
    result = scanned(root)
    assert len(result.deliveries) == 3 and duplicates(result) == {}
    assert len({d.id for d in result.deliveries}) == 3


def test_equal_bytes_under_other_names_are_kept_once(root: Path) -> None:
    pixels = bytes(range(256)) * 1000
    write_scene(root / "x", "named", pixels, name="SCENE", date="2019-01-01")
    for name in ("copy of scene.tif", "scene (2).tif"):
        (root / name).write_bytes(pixels)
    result = scanned(root)
    assert [d.id for d in result.deliveries] == ["SCENE"]
    assert duplicates(result) == {"copy of scene.tif": "x/named.meta", "scene (2).tif": "x/named.meta"}


def test_equal_sizes_are_not_equal_bytes(root: Path) -> None:
    a, b = bytearray(300_000), bytearray(300_000)
    b[100_000] = 1  # outside what is sampled first
    (root / "a.tif").write_bytes(a)
    (root / "b.tif").write_bytes(b)
    assert len(scanned(root).deliveries) == 2


def test_equal_bytes_with_other_facts_are_not_one_scene(root: Path) -> None:
    write_scene(root, "s1", b"same", date="2019-01-01")
    write_scene(root, "s2", b"same", date="2020-01-01")
    write_scene(root, "s3", b"same", date="2020-01-01", platform="SPOT-6")
    write_scene(root, "s4", b"same", date="2020-01-01", platform="SPOT-7")
    result = scanned(root)
    assert duplicates(result) == {"s2.meta": "s3.meta"}


def test_scenes_without_rasters_are_not_compared(root: Path) -> None:
    write_scene(root, "s1", None, date="2019-01-01", name="A")
    write_scene(root / "b", "s1", None, date="2019-01-01", name="A")
    assert len(scanned(root).deliveries) == 2
