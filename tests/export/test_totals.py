"""The total of a student, with the lowest assignments dropped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nabla.export.totals import ClassGrades, ExportedGrade, lowest
from nabla.gradebook import AssignmentFacts, CellGrade, ClassStandings, Participant, Standing


def standing(score, most, *, is_open=False, penalty=0.0):
    return Standing((CellGrade("n", "test_x", score, most, is_open, is_test=True),), penalty)


def grades(drop, **scores):
    """A class of one student; ``None``: nothing handed in."""
    most = {"a": 10.0, "b": 20.0, "c": 10.0}
    submissions = {("ann", name): standing(score, most[name]) for name, score in scores.items() if score is not None}
    facts = {name: AssignmentFacts(name, most[name]) for name in scores}
    return ClassGrades(ClassStandings({"ann": Participant("ann")}, facts, submissions), tuple(scores), drop)


@pytest.mark.parametrize(
    ("drop", "scores", "total"),
    [
        (0, {"a": 5, "b": 5, "c": 10}, (20, 40, ())),
        (1, {"a": 5, "b": 5, "c": 10}, (15, 20, ("b",))),
        (1, {"a": 5, "b": None, "c": 1}, (6, 20, ("b",))),
        (2, {"a": 5, "b": 20, "c": 1}, (20, 20, ("a", "c"))),
        (9, {"a": 5, "b": 20, "c": 1}, (20, 20, ("a", "c"))),
        (1, {"a": 5}, (5, 10, ())),
        (1, {"a": 5, "b": 10, "c": 5}, (10, 20, ("b",))),
    ],
)
def test_the_lowest_shares_are_dropped_and_what_was_not_handed_in_counts_zero(drop, scores, total):
    found = grades(drop, **scores).total("ann")
    assert (found.score, found.max_score, found.dropped) == total


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.tuples(st.integers(0, 10), st.integers(1, 10)), min_size=1),
    st.integers(0, 7),
)
def test_dropping_never_lowers_the_mean_share_and_keeps_one(found, number):
    all_grades = {name: ExportedGrade(min(score, most), most) for name, (score, most) in found.items()}
    dropped = lowest(all_grades, number)
    kept = [grade.score / grade.max_score for name, grade in all_grades.items() if name not in dropped]
    everything = [grade.score / grade.max_score for grade in all_grades.values()]
    assert kept
    assert len(dropped) == min(number, len(found) - 1)
    assert sum(kept) / len(kept) >= sum(everything) / len(everything) - 1e-12


def test_a_penalty_never_makes_a_score_negative():
    assert standing(2.0, 10.0, penalty=3.0).score == 0.0
    assert standing(5.0, 10.0, penalty=3.0).score == 2.0
