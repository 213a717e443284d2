"""Atomic writing and checksums."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_builder import files
from catalog_builder.files import (
    atomic_path,
    checksum_bytes,
    checksum_file,
    json_bytes,
    link_or_copy,
    on_disk_together,
    rename_folder,
    write_bytes,
    write_json,
)


def test_multihash_is_sha256_with_its_prefix(tmp_path: Path) -> None:
    file = write_bytes(tmp_path / "a" / "b.bin", b"imagery")
    assert file.checksum == "1220" + hashlib.sha256(b"imagery").hexdigest()
    assert file.checksum == checksum_file(file.path) == checksum_bytes(b"imagery")
    assert file.size == 7


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "item.json"
    write_json(target, {"version": 1})
    with pytest.raises(RuntimeError, match="boom"), atomic_path(target) as temporary:
        temporary.write_text("half")
        raise RuntimeError("boom")
    assert target.read_bytes() == json_bytes({"version": 1})
    assert [p.name for p in tmp_path.iterdir()] == ["item.json"]


def test_a_kill_while_writing_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "item.json"
    write_bytes(target, b"old")
    script = (
        "import os, signal, sys; from pathlib import Path; from catalog_builder.files import atomic_path\n"
        "with atomic_path(Path(sys.argv[1])) as t:\n    t.write_bytes(b'new'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(target)], check=False)
    assert done.returncode == -9
    assert target.read_bytes() == b"old"


def test_files_are_put_on_disk_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    real = os.fsync

    def told(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", told)
    with on_disk_together():
        write_bytes(tmp_path / "scene" / "a.tif", b"pixels")
        write_bytes(tmp_path / "scene" / "b.tif", b"pixels")
        write_bytes(tmp_path / "scene" / "passing.tif", b"pixels").path.unlink()
        assert synced == [], "nothing waits for the disk inside"
    assert sorted(synced[:2]) == ["a.tif", "b.tif"], "each file once, before its folder"
    assert synced[2:] == ["scene"]
    write_bytes(tmp_path / "raster.json", b"{}")
    assert synced[3:] == [next(n for n in synced[3:] if n.endswith(".json")), tmp_path.name], "afterwards each file by itself again"


def test_what_failed_is_not_put_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: int) -> None:
        raise AssertionError("nobody needs these files")

    monkeypatch.setattr(os, "fsync", refused)
    with pytest.raises(RuntimeError, match="boom"), on_disk_together():
        write_bytes(tmp_path / "a.tif", b"pixels")
        raise RuntimeError("boom")


def test_links_share_bytes_where_they_can(tmp_path: Path) -> None:
    source = write_bytes(tmp_path / "a.tif", b"pixels").path
    link_or_copy(source, tmp_path / "release" / "a.tif")
    assert source.samefile(tmp_path / "release" / "a.tif")
    with pytest.raises(FileExistsError):
        link_or_copy(source, tmp_path / "release" / "a.tif")


def test_a_folder_that_somebody_looks_into_is_renamed_a_moment_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a share of Windows behaves, which cannot be had here."""
    rename, refused = Path.rename, [True, True]

    def busy_at_first(self: Path, target: Path) -> Path:
        if refused:
            refused.pop()
            raise PermissionError(errno.EACCES, "in use", str(self))
        return rename(self, target)

    (tmp_path / "made").mkdir()
    monkeypatch.setattr(Path, "rename", busy_at_first)
    rename_folder(tmp_path / "made", tmp_path / "named")
    assert (tmp_path / "named").is_dir() and not refused
    refused += [True] * 1000
    monkeypatch.setattr(files, "REFUSED_SECONDS", 0.1)
    with pytest.raises(PermissionError, match="in use"):
        rename_folder(tmp_path / "named", tmp_path / "never")


def test_json_is_canonical() -> None:
    assert json_bytes({"b": 1, "a": "ảnh"}) == '{\n  "b": 1,\n  "a": "ảnh"\n}\n'.encode()


def test_numbers_of_a_list_share_a_line() -> None:
    assert json_bytes({"bbox": [106.5, -20, 1e-9, None]}) == b'{\n  "bbox": [106.5, -20, 1e-9, null]\n}\n'
    assert json_bytes([[1, 2], [], ["a", 1], [{}]]) == b'[\n  [1, 2],\n  [],\n  [\n    "a",\n    1\n  ],\n  [\n    {}\n  ]\n]\n'


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_json_says_what_it_was_given(data: object) -> None:
    assert json.loads(json_bytes(data)) == data
