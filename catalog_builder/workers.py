"""The one seam for parallel work: a ``concurrent.futures.Executor``.

:func:`open_executor` gives child processes of this machine (``worker_processes``), or the executor of a Dask cluster
(``worker_cluster``), or one that runs tasks in this process for debugging. A task that reads untrusted files is wrapped in
:class:`Limited`, which every executor honours as far as it can.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from importlib import import_module
from typing import ParamSpec, TypeVar

from catalog_builder.errors import EnvironmentProblem
from catalog_builder.worker_cluster import open_cluster
from catalog_builder.worker_processes import Limited, LocalWorkers, OutOfMemory, TaskTimeout, WorkerDied

__all__ = [
    "InlineExecutor",
    "Limited",
    "LocalWorkers",
    "OutOfMemory",
    "TaskTimeout",
    "WorkerDied",
    "get_ready",
    "map_tasks",
    "open_executor",
]

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R")


class InlineExecutor(Executor):
    """Runs each task in this process when it is submitted: for debuggers and profilers. No limits hold."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # the future carries it to whoever asked
            future.set_exception(error)
        return future


@contextmanager
def open_executor(jobs: int | None, scheduler: str | None = None) -> Iterator[Executor]:
    """The executor for a command: ``jobs`` local processes (None: one per core, 0: in this process), or the Dask cluster at
    ``scheduler`` (``tcp://host:port``). An exception inside the ``with`` stops the work at once.

    Raises:
        EnvironmentProblem: ``scheduler`` is given but cannot be used.
    """
    if scheduler is not None:
        with open_cluster(scheduler) as cluster:
            yield cluster
    elif jobs == 0:
        yield InlineExecutor()
    else:
        workers = LocalWorkers(jobs)
        try:
            yield workers
        except BaseException:
            workers.abort()
            raise
        workers.shutdown(wait=True)


def get_ready(executor: Executor, *modules: str) -> None:
    """Have processes of this machine started and each of ``modules`` loaded in one, which takes up to half a second, while this process
    finds out what there is to do. What may go wrong with it goes wrong with the first task as well, which tells."""
    if isinstance(executor, LocalWorkers):
        for module in modules:
            executor.submit(import_module, module)


def map_tasks(
    executor: Executor,
    fn: Callable[[T], R],
    tasks: Iterable[T],
    on_done: Callable[[T, R | Exception], object] | None = None,
) -> Iterator[tuple[T, R | Exception]]:
    """Each task with its result, or with the exception it failed with, in the order of ``tasks`` whatever finishes first.

    ``on_done`` is called with each task and its outcome the moment it finishes, in the caller's thread: the place to remember
    work that must not be redone. Not consuming to the end cancels the rest.

    Raises:
        EnvironmentProblem: what ended a task would end every other as well.
    """
    order = list(tasks)
    finished: queue.SimpleQueue[int] = queue.SimpleQueue()
    futures: list[Future[R]] = []
    outcomes: dict[int, R | Exception] = {}
    try:
        for i, task in enumerate(order):
            futures.append(executor.submit(fn, task))
            futures[i].add_done_callback(lambda _, i=i: finished.put(i))  # type: ignore[misc]
        for following, task in enumerate(order):
            while following not in outcomes:
                i = finished.get()
                outcome = _outcome(futures[i])
                if on_done is not None:
                    on_done(order[i], outcome)
                outcomes[i] = outcome
            yield task, outcomes.pop(following)
    finally:
        for future in futures:
            future.cancel()


def _outcome(future: Future[R]) -> R | Exception:
    try:
        return future.result()
    except EnvironmentProblem:
        raise
    except Exception as error:  # handed to the caller beside its task
        return error
