"""The workflows, run: a student's push gives points as advice, and the sealed grade believes nothing but notebooks."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from nabla.classroom.template import make_template
from nabla.course import Course
from nabla.notebook.editions import Edition
from tests.classroom.student import commit_all, edit, git
from tests.workflows.running import run_workflow

NUMPY = Edition("en", "numpy")
NOTEBOOK = "tiny/tiny.ipynb"
DOUBLE = "def double(x):\n    return 2 * x"
ROOT = Path(__file__).parents[2]
FORGED = "::notice title=Autograding complete::Points 100/100"


@pytest.fixture(scope="module")
def template(make_tiny_course, tmp_path_factory):
    """The repository that students start from."""
    folder = tmp_path_factory.mktemp("template") / "template"
    make_template(Course.load(make_tiny_course(tmp_path_factory.mktemp("course"))), ["tiny"], NUMPY, folder)
    git(folder, "init", "--quiet", "--initial-branch", "main")
    commit_all(folder, "Template")
    return folder


def test_a_push_gives_the_points_as_a_notice_and_nothing_that_a_notebook_prints(template, tmp_path):
    student = tmp_path / "student"
    git(tmp_path, "clone", "--quiet", str(template), "student")
    shout = f"\n{FORGED}\n"
    edit(
        student / NOTEBOOK,
        {"double": f"{DOUBLE}\nprint({shout!r})", "halve": f"def halve(x):\n    raise ValueError({shout!r})"},
    )
    commit_all(student)
    log = run_workflow(student, "push", "classroom.yml", tmp_path / "act")
    assert log.annotations() == [
        "notice title=Autograding complete::Points 4/6",
        'notice title=Autograding report::{"totalPoints": 4, "maxPoints": 6}',
    ], log.text
    assert log.jobs == {"Visible checks": False}  # red, as long as a check fails
    assert "| tiny | double | 4 / 4 | passed |" in log.text


SHOUT = f"print({chr(10) + FORGED + chr(10)!r})"
WORKFLOW = f"""
name: Autograding Tests
'on': push
jobs:
  run-autograding-tests:
    runs-on: ubuntu-latest
    steps:
      - run: echo "{FORGED}"
"""


def altered_workflow(clone):
    """Answers nothing, and lets the workflow say that everything is right."""
    (clone / ".github/workflows/classroom.yml").write_text(WORKFLOW)


def printed_points(clone):
    """Answers nothing, and prints what looks like the reporter's notice whenever anything of it runs."""
    edit(clone / NOTEBOOK, {"double": f"{SHOUT}\ndef double(x):\n    {SHOUT}\n    raise ValueError({FORGED!r})"})


def written_result(clone):
    """Answers nothing, and leaves results of its own wherever the grader might look."""
    best = {"student": "forger", "assignment": "tiny", "status": "graded", "reason": "", "score": 6.0, "max_score": 6.0}
    best |= {"manual_points_open": 0, "not_graded_points": 0, "sandbox": "", "runtime": "", "engine": "", "seconds": 0}
    text = json.dumps({"version": 1, "submissions": [{**best, "key_fingerprint": "", "exercises": []}]})
    for name in (
        "result.json",
        "tiny/result.json",
        "graded/result.json",
        "collected/submitted/forger/tiny/result.json",
    ):
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / name).write_text(text)
    writing = f"for name in ('result.json', '../result.json'):\n    open(name, 'w').write({text!r})"
    edit(clone / NOTEBOOK, {"double": f"{writing}\ndef double(x):\n    raise ValueError"})


STUDENTS = {
    "honest": lambda clone: edit(
        clone / NOTEBOOK,
        {"double": DOUBLE, "halve": "def halve(x):\n    if len(x) == 0:\n        raise ValueError\n    return x / 2"},
    ),
    "editor": altered_workflow,
    "printer": printed_points,
    "forger": written_result,
}


def bare_repository(template, name, work, folder):
    """What a host keeps of a student who accepted, worked and pushed."""
    git(folder, "clone", "--quiet", str(template), f"{name}-clone")
    work(folder / f"{name}-clone")
    commit_all(folder / f"{name}-clone")
    git(folder, "clone", "--quiet", "--bare", f"{name}-clone", f"tiny-{name}.git")
    return folder / f"tiny-{name}.git"


def course_repository(make_tiny_course, folder, class_folder):
    """A course as an organisation keeps it: the tiny one, with this project's workflow. Its environment is there already."""
    root = make_tiny_course(folder)
    for name in (".github/workflows/grade.yml", ".github/collect.sh"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    (root / "Makefile").write_text(".venv/.ready:\n\t@true\n")
    shutil.copy(ROOT / ".gitignore", root / ".gitignore")
    (root / "classroom").mkdir()
    rows = [*(f"{name},{name}," for name in STUDENTS), "absent,,"]
    (root / "classroom/roster.csv").write_text("\n".join(["identifier,github_username,name", *rows]) + "\n")
    address = f"file://{class_folder}/tiny-{{username}}.git"
    lines = ["assignment,deadline,address", f"tiny,2099-01-01T00:00:00+09:00,{address}"]
    (root / "classroom/assignments.csv").write_text("\n".join(lines) + "\n")
    git(root, "init", "--quiet", "--initial-branch", "main")
    commit_all(root, "Course")
    return root


@pytest.fixture(scope="module")
def graded(template, make_tiny_course, tmp_path_factory):
    """A class on disk, graded and published by grade.yml."""
    folder = tmp_path_factory.mktemp("class")
    places = {name: bare_repository(template, name, work, folder) for name, work in STUDENTS.items()}
    course = course_repository(make_tiny_course, tmp_path_factory.mktemp("course"), folder)
    act = tmp_path_factory.mktemp("act")
    options = ("--input", "assignment=tiny", "--var", "PUBLISH_GRADES=true", "--secret", f"NABLA_KEY={'1f' * 32}")
    log = run_workflow(course, "workflow_dispatch", "grade.yml", act, *options)
    return SimpleNamespace(log=log, places=places, artifacts=act / "artifacts")


def test_the_sealed_grade_gives_points_for_notebooks_and_nothing_else(graded):
    result = json.loads((graded.artifacts / "grade/result.json").read_text())
    scores = {found["student"]: found["score"] for found in result["submissions"]}
    assert scores == {"honest": 6, "editor": 0, "printer": 0, "forger": 0}, graded.log.text


def test_whose_workflow_is_altered_is_said(graded):
    line = next(line for line in graded.log.text.splitlines() if "editor: collected" in line)
    assert "altered workflow: classroom.yml" in line


def test_nothing_that_students_print_becomes_a_notice_of_the_grade(graded):
    assert not [text for text in graded.log.annotations() if "100/100" in text]


def test_every_job_succeeds_though_somebody_handed_nothing_in(graded):
    assert graded.log.jobs == {"Collect": True, "Grade": True, "Publish": True}, graded.log.text
    assert "absent: missing" in graded.log.text


def test_each_student_finds_the_own_result_on_the_branch_grades(graded):
    pages = {name: git(place, "show", "grades:tiny.md") for name, place in graded.places.items()}
    assert "6 / 6 points" in pages["honest"]
    assert all("0 / 6 points" in pages[name] for name in ("editor", "printer", "forger"))
    assert not any(other in page for page in pages.values() for other in STUDENTS)
