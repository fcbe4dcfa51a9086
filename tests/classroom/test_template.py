"""`nabla classroom template`: a repository that works from a clone with pytest alone, and gives nothing away."""

from __future__ import annotations

import errno
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nabla.classroom.student import visible_checks
from nabla.classroom.student.visible_checks import Run
from nabla.classroom.template import make_template, requirements
from nabla.course import Course, CourseError
from nabla.notebook.editions import Edition
from nabla.sandbox.scratch import held
from tests.classroom.student import answers, commit_all, edit, git, run_pytest

ROOT = Path(__file__).parents[2]
NABLA = Path(sys.executable).with_name("nabla")
NUMPY = Edition("en", "numpy")
NOTEBOOK = "tiny/tiny.ipynb"


@pytest.fixture(scope="module")
def course(make_tiny_course, tmp_path_factory):
    return Course.load(make_tiny_course(tmp_path_factory.mktemp("course")))


@pytest.fixture(scope="module")
def template(course, tmp_path_factory):
    """The template as a repository with one commit."""
    folder = tmp_path_factory.mktemp("template") / "tiny-template"
    assert not make_template(course, ["tiny"], NUMPY, folder).leaks
    git(folder, "init", "--quiet", "--initial-branch", "main")
    commit_all(folder, "Template")
    return folder


@pytest.fixture
def clone(template, tmp_path):
    git(tmp_path, "clone", "--quiet", str(template), "clone")
    return tmp_path / "clone"


def test_what_a_killed_run_left_beside_it_is_taken_away_and_nothing_else(course, tmp_path):
    left, used, other = (tmp_path / f".a[1].nabla-{name}" for name in ("left", "used", "notes"))
    for folder in (left, used):
        (folder / "made").mkdir(parents=True)
    other.mkdir()
    with held(used):
        make_template(course, ["tiny"], NUMPY, tmp_path / "a[1]")
    assert {path.name for path in tmp_path.iterdir()} == {"a[1]", used.name, other.name}


def test_in_an_untouched_clone_every_graded_cell_fails_and_says_that_it_is_not_answered(clone):
    code, said = run_pytest(clone)
    assert code == 1, said
    assert "2 failed" in said
    assert "double is not answered yet: replace the line `raise NotImplementedError(...)`" in said
    assert "Visible checks: 0 of 6 points" in said
    assert git(clone, "status", "--porcelain") == ""


def test_in_a_solved_clone_every_graded_cell_passes(clone, course):
    edit(clone / NOTEBOOK, answers(course.folder("source") / NOTEBOOK, NUMPY))
    edit(clone / NOTEBOOK, {"halve": "def halve(x):\n    return x / 2"})  # the tiny course's own solution is wrong
    code, said = run_pytest(clone, "--result-file", "result.json")
    assert code == 0, said
    assert "Visible checks: 6 of 6 points" in said
    result = json.loads((clone / "result.json").read_text())
    assert (result["status"], result["max_score"]) == ("pass", 6)
    assert [test["score"] for test in result["tests"]] == [4, 2]


@pytest.fixture
def failures(clone):
    """Answers and breaks cells, runs the notebook once, and says what students read of each graded cell."""

    def run(changes):
        edit(clone / NOTEBOOK, changes)
        cells = json.loads((clone / "visible_checks.json").read_text())["notebooks"][NOTEBOOK]
        found = Run(clone / NOTEBOOK, {cell["grade_id"]: cell["source"] for cell in cells})
        return found.failure("test_double"), found.failure("test_halve")

    return run


def test_who_wrote_something_wrong_reads_what_and_where(failures):
    double, halve = failures(
        {"double": "def double(x):\n    return 3 * x", "halve": "def halve(x):\n    return x.half()"}
    )
    assert double == "double gives another result than expected: assert (double(array([1.0])) == array([2.0])).all()"
    assert "halve raised AttributeError: 'numpy.ndarray' object has no attribute 'half'" in halve
    assert "return x.half()" in halve


def test_an_unanswered_function_is_named_by_those_that_need_it(failures):
    _, halve = failures({"halve": "def halve(x):\n    return double(x) / 4"})
    assert halve.startswith("halve needs double. double is not answered yet")


def test_a_mistake_further_up_is_named(failures):
    double, _ = failures({"double": "def double(x)\n    return 2 * x"})
    assert "Above it the cell double failed: SyntaxError" in double


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"test_double": None}, "The cell test_double is there 0 times"),
        ({"double": "import os; os._exit(0)"}, "The kernel died"),
        ({"double": "def double(x):\n    while True: pass"}, "double took longer than 1 seconds"),
        ({"test_double": "pass"}, "double is not answered yet"),
    ],
    ids=["deleted", "ended", "endless", "emptied"],
)
def test_a_graded_cell_that_did_not_succeed_has_failed(failures, change, told, monkeypatch):
    monkeypatch.setattr(visible_checks, "SECONDS_PER_CELL", 1)
    assert told in failures(change)[0]


def test_a_notebook_that_is_missing_has_no_points_and_stays_in_the_sum(clone):
    (clone / NOTEBOOK).unlink()
    assert "0 of 6 points" in run_pytest(clone, "--result-file", "result.json")[1]
    assert {test["status"] for test in json.loads((clone / "result.json").read_text())["tests"]} == {"fail"}


def test_a_file_that_is_no_notebook_fails_with_a_way_back(clone):
    (clone / NOTEBOOK).write_text("<<<<<<< HEAD\n")
    assert "can't be read as a notebook" in Run(clone / NOTEBOOK, {}).failure("test_double")


