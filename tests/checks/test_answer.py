"""What a check may do with an answer."""

from __future__ import annotations

import numpy as np
import pytest

from nabla.checks import Answer, CheckFailed
from tests.checks.fake_session import FakeSession, examined


def test_numbers_and_arrays_convert():
    assert float(Answer(np.array(2.5))) == 2.5
    assert int(Answer(3.0)) == 3
    assert bool(Answer(np.bool_(True))) is True
    assert np.asarray(Answer([1.0][0])).shape == ()
    assert Answer(np.arange(3)).array((3,)).tolist() == [0, 1, 2]


@pytest.mark.parametrize("value", [None, True, "1", [1.0], (1.0,), 1j, np.array([1.0]), np.nan, 10**400])
def test_what_is_no_number_is_refused_as_one(value):
    with pytest.raises(CheckFailed):
        float(Answer(value))


@pytest.mark.parametrize("value", [1, 1.0, None, "True", [True], np.array([True])])
def test_what_is_no_truth_value_is_refused_as_one(value):
    with pytest.raises(CheckFailed, match="expected True or False"):
        bool(Answer(value))


def test_arithmetic_gives_plain_arrays():
    answer = Answer(np.array([1.0, 2.0]))
    for result in (answer + 1, 1 + answer, np.array([1.0, 1.0]) * answer, -answer, answer @ np.eye(2), np.abs(answer)):
        assert type(result) is np.ndarray
    assert (np.ones(2) @ answer) == 3.0
    assert np.linalg.norm(answer) == pytest.approx(5**0.5)


@pytest.mark.parametrize(
    "calculation",
    [
        lambda answer: answer + np.ones(5),
        lambda answer: np.eye(5) @ answer,
        lambda answer: np.linalg.solve(np.zeros((3, 3)), answer),
        lambda answer: np.concatenate([answer, np.ones((2, 2))]),
        lambda answer: answer / 0,
    ],
)
def test_a_calculation_that_does_not_fit_the_answer_is_the_answer_s_failure(calculation):
    with pytest.raises(CheckFailed):
        calculation(Answer(np.ones(3)))


def test_comparing_with_a_sign_of_equality_is_a_mistake_of_the_check():
    with pytest.raises(TypeError, match="assert_equal"):
        assert Answer(1) == 1
    with pytest.raises(TypeError, match="assert_equal"):
        assert Answer(1) != 1


def test_items_know_where_they_come_from():
    with examined(FakeSession(f=lambda: (1.0, {"u": np.array([2.0])}))) as submission:
        item = submission.f()[1]["u"][0]
    assert item.told() == "called f(), item [1]['u'][0] of what it returned is 2.0"
    assert [child.path for child in Answer((1, 2))] == [(0,), (1,)]


@pytest.mark.parametrize("key", [7, "u", 1.5, None, [1], (0, 0, 0), slice(None, None, "x")])
def test_an_item_that_is_not_there_is_the_answer_s_failure(key):
    for value in ([1], (1,), np.ones(2), {"v": 1}):
        if not isinstance(value, np.ndarray) or key not in (None, [1]):  # numpy knows these two as indices
            with pytest.raises(CheckFailed):
                Answer(value)[key].array()


def test_a_loop_over_an_answer_is_never_long():
    with pytest.raises(CheckFailed, match="far more"):
        iter(Answer(np.zeros(10**6)))


def test_a_printed_answer_runs_nothing_and_stays_in_its_line():
    assert f"{Answer('a' + chr(27))} {Answer(1)!r}" == r"'a\x1b' 1"
