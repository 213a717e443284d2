"""Archive files: good ones are unpacked once, bad ones are findings, and nothing is ever written outside the work area."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import stat
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest

from catalog_builder.archive.containers import MARKER, Containers
from catalog_builder.archive.delivery import ArchiveFile
from catalog_builder.archive.limits import Bomb, Budget, Kind, Limits
from catalog_builder.archive.names import clean_name, clean_names, decode_name

SMALL = Limits(total_bytes=10_000_000, members=50, ratio=20, ratio_free_bytes=100_000, reserve_bytes=0)


def archive_file(path: Path) -> ArchiveFile:
    status = path.stat()
    return ArchiveFile(path, path.name, status.st_size, status.st_mtime_ns)


def unpack(path: Path, work: Path, limits: Limits = SMALL) -> tuple[dict[str, bytes], list[str]]:
    """Names and contents of what comes out, and the codes of the findings."""
    containers = Containers(work, limits)
    file = archive_file(path)
    kind = containers.recognise(file)
    assert kind is not None
    result = containers.unpack(file, kind, Budget(limits, file.size))
    assert all(f.mtime_ns == file.mtime_ns and f.path.is_relative_to(work) for f in result.files)
    return {f.name: f.path.read_bytes() for f in result.files}, [f.code for f in result.findings]


def make_zip(path: Path, entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


def make_tar(path: Path, entries: dict[str, bytes], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in entries.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def files_below(path: Path) -> set[str]:
    return {str(p.relative_to(path)) for p in path.rglob("*") if p.is_file()}


CONTENT = {"scene/a.txt": b"alpha", "scene/ảnh 1.tif": os.urandom(5000), "b": b""}


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_tars_are_recognised_by_content_and_unpacked(tmp_path: Path, mode: str) -> None:
    path = make_tar(tmp_path / "no-telling-name", CONTENT, mode)
    files, findings = unpack(path, tmp_path / "work")
    assert files == {f"no-telling-name!/{k}": v for k, v in CONTENT.items()}
    assert findings == []


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_zips_are_unpacked(tmp_path: Path, method: int) -> None:
    files, findings = unpack(make_zip(tmp_path / "x.dat", CONTENT, method), tmp_path / "work")
    assert files == {f"x.dat!/{k}": v for k, v in CONTENT.items()}
    assert findings == []


@pytest.mark.parametrize(("suffix", "module"), [(".gz", gzip), (".bz2", bz2), (".xz", lzma)])
def test_a_single_compressed_file_is_a_container_of_one(tmp_path: Path, suffix: str, module: object) -> None:
    path = tmp_path / f"B1.TIF{suffix}"
    with module.open(path, "wb") as out:  # type: ignore[attr-defined]
        out.write(b"II*\0" * 1000)
    files, findings = unpack(path, tmp_path / "work")
    assert files == {f"B1.TIF{suffix}!/B1.TIF": b"II*\0" * 1000}
    assert findings == []


def test_concatenated_gzip_streams_are_one_file(tmp_path: Path) -> None:
    path = tmp_path / "two.txt.gz"
    path.write_bytes(gzip.compress(b"one ") + gzip.compress(b"two") + b"\0" * 700)
    assert unpack(path, tmp_path / "work")[0] == {"two.txt.gz!/two.txt": b"one two"}


@pytest.mark.parametrize("name", ["book.xlsx", "view.kmz"])
def test_documents_are_not_containers(tmp_path: Path, name: str) -> None:
    path = make_zip(tmp_path / name, {"data.xml": b"<x/>"})
    assert Containers(tmp_path / "work").recognise(archive_file(path)) is None


@pytest.mark.parametrize("entry", ["[Content_Types].xml", "mimetype", "doc.kml"])
def test_documents_are_known_by_their_first_entry(tmp_path: Path, entry: str) -> None:
    path = make_zip(tmp_path / "renamed.bin", {entry: b"x"})
    assert Containers(tmp_path / "work").recognise(archive_file(path)) is None


@pytest.mark.parametrize("data", [b"", b"II*\0" + b"\0" * 600, b"\0" * 1024, b"text\n" * 200, os.urandom(600)])
def test_other_files_are_not_containers(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "f").write_bytes(data)
    assert Containers(tmp_path / "work").recognise(archive_file(tmp_path / "f")) is None


def test_a_second_scan_finds_the_work_done(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"x": b"1", "../y": b"2"})
    first = unpack(path, tmp_path / "work")
    (inside,) = [p for p in (tmp_path / "work").rglob("x") if p.is_file()]
    before = inside.stat()
    assert unpack(path, tmp_path / "work") == first == ({"a.zip!/x": b"1"}, ["archive.container-unsafe"])
    assert (inside.stat().st_ino, inside.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("harm", ["marker", "marker's words", "member"])
def test_work_that_was_cut_off_is_done_again(tmp_path: Path, harm: str) -> None:
    path = make_zip(tmp_path / "a.zip", {"x": b"12345"})
    unpack(path, tmp_path / "work")
    if harm == "marker":
        next((tmp_path / "work").rglob(MARKER)).unlink()
    elif harm == "marker's words":
        marker = next((tmp_path / "work").rglob(MARKER))
        marker.write_bytes(marker.read_bytes().replace(b"members", b"nembers"))
    else:
        next((tmp_path / "work").rglob("x")).write_bytes(b"12")
    assert unpack(path, tmp_path / "work") == ({"a.zip!/x": b"12345"}, [])


def test_a_changed_container_is_unpacked_anew(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"x": b"old"})
    unpack(path, tmp_path / "work")
    make_zip(path, {"x": b"newer"})
    assert unpack(path, tmp_path / "work")[0] == {"a.zip!/x": b"newer"}


def test_dangerous_names_are_refused_and_the_others_used(tmp_path: Path) -> None:
    sandbox = tmp_path / "deep" / "er"
    sandbox.mkdir(parents=True)
    names = ["../up", "/abs", "a/../../b", "C:/win", "..\\back", "ok/../no"]
    path = make_zip(sandbox / "bad.zip", dict.fromkeys(names, b"evil") | {"good": b"fine", "./also//good": b"too"})
    before = files_below(tmp_path)
    files, findings = unpack(path, sandbox / "area")
    assert files == {"bad.zip!/good": b"fine", "bad.zip!/also/good": b"too"}
    assert findings == ["archive.container-unsafe"]
    assert {n for n in files_below(tmp_path) - before if not n.startswith("deep/er/area/")} == set()


def test_links_and_devices_in_a_tar_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "links.tar"
    with tarfile.open(path, "w") as archive:
        for name, kind, target in [
            ("l", tarfile.SYMTYPE, "/etc"),
            ("h", tarfile.LNKTYPE, "good"),
            ("fifo", tarfile.FIFOTYPE, ""),
            ("dev", tarfile.CHRTYPE, ""),
        ]:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, target
            archive.addfile(info)
        info = tarfile.TarInfo("l/through")
        info.size = 1
        archive.addfile(info, io.BytesIO(b"x"))
    files, findings = unpack(path, tmp_path / "work")
    assert files == {"links.tar!/l/through": b"x"}
    assert findings == ["archive.container-unsafe"]
    assert not any(p.is_symlink() for p in (tmp_path / "work").rglob("*"))


def test_links_in_a_zip_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "links.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("passwd.tif")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    assert unpack(path, tmp_path / "work") == ({}, ["archive.container-unsafe"])


def test_a_file_and_a_folder_of_one_name(tmp_path: Path) -> None:
    path = make_tar(tmp_path / "t.tar", {"a": b"file", "a/b": b"below"})
    assert unpack(path, tmp_path / "work") == ({"t.tar!/a": b"file"}, ["archive.container-unsafe"])


@pytest.mark.parametrize("make", [lambda p, e: make_zip(p, e), lambda p, e: make_tar(p, e, "w:gz")], ids=["zip", "tar.gz"])
def test_bombs_are_refused(tmp_path: Path, make: object) -> None:
    path = make(tmp_path / "bomb", {"zeros": b"\0" * 5_000_000})  # type: ignore[operator]
    assert unpack(path, tmp_path / "work") == ({}, ["archive.container-bomb"])
    assert files_below(tmp_path / "work") == {f"{next((tmp_path / 'work').iterdir()).name}/{MARKER}"}


def test_a_bomb_of_skipped_entries_is_refused_too(tmp_path: Path) -> None:
    info = tarfile.TarInfo("../skipped")
    info.size = 5_000_000
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        archive.addfile(info, io.BytesIO(b"\0" * info.size))
    path = tmp_path / "bomb.tgz"
    path.write_bytes(gzip.compress(raw.getvalue()))
    assert unpack(path, tmp_path / "work") == ({}, ["archive.container-bomb"])


def test_too_many_entries_are_refused(tmp_path: Path) -> None:
    for path in (make_zip(tmp_path / "z", {f"f{i}": b"" for i in range(60)}), make_tar(tmp_path / "t", {f"f{i}": b"" for i in range(60)})):
        assert unpack(path, tmp_path / "work") == ({}, ["archive.container-bomb"])


def test_a_huge_extended_header_does_not_fill_the_memory(tmp_path: Path) -> None:
    info = tarfile.TarInfo("pax")
    info.type, info.size = tarfile.XHDTYPE, 8 << 30
    path = tmp_path / "pax.tar"
    path.write_bytes(info.tobuf(tarfile.GNU_FORMAT) + b"\0" * 1024)
    assert unpack(path, tmp_path / "work") == ({}, ["archive.container-bomb"])


def test_a_huge_table_of_contents_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"x": b"1"})
    data = bytearray(path.read_bytes())
    end = data.rindex(b"PK\x05\x06")
    struct.pack_into("<L", data, end + 12, 1 << 30)
    path.write_bytes(data)
    assert unpack(path, tmp_path / "work") == ({}, ["archive.container-bomb"])


def test_a_zip_that_lies_about_sizes_is_corrupt(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"x": b"1234567890" * 100}, zipfile.ZIP_STORED)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"1234567890", b"1234567891", 1))
    assert unpack(path, tmp_path / "work") == ({}, ["archive.container-corrupt"])


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("kind", ["zip", "tar", "gz", "bz2", "xz"])
def test_truncated_containers_are_corrupt(tmp_path: Path, kind: str, keep: float) -> None:
    content = {"a": os.urandom(20_000), "b": os.urandom(20_000)}
    path = tmp_path / "cut"
    if kind == "zip":
        make_zip(path, content)
    else:
        make_tar(path, content, "w" if kind == "tar" else f"w:{kind}")
    data = path.read_bytes()
    path.write_bytes(data[: int(min(len(data), 41_000) * keep)])
    assert unpack(path, tmp_path / "work") == ({}, ["archive.container-corrupt"])


def test_a_password_is_not_guessed(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"x": b"1"})
    data = bytearray(path.read_bytes())
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + offset] |= 1
    path.write_bytes(data)
    assert unpack(path, tmp_path / "work") == ({}, ["archive.container-unsupported"])


@pytest.mark.parametrize("magic", [b"Rar!\x1a\x07\x01\x00", b"7z\xbc\xaf\x27\x1c\x00\x04"])
def test_formats_that_are_not_here_are_named(tmp_path: Path, magic: bytes) -> None:
    (tmp_path / "x").write_bytes(magic + b"\0" * 100)
    assert unpack(tmp_path / "x", tmp_path / "work") == ({}, ["archive.container-unsupported"])


def test_a_full_disk_is_said_and_not_remembered(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"x": b"1"})
    assert unpack(path, tmp_path / "work", Limits(reserve_bytes=1 << 60)) == ({}, ["archive.no-space"])
    assert unpack(path, tmp_path / "work") == ({"a.zip!/x": b"1"}, [])


def test_nested_files_share_one_budget(tmp_path: Path) -> None:
    budget = Budget(SMALL, 1000)
    budget.spend(15_000)
    with pytest.raises(Bomb):
        budget.spend(100_000)


def test_old_vietnamese_names_become_readable(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"AAAA.tif": b"1"})
    path.write_bytes(path.read_bytes().replace(b"AAAA", "Hạ€".encode()[:1] + b"\xf0\xb9L"))
    files, findings = unpack(path, tmp_path / "work")
    (name,) = files
    assert name.isprintable() and name.startswith("a.zip!/") and name.endswith(".tif")
    assert findings == []


def test_utf8_names_without_the_flag_are_utf8(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"AAAAA.tif": b"1"})
    path.write_bytes(path.read_bytes().replace(b"AAAAA", "Hạ".encode() + b"1"))
    assert list(unpack(path, tmp_path / "work")[0]) == ["a.zip!/Hạ1.tif"]


def test_names_that_become_equal_stay_apart(tmp_path: Path) -> None:
    path = make_tar(tmp_path / "t.tar", {"a\nb.tif": b"1", "a\tb.tif": b"2", "a\ufffdb.tif": b"3", "a\nb.tif ": b"4"})
    files, _ = unpack(path, tmp_path / "work")
    assert sorted(files.values()) == [b"1", b"2", b"3", b"4"]
    assert all(name.isprintable() for name in files)


def test_the_same_name_twice_is_the_later_one(tmp_path: Path) -> None:
    path = tmp_path / "t.tar"
    make_tar(path, {"a": b"first"})
    with tarfile.open(path, "a") as archive:
        info = tarfile.TarInfo("a")
        info.size = 2
        archive.addfile(info, io.BytesIO(b"2."))
    assert unpack(path, tmp_path / "work") == ({"t.tar!/a": b"2."}, [])


def test_clean_names() -> None:
    assert decode_name("Quảng".encode()) == "Quảng"
    assert decode_name(b"\xd0") == "Đ"
    assert clean_name("a\x1b[31mb") == "a\ufffd[31mb"
    long = clean_name("ả" * 200 + ".tif")
    assert len(long.encode()) <= 255 and long.endswith(".tif") and long != clean_name("ả" * 201 + ".tif")
    names = clean_names(["a\ud8ffb".encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape"), "plain", "x\n", "x\ufffd"])
    assert len(set(names.values())) == 4 and names["plain"] == "plain" and names["x\ufffd"] == "x\ufffd"


def test_kinds_have_short_names() -> None:
    assert {k.value for k in Kind} == {"zip", "tar", "gzip", "bzip2", "xz", "rar", "7z"}
