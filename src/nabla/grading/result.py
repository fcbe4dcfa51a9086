"""The canonical result: what ``nabla grade --json`` writes and every other format is made from.

Plain data in, checked JSON out. Knows verdicts; knows nothing of notebooks, sandboxes or the gradebook.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from jsonschema import Draft202012Validator

from nabla.grading.atomic import write_atomically
from nabla.verdicts import ExerciseVerdict, NotebookVerdict

VERSION = 1
MOST_REMARKS = 20
"""As many as the schema allows for one submission."""


@dataclass(frozen=True)
class SubmissionResult:
    """One student's submission to one assignment: what was given, out of what, and under which protection.

    ``score`` and ``max_score`` are points that the engine gives by itself; ``manual_points_open`` wait for a person.
    ``status`` is ``failed`` where something of the submission has no verdict; ``reason`` then says what and what to do.
    ``remarks`` say what was put right before grading: altered cells, an edition that may not be handed in.
    """

    student: str
    assignment: str
    status: Literal["graded", "failed"]
    reason: str = ""
    score: float | None = None
    max_score: float = 0.0
    manual_points_open: float = 0.0
    not_graded_points: float = 0.0
    sandbox: str = ""
    runtime: str = ""
    engine: str = ""
    key_fingerprint: str = ""
    seconds: float = 0.0
    remarks: tuple[str, ...] = ()
    exercises: tuple[ExerciseVerdict, ...] = ()

    @classmethod
    def failed(cls, student: str, assignment: str, reason: str) -> SubmissionResult:
        """The result of a submission that couldn't be graded at all: no score, which is not the same as zero."""
        return cls(student=student, assignment=assignment, status="failed", reason=reason)

    @classmethod
    def from_verdicts(
        cls,
        student: str,
        assignment: str,
        verdicts: Iterable[NotebookVerdict],
        *,
        manual_points_open: float = 0.0,
        seconds: float | None = None,
        reasons: Iterable[str] = (),
        remarks: Iterable[str] = (),
    ) -> SubmissionResult:
        """The sum of a submission's notebooks. ``reasons`` says what else was wrong (a missing notebook, say)."""
        verdicts = tuple(verdicts)
        exercises = tuple(exercise for verdict in verdicts for exercise in verdict.exercises)
        skipped = [exercise for exercise in exercises if _is_not_graded(exercise)]
        given = [exercise.score for exercise in exercises if exercise.score is not None]
        lost = [exercise for exercise in exercises if exercise.score is None and exercise not in skipped]
        problems = [*reasons, *map(_problem, lost)]
        first = verdicts[0] if verdicts else NotebookVerdict()
        return cls(
            student=student,
            assignment=assignment,
            status="failed" if problems else "graded",
            reason=" ".join(problems),
            score=round(math.fsum(given), 6) if given or not problems else None,
            max_score=round(math.fsum(e.max_score for e in exercises) - math.fsum(e.max_score for e in skipped), 6),
            manual_points_open=manual_points_open,
            not_graded_points=math.fsum(exercise.max_score for exercise in skipped),
            sandbox=first.sandbox,
            runtime=first.runtime,
            engine=first.engine,
            key_fingerprint=first.key_fingerprint,
            seconds=round(math.fsum(v.seconds for v in verdicts) if seconds is None else seconds, 4),
            remarks=tuple(remarks)[:MOST_REMARKS],
            exercises=exercises,
        )


def document(results: Iterable[SubmissionResult]) -> dict[str, Any]:
    """The result document (version 1) of ``results``, by assignment and student, checked against its schema."""
    ordered = sorted(results, key=lambda result: (result.assignment, result.student))
    made = {"version": VERSION, "submissions": [_submission(result) for result in ordered]}
    _validator().validate(made)
    return made


def write(results: Iterable[SubmissionResult], path: Path) -> None:
    """Write the document to ``path``, whole or not at all. A document that breaks its own schema is never written."""
    text = json.dumps(document(results), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    write_atomically(path, text)


def schema() -> dict[str, Any]:
    """The JSON schema of the document."""
    loaded: dict[str, Any] = json.loads(files("nabla").joinpath("result.schema.json").read_text(encoding="utf-8"))
    return loaded


@cache
def _validator() -> Any:
    return Draft202012Validator(schema())


def _submission(result: SubmissionResult) -> dict[str, Any]:
    fields = asdict(result)
    fields["remarks"] = list(result.remarks)
    fields["exercises"] = [_exercise(exercise) for exercise in result.exercises]
    return fields


def _exercise(exercise: ExerciseVerdict) -> dict[str, Any]:
    shown = ("name", "outcome", "message", "hint", "wrong_answer")
    checks = [{name: getattr(check, name) for name in shown} for check in exercise.checks]
    return {
        "id": exercise.id,
        "score": exercise.score,
        "max_score": exercise.max_score,
        "sealed": exercise.sealed,
        "checks": checks,
    }


def _is_not_graded(exercise: ExerciseVerdict) -> bool:
    """Whether every check of it needs hardware that isn't here."""
    return bool(exercise.checks) and all(check.outcome == "not_graded" for check in exercise.checks)


def _problem(exercise: ExerciseVerdict) -> str:
    broken = [check.name for check in exercise.checks if check.outcome == "error"]
    if broken:
        return f"{exercise.id}: the check {broken[0]} itself broke; correct it and grade again."
    return f"{exercise.id}: no score could be read; look at the cell and mark it by hand."
