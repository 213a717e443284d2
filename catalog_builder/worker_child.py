"""What runs inside a child process of :mod:`catalog_builder.workers`: read a task, run it under its limits, send the reply.

Frames on the pipes are eight bytes of length and a pickle. Both ends are the same program, started by the same user: what is
untrusted is the files that a task reads, never the pipe.
"""

from __future__ import annotations

import os
import pickle
import select
import signal
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, Any

from catalog_builder.processes import set_up

COMMAND = f"from {__name__} import serve; serve()"
_LENGTH = struct.Struct(">Q")


class ReplyKind(StrEnum):
    READY = "ready"
    RESULT = "result"
    ERROR = "error"
    NO_MEMORY = "no-memory"


@dataclass(frozen=True, slots=True)
class Reply:
    """``value`` is the result or the exception; ``used`` tells that the child had run tasks before this one."""

    kind: ReplyKind
    value: Any = None
    used: bool = False


class TaskFailed(Exception):
    """Stands for an exception that cannot travel between processes; says its type and message."""


def write_frame(stream: IO[bytes], data: bytes) -> None:
    stream.write(_LENGTH.pack(len(data)))
    stream.write(data)
    stream.flush()


def read_frame(stream: IO[bytes]) -> bytes | None:
    """The next frame; None when the other end is gone."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    data = stream.read(length)
    return data if len(data) == length else None


def serve() -> None:
    """Run tasks until the parent closes the pipe or dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides what it means
    _limit_core_dumps()
    set_up()
    requests, replies = _take_pipes()
    threading.Thread(target=_end_with_parent, args=(requests.fileno(),), daemon=True).start()
    write_frame(replies, pickle.dumps(Reply(ReplyKind.READY)))
    used = False
    while (request := read_frame(requests)) is not None:
        write_frame(replies, _run(request, used))
        used = True


def _end_with_parent(requests: int) -> None:
    """End this process as soon as nobody holds the other end of its pipe, also in the middle of a task: a parent that was killed has its
    task done by somebody else, in the same folder."""
    if sys.platform != "win32":
        watch = select.poll()
        watch.register(requests, 0)  # what ends a pipe is told whatever one asks for
        watch.poll()
        os._exit(1)


def _take_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """The pipes, moved away from standard input and output, which libraries are free to write to and now lead nowhere."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return requests, replies


def _run(request: bytes, used: bool) -> bytes:
    try:
        fn, args, kwargs, memory_bytes = pickle.loads(request)
        with memory_limit(memory_bytes):
            reply = Reply(ReplyKind.RESULT, fn(*args, **kwargs), used)
        return pickle.dumps(reply)
    except MemoryError:
        return pickle.dumps(Reply(ReplyKind.NO_MEMORY, None, used))
    except BaseException as error:  # whatever the task raised is its answer
        return pickle.dumps(Reply(ReplyKind.ERROR, portable(error), used))


def portable(error: BaseException) -> Exception:
    """``error`` if it survives pickling, else a :class:`TaskFailed` that tells of it."""
    try:
        copy = pickle.loads(pickle.dumps(error))
    except Exception:  # any constructor may fail in any way when called with other arguments
        copy = None
    if isinstance(copy, Exception) and type(copy) is type(error) and str(copy) == str(error):
        return copy
    return TaskFailed(f"{type(error).__name__}: {error}")


if sys.platform == "win32":  # pragma: no cover

    @contextmanager
    def memory_limit(memory_bytes: int | None) -> Iterator[None]:
        yield

    def _limit_core_dumps() -> None:
        return None

else:
    import resource

    @contextmanager
    def memory_limit(memory_bytes: int | None) -> Iterator[None]:
        """Limit the address space of this process to ``memory_bytes`` inside the block; allocations beyond fail."""
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        if memory_bytes is None:
            yield
            return
        wanted = memory_bytes if hard == resource.RLIM_INFINITY else min(memory_bytes, hard)
        resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))

    def _limit_core_dumps() -> None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
