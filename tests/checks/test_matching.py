"""Naming a known wrong answer: only the one that the student's answer is, and only where that is clear."""

from __future__ import annotations

import time

import numpy as np
import pytest

from nabla.checks import CheckFailed, assert_close, assert_equal, assert_one_of, assert_unchanged, raises, wrong
from tests.checks.fake_session import FakeSession, examined

V = np.array([3.0, 4.0])


def known(function, *, fails=("test_law",), name="f", **settings):
    hint = {"en": f"hint of {function.__name__}", "ja": "ヒント"}
    return wrong(fails=fails, hint=hint, function=name, **settings)(function)


def forgot(v):
    return v


def doubled(v):
    return 2 * v


def column(v):
    return v[:, None]


def overflows(v):
    return np.exp(1000 * v) / np.exp(1000 * v)


def breaks(v):
    raise KeyError("broken")


def never_ends(v):
    while True:
        pass


def spoils(v):
    v *= 2
    return v


def failure(statement, function, *answers, check="test_law", **settings):
    session = FakeSession(f=function)
    known_here = {"wrong_answers": answers, "check": check, **settings}
    with examined(session, **known_here) as submission, pytest.raises(CheckFailed) as caught:
        statement(submission)
    return caught.value.wrong_answer, caught.value.hint


def law(submission):
    assert_close(submission.f(V), V / 5, tolerance=1e-12)


def test_a_known_wrong_answer_is_named_with_its_hint():
    assert failure(law, lambda v: v + 1e-13, known(doubled), known(forgot)) == ("forgot", "hint of forgot")


def test_the_hint_comes_in_the_submission_s_language_or_in_english():
    assert failure(law, forgot, known(forgot), language="ja")[1] == "ヒント"
    assert failure(law, forgot, known(forgot), language="fr")[1] == "hint of forgot"


def test_an_answer_that_is_wrong_in_its_own_way_gets_no_name():
    assert failure(law, lambda v: v + 1, known(forgot), known(doubled)) == ("", "")


def test_a_wrong_answer_near_the_right_one_explains_nothing():
    def nearly(v):
        return v / 5 + 50e-12

    def clearly(v):
        return v / 5 + 150e-12

    assert failure(law, nearly, known(nearly)) == ("", "")
    assert failure(law, clearly, known(clearly))[0] == "clearly"


def test_wrong_shapes_and_values_that_are_not_finite_are_known_too():
    assert failure(law, column, known(forgot), known(column))[0] == "column"
    assert failure(law, overflows, known(forgot), known(overflows))[0] == "overflows"
    assert failure(law, lambda v: None, known(column), known(lambda v: None))[0] == "<lambda>"


def test_the_wrong_answer_that_must_fail_this_check_comes_first():
    def same(v):
        return v

    assert failure(law, forgot, known(same, fails=("test_other",)), known(forgot))[0] == "forgot"


def test_wrong_answers_of_other_functions_and_frameworks_do_not_match():
    assert failure(law, forgot, known(forgot, name="g")) == ("", "")
    assert failure(law, forgot, known(forgot, frameworks=("jax",))) == ("", "")
    assert failure(law, forgot, known(forgot, frameworks=("jax",)), framework="jax")[0] == "forgot"


def test_a_wrong_answer_that_breaks_or_never_ends_matches_nothing_and_harms_nobody():
    started = time.monotonic()
    assert failure(law, forgot, known(breaks), known(never_ends), known(forgot))[0] == "forgot"
    assert time.monotonic() - started < 5


def test_wrong_answers_get_copies():
    def check(submission):
        v = V.copy()
        answer = submission.f(v)
        with pytest.raises(CheckFailed):
            assert_close(answer, V / 5, tolerance=1e-12)
        assert v.tolist() == [3.0, 4.0]
        assert answer.call.arguments[0].tolist() == [3.0, 4.0]
        raise CheckFailed("done")

    failure(check, forgot, known(spoils))


def test_exact_comparisons_name_wrong_answers():
    def minimum(v):
        return "minimum"

    assert failure(lambda s: assert_one_of(s.f(1), {"neither"}), minimum, known(minimum))[0] == "minimum"
    assert failure(lambda s: assert_equal(s.f(1), "neither"), minimum, known(minimum))[0] == "minimum"
    assert failure(lambda s: assert_equal(s.f(1), "neither"), lambda v: "maximum", known(minimum))[0] == ""


def test_a_value_returned_where_an_exception_was_asked_for_names_the_wrong_answer():
    def divides(v):
        return v / np.linalg.norm(v)

    def check(submission):
        with raises("ValueError"):
            submission.f(np.zeros(2))

    assert failure(check, divides, known(forgot), known(divides))[0] == "divides"
    assert failure(check, divides, known(divides, fails=("test_other",)))[0] == ""


def test_a_changed_argument_names_the_wrong_answer_that_changes_it_so():
    assert failure(lambda s: assert_unchanged(s.f(V)), spoils, known(forgot), known(spoils))[0] == "spoils"
    assert V.tolist() == [3.0, 4.0]


@pytest.mark.parametrize(("off", "named"), [(1 + 1e-15, "scales_in_place"), (1 + 1e-6, "")])
def test_a_changed_argument_may_differ_by_rounding(off, named):
    def scales_in_place(v):
        v *= 0.1
        return v

    def in_another_framework(v):
        v *= 0.1 * off
        return v

    check = failure(lambda s: assert_unchanged(s.f(V)), in_another_framework, known(scales_in_place))
    assert check[0] == named


def test_items_and_returned_functions_are_compared_with_the_same_items():
    def swapped(v):
        return v, 2 * v

    def constant(v):
        return lambda x: v

    assert failure(lambda s: assert_close(s.f(V)[0], 2 * V, tolerance=0), swapped, known(swapped))[0] == "swapped"
    assert failure(lambda s: assert_close(s.f(V), (2 * V, V), tolerance=0), swapped, known(swapped))[0] == "swapped"
    assert failure(lambda s: assert_close(s.f(V)(1.0), V + 1, tolerance=0), constant, known(constant))[0] == "constant"


def test_a_wrong_answer_that_gave_something_else_before_explains_nothing():
    def sign_of_a_sum(v):
        return bool(v.sum() > 0)

    def always_no(v):
        return False

    def both_calls(submission):
        assert_equal(submission.f(V), True)
        assert_equal(submission.f(np.array([-1.0, 0.5])), True)

    alike = known(always_no), known(sign_of_a_sum)
    assert failure(both_calls, sign_of_a_sum, *alike)[0] == "sign_of_a_sum"


def test_a_wrong_answer_that_was_right_before_still_explains():
    def both_calls(submission):
        assert_close(submission.f(V / 5), V / 5, tolerance=1e-12)
        assert_close(submission.f(V), V / 5, tolerance=1e-12)

    assert failure(both_calls, forgot, known(doubled), known(forgot))[0] == "forgot"
