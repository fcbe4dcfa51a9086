"""What was graded is recalled as it was given, and never where anything of it is missing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nabla.course import Course
from nabla.grading.ledger import Ledger
from nabla.grading.result import SubmissionResult
from nabla.verdicts import CheckVerdict, ExerciseVerdict

RESULT = SubmissionResult(
    "ana",
    "tiny",
    "graded",
    score=1.0,
    max_score=2.0,
    remarks=("test_a: points put back to 2",),
    exercises=(ExerciseVerdict("test_a", 1.0, 2.0, True, (CheckVerdict("test_law", "passed"),)),),
)


@pytest.fixture
def ledger(tiny_course: Path) -> Ledger:
    return Ledger(Course.load(tiny_course))


def test_a_result_is_recalled_whole(ledger: Ledger) -> None:
    ledger.remember("key", RESULT)
    assert ledger.recall("tiny", "ana", "key") == RESULT
    assert ledger.recall("tiny", "ana", "another key") is None
    assert ledger.recall("tiny", "ben", "key") is None


@pytest.mark.parametrize("field", ["remarks", "score", "exercises"])
def test_a_result_of_another_version_is_not_recalled(ledger: Ledger, field: str) -> None:
    ledger.remember("key", RESULT)
    [path] = ledger.root.rglob("ana.json")
    entry = json.loads(path.read_text())
    del entry["result"][field]
    path.write_text(json.dumps(entry))
    assert ledger.recall("tiny", "ana", "key") is None


def test_what_is_forgotten_is_not_recalled(ledger: Ledger) -> None:
    ledger.remember("key", RESULT)
    ledger.forget("tiny", "ana")
    assert ledger.recall("tiny", "ana", "key") is None
