"""How a class stands: every grade of a gradebook, marks given by people included, read with a few queries.

Reads only, and only the gradebook: what isn't in it hasn't been graded.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    GradeCell,
    Notebook,
    SolutionCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from sqlalchemy import select
from sqlalchemy.orm import Session

from nabla.course import CourseError
from nabla.gradebook.reading import reading


@dataclass(frozen=True)
class Participant:
    """A student as the gradebook knows one; only ``id`` is always there."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""


@dataclass(frozen=True)
class CellGrade:
    """One graded cell of one submission: ``score`` is ``None`` where neither the engine nor a person gave any."""

    notebook: str
    id: str
    score: float | None
    max_score: float
    is_open: bool
    """Whether a person still has to look at it."""
    is_test: bool
    """A test cell; else a written answer or a task."""


@dataclass(frozen=True)
class Standing:
    """One graded submission."""

    cells: tuple[CellGrade, ...] = ()
    penalty: float = 0.0
    timestamp: datetime | None = None
    extension: timedelta | None = None

    @property
    def raw_score(self) -> float:
        """All points so far, before the late penalty."""
        return math.fsum(cell.score for cell in self.cells if cell.score is not None)

    @property
    def score(self) -> float:
        """max(0, points - late penalty), as nbgrader counts."""
        return max(0.0, self.raw_score - self.penalty)

    @property
    def open_points(self) -> float:
        """Points of the cells that wait for a person."""
        return math.fsum(cell.max_score for cell in self.cells if cell.is_open)


@dataclass(frozen=True)
class AssignmentFacts:
    """What holds for every submission to an assignment."""

    name: str
    max_score: float
    duedate: datetime | None = None


@dataclass(frozen=True)
class ClassStandings:
    """A gradebook: students by id, assignments by due date, submissions by (student, assignment)."""

    students: Mapping[str, Participant] = field(default_factory=dict)
    assignments: Mapping[str, AssignmentFacts] = field(default_factory=dict)
    submissions: Mapping[tuple[str, str], Standing] = field(default_factory=dict)

    def chosen(self, names: Sequence[str] = ()) -> tuple[str, ...]:
        """The assignments called ``names``, or all with a submission, by due date.

        Raises `CourseError` for one that isn't there, and where nothing of them is graded.
        """
        unknown = [name for name in names if name not in self.assignments]
        if unknown:
            known = ", ".join(self.assignments) or "none"
            raise CourseError(f"The gradebook has no assignment {', '.join(unknown)}. It has: {known}.")
        graded = {assignment for _, assignment in self.submissions}
        if not graded & set(names or graded):
            raise CourseError(f"Nothing is graded yet of {', '.join(names) or 'this course'}. Grade first: nabla grade")
        return tuple(name for name in self.assignments if name in (names or graded))


def class_standings(db_url: str) -> ClassStandings:
    """Everything in the gradebook. Raises `GradebookError` where there is none."""
    with reading(db_url, first="Grade first (nabla grade), or give another one with --db.") as session:
        return ClassStandings(_students(session), _assignments(session), _submissions(session))


def _students(session: Session) -> dict[str, Participant]:
    columns = (Student.id, Student.first_name, Student.last_name, Student.email, Student.lms_user_id)
    rows = session.execute(select(*columns).order_by(Student.id))
    return {row.id: Participant(*(value or "" for value in row)) for row in rows}


def _assignments(session: Session) -> dict[str, AssignmentFacts]:
    points: dict[str, list[float]] = {}
    for kind in (GradeCell, TaskCell):
        query = select(Notebook.assignment_id, kind.max_score).join(Notebook, Notebook.id == kind.notebook_id)
        for row in session.execute(query):
            points.setdefault(row.assignment_id, []).append(float(row.max_score))
    rows = session.execute(select(Assignment.id, Assignment.name, Assignment.duedate)).all()
    ordered = sorted(rows, key=lambda row: (row.duedate or datetime.max, row.name))
    return {row.name: AssignmentFacts(row.name, math.fsum(points.get(row.id, ())), row.duedate) for row in ordered}


def _submissions(session: Session) -> dict[tuple[str, str], Standing]:
    cells, penalties = _cells(session), _penalties(session)
    columns = (SubmittedAssignment.id, SubmittedAssignment.student_id, Assignment.name.label("assignment"))
    query = select(*columns, SubmittedAssignment.timestamp, SubmittedAssignment.extension)
    rows = session.execute(query.join(Assignment, Assignment.id == SubmittedAssignment.assignment_id))
    return {
        (row.student_id, row.assignment): Standing(
            tuple(cells.get(row.id, ())), math.fsum(penalties.get(row.id, ())), row.timestamp, row.extension
        )
        for row in rows
    }


def _cells(session: Session) -> dict[str, list[CellGrade]]:
    answers = {tuple(row) for row in session.execute(select(SolutionCell.notebook_id, SolutionCell.name))}
    points: dict[str, tuple[float, bool]] = {}
    for kind in (GradeCell, TaskCell):
        for cell in session.execute(select(kind.id, kind.max_score, kind.notebook_id, kind.name)):
            is_test = kind is GradeCell and (cell.notebook_id, cell.name) not in answers
            points[cell.id] = (float(cell.max_score), is_test)
    columns = (Grade.auto_score, Grade.manual_score, Grade.extra_credit, Grade.needs_manual_grade, Grade.cell_id)
    query = select(SubmittedNotebook.assignment_id, Notebook.name.label("notebook"), BaseCell.name, *columns)
    query = query.join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
    query = query.join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
    query = query.join(BaseCell, BaseCell.id == Grade.cell_id).order_by(Notebook.name, BaseCell.name)
    found: dict[str, list[CellGrade]] = {}
    for row in session.execute(query):
        worth, is_test = points.get(row.cell_id, (0.0, False))
        grade = CellGrade(row.notebook, row.name, _score(row), worth, bool(row.needs_manual_grade), is_test)
        found.setdefault(row.assignment_id, []).append(grade)
    return found


def _penalties(session: Session) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for row in session.execute(select(SubmittedNotebook.assignment_id, SubmittedNotebook.late_submission_penalty)):
        found.setdefault(row.assignment_id, []).append(float(row.late_submission_penalty or 0.0))
    return found


def _score(row: Any) -> float | None:
    """nbgrader's rule: a person's score before the automatic one, and extra credit to either."""
    score = row.auto_score if row.manual_score is None else row.manual_score
    return None if score is None else float(score + (row.extra_credit or 0.0))
