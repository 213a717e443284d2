"""Child processes for tasks that may hang, run out of memory or die without taking anything else along."""

from __future__ import annotations

import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Generic, ParamSpec, TypeVar

from catalog_builder.worker_child import COMMAND, Reply, ReplyKind, read_frame, write_frame

P = ParamSpec("P")
T = TypeVar("T")

ENVIRONMENT = {
    "GDAL_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(128 << 20),
}
"""Environment of a child: one process per core is the measured best for many scenes, so nothing inside starts threads of its own.
Few malloc arenas, because each reserves address space that counts against the memory limit; and the C library keeps what a scene gave
back for the next one (mallopt(3)), because getting clean pages from the system took a tenth of the time of a small scene."""


class TaskTimeout(Exception):
    """The task took longer than ``seconds`` of wall time and was killed."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds

    def __str__(self) -> str:
        return f"stopped after {self.seconds:g} s"


class WorkerDied(Exception):
    """The process of the task ended before the task did: a crash in a library, or the system killed it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class OutOfMemory(WorkerDied):
    """The task needed more memory than its limit."""


@dataclass(frozen=True, slots=True)
class Limited(Generic[P, T]):
    """``fn`` with limits: wall seconds and bytes of address space. Called directly it simply calls ``fn``."""

    fn: Callable[P, T]
    seconds: float | None = None
    memory_bytes: int | None = None

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.fn(*args, **kwargs)


@dataclass(slots=True)
class _Task:
    future: Future[Any]
    fn: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    seconds: float | None
    memory_bytes: int | None


class LocalWorkers(Executor):
    """Up to ``jobs`` child processes, each running one task at a time; no more than there have been tasks to do at once.

    A task that exceeds its limits (its own as :class:`Limited`, else ``seconds`` and ``memory_bytes``) or whose child dies fails
    only its own future, with :class:`TaskTimeout`, :class:`WorkerDied` or :class:`OutOfMemory`; the child is replaced.
    Tasks and results are pickled; functions must be importable by name.
    """

    def __init__(self, jobs: int | None = None, seconds: float | None = None, memory_bytes: int | None = None) -> None:
        self.jobs = jobs or os.cpu_count() or 1
        self.seconds, self.memory_bytes = seconds, memory_bytes
        self._queue: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._slots: list[_Slot] = []
        self._unfinished = 0
        self._lock = threading.Lock()
        self._closed = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Queue ``fn(*args, **kwargs)``."""
        seconds, memory = self.seconds, self.memory_bytes
        call: Callable[..., T] = fn
        if isinstance(fn, Limited):
            call, seconds, memory = fn.fn, fn.seconds or seconds, fn.memory_bytes or memory
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError("the workers are shut down")
            self._queue.put(_Task(future, call, args, kwargs, seconds, memory))
            self._unfinished += 1
            if len(self._slots) < min(self.jobs, self._unfinished):
                self._slots.append(_Slot(self._queue, self._finished))
        return future

    def _finished(self) -> None:
        """Told before the result, so that who has waited for it and comes with the next task finds a child that is free."""
        with self._lock:
            self._unfinished -= 1

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more tasks; with ``cancel_futures`` drop those that have not started."""
        with self._lock:
            self._closed = True
            if cancel_futures:
                self._drain()
            for _ in self._slots:
                self._queue.put(None)
        if wait:
            for slot in self._slots:
                slot.thread.join()

    def abort(self) -> None:
        """Stop at once: drop what waits, kill what runs (its futures fail with :class:`WorkerDied`)."""
        with self._lock:
            self._closed = True
            self._drain()
            slots = list(self._slots)
        for slot in slots:
            slot.abort()
        self.shutdown(wait=True)

    def _drain(self) -> None:
        with suppress(queue.Empty):
            while True:
                task = self._queue.get_nowait()
                if task is not None:
                    task.future.cancel()


