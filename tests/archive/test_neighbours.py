"""A scan after any change says what a scan from nothing says, and reads only the scenes that the change concerns."""

from __future__ import annotations

import os
import random
import zipfile
from pathlib import Path

import pytest

from catalog_builder.archive.find import folder_of
from catalog_builder.archive.memory import FILE_NAME
from catalog_builder.archive.scan import Scan, scan
from catalog_builder.progress import Progress
from catalog_builder.workers import InlineExecutor
from tests.archive.generic_kit import archive_file, write_raster

WORLD = "10\n0\n0\n-10\n727005\n2319995\n"
PAM = "<PAMDataset><Metadata><MDI key='TIFFTAG_DATETIME'>{}:06:05 03:00:00</MDI></Metadata></PAMDataset>"
RPC = "".join(f"{k}: 1\n" for k in ("LINE_OFF", "SAMP_OFF", "LAT_OFF", "LONG_OFF", "HEIGHT_OFF"))
RPC += "".join(f"{k}: 1\n" for k in ("LINE_SCALE", "SAMP_SCALE", "LAT_SCALE", "LONG_SCALE", "HEIGHT_SCALE"))
RPC += "".join(f"{k}_COEFF_{i}: 1\n" for k in ("LINE_NUM", "LINE_DEN", "SAMP_NUM", "SAMP_DEN") for i in range(1, 21))
POINTS = "mapX,mapY,sourceX,sourceY,enable\n" + "".join(
    f"{x},{y},{x / 100},{-y / 100},1\n" for x, y in ((1, 2), (900, 5), (7, 800), (5, 9))
)

SIDE = {
    ".tfw": WORLD,
    ".prj": "EPSG:32648",
    ".tif.aux.xml": PAM,
    "_rpc.txt": RPC,
    ".points": POINTS,
    ".txt": "bought in 2020",
    ".xml": "<metadata/>",
}


def scanned(root: Path) -> Scan:
    return scan([root], root.parent / "work", (), InlineExecutor(), Progress())


def from_nothing(root: Path) -> Scan:
    """A scan that remembers nothing; what earlier scans remembered is there again afterwards."""
    memory, aside = root.parent / "work" / FILE_NAME, root.parent / "aside"
    memory.rename(aside)
    try:
        return scanned(root)
    finally:
        aside.replace(memory)


def raster(root: Path, number: int, version: int = 0) -> Path:
    """A raster of its own size and place, so that none is a duplicate; a quarter has no georeference and depends on side files."""
    epsg = None if number % 4 == 0 else 32648
    return write_raster(root / f"scene_{number}.tif", epsg=epsg, count=3, width=40 + number, height=30 + version)


