"""Comparison of plain data: structure before shape before value, and never a broadcast."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nabla.checks.comparison import difference, normalised

PASSES = [
    (1, 1.0, 0.0),
    (1.0, 1, 0.0),
    (np.float32(2), 2, 0.0),
    (np.array(3.0), 3.0, 0.0),
    (np.array([1, 2]), np.array([1.0, 2.0]), 0.0),
    (np.array([1.0, 2.1]), np.array([1.0, 2.0]), 0.2),
    (np.array([1.0, 2.1]), np.array([1.0, 2.0]), np.array([0.0, 0.2])),
    ((1.0, np.zeros(2)), (1.0, np.zeros(2)), 0.0),
    ([1.0, "saddle"], (1.0, "saddle"), 0.0),
    ({"u": 1.0, "v": 2.0}, {"v": 2.0, "u": 1.0}, 0.0),
    ((1.1, 5.0), (1.0, 5.0), (0.2, 0.0)),
    (True, True, 0.0),
    (np.array(True), True, 0.0),
    (None, None, 0.0),
    (2**80, 2**80, 0.0),
    (1j, 1j, 0.0),
    (np.zeros((0, 2)), np.zeros((0, 2)), 0.0),
]
FAILS = [
    (None, 1.0, "kind"),
    ("1", 1.0, "kind"),
    (True, 1.0, "kind"),
    (np.array(True), 1, "kind"),
    (1, True, "kind"),
    (1j, 1.0, "kind"),
    ([1.0, 2.0], np.array([1.0, 2.0]), "kind"),
    ((1.0, 2.0), np.array([1.0, 2.0]), "kind"),
    (np.array([1.0, 2.0]), (1.0, 2.0), "kind"),
    (1.0, np.array([1.0]), "kind"),
    ([1.0], 1.0, "kind"),
    (np.array(1.0), np.array([1.0]), "shape"),
    (np.array([1.0]), 1.0, "shape"),
    (np.ones((3, 1)), np.ones(3), "shape"),
    (np.ones((1, 3)), np.ones((3, 3)), "shape"),
    (math.nan, 1.0, "finite"),
    (np.array([1.0, np.inf]), np.array([1.0, 2.0]), "finite"),
    (10**400, 1.0, "large"),
    (1.0, 2.0, "value"),
    (2**80, 2**80 + 1, "value"),
    (np.array([2**60 + 1]), np.array([2**60]), "value"),
    (np.array([-(2**63)]), np.array([0]), "value"),
    ((1.0,), (1.0, 2.0), "count"),
    ({"u": 1.0}, {"v": 1.0}, "keys"),
    ("a", "b", "value"),
    (b"a", "a", "kind"),
    (0, None, "kind"),
    (False, None, "kind"),
]


@pytest.mark.parametrize(("actual", "expected", "tolerance"), PASSES)
def test_what_is_equal_within_tolerance_has_no_problem(actual, expected, tolerance):
    found = difference(actual, normalised(expected), tolerance)
    assert (found.problem, found.distance <= 1) == ("", True)


@pytest.mark.parametrize(("actual", "expected", "problem"), FAILS)
def test_the_first_thing_that_is_wrong_is_named(actual, expected, problem):
    found = difference(actual, normalised(expected), 0.0)
    assert (found.problem, found.distance) == (problem, math.inf)


def test_distance_is_in_tolerances():
    found = difference(np.array([1.0, 2.5]), np.array([1.0, 2.0]), 0.01)
    assert found.distance == pytest.approx(50)
    assert (found.wrong_entries, found.first_wrong) == (1, (1,))


def test_the_first_wrong_item_is_named_by_its_path():
    found = difference((1.0, {"u": np.array([1.0])}), (1.0, {"u": np.array([2.0])}), 0.1)
    assert found.path == (1, "u")


def test_nan_equals_itself_only_where_wrong_answers_are_compared():
    value = np.array([np.nan, np.inf])
    assert difference(value, value).problem == "finite"
    assert difference(value, value, same_nan=True).problem == ""
    assert difference(value, -value, same_nan=True).problem == "value"


@pytest.mark.parametrize("expected", [math.nan, [math.inf], object(), np.array(["a"]), {1.0}])
def test_a_check_can_not_expect_what_is_no_value(expected):
    with pytest.raises((TypeError, ValueError)):
        normalised(expected)


@pytest.mark.parametrize("tolerance", [-1.0, math.nan, math.inf, np.ones(3)])
def test_a_tolerance_is_finite_and_has_one_entry_or_the_shape_of_the_value(tolerance):
    with pytest.raises(ValueError, match="tolerance"):
        difference(np.ones(2), np.ones(2), tolerance)
