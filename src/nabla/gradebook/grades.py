"""What a graded notebook means for the gradebook: a score for each graded cell, a comment for each answer.

Scores come from the verdict alone, never from what stands in the notebook's outputs. Touches no database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nbformat import NotebookNode
from nbgrader.utils import compute_checksum, is_grade, is_solution, is_task

from nabla.verdicts import NotebookVerdict

NO_RESPONSE = "No response."


@dataclass(frozen=True)
class NotebookGrades:
    """Of one submitted notebook the automatic score (``None``: a person decides) and comment by grade_id."""

    scores: Mapping[str, float | None] = field(default_factory=dict)
    comments: Mapping[str, str | None] = field(default_factory=dict)


def notebook_grades(nb: NotebookNode, verdict: NotebookVerdict | None) -> NotebookGrades:
    """What to save for a sanitised notebook; without a verdict no test cell has a score."""
    judged = {exercise.id: exercise.score for exercise in verdict.exercises} if verdict else {}
    scores: dict[str, float | None] = {}
    comments: dict[str, str | None] = {}
    for cell in nb.cells:
        if is_grade(cell):
            name = cell.metadata.nbgrader["grade_id"]
            scores[name] = _score(cell, judged)
        if is_solution(cell) or is_task(cell):
            name = cell.metadata.nbgrader["grade_id"]
            comments[name] = NO_RESPONSE if not is_task(cell) and unanswered(cell) else None
    return NotebookGrades(scores, comments)


def unanswered(cell: NotebookNode) -> bool:
    """Whether an answer cell is still as it was released, by nbgrader's checksum."""
    return bool(cell.metadata.nbgrader.get("checksum") == compute_checksum(cell))


def _score(cell: NotebookNode, judged: Mapping[str, float | None]) -> float | None:
    """An answer that a person marks: 0 if it is empty, else ``None``. A test cell: as judged, within its points."""
    if is_solution(cell):
        return 0.0 if unanswered(cell) else None
    score = judged.get(cell.metadata.nbgrader["grade_id"])
    points = float(cell.metadata.nbgrader["points"])
    return None if score is None or not 0 <= score <= points else float(score)