class _Slot:
    """A thread that feeds one child process, and replaces it when it dies."""

    def __init__(self, tasks: queue.SimpleQueue[_Task | None], finished: Callable[[], None]) -> None:
        self._tasks, self._finished = tasks, finished
        self._child: _Child | None = None
        self._aborted = False
        self.thread = threading.Thread(target=self._run, name="catalog-builder-worker", daemon=True)
        self.thread.start()

    def abort(self) -> None:
        self._aborted = True
        if (child := self._child) is not None:
            child.kill()

    def _run(self) -> None:
        with suppress(WorkerDied, OSError):  # is tried again with a task, which then fails of it
            self._child = _Child()
        while (task := self._tasks.get()) is not None:
            if task.future.set_running_or_notify_cancel():
                self._do(task)
            else:
                self._finished()
            del task
        if self._child is not None:
            self._child.close()

    def _do(self, task: _Task) -> None:
        try:
            result = self._answer(task)
        except BaseException as error:  # the future carries it to whoever asked
            self._finished()
            task.future.set_exception(error)
        else:
            self._finished()
            task.future.set_result(result)

    def _answer(self, task: _Task) -> Any:
        request = pickle.dumps((task.fn, task.args, task.kwargs, task.memory_bytes))
        reply = self._exchange(request, task.seconds)
        if reply.kind is ReplyKind.NO_MEMORY and reply.used:  # what earlier tasks left behind must not decide this one
            reply = self._exchange(request, task.seconds)
        if reply.kind is ReplyKind.RESULT:
            return reply.value
        if reply.kind is ReplyKind.NO_MEMORY:
            raise OutOfMemory("out of memory")
        raise reply.value

    def _exchange(self, request: bytes, seconds: float | None) -> Reply:
        if self._child is None:
            self._child = _Child()
        child = self._child
        try:
            if self._aborted:  # looked at after the child can be seen, so that abort() either kills it or is seen here
                raise WorkerDied("stopped")
            reply = child.exchange(request, seconds)
        except BaseException:
            self._child = None
            child.kill()
            child.close()
            raise
        if reply.kind is ReplyKind.NO_MEMORY:
            self._child = None
            child.close()
        return reply


class _Child:
    """A child process and its two pipes."""

    def __init__(self) -> None:
        path = os.pathsep.join(p or str(Path.cwd()) for p in sys.path)
        environment = {**os.environ, **ENVIRONMENT, "PYTHONPATH": path}
        command = [sys.executable, "-P", "-c", COMMAND]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)
        try:
            self._receive()
        except WorkerDied:
            self.close()
            raise

    def exchange(self, request: bytes, seconds: float | None) -> Reply:
        """Send a task and wait for its reply.

        Raises:
            TaskTimeout: no reply in ``seconds``; the child is dead.
            WorkerDied: the child ended.
        """
        clock = _Clock(seconds, self.kill)
        try:
            with suppress(BrokenPipeError):  # the missing reply tells more
                write_frame(_pipe(self._process.stdin), request)
            reply = self._receive()
        except WorkerDied:
            clock.stop()
            if clock.struck and seconds is not None:
                raise TaskTimeout(seconds) from None
            raise
        clock.stop()
        if clock.struck and seconds is not None:
            raise TaskTimeout(seconds)
        return reply

    def kill(self) -> None:
        self._process.kill()

    def close(self) -> None:
        """Let the child end and free its pipes."""
        with suppress(BrokenPipeError):
            _pipe(self._process.stdin).close()
        self._process.wait()
        _pipe(self._process.stdout).close()

    def _receive(self) -> Reply:
        frame = read_frame(_pipe(self._process.stdout))
        if frame is None:
            code = self._process.wait()
            raise WorkerDied(f"killed by signal {-code}" if code < 0 else f"ended with code {code}")
        reply = pickle.loads(frame)
        if not isinstance(reply, Reply):
            raise WorkerDied("sent something else than a reply")
        return reply


class _Clock:
    """Calls ``strike`` once after ``seconds``, unless stopped before."""

    def __init__(self, seconds: float | None, strike: Callable[[], None]) -> None:
        self.struck = False
        self._strike = strike
        self._timer = None if seconds is None else threading.Timer(seconds, self._ring)
        if self._timer is not None:
            self._timer.daemon = True
            self._timer.start()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()

    def _ring(self) -> None:
        self.struck = True
        self._strike()


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None  # both are asked for as pipes
    return stream
