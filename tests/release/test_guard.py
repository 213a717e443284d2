"""Nothing hidden is named in a release, also when only new files are opened."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from catalog_builder.definition.model import Access
from catalog_builder.errors import EnvironmentProblem
from catalog_builder.release.guard import refuse_leaks, secrets_hash
from catalog_builder.release.write import ReleaseWriter
from catalog_builder.store import Record

HIDDEN = "secret-base-20210606"


def record(name: str = HIDDEN) -> Record:
    files = ((f"scenes/{name}/k/image.tif", 10, f"1220{'ab' * 32}"),)
    return Record(name, "k", "k", "scenes", Access.RESTRICTED, f"scenes/{name}/k/item-k.json", None, False, name, files, ())


def served(site: Path, **files: bytes) -> None:
    writer = ReleaseWriter(site)
    for name, data in files.items():
        writer.put(f"{name}.html", data)
    writer.publish(1, {})


@pytest.mark.parametrize("text", [f"see {HIDDEN}.", f'"{HIDDEN}"', f"{HIDDEN}.aux.xml", f"1220{'ab' * 32}"])
def test_a_name_or_a_checksum_in_a_text_is_refused(tmp_path: Path, text: str) -> None:
    writer = ReleaseWriter(tmp_path / "site")
    writer.put("index.html", text.encode())
    with pytest.raises(EnvironmentProblem) as caught:
        refuse_leaks(writer, [record()])
    assert caught.value.findings[0].code == "release.leak"


@pytest.mark.parametrize("path", [f"{HIDDEN}/image.tif", f"qa/drafts/{HIDDEN}.json"])
def test_a_name_in_a_path_is_refused_even_where_nothing_is_opened(tmp_path: Path, path: str) -> None:
    writer = ReleaseWriter(tmp_path / "site")
    writer.put(path, b"")
    with pytest.raises(EnvironmentProblem):
        refuse_leaks(writer, [record()], trust_unchanged=True)


def test_only_what_is_new_is_opened_when_the_rest_passed_before(tmp_path: Path) -> None:
    served(tmp_path / "site", old=HIDDEN.encode(), other=b"fine")
    writer = ReleaseWriter(tmp_path / "site")
    writer.put("old.html", HIDDEN.encode())
    writer.put("other.html", b"changed")
    refuse_leaks(writer, [record()], trust_unchanged=True)
    with pytest.raises(EnvironmentProblem):
        refuse_leaks(writer, [record()])
    writer.put("new.html", HIDDEN.encode())
    with pytest.raises(EnvironmentProblem):
        refuse_leaks(writer, [record()], trust_unchanged=True)


def test_a_name_that_a_visible_scene_bears_as_well_tells_nothing_but_its_own_place_does(tmp_path: Path) -> None:
    twin = replace(record(f"{HIDDEN}-0a1b2c3d"), files=())
    assert secrets_hash([record()], [twin]) != secrets_hash([record()], [])
    writer = ReleaseWriter(tmp_path / "site")
    writer.put(f"{twin.id}/index.html", f"made of {HIDDEN}.tif".encode())
    refuse_leaks(writer, [record()], [twin])
    with pytest.raises(EnvironmentProblem):
        refuse_leaks(writer, [record()], [replace(twin, id="another-0a1b2c3d")])
    writer.put(f"{HIDDEN}/index.html", b"")
    with pytest.raises(EnvironmentProblem):
        refuse_leaks(writer, [record()], [twin])


def test_a_checksum_that_a_visible_scene_has_as_well_tells_nothing(tmp_path: Path) -> None:
    """Two pictures without a valid pixel have the same bytes; the id of the hidden scene stays a secret."""
    writer = ReleaseWriter(tmp_path / "site")
    writer.put("index.html", f"1220{'ab' * 32}".encode())
    refuse_leaks(writer, [record()], [record("seen-20210606")])
    with pytest.raises(EnvironmentProblem):
        refuse_leaks(writer, [record()], [])
    assert secrets_hash([record()], [record("seen-20210606")]) != secrets_hash([record()])
    writer.put("other.html", HIDDEN.encode())
    with pytest.raises(EnvironmentProblem):
        refuse_leaks(writer, [record()], [record("seen-20210606")])


def test_another_secret_makes_another_hash() -> None:
    assert secrets_hash([record()]) == secrets_hash([record()])
    assert secrets_hash([record()]) != secrets_hash([record(), record("another-20220101")])
