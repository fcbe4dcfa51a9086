"""A class: submissions over worker processes, and one writer that saves each as it is found.

The coordinator alone touches the gradebook and ``autograded/``; killing anything at any time loses at most what was in
flight. What takes long to import is imported while the workers' zygotes start.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from nabla.course import Course, CourseError
from nabla.grading import worker
from nabla.grading.ahead import Ahead, can_fork
from nabla.grading.listing import Task, submissions
from nabla.grading.lock import only_one
from nabla.grading.workers import Crew, forked_pool, get_ready, local_pool, run_all

if TYPE_CHECKING:
    from nabla.grading.examiner import Examiner
    from nabla.grading.result import SubmissionResult
    from nabla.sandbox import Zygote


def grade_class(
    course: Course,
    assignments: Sequence[str],
    *,
    students: Sequence[str] | None = None,
    workers: int | None = None,
    force: bool = False,
) -> Iterator[SubmissionResult]:
    """The result of each submission as it is saved. Raises what `grading` raises; may be used beside threads."""
    with grading(course, assignments, students=students, workers=workers, force=force, ahead=False) as results:
        yield from results


@contextmanager
def grading(
    course: Course,
    assignments: Sequence[str],
    *,
    students: Sequence[str] | None = None,
    workers: int | None = None,
    force: bool = False,
    ahead: bool = True,
) -> Iterator[Iterator[SubmissionResult]]:
    """Within the block: the result of each submission as it is saved. When the block begins, workers are at work.

    ``ahead``: they are forked from this process, if it has no threads. Raises `CourseError` for what keeps any
    submission from being graded: nothing released, no sandbox, a check file that can't be read, another command at
    work.
    """
    todo = submissions(course, assignments, tuple(students or ()))
    count = min(workers or os.cpu_count() or 1, len(todo))
    arguments = (course.root, course.db_url, force, tuple(assignments), dict(os.environ))
    make = functools.partial(local_pool, count, worker.start, arguments)
    with only_one(course) as lock, _said_clearly(), ExitStack() as stack:
        begun = stack.enter_context(Ahead(course, assignments, count if ahead else 0))
        examiner = _try_out(course, assignments, force, begun.zygotes[0]) if begun else None
        if not can_fork():  # a check file has started a thread
            begun.close()
        if begun:
            first = functools.partial(forked_pool, count, worker.start_forked, (begun, examiner, lock))
            gc.freeze()  # workers share what is here: looking through it would copy it
            crew = stack.enter_context(Crew(make, count, first=first))
            begun.leave()
        else:
            get_ready(["nabla.grading.examiner"])
            crew = stack.enter_context(Crew(make, count))
        examiner = examiner or _try_out(course, assignments, force)
        yield stack.enter_context(contextlib.closing(_results(examiner, todo, crew, count)))


def _results(
    examiner: Examiner, todo: Sequence[tuple[str, str]], crew: Crew, count: int
) -> Generator[SubmissionResult, None, None]:
    from nabla.gradebook import GradebookWriter, saved_submissions
    from nabla.grading import saving

    course = examiner.course
    with GradebookWriter(course.db_url, course.config) as writer:
        saved = saved_submissions(course.db_url)
        tasks = [Task(*names, saved=names in saved) for names in todo]
        for task, found in run_all(tasks, worker.grade, crew.executor, workers=count):
            yield saving.save(examiner.door(task.assignment), writer, task, found)


def _try_out(course: Course, assignments: Sequence[str], force: bool, zygote: Zygote | None = None) -> Examiner:
    """An examiner that has read all it needs; fails before the first submission where every submission would fail."""
    from nabla.grading.examiner import Examiner

    examiner = Examiner(course, force=force, zygote=zygote)
    with ExitStack() as stack:
        if zygote is None:  # it has one of its own then, which nobody will use
            stack.callback(examiner.engine.close)
        examiner.prepare(assignments)
        examiner.engine.check_sandbox()
        _ = examiner.engine.runtime
    return examiner


@contextmanager
def _said_clearly() -> Iterator[None]:
    """Turns what is wrong with a course into `CourseError`, as commands show it."""
    try:
        yield
    except Exception as error:
        from nabla.checks import CheckFileError
        from nabla.gradebook import GradebookError
        from nabla.sandbox import SandboxUnavailable

        if isinstance(error, GradebookError | SandboxUnavailable | CheckFileError):
            raise CourseError(str(error)) from error
        raise
