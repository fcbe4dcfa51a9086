"""What each assertion accepts, refuses and says."""

from __future__ import annotations

import numpy as np
import pytest

from nabla.checks import (
    CheckFailed,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_one_of,
    assert_shape,
    assert_unchanged,
    raises,
    recorded,
)
from nabla.checks.examination import current
from tests.checks.fake_session import FakeSession, ReplyingSession, examined

V = np.array([3.0, 4.0])


def message(statement, function, **settings):
    """What the student of ``function`` reads."""
    with examined(FakeSession(f=function), **settings) as submission, pytest.raises(CheckFailed) as caught:
        statement(submission)
    return str(caught.value)


def passes(statement, function):
    with examined(FakeSession(f=function)) as submission:
        statement(submission)
    return True


def close(submission):
    assert_close(submission.f(V), V / 5, tolerance=1e-12)


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda v: None, "called f(array([3., 4.])), it returned None, expected an array"),
        (lambda v: [0.6, 0.8], "called f(array([3., 4.])), it returned a list, expected an array (it was [0.6, 0.8])"),
        (
            lambda v: v[:, None] / 5,
            "called f(array([3., 4.])), it returned array([[0.6], [0.8]]) of shape (2, 1), expected shape (2,)",
        ),
        (
            lambda v: v / 0,
            "called f(array([3., 4.])), it returned array([inf, inf]), which holds NaN or infinite values, expected finite ones",
        ),
        (
            lambda v: v / np.array([5, 4]),
            "called f(array([3., 4.])), it returned array([0.6, 1.]), in which 1 of 2 entries are not right, the first at index 1",
        ),
        (
            lambda v: 1 / (v - v)[5],
            "called f(array([3., 4.])), it raised IndexError: index 5 is out of bounds for axis 0 with size 2",
        ),
    ],
)
def test_a_failure_says_what_was_called_and_what_came_back(function, said):
    assert message(close, function) == said


def test_expected_values_are_told_only_where_the_course_reveals_them():
    assert "0.6" not in message(close, lambda v: v)
    assert message(close, lambda v: v, reveal_expected=True).endswith("; expected array([0.6, 0.8])")


def test_a_number_may_be_python_s_or_an_array_without_axes():
    for number in (5.0, 5, np.float64(5), np.array(5.0)):
        assert passes(lambda submission: assert_close(submission.f(V), 5.0, tolerance=0), lambda v, n=number: n)
    said = message(lambda submission: assert_close(submission.f(V), 5.0, tolerance=0), lambda v: np.array([5.0]))
    assert said.endswith("of shape (1,), expected shape ()")
    assert "expected a number" in message(
        lambda submission: assert_close(submission.f(V), 5.0, tolerance=0), lambda v: True
    )


def test_items_of_a_tuple_are_named_by_their_place():
    said = message(lambda submission: assert_close(submission.f(V), (V, 5.0), tolerance=1e-9), lambda v: (v, 6.0))
    assert said == "called f(array([3., 4.])), item [1] of what it returned is 6.0, which is not the right value"


def test_shape_may_be_given_where_it_is_not_expected_s_own():
    def check(submission):
        assert_close(submission.f(V), V, tolerance=0, shape=(2, 1))

    assert passes(check, lambda v: v[:, None])
    assert "expected shape (2, 1)" in message(check, lambda v: v)


def test_two_answers_of_one_student_can_be_compared():
    def check(submission):
        assert_close(submission.f(2 * V), 2 * submission.f(V), tolerance=1e-12)

    assert passes(check, lambda v: v)
    assert "in which 2 of 2" in message(check, lambda v: v + 1)
    assert "expected an array" in message(check, lambda v: "x")


def test_equal_means_exactly():
    assert passes(
        lambda submission: assert_equal(submission.f([1]), [1, "a", None, True]), lambda v: (1.0, "a", None, True)
    )
    assert "which is not the right value" in message(
        lambda submission: assert_equal(submission.f(1), 0.1), lambda v: 0.1 + 1e-16
    )


def test_one_of_names_the_choices_only_where_revealed():
    def check(submission):
        assert_one_of(submission.f(1), {"neither", "saddle"})

    assert passes(check, lambda v: "saddle")
    assert message(check, lambda v: "minimum") == "called f(1), it returned 'minimum', which is not the right value"
    assert message(check, lambda v: None) == "called f(1), it returned None, expected a string"
    revealed = message(check, lambda v: "minimum", reveal_expected=True)
    assert revealed.endswith("; expected 'neither' or 'saddle'")


