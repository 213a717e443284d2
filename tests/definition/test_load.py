"""A definition is read whole, and all its mistakes are told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog_builder.definition import Access, load_definition
from catalog_builder.definition.scaffold import scaffold
from catalog_builder.errors import UsageError
from catalog_builder.findings import Finding

CATALOGS = Path(__file__).parents[2] / "catalog"


def test_the_province_is_complete_and_bilingual() -> None:
    definition = load_definition(CATALOGS / "quang-ninh")
    assert definition.host in {a.code for a in definition.agencies}
    for collection in definition.collections:
        assert set(collection.title) == set(collection.description) == {"vi", "en"}, collection.id
    assert {"land", "forest"} <= {t.code for t in definition.themes}
    assert definition.default_access is Access.INTERNAL


def test_registers_hold_only_what_has_a_source_and_was_verified() -> None:
    definition = load_definition(CATALOGS / "quang-ninh")
    rows = [*definition.agencies, *definition.admin_units, *definition.themes, *definition.projects, *definition.refresh_rules]
    assert all(row.source for row in rows)
    assert {row.verified for row in rows} <= {"seed", "verified"}


def test_units_are_keyed_by_code_and_date_not_by_name() -> None:
    units = load_definition(CATALOGS / "quang-ninh").admin_units
    keys = [(u.code, u.level, u.valid_from) for u in units]
    assert len(set(keys)) == len(keys)
    quang_tri = [u for u in units if u.name_vi == "Tỉnh Quảng Trị"]
    assert {u.code for u in quang_tri} == {"44", "45"}


def test_the_demo_is_public_with_honest_intervals() -> None:
    definition = load_definition(CATALOGS / "demo")
    assert all(o.reason and o.acquired for o in definition.overrides)
    assert all("/" in (o.acquired or "") for o in definition.overrides)


def test_every_mistake_is_reported_at_once(tmp_path: Path) -> None:
    scaffold(tmp_path, "x", {"vi": "x", "en": "x"}, "CC-BY-4.0")
    main = tmp_path / "catalog.toml"
    text = main.read_text().replace('default_access = "internal"', 'default_access = "secret"')
    main.write_text(text.replace("[paths]", "unknown_key = 1\n[paths]"))
    (tmp_path / "collections/broken.toml").write_text("title = \n")
    (tmp_path / "collections/second.toml").write_text('title = { vi = "a" }\nlicense = "x"\naccess = "everyone"\n')
    (tmp_path / "registers").mkdir()
    (tmp_path / "registers/agencies.csv").write_text("# note\ncode,name_vi,name_en,source,verified\nok,A,A,s,seed\nbad code!,B,B,s,maybe\n")
    with pytest.raises(UsageError) as caught:
        load_definition(tmp_path)
    told = {(f.code, f.subject, f.params.get("key", "")) for f in caught.value.findings}
    assert ("definition.syntax", "collections/broken.toml", "") in told
    assert ("definition.no-choice", "collections/second.toml", "access") in told
    assert ("definition.missing-key", "collections/second.toml", "description") in told
    assert ("definition.no-match", "registers/agencies.csv:4", "code") in told
    assert ("definition.no-choice", "registers/agencies.csv:4", "verified") in told
    assert ("definition.no-choice", "catalog.toml", "default_access") in told
    assert ("definition.unknown-key", "catalog.toml", "unknown_key") in told


def findings_of(folder: Path) -> list[Finding]:
    with pytest.raises(UsageError) as caught:
        load_definition(folder)
    return list(caught.value.findings)


@pytest.mark.parametrize(
    ("file", "text", "told", "hint"),
    [
        ("collections/a.toml", 'acess = "public"', "Ở đây không có khoá acess.", "Các khoá dùng được: access, "),
        ("collections/a.toml", "[[match]]\npaths = []", "Ở đây không có khoá match.0.paths.", "Các khoá dùng được: path, "),
        ("collections/a.toml", "themes = 1", "themes đang là 1; phải viết theo dạng […, …].", "Sửa giá trị của themes"),
        ("collections/a.toml", "providers = [1]", "providers.0 đang là 1; phải viết theo dạng { … = … }.", "Sửa giá trị"),
        ("collections/a.toml", "id = [1]", 'id đang là [1]; phải viết theo dạng "…".', "Sửa giá trị của id"),
        ("overrides/a.toml", "[[override]]\non = 'hôm nay'", "on đang là hôm nay; phải viết theo dạng 2026-01-31.", "Sửa giá trị của on"),
        ("overrides/a.toml", "[[overide]]\npath = 'x'", "overide không phải [[override]]", "Đặt dòng [[override]]"),
        ("overrides/a.toml", "[override]\npath = 'x'", "override không phải [[override]]", "Đặt dòng [[override]]"),
        ("overrides/a.toml", "override = 5", "override không phải [[override]]", "Đặt dòng [[override]]"),
        ("overrides/a.toml", "[[override]]\npath = \nby = 'A'", "Không đọc được dòng 2, cột 8", "Sửa dòng này"),
        ("overrides/a.toml", "[[override]]\npath = [", "Không đọc được dòng 2, cột 1", "Sửa dòng này"),
    ],
)
def test_a_mistake_is_told_in_the_language_of_the_person(tmp_path: Path, file: str, text: str, told: str, hint: str) -> None:
    scaffold(tmp_path, "x", {"vi": "x", "en": "x"}, "CC-BY-4.0")
    (tmp_path / file).write_text(text)
    found = [f for f in findings_of(tmp_path) if f.message("vi").startswith(told)]
    assert [(f.subject.partition(" ")[0], hint in f.hint("vi")) for f in found] == [(file, True)]


@pytest.mark.parametrize("encoding", ["utf-16", "cp1258"])
def test_a_file_in_another_encoding_is_one_mistake_and_not_many(tmp_path: Path, encoding: str) -> None:
    scaffold(tmp_path, "x", {"vi": "x", "en": "x"}, "CC-BY-4.0")
    main = tmp_path / "catalog.toml"
    main.write_bytes('id = "x" # é'.encode(encoding))
    assert [(f.code, f.subject) for f in findings_of(tmp_path)] == [("definition.not-utf8", "catalog.toml")]


def test_a_file_that_cannot_be_read_is_a_mistake(tmp_path: Path) -> None:
    scaffold(tmp_path, "x", {"vi": "x", "en": "x"}, "CC-BY-4.0")
    (tmp_path / "overrides/folder.toml").mkdir()
    assert [(f.code, f.subject) for f in findings_of(tmp_path)] == [("definition.unreadable", "overrides/folder.toml")]


def test_codes_that_name_nothing_are_mistakes(tmp_path: Path) -> None:
    scaffold(tmp_path, "x", {"vi": "x", "en": "x"}, "CC-BY-4.0")
    main = tmp_path / "catalog.toml"
    main.write_text(main.read_text().replace('fallback_collection = "unsorted"', 'host = "nobody"\nfallback_collection = "gone"'))
    with pytest.raises(UsageError) as caught:
        load_definition(tmp_path)
    assert [(f.params["key"], f.params["code"]) for f in caught.value.findings] == [("host", "nobody"), ("fallback_collection", "gone")]


def test_a_folder_without_a_definition_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load_definition(tmp_path)
    assert "init" in caught.value.findings[0].hint("en")


def test_a_scaffold_is_a_valid_definition_and_is_never_overwritten(tmp_path: Path) -> None:
    scaffold(tmp_path / "mới", "moi", {"vi": 'Kho "ảnh"', "en": "Archive"}, "CC-BY-4.0")
    assert load_definition(tmp_path / "mới").title["vi"] == 'Kho "ảnh"'
    with pytest.raises(UsageError):
        scaffold(tmp_path / "mới", "moi", {"vi": "x", "en": "x"}, "CC-BY-4.0")
