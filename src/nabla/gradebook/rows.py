"""The rows of one submission: read with a few queries, filled from `NotebookGrades`, written together, never committed.

Both doors go through here, so that they leave the same rows. Knows nothing of files or verdicts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    GradeCell,
    Notebook,
    SolutionCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
    new_uuid,
)
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from nabla.gradebook.errors import GradebookError
from nabla.gradebook.grades import NotebookGrades


@dataclass(frozen=True)
class MarkedCell:
    """A cell that has a row of its own in each submission."""

    id: str
    name: str
    is_task: bool
    points: float = 0.0


@dataclass(frozen=True)
class AssignmentCells:
    """Of an assignment what every submission needs: its notebooks by name, and their cells that have rows."""

    id: str
    duedate: datetime | None
    notebooks: Mapping[str, str]
    graded: Mapping[str, tuple[MarkedCell, ...]]
    commented: Mapping[str, tuple[MarkedCell, ...]]


def assignment_cells(session: Session, name: str) -> AssignmentCells:
    """The cells of assignment ``name``. Raises `GradebookError` where it was never released."""
    found = session.execute(select(Assignment.id, Assignment.duedate).where(Assignment.name == name)).one_or_none()
    if found is None:
        hint = f"Run 'nbgrader generate_assignment {name}' first."
        raise GradebookError(f"The gradebook has no assignment '{name}'. {hint}")
    rows = session.execute(select(Notebook.name, Notebook.id).where(Notebook.assignment_id == found.id))
    notebooks = {row.name: row.id for row in rows}
    tests, answers, tasks = (_cells(session, kind, notebooks.values()) for kind in (GradeCell, SolutionCell, TaskCell))
    graded = {key: (*tests.get(key, ()), *tasks.get(key, ())) for key in notebooks.values()}
    commented = {key: (*answers.get(key, ()), *tasks.get(key, ())) for key in notebooks.values()}
    return AssignmentCells(found.id, found.duedate, notebooks, graded, commented)


@dataclass
class _Table:
    """Rows of one table by (notebook row, cell), and which of them were changed."""

    kind: Any
    rows: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    changed: dict[str, dict[str, Any]] = field(default_factory=dict)

    def set(self, row: dict[str, Any], **values: Any) -> None:
        new = {name: value for name, value in values.items() if row[name] != value}
        if new:
            row |= new
            self.changed.setdefault(row["id"], {"id": row["id"]}).update(new)

    def write(self, session: Session) -> None:
        by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for values in self.changed.values():
            by_columns.setdefault(tuple(sorted(values)), []).append(values)
        for group in by_columns.values():
            session.execute(update(self.kind), group)
        self.changed.clear()


class SubmissionRows:
    """A student's submission with all its notebooks, grades and comments, made where there were none yet.

    A ``timestamp`` and an ``extension`` replace the stored ones; without one that stays, as in nbgrader.
    Raises `GradebookError`.
    """

    def __init__(
        self,
        session: Session,
        assignment: AssignmentCells,
        student: str,
        *,
        timestamp: datetime | None = None,
        extension: timedelta | None = None,
        create_student: bool = True,
    ) -> None:
        self._session, self._assignment, self._student = session, assignment, student
        _ensure_student(session, student, create=create_student)
        self.id, self._seconds_late = self._submission(timestamp, extension)
        self._notebooks = self._notebook_rows()
        columns = (Grade.auto_score, Grade.manual_score, Grade.extra_credit, Grade.needs_manual_grade)
        self._grades = self._table(Grade, columns, assignment.graded)
        self._comments = self._table(Comment, (Comment.auto_comment,), assignment.commented)
        self._penalties = dict.fromkeys(assignment.notebooks, 0.0)

    def fill(self, notebook: str, grades: NotebookGrades) -> None:
        """Sets scores and comments; a manual score stays and asks for another look, as in nbgrader.

        A row whose cell isn't in the notebook loses its old score: a person decides. Tasks are marked by people alone.
        """
        for cell, row in self._of(self._grades, self._assignment.graded, notebook):
            if not cell.is_task:
                score = grades.scores.get(cell.name)
                needs = row["manual_score"] is not None or score is None
                self._grades.set(row, auto_score=score, needs_manual_grade=needs)
        for cell, row in self._of(self._comments, self._assignment.commented, notebook):
            self._comments.set(row, auto_comment=grades.comments.get(cell.name))

    def zero(self, notebook: str) -> None:
        """A notebook that wasn't handed in: no points, nothing to mark."""
        for _, row in self._of(self._grades, self._assignment.graded, notebook):
            self._grades.set(row, auto_score=0.0, needs_manual_grade=False)

    def penalise(self, notebook: str, assigner: AssignLatePenalties) -> None:
        """Sets the late penalty by the course's plug-in, limited to 0..score; none where the submission is in time."""
        key = self._notebooks[self._key(notebook)]
        penalty = self._penalty(key, assigner) if self._seconds_late > 0 else None
        values = {"id": key, "late_submission_penalty": penalty}
        self._session.execute(update(SubmittedNotebook), [values])
        self._penalties[notebook] = penalty or 0.0

    def write(self) -> None:
        """Sends everything that was changed to the database."""
        self._grades.write(self._session)
        self._comments.write(self._session)

    @property
    def score(self) -> float:
        """All points so far, those given by people included."""
        return math.fsum(map(_points, self._grades.rows.values()))

    @property
    def max_score(self) -> float:
        """All points that can be had."""
        return math.fsum(cell.points for cells in self._assignment.graded.values() for cell in cells)

    @property
    def late_penalty(self) -> float:
        """The penalties of the notebooks that were graded just now."""
        return math.fsum(self._penalties.values())

    @property
    def needs_manual_grade(self) -> bool:
        """Whether anything waits for a person."""
        return any(row["needs_manual_grade"] for row in self._grades.rows.values())

    def _submission(self, timestamp: datetime | None, extension: timedelta | None) -> tuple[str, float]:
        row, session = SubmittedAssignment, self._session
        query = select(row.id, row.timestamp, row.extension)
        query = query.where(row.assignment_id == self._assignment.id, row.student_id == self._student)
        found = session.execute(query).one_or_none()
        key, old_time, old_extension = found or (new_uuid(), None, None)
        time = timestamp if timestamp is not None else old_time
        longer = extension if extension is not None else old_extension
        values = {"id": key, "timestamp": time, "extension": longer}
        if found is None:
            owner = {"assignment_id": self._assignment.id, "student_id": self._student}
            session.execute(insert(row), [values | owner])
        elif (time, longer) != (old_time, old_extension):
            session.execute(update(row), [values])
        return key, _seconds_late(time, self._assignment.duedate, longer)

    def _notebook_rows(self) -> dict[str, str]:
        kind = SubmittedNotebook
        found = self._session.execute(select(kind.notebook_id, kind.id).where(kind.assignment_id == self.id))
        rows = {row.notebook_id: row.id for row in found}
        new = {key: new_uuid() for key in self._assignment.notebooks.values() if key not in rows}
        if new:
            values = [{"id": made, "notebook_id": key, "assignment_id": self.id} for key, made in new.items()]
            self._session.execute(insert(kind), values)
        return rows | new

    def _table(self, kind: Any, columns: tuple[Any, ...], cells: Mapping[str, tuple[MarkedCell, ...]]) -> _Table:
        table = _Table(kind)
        query = select(kind.id, kind.notebook_id, kind.cell_id, *columns)
        for row in self._session.execute(query.where(kind.notebook_id.in_(self._notebooks.values()))).mappings():
            table.rows[row["notebook_id"], row["cell_id"]] = dict(row)
        wanted = [(self._notebooks[notebook], cell.id) for notebook, found in cells.items() for cell in found]
        new = [_blank(columns, *place) for place in wanted if place not in table.rows]
        if new:
            self._session.execute(insert(kind), new)
            table.rows |= {(row["notebook_id"], row["cell_id"]): row for row in new}
        return table

    def _of(
        self, table: _Table, cells: Mapping[str, tuple[MarkedCell, ...]], notebook: str
    ) -> Iterable[tuple[MarkedCell, dict[str, Any]]]:
        key = self._key(notebook)
        return [(cell, table.rows[self._notebooks[key], cell.id]) for cell in cells[key]]

    def _key(self, notebook: str) -> str:
        if notebook not in self._assignment.notebooks:
            hint = "Run 'nbgrader generate_assignment' again."
            raise GradebookError(f"The assignment has no notebook '{notebook}'. {hint}")
        return self._assignment.notebooks[notebook]

    def _penalty(self, key: str, assigner: AssignLatePenalties) -> float | None:
        """The plug-in's penalty on the score as the database adds it up: it has to equal nbgrader's to the last bit."""
        self.write()
        score = self._session.scalars(select(SubmittedNotebook.score).where(SubmittedNotebook.id == key)).one()
        assigner.init_plugin()
        penalty = assigner.plugin_inst.late_submission_penalty(self._student, score, self._seconds_late)
        return None if penalty is None else float(assigner._check_late_penalty(SimpleNamespace(score=score), penalty))


