"""What is there before the workers are: their zygotes, and an examiner that has read the course.

A zygote takes longest to start, so it starts first; what is imported and read meanwhile, workers get by being forked.
That needs a process without threads: where there are any, nothing starts ahead and each worker sees to itself.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from nabla.course import Course
from nabla.sandbox import Zygote

if TYPE_CHECKING:
    from nabla.grading.examiner import Examiner

FORK = multiprocessing.get_context("fork")


class Ahead:
    """The zygotes of ``count`` workers, begun; each worker that is forked takes one, `leave` gives up the others."""

    def __init__(self, course: Course, assignments: Sequence[str], count: int) -> None:
        self.zygotes: list[Zygote] = []
        self.examiner: Examiner | None = None
        self._next = FORK.Value("i", 0)
        try:
            for _ in range(count if threads() == 1 else 0):
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

    def take(self) -> Examiner:
        """In a worker that was forked: the examiner, with a zygote that no other worker has."""
        assert self.examiner is not None
        with self._next.get_lock():
            place = self._next.value
            self._next.value += 1
        mine = self.zygotes.pop(place)
        self.leave()
        mine.take_over()
        self.examiner.engine.zygote = mine
        return self.examiner

    def leave(self) -> None:
        """The zygotes belong to others now."""
        while self.zygotes:
            self.zygotes.pop().leave()

    def close(self) -> None:
        """End the zygotes that nobody has taken."""
        while self.zygotes:
            self.zygotes.pop().close()


def threads() -> int:
    """How many threads this process has, those of libraries included."""
    return sum(1 for _ in Path("/proc/self/task").iterdir())
