"""The pages of a scene as something that can be sent to another process: what they show, without the release it was cut out of."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any, TypeAlias

from catalog_builder.release.model import Page, PlacedItem
from catalog_builder.site.scene import KEPT, Scenes
from catalog_builder.site.setting import Setting
from catalog_builder.site.shown import ShownScene
from catalog_builder.site.wording import Wording

Drawer: TypeAlias = Callable[[Setting, ShownScene, Scenes, Wording], Page]
"""A function of a module that makes one kind of page."""


@dataclass(frozen=True, slots=True, eq=False)
class ScenePage:
    """Makes a page of the scene ``shown``. Sent to another process, it takes along the JSON of the scenes that pages read."""

    draw: Drawer
    setting: Setting
    shown: ShownScene
    scenes: Scenes
    say: Wording

    def __call__(self) -> Page:
        return self.draw(self.setting, self.shown, self.scenes, self.say)

    def __reduce__(self) -> tuple[Any, ...]:
        shown = self.shown
        carried = replace(
            shown,
            item=_carried(shown.item),
            before=shown.before and _carried(shown.before),
            neighbours=tuple(replace(n, item=_named(n.item)) for n in shown.neighbours),
        )
        return _arrived, (self.draw, _told(self.setting), carried, self.say)


@lru_cache(maxsize=KEPT)  # the pages of a scene in all languages take it along once
def _carried(item: PlacedItem) -> PlacedItem:
    """``item`` with its JSON."""
    return replace(item, load=partial(dict, item.load()))


@lru_cache(maxsize=KEPT)
def _named(item: PlacedItem) -> PlacedItem:
    """``item`` without its JSON, for pages that only name it."""
    return replace(item, load=dict)


@lru_cache(maxsize=1)
def _told(setting: Setting) -> bytes:
    return pickle.dumps((setting.definition, setting.audience, bool(setting.has_places)))


@lru_cache(maxsize=1)
def _here(told: bytes) -> tuple[Setting, Scenes]:
    """The setting in this process: one for all pages, so that what depends on it is worked out once."""
    definition, audience, has_places = pickle.loads(told)
    return Setting(definition, audience, has_places), Scenes(definition)


def _arrived(draw: Drawer, told: bytes, shown: ShownScene, say: Wording) -> ScenePage:
    setting, scenes = _here(told)
    return ScenePage(draw, setting, shown, scenes, say)
