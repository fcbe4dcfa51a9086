"""The workers' zygotes, begun before anything else: they take longest to start.

What is imported and read meanwhile, workers get by being forked. That needs a process without threads: where there are
any, nothing starts ahead and each worker sees to itself.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from nabla.course import Course
from nabla.grading.workers import FORK
from nabla.sandbox import Zygote


class Ahead:
    """The zygotes of ``count`` workers; each worker that is forked takes one, and the coordinator leaves them all."""

    def __init__(self, course: Course, assignments: Sequence[str], count: int) -> None:
        self.coordinator = os.getpid()
        self.zygotes: list[Zygote] = []
        self._next = FORK.Value("i", 0)
        try:
            for _ in range(count if can_fork() else 0):
                self.zygotes.append(Zygote.for_course(course, assignments))
                self.zygotes[-1].begin_ahead()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Ahead:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __bool__(self) -> bool:
        return bool(self.zygotes)

    def take(self) -> Zygote:
        """In a worker that was forked: a zygote that no other worker has."""
        with self._next.get_lock():
            place = self._next.value
            self._next.value += 1
        mine = self.zygotes.pop(place)
        self.leave()
        mine.take_over()
        return mine

    def leave(self) -> None:
        """The zygotes belong to others now."""
        while self.zygotes:
            self.zygotes.pop().leave()

    def close(self) -> None:
        """End the zygotes that nobody has taken."""
        while self.zygotes:
            self.zygotes.pop().close()


def can_fork() -> bool:
    """Whether this process has one thread only, those of libraries counted: a lock of another would stay locked."""
    return sum(1 for _ in Path("/proc/self/task").iterdir()) == 1
