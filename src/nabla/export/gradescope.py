"""Gradescope's ``results.json`` from the gradebook, marks given by people and late penalties included."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from nabla.classroom.results.gradescope import gradescope_document
from nabla.classroom.results.reading import Published, Row
from nabla.export.totals import ClassGrades
from nabla.gradebook import CellGrade, Standing


def gradescope_files(grades: ClassGrades) -> Iterator[tuple[Path, str, str, dict]]:
    """Path below the destination, student, assignment and document, for each submission."""
    for (student, assignment), standing in sorted(grades.standings.submissions.items()):
        if assignment in grades.assignments:
            published = _published(student, assignment, standing, grades.max_score(assignment))
            yield Path(assignment, student, "results.json"), student, assignment, gradescope_document(published)


def _published(student: str, assignment: str, standing: Standing, most: float) -> Published:
    return Published(
        student=student,
        assignment=assignment,
        graded=True,
        reason="",
        score=standing.score,
        max_score=most,
        open_points=standing.open_points,
        not_graded_points=0.0,
        seconds=0.0,
        rows=tuple(map(_row, standing.cells)),
    )


def _row(cell: CellGrade) -> Row:
    said = ("not marked yet",) if cell.is_open else ()
    return Row(cell.id.removeprefix("test_") or cell.id, cell.score, cell.max_score, said)
