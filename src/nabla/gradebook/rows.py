"""The rows of one submission: made as nbgrader makes them, filled from `NotebookGrades`, never committed here.

Both doors call these functions, so that they leave the same rows. Knows nothing of files or verdicts.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
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
)
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import select
from sqlalchemy.orm import Session

from nabla.gradebook.errors import GradebookError
from nabla.gradebook.grades import NotebookGrades


def submission_row(
    session: Session, assignment: str, student: str, *, timestamp: datetime | None, create_student: bool = True
) -> SubmittedAssignment:
    """The student's submission, made with all its notebooks, grades and comments where there was none yet.

    A ``timestamp`` replaces the stored one; without one that stays, as in nbgrader. Raises `GradebookError`.
    """
    owner = session.scalars(select(Assignment).where(Assignment.name == assignment)).one_or_none()
    if owner is None:
        hint = f"Run 'nbgrader generate_assignment {assignment}' first."
        raise GradebookError(f"The gradebook has no assignment '{assignment}'. {hint}")
    person = session.get(Student, student)
    if person is None:
        if not create_student:
            raise GradebookError(
                f"The gradebook has no student '{student}'. Add one: nbgrader db student add {student}"
            )
        person = Student(id=student)
        session.add(person)
    found = session.scalars(
        select(SubmittedAssignment).where(
            SubmittedAssignment.assignment_id == owner.id, SubmittedAssignment.student_id == student
        )
    ).one_or_none()
    if found is None:
        found = SubmittedAssignment(assignment=owner, student=person)
        session.add(found)
    if timestamp is not None:
        found.timestamp = timestamp
    _complete(session, found, owner)
    return found


def notebook_row(session: Session, submission: SubmittedAssignment, notebook: str) -> SubmittedNotebook:
    """The row of one notebook of a submission. Raises `GradebookError` for a name that the assignment doesn't have."""
    query = select(SubmittedNotebook).join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
    query = query.where(SubmittedNotebook.assignment_id == submission.id, Notebook.name == notebook)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise GradebookError(f"The assignment has no notebook '{notebook}'. Run 'nbgrader generate_assignment' again.")
    return found


def fill_notebook(session: Session, row: SubmittedNotebook, grades: NotebookGrades) -> None:
    """Writes scores and comments; a manual score stays and asks for another look, as in nbgrader.

    A row whose cell isn't in the notebook loses its old score: it asks for a person. Tasks are marked by people alone.
    """
    for grade, name, is_task in _grades(session, row):
        if is_task:
            continue
        grade.auto_score = grades.scores.get(name)
        grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
    for comment, name in _comments(session, row):
        comment.auto_comment = grades.comments.get(name)


def zero_notebook(session: Session, row: SubmittedNotebook) -> None:
    """A notebook that wasn't handed in: no points, nothing to mark."""
    for grade, _, _ in _grades(session, row):
        grade.auto_score = 0.0
        grade.needs_manual_grade = False


def assign_late_penalty(
    session: Session, submission: SubmittedAssignment, row: SubmittedNotebook, assigner: AssignLatePenalties
) -> None:
    """The late penalty by the course's plug-in, limited to 0..score; ``None`` where the submission is in time."""
    row.late_submission_penalty = None
    if submission.total_seconds_late <= 0:
        return
    session.flush()
    session.expire(row, ["score"])
    assigner.init_plugin()
    student, late = submission.student_id or submission.student.id, submission.total_seconds_late
    penalty = assigner.plugin_inst.late_submission_penalty(student, row.score, late)
    if penalty is not None:
        row.late_submission_penalty = assigner._check_late_penalty(row, penalty)


def _complete(session: Session, submission: SubmittedAssignment, owner: Assignment) -> None:
    """Adds the rows that a new submission, or cells added to the assignment since, still lack."""
    session.flush()
    have = select(SubmittedNotebook).where(SubmittedNotebook.assignment_id == submission.id)
    rows = {row.notebook_id: row for row in session.scalars(have)}
    for key in session.scalars(select(Notebook.id).where(Notebook.assignment_id == owner.id)).all():
        if key not in rows:
            rows[key] = SubmittedNotebook(notebook_id=key, assignment_id=submission.id)
            session.add(rows[key])
    session.flush()
    for key, row in rows.items():
        _add_missing(session, Grade, row, _cells(session, key, GradeCell, TaskCell))
        _add_missing(session, Comment, row, _cells(session, key, SolutionCell, TaskCell))
    session.flush()


def _add_missing(session: Session, kind: Any, row: SubmittedNotebook, cells: Collection[str]) -> None:
    have = set(session.scalars(select(kind.cell_id).where(kind.notebook_id == row.id)))
    session.add_all(kind(cell_id=cell, notebook_id=row.id) for cell in cells if cell not in have)


def _cells(session: Session, notebook: str, *kinds: Any) -> list[str]:
    return [key for kind in kinds for key in session.scalars(select(kind.id).where(kind.notebook_id == notebook))]


def _grades(session: Session, row: SubmittedNotebook) -> list[tuple[Grade, str, bool]]:
    """Each grade with the name of its cell, and whether that is a task."""
    found = []
    for kind in (GradeCell, TaskCell):
        query = select(Grade, kind.name).join(kind, kind.id == Grade.cell_id).where(Grade.notebook_id == row.id)
        found += [(grade, name, kind is TaskCell) for grade, name in session.execute(query)]
    return found


def _comments(session: Session, row: SubmittedNotebook) -> list[tuple[Comment, str]]:
    found = []
    for kind in (SolutionCell, TaskCell):
        query = select(Comment, kind.name).join(kind, kind.id == Comment.cell_id).where(Comment.notebook_id == row.id)
        found += [(comment, name) for comment, name in session.execute(query)]
    return found
