"""A gradebook with a class whose names are hard on CSV files."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from nabla.course import Course
from nabla.gradebook import GradebookWriter, NotebookGrades, Submission

NAMES = {
    "ann": ("Ann", 'Lee "the, first"', "ann@x.org", "11"),
    "aiko": ("愛子", "伊藤", "aiko@x.org", "12"),
    "zoe": ("Zoë", "Müller, née O'Brien", "zoe@x.org", ""),
    "evil": ("=cmd|' /C calc'!A0", "+evil", "@evil", ""),
    "open": ("Olga", "Open", "", ""),
    "gone": ("Gus", "Gone", "", ""),
}
SCORES = {
    "ann": (4.0, 2.0, 1.0),
    "aiko": (4.0, 1 / 3, 0.0),
    "zoe": (0.0, 0.0, 0.0),
    "evil": (1.0, 1.0, 1.0),
    "open": (4.0, 2.0, None),
}


@pytest.fixture(scope="module")
def graded_once(released_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = Path(shutil.copytree(released_once, tmp_path_factory.mktemp("graded") / "tiny"))
    course = Course.load(root)
    with Gradebook(course.db_url) as gradebook:
        for student, (first, last, email, number) in NAMES.items():
            gradebook.add_student(student, first_name=first, last_name=last, email=email, lms_user_id=number)
    with GradebookWriter(course.db_url, course.config) as writer:
        for student, scores in SCORES.items():
            cells = dict(zip(("test_double", "test_halve", "written_why"), scores, strict=True))
            grades = {"tiny": NotebookGrades(cells)}
            writer.save(Submission("tiny", student, datetime(2026, 10, 1), grades))
    return root


@pytest.fixture
def graded(graded_once: Path, tmp_path: Path) -> Path:
    """A graded course of the test's own."""
    return Path(shutil.copytree(graded_once, tmp_path / "tiny"))
