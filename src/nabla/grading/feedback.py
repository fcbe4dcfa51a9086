"""From graded notebooks and the gradebook to one HTML page for each: nbgrader's own feedback, a class at once.

The words are in the notebooks already (hints in the language of the submission). Changes no grade.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.converters import GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory

from nabla.course import Course


@dataclass(frozen=True)
class FeedbackPages:
    """What was written for one assignment, and for whom it failed, with nbgrader's words."""

    assignment: str
    pages: tuple[Path, ...]
    failures: tuple[str, ...]


def graded_students(course: Course, assignment: str) -> list[str]:
    """Students whose graded notebooks of ``assignment`` lie in ``autograded/``."""
    return sorted(path.parent.parent.name for path in course.folder("autograded").glob(f"*/{assignment}/*.ipynb"))


def make_feedback(course: Course, assignment: str, on_page: Callable[[str], None] = lambda _: None) -> FeedbackPages:
    """Pages for everybody who is graded, old ones replaced; ``on_page`` is told each student when done."""
    students = graded_students(course, assignment)
    failures = _generate(course, assignment, on_page) if students else []
    pages = sorted(course.folder("feedback").glob(f"*/{assignment}/*.html"))
    return FeedbackPages(assignment, tuple(pages), tuple(failures))


def _generate(course: Course, assignment: str, on_page: Callable[[str], None]) -> Sequence[str]:
    config = copy.deepcopy(course.config)
    config.CourseDirectory.root = str(course.root)
    config.CourseDirectory.db_url = course.db_url
    config.CourseDirectory.assignment_id = assignment
    config.CourseDirectory.student_id = "*"
    log = _Errors()
    converter = GenerateFeedback(coursedir=CourseDirectory(config=config), config=config, force=True)
    converter.log = log
    converter.post_convert_hook = lambda *, notebooks, **_: on_page(Path(notebooks[0]).parent.parent.name)
    try:
        converter.start()
    except NbGraderException as error:
        return log.errors or [str(error)]
    return log.errors


class _Errors(logging.Logger):
    """A logger that keeps the first line of each error and shows nothing."""

    def __init__(self) -> None:
        super().__init__("nabla.feedback", logging.ERROR)
        self.errors: list[str] = []

    def handle(self, record: logging.LogRecord) -> None:
        self.errors.append(record.getMessage().partition("\n")[0])

    def __deepcopy__(self, memo: dict[int, Any]) -> _Errors:
        return self
