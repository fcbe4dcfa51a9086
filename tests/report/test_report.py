"""The class report counts what the gradebook and the verdicts say, and nothing in it can run."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from nabla.cli.app import app
from nabla.course import Course, CourseError
from nabla.gradebook import GradebookWriter, NotebookGrades, Submission
from nabla.grading.record import remember_verdict, stored_verdicts
from nabla.report.facts import AssignmentReport, ExerciseFacts, WrongAnswer, class_report, histogram
from nabla.report.page import page
from nabla.verdicts import CheckVerdict, ExerciseVerdict, NotebookVerdict

DAY = date(2026, 11, 28)
LIVE = "<script>alert(1)</script>\"'`<img src=x onerror=alert(1)>"


def check(name, outcome, wrong="", hint=""):
    return CheckVerdict(f"test_{name}", outcome, hint=hint, wrong_answer=wrong, title=f"{name} holds")


def double(score, *checks):
    return ExerciseVerdict("test_double", score, 4.0, sealed=True, checks=checks)


GOOD = double(4.0, check("law", "passed"), check("shape", "passed"))
SQUARED = double(1.0, check("law", "failed", "squared", "Is 3 + 3 equal to 3 * 3?"), check("shape", "passed"))
SQUARED_JA = double(1.0, check("law", "failed", "squared", "3 + 3 は 3 * 3 ですか。"), check("shape", "passed"))
OTHER = double(0.0, check("law", "failed"), check("shape", "failed"))
CLASS = {"ann": (GOOD, 3.0), "ben": (SQUARED, None), "cat": (SQUARED_JA, 1.0), "dan": (OTHER, 0.0)}


@pytest.fixture(scope="module")
def course(released_once, tmp_path_factory):
    root = shutil.copytree(released_once, tmp_path_factory.mktemp("report") / "tiny")
    course = Course.load(root)
    with GradebookWriter(course.db_url, course.config) as writer:
        for student, (verdict, written) in CLASS.items():
            scores = {"test_double": verdict.score, "test_halve": 2.0, "written_why": written and min(1.0, written)}
            grades = {"tiny": NotebookGrades(scores)}
            writer.save(Submission("tiny", student, datetime(2026, 10, 1), grades))
            remember_verdict(root, "tiny", student, "tiny", NotebookVerdict((verdict,), notebook_hash="x"))
        writer.save(Submission("tiny", "eve", None, {}, ("tiny",)))
    remember_verdict(root, "tiny", "eve", "tiny", NotebookVerdict((GOOD,), notebook_hash="of an earlier attempt"))
    (root / "submitted" / "fay" / "tiny").mkdir(parents=True)
    return course


def test_scores_come_from_the_gradebook_and_who_has_none_is_named(course):
    (report,) = class_report(course, roster=["ann", "gus"])
    assert report.scores == (2.0, 3.0, 4.0, 7.0)
    assert (report.mean, report.median, report.max_score) == (4.0, 3.5, 7.0)
    assert report.missing == ("gus",)
    assert set(report.ungraded) == {"eve", "fay"}
    assert "nothing of it could be graded" in report.ungraded["eve"]
    assert "not graded yet" in report.ungraded["fay"]
    assert (report.handed_in, report.open_submissions) == (6, 1)


def test_exercises_and_checks_count_each_student_once_and_no_old_verdict(course):
    (report,) = class_report(course)
    double = report.exercises[0]
    assert (double.id, double.full, double.some, double.none, double.open) == ("test_double", 1, 2, 1, 1)
    assert double.mean == 6 / 16
    assert [(found.title, found.failed, found.asked) for found in double.checks] == [
        ("law holds", 3, 4),
        ("shape holds", 1, 4),
    ]
    assert double.unnamed == 1
    written = next(exercise for exercise in report.exercises if exercise.id == "written_why")
    assert not written.is_test
    assert written.open == 2


def test_wrong_answers_are_counted_with_their_hints_in_each_language(course):
    (report,) = class_report(course)
    (wrong,) = report.wrong_answers
    assert (wrong.exercise, wrong.name, wrong.count) == ("test_double", "squared", 2)
    assert set(wrong.hints) == {"Is 3 + 3 equal to 3 * 3?", "3 + 3 は 3 * 3 ですか。"}


def test_a_verdict_file_that_cannot_be_read_is_left_out(course, tmp_path):
    root = shutil.copytree(course.root, tmp_path / "tiny")
    (root / ".nabla" / "verdicts" / "tiny" / "ann" / "tiny.json").write_text("{")
    assert {student for student, _ in stored_verdicts(root, "tiny")} == {"ben", "cat", "dan", "eve"}


def test_an_assignment_that_is_not_there_or_not_graded_is_answered_with_what_to_do(course, released_once):
    with pytest.raises(CourseError, match=r"no assignment huge\. It has: tiny"):
        class_report(course, ["huge"])
    with pytest.raises(CourseError, match="Grade first: nabla grade"):
        class_report(Course.load(released_once))


def test_the_command_writes_one_page_that_names_people_only_if_it_may(course, tmp_path):
    for option, named in (("--names", True), ("--no-names", False)):
        path = tmp_path / f"{option}.html"
        found = CliRunner().invoke(app, ["report", "--course", str(course.root), "--to", str(path), option])
        assert found.exit_code == 0, found.output
        text = path.read_text()
        assert ("eve" in re.findall(r"<td>(\w+)</td>", text)) == named
        assert "2×" in text
        assert "law holds" in text
        assert ("keep it where grades are kept" in " ".join(text.split())) == named


def live_report(text):
    exercise = ExerciseFacts(text, 4.0, 1, 0, 0, 0, 1.0)
    wrong = WrongAnswer(text, text, 1, (text,))
    return AssignmentReport(text, 4.0, (4.0,), histogram([4.0], 4.0), (exercise,), (wrong,), (text,), {text: text})


def tags(text):
    return re.findall(r"<[a-z/!][^>]*>", re.sub(r"</?code>", "", text))


@given(st.text(st.characters(codec=None), max_size=40))
def test_no_text_is_live_and_the_page_asks_for_nothing_outside(text):
    made = page(text, [live_report(text + LIVE)], people=1, day=DAY)
    made.encode()
    assert len(tags(made)) == len(tags(page("x", [live_report("x")], people=1, day=DAY)))
    assert "<script" not in made
    assert not re.search(r"(?:src|href)=\"(?!#)", made)


def test_an_empty_report_is_still_a_page():
    empty = replace(
        live_report("x"),
        scores=(),
        histogram=histogram([], 4.0),
        exercises=(),
        wrong_answers=(),
        missing=(),
        ungraded={},
    )
    assert "–" in page("x", [empty], people=0, day=DAY)


def test_text_between_backquotes_is_code_only_where_they_are_paired():
    shown = page("x", [live_report("use `a < b` here")], people=1, day=DAY)
    assert "use <code>a &lt; b</code> here" in shown
    assert "<code>x" not in page("x", [live_report("lone ` mark")], people=1, day=DAY)
