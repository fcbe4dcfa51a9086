"""The workflows, run: a student's push gives points as advice, and the sealed grade believes nothing but notebooks."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nabla.classroom.template import make_template
from nabla.course import Course
from nabla.notebook.editions import Edition
from tests.classroom.student import commit_all, edit, git
from tests.workflows.running import run_workflow

NUMPY = Edition("en", "numpy")
NOTEBOOK = "tiny/tiny.ipynb"
DOUBLE = "def double(x):\n    return 2 * x"
HALVE = "def halve(x):\n    return x / 2"
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
