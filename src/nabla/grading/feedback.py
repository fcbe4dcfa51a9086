"""From graded notebooks and the gradebook to one HTML page for each: nbgrader's own feedback, a class at once.

The words are in the notebooks already (hints in the language of the submission). Changes no grade.
"""

from __future__ import annotations

import copy
import functools
import logging
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbgrader
from nbgrader.converters import GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory

from nabla.course import Course
from nabla.grading.summary import PAGES, Summarise
from nabla.grading.workers import become_a_worker, get_ready, local_pool, run_all

_NBGRADERS_PAGES = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader" / "templates"
_A_WORKERS_WORTH = 4
"""Pages for which a process is worth its start."""


@dataclass(frozen=True)
class FeedbackPages:
    """The pages of one assignment, and a sentence for each student whose page couldn't be made."""

    assignment: str
    pages: tuple[Path, ...]
    failures: tuple[str, ...]


def graded_students(course: Course, assignment: str) -> list[str]:
    """Students whose graded notebooks of ``assignment`` lie in ``autograded/``."""
    return sorted(path.parent.parent.name for path in course.folder("autograded").glob(f"*/{assignment}/*.ipynb"))


def make_feedback(
    course: Course, assignment: str, on_page: Callable[[str], None] = lambda _: None, *, workers: int | None = None
) -> FeedbackPages:
    """Pages for everybody who is graded, old ones replaced; ``on_page`` is told each student when done."""
    students = graded_students(course, assignment)
    count = min(workers or course.settings.workers or os.cpu_count() or 1, len(students) // _A_WORKERS_WORTH + 1)
    failures: list[str] = []
    for student, found in _pages(course, assignment, students, count):
        if found:
            failures.append(f"{student}: no new page ({found}). Make that right, then: nabla feedback {assignment}")
        on_page(student)
    pages = sorted(course.folder("feedback").glob(f"*/{assignment}/*.html"))
    return FeedbackPages(assignment, tuple(pages), tuple(failures))


def _pages(
    course: Course, assignment: str, students: Sequence[str], workers: int
) -> Iterator[tuple[str, str | BaseException]]:
    """What went wrong with each student's page (nothing: an empty text), as they are made.

    One worker is this process.
    """
    if workers == 1:
        maker = _Maker(course, assignment)
        for student in students:
            yield student, maker.make(student)
    else:
        get_ready([__name__])
        arguments = (course.root, course.db_url, assignment, dict(os.environ))
        make = functools.partial(local_pool, workers, _start, arguments)
        yield from run_all(students, _make, make, workers=workers)


class _OneStudentsPages(GenerateFeedback):  # type: ignore[misc]  # nbgrader ships no types
    """Takes the student's id for what it is; nbgrader takes it for a pattern, and ids may have brackets."""

    def init_notebooks(self) -> None:
        folder = Path(self._format_source(self.coursedir.assignment_id, self.coursedir.student_id))
        self.assignments = {str(folder): sorted(map(str, folder.glob("*.ipynb")))}
        self.notebooks: list[str] = []


class _Maker:
    """nbgrader's converter for one assignment, its templates read once."""

    def __init__(self, course: Course, assignment: str) -> None:
        config = copy.deepcopy(course.config)
        config.CourseDirectory.root = str(course.root)
        config.CourseDirectory.db_url = course.db_url
        config.CourseDirectory.assignment_id = assignment
        self.log = _Errors()
        ours = "template_name" not in config.HTMLExporter
        if ours:
            config.HTMLExporter.template_name = "nabla_feedback"
            config.HTMLExporter.extra_template_basedirs = [str(PAGES)]
        self.converter = _OneStudentsPages(coursedir=CourseDirectory(config=config), config=config, force=True)
        if ours:  # nbgrader's own, which ours extends
            self.converter.config.HTMLExporter.extra_template_paths.append(str(_NBGRADERS_PAGES))
        self.converter.preprocessors = [*self.converter.preprocessors, Summarise]
        self.converter.log = self.log
        self._folder = course.folder("feedback")
        self._assignment = assignment

    def make(self, student: str) -> str:
        """Why the page of ``student`` can't be made, if so; the old one is left then."""
        self.log.forget()
        self.converter.coursedir.student_id = student
        folder = self._folder / student / self._assignment
        old = folder.with_name(f".{folder.name}.nabla-old")
        try:
            if old.is_dir():  # by a run that was killed, perhaps while it wrote the new one
                shutil.rmtree(folder, ignore_errors=True)
            elif folder.is_dir():
                folder.rename(old)  # nbgrader would delete it first of all
            self._convert(folder, old)
        except OSError as error:
            self.log.error("%s", error)
        return self.log.causes[0] if self.log.causes else ""

    def _convert(self, folder: Path, old: Path) -> None:
        done = False
        try:
            self.converter.start()
            done = not self.log.causes
        except NbGraderException as error:
            self.log.error("%s", error)
        finally:
            if done:
                shutil.rmtree(old, ignore_errors=True)
            elif old.is_dir():
                shutil.rmtree(folder, ignore_errors=True)
                old.rename(folder)


_maker: _Maker | None = None
"""Of this worker process."""


def _start(root: Path, db_url: str, assignment: str, environment: Mapping[str, str]) -> None:
    global _maker
    become_a_worker(environment)
    _maker = _Maker(Course.load(root, db_url=db_url), assignment)


def _make(student: str) -> str:
    assert _maker is not None
    return _maker.make(student)


class _Errors(logging.Logger):
    """A logger that keeps what went wrong and shows nothing.

    Of a traceback the last line, which says what it was; nbgrader's other lines only say that there was one.
    """

    def __init__(self) -> None:
        super().__init__("nabla.feedback", logging.ERROR)
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self._tracebacks: list[str] = []
        self._others: list[str] = []

    @property
    def causes(self) -> list[str]:
        """What went wrong, first things first."""
        return self._tracebacks or self._others

    def handle(self, record: logging.LogRecord) -> None:
        lines = record.getMessage().strip().splitlines() or [""]
        if lines[0].startswith("Traceback"):
            self._tracebacks.append(lines[-1])
        else:
            self._others.append(lines[0])

    def __deepcopy__(self, memo: dict[int, Any]) -> _Errors:
        return self
