"""What the judge found: the only thing from which a sealed score is ever made.

A leaf: knows no other room of the package. Scores are sums of weights, exact until the last rounding.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

Outcome = Literal["passed", "failed", "not_graded", "error"]


@dataclass(frozen=True)
class CheckVerdict:
    """One hidden check on one submission. ``error`` means that the check itself broke: nobody's points depend on it."""

    name: str
    outcome: Outcome
    weight: float = 1.0
    message: str = ""
    hint: str = ""
    wrong_answer: str = ""
    claim: bool = False
    """Rests on what the runner says of itself: earns only beside a passed check that doesn't."""
    title: str = ""
    """What students read in the place of ``name``."""


@dataclass(frozen=True)
class ExerciseVerdict:
    """One graded cell: its grade_id, the score out of ``max_score`` (``None``: no verdict), and its checks."""

    id: str
    score: float | None
    max_score: float
    sealed: bool
    checks: tuple[CheckVerdict, ...] = ()


def exercise_from_data(data: dict[str, Any]) -> ExerciseVerdict:
    """The verdict whose `dataclasses.asdict` is ``data``. Raises KeyError or TypeError for anything else."""
    return ExerciseVerdict(**{**data, "checks": tuple(CheckVerdict(**check) for check in data["checks"])})


@dataclass(frozen=True)
class CellResult:
    """What running one code cell left behind: nbformat outputs (capped, not yet sanitised) and how it ended."""

    outputs: tuple[dict, ...] = ()
    status: Literal["ok", "error", "lost", "skipped"] = "ok"
    reason: str = ""
    cut: bool = False
    """Whether outputs are missing because there were too many."""


@dataclass(frozen=True)
class NotebookVerdict:
    """One graded notebook: a result for each code cell by its index, an exercise verdict for each graded code cell."""

    exercises: tuple[ExerciseVerdict, ...] = ()
    cells: dict[int, CellResult] = field(default_factory=dict)
    sandbox: str = ""
    runtime: str = ""
    engine: str = ""
    key_fingerprint: str = ""
    seconds: float = 0.0
    notebook_hash: str = ""
    lost: tuple[str, ...] = ()
    """Kinds of `nabla.answers.QuestionLost` that happened: a grade with any of them is never taken from the ledger."""


def exercise_score(checks: tuple[CheckVerdict, ...], max_score: float) -> float | None:
    """max_score x (weight passed) / (weight graded), or ``None`` where a check broke or nothing could be graded.

    A check that rests on a claim counts as failed unless one that doesn't has passed.
    """
    if any(check.outcome == "error" for check in checks):
        return None
    graded = [check for check in checks if check.outcome != "not_graded"]
    total = sum((Fraction(check.weight) for check in graded), Fraction(0))
    if total == 0:
        return None
    honest = any(check.outcome == "passed" and not check.claim for check in graded)
    passed = [check for check in graded if check.outcome == "passed" and (honest or not check.claim)]
    earned = sum((Fraction(check.weight) for check in passed), Fraction(0))
    return round(float(Fraction(max_score) * earned / total), 6)
