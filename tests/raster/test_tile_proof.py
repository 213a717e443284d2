"""Large files are proven tile by tile: what is damaged between writing and proving never gets its name."""

from __future__ import annotations

import os
import resource
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from catalog_builder.files import checksum_file
from catalog_builder.raster import fast, product, pyramid, tiff_layout, tile_proof
from catalog_builder.raster.assembly import Assembly
from catalog_builder.raster.model import Raster
from catalog_builder.raster.options import RasterOptions
from catalog_builder.raster.presets import Preset
from catalog_builder.raster.pyramid import Encode
from tests.raster.raster_kit import codes, converted, noise, write
from tests.raster.test_fast import CASES

Damage = Callable[[Path], None]


@pytest.fixture
def proven(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Every raster counts as large; the files that were proven tile by tile."""
    seen: list[Path] = []
    real = tile_proof.prove_tiles

    def spy(path: Path, *rest: Any) -> Any:
        seen.append(path)
        return real(path, *rest)

    monkeypatch.setattr(tile_proof, "SAMPLES", 0)
    monkeypatch.setattr(product, "prove_tiles", spy)
    monkeypatch.setattr(tile_proof, "_spread", lambda tiles: max(1, tiles // 4))
    return seen


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("codec", ["", "-zstd"])
def test_both_ways_of_proving_make_the_same_products(tmp_path: Path, name: str, codec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data, profile = CASES[name]
    path = write(tmp_path / "a.tif", data, **profile)
    options = RasterOptions(threads=2, presets={"image": ("image-8bit" if data.dtype == np.uint8 else "image-16bit") + codec})
    monkeypatch.setattr(tile_proof, "SAMPLES", 1 << 40)
    whole = converted(path, tmp_path / "store", options)
    visual = None if whole.visual is None else whole.visual.path.read_bytes()
    monkeypatch.setattr(tile_proof, "SAMPLES", 0)
    monkeypatch.setattr(tile_proof, "_spread", lambda tiles: 1)
    tiled = converted(path, tmp_path / "store", options)
    assert tiled == whole
    assert visual == (None if tiled.visual is None else tiled.visual.path.read_bytes())
    assert tiled.products[0].cog.checksum == checksum_file(tiled.products[0].cog.path)


def test_large_rasters_are_proven_tile_by_tile(tmp_path: Path, proven: list[Path]) -> None:
    assert converted(write(tmp_path / "a.tif", noise((1, 1100, 1100))), tmp_path / "store").products and len(proven) == 1
    converted(write(tmp_path / "f.tif", noise((1, 600, 600), "float32")), tmp_path / "store2")
    assert len(proven) == 1  # floats are GDAL's, and read back by GDAL


def edit_directory(path: Path, tag: int, change: Callable[[NDArray[Any]], None]) -> None:
    """Change the values of a LONG tag of the first directory in place."""
    data = bytearray(path.read_bytes())
    (position,) = struct.unpack_from("<I", data, 4)
    for entry in range(struct.unpack_from("<H", data, position)[0]):
        found, _, count, where = struct.unpack_from("<HHII", data, position + 2 + 12 * entry)
        if found == tag:
            values = np.frombuffer(data, "<u4", count, where)
            change(values)
    path.write_bytes(data)


def flip_a_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) * 6 // 10] ^= 0x10  # in the middle of the full image
    path.write_bytes(data)


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-700])


def swap_two_tiles(path: Path) -> None:
    def swap(values: NDArray[Any]) -> None:
        values[[0, 1]] = values[[1, 0]]

    edit_directory(path, tiff_layout.OFFSETS, swap)
    edit_directory(path, tiff_layout.COUNTS, swap)


def point_twice_to_one_tile(path: Path) -> None:
    for tag in (tiff_layout.OFFSETS, tiff_layout.COUNTS):
        edit_directory(path, tag, lambda values: values.__setitem__(1, values[0]))


def blank_a_tile(path: Path) -> None:
    for tag in (tiff_layout.OFFSETS, tiff_layout.COUNTS):
        edit_directory(path, tag, lambda values: values.__setitem__(2, 0))


def claim_a_huge_tile(path: Path) -> None:
    edit_directory(path, tiff_layout.COUNTS, lambda values: values.__setitem__(-1, 4_000_000_000))


@pytest.mark.parametrize("damage", [flip_a_byte, cut_off, swap_two_tiles, point_twice_to_one_tile, blank_a_tile, claim_a_huge_tile])
@pytest.mark.parametrize("codec", ["", "-zstd"])
def test_damage_after_writing_is_caught(
    tmp_path: Path, proven: list[Path], damage: Damage, codec: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(self: Any) -> None:
        self.wait_for()
        damage(Path(self._out.name))

    monkeypatch.setattr(Assembly, "start", damaged)
    raster = damaged_result(tmp_path, codec)
    assert codes(raster) <= {"raster.pixels-differ", "raster.unreadable-pixels"} and len(codes(raster)) == 1
    assert proven and raster.products == () and list((tmp_path / "store").iterdir()) == []


def test_an_encoder_that_changes_one_pixel_is_caught(tmp_path: Path, proven: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    real = fast.encoder

    def lossy(preset: Preset) -> Encode:
        def encode(tile: NDArray[Any], room: memoryview) -> bytes | memoryview:
            tile[7, 9, -1] ^= 1
            return real(preset)(tile, room)

        return encode

    monkeypatch.setattr(fast, "encoder", lossy)
    raster = damaged_result(tmp_path, "")
    assert codes(raster) == {"raster.pixels-differ"} and raster.findings[0].params["what"] == "band 2" and proven


@pytest.mark.parametrize("in_memory", [0, pyramid.IN_MEMORY], ids=["spooled", "in memory"])
@pytest.mark.parametrize("share", [0.3, 0.5, 0.97])
def test_a_disk_that_is_full_before_the_end_is_no_fault_of_the_pixels(
    tmp_path: Path, share: float, in_memory: int, proven: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While tiles are spooled, overviews written, or the end of the file while its beginning is proven. The system refuses files of more
    than a share of the product, as a full disk does."""
    whole = damaged_result(tmp_path / "whole", "").products[0].cog
    monkeypatch.setattr(pyramid, "IN_MEMORY", in_memory)
    (tmp_path / "small").mkdir()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    path = write(tmp_path / "small/a.tif", noise((2, 1100, 1300), "uint16", 1, 9000))
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(whole.size * share), before[1]))
    try:
        raster = converted(path, tmp_path / "small/store", RasterOptions(threads=2))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert codes(raster) == {"raster.not-written"}
    assert raster.products == () and list((tmp_path / "small/store").iterdir()) == []


