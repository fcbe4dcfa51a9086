"""The one writer of a gradebook: a submission in one transaction, tried again while another program holds the lock.

nbgrader's own ``Gradebook`` commits on every call; this uses its tables directly, with any database that it knows.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from nbgrader.api import Gradebook
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session
from traitlets.config import Config

from nabla.gradebook.errors import GradebookError
from nabla.gradebook.grades import NotebookGrades
from nabla.gradebook.late import Extensions
from nabla.gradebook.rows import AssignmentCells, SubmissionRows, assignment_cells

_LOCK_SECONDS = 10
_ATTEMPTS = 8
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Submission:
    """What is to be saved of one submission.

    ``notebooks`` holds the graded ones by name; of those in ``failed`` no automatic score stays; every other notebook
    of the assignment wasn't handed in and counts zero.
    """

    assignment: str
    student: str
    timestamp: datetime | None = None
    notebooks: Mapping[str, NotebookGrades] = field(default_factory=dict)
    failed: tuple[str, ...] = ()


@dataclass(frozen=True)
class SavedSubmission:
    """How a submission stands after saving: its points, manual ones included, and whether something is to be marked."""

    score: float
    max_score: float
    late_penalty: float
    needs_manual_grade: bool


class GradebookWriter:
    """One connection, kept for any number of submissions. Close it when done.

    Reads an assignment's cells once: make another after a new release.
    """

    def __init__(self, db_url: str, config: Config | None = None, *, create_student: bool = True) -> None:
        _make_tables(db_url)
        waiting = {"timeout": _LOCK_SECONDS} if make_url(db_url).get_backend_name() == "sqlite" else {}
        self._engine = create_engine(db_url, connect_args=waiting)
        self._penalties = AssignLatePenalties(config=config or Config())
        self._extensions = Extensions.from_config(config or Config())
        self._create_student = create_student
        self._assignments: dict[str, AssignmentCells] = {}

    def __enter__(self) -> GradebookWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connection back."""
        self._engine.dispose()

    def save(self, submission: Submission) -> SavedSubmission:
        """Save all of ``submission`` or nothing, and say how it stands then. Raises `GradebookError`."""
        return self._transaction(lambda session: self._save(session, submission))

    def save_notebook(self, assignment: str, student: str, notebook: str, grades: NotebookGrades) -> None:
        """Save one notebook of a submission whose other notebooks are somebody else's (`nbgrader autograde`)."""

        def work(session: Session) -> None:
            rows = self._rows(session, assignment, student)
            rows.fill(notebook, grades)
            rows.write()

        self._transaction(work)

    def _save(self, session: Session, submission: Submission) -> SavedSubmission:
        rows = self._rows(session, submission.assignment, submission.student, submission.timestamp)
        for name in self._assignments[submission.assignment].notebooks:
            if name in submission.failed:
                rows.fill(name, NotebookGrades())
            elif name in submission.notebooks:
                rows.fill(name, submission.notebooks[name])
                rows.penalise(name, self._penalties)
            else:
                rows.zero(name)
        rows.write()
        return SavedSubmission(rows.score, rows.max_score, rows.late_penalty, rows.needs_manual_grade)

    def _rows(
        self, session: Session, assignment: str, student: str, timestamp: datetime | None = None
    ) -> SubmissionRows:
        if assignment not in self._assignments:
            self._assignments[assignment] = assignment_cells(session, assignment)
        cells = self._assignments[assignment]
        extension = self._extensions.of(student, assignment)
        return SubmissionRows(
            session, cells, student, timestamp=timestamp, extension=extension, create_student=self._create_student
        )

    def _transaction(self, work: Callable[[Session], _Result]) -> _Result:
        for attempt in range(_ATTEMPTS):
            try:
                with Session(self._engine) as session, session.begin():
                    return work(session)
            except (OperationalError, IntegrityError) as error:
                if attempt + 1 == _ATTEMPTS or not _may_pass(error):
                    hint = "Close what else uses it, or give another one with --db."
                    raise GradebookError(f"{self._engine.url!r}: can't be written ({error.orig}). {hint}") from error
                time.sleep(0.05 * 2**attempt * random.uniform(0.5, 1.5))
        raise AssertionError("unreachable")


def _may_pass(error: OperationalError | IntegrityError) -> bool:
    """Whether the same work can succeed a moment later: a lock, or a row that another writer made first."""
    text = str(error.orig).lower()
    return isinstance(error, IntegrityError) or any(word in text for word in ("locked", "busy", "deadlock", "serializ"))


def _make_tables(db_url: str) -> None:
    engine = create_engine(db_url)
    try:
        empty = not inspect(engine).has_table("assignment")
    except OperationalError as error:
        raise GradebookError(f"{engine.url!r}: can't be opened ({error.orig}). Check the address.") from error
    finally:
        engine.dispose()
    if empty:
        if shutil.which("alembic") is None:  # nbgrader calls it by name; it lies beside our interpreter
            os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        Gradebook(db_url).close()
