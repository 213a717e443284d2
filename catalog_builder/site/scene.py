"""A scene as its pages read it: once, for all languages and for the pages of its neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from catalog_builder.definition.model import Definition
from catalog_builder.release.model import PlacedItem
from catalog_builder.site.reading import AssetView, assets_of, mapping
from catalog_builder.stac.model import Json

KEPT = 64
"""Scenes that are kept read: pages are made newest first, and the scene to compare with is seldom far away."""


per_scene = lru_cache(maxsize=KEPT)
"""For functions of a scene alone: what all languages share is worked out once."""


@dataclass(frozen=True, eq=False)
class Scene:
    """What the facts are made from."""

    item: PlacedItem
    json: Json
    definition: Definition

    @cached_property
    def properties(self) -> Json:
        return dict(mapping(self.json.get("properties")))

    @cached_property
    def assets(self) -> tuple[AssetView, ...]:
        return assets_of(self.json, self.item.folder)

    @cached_property
    def main_asset(self) -> AssetView | None:
        """The asset with the image data: the first with role ``data``, else the first with bands."""
        return next((a for a in self.assets if "data" in a.roles), next((a for a in self.assets if a.bands), None))


class Scenes:
    """Reads scenes."""

    def __init__(self, definition: Definition) -> None:
        self._read = lru_cache(KEPT)(lambda item: Scene(item, item.load(), definition))

    def __call__(self, item: PlacedItem) -> Scene:
        return self._read(item)
