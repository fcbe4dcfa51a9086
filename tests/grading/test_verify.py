"""The self-check of a course finds each fault that it is there for."""

from __future__ import annotations

import copy
from contextlib import nullcontext

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from nabla.checks import CheckFileError
from nabla.course import Course
from nabla.grading.verify import verify
from nabla.grading.verify.equivalents import equivalents
from nabla.grading.verify.excerpt import excerpt
from nabla.sandbox import SandboxUnavailable


def checked(root, mutants=False):
    [report] = verify(Course.load(root), ["tiny"], mutants=mutants, workers=1)
    return report


def problems(root, mutants=False):
    report = checked(root, mutants)
    return [*report.problems, *(problem for exercise in report.exercises for problem in exercise.problems)]


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_sound_course_has_no_problems(released_course):
    steps = []
    course = Course.load(released_course)
    [report] = verify(course, ["tiny"], workers=1, watch=lambda total: nullcontext(lambda what: steps.append(total)))
    assert report.sound, [report.problems, *(exercise.problems for exercise in report.exercises)]
    double = next(exercise for exercise in report.exercises if exercise.id == "test_double")
    assert (double.solution, double.untouched, double.wrong_caught, double.wrong_known) == ([4, 4], [0, 0], 2, 2)
    assert set(double.lazy.values()) == {0}
    assert {"zeros", "the visible examples by heart", "the answer of test_halve"} < set(double.lazy)
    assert 5 < double.mutants.made == double.mutants.caught
    assert steps == [len(steps)] * len(steps)


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


# ---- mutants: a check that asks with one number alone lets some through -------------------------

ONE_NUMBER = "x = np.full(n, 2.0)"
SURVIVOR = """
[[double]]
was = 'twice_as_much_as_before = 2*x'
becomes = '{becomes}'
why = "for this test"
"""


@pytest.fixture
def weak_course(released_course):
    change(
        released_course / "grader_tests" / "test_tiny.py",
        "x = rng.standard_normal(n)\n            assert_close",
        f"{ONE_NUMBER}\n            assert_close",
    )
    (released_course / "grader_tests" / "equivalent").mkdir()
    return released_course


def survivors(found):
    return [problem for problem in found if "passes all checks" in problem]


def test_a_mutant_that_no_check_notices_is_listed(weak_course):
    [survivor] = survivors(problems(weak_course, mutants=True))
    assert "`twice_as_much_as_before = 2 * x` → `twice_as_much_as_before = 2 + x` (in double)" in survivor


def test_a_mutant_that_is_declared_equivalent_is_counted_and_not_listed(weak_course):
    (weak_course / "grader_tests" / "equivalent" / "tiny.toml").write_text(
        SURVIVOR.format(becomes="twice_as_much_as_before = (2 + x)")
    )
    report = checked(weak_course, mutants=True)
    assert survivors(exercise.problems[0] for exercise in report.exercises if exercise.problems) == []
    assert report.mutants.equivalent == 1
    assert report.mutants.made == report.mutants.caught + 1


@pytest.mark.parametrize(
    ("becomes", "told"),
    [
        ("twice_as_much_as_before = 7 * x", "has no mutant"),
        ("twice_as_much_as_before = 3 * x", "is declared equivalent, but"),
    ],
)
def test_a_declaration_that_fits_no_survivor_is_told(weak_course, becomes, told):
    (weak_course / "grader_tests" / "equivalent" / "tiny.toml").write_text(SURVIVOR.format(becomes=becomes))
    assert any(told in problem for problem in problems(weak_course, mutants=True))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[double]]\nwas = 'x'\nbecomes = 'y'", "why is missing"),
        ("[[double]]\nwas = 'x'\nwhy = 'so'", "becomes is missing"),
        ("[[double]]\nwas = 'x'\nbecomes = 'y'\nwhy = 'so'\nnth = '2'", "nth is not right"),
        ("[[double]]\nwas = 'x'\nbecomes = 'y'\nwhy = 'so'\nwho = 'me'", "who is not right"),
        ("[[double", "tiny.toml"),
    ],
)
def test_a_declaration_that_can_not_be_read_is_refused(tmp_path, text, told):
    (tmp_path / "equivalent").mkdir()
    (tmp_path / "equivalent" / "tiny.toml").write_text(text)
    with pytest.raises(CheckFileError, match=told):
        equivalents(tmp_path, "tiny")


def test_a_check_that_breaks_on_a_mutant_is_told(released_course):
    change(
        released_course / "grader_tests" / "test_tiny.py",
        "assert_close(submission.double(x), 2 * x, tolerance=1e-12)",
        "answer = submission.double(x)\n            {2: 1}[round(float(answer.value[0] / x[0]))]\n"
        "            assert_close(answer, 2 * x, tolerance=1e-12)",
    )
    found = problems(released_course, mutants=True)
    assert any("test_is_twice_its_argument itself breaks on the mutant" in problem for problem in found)


# ---- answers that know nothing ------------------------------------------------------------------