class Changes:
    """Random changes of a flat folder. Each concerns the scene of one number, or one that the change makes or ends."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root, self.random, self.clock = root, random.Random(seed), 0

    def one(self) -> str:
        change = self.random.choice(
            (self.add, self.add, self.remove, self.move, self.side, self.side, self.side, self.link, self.bundle, self.box)
        )
        number = self.random.randrange(14)
        done = f"{change.__name__} {number}"
        change(number)
        return done

    def add(self, number: int) -> None:
        self.clock += 1
        self._stamp(raster(self.root, number, self.clock))

    def remove(self, number: int) -> None:
        (self.root / f"scene_{number}.tif").unlink(missing_ok=True)

    def move(self, number: int) -> None:
        if (path := self.root / f"scene_{number}.tif").exists():
            path.rename(self.root / f"moved_{number}_{self.clock}.tif")

    def side(self, number: int) -> None:
        ending = self.random.choice(sorted(SIDE))
        path = self.root / f"scene_{number}{ending}"
        if path.exists() and self.random.random() < 0.5:
            path.unlink()
        elif not path.is_symlink():
            self.clock += 1
            path.write_text(SIDE[ending].replace("{}", str(1990 + self.clock)) + "\n" * self.clock)
            self._stamp(path)

    def link(self, number: int) -> None:
        """GDAL would follow a link to a side file; the scan refuses the raster then."""
        path = self.root / f"scene_{number}.tif.ovr"
        if path.is_symlink():
            path.unlink()
        else:
            path.symlink_to(self.root.parent / "elsewhere")

    def bundle(self, number: int) -> None:
        """An image whose model is called by another rule."""
        for name, text in ((f"IMG-0{number % 3}-AL{number}X.tif", None), (f"RPC-AL{number}X.txt", RPC), (f"HDR-AL{number}X.txt", "x")):
            path = self.root / name
            if path.exists() and self.random.random() < 0.3:
                path.unlink()
            elif text is None:
                write_raster(path, epsg=None, count=3, width=60 + number)
            else:
                path.write_text(text)

    def box(self, number: int) -> None:
        path = self.root / f"box_{number}.zip"
        if path.exists():
            path.unlink()
            return
        inside = raster(self.root.parent / "packing", number + 100)
        with zipfile.ZipFile(path, "w") as container:
            container.write(inside, inside.name)
            container.writestr(inside.stem + ".tfw", WORLD)

    def _stamp(self, path: Path) -> None:
        """A modification time of its own: a test is faster than the clock of a file system."""
        os.utime(path, ns=(path.stat().st_atime_ns, 1_600_000_000_000_000_000 + self.clock * 1_000_000_000))


@pytest.mark.parametrize("seed", range(3))
def test_after_any_change_the_scan_is_that_from_nothing(tmp_path: Path, read_now: list[str], seed: int) -> None:
    root = tmp_path / "archive"
    root.mkdir()
    changes = Changes(root, seed)
    for number in range(10):
        raster(root, number)
    before = scanned(root)
    for _ in range(25):
        done = changes.one()
        read_now.clear()
        after = scanned(root)
        failing = sum(1 for d in after.deliveries if not d.rasters)  # these are always tried again
        assert len(read_now) <= 2 + failing, f"{done}: {read_now}"
        assert after == from_nothing(root), done
        before = after
    assert before.deliveries


@pytest.mark.parametrize(
    "beside",
    [
        *(f"a_1{ending}" for ending in SIDE),
        "a_1.tif.aux.xml",
        "A_1.TFW",
        "a_1.IMD",
        "a_1.RPB",
        "a_1.aux",
        "a_1.tif.msk",
        "a_1_metadata.txt",
    ],
)
def test_a_file_beside_a_raster_concerns_that_raster_alone(tmp_path: Path, read_now: list[str], beside: str) -> None:
    root = tmp_path / "archive"
    for number in (1, 2, 10, 11):
        write_raster(root / f"a_{number}.tif", count=3, width=40 + number)
    first = scanned(root)
    for text in ("one", "another"):
        read_now.clear()
        (root / beside).write_text(text)
        scanned(root)
        assert len(read_now) == 1 and read_now[0] in ("a_1.tif", beside), text
    read_now.clear()
    (root / beside).unlink()
    assert scanned(root) == first
    assert read_now == [], "as it was at first, which is remembered"


@pytest.mark.parametrize(
    ("image", "model"),
    [("IMG_PHR1A_P_001_R1C1.TIF", "RPC_PHR1A_P_001.XML"), ("IMG-01-ALAV2A_UB.tif", "HDR-ALAV2A_UB.txt"), ("e1-22.1r.tif", "e1-22.rpc")],
)
def test_models_called_by_the_rules_of_their_makers_concern_their_image(
    tmp_path: Path, read_now: list[str], image: str, model: str
) -> None:
    root = tmp_path / "archive"
    for name in (image, "other.tif"):
        write_raster(root / name, count=3, width=40 + len(name))
    scanned(root)
    read_now.clear()
    (root / model).write_text("x")
    scanned(root)
    assert read_now == [image]


def test_one_more_in_a_flat_folder_is_one_to_read(tmp_path: Path, read_now: list[str]) -> None:
    root = tmp_path / "archive"
    for number in range(60):
        write_raster(root / f"scene_{number}.tif", width=40 + number)
    scanned(root)
    read_now.clear()
    write_raster(root / "scene_60.tif", width=100)
    assert len(scanned(root).deliveries) == 61
    assert read_now == ["scene_60.tif"]


def test_a_reader_sees_its_scene_alone(tmp_path: Path) -> None:
    for name in ("a/x.tif", "a/img/x.msk", "a/y.tif"):
        write_raster(tmp_path / name)
    x, mask, y = (archive_file(tmp_path / name, tmp_path) for name in ("a/x.tif", "a/img/x.msk", "a/y.tif"))
    folder = folder_of("a", [y, mask, x, x])
    assert ([f.name for f in folder.files], [f.name for f in folder.walk()]) == (
        ["a/x.tif", "a/y.tif"],
        ["a/x.tif", "a/y.tif", "a/img/x.msk"],
    )
    assert folder_of("", [y, mask]).folders[0].folders[0].files == (mask,)