def _cells(session: Session, kind: Any, notebooks: Iterable[str]) -> dict[str, list[MarkedCell]]:
    points = [] if kind is SolutionCell else [kind.max_score]
    found: dict[str, list[MarkedCell]] = {}
    query = select(kind.notebook_id, kind.id, kind.name, *points).where(kind.notebook_id.in_(list(notebooks)))
    for notebook, key, name, *rest in session.execute(query):
        found.setdefault(notebook, []).append(MarkedCell(key, name, kind is TaskCell, *rest))
    return found


def _ensure_student(session: Session, student: str, *, create: bool) -> None:
    if session.execute(select(Student.id).where(Student.id == student)).one_or_none() is None:
        if not create:
            raise GradebookError(
                f"The gradebook has no student '{student}'. Add one: nbgrader db student add {student}"
            )
        session.execute(insert(Student), [{"id": student}])


def _blank(columns: tuple[Any, ...], notebook: str, cell: str) -> dict[str, Any]:
    row = {"id": new_uuid(), "notebook_id": notebook, "cell_id": cell}
    return row | {column.key: True if column.key == "needs_manual_grade" else None for column in columns}


def _points(row: Mapping[str, Any]) -> float:
    """nbgrader's rule: a person's score before the automatic one, and extra credit to either."""
    score = row["auto_score"] if row["manual_score"] is None else row["manual_score"]
    return 0.0 if score is None else float(score + (row["extra_credit"] or 0.0))


def _seconds_late(time: datetime | None, duedate: datetime | None, extension: timedelta | None) -> float:
    if time is None or duedate is None:
        return 0.0
    return max(0.0, (time - (duedate + (extension or timedelta()))).total_seconds())
