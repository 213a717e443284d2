"""Help and usage errors, which click makes in English, reach the reader in Vietnamese, and quickly."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest

from catalog_builder.cli import COMMANDS, cli, speech
from catalog_builder.cli.build import REASONS
from catalog_builder.cli.options import AUDIENCES
from catalog_builder.definition import Access
from catalog_builder.i18n import translate
from catalog_builder.messages import marked_texts
from catalog_builder.planning import Reason
from tests.archives import write_definition
from tests.cli.test_command_line import run

TWO_WORDS = re.compile(r"[a-z]{2,} [a-z]{2,}")
ENGLISH = re.compile(r"(?<![\w-])(a|an|and|are|by|for|from|if|is|it|not|of|or|the|this|what|where|which|with)(?![\w-])", re.IGNORECASE)


def commands() -> Iterator[tuple[str, ...]]:
    """Names of every command and of those below it; the empty one is the program itself."""
    yield ()
    for name in COMMANDS:
        yield (name,)
        command = import_module(f"catalog_builder.cli.{name}").command
        if isinstance(command, click.Group):
            yield from ((name, below) for below in command.commands)


def found(path: tuple[str, ...]) -> click.Command:
    command: click.Command = cli
    for name in path:
        assert isinstance(command, click.Group)
        below = command.get_command(click.Context(command), name)
        assert below is not None
        command = below
    return command


def texts(command: click.Command) -> Iterator[str]:
    """Whatever of a command a person reads and that is ours."""
    yield command.help or ""
    for param in command.params:
        if isinstance(param, click.Option):
            assert isinstance(param, speech.Option) or param.name == "version"
            yield from (text for text in (param.help, param.prompt, param.metavar, param.show_default) if isinstance(text, str))
        else:
            assert isinstance(param, speech.Argument)
            yield param.metavar or ""


def without_examples(text: str) -> list[str]:
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("catalog-builder ")]


@pytest.mark.parametrize("path", list(commands()), ids=" ".join)
def test_every_text_of_a_command_is_marked_for_translation(path: tuple[str, ...]) -> None:
    assert set(texts(found(path))) - set(marked_texts()) == set()


@pytest.mark.parametrize("path", list(commands()), ids=" ".join)
def test_help_holds_no_english_in_vietnamese(path: tuple[str, ...]) -> None:
    english, vietnamese = (without_examples(run(*path, "--help", CATALOG_BUILDER_LANG=lang).stdout) for lang in ("en", "vi"))
    assert [line for line in set(english) & set(vietnamese) if TWO_WORDS.search(line)] == []
    assert [line for line in vietnamese if ENGLISH.search(line)] == []
    assert [line for line in english if ENGLISH.search(line)] != [], "the words that are looked for are those of English help"


def test_the_language_of_help_is_chosen_as_that_of_messages() -> None:
    for done in (
        run("--lang", "vi", "--help"),
        run("--help", "--lang", "vi"),
        run("--help", "--lang=vi"),
        run("build", "--help", "--lang", "vi"),
        run("schemas", "--lang", "vi", "add", "--help"),
        run("--help", LANG="vi_VN.UTF-8"),
        run("--help", LANG="en_US.UTF-8", LC_ALL="vi_VN"),
        run("--help", CATALOG_BUILDER_LANG="vi"),
    ):
        assert done.returncode == 0 and done.stdout.startswith("Cách dùng: ")
    assert "'fr'" in run("build", "--lang", "fr").stderr
    assert "'--lang'" in run("build", "--lang").stderr
    assert "No such option" not in run("build", "--", "--lang", "vi").stderr
    assert run("--lang", "en", "--help", LANG="vi_VN.UTF-8").stdout.startswith("Usage: ")
    assert run("--help").stdout.startswith("Usage: ")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("conquer",), "Không có lệnh 'conquer'."),
        (("schemas", "conquer"), "Không có lệnh 'conquer'."),
        (("build",), "Thiếu tham số 'ĐỊNH_NGHĨA'."),
        (("build", "x", "y"), "Thừa tham số (y)"),
        (("build", "x", "y", "z"), "Thừa các tham số (y z)"),
        (("build", "x", "--archiv", "y"), "Không có tuỳ chọn '--archiv'. Có phải ý bạn là '--archive'?"),
        (("build", "x", "--zzz"), "Không có tuỳ chọn '--zzz'."),
        (("build", "x", "--as-of"), "Tuỳ chọn '--as-of' cần có giá trị."),
        (("build", "x", "--verify=1"), "Tuỳ chọn '--verify' không nhận giá trị."),
        (("build", "x", "--jobs", "z"), "Giá trị không hợp lệ cho '--jobs': 'z' không phải là số nguyên hợp lệ."),
        (("build", "x", "--jobs", "-1"), "Giá trị không hợp lệ cho '--jobs': -1 nằm ngoài khoảng x>=0."),
        (
            ("build", "x", "--audience", "all"),
            "Giá trị không hợp lệ cho '--audience': 'all' không thuộc các giá trị 'public', 'internal', 'restricted'.",
        ),
        (("check", "/no/where"), "Giá trị không hợp lệ cho 'CÂY_TỆP': Đường dẫn '/no/where' không tồn tại."),
        (("schemas", "add", "/no/where"), "Giá trị không hợp lệ cho 'THƯ_MỤC': Thư mục '/no/where' không tồn tại."),
        (("scan", "x", "--csv", "/"), "Giá trị không hợp lệ cho '--csv': Tệp '/' lại là một thư mục."),
        (("build", "x", "--store", sys.executable), f"Giá trị không hợp lệ cho '--store': Thư mục '{sys.executable}' lại là một tệp."),
    ],
)
def test_usage_errors_are_told_in_vietnamese(arguments: tuple[str, ...], told: str) -> None:
    done = run("--lang", "vi", *arguments)
    *usage, error = done.stderr.splitlines()
    assert (done.returncode, done.stdout, error) == (2, "", f"Lỗi: {told}")
    assert [line for line in usage if ENGLISH.search(line)] == []


def test_usage_errors_are_as_click_says_them_in_english() -> None:
    done = run("--lang", "en", "build", "x", "--audience", "all")
    assert "Usage: " in done.stderr and "Try '" in done.stderr
    assert "Error: Invalid value for '--audience': 'all' is not one of 'public', 'internal', 'restricted'." in done.stderr


def test_our_own_usage_errors_are_told_in_the_language_of_the_reader(tmp_path: Path) -> None:
    folder = write_definition(tmp_path / "definition")
    assert "--as-of: hôm qua không phải thời điểm" in run("--lang", "vi", "build", folder, "--as-of", "hôm qua").stderr
    assert "--as-of: hôm qua is not a time like" in run("build", folder, "--as-of", "hôm qua").stderr
    assert "CẢNH: Không có cảnh nào-đó trong" in run("--lang", "vi", "explain", folder, "nào-đó").stderr
    assert "ITEM: There is no item nào-đó in" in run("explain", folder, "nào-đó").stderr


def test_what_a_user_typed_is_not_translated() -> None:
    assert "'Options'" in run("--lang", "vi", "Options").stderr
    assert "(required)" in run("--lang", "vi", "build", "x", "required").stderr


def test_the_licence_is_asked_for_in_vietnamese() -> None:
    command = [sys.executable, "-m", "catalog_builder", "--lang", "vi", "init", "/dev/null/x"]
    done = subprocess.run(command, input="CC-BY-4.0\n", capture_output=True, text=True, check=False)
    assert done.stdout.startswith(translate("Licence of the data (SPDX, e.g. CC-BY-4.0, or other)", "vi"))
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert ended.returncode == 130 and ended.stderr.strip().endswith("Đã huỷ.")


@pytest.mark.parametrize("path", list(commands()), ids=" ".join)
def test_help_loads_no_room(path: tuple[str, ...]) -> None:
    code = (
        "import sys; from catalog_builder.cli import cli; cli(sys.argv[1:], standalone_mode=False); "
        "slow = {'rasterio', 'pyarrow', 'pydantic', 'numpy', 'rich', 'catalog_builder.build', 'catalog_builder.definition'}; "
        "sys.exit(' '.join(slow & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code, *path, "--help"], capture_output=True, text=True, check=False)
    assert done.stderr == "" and done.stdout


def test_values_that_stand_here_to_load_quickly_are_those_of_the_rooms() -> None:
    assert list(AUDIENCES) == [access.value for access in Access]
    assert list(REASONS) == [reason.value for reason in Reason]
