"""Pages made by several processes: the bytes and the order of one, whatever is due and whatever happens to a process."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice

import pytest

from catalog_builder.release.model import Page, PromisedPage, Release
from catalog_builder.site import ahead, made_ahead, render
from catalog_builder.site.scene import Scenes
from catalog_builder.site.setting import Setting
from catalog_builder.site.shown import ShownScene
from catalog_builder.site.travelling import ScenePage
from catalog_builder.site.wording import Wording
from catalog_builder.times import When
from tests.site import factories as make
from tests.stac import factories as stac


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    root = tmp_path_factory.mktemp("ahead")
    definition = stac.definition(public_address="https://anh.example.vn/kho/")
    days = [datetime(2019, 6, day, 3, tzinfo=UTC) for day in range(1, 7)]
    return make.release(root, [make.scene(root, f"s{d.day}", "spot", definition, when=When.instant(d)) for d in days], definition)


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few pages are many here; a stretch and a batch end in the middle of a scene."""
    monkeypatch.setattr(ahead, "FEW", 3)
    monkeypatch.setattr(ahead, "STRETCH", 17)
    monkeypatch.setattr(ahead, "BATCH", 3)


def of_scenes(pages: Iterable[Page | PromisedPage]) -> Iterator[PromisedPage]:
    """Pages of scenes that nobody has made yet."""
    return (p for p in pages if isinstance(p, PromisedPage) and isinstance(p.make, ScenePage))


def test_several_processes_give_the_pages_of_one_in_the_same_order(release: Release) -> None:
    alone = list(render(release))
    made = list(made_ahead(render(release), lambda _: True, 2))
    assert [(p.path, p.data, getattr(p, "key", None)) for p in made] == [(p.path, p.data, getattr(p, "key", None)) for p in alone]
    assert len(list(of_scenes(alone))) == 22 and len(list(of_scenes(made))) < 3


@pytest.mark.parametrize("jobs", [0, 1, 2])
def test_what_is_not_due_is_not_made(release: Release, jobs: int) -> None:
    left = {p.path for p in of_scenes(made_ahead(render(release), lambda p: "/s3/" in p.path, jobs))}
    assert left >= {p.path for p in of_scenes(render(release)) if "/s3/" not in p.path}


HOME = "CATALOG_BUILDER_TEST_PROCESS"


def dying(setting: Setting, shown: ShownScene, scenes: Scenes, say: Wording) -> Page:
    """Ends every process but that of the test."""
    if os.environ[HOME] != str(os.getpid()):
        os._exit(9)
    return Page("page", f"{shown.item.id} {say.language}".encode())


def test_a_page_whose_process_died_is_made_here(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME, str(os.getpid()))
    pages = [replace(p, make=replace(p.make, draw=dying)) for p in islice(of_scenes(render(release)), 4) if isinstance(p.make, ScenePage)]
    assert [p.data for p in made_ahead(pages, lambda _: True, 2)] == [p.data for p in pages]
