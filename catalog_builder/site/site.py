"""The site of one release: what its pages need from more than one item, computed once, and cut to what each page shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property

from catalog_builder.release.model import PlacedCollection, PlacedItem, Release
from catalog_builder.site.charts import years_of
from catalog_builder.site.coverage import Coverage, coverage
from catalog_builder.site.neighbours import Neighbours
from catalog_builder.site.places import places
from catalog_builder.site.reading import mapping, moment
from catalog_builder.site.registers import collection_title
from catalog_builder.site.scene import Scenes
from catalog_builder.site.setting import Setting
from catalog_builder.site.shown import Neighbour, Part, ShownCollection, ShownScene, Step, part, shown_collection, walk
from catalog_builder.site.wording import Wording

PUBLISHED = 100
"""Newest publications that the page of changes and the feed tell."""

CODE_LENGTH, CODE_DIGITS = 12, 4
"""A word this long with this many digits is a vendor's code and not a name."""


class Site(Setting):
    """A release and everything its pages need from more than one item. Read-only after construction."""

    def __init__(self, release: Release) -> None:
        self.release = release
        self.items = release.items
        self.places = places(release.definition, self.items)
        super().__init__(release.definition, release.audience, bool(self.places))

    @cached_property
    def setting(self) -> Setting:
        """What pages have that must not show anything of the release but what they are given."""
        return Setting(self.definition, self.audience, bool(self.places))

    @cached_property
    def scenes(self) -> Scenes:
        return Scenes(self.definition)

    @cached_property
    def coverage(self) -> Coverage | None:
        return coverage(self.items)

    @cached_property
    def neighbours(self) -> Neighbours:
        return Neighbours(self.items)

    @cached_property
    def period(self) -> tuple[int, int] | None:
        """First and last year with scenes."""
        years = years_of(self.items)
        return (min(years), max(years)) if years else None

    @cached_property
    def published(self) -> tuple[tuple[datetime, PlacedItem], ...]:
        """The newest publications with their times. Items are only read when the release was given a time to publish them under."""
        if self.definition.as_of is None:
            return ()
        told = ((mapping(item.load().get("properties")), item) for item in self.items)
        timed = [(when, i) for p, i in told if (when := moment(p.get("updated")) or moment(p.get("published"))) is not None]
        return tuple(sorted(timed, key=lambda entry: (-entry[0].timestamp(), entry[1].collection, entry[1].id))[:PUBLISHED])

    def collection(self, code: str) -> PlacedCollection:
        return next(c for c in self.release.collections if c.id == code)

    def collection_title(self, code: str, say: Wording) -> str:
        return collection_title(self.definition, code, self.collection(code).json, say)

    @cached_property
    def shown_collections(self) -> Mapping[str, ShownCollection]:
        return {c.id: shown_collection(c) for c in self.release.collections}

    @cached_property
    def parts(self) -> Mapping[str, tuple[Part, ...]]:
        """The partitions of each collection."""
        return {c.id: tuple(map(part, c.partitions)) for c in self.release.collections}

    @cached_property
    def _trails(self) -> Mapping[tuple[str, str], tuple[Step, ...]]:
        """For each item (collection, id) the partitions that lead to it from its collection."""
        return {(i.collection, i.id): trail for parts in self.parts.values() for trail, part in walk(parts) for i in part.items}

    def shown_scenes(self) -> Iterator[ShownScene]:
        """What the pages of each scene show, newest scene first."""
        for item in self.items:
            earlier, later = self.neighbours.around(item)
            before = self.neighbours.before(item)
            yield ShownScene(
                item=item,
                collection=self.shown_collections[item.collection],
                trail=self._trails.get((item.collection, item.id), ()),
                neighbours=(
                    *(Neighbour(other, True, other is before) for other in earlier),
                    *(Neighbour(other, False, self.neighbours.before(other) is item) for other in later),
                ),
                before=before,
            )


def spoken_title(item: PlacedItem, say: Wording, precision: str | None = None) -> str:
    """What a person would call a scene. A title that is a vendor's code ("SPOT-7 · DS_SPOT7_2015…") gives way to platform and date;
    the code stays beside it. A title in words stays."""
    code = item.title.rsplit(" ", 1)[-1]
    if len(code) < CODE_LENGTH or sum(map(str.isdigit, code)) < CODE_DIGITS:
        return item.title
    when = say.acquired_day(item.start, item.end, precision)
    return f"{item.platform}, {when}" if item.platform else when


def folder_page(path: str) -> str:
    """The page of a STAC object by the path of its JSON: ``index.html`` in the same folder."""
    folder, _, _ = path.rpartition("/")
    return f"{folder}/index.html" if folder else "index.html"


def compare_path(item: PlacedItem) -> str:
    """The page that compares ``item`` with the scene before it over the same place."""
    return f"{item.folder}/compare/index.html"