def test_nobody_waits_for_a_copy_that_failed(tmp_path: Path, proven: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """What a thread meets that is not the disk's, such as want of memory, reaches whoever waits for its bytes."""
    real = os.copy_file_range

    def copy(source: int, target: int, size: int) -> int:
        if threading.current_thread().name == "catalog-builder-assembly":
            raise MemoryError
        return real(source, target, size)

    monkeypatch.setattr(pyramid, "IN_MEMORY", 0)
    monkeypatch.setattr(os, "copy_file_range", copy)
    with pytest.raises(MemoryError):
        damaged_result(tmp_path, "")
    assert proven and list((tmp_path / "store").iterdir()) == []


@pytest.mark.parametrize("spoilt", [False, True])
def test_no_thread_and_no_file_is_left_open(tmp_path: Path, proven: list[Path], spoilt: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if spoilt:
        monkeypatch.setattr(tile_proof, "_differing", lambda *_: "tile")
    damaged_result(tmp_path / "first", "")  # libraries keep some files open
    threads, files = threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))
    raster = damaged_result(tmp_path, "")
    assert codes(raster) == ({"raster.pixels-differ"} if spoilt else set()) and len(proven) == 2
    assert threading.active_count() == threads and len(list(Path("/proc/self/fd").iterdir())) <= files


def damaged_result(tmp_path: Path, codec: str) -> Raster:
    path = write(tmp_path / "a.tif", noise((2, 1100, 1300), "uint16", 1, 9000))
    return converted(path, tmp_path / "store", RasterOptions(threads=2, presets={"image": "image-16bit" + codec}))


def test_what_gdal_reads_in_another_way_is_caught(tmp_path: Path, proven: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Tags that our own reader does not look at: GDAL takes the image for one whose bits are reversed in every byte."""
    real = fast.tiff_layout.read_tags
    misleading = {266: tiff_layout.short(2)}  # FillOrder
    monkeypatch.setattr(fast.tiff_layout, "read_tags", lambda path: real(path) | (misleading if "skeleton" in path.name else {}))
    raster = damaged_result(tmp_path, "")
    assert len(codes(raster)) == 1 and codes(raster) <= {"raster.pixels-differ", "raster.unreadable-pixels"} and proven
