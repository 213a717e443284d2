"""Whatever stands in a file of an untrusted archive, the plain readers give a reading or a coded finding."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog_builder.archive.delivery import ArchiveFile
from catalog_builder.archive.fgdc import fgdc_claims
from catalog_builder.archive.filenames import read_name
from catalog_builder.archive.foreign import foreign_format
from catalog_builder.archive.frames import FrameTable, frame_claims, read_frames
from catalog_builder.archive.mapinfo import coordsys_to_wkt, parse_tab
from catalog_builder.archive.rasterheader import read_header
from catalog_builder.archive.rawheader import raw_header
from catalog_builder.archive.sidecars import georeference_claims, parse_points, parse_world_file
from catalog_builder.archive.tables import read_table
from catalog_builder.errors import UnreadableDelivery
from tests.archive.generic_kit import archive_file, write_raster

FEW = settings(max_examples=60, deadline=None)

NUMBERS = st.sampled_from(["0", "-1", "1e308", "nan", "inf", "99999999999999999999", "1,5", "", "x", "1 000", "०"])
LINES = st.lists(st.lists(NUMBERS, max_size=12).map(",".join), max_size=6).map("\n".join)


@contextmanager
def written(name: str, content: bytes) -> Iterator[ArchiveFile]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        yield archive_file(path)


@contextmanager
def only_findings() -> Iterator[None]:
    try:
        yield
    except UnreadableDelivery as problem:
        assert problem.findings and all(f.message("vi") and f.message("en") for f in problem.findings)


def mixed(head: bytes) -> st.SearchStrategy[bytes]:
    return st.one_of(st.binary(max_size=400).map(lambda tail: head + tail), LINES.map(lambda text: head + text.encode()))


@FEW
@given(st.text(max_size=60))
def test_any_name(name: str) -> None:
    plain = name.replace("/", "_").replace("\x00", "_") or "x"
    read_name(ArchiveFile(Path("x"), plain, 1, 1), lone_year=True)


@FEW
@given(st.from_regex(r"(S2[AB]_OPER_MSI_L2A_TL_ATOS|LC08_L1TP|ASA_WSM_1PNDPA|p127r045_7t|16[A-Z]{3})[_\dA-Z]{0,60}", fullmatch=True))
def test_names_that_look_like_products(name: str) -> None:
    read_name(ArchiveFile(Path("x"), name, 1, 1))


@FEW
@given(mixed(b"mapX,mapY,sourceX,sourceY,enable\n"))
def test_any_points(content: bytes) -> None:
    with written("x.points", content) as file, only_findings():
        parse_points(file)


@FEW
@given(mixed(b'Definition Table\n File "x"\n Type "RASTER"\n CoordSys Earth Projection 8, 9999, '))
def test_any_tab(content: bytes) -> None:
    with written("x.tab", content) as file, only_findings():
        parse_tab(file)
        georeference_claims([file])


@FEW
@given(st.lists(NUMBERS | st.sampled_from(["8", "9999", "104", "28", '"m"', "3", "10"]), max_size=18))
def test_any_coordsys(parts: list[str]) -> None:
    coordsys_to_wkt("Earth Projection " + ", ".join(parts))


@FEW
@given(mixed(b"roll;frame;date;scale;height;focal\n") | mixed(b"PK\x03\x04"))
def test_any_table(content: bytes) -> None:
    with written("x.csv", content) as file, only_findings():
        read_table(file)
        table = read_frames(file)
        if isinstance(table, FrameTable) and table.rows:
            frame_claims(table, table.rows[:1], "x")


@FEW
@given(mixed(b"ENVI\nsamples = ") | mixed(b"NROWS 3\nNCOLS "))
def test_any_raw_header(content: bytes) -> None:
    with written("x.hdr", content) as header:
        image = header.path.with_name("x.img")
        image.write_bytes(b"\x00" * 50)
        raw_header(archive_file(image))


@FEW
@given(mixed(b"<metadata><idinfo><timeperd><timeinfo><sngdate><caldate>"))
def test_any_fgdc(content: bytes) -> None:
    with written("x.xml", content) as file, only_findings():
        fgdc_claims(file)


@FEW
@given(mixed(b"1.0\n"), st.sampled_from(["x.tfw", "x.prj", "x.tif.aux.xml"]))
def test_any_side_file(content: bytes, name: str) -> None:
    with written(name, content) as file, only_findings():
        parse_world_file(file)
        georeference_claims([file])


@FEW
@given(
    st.sampled_from([b"msid", b"SQLite format 3\x00", b"%PDF", b"EHFA_HEADER_TAG", b"<VRTDataset", b"e\x02", b"\x0e\x03\x13\x01", b""]),
    st.binary(max_size=300),
)
def test_any_foreign_file(head: bytes, tail: bytes) -> None:
    for name in ("x.ecw", "x.rrd", "x.pdf", "x.gpkg"):
        with written(name, head + tail) as file:
            foreign_format(file)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # rasterio logs GDAL messages that are not UTF-8
@pytest.mark.parametrize(("driver", "suffix"), [("GTiff", ".tif"), ("PNG", ".png"), ("JPEG", ".jpg"), ("HFA", ".img"), ("NITF", ".ntf")])
def test_damaged_images(tmp_path: Path, driver: str, suffix: str) -> None:
    content = write_raster(tmp_path / f"a{suffix}", driver=driver, epsg=None).read_bytes()

    @FEW
    @given(
        st.lists(st.tuples(st.integers(0, min(len(content), 2000) - 1), st.integers(0, 255)), min_size=1, max_size=6),
        st.integers(0, len(content)),
    )
    def damage(changes: list[tuple[int, int]], cut: int) -> None:
        data = bytearray(content)
        for place, value in changes:
            data[place] = value
        for version in (bytes(data), bytes(data)[:cut]):
            with written(f"a{suffix}", version) as file, only_findings():
                read_header(file)

    damage()
