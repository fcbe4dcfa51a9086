"""Many tasks over worker processes: results as they come, and a worker that dies costs no other task its result.

Knows executors and nothing of grading. Results arrive in any order; each task gets exactly one.
"""

from __future__ import annotations

import functools
import multiprocessing
import os
import pickle
import signal
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from multiprocessing import forkserver
from typing import Generic, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")
MAX_DEATHS = 2
FORK = multiprocessing.get_context("fork")


class TaskFailed(Exception):
    """What a task raised, in words, where the exception itself can't travel between processes."""


class WorkerDied(Exception):
    """The worker process that held this task died, again and again: the task itself may be what kills it."""


def get_ready(modules: Sequence[str]) -> None:
    """Start the process that forks workers, and don't wait for it: it imports ``modules``, once for all of them."""
    forkserver.set_forkserver_preload(["nabla.startup", *modules])
    forkserver.ensure_running()


def local_pool(workers: int, initializer: Callable[..., None], arguments: tuple) -> Executor:
    """A pool of processes, forked by one of their own: a fork of the coordinator has its threads and open database."""
    context = multiprocessing.get_context("forkserver")
    return ProcessPoolExecutor(workers, mp_context=context, initializer=initializer, initargs=arguments)


def forked_pool(workers: int, initializer: Callable[..., None], arguments: tuple) -> Executor:
    """A pool of processes that this one forks when the first task is submitted: it may have no threads before that."""
    return ProcessPoolExecutor(workers, mp_context=FORK, initializer=initializer, initargs=arguments)


def become_a_worker(environment: Mapping[str, str]) -> None:
    """Give this process the command's ``environment`` (it has that of the process that forked it), and no Ctrl-C."""
    ignore_control_c()
    os.environ.clear()
    os.environ.update(environment)


def ignore_control_c() -> None:
    """The coordinator hears it; what is begun is finished."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class Crew:
    """Executors; the first begins at once: its processes start while work is still being prepared.

    ``first`` makes that one, where it isn't of the others' kind.
    """

    def __init__(
        self, make: Callable[[], Executor], workers: int, *, first: Callable[[], Executor] | None = None
    ) -> None:
        self._make = make
        self._first: Executor | None = (first or make)()
        for _ in range(workers):  # a process starts with the first task that finds none idle
            self._first.submit(_nothing)

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        if self._first is not None:
            self._first.shutdown(wait=True, cancel_futures=True)

    def executor(self) -> Executor:
        """One to give tasks to, and to shut down afterwards: the first one, then fresh ones."""
        first, self._first = self._first, None
        return first or self._make()


def _nothing() -> None:
    """A task that only needs a process."""


@dataclass
class _Run(Generic[Task, Result]):
    """One run of a list of tasks; remembers how often a worker died over each."""

    make_executor: Callable[[], Executor]
    function: Callable[[Task], Result]
    in_flight: int
    deaths: dict[int, int] = field(default_factory=dict)

    def results(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Result | BaseException]]:
        pending = deque(enumerate(tasks))
        while pending:
            executor = self.make_executor()
            try:
                yield from self._until_broken(executor, pending)
            finally:
                executor.shutdown(wait=True, cancel_futures=True)

    def _until_broken(
        self, executor: Executor, pending: deque[tuple[int, Task]]
    ) -> Iterator[tuple[Task, Result | BaseException]]:
        """Results until all are in or a worker dies; what was in flight then goes back into ``pending``."""
        running: dict[Future[Result], tuple[int, Task]] = {}
        broken = False
        while (pending and not broken) or running:
            while pending and not broken and len(running) < self._allowed(pending[0][0]):
                entry = pending.popleft()
                try:
                    running[executor.submit(self.function, entry[1])] = entry
                except BrokenExecutor:
                    broken = True
                    pending.appendleft(entry)
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                number, task = running.pop(future)
                error = future.exception()
                if isinstance(error, BrokenExecutor):
                    broken = True
                    yield from self._died(number, task, pending)
                else:
                    yield task, error if error is not None else future.result()

    def _allowed(self, number: int) -> int:
        """How many may run at once: one that was in flight when a worker died runs alone, to tell which is to blame."""
        return 1 if self.deaths.get(number) else self.in_flight

    def _died(
        self, number: int, task: Task, pending: deque[tuple[int, Task]]
    ) -> Iterator[tuple[Task, Result | BaseException]]:
        self.deaths[number] = self.deaths.get(number, 0) + 1
        if self.deaths[number] > MAX_DEATHS:
            yield task, WorkerDied("the worker process died each time it graded this submission")
        else:
            pending.append((number, task))


def run_all(
    tasks: Sequence[Task],
    function: Callable[[Task], Result],
    make_executor: Callable[[], Executor],
    *,
    workers: int,
) -> Iterator[tuple[Task, Result | BaseException]]:
    """``(task, result or exception)`` of each task, as they finish. At most twice ``workers`` are in flight.

    When a worker dies, the executor is made anew and the tasks that it may have held are run again, one at a time;
    a task over which workers die `MAX_DEATHS` times more gets `WorkerDied`.
    """
    return _Run(make_executor, functools.partial(_portable, function), 2 * workers).results(tasks)


def _portable(function: Callable[[Task], Result], task: Task) -> Result:
    """``function(task)``. An exception that pickle can't read back would break the pool for all tasks in flight."""
    try:
        return function(task)
    except Exception as error:
        if not _travels(error):
            raise TaskFailed(f"{type(error).__name__}: {error}") from None
        raise


def _travels(error: Exception) -> bool:
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return False
    return True
