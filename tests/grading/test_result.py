"""The canonical result: what it says, and that it says nothing that its schema forbids."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema
import pytest

from nabla.grading import result
from nabla.grading.result import SubmissionResult
from nabla.verdicts import CheckVerdict, ExerciseVerdict, NotebookVerdict

PASSED = CheckVerdict("test_law", "passed", weight=3.0)
FAILED = CheckVerdict("test_shape", "failed", message="a list", hint="Which type?", wrong_answer="as_list")
SKIPPED = CheckVerdict("test_gpu", "not_graded", message="needs an accelerator")
BROKEN = CheckVerdict("test_law", "error")


def verdict(*exercises):
    return NotebookVerdict(exercises, sandbox="sandlock", runtime="python", engine="0.1", key_fingerprint="0" * 12)


def graded(*exercises):
    return SubmissionResult.from_verdicts("ana", "tiny", [verdict(*exercises)], seconds=0.5)


def test_a_score_is_the_sum_of_the_exercises():
    found = graded(
        ExerciseVerdict("test_a", 3.0, 4.0, True, (PASSED, FAILED)), ExerciseVerdict("test_b", 0.0, 2.0, True)
    )
    assert (found.status, found.score, found.max_score, found.reason) == ("graded", 3.0, 6.0, "")


def test_what_needs_other_hardware_leaves_the_denominator():
    found = graded(
        ExerciseVerdict("test_a", 4.0, 4.0, True, (PASSED,)), ExerciseVerdict("test_b", None, 2.0, True, (SKIPPED,))
    )
    assert (found.status, found.score, found.max_score, found.not_graded_points) == ("graded", 4.0, 4.0, 2.0)


def test_a_broken_check_fails_the_submission_and_keeps_the_other_points():
    found = graded(
        ExerciseVerdict("test_a", 4.0, 4.0, True, (PASSED,)), ExerciseVerdict("test_b", None, 2.0, True, (BROKEN,))
    )
    assert (found.status, found.score) == ("failed", 4.0)
    assert "test_b" in found.reason
    assert "test_law" in found.reason


def test_a_submission_that_cannot_be_read_has_no_score():
    found = SubmissionResult.failed("ana", "tiny", "tiny.ipynb: is empty. Ask the student to submit it again.")
    assert found.score is None
    result.document([found])


def test_remarks_are_bounded_and_part_of_the_document():
    found = SubmissionResult.from_verdicts("ana", "tiny", [], remarks=[f"cell{n}: put back" for n in range(50)])
    assert len(found.remarks) == 20
    [submission] = result.document([found])["submissions"]
    assert submission["remarks"][0] == "cell0: put back"


def test_a_document_has_exactly_the_fields_of_the_schema():
    exercise = ExerciseVerdict("test_a", 3.0, 4.0, True, (PASSED, FAILED))
    made = result.document([graded(exercise)])
    assert made["version"] == 1
    assert made["submissions"][0]["exercises"] == [
        {
            "id": "test_a",
            "score": 3.0,
            "max_score": 4.0,
            "sealed": True,
            "checks": [
                {"name": "test_law", "outcome": "passed", "message": "", "hint": "", "wrong_answer": ""},
                {
                    "name": "test_shape",
                    "outcome": "failed",
                    "message": "a list",
                    "hint": "Which type?",
                    "wrong_answer": "as_list",
                },
            ],
        }
    ]


@pytest.mark.parametrize(
    "broken",
    [
        replace(SubmissionResult("ana", "tiny", "graded", score=1.0), reason="why"),
        SubmissionResult("ana", "tiny", "graded", score=None),
        SubmissionResult("ana", "tiny", "failed"),
        SubmissionResult("ana", "tiny", "graded", score=-1.0),
        SubmissionResult("", "tiny", "graded", score=1.0),
    ],
    ids=["graded with a reason", "graded without a score", "failed without a reason", "negative score", "no student"],
)
def test_a_result_that_breaks_the_schema_is_never_written(tmp_path, broken):
    path = tmp_path / "result.json"
    path.write_text("old")
    with pytest.raises(jsonschema.ValidationError):
        result.write([broken], path)
    assert path.read_text() == "old"


def test_a_score_that_is_no_number_is_never_written(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        result.write([SubmissionResult("ana", "tiny", "graded", score=float("nan"))], tmp_path / "result.json")
    assert list(tmp_path.iterdir()) == []


def test_the_order_of_a_document_does_not_depend_on_who_was_graded_first(tmp_path):
    both = [SubmissionResult(name, "tiny", "graded", score=1.0) for name in ("bo", "ana")]
    result.write(both, tmp_path / "one.json")
    result.write(both[::-1], tmp_path / "other.json")
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "other.json").read_bytes()
    assert [row["student"] for row in json.loads((tmp_path / "one.json").read_text())["submissions"]] == ["ana", "bo"]
