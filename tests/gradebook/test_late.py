"""Penalties and extensions, as arithmetic; that both doors give the same is in tests/grading/test_doors.py."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest

from nabla.course import Course, CourseError
from nabla.gradebook import stored_assignment
from nabla.gradebook.late import Extensions, LatePolicy

DAY = 86_400


@pytest.mark.parametrize(
    ("seconds", "penalty"),
    [(1, 1.0), (DAY, 1.0), (DAY + 1, 2.0), (3 * DAY, 3.0), (30 * DAY, 5.0), (60 * DAY + 1, 10.0)],
)
def test_each_begun_day_costs_its_share_up_to_a_limit_and_everything_after_a_while(seconds, penalty):
    policy = LatePolicy(per_day=0.1, at_most=0.5, nothing_after_days=60)
    assert policy.late_submission_penalty("ann", 10.0, seconds) == penalty


def test_the_grace_costs_nothing_and_a_minute_more_counts_from_the_due_time():
    policy = LatePolicy(grace_minutes=30)
    assert policy.late_submission_penalty("ann", 10.0, 30 * 60) is None
    assert policy.late_submission_penalty("ann", 10.0, 31 * 60) == 1.0


def test_an_assignments_own_extension_comes_before_the_one_for_all():
    extensions = Extensions({"ann": {"*": {"hours": 3, "minutes": 30}, "hessians": 0}})
    assert extensions.of("ann", "hessians") == timedelta(0)
    assert extensions.of("ann", "gradients") == timedelta(hours=3.5)
    assert extensions.of("ben", "gradients") is None


@pytest.mark.parametrize(
    "wrong",
    [
        2,
        {"hessians": "2 days"},
        {"hessians": -1},
        {"hessians": {}},
        {"hessians": True},
        {"hessians": {"fortnights": 1}},
        {"hessians": float("nan")},
        {"hessians": 1e300},
    ],
)
def test_what_is_no_extension_is_named_with_an_example(wrong):
    with pytest.raises(CourseError, match=r"extensions\['ann'\].*Write it like"):
        Extensions({"ann": wrong})


def test_another_due_date_is_another_assignment_to_the_ledger(released_course):
    course = Course.load(released_course)
    before = stored_assignment(course.db_url, "tiny")
    with sqlite3.connect(released_course / "gradebook.db") as database:
        database.execute("update assignment set duedate = '2030-01-01 00:00:00.000000'")
    database.close()
    assert repr(stored_assignment(course.db_url, "tiny")) != repr(before)
