"""A class: submissions over worker processes, and one writer that saves each as it is found.

The coordinator alone touches the gradebook and ``autograded/``; killing anything at any time loses at most what was in
flight. What takes long to import is imported while the workers start, and their zygotes with them.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nabla.course import Course, CourseError
from nabla.grading import worker
from nabla.grading.listing import Task, submissions
from nabla.grading.lock import only_one
from nabla.grading.workers import Crew, get_ready, local_pool, run_all

if TYPE_CHECKING:
    from nabla.grading.lean import LeanDoor
    from nabla.grading.result import SubmissionResult

    OnResult = Callable[[SubmissionResult], None]


def grade_class(
    course: Course,
    assignments: Sequence[str],
    *,
    students: Sequence[str] | None = None,
    workers: int | None = None,
    force: bool = False,
    on_result: OnResult | None = None,
) -> Iterator[SubmissionResult]:
    """The result of each submission as it is saved.

    Raises `CourseError` for what keeps any submission from being graded: nothing released, no sandbox, a check file
    that can't be read, another command at work.
    """
    todo = submissions(course, assignments, tuple(students or ()))
    count = min(workers or os.cpu_count() or 1, len(todo))
    arguments = (course.root, course.db_url, force, tuple(assignments), dict(os.environ))
    make = functools.partial(local_pool, count, worker.start, arguments)
    with only_one(course):
        get_ready(["nabla.grading.examiner"])
        from nabla.gradebook import GradebookWriter, saved_submissions
        from nabla.grading import saving

        with Crew(make, count) as crew, _said_clearly():
            doors = _try_once(course, assignments)
            with GradebookWriter(course.db_url, course.config) as writer:
                saved = saved_submissions(course.db_url)
                tasks = [Task(*names, saved=names in saved) for names in todo]
                for task, found in run_all(tasks, worker.grade, crew.executor, workers=count):
                    result = saving.save(doors[task.assignment], writer, task, found)
                    if on_result is not None:
                        on_result(result)
                    yield result


def _try_once(course: Course, assignments: Sequence[str]) -> dict[str, LeanDoor]:
    """The doors of the assignments; fails before the first submission where every submission would fail."""
    from nabla.grading.lean import LeanDoor
    from nabla.grading.submission import Engine

    doors = {assignment: LeanDoor(course, assignment) for assignment in assignments}
    engine = Engine.for_course(course, assignments)
    try:
        for assignment in assignments:
            engine.judge(assignment)
        engine.check_sandbox()
        _ = engine.runtime
    finally:
        engine.close()
    return doors


@contextmanager
def _said_clearly() -> Iterator[None]:
    """Turns what is wrong with a course into `CourseError`, as commands show it."""
    from nabla.checks import CheckFileError
    from nabla.gradebook import GradebookError
    from nabla.sandbox import SandboxUnavailable

    try:
        yield
    except (GradebookError, SandboxUnavailable, CheckFileError) as error:
        raise CourseError(str(error)) from error