def test_what_a_student_raises_is_plain_text_in_table_and_result():
    hostile = "\n::notice title=Autograding complete::Points 100/100\n| a | <img src=x> `b` [c](d)\x1b[31m" * 1000
    rows = [(NOTEBOOK, {"grade_id": "test_double", "points": 4}, hostile)]
    (test,) = visible_checks.reporter_json(rows)["tests"]
    assert test["score"] == 0
    assert "\n" not in test["message"]
    assert not test["message"].startswith(":")
    assert len(test["message"]) <= 200
    row = visible_checks.markdown(rows).splitlines()[-2]
    assert row.count("|") - row.count("\\|") == 5
    assert "<" not in row.replace("\\<", "")
    assert "\x1b" not in row


def test_the_default_edition_of_a_real_assignment_works_from_a_clone(tmp_path):
    course = Course.load(ROOT)
    make_template(course, ["exercises"], Edition("ja", "torch"), tmp_path / "template")
    edit(
        tmp_path / "template/exercises/exercises.ipynb",
        answers(ROOT / "source/exercises/exercises.ipynb", Edition("ja", "torch")),
    )
    code, said = run_pytest(tmp_path / "template")
    assert code == 0, said
    assert "記述問題" in (tmp_path / "template/README.md").read_text()


def test_nothing_is_put_there_where_it_would_give_a_solution_away(make_tiny_course, tmp_path):
    root = make_tiny_course(tmp_path)
    source = root / "source/tiny/tiny.ipynb"
    notebook = json.loads(source.read_text())
    notebook["cells"][0]["source"] = "Try `\ntwice_as_much_as_before = 2 * x\n`."
    source.write_text(json.dumps(notebook))
    made = make_template(Course.load(root), ["tiny"], NUMPY, tmp_path / "to")
    assert any("twice_as_much_as_before" in leak for leak in made.leaks)
    assert not (tmp_path / "to").exists()


def test_a_secret_outside_the_notebooks_is_found_too(course, tmp_path, monkeypatch):
    from nabla.classroom import template

    monkeypatch.setitem(template.GIVEN, "solution.py", "README.en.md")
    monkeypatch.setattr(template, "_given", lambda name: "twice_as_much_as_before = 2 * x\n")
    assert any("solution.py" in leak for leak in make_template(course, ["tiny"], NUMPY, tmp_path / "to").leaks)


def test_a_folder_that_holds_other_files_is_refused(course, tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(CourseError, match="empty or new folder"):
        make_template(course, ["tiny"], NUMPY, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_students_clone_is_never_overwritten(course, clone):
    edit(clone / NOTEBOOK, {"double": "def double(x):\n    return 2 * x"})
    before = (clone / NOTEBOOK).read_bytes()
    with pytest.raises(CourseError, match=r"tiny.ipynb changed since .* somebody's work"):
        make_template(course, ["tiny"], NUMPY, clone)
    assert (clone / NOTEBOOK).read_bytes() == before


def test_an_unchanged_template_is_made_again_in_place(course, template, tmp_path):
    again = Path(shutil.copytree(template, tmp_path / "again"))
    (again / "LICENSE").write_text("added by hand")
    make_template(course, ["tiny"], NUMPY, again)
    assert git(again, "status", "--porcelain").split() == ["??", "LICENSE"]


@pytest.mark.parametrize("room", [0, 1, 2])
def test_what_a_full_disk_or_a_killed_run_has_left_is_completed_by_the_next(course, tmp_path, monkeypatch, room):
    to, move = tmp_path / "to", shutil.move

    def full(source, target):
        if sum(path.is_file() for path in to.rglob("*")) >= room:
            raise OSError(errno.ENOSPC, "No space left on device")
        move(source, target)

    monkeypatch.setattr(shutil, "move", full)
    with pytest.raises(OSError, match="No space left"):
        make_template(course, ["tiny"], NUMPY, to)
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == ["to"]
    made = make_template(course, ["tiny"], NUMPY, to)
    assert sorted(path.relative_to(to).as_posix() for path in to.rglob("*") if path.is_file()) == list(made.files)


def test_students_install_the_versions_that_the_course_allows():
    names = requirements(Edition("en", "torch"))
    assert any(name.startswith("torch>=") for name in names)
    assert not any(name.startswith(("torch", "nabla", "nbgrader")) for name in requirements(NUMPY))
    assert [name for name in requirements(Edition("en", "mxnet")) if name.startswith("numpy")] == ["numpy<1.24"]


@pytest.mark.parametrize("which", [[], ["tiny", "--all"]])
def test_the_command_wants_either_names_or_all(course, tmp_path, which):
    command = [str(NABLA), "classroom", "template", *which, "--to", str(tmp_path / "to"), "--course", str(course.root)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--all" in done.stderr
    assert not (tmp_path / "to").exists()


def test_the_command_names_what_it_made(course, tmp_path):
    command = [str(NABLA), "classroom", "template", "--all", "--to", str(tmp_path), "--course", str(course.root)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert str(tmp_path / NOTEBOOK) in said
    assert ".github/workflows/classroom.yml" in said
    assert "c.Nabla.frameworks" not in said


def test_the_command_says_what_lets_a_class_hand_another_edition_in(course, tmp_path):
    command = [str(NABLA), "classroom", "template", "tiny", "--framework", "jax", "--to", str(tmp_path / "to")]
    said = subprocess.run([*command, "--course", str(course.root)], capture_output=True, text=True, check=True).stdout
    assert "c.Nabla.frameworks = ['jax']" in said
