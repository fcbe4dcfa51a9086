"""The self-check of a course finds each fault that it is there for."""

from __future__ import annotations

import pytest

from nabla.checks import CheckFileError
from nabla.course import Course
from nabla.grading.verify import verify


def problems(root):
    [report] = verify(Course.load(root), ["tiny"], workers=1)
    return [*report.problems, *(problem for exercise in report.exercises for problem in exercise.problems)]


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_sound_course_has_no_problems(released_course):
    [report] = verify(Course.load(released_course), ["tiny"], workers=1)
    assert report.sound, problems(released_course)
    double = next(exercise for exercise in report.exercises if exercise.id == "test_double")
    assert (double.solution, double.untouched, double.wrong_caught, double.wrong_known) == ([4, 4], [0, 0], 2, 2)
    assert set(double.lazy.values()) == {0}


def test_a_wrong_reference_solution_is_told(released_course):
    change(released_course / "source" / "tiny" / "tiny.ipynb", "double(x) / 4", "double(x) / 5")
    assert any("the reference solution (en) gets 0" in problem for problem in problems(released_course))


def test_a_check_that_asks_nothing_is_told(released_course):
    tests = released_course / "grader_tests" / "test_tiny.py"
    change(tests, "class TestHalve", "    def test_free(self, submission):\n        assert True\n\n\nclass TestHalve")
    found = problems(released_course)
    assert any("the untouched release (en) gets 0.8" in problem for problem in found), found


def test_a_check_that_a_wrong_answer_passes_is_told(released_course):
    change(released_course / "grader_tests" / "test_tiny.py", "2 * x, tolerance=1e-12", "2 * x, tolerance=1e9")
    found = problems(released_course)
    assert any("wrong answer squared passes test_is_twice_its_argument" in problem for problem in found)
    assert any("'zeros' gets" in problem for problem in found)


def test_a_check_that_a_wrong_answer_fails_without_saying_so_is_told(released_course):
    change(released_course / "grader_tests" / "wrong" / "tiny" / "double.py", "return x**2", "x **= 2\n    return x")
    assert any(
        "wrong answer squared fails test_keeps_its_argument too" in problem for problem in problems(released_course)
    )


def test_a_law_that_weighs_too_little_is_told(released_course):
    change(released_course / "grader_tests" / "test_tiny.py", "weight(3)", "weight(1)")
    assert any("the law has 50% of the weight" in problem for problem in problems(released_course))


def test_a_graded_cell_without_checks_is_told(released_course):
    text = (released_course / "grader_tests" / "test_tiny.py").read_text()
    (released_course / "grader_tests" / "test_tiny.py").write_text(text.partition("class TestHalve")[0])
    (released_course / "grader_tests" / "wrong" / "tiny" / "halve.py").unlink()
    assert any(
        "test_halve: a graded cell without a class of checks" in problem for problem in problems(released_course)
    )


def test_checks_without_a_graded_cell_are_told(released_course):
    tests = released_course / "grader_tests" / "test_tiny.py"
    tests.write_text(
        tests.read_text() + "\n\nclass TestThird:\n    def test_it(self, submission):\n        assert True\n"
    )
    assert any("test_third: a class of checks" in problem for problem in problems(released_course))


def test_an_exercise_without_wrong_answers_is_told(released_course):
    (released_course / "grader_tests" / "wrong" / "tiny" / "halve.py").unlink()
    assert any("no wrong answer is known" in problem for problem in problems(released_course))


def test_a_release_that_is_not_fresh_is_told(released_course):
    notebook = released_course / "release" / "tiny" / "tiny.ipynb"
    notebook.write_text(notebook.read_text() + "\n")
    assert any("isn't what source/ gives: nabla release tiny" in problem for problem in problems(released_course))


def test_a_twin_that_differs_from_its_notebook_is_told(released_course):
    change(released_course / "notebooks" / "tiny.md", "Because one half", "Because a half")
    assert any("differs from what" in problem for problem in problems(released_course))


def test_a_wrong_answer_that_fails_unknown_checks_is_refused(released_course):
    change(
        released_course / "grader_tests" / "wrong" / "tiny" / "halve.py",
        "test_refuses_nothing",
        "test_refuses_something",
    )
    with pytest.raises(CheckFileError, match="test_refuses_something"):
        problems(released_course)


def test_a_constant_is_exempt_only_by_name(released_course):
    change(
        released_course / "grader_tests" / "test_tiny.py",
        "assert_close(submission.double(x), 2 * x, tolerance=1e-12)",
        "assert_close(submission.double(x), 0 * x, tolerance=1e-12)",
    )
    assert any("'zeros' gets" in problem for problem in problems(released_course))
    tests = released_course / "grader_tests" / "test_tiny.py"
    tests.write_text(tests.read_text() + '\nCONSTANTS = {"test_double": "for this test"}\n')
    assert not any("'zeros' gets" in problem for problem in problems(released_course))
