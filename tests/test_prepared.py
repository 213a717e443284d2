"""What is kept in a form that is quick to read says the same as the file it was made of, and an edited file is believed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from catalog_builder import prepared
from catalog_builder.i18n import LANGUAGES, LOCALE_DIR
from catalog_builder.prepared import read_texts, read_toml
from catalog_builder.preparing import prepare
from catalog_builder.resources import data_dir
from catalog_builder.site.environment import environment

FILES = sorted((*data_dir().rglob("*.toml"), *LOCALE_DIR.rglob("*.po")))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(prepared, "assets_dir", lambda: tmp_path / "assets")
    return tmp_path / "assets/prepared"


def read(path: Path) -> dict[str, object]:
    return {**(read_toml(path) if path.suffix == ".toml" else read_texts(path))}


def test_every_file_is_the_same_prepared_and_parsed(folder: Path) -> None:
    parsed = [read(path) for path in FILES]
    assert len(parsed) > 10 and all(parsed[:5])
    assert prepare() == 0
    assert [read(path) for path in FILES] == parsed
    assert len(list(folder.iterdir())) > len(FILES)


def test_the_prepared_form_is_what_is_read(folder: Path) -> None:
    prepare()
    for path in folder.iterdir():
        path.write_text(json.dumps({"said": "otherwise"}))
    assert all(read(path) == {"said": "otherwise"} for path in FILES)


def test_an_edited_file_is_parsed_and_old_forms_go(folder: Path, tmp_path: Path) -> None:
    prepare()
    first = sorted(folder.iterdir())
    (folder / ("0" * 64)).write_text("{}")
    copy = Path(shutil.copy(data_dir() / "presets.toml", tmp_path))
    with copy.open("a") as stream:
        stream.write('\n[new]\ncodec = "ZSTD"\n')
    assert read_toml(copy)["new"] == {"codec": "ZSTD"}
    prepare()
    assert sorted(folder.iterdir()) == first


def test_a_text_that_nobody_has_looked_at_since_is_not_said(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "some.po"
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n'
    path.write_text(head + '\nmsgid "a"\nmsgstr "á"\n\n#, fuzzy\nmsgid "b"\nmsgstr "bé"\n')
    assert read_texts(path) == {"a": "á"}


def test_a_template_is_the_same_prepared_and_compiled(folder: Path) -> None:
    pages = [environment(language) for language in LANGUAGES]
    sources = [(page, name, page.loader.get_source(page, name)[0]) for page in pages if page.loader for name in page.list_templates()]
    compiled = [page.compile(source, name).co_consts for page, name, source in sources]
    prepare()
    assert [page.compile(source, name).co_consts for page, name, source in sources] == compiled
    for path in folder.iterdir():
        path.write_text("said = 'otherwise'")
    assert {page.compile(source, name).co_consts[0] for page, name, source in sources} == {"otherwise"}
    assert all(page.compile(source + " ", name).co_consts[0] != "otherwise" for page, name, source in sources)
