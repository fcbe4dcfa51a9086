"""Asking a submission: copies both ways, call-backs guarded, returned functions callable."""

from __future__ import annotations

import numpy as np
import pytest

from nabla.checks import CheckFailed, assert_close, raises, recorded
from nabla.checks.examination import Examination, Submission
from tests.checks.fake_session import FakeSession, examined


def said(function, *arguments):
    with examined(FakeSession(f=function)) as submission, pytest.raises(CheckFailed) as caught:
        submission.f(*arguments)
    return str(caught.value)


def test_nothing_a_session_does_changes_what_the_check_sent():
    def destroys(array, nest, table):
        array[:] = 0
        nest[0].append(0)
        table.clear()

    array, nest, table = np.ones(2), [[1]], {"u": np.ones(1)}
    with examined(FakeSession(f=destroys)) as submission:
        answer = submission.f(array, nest, table)
    assert array.tolist() == [1, 1]
    assert (nest, list(table)) == ([[1]], ["u"])
    assert str(answer.call) == "f(array([1., 1.]), [[1]], {'u': array([1.])})"


def test_what_a_check_changes_later_does_not_change_what_was_called():
    v = np.ones(2)
    with examined(FakeSession(f=lambda v: v)) as submission:
        answer = submission.f(v)
        v[:] = 7
    assert str(answer.call) == "f(array([1., 1.]))"


def test_numpy_s_scalars_are_sent_as_python_s():
    with examined(FakeSession(f=lambda *values: [type(value).__name__ for value in values])) as submission:
        assert submission.f(np.float64(1), np.int32(2), np.bool_(True)).value == ["float", "int", "bool"]


def test_keywords_are_sent_and_told():
    with examined(FakeSession(f=lambda x, rtol: rtol)) as submission:
        answer = submission.f(1, rtol=1e-6)
    assert answer.told() == "called f(1, rtol=1e-06), it returned 1e-06"


def test_a_returned_function_can_be_called():
    with examined(FakeSession(f=lambda a: lambda x: a * x)) as submission:
        q = submission.f(3)
        assert_close(q(2), 6, tolerance=0)
        assert q(2).told() == "called f(3)(2), it returned 6"
        with pytest.raises(CheckFailed, match="returned a number, expected a function"):
            q(2)(1)


def test_a_call_back_is_the_judge_s_own_function():
    f = recorded(lambda w: np.sum(w**2))
    with examined(FakeSession(f=lambda f, w: f(w) + f(2 * w))) as submission:
        assert_close(submission.f(f, np.ones(3)), 15, tolerance=0)
    assert [call[0].array().tolist() for call in f.calls] == [[1, 1, 1], [2, 2, 2]]


def test_a_call_back_gives_nothing_of_the_judge_s_away():
    secret = np.ones(2)

    def spoils(f):
        f(1.0)[:] = 0
        return 1

    with examined(FakeSession(f=spoils)) as submission:
        submission.f(lambda w: secret)
    assert secret.tolist() == [1, 1]


@pytest.mark.parametrize("given", ["text", None, [1.0], {"u": 1}, object(), np.array(["a"]), len])
def test_a_call_back_takes_numbers_only_and_the_rest_is_the_student_s_mistake(given):
    text = said(lambda f: f(given), lambda w: w)
    assert "the function that you were given can't be called with these arguments" in text


def test_what_goes_wrong_in_a_call_back_tells_nothing_of_its_code():
    def secret_formula(w):
        return w[7] + {"secret": 1}["formula"]

    text = said(lambda f: f(np.ones(2)), secret_formula)
    assert "can't be called with these arguments" in text
    assert "index" not in text
    assert "formula" not in text


def test_a_session_that_lets_a_refused_call_back_out_is_answered_the_same():
    class Letting(FakeSession):
        def call(self, target, arguments=(), keywords=None, *, seconds=None):
            return arguments[0]("text")

    with examined(Letting()) as submission, pytest.raises(CheckFailed, match="can't be called"):
        submission.f(lambda w: w)


def test_a_missing_function_and_one_that_is_none_are_told_apart_from_errors_inside():
    with examined(FakeSession(g=3)) as submission:
        with pytest.raises(CheckFailed, match="There is no function `f`"):
            submission.f()
        with pytest.raises(CheckFailed, match="`g` in the notebook is not a function"):
            submission.g()
    assert said(lambda: undefined()) == "called f(), it raised NameError: name 'undefined' is not defined"  # noqa: F821


def test_a_missing_name_inside_is_an_exception_of_the_student():
    with examined(FakeSession(f=lambda: undefined())) as submission, raises("NameError"):  # noqa: F821
        submission.f()


def test_the_limit_of_a_call_reaches_the_session():
    class Timed(FakeSession):
        def call(self, *arguments, seconds=None, **keywords):
            self.seconds = seconds
            return super().call(*arguments, **keywords)

    session = Timed(f=lambda: 1)
    Submission(Examination(session, call_seconds=2.5)).f()
    assert session.seconds == 2.5


def test_private_names_are_no_functions_of_a_student():
    with pytest.raises(AttributeError):
        _ = Submission(Examination(FakeSession()))._anything
