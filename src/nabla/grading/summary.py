"""What stands above a feedback page: each exercise with its points, the first check that failed, and its question.

Read from the verdict and the gradebook, never from what a submitted notebook shows. Changes no grade.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_task

from nabla.grading.open_marks import OPEN
from nabla.grading.record import stored_verdict
from nabla.notebook.outputs import check_title, plain_text
from nabla.verdicts import CheckVerdict, ExerciseVerdict

PAGES = Path(__file__).parent / "pages"
"""Where nbconvert finds the template `nabla_feedback`."""
WORDS = {
    "en": {
        "of": "of {points} points",
        "more": "and {count} more: see below",
        "open": "not marked yet",
        "late": "handed in late",
        "code": "code that was given, or is not graded",
        "unanswered": "no verdict: see below",
    },
    "ja": {
        "of": "／ {points} 点",
        "more": "ほか {count} 件（下を見てください）",
        "open": "採点前",
        "late": "提出の遅れ",
        "code": "与えられたコード、または採点されないコード",
        "unanswered": "判定なし（下を見てください）",
    },
}
_SIGNS = {"all": "✓", "some": "◐", "none": "✗", "open": "…"}


@dataclass(frozen=True)
class Row:
    """One graded cell: all strings are still to be escaped."""

    name: str
    anchor: str
    state: str
    points: str
    note: str = ""
    checks: tuple[dict[str, str], ...] = ()

    @property
    def sign(self) -> str:
        """What stands for its state."""
        return _SIGNS[self.state]


class Summarise(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader ships no types
    """The last preprocessor of `nabla feedback`: puts the summary into ``resources["nabla"]``."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """The notebook as it is."""
        info = resources["nbgrader"]
        root = Path(str(self.config.CourseDirectory.root))
        verdict = stored_verdict(root, info["assignment"], info["student"], info["notebook"])
        sealed = {exercise.id: exercise for exercise in verdict.exercises} if verdict else {}
        words = WORDS.get(str(nb.metadata.get("nabla", {}).get("language")), WORDS["en"])
        resources["nabla"] = summary(nb, sealed, words, float(info["score"]), float(info["max_score"]))
        return nb, resources


def summary(
    nb: NotebookNode, verdicts: dict[str, ExerciseVerdict], words: dict[str, str], score: float, out_of: float
) -> dict[str, Any]:
    """What the template shows of a graded notebook whose cells have their scores."""
    rows = [_row(cell, verdicts, words) for cell in nb.cells if is_grade(cell) or is_task(cell)]
    return {
        "score": _points(score),
        "out_of": words["of"].format(points=_points(out_of)),
        "late": words["late"],
        "code": words["code"],
        "rows": rows,
    }


def _row(cell: NotebookNode, verdicts: dict[str, ExerciseVerdict], words: dict[str, str]) -> Row:
    marks = cell.metadata.nbgrader
    grade_id, score, most = str(marks["grade_id"]), float(marks.get("score") or 0), float(marks.get("points") or 0)
    name = grade_id.removeprefix("test_").replace("_", " ")
    points = f"{_points(score)} / {_points(most)}"
    if marks.get(OPEN):
        return Row(name, grade_id, "open", f"– / {_points(most)}", words["open"])
    verdict = verdicts.get(grade_id)
    if verdict is not None and verdict.score is None:
        return Row(name, grade_id, "open", f"– / {_points(most)}", words["unanswered"])
    state = "all" if score >= most else "some" if score > 0 else "none"
    failed = [check for check in verdict.checks if check.outcome == "failed"] if verdict else []
    note = words["more"].format(count=len(failed) - 1) if len(failed) > 1 else ""
    return Row(name, grade_id, state, points, note, tuple(map(_said, failed[:1])))


def _said(check: CheckVerdict) -> dict[str, str]:
    return {"title": check_title(check), "message": plain_text(check.message), "hint": plain_text(check.hint)}


def _points(value: float) -> str:
    return f"{round(value, 2):g}"
