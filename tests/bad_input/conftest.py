"""The course is released once; each module's class is graded in one run, before the module's first test."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bad_input.classroom import Classroom, make_course


@pytest.fixture(scope="session")
def made_course(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("released") / "course"
    with pytest.MonkeyPatch.context() as patch:  # nbgrader calls `alembic` by name
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        make_course(root)
    return root


@pytest.fixture
def classroom(made_course, tmp_path) -> Classroom:
    """An empty class in a course of its own."""
    return Classroom(shutil.copytree(made_course, tmp_path / "course"))


@pytest.fixture(scope="module")
def graded(request, made_course, tmp_path_factory) -> Classroom:
    """The class of the module, which its function ``submissions`` hands in, with an honest student; graded."""
    room = Classroom(shutil.copytree(made_course, tmp_path_factory.mktemp("class") / "course"))
    room.hand_in("honest")
    submissions: Callable[[Classroom], None] = request.module.submissions
    submissions(room)
    room.grade()
    return room
