"""True scores come from declarations alone."""

from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction

import pytest

from nabla.simulate.truth import (
    DeclaredCheck,
    DeclaredWrongAnswer,
    declared_checks,
    declared_points,
    declared_wrong_answers,
    exercise_score,
    in_edition,
    score,
)

LAW = DeclaredCheck("test_law", 3.0, frozenset({"law"}))
SHAPE = DeclaredCheck("test_shape", 1.0, frozenset())
DTYPE = DeclaredCheck("test_dtype", 1.0, frozenset({"claim"}))
GPU = DeclaredCheck("test_gpu", 5.0, frozenset({"gpu", "accelerator"}))


def test_a_score_is_the_share_of_the_weight_that_does_not_fail():
    assert exercise_score(Fraction(5), [LAW, SHAPE, DTYPE], frozenset({"test_shape"})) == 4


def test_a_claim_alone_is_worth_nothing():
    assert exercise_score(Fraction(5), [LAW, SHAPE, DTYPE], frozenset({"test_law", "test_shape"})) == 0


def test_checks_for_an_accelerator_do_not_count():
    assert exercise_score(Fraction(5), [LAW, SHAPE, DTYPE, GPU], frozenset({"test_law"})) == 2


CHECKS = """
class TestDouble:
    @pytest.mark.law
    def test_law(self, submission):
        assert_close(submission.double(1), 2)

    @pytest.mark.gpu
    def test_stays(self, submission):
        assert_stays_on_device(submission, "double", outline(4), result=outline(4))

    @pytest.mark.gpu
    def test_there(self, submission, accelerator):
        assert_close(submission.double(1), 2)

    @pytest.mark.frameworks("jax", "numpy")
    def test_elsewhere(self, submission):
        assert_close(submission.double(1), 2)
"""


def test_each_edition_has_its_own_checks_and_plain_numpy_fails_what_asks_to_stay_on_a_device(tmp_path):
    (tmp_path / "test_toy.py").write_text(CHECKS)
    checks = declared_checks(tmp_path / "test_toy.py")["test_double"]
    names = {edition: [check.name for check in in_edition(checks, edition)] for edition in ("torch", "jax", "mxnet")}
    assert names == {
        "torch": ["test_law", "test_stays", "test_there"],
        "jax": ["test_law", "test_elsewhere"],
        "mxnet": ["test_law"],
    }
    torchs = in_edition(checks, "torch")
    assert exercise_score(Fraction(4), torchs, frozenset({"test_stays"})) == 2
    plain = DeclaredWrongAnswer("tripled", "double", "double", ("test_law",), None)
    own = DeclaredWrongAnswer("carried", "double", "double", ("test_stays",), ("torch",), "torch")
    assert plain.failed(torchs) == {"test_law", "test_stays"}
    assert plain.failed(in_edition(checks, "jax")) == {"test_law"}
    assert own.failed(torchs) == {"test_stays"}


def test_a_wrong_answer_in_torchs_own_code_is_one_of_its_edition(tmp_path):
    text = "@wrong(framework='torch', fault='read', fails=('test_stays',), hint={'en': '?'})\ndef carried(v):\n    return v\n"
    (tmp_path / "double.py").write_text(text)
    [answer] = declared_wrong_answers(tmp_path)
    assert (answer.framework, answer.frameworks) == ("torch", ("torch",))


def test_a_check_that_does_not_exist_cannot_fail():
    with pytest.raises(ValueError, match="test_nowhere"):
        exercise_score(Fraction(5), [LAW], frozenset({"test_nowhere"}))


def test_a_submission_is_worth_the_sum_of_its_exercises():
    points = {"a": Fraction(5), "b": Fraction(1)}
    assert score(points, {"a": [LAW, SHAPE, DTYPE], "b": [LAW]}, {"a": frozenset({"test_shape"})}) == 5.0


def test_weights_and_marks_are_read_from_the_file_of_checks(tiny_course):
    checks = declared_checks(tiny_course / "grader_tests" / "test_tiny.py")
    assert set(checks) == {"test_double", "test_halve"}
    law, keeps = checks["test_double"]
    assert (law.name, law.weight, law.marks) == ("test_is_twice_its_argument", 3.0, {"law"})
    assert (keeps.weight, keeps.marks) == (1.0, {"claim"})


def test_a_check_of_an_exception_alone_is_a_claim(tiny_course):
    checks = declared_checks(tiny_course / "grader_tests" / "test_tiny.py")
    assert checks["test_halve"][1].marks == {"claim"}


def test_points_are_those_of_code_cells_that_need_no_person(tiny_course):
    assert declared_points(tiny_course / "source" / "tiny" / "tiny.ipynb") == {"test_double": 4, "test_halve": 2}


def test_wrong_answers_are_read_without_running_them(tiny_course):
    folder = tiny_course / "grader_tests" / "wrong" / "tiny"
    (folder / "halve.py").write_text("raise SystemExit\n" + (folder / "halve.py").read_text())
    found = {answer.name: answer for answer in declared_wrong_answers(folder)}
    assert set(found) == {"squared", "in_place", "takes_everything"}
    assert found["takes_everything"].fails == ("test_refuses_nothing",)
    assert found["takes_everything"].function == found["takes_everything"].exercise == "halve"


def test_the_truth_loads_nothing_of_the_engine():
    program = "import sys, json, nabla.simulate.truth; print(json.dumps([m for m in sys.modules if 'nabla' in m]))"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert set(json.loads(found.stdout)) == {"nabla", "nabla.simulate", "nabla.simulate.truth"}