def test_a_check_that_asks_only_what_is_visible_is_told(released_course):
    change(released_course / "grader_tests" / "test_tiny.py", "x = rng.standard_normal(n)", "x = np.ones(1)")
    assert any("'the visible examples by heart' gets 4.0" in problem for problem in problems(released_course))


def test_a_check_whose_answer_is_always_the_same_is_told(released_course):
    change(
        released_course / "grader_tests" / "test_tiny.py",
        "x = rng.standard_normal(n)\n            assert_close",
        "x = rng.permutation([1.0])\n            assert_close",
    )
    assert any("'a constant, the last visible value' gets" in problem for problem in problems(released_course))


def test_a_check_that_another_exercises_answer_passes_is_told_unless_they_are_declared_the_same(released_course):
    tests = released_course / "grader_tests" / "test_tiny.py"
    change(
        tests,
        "x = rng.standard_normal(4)\n        assert_close(submission.halve(x), x / 2",
        "x = rng.standard_normal(4)\n        assert_close(submission.halve(x), x * 2",
    )
    assert any("'the answer of test_double' gets 1.5" in problem for problem in problems(released_course))
    tests.write_text(tests.read_text() + '\nSAME_ANSWERS = {("halve", "double"): "for this test"}\n')
    assert not any("the answer of" in problem for problem in problems(released_course))


def test_a_name_on_the_page_of_what_is_taught_where_that_is_not_there_is_told(released_course):
    (released_course / "docs").mkdir()
    (released_course / "docs" / "coverage.md").write_text("| `tiny#double` | `tiny#test_double::test_nothing` |\n")
    assert "docs/coverage.md, line 1: test_double has no check 'test_nothing'" in problems(released_course)


# ---- editions of other frameworks ---------------------------------------------------------------


@pytest.fixture
def course_with_a_torch_edition(released_course):
    """Its torch solution of `double` is wrong, and its one wrong answer to `halve` can't occur there."""
    path = released_course / "source" / "tiny" / "tiny.ipynb"
    nb = nbformat.read(path, as_version=4)
    place = next(place for place, cell in enumerate(nb.cells) if cell.id == "double")
    nb.cells[place].metadata["tags"] = ["numpy"]
    theirs = copy.deepcopy(nb.cells[place])
    theirs.id, theirs.metadata["tags"] = "double-torch", ["torch"]
    theirs.source = theirs.source.replace("2 * x", "3 * x")
    nb.cells.insert(place, theirs)
    nbformat.write(nb, path)
    change(released_course / "grader_tests" / "wrong" / "tiny" / "halve.py", "@wrong(", "@wrong(frameworks=['numpy'], ")
    return released_course


def test_another_frameworks_edition_is_tried_with_its_own_solutions_and_the_wrong_answers_that_can_occur(
    course_with_a_torch_edition,
):
    own, torchs = verify(
        Course.load(course_with_a_torch_edition), ["tiny"], frameworks=["numpy", "torch"], mutants=False, workers=1
    )
    assert (own.framework, own.only_answers, torchs.framework, torchs.only_answers) == ("numpy", False, "torch", True)
    double, halve = torchs.exercises
    assert (double.solution, double.untouched, double.wrong_caught, double.wrong_known) == ([0], [0], 2, 2)
    assert (halve.wrong_known, halve.lazy, halve.margins) == (0, {}, [])
    assert [problem[:45] for problem in double.problems] == ["the reference solution (en) gets 0.0 of 4.0 p"]
    assert torchs.problems == []
    double, halve = own.exercises
    assert (double.solution, double.problems, halve.wrong_known) == ([4, 4], [], 1)


def test_a_framework_without_an_environment_is_said_before_anything_is_tried(released_course, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "no environments"))
    course, begun = Course.load(released_course), []
    with pytest.raises(SandboxUnavailable, match="nabla runtime install mxnet"):
        list(
            verify(
                course,
                ["tiny"],
                frameworks=["numpy", "mxnet"],
                mutants=False,
                workers=1,
                watch=lambda _: nullcontext(begun.append),
            )
        )
    assert begun == []


# ---- the part of a notebook that an exercise needs ----------------------------------------------


def test_an_excerpt_holds_what_the_exercise_needs_and_nothing_else():
    cells = {"a": "import math", "b": "def g(x):\n    return math.exp(x)", "c": "h = 1", "d": "%magic\nq = h"}
    nb = new_notebook(cells=[new_code_cell(source, id=name) for name, source in cells.items()])
    nb.cells += [new_code_cell("def f(x):\n    return g(x)", id="e", metadata={"nbgrader": {"grade_id": "f"}})]
    nb.cells += [
        new_code_cell("h = f(1)\nassert h", id="t", metadata={"nbgrader": {"grade_id": "test_f", "grade": True}})
    ]
    nb.cells += [new_code_cell("q", id="u", metadata={"nbgrader": {"grade_id": "test_q", "grade": True}})]
    assert [cell.id for cell in excerpt(nb, {"test_f"}).cells] == ["a", "b", "e", "t"]
    assert [cell.id for cell in excerpt(nb, {"test_q"}).cells] == ["c", "d", "u"]
