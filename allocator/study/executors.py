"""Where a sweep's points are solved: in this process, in processes of this machine, or anywhere.

Points go out a few at a time and come back in order, so that what is written does not depend on who
solved what, or when. A worker that dies takes nothing with it: what it had is given out again.
"""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib import import_module
from typing import Any

from allocator.errors import Fault, MissingInputError, StoppedError, UsageError
from allocator.study.plan import Plan
from allocator.study.points import Chunk, Packed, Solver, solve_range
from allocator.study.pool import processes

__all__ = ["CHUNK", "Workers", "chunks", "given", "workers"]

Workers = Callable[[], AbstractContextManager[Executor | None]]
"""Makes an executor for a while; None is this process. It is called again when one breaks."""

CHUNK = 32
"""Points given out at once."""
_WINDOW = 32
_TRIES = 3


def given(executor: Executor | None) -> Workers:
    """An executor of the caller's own; it is left open."""
    return lambda: nullcontext(executor)


def workers(name: str = "", jobs: int | None = None) -> Workers:
    """Executors by name: ``""`` processes of this machine, ``dask`` a dask cluster on it,
    ``dask://host:port`` the cluster of the scheduler there.

    >>> workers("dsk")
    Traceback (most recent call last):
    allocator.errors.UsageError: --executor dsk: no such executor; expected processes, dask or ...
    """
    if name in ("", "processes"):
        return lambda: processes(jobs)
    kind, _, address = name.partition("://")
    if kind != "dask" or (address and ":" not in address):
        expected = "processes, dask or dask://host:port"
        raise UsageError(Fault("executor", f"--executor {name}: no such executor", expected))
    return lambda: _dask(address, jobs)


@contextmanager
def _dask(address: str, jobs: int | None) -> Iterator[Executor]:
    """An executor of a dask cluster: one that is there, or one of this machine's own."""
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        remedy = "pip install 'bosett[dask]'"
        fault = Fault("executor.dask", "dask is not installed", remedy=remedy)
        raise MissingInputError(fault) from None
    if address:
        try:
            _knock(address)
            client = distributed.Client(f"tcp://{address}", timeout="10s")
        except OSError as error:
            why = error.strerror or str(error).splitlines()[0]
            told = f"no dask scheduler answers at {address} ({why})"
            remedy = "'dask scheduler --host HOST --port PORT' starts one"
            raise MissingInputError(Fault("executor.dask", told, remedy=remedy)) from None
        with client:
            yield client.get_executor(pure=False)
        return
    with (
        distributed.LocalCluster(
            n_workers=jobs or 2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client.get_executor(pure=False)


def _knock(address: str) -> None:
    """See whether anybody listens there at all: dask would try for long, and noisily."""
    host, _, port = address.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise UsageError(Fault("executor", f"--executor dask://{address}: '{port}' is no port"))
    with socket.create_connection((host, int(port)), timeout=5):
        pass


def chunks(plan: Plan, start: int, make: Workers, *, size: int = CHUNK) -> Iterator[Chunk]:
    """The points of a plan from ``start`` on, solved, in order.

    Raises :class:`StoppedError` when workers die again and again over the same points.
    """
    tries = 0
    while start < len(plan):
        with make() as executor:
            try:
                for chunk in _in_order(plan, start, executor, size):
                    yield chunk
                    start, tries = chunk.stop, 0
            except (BrokenExecutor, CancelledError, _lost()) as error:
                tries += 1
                if tries == _TRIES:
                    told = (
                        f"workers died {tries} times over points {start} to "
                        f"{min(start + size * _WINDOW, len(plan)) - 1} ({type(error).__name__})"
                    )
                    raise StoppedError(
                        Fault("sweep.workers", told, remedy="is there memory enough for each?")
                    ) from None


def _in_order(plan: Plan, start: int, executor: Executor | None, size: int) -> Iterator[Chunk]:
    parts = ((at, min(at + size, len(plan))) for at in range(start, len(plan), size))
    if executor is None:
        solver = Solver(plan)
        yield from (solver.chunk(*part) for part in parts)
        return
    out: deque[Future[Chunk]] = deque()
    packed = Packed.of(plan)
    try:
        for part in parts:
            out.append(executor.submit(solve_range, packed, *part))
            if len(out) == _WINDOW:
                yield out.popleft().result()
        while out:
            yield out.popleft().result()
    finally:
        for future in out:
            future.cancel()


def _lost() -> type[BaseException]:
    """What dask raises when a task's workers have died too often."""
    import sys

    scheduler = sys.modules.get("distributed.scheduler")
    lost: type[BaseException] = getattr(scheduler, "KilledWorker", BrokenExecutor)
    return lost
