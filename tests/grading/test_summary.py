"""The summary above a feedback page: what failed first, what is open, nothing that a submission wrote as markup."""

from __future__ import annotations

from pathlib import Path

import pytest

from nabla.course import Course
from nabla.grading.feedback import make_feedback
from nabla.grading.pool import grade_class
from nabla.grading.summary import WORDS, Row, summary
from nabla.verdicts import CheckVerdict, ExerciseVerdict
from tests.grading.test_pool import ANSWERS, hand_in
from tests.notebook.building import code, marks, notebook, text

EVIL = "<script>alert(1)</script>"


def rows(verdict: ExerciseVerdict, **marked: object) -> list[Row]:
    nb = notebook(
        code("assert f()", nbgrader=marks("test_f", grade=True)),
        text("Because.", nbgrader=marks("why", grade=True, solution=True)),
    )
    nb.cells[0].metadata.nbgrader["score"] = verdict.score
    nb.cells[1].metadata.nbgrader.update({"score": 0.0, **marked})
    found: list[Row] = summary(nb, {"test_f": verdict}, WORDS["en"], 1.0, 4.0)["rows"]
    return found


def test_an_exercise_shows_the_first_check_that_failed_and_how_many_more() -> None:
    checks = (
        CheckVerdict("test_a", "passed"),
        CheckVerdict("test_is_b", "failed", message="f(1) is 2", hint="What is f(0)?"),
        CheckVerdict("test_c", "failed"),
    )
    row = rows(ExerciseVerdict("test_f", 1.0, 2.0, sealed=True, checks=checks))[0]
    assert (row.name, row.state, row.points, row.note) == ("f", "some", "1 / 2", "and 1 more: see below")
    assert row.checks == ({"title": "is b", "message": "f(1) is 2", "hint": "What is f(0)?"},)


def test_what_has_no_verdict_shows_no_zero() -> None:
    row = rows(ExerciseVerdict("test_f", None, 2.0, sealed=True))[0]
    assert (row.state, row.points) == ("open", "– / 2")


def test_a_written_answer_that_nobody_has_marked_shows_no_zero() -> None:
    full = ExerciseVerdict("test_f", 2.0, 2.0, sealed=True)
    assert rows(full, not_marked_yet=True)[1].state == "open"
    assert rows(full, comment=None)[1].state == "none"
    assert rows(full)[0].state == "all"


@pytest.fixture
def pages(released_course: Path) -> Path:
    hand_in(released_course, "ada", {**ANSWERS, "double": f"def double(x):\n    raise ValueError({EVIL!r})"})
    hand_in(released_course, "a[b]*", ANSWERS)
    course = Course.load(released_course)
    list(grade_class(course, ["tiny"], workers=1))
    assert not make_feedback(course, "tiny").failures
    return released_course / "feedback"


def test_every_student_has_a_page_and_no_text_of_his_is_markup_in_it(pages: Path) -> None:
    page = (pages / "ada" / "tiny" / "tiny.html").read_text(encoding="utf-8")
    top, _, below = page.partition("</section>")
    assert "nabla-summary" in top
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in top
    assert EVIL not in page
    assert 'name="test_double"' in below
    assert 'href="#test_double"' in top
    assert (pages / "a[b]*" / "tiny" / "tiny.html").is_file()


def test_a_course_may_keep_nbgraders_own_page(released_course: Path) -> None:
    with (released_course / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write('\nc.HTMLExporter.template_name = "feedback"\n')
    hand_in(released_course, "ada", ANSWERS)
    course = Course.load(released_course)
    list(grade_class(course, ["tiny"], workers=1))
    made = make_feedback(course, "tiny")
    assert not made.failures
    assert "nabla-summary" not in made.pages[0].read_text(encoding="utf-8")
