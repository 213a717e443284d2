"""What earlier releases worked out: used where it fits, worth nothing where it does not, and never believed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog_builder.release.memory import Memory
from catalog_builder.release.model import Page, PlacedItem, PromisedPage
from catalog_builder.release.rows import Rows
from catalog_builder.release.seals import LENGTH, Seals
from catalog_builder.release.write import ReleaseWriter
from catalog_builder.stac.parquet import write_items_parquet
from tests.stac import factories


class Site:
    """Releases of one page, with what is remembered between them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: list[str] = []

    def release(self, key: str, text: str, context: str = "same") -> bytes:
        """Release a page with this key that would show ``text``; gives what is served."""
        writer = ReleaseWriter(self.folder / "site")
        seals = Seals.read(self.folder / "pages.seals", context)

        def make() -> Page:
            self.made.append(text)
            return Page("a/index.html", text.encode())

        file = seals.put(PromisedPage("a/index.html", key, make), writer)
        assert file.path.read_bytes() == writer.path("a/index.html").read_bytes()
        writer.put("other.json", key.encode())  # so that the release is another one
        writer.publish(1, {})
        seals.write()
        return (self.folder / "site/a/index.html").read_bytes()


def test_a_page_is_made_again_only_under_another_key(tmp_path: Path) -> None:
    site = Site(tmp_path)
    assert site.release("1", "one") == b"one"
    assert site.release("1", "not made") == b"one"
    assert site.release("2", "two") == b"two"
    assert site.release("1", "one again") == b"one again", "the seal of a release before the last is forgotten"
    assert site.made == ["one", "two", "one again"]


def test_other_circumstances_make_every_page_again(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.release("1", "one", "version 1")
    assert site.release("1", "one, said otherwise", "version 2") == b"one, said otherwise"


def test_a_seal_is_for_the_bytes_that_are_served(tmp_path: Path) -> None:
    """A site put back from elsewhere, or a file that is gone or cut off, is not what was remembered."""
    site = Site(tmp_path)
    site.release("1", "one")
    page = tmp_path / "site/a/index.html"
    page.unlink()
    assert site.release("1", "once more") == b"once more"
    page.write_bytes(b"on")
    assert site.release("1", "a third time") == b"a third time"
    remembered = (tmp_path / "pages.seals").read_bytes()
    site.release("2", "two")
    (tmp_path / "pages.seals").write_bytes(remembered)  # of a release that is not served any more
    assert site.release("1", "a fourth time") == b"a fourth time"


@pytest.mark.parametrize("data", [b"", b"x", bytes(LENGTH * 3), b"\xff" * 1000])
def test_a_spoilt_file_of_seals_keeps_nothing(tmp_path: Path, data: bytes) -> None:
    site = Site(tmp_path)
    site.release("1", "one")
    (tmp_path / "pages.seals").write_bytes(data)
    assert site.release("1", "anew") == b"anew"


def placed(folder: Path, number: int) -> PlacedItem:
    name = f"i{number}"
    json = factories.linked(factories.item(folder / "files").json) | {"id": name}
    start = datetime(2019, 6, 5, 3, 12, 34, tzinfo=UTC)
    return PlacedItem(
        id=name, collection="spot", title=name, path=f"spot/2019/06/{name}/{name}.json", start=start, end=start, bbox=(1, 2, 3, 4),
        platform=None, instruments=(), gsd=6.0, cloud_cover=None, resolution_class=None, thumbnail=None, json_size=1,
        json_checksum=f"1220{number}", load=lambda: json,
    )  # fmt: skip


def _unread(path: str) -> dict[str, object]:
    raise AssertionError(f"{path} is read")


def _never() -> dict[str, object]:
    raise AssertionError("read again")


def test_rows_are_made_once_and_again_when_an_item_or_the_program_is_another(tmp_path: Path) -> None:
    items = [placed(tmp_path, n) for n in range(3)]
    Rows(tmp_path / "rows", "1").of(items, "spot").part()
    unread = [replace(i, load=_never) for i in items]
    again = Rows(tmp_path / "rows", "1").of(unread, "spot")
    assert write_items_parquet([again.part()], tmp_path / "x.parquet") == 3
    for other in (
        Rows(tmp_path / "rows", "2").of(unread, "spot"),
        Rows(tmp_path / "rows", "1").of([*unread[:2], replace(unread[2], json_checksum="1220f")], "spot"),
        Rows(tmp_path / "rows", "1").of(unread[:2], "spot"),
    ):
        with pytest.raises(AssertionError, match="read again"):
            other.part()


@pytest.mark.parametrize("data", [b"", b"ARROW1", bytes(5000)])
def test_spoilt_rows_are_made_again(tmp_path: Path, data: bytes) -> None:
    items = [placed(tmp_path, 1)]
    Rows(tmp_path / "rows", "1").of(items, "spot").part()
    [file] = (tmp_path / "rows").iterdir()
    whole = file.read_bytes()
    for spoilt in (data, whole[:-100], whole[:200] + bytes(100) + whole[300:]):
        file.write_bytes(spoilt)
        assert write_items_parquet([Rows(tmp_path / "rows", "1").of(items, "spot").part()], tmp_path / "x.parquet") == 1


def test_rows_that_nobody_asked_for_and_what_a_killed_run_left_are_removed(tmp_path: Path) -> None:
    first = Memory.read(tmp_path / "memory", "items", "pages", _unread)
    first.rows.of([placed(tmp_path, 1)], "spot").part()
    first.write()
    (tmp_path / "memory/rows/.17-abc.part.arrow").write_bytes(b"half")
    (tmp_path / "memory/.17-abc.part.pickle").write_bytes(b"half")
    second = Memory.read(tmp_path / "memory", "items", "pages", _unread)
    second.rows.of([placed(tmp_path, 2)], "spot").part()
    second.write()
    assert len([p for p in (tmp_path / "memory").rglob("*") if p.is_file()]) == 1
