"""One notebook on the bench: what it holds, how an answer is put into it, and a record of each of its graded cells.

Knows notebooks and the judge; which answers are tried, other modules of this room say.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from nbformat import NotebookNode

from nabla.checks import Judge
from nabla.course import Course
from nabla.grading.planting import graded_cells, independent_cells, reference_cells, untouched, with_cells
from nabla.grading.verify.excerpt import excerpt
from nabla.grading.verify.report import ExerciseRecord
from nabla.grading.verify.trials import Trial, Verdicts
from nabla.notebook.editions import Edition
from nabla.verdicts import ExerciseVerdict


@dataclass
class Planned:
    """A trial, what is to be done with its verdicts, and these when they are there."""

    trial: Trial
    then: Callable[[Verdicts], None]
    verdicts: Verdicts | None = None

    def conclude(self) -> None:
        """Write down what the verdicts say."""
        assert self.verdicts is not None
        self.then(self.verdicts)


class Bench:
    """A source notebook with its reference solutions, and a record of each graded cell."""

    def __init__(
        self, course: Course, assignment: str, source: NotebookNode, edition: Edition, judge: Judge | None
    ) -> None:
        self.course, self.assignment, self.source, self.edition, self.judge = course, assignment, source, edition, judge
        self.untouched = untouched(source, edition, course)
        self.reference = reference_cells(source, edition)
        self.alone = independent_cells(self.reference)
        """Each reference solution with its own copies of the others: what is wrong in one stays in that one."""
        self.records = {name: ExerciseRecord(name, points) for name, points in graded_cells(self.untouched).items()}
        self.problems: list[str] = []

    @property
    def is_own(self) -> bool:
        """Whether this edition is of the course's own framework, the one that is released."""
        return self.edition.framework == self.course.settings.framework

    @property
    def solution_cells(self) -> dict[str, str]:
        """The solution cell of each graded cell that has one, by its grade_id."""
        cells = {name: name.removeprefix("test_") for name in self.records}
        return {name: cell for name, cell in cells.items() if cell in self.reference}

    def try_notebook(
        self,
        what: str,
        nb: NotebookNode,
        then: Callable[[Verdicts], None],
        *,
        language: str = "",
        hurried: bool = False,
    ) -> Planned:
        """The whole of ``nb``, as somebody might hand it in."""
        language = language or self.edition.language
        return Planned(Trial(what, self.assignment, nb, language, self.edition.framework, hurried), then)

    def try_cells(
        self,
        what: str,
        cells: Mapping[str, str],
        then: Callable[[Verdicts], None],
        *,
        exercises: Collection[str] = (),
        hurried: bool = False,
    ) -> Planned:
        """With these solution cells in it, and no more of the notebook than ``exercises`` need, by default all."""
        part = excerpt(with_cells(self.untouched, cells), exercises or self.records)
        return self.try_notebook(what, part, then, hurried=hurried)


def failures(verdict: ExerciseVerdict) -> str:
    """What an exercise got and why not all, in words."""
    failed = [f"{check.name}: {check.message}" for check in verdict.checks if check.outcome in ("failed", "error")]
    return f"gets {verdict.score} of {verdict.max_score} points ({'; '.join(failed) or 'no check failed'})"
