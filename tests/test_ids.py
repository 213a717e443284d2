"""Identifiers for every name that a disk can hold."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_builder.ids import MAX_LENGTH, fold, marked, short_hash, slug, unmarked


@given(st.text(max_size=400))
def test_a_slug_is_always_safe(text: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", slug(text))
    assert 0 < len(slug(text)) <= MAX_LENGTH


@given(st.text(max_size=60))
def test_composed_and_decomposed_spellings_fold_alike(text: str) -> None:
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ảnh Hạ Long 2021", "Anh-Ha-Long-2021"),
        ("đầm Thị Nại", "dam-Thi-Nai"),
        ("LC08_L1TP_127045", "LC08_L1TP_127045"),
        ("a/../../etc/passwd", "a-..-..-etc-passwd"),
    ],
)
def test_slugs_are_readable(name: str, expected: str) -> None:
    assert slug(name) == expected


def test_lost_and_long_names_stay_different() -> None:
    assert slug("图像") != slug("影像")
    assert slug("x" * 300 + "a") != slug("x" * 300 + "b")
    assert slug("con") != "con"


def test_search_folding_knows_the_vietnamese_d() -> None:
    assert fold("Đầm Thị Nại") == "dam thi nai"


@given(st.text(alphabet="abz09-", min_size=1, max_size=MAX_LENGTH - 14), st.text(), st.integers(1, 99))
def test_a_mark_can_be_told_from_the_name(name: str, place: str, number: int) -> None:
    identifier = marked(name, short_hash(place), number)
    assert unmarked(identifier) == name and len(identifier) <= MAX_LENGTH
