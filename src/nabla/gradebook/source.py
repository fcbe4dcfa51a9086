"""What nbgrader stored of an assignment when it was released, read once with a few queries.

Reads only. Knows nothing of submissions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from nbgrader.api import Assignment, GradeCell, Notebook, SolutionCell, SourceCell, SubmittedAssignment, TaskCell
from sqlalchemy import select
from sqlalchemy.orm import Session

from nabla.gradebook.errors import GradebookError
from nabla.gradebook.reading import reading


@dataclass(frozen=True)
class StoredCell:
    """A cell with a grade_id, as released (hidden tests included)."""

    id: str
    cell_type: str
    source: str
    checksum: str | None
    grade: bool
    solution: bool
    locked: bool
    task: bool
    points: float | None


@dataclass(frozen=True)
class StoredNotebook:
    """A notebook of an assignment; its cells in no particular order."""

    name: str
    kernelspec: Mapping[str, Any] = field(default_factory=dict)
    cells: tuple[StoredCell, ...] = ()


@dataclass(frozen=True)
class StoredAssignment:
    """An assignment, its notebooks by name, and when it is due: all that a grade of it comes from."""

    name: str
    notebooks: Mapping[str, StoredNotebook]
    duedate: datetime | None = None


def stored_assignment(db_url: str, name: str) -> StoredAssignment:
    """The assignment ``name`` of the gradebook. Raises `GradebookError` where it isn't there."""
    with reading(db_url, first=_RELEASE_FIRST.format(name)) as session:
        return _assignment(session, name)


_RELEASE_FIRST = "Run 'nbgrader generate_assignment {}' first."


def _assignment(session: Session, name: str) -> StoredAssignment:
    found = session.execute(select(Assignment.id, Assignment.duedate).where(Assignment.name == name)).one_or_none()
    if found is None:
        raise GradebookError(f"The gradebook has no assignment '{name}'. {_RELEASE_FIRST.format(name)}")
    rows = session.execute(
        select(Notebook.id, Notebook.name, Notebook.kernelspec).where(Notebook.assignment_id == found.id)
    )
    notebooks = {row.name: _notebook(session, row.id, row.name, row.kernelspec) for row in rows.all()}
    return StoredAssignment(name, notebooks, found.duedate)


def _notebook(session: Session, key: str, name: str, kernelspec: str | None) -> StoredNotebook:
    graded = _points(session, GradeCell, key)
    tasks = _points(session, TaskCell, key)
    answers = set(session.scalars(select(SolutionCell.name).where(SolutionCell.notebook_id == key)))
    columns = (SourceCell.name, SourceCell.cell_type, SourceCell.source, SourceCell.checksum, SourceCell.locked)
    rows = session.execute(select(*columns).where(SourceCell.notebook_id == key).order_by(SourceCell.name))
    cells = tuple(
        StoredCell(
            id=row.name,
            cell_type=row.cell_type,
            source=row.source or "",
            checksum=row.checksum,
            grade=row.name in graded,
            solution=row.name in answers,
            locked=bool(row.locked),
            task=row.name in tasks,
            points=graded.get(row.name, tasks.get(row.name)),
        )
        for row in rows
    )
    return StoredNotebook(name, json.loads(kernelspec) if kernelspec else {}, cells)


def _points(session: Session, kind: type[GradeCell] | type[TaskCell], key: str) -> dict[str, float]:
    rows = session.execute(select(kind.name, kind.max_score).where(kind.notebook_id == key))
    return {row.name: float(row.max_score) for row in rows}


def saved_submissions(db_url: str) -> frozenset[tuple[str, str]]:
    """(student, assignment) of every submission that the gradebook holds. Raises `GradebookError`."""
    with reading(db_url, first="Release first: nabla release") as session:
        query = select(SubmittedAssignment.student_id, Assignment.name)
        rows = session.execute(query.join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)).all()
        return frozenset((row[0], row[1]) for row in rows)
