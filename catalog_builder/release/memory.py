"""What earlier releases worked out, so that a release costs what changed and not what exists. Losing any of it loses only time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from catalog_builder.release.known import Known
from catalog_builder.release.rows import Rows
from catalog_builder.release.seals import Seals
from catalog_builder.stac.model import Json
from catalog_builder.store import ABANDONED


@dataclass(frozen=True, slots=True)
class Memory:
    """Items as they were placed, seals of files that would come out the same, rows of ``items.parquet``."""

    items: Known
    seals: Seals
    rows: Rows

    @classmethod
    def nothing(cls) -> Memory:
        """No memory, and none is left."""
        return cls(Known(None, ""), Seals(None, ""), Rows(None, ""))

    @classmethod
    def read(cls, folder: Path, items: str, pages: str, load: Callable[[str], Json]) -> Memory:
        """The memory in ``folder``. ``items`` sums up what the JSON of all items depends on, ``pages`` what all pages depend on;
        ``load`` reads the JSON at a path of the new release.

        Only for the owner of the store's lock: half-written files of a run that was killed are removed.
        """
        for abandoned in folder.rglob(ABANDONED):
            abandoned.unlink()
        known = Known.read(folder / "items.pickle", items, load)
        return cls(known, Seals.read(folder / "pages.seals", pages), Rows(folder / "rows", items))

    def write(self) -> None:
        """Remember this release instead of the one before."""
        self.items.write()
        self.seals.write()
        self.rows.write()
