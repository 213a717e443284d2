"""The command line as people and CI meet it: language, grouping, annotations, exit codes, help."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from catalog_builder.cli import COMMANDS
from catalog_builder.cli.output import _of_system
from catalog_builder.progress import STAGES
from catalog_builder.resources import PACKAGE
from tests.archives import write_definition, write_scene


def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if k not in {"LANG", "LC_ALL", "LC_MESSAGES", "GITHUB_ACTIONS", "CATALOG_BUILDER_LANG"}}
    command = [sys.executable, "-m", "catalog_builder", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**clean, **environment})


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help_with_an_example(command: str) -> None:
    done = run(command, "--help")
    assert done.returncode == 0 and "Example" in done.stdout


def test_a_missing_definition_is_a_usage_error_in_the_language_of_the_reader(tmp_path: Path) -> None:
    english, vietnamese = run("build", tmp_path), run("--lang", "vi", "build", tmp_path)
    assert english.returncode == vietnamese.returncode == 2
    assert "definition.missing" in english.stderr and "There is no catalogue definition" in english.stderr
    assert "Ở đây không có định nghĩa danh mục" in vietnamese.stderr
    assert "không có" in run("build", tmp_path, LANG="vi_VN.UTF-8").stderr


def test_errors_are_json_for_machines(tmp_path: Path) -> None:
    done = run("build", tmp_path, "--json")
    assert done.returncode == 2
    [finding] = json.loads(done.stdout)["findings"]
    assert finding["code"] == "definition.missing" and set(finding["message"]) == {"vi", "en"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("build", "x", "--verfy"), "Không có tuỳ chọn '--verfy'. Có phải ý bạn là '--verify'?"),
        (("check", "/no/where"), "Giá trị không hợp lệ cho 'CÂY_TỆP': Đường dẫn '/no/where' không tồn tại."),
    ],
)
def test_usage_errors_are_json_for_machines_too(arguments: tuple[str, ...], message: str) -> None:
    done = run(*arguments, "--json", CATALOG_BUILDER_LANG="vi")
    [finding] = json.loads(done.stdout)["findings"]
    assert (done.returncode, finding["code"], finding["message"]["vi"]) == (2, "usage", message)
    assert finding["hint"]["en"].endswith(f" {arguments[0]} --help' for help.")


def test_explain_names_items_like_the_one_that_is_not_there(tmp_path: Path) -> None:
    folder = write_definition(tmp_path / "definition")
    write_scene(folder / "archive/HaLong_20210605.tif", size=64)
    assert run("build", folder, "--jobs", "0").returncode == 0
    assert "Most like it: HaLong_20210605." in run("explain", folder, "halong_2021").stderr


def test_an_unknown_option_and_command_are_usage_errors() -> None:
    assert run("build").returncode == 2
    assert run("conquer").returncode == 2


def test_findings_are_annotations_on_github(tmp_path: Path) -> None:
    folder = write_definition(tmp_path / "definition")
    (folder / "archive").mkdir()
    (folder / "archive/broken_20210605.tif").write_bytes(b"")
    done = run("build", folder, "--jobs", "0", GITHUB_ACTIONS="true")
    assert done.returncode == 1
    assert any(line.startswith("::error title=archive.") and "broken_20210605.tif" in line for line in done.stdout.splitlines())


def test_many_findings_of_one_kind_are_counted(tmp_path: Path) -> None:
    folder = write_definition(tmp_path / "definition")
    for n in range(6):
        (folder / "archive").mkdir(exist_ok=True)
        (folder / f"archive/empty_{n}.tif").write_bytes(b"")
    done = run("build", folder, "--jobs", "0")
    assert "and 3 more of the same kind" in done.stderr


def test_what_stops_a_command_is_told_in_full(tmp_path: Path) -> None:
    folder = write_definition(tmp_path / "definition")
    (folder / "overrides").mkdir(exist_ok=True)
    (folder / "overrides/a.toml").write_text("".join(f"[[override]]\nkey{n} = 1\n" for n in range(5)))
    told = run("scan", folder).stderr
    assert [told.count(f"There is no key key{n} here.") for n in range(5)] == [1] * 5


def test_each_finding_has_its_own_hint_and_the_same_ones_share_it(tmp_path: Path) -> None:
    folder = write_definition(tmp_path / "definition", extra="[area]\nbboxx = 1\ndemm = 2\n[site]\nitem_page = 'static'\n")
    lines = [line for line in run("scan", folder).stderr.splitlines() if "There are: " in line]
    assert [line.partition("There are: ")[2].rstrip(".").partition(",")[0] for line in lines] == ["bbox", "dem", "item_pages"]


def test_colour_is_left_out_where_it_is_not_wanted() -> None:
    check = "from catalog_builder.cli.output import _label; from catalog_builder.findings import Severity; print(_label(Severity.ERROR))"
    labels = [
        subprocess.run(
            [sys.executable, "-c", check], capture_output=True, text=True, check=True, env={**os.environ, "NO_COLOR": wanted}
        ).stdout
        for wanted in ("1", "")
    ]
    assert "\x1b" not in labels[0] and "\x1b" in labels[1]


@pytest.mark.parametrize("arguments", [("--help",), ("scan", "{folder}", "--jobs", "0"), ("scan", "{folder}", "--jobs", "0", "--json")])
def test_an_output_that_cannot_show_vietnamese_stops_nothing(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    folder = write_definition(tmp_path / "định nghĩa")
    write_scene(folder / "archive/Hạ Long/ảnh_20210605.tif", seed=1, size=64)
    done = run("--lang", "vi", *(a.format(folder=folder) for a in arguments), PYTHONIOENCODING="ascii:strict")
    assert done.returncode == 0 and "Traceback" not in done.stderr
    if "--json" in arguments:
        [delivery] = json.loads(done.stdout)["deliveries"]
        assert delivery["origin"] == "Hạ Long"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full is a thing of Linux")
@pytest.mark.parametrize("arguments", [("--help",), ("scan", "{folder}"), ("scan", "{folder}", "--json")])
def test_an_output_that_is_full_is_an_error_of_the_environment(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    folder = write_definition(tmp_path / "definition")
    (folder / "archive").mkdir()
    command = [sys.executable, "-m", "catalog_builder", *(a.format(folder=folder) for a in arguments)]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 3 and "release.disk" in done.stderr and "Traceback" not in done.stderr


def test_an_archive_without_imagery_says_where_it_was_looked_for(tmp_path: Path) -> None:
    folder = write_definition(tmp_path / "definition")
    (folder / "archive").mkdir()
    for command in ("scan", "build"):
        assert f"No imagery was found in {folder.resolve() / 'archive'}." in run(command, folder, "--jobs", "0").stdout


def test_a_scene_that_is_put_aside_is_not_counted_as_built(tmp_path: Path) -> None:
    folder = write_definition(tmp_path / "definition")
    (folder / "archive").mkdir()
    (folder / "archive/broken_20210605.tif").write_bytes(b"")
    assert "0 scenes built, 0 unchanged, 1 quarantined, 0 withdrawn." in run("build", folder, "--jobs", "0").stdout


def test_a_template_says_where_it_belongs(tmp_path: Path) -> None:
    folder = write_definition(tmp_path / "definition")
    write_scene(folder / "archive/undated.tif", seed=1, size=64)
    inside, outside = folder / "overrides/todo.toml", tmp_path / "todo.toml"
    assert "then run this command again" in run("scan", folder, "--jobs", "0", "--write-overrides", inside).stdout
    told = run("scan", folder, "--jobs", "0", "--write-overrides", outside).stdout
    assert f"put it into {folder.resolve() / 'overrides'}" in told


def test_a_pipe_gets_a_line_per_scene_however_long_its_name_is(tmp_path: Path) -> None:
    folder = write_definition(tmp_path / "definition")
    name = "a_long_name_of_a_scene_" * 3 + "20210605"
    write_scene(folder / f"archive/{name}.tif", seed=1, size=64)
    heading, line = run("scan", folder, "--jobs", "0").stdout.splitlines()[:2]
    assert line.startswith(f"{name}  ") and heading.index("what will happen") == line.index("build")


def test_a_collection_with_the_name_of_a_folder_of_the_site_is_told_before_work_begins(tmp_path: Path) -> None:
    folder = write_definition(tmp_path / "definition")
    (folder / "collections/scenes.toml").rename(folder / "collections/search.toml")
    (folder / "catalog.toml").write_text((folder / "catalog.toml").read_text().replace('"scenes"', '"search"'))
    for command in ("scan", "build"):
        done = run(command, folder, "--jobs", "0")
        assert done.returncode == 2 and "site.reserved-name" in done.stderr and not (folder / "store").exists()


def test_init_takes_a_licence_that_catalogues_can_state(tmp_path: Path) -> None:
    done = run("init", tmp_path / "x", "--license", "CC BY 4.0")
    assert done.returncode == 2 and "CC-BY-4.0, or other" in done.stderr and not (tmp_path / "x").exists()
    assert run("init", tmp_path / "x", "--license", "other").returncode == 0


def test_progress_is_told_in_the_language_of_the_reader(tmp_path: Path) -> None:
    folder = write_definition(tmp_path / "definition")
    (folder / "archive").mkdir()
    (folder / "archive/broken_20210605.tif").write_bytes(b"")
    assert "reading: 1/1" in run("scan", folder, "--jobs", "0").stderr
    (folder / "archive/broken_20210605.tif").write_bytes(b"0")
    assert "đọc siêu dữ liệu: 1/1" in run("--lang", "vi", "scan", folder, "--jobs", "0").stderr


def test_every_stage_is_in_the_list_that_is_translated() -> None:
    titles = {t for path in PACKAGE.rglob("*.py") for t in re.findall(r'\.stage\("([^"]+)"', path.read_text("utf-8"))}
    assert titles == set(STAGES)


def test_what_may_not_be_written_is_told_by_its_folder() -> None:
    denied = PermissionError(13, "Permission denied", "/data/lists/.372-53.part.csv")
    told = _of_system(denied)
    assert (told.code, told.subject) == ("environment.no-right", "/data/lists")
    assert _of_system(OSError(28, "No space left on device", "/data/x.csv")).subject == "/data/x.csv"
