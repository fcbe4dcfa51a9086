"""A feedback page tells an unmarked answer from one that was worth nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from nabla.course import Course
from nabla.grading.feedback import make_feedback
from nabla.grading.open_marks import NOT_MARKED
from nabla.grading.pool import grade_class
from tests.grading.test_pool import ANSWERS, hand_in


@pytest.fixture
def course(released_course: Path) -> Course:
    hand_in(released_course, "ada", {**ANSWERS, "written_why": "Because halves double."})
    course = Course.load(released_course)
    list(grade_class(course, ["tiny"], workers=1))
    return course


def page(course: Course) -> str:
    made = make_feedback(course, "tiny")
    assert not made.failures
    (path,) = made.pages
    return path.read_text(encoding="utf-8")


def test_an_unmarked_answer_says_so_and_a_marked_one_shows_its_mark(course: Course) -> None:
    word = NOT_MARKED["en"].split("**")[1]
    assert word in page(course)
    with Gradebook(course.db_url) as gradebook:
        grade = gradebook.find_grade("written_why", "tiny", "tiny", "ada")
        grade.manual_score, grade.needs_manual_grade = 0.5, False
        gradebook.db.commit()
    assert word not in page(course)
