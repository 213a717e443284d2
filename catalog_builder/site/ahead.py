"""Promised pages made by several processes while the release is being put together, byte for byte as one process makes them.

Pages come out in the order they went in. Only pages of scenes can travel (:mod:`.travelling`); every other one, and all while those that
are due are few, are made where they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from functools import partial
from itertools import islice

from catalog_builder.release.model import Page, PromisedPage
from catalog_builder.site.travelling import ScenePage
from catalog_builder.workers import map_tasks, open_executor

FEW = 1000
"""Pages that one process makes sooner than others are there to help: about a second of work."""

STRETCH = 4096
"""Pages that are looked at together: no more finished ones, 40 kB each, wait in memory."""

BATCH = 64
"""Pages of a task: the scenes of one partition follow each other, so most neighbours are in it once."""


def made_ahead(pages: Iterable[Page | PromisedPage], is_due: Callable[[PromisedPage], bool], jobs: int) -> Iterator[Page | PromisedPage]:
    """``pages`` as they are; those that ``is_due`` says will be asked for are made by ``jobs`` processes (0: in this one)."""
    source = iter(pages)
    with ExitStack() as processes:
        executor: Executor | None = None
        while stretch := list(islice(source, STRETCH)):
            due = [p for p in stretch if isinstance(p, PromisedPage) and isinstance(p.make, ScenePage) and is_due(p)]
            if jobs > 1 and len(due) >= FEW:
                executor = executor or processes.enter_context(open_executor(jobs))
                made = _made(due, executor)
                numbers = {id(page) for page in due}
                yield from (next(made) if id(page) in numbers else page for page in stretch)
            else:
                yield from stretch


def _made(due: Sequence[PromisedPage], executor: Executor) -> Iterator[PromisedPage]:
    """``due`` with pages that are made. Where a process died of its task, this one makes them, or says what is wrong."""
    batches = [due[start : start + BATCH] for start in range(0, len(due), BATCH)]
    tasks = (tuple(page.make for page in batch) for batch in batches)
    for batch, (_, outcome) in zip(batches, map_tasks(executor, _data, tasks), strict=True):
        if isinstance(outcome, Exception):
            yield from batch
        else:
            for page, data in zip(batch, outcome, strict=True):
                yield PromisedPage(page.path, page.key, partial(Page, page.path, data))


def _data(makers: Sequence[Callable[[], Page]]) -> list[bytes]:
    return [make().data for make in makers]
