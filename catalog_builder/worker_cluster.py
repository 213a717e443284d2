"""Work on other machines: the executor of a Dask cluster.

A worker that dies is the scheduler's business: it gives the task to another one. A scheduler that is gone ends the command, because
no task can be done any more and none of them is to blame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from typing import Any, ParamSpec, TypeVar

from catalog_builder.errors import EnvironmentProblem
from catalog_builder.findings import FindingType, Severity
from catalog_builder.i18n import N_
from catalog_builder.worker_processes import LocalWorkers

P = ParamSpec("P")
T = TypeVar("T")

WORKER_SECONDS = 60
"""How long to wait for the first worker of a scheduler that answers."""

NO_CLUSTER = FindingType(
    "workers.no-cluster",
    Severity.ERROR,
    N_("Work was to go to the cluster at {scheduler}, but the package distributed is not installed here."),
    N_("Install catalog-builder with the extra cluster (pip install 'catalog-builder[cluster]'), or leave out --scheduler."),
)
CLUSTER_UNREACHABLE = FindingType(
    "workers.cluster-unreachable",
    Severity.ERROR,
    N_("The scheduler at {scheduler} does not answer: {problem}."),
    N_("Check the address and that the scheduler runs, or leave out --scheduler to work on this machine."),
)
CLUSTER_EMPTY = FindingType(
    "workers.cluster-empty",
    Severity.ERROR,
    N_("The scheduler at {scheduler} has had no worker for {seconds} seconds."),
    N_("Start a worker on at least one machine (dask worker {scheduler}), or leave out --scheduler to work on this machine."),
)
CLUSTER_LOST = FindingType(
    "workers.cluster-lost",
    Severity.ERROR,
    N_("The scheduler at {scheduler} went away while work was being done. What was finished is kept; nothing was published."),
    N_("Start the scheduler and its workers again and run the same command: it goes on where it stopped."),
)


class ClusterExecutor(Executor):
    """Tasks go to the cluster of ``client`` (a ``distributed.Client``); each runs in a guarded child of the Dask worker, so limits
    hold there too. A future fails with :class:`EnvironmentProblem` when the cluster is lost."""

    def __init__(self, client: Any, scheduler: str) -> None:
        self._client, self._scheduler = client, scheduler
        self._lost = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Send ``fn(*args, **kwargs)`` to the cluster."""
        answer: Future[T] = Future()
        try:
            asked = self._client.submit(run_guarded, fn, args, kwargs, pure=False)
            asked.add_done_callback(partial(self._deliver, answer))
        except Exception as error:  # the client fails in many ways once its scheduler is gone
            answer.set_exception(self._loss(error))
        else:
            answer.add_done_callback(partial(self._withdraw, asked))
        return answer

    def _deliver(self, answer: Future[T], asked: Any) -> None:
        """Pass on what became of a task. One that has not failed itself and has no result was lost with its scheduler."""
        if not answer.set_running_or_notify_cancel():
            return
        try:
            answer.set_result(asked.result())
        except Exception as error:  # the task's own, or any of the ways in which a connection ends
            answer.set_exception(error if asked.status == "error" else self._loss(error))

    def _withdraw(self, asked: Any, answer: Future[T]) -> None:
        if answer.cancelled() and not self._lost:
            asked.cancel()

    def _loss(self, cause: Exception) -> EnvironmentProblem:
        self._lost = True
        problem = EnvironmentProblem(CLUSTER_LOST("--scheduler", scheduler=self._scheduler))
        problem.__cause__ = cause
        return problem


def run_guarded(fn: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
    """Run a task in a child of this process (on a Dask worker)."""
    return _children_of_this_process().submit(fn, *args, **kwargs).result()


@cache
def _children_of_this_process() -> LocalWorkers:
    return LocalWorkers()


@contextmanager
def open_cluster(scheduler: str) -> Iterator[Executor]:
    """The executor of the cluster at ``scheduler`` (``tcp://host:port``).

    Raises:
        EnvironmentProblem: Dask is not installed, nobody answers, or there are no workers.
    """
    try:
        import distributed
    except ImportError:
        raise EnvironmentProblem(NO_CLUSTER("--scheduler", scheduler=scheduler)) from None
    with ExitStack() as stack:
        try:
            client = stack.enter_context(distributed.Client(scheduler))  # type: ignore[no-untyped-call]
            _require_workers(client, scheduler)
        except (OSError, ValueError) as error:
            problem = CLUSTER_UNREACHABLE("--scheduler", scheduler=scheduler, problem=str(error))
            raise EnvironmentProblem(problem) from error
        yield ClusterExecutor(client, scheduler)


def _require_workers(client: Any, scheduler: str) -> None:
    try:
        client.wait_for_workers(1, timeout=WORKER_SECONDS)
    except TimeoutError as error:
        raise EnvironmentProblem(CLUSTER_EMPTY("--scheduler", scheduler=scheduler, seconds=WORKER_SECONDS)) from error
