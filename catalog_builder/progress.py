"""Progress of long work: a bar on a terminal, plain lines elsewhere, nothing under ``--json``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from catalog_builder.i18n import N_, translate

STAGES = (N_("files"), N_("headers"), N_("pages"), N_("reading"), N_("scenes"), N_("verifying"))
"""Titles of the stages that commands go through; shown in the language of the reader."""


class Advance(Protocol):
    """Called once per finished piece with a short name of it."""

    def __call__(self, name: str = "") -> None: ...


@dataclass(frozen=True, slots=True)
class Progress:
    """How this run reports progress; ``quiet`` for machines and tests."""

    quiet: bool = True
    language: str = "en"

    @contextmanager
    def stage(self, title: str, total: int) -> Iterator[Advance]:
        """One stage of ``total`` pieces; ``title`` is one of :data:`STAGES`."""
        title = translate(title, self.language)
        if self.quiet or total == 0:
            yield _silent
        elif sys.stderr.isatty():
            with _bar(title, total) as advance:
                yield advance
        else:
            yield _Lines(title, total)


@contextmanager
def _bar(title: str, total: int) -> Iterator[Advance]:
    from rich.console import Console  # here, because workers and logs never need it
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as RichProgress

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with RichProgress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda name="": bar.advance(task)


def _silent(name: str = "") -> None:
    return None


class _Lines:
    """One line at most every tenth of the work, so a log stays readable."""

    def __init__(self, title: str, total: int) -> None:
        self.title, self.total, self.done = title, total, 0

    def __call__(self, name: str = "") -> None:
        self.done += 1
        step = max(1, self.total // 10)
        if self.done % step == 0 or self.done == self.total:
            print(f"{self.title}: {self.done}/{self.total}", file=sys.stderr, flush=True)
