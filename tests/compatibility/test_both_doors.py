"""The course itself through both doors: `nabla grade` and `nbgrader autograde` leave the same rows and the same bytes."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from nabla.course import Course, course_key
from nabla.grading.pool import grade_class
from nabla.grading.release import release
from nabla.simulate.sample import make_sample

PROJECT = Path(__file__).parents[2]
STUDENTS = 12
OF_A_NOTEBOOK = """
 from {table} t join submitted_notebook sn on t.notebook_id = sn.id
 join submitted_assignment sa on sn.assignment_id = sa.id
 join notebook n on sn.notebook_id = n.id join base_cell bc on t.cell_id = bc.id"""
QUERIES = {
    "grade": "select sa.student_id, n.name, bc.name, t.auto_score, t.manual_score, t.extra_credit, t.needs_manual_grade"
    + OF_A_NOTEBOOK.format(table="grade"),
    "comment": "select sa.student_id, n.name, bc.name, t.auto_comment, t.manual_comment"
    + OF_A_NOTEBOOK.format(table="comment"),
    "submitted_assignment": "select student_id, extension from submitted_assignment",
    "submitted_notebook": "select sa.student_id, sn.late_submission_penalty from submitted_notebook sn"
    " join submitted_assignment sa on sn.assignment_id = sa.id",
}


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same sample class, graded by `nabla grade` in one folder and by `nbgrader autograde` in another."""
    fast = tmp_path_factory.mktemp("doors") / "fast"
    fast.mkdir()
    shutil.copy(PROJECT / "nbgrader_config.py", fast)
    for folder in ("source", "grader_tests"):
        shutil.copytree(PROJECT / folder, fast / folder)
    course = Course.load(fast)
    release(course, ["exercises"])
    make_sample(course, STUDENTS, seed=1)
    course_key(course)
    slow = Path(shutil.copytree(fast, fast.with_name("slow")))
    list(grade_class(course, ["exercises"]))
    command = [sys.executable, "-m", "nbgrader", "autograde", "exercises"]
    subprocess.run(command, cwd=slow, check=False, capture_output=True, timeout=600)
    return fast, slow


def rows(root: Path, query: str) -> list[tuple]:
    with sqlite3.connect(root / "gradebook.db") as database:
        return sorted(database.execute(query).fetchall(), key=str)


@pytest.mark.parametrize("table", sorted(QUERIES))
def test_both_doors_leave_the_same_rows(doors: tuple[Path, Path], table: str) -> None:
    fast, slow = (rows(root, QUERIES[table]) for root in doors)
    assert len(fast) >= STUDENTS
    assert fast == slow


def test_both_doors_write_the_same_bytes(doors: tuple[Path, Path]) -> None:
    fast, slow = (
        {path.relative_to(root / "autograded"): path.read_bytes() for path in (root / "autograded").rglob("*.ipynb")}
        for root in doors
    )
    assert len(fast) >= STUDENTS // 2
    assert fast == slow
