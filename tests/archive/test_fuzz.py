"""Parsers under arbitrary bytes, mutated deliveries, and the cases that fuzzing once found."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog_builder.archive.delivery import ArchiveFile
from catalog_builder.archive.keyvalue import parse_keyvalues
from catalog_builder.archive.names import MAX_COMPONENT, clean_names
from catalog_builder.archive.xmltree import parse_xml, root_name, to_number
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.workers import LocalWorkers
from tests.archive import fuzzing

CORPUS = Path(__file__).parent / "corpus"
CASES = settings(max_examples=150, deadline=None, derandomize=True, database=None)


@contextmanager
def file_of(data: bytes) -> Iterator[ArchiveFile]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        path.write_bytes(data)
        yield ArchiveFile(path, "x", len(data), 0)


XML_PIECES = st.sampled_from(
    [b"<", b">", b"</", b"a", b"a:b", b"/>", b"<?xml version='1.0'", b"?>", b"<!DOCTYPE", b"<!ENTITY", b"&#0;", b"&x;"]
)
TEXT_PIECES = st.sampled_from(
    [b"GROUP = a", b"END_GROUP", b"END", b"key = (", b")", b" = ", b"k: v", b'"', b";", b"\n", b"\r", b"\x00", b"1e999"]
)


@CASES
@given(st.one_of(st.binary(max_size=300), st.lists(st.one_of(XML_PIECES, st.binary(max_size=5)), max_size=40).map(b"".join)))
def test_any_bytes_are_a_tree_or_a_finding(data: bytes) -> None:
    with file_of(data) as file:
        root_name(file)
        try:
            tree = parse_xml(file)
        except UnreadableDelivery as error:
            assert error.findings
        else:
            tree.text("//a")
            tree.number("a/@b")


@CASES
@given(st.one_of(st.binary(max_size=300), st.lists(st.one_of(TEXT_PIECES, st.binary(max_size=5)), max_size=60).map(b"".join)))
def test_any_bytes_are_pairs(data: bytes) -> None:
    with file_of(data) as file:
        values = parse_keyvalues(file)
    for name, _ in values.pairs:
        values.text(name)
        values.number(name)


@CASES
@given(
    st.dictionaries(st.from_regex(r"[A-Z][A-Z_]{1,20}[A-Z]", fullmatch=True), st.from_regex(r"[a-z0-9.]{1,30}", fullmatch=True), max_size=8)
)
def test_what_is_written_is_read(pairs: dict[str, str]) -> None:
    reserved = {"GROUP", "OBJECT", "END", "BEGIN_GROUP", "BEGIN_OBJECT", "END_GROUP", "END_OBJECT"}
    pairs = {k: v for k, v in pairs.items() if k not in reserved}
    text = "GROUP = G\n" + "".join(f'  {k} = "{v}"\n' for k, v in pairs.items()) + "END_GROUP = G\nEND\n"
    with file_of(text.encode()) as file:
        read = parse_keyvalues(file).pairs
    assert dict(read) == {f"G/{k}": v for k, v in pairs.items()}


@CASES
@given(st.text(max_size=40))
def test_numbers_are_finite_or_none(text: str) -> None:
    value = to_number(text)
    assert value is None or abs(value) < 1e18


@CASES
@given(
    st.sets(
        st.one_of(st.text(min_size=1, max_size=300), st.binary(min_size=1, max_size=40).map(lambda b: b.decode("utf-8", "surrogateescape")))
    )
)
def test_clean_names_are_distinct_printable_and_fit(raws: set[str]) -> None:
    clean = clean_names(raws)
    assert set(clean) == raws and len(set(clean.values())) == len(raws)
    assert all(n.isprintable() and n.encode() for n in clean.values())
    assert all(len(n.encode()) <= MAX_COMPONENT for n in clean.values())


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "text",
    [
        "a = b" + " " * 200_000 + "c",
        " " * 200_000 + "!",
        "END" + " " * 200_000 + "x",
        "GROUP = a" + " " * 200_000 + "x",
        "a = (\n" + "1,\n" * 1_000_000,
        f"GROUP = {'g' * 100}\n" * 1000 + "k = v\n" * 300_000,
        "=" * 1_000_000,
        "(" * 1_000_000,
    ],
    ids=range(8),
)
def test_reading_pairs_takes_linear_time_and_bounded_memory(text: str) -> None:
    """Each of these once took, or would have taken, hours or all memory; linear reading takes about a second."""
    with file_of(text.encode()) as file:
        assert sum(len(k) + len(v) for k, v in parse_keyvalues(file).pairs) < 500_000_000


@pytest.mark.parametrize("case", sorted(p.name for p in CORPUS.iterdir()))
def test_cases_that_were_found_stay_fixed(case: str) -> None:
    assert fuzzing.run_case(CORPUS / case) == []


def test_the_fuzzer_notices_what_it_looks_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.archive.meta_format import MetaFormat, write_scene

    write_scene(tmp_path / "a", "s1", trouble="raise")
    monkeypatch.setattr(fuzzing, "FORMATS", (MetaFormat(),))
    (problem,) = fuzzing.run_case(tmp_path / "a")
    assert problem.startswith("archive.reader-failed s1.meta")


@pytest.mark.shared
def test_mutated_deliveries_never_surprise(shared: Path, tmp_path: Path) -> None:
    samples = fuzzing.collect([shared / "data" / "derived", shared / "data" / "vendor" / "landsat_mss"], tmp_path / "work")
    assert len(samples) >= 4
    with LocalWorkers(1) as workers:
        cases = fuzzing.fuzz(samples, 600.0, 1, tmp_path / "kept", workers)
        assert [problem for _, (_, problems) in zip(range(30), cases, strict=False) for problem in problems] == []