def test_a_shape_alone_can_be_asked_for():
    assert passes(lambda submission: assert_shape(submission.f(V), (2,)), lambda v: v)
    assert "expected shape (2,)" in message(lambda submission: assert_shape(submission.f(V), (2,)), lambda v: v[:1])


def test_a_dtype_is_what_the_process_claims_and_the_data_have():
    assert passes(lambda submission: assert_dtype(submission.f(V), "float64"), lambda v: v)
    said = message(lambda submission: assert_dtype(submission.f(V), "float64"), lambda v: v.astype(np.float32))
    assert said.endswith("of type float32, expected float64")
    forged = ReplyingSession(V, claims={"dtype": "torch.bfloat16"})
    with examined(forged) as submission, pytest.raises(CheckFailed, match="bfloat16"):
        assert_dtype(submission.f(V), "float64")


def test_changed_arguments_are_seen_whatever_is_returned():
    def scales_in_place(v):
        v *= 2
        return v / 2

    assert passes(lambda submission: assert_unchanged(submission.f(V)), lambda v: v)
    said = message(lambda submission: assert_unchanged(submission.f(V)), scales_in_place)
    assert said == (
        "called f(array([3., 4.])), it changed its argument number 1 (afterwards array([6., 8.])), expected it unchanged"
    )
    assert V.tolist() == [3.0, 4.0]


@pytest.mark.parametrize("after", [V.astype(np.float32), V[:1], V.tolist(), None, V + 1, V[:, None]])
def test_an_argument_of_another_type_shape_or_value_is_a_changed_one(after):
    with examined(ReplyingSession(V, arguments=(after,))) as submission, pytest.raises(CheckFailed, match="it changed"):
        assert_unchanged(submission.f(V))


def test_no_word_about_the_arguments_is_no_proof_that_they_stayed():
    with examined(ReplyingSession(V)) as submission, pytest.raises(CheckFailed, match="can't be told"):
        assert_unchanged(submission.f(V))


def raising(*names):
    def check(submission):
        with raises(*names):
            submission.f(V)

    return check


def failing_with(error):
    def function(v):
        raise error

    return function


def test_an_exception_is_matched_by_exact_names_along_its_classes():
    class Special(ValueError):
        pass

    assert passes(raising("ValueError"), failing_with(Special()))
    assert passes(raising("ValueError", "_LinAlgError"), failing_with(type("_LinAlgError", (RuntimeError,), {})()))
    said = message(raising("ValueError"), failing_with(type("_LinAlgError", (RuntimeError,), {})("singular")))
    assert said == "called f(array([3., 4.])), it raised _LinAlgError: singular, expected a ValueError"


def test_a_value_where_an_exception_was_asked_for_is_told():
    assert message(raising("ValueError"), lambda v: v) == (
        "called f(array([3., 4.])), it returned array([3., 4.]), expected a ValueError"
    )


def test_not_implemented_means_not_answered_and_never_a_runtime_error():
    said = message(raising("RuntimeError", "NotImplementedError"), failing_with(NotImplementedError("to do")))
    assert said == "not answered yet: f raises NotImplementedError"


def test_an_endless_recursion_is_no_runtime_error_that_a_check_asks_for():
    assert "RecursionError" in message(raising("RuntimeError"), failing_with(RecursionError()))
    assert passes(raising("RecursionError"), failing_with(RecursionError()))


def test_a_missing_function_is_no_name_error_that_a_check_asks_for():
    with examined(FakeSession()) as submission, pytest.raises(CheckFailed) as caught, raises("NameError"):
        submission.f(V)
    assert str(caught.value).startswith("There is no function `f` in the notebook.")


def test_raises_without_a_call_is_a_mistake_of_the_check():
    with examined(FakeSession(f=lambda: 1)) as submission:
        submission.f()
        with pytest.raises(RuntimeError, match="nothing was called"), raises("ValueError"):
            pass


def test_points_at_which_a_function_was_called_are_answers_too():
    def check(submission):
        f = recorded(np.sum)
        submission.f(f, V)
        assert len(f.calls) == 1
        assert_close(f.calls[0][0], V + 1, tolerance=0)

    assert passes(check, lambda f, v: f(v + 1))
    said = message(check, lambda f, v: f(v))
    assert said.startswith("call number 1 of the given function had the argument array([3., 4.])")


def test_a_comparison_counts_as_one_of_values_and_a_claim_does_not():
    with examined(FakeSession(f=lambda v: v)) as submission:
        examination = current.get()
        assert_unchanged(submission.f(V))
        assert_shape(submission.f(V), (2,))
        assert (examination.values_used, examination.claims_used) == (0, 1)
        assert_close(submission.f(V), V, tolerance=0)
        assert (examination.values_used, examination.claims_used) == (1, 1)
