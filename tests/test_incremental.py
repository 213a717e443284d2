"""A build costs what changed: what depends on a change is made again, and nothing else is."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from catalog_builder import publish, scene
from catalog_builder.archive.scan import scan
from catalog_builder.build import BuildOptions, BuildResult, build, largest_first, with_threads
from catalog_builder.cli import cli
from catalog_builder.definition import load_definition
from catalog_builder.definition.assign import Assignment, assign
from catalog_builder.planning import Planner, Reason
from catalog_builder.progress import Progress
from catalog_builder.raster import convert
from catalog_builder.store import Store
from catalog_builder.workers import InlineExecutor
from tests.archives import write_definition, write_scene
from tests.building import add_scene, archive_of, inodes, make, tree


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return archive_of(tmp_path / "definition")


@pytest.fixture
def built(archive: Path) -> Path:
    make(archive)
    return archive


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def products(folder: Path) -> dict[str, int]:
    """Inode of every product in the store: a conversion makes new ones."""
    return {name: inode for name, inode in inodes(folder / "store/scenes").items() if name.endswith((".tif", ".jpg"))}


def item(folder: Path, scene_id: str) -> dict[str, object]:
    [path] = (folder / "site").rglob(f"{scene_id}/{scene_id}.json")
    data: dict[str, object] = json.loads(path.read_text())
    return data


def as_if_from_nothing(folder: Path) -> None:
    """The incremental release is byte for byte the one that a first build would make."""
    make(folder, store="store-fresh")
    assert tree(folder / "site") == tree(folder / "site-fresh")


def test_nothing_changed_nothing_done(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = inodes(built / "site")
    monkeypatch.setattr("catalog_builder.build.scan", _never)
    again = make(built)
    assert (again.built, again.changed, again.items, again.reused) == ((), False, 2, 2)
    assert inodes(built / "site") == before


def _never(*_: object, **__: object) -> BuildResult:
    raise AssertionError("this must not be called")


def test_large_scenes_are_made_first_and_a_lone_one_gets_all_cores(tmp_path: Path) -> None:
    folder = archive_of(tmp_path / "definition", 2)
    write_scene(folder / "archive/bay/HaLong_20210305.tif", seed=3, size=64)
    definition = load_definition(folder)
    scanned = scan((folder / "archive",), tmp_path / "work", (), InlineExecutor(), Progress())
    planner = Planner(definition, tmp_path / "store")
    tasks = [planner.plan(d, a) for d in scanned.deliveries if isinstance(a := assign(d, definition), Assignment)]
    ordered = largest_first(tasks)
    assert [t.delivery.id for t in ordered] == ["HaLong_20210305", "HaLong_20210105", "HaLong_20210205"]
    assert [t.options.threads for t in with_threads(ordered, 2)] == [1, 1, 1]
    assert [t.options.threads for t in with_threads(ordered[:1], 2)] == [2]
    assert [t.pixel_key for t in with_threads(ordered[:1], 2)] == [ordered[0].pixel_key]


def test_findings_are_told_again_when_nothing_has_changed(built: Path) -> None:
    (built / "archive/notes.xyz").write_text("?")
    first = make(built)
    assert first.findings and make(built).findings == first.findings


def test_a_new_scene_touches_only_what_mentions_it(built: Path) -> None:
    before, made = inodes(built / "site"), products(built)
    add_scene(built, 3)
    result = make(built)
    assert result.built == ("HaLong_20210305",) and result.reasons == {"HaLong_20210305": (Reason.NEW,)}
    after = inodes(built / "site")
    kept = {name for name in before if after.get(name) == before[name]}
    assert {name for name in before if name.endswith((".tif", ".jpg"))} <= kept
    assert "scenes/2021/01/HaLong_20210105/HaLong_20210105.json" in kept and "scenes/2021/01/catalog.json" in kept
    assert not {"catalog.json", "scenes/collection.json", "scenes/2021/catalog.json", "scenes/items.parquet", "items.parquet"} & kept
    assert products(built).items() >= made.items()
    as_if_from_nothing(built)


def test_a_changed_source_makes_only_its_scene_again(built: Path) -> None:
    made = products(built)
    add_scene(built, 1, seed=77)
    result = make(built)
    assert result.reasons == {"HaLong_20210105": (Reason.SOURCES,)}
    now = products(built)
    assert {n for n in now if now[n] == made.get(n)} == {n for n in made if "HaLong_20210205" in n}
    as_if_from_nothing(built)


def test_a_moved_scene_keeps_its_pixels(built: Path) -> None:
    source = built / "archive/bay/HaLong_20210105.tif"
    (built / "archive/other").mkdir()
    source.rename(built / "archive/other" / source.name)
    result = make(built)
    assert result.items == 2 and result.withdrawn == ()
    as_if_from_nothing(built)


def test_policy_is_rewritten_without_reading_a_pixel(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = products(built)
    monkeypatch.setattr(scene, "convert", _never)
    edit(built / "collections/scenes.toml", 'license = "CC-BY-4.0"', 'license = "CC0-1.0"')
    result = make(built)
    assert set(result.reasons.values()) == {(Reason.POLICY,)} and result.changed
    assert products(built) == made
    assert item(built, "HaLong_20210105")["properties"]["license"] == "CC0-1.0"  # type: ignore[index]
    monkeypatch.setattr(scene, "convert", convert.convert)
    as_if_from_nothing(built)


def test_an_override_is_rewritten_without_reading_a_pixel(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scene, "convert", _never)
    (built / "overrides").mkdir()
    (built / "overrides/a.toml").write_text(
        '[[override]]\npath = "bay/HaLong_20210105.tif"\nplatform = "SPOT-7"\nby = "Office"\non = 2026-01-31\nreason = "label"\n'
    )
    result = make(built)
    assert result.built == ("HaLong_20210105",)
    assert item(built, "HaLong_20210105")["properties"]["platform"].lower() == "spot-7"  # type: ignore[index]


def test_the_title_of_the_catalogue_makes_no_scene_again(built: Path) -> None:
    edit(built / "catalog.toml", "Test archive", "Renamed archive")
    edit(built / "catalog.toml", "Kho thử", "Kho đổi tên")
    result = make(built)
    assert result.built == () and result.changed
    as_if_from_nothing(built)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('en = "Scenes"', 'en = "All scenes"'),
        ('en = "All scenes."', 'en = "Every scene."'),
        ('access = "public"', 'access = "public"\norder = 7'),
        ("[[providers]]", '[[match]]\npath = ["bay/*"]\n[[providers]]'),
    ],
)
def test_what_items_do_not_repeat_of_their_collection_makes_no_scene_again(built: Path, old: str, new: str) -> None:
    edit(built / "collections/scenes.toml", old, new)
    assert make(built).built == ()
    as_if_from_nothing(built)


def test_a_register_row_that_nobody_names_makes_no_scene_again(built: Path) -> None:
    (built / "registers").mkdir(exist_ok=True)
    header = "code,name_vi,name_en,role,address,phone,email,url,valid_from,valid_to,successor,source,verified\n"
    rows = {code: f"{code},Sở {code},Dept {code},,,,,,,,,test,verified\n" for code in ("alpha", "beta")}
    register = built / "registers/agencies.csv"
    edit(built / "collections/scenes.toml", 'name = "Agency"', 'agency = "alpha"')
    register.write_text(header + rows["alpha"])
    assert make(built).reasons["HaLong_20210105"] == (Reason.POLICY,)
    register.write_text(header + rows["alpha"] + rows["beta"])
    assert make(built).built == ()
    register.write_text(header + rows["alpha"].replace("Sở", "Chi cục") + rows["beta"])
    assert len(make(built).built) == 2
    as_if_from_nothing(built)


def test_a_preset_converts_again(built: Path) -> None:
    made = products(built)
    edit(built / "collections/scenes.toml", "[[providers]]", '[presets]\nimage = "image-16bit-zstd"\n[[providers]]')
    result = make(built)
    assert all(Reason.OPTIONS in why for why in result.reasons.values()) and len(result.built) == 2
    assert not set(products(built)) & set(made), "the old products were not removed"
    as_if_from_nothing(built)


def test_new_software_converts_again(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("catalog_builder.planning", "catalog_builder.publish", "catalog_builder.snapshot"):
        monkeypatch.setattr(f"{module}.software", lambda: ("catalog-builder 99",))
    result = make(built)
    assert set(result.reasons.values()) == {(Reason.SOFTWARE,)}


def test_a_template_renders_pages_and_nothing_else(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = inodes(built / "site")
    changed = tmp_path / "templates"
    shutil.copytree(publish.templates_dir(), changed)
    (changed / "note.txt").write_text("a change")
    for module in ("catalog_builder.publish", "catalog_builder.snapshot"):
        monkeypatch.setattr(f"{module}.templates_dir", lambda: changed)
    rendered: list[int] = []
    monkeypatch.setattr(publish, "render", _counting(publish.render, rendered))
    monkeypatch.setattr(scene, "make_item", _never)
    result = make(built)
    assert result.built == () and rendered == [1]
    assert inodes(built / "site") == before


def _counting(render: Callable[..., object], calls: list[int]) -> Callable[..., object]:
    def counted(*arguments: object) -> object:
        calls.append(1)
        return render(*arguments)

    return counted


def test_a_dry_run_says_what_and_why_and_writes_nothing(built: Path) -> None:
    add_scene(built, 1, seed=5)
    add_scene(built, 3)
    (built / "archive/bay/HaLong_20210205.tif").unlink()
    before = tree(built / "site"), tree(built / "store/scenes")
    told = make(built, dry_run=True)
    assert told.reasons == {"HaLong_20210105": (Reason.SOURCES,), "HaLong_20210305": (Reason.NEW,)}
    assert told.withdrawn == ("HaLong_20210205",)
    assert (tree(built / "site"), tree(built / "store/scenes")) == before


def test_the_command_tells_what_and_why(built: Path) -> None:
    add_scene(built, 1, seed=5)
    add_scene(built, 3)
    (built / "archive/bay/HaLong_20210205.tif").unlink()
    spoken = CliRunner().invoke(cli, ["--lang", "en", "build", str(built), "--jobs", "0", "--dry-run"])
    for line in ("+ HaLong_20210105 (source files changed)", "+ HaLong_20210305 (new)", "- HaLong_20210205"):
        assert line in spoken.output
    told = json.loads(CliRunner().invoke(cli, ["build", str(built), "--jobs", "0", "--dry-run", "--json"]).stdout)
    assert told["reasons"] == {"HaLong_20210105": ["sources"], "HaLong_20210305": ["new"]}


def test_a_lost_item_is_made_again(built: Path) -> None:
    lost = next((built / "store/scenes/HaLong_20210105").rglob("item-*.json"))
    lost.unlink()
    (built / "archive/note.txt").write_text("something to look at again")
    result = make(built)
    assert result.reasons == {"HaLong_20210105": (Reason.STORE,)} and not result.changed


@pytest.mark.parametrize("name", ["image.tif", "thumbnail.jpg"])
def test_a_lost_product_is_made_again(built: Path, name: str) -> None:
    """Another site shows it: there the served release has no copy to go on with."""
    next((built / "store/scenes/HaLong_20210105").rglob(name)).unlink()
    shutil.rmtree(built / "site")
    assert make(built, dry_run=True).reasons == {"HaLong_20210105": (Reason.STORE,)}
    result = make(built)
    assert result.reasons == {"HaLong_20210105": (Reason.STORE,)} and result.items == 2
    as_if_from_nothing(built)


def test_a_lost_product_is_not_written_into_a_new_item(built: Path) -> None:
    next((built / "store/scenes/HaLong_20210105").rglob("thumbnail.jpg")).unlink()
    shutil.rmtree(built / "site")
    edit(built / "collections/scenes.toml", 'license = "CC-BY-4.0"', 'license = "CC0-1.0"')
    assert make(built).reasons["HaLong_20210105"] == (Reason.POLICY,)
    as_if_from_nothing(built)


def test_products_that_nothing_describes_are_made_again(built: Path) -> None:
    next((built / "store/scenes/HaLong_20210105").rglob("raster.json")).write_text("{}")
    edit(built / "collections/scenes.toml", 'license = "CC-BY-4.0"', 'license = "CC0-1.0"')
    result = make(built)
    assert len(result.built) == 2 and result.quarantined == ()
    as_if_from_nothing(built)


def test_what_was_lost_with_the_journal_is_tidied_away(built: Path) -> None:
    (built / "store/journal.ndjson").unlink()
    (built / "archive/bay/HaLong_20210105.tif").unlink()
    make(built, allow_shrink=True)
    assert [p.name for p in (built / "store/scenes").iterdir()] == ["HaLong_20210205"]


@pytest.mark.parametrize("name", ["image.tif", "index.html"])
def test_a_served_file_that_is_missed_is_given_back(built: Path, name: str) -> None:
    """Also by a release that is the served one."""
    lost = built / "site/scenes/2021/01/HaLong_20210105" / name
    lost.unlink()
    os.utime(built / "archive/bay/HaLong_20210105.tif", (1_700_000_000, 1_700_000_000))
    result = make(built)
    assert not result.changed and lost.is_file()
    assert ("build.served-damaged", lost.relative_to(built / "site").as_posix()) in [(f.code, f.subject) for f in result.findings]
    as_if_from_nothing(built)


def test_going_back_gives_the_old_release(built: Path) -> None:
    """The journal and the items always agree, whatever order policies come in."""
    first = tree(built / "site")
    for old, new in (("CC-BY-4.0", "CC0-1.0"), ("CC0-1.0", "CC-BY-4.0")):
        edit(built / "collections/scenes.toml", old, new)
        make(built)
    assert tree(built / "site") == first


def test_a_scene_that_becomes_internal_leaves_every_page(built: Path) -> None:
    add_scene(built, 3)
    make(built)
    (built / "overrides").mkdir()
    (built / "overrides/a.toml").write_text(
        '[[override]]\npath = "bay/HaLong_20210105.tif"\naccess = "restricted"\nby = "Office"\non = 2026-01-31\nreason = "base"\n'
    )
    result = make(built, allow_shrink=True)
    assert result.items == 2
    assert not [p for p in (built / "site").rglob("*") if p.is_file() and (b"HaLong_20210105" in p.read_bytes() or "20210105" in p.name)]
    as_if_from_nothing(built)


def test_audiences_share_a_store(built: Path) -> None:
    public = tree(built / "site")
    assert make(built, audience="internal").built == ()
    make(built)
    assert tree(built / "site") == public


def test_the_number_of_codec_threads_changes_no_byte_and_no_key(tmp_path: Path) -> None:
    """A lone scene gets the idle cores; whoever builds it again with other cores must not make it again."""
    folder = write_definition(tmp_path / "definition")
    write_scene(folder / "archive/HaLong_20210605.tif", size=1500, bands=4)
    definition = load_definition(folder)
    trees = []
    for jobs in (1, 4):
        places = (tmp_path / f"store{jobs}", tmp_path / f"site{jobs}")
        options = BuildOptions((folder / "archive",), *places, jobs=jobs)
        assert build(definition, options, Progress()).items == 1
        trees.append(tree(places[1]))
    assert trees[0] == trees[1]
    again = build(definition, BuildOptions((folder / "archive",), tmp_path / "store1", tmp_path / "site1", jobs=4), Progress())
    assert again.built == ()


def test_a_record_with_findings_of_another_version_is_looked_at_anew(built: Path) -> None:
    """Its findings could not be explained; its pixels are good."""
    before = tree(built / "site")
    pixels = products(built)
    journal = built / "store/journal.ndjson"
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    lines[0]["findings"].append({"code": "other.version", "severity": "info", "subject": "x", "params": {}})
    journal.write_text("".join(json.dumps(line) + "\n" for line in lines))
    make(built)
    records = Store(built / "store").records()
    assert len(records) == 2 and "other.version" not in {f.code for r in records.values() for f in r.findings}
    assert products(built) == pixels
    assert tree(built / "site") == before


def test_what_a_killed_build_left_is_removed_by_the_next_one_wherever_it_is(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenes = sorted((built / "store/scenes").iterdir())
    left = scenes[0] / "of-another-preset/half.tif"
    left.parent.mkdir()
    left.write_text("half")
    add_scene(built, 9)
    with monkeypatch.context() as killed:
        killed.setattr("catalog_builder.build.publish", _never)
        with pytest.raises(AssertionError, match="must not be called"):
            make(built)
    assert left.exists()
    assert make(built).items == 3
    assert not left.exists()
    as_if_from_nothing(built)
