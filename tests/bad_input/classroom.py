"""A course of two independent exercises, and a class in it that is graded in one run by the real engine."""

from __future__ import annotations

import copy
import json
import sqlite3
from concurrent.futures import Executor, Future
from pathlib import Path

from nabla.course import Course
from nabla.grading import worker
from nabla.grading.pool import grade_class
from nabla.grading.release import release
from nabla.grading.result import SubmissionResult

PROJECT_CONFIG = Path(__file__).parents[2] / "nbgrader_config.py"
SETTINGS = """
c.Nabla.preload = ["numpy"]
c.Nabla.framework = "numpy"
c.Nabla.limits = {"cell_seconds": 3, "call_seconds": 2, "submission_seconds": 60, "memory": 2**29, "output": 2**16,
                  "answer": 2**23, "disk": 2**23}
"""
PRELUDE = "import numpy as np"
SCALED = "def scaled(x):\n    return 3 * x + 1"
TOTAL = "def total(x):\n    return (x * x).sum()"
ANSWERS = {"scaled": SCALED, "total": TOTAL, "written_why": "Because."}
CHECKS = """
import numpy as np
import pytest

from nabla.checks import assert_close, assert_unchanged


class TestScaled:
    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_is_three_times_its_argument_and_one(self, submission, rng):
        for n in (2, 3):
            x = rng.standard_normal(n)
            assert_close(submission.scaled(x), 3 * x + 1, tolerance=1e-5)

    @pytest.mark.claim
    def test_keeps_its_argument(self, submission, rng):
        assert_unchanged(submission.scaled(rng.standard_normal(3)))


class TestTotal:
    @pytest.mark.law
    def test_is_the_sum_of_squares(self, submission, rng):
        x = rng.standard_normal(4)
        assert_close(submission.total(x), x @ x, tolerance=1e-5)
"""
FULL = {"test_scaled": 4.0, "test_total": 2.0}


def code(source: str, **metadata) -> dict:
    return {"cell_type": "code", "execution_count": None, "metadata": metadata, "outputs": [], "source": source}


def text(source: str, **metadata) -> dict:
    return {"cell_type": "markdown", "metadata": metadata, "source": source}


def marks(grade_id: str, **flags) -> dict:
    base = {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": False,
        "solution": False,
        "locked": False,
        "task": False,
    }
    return base | flags


def notebook(*cells: dict) -> dict:
    numbered = [{**cell, "id": f"cell-{number}"} for number, cell in enumerate(cells)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": numbered, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def solution(source: str) -> str:
    return f"### BEGIN SOLUTION\n{source}\n### END SOLUTION"


def source_notebook() -> dict:
    return notebook(
        code(PRELUDE, nbgrader=marks("prelude", locked=True)),
        code(solution(SCALED), nbgrader=marks("scaled", solution=True)),
        code("assert scaled(np.ones(2))[0] == 4", nbgrader=marks("test_scaled", grade=True, locked=True, points=4)),
        code(solution(TOTAL), nbgrader=marks("total", solution=True)),
        code("assert total(np.ones(2)) == 2", nbgrader=marks("test_total", grade=True, locked=True, points=2)),
        text(solution("why"), nbgrader=marks("written_why", grade=True, solution=True, points=1)),
    )


def make_course(root: Path) -> None:
    """Makes the course in ``root`` and releases its assignment ``sums``."""
    (root / "source" / "sums").mkdir(parents=True)
    (root / "source" / "sums" / "sums.ipynb").write_text(json.dumps(source_notebook()))
    (root / "grader_tests").mkdir()
    (root / "grader_tests" / "test_sums.py").write_text(CHECKS)
    (root / "nbgrader_config.py").write_text(PROJECT_CONFIG.read_text() + SETTINGS)
    (released,) = release(Course.load(root), ["sums"])
    assert not released.leaks


class Classroom:
    """A released course; what students hand in, and what they get for it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.results: dict[str, SubmissionResult] = {}

    def answered(self, **sources: str) -> dict:
        """The released notebook with right answers, and other text in the cells that are named."""
        nb = json.loads((self.root / "release" / "sums" / "sums.ipynb").read_text())
        for cell in nb["cells"]:
            name = cell["metadata"]["nbgrader"]["grade_id"]
            cell["source"] = sources.get(name, ANSWERS.get(name, cell["source"]))
        return nb

    def with_scratch_cell(self, source: str, *, before: str = "scaled") -> dict:
        """The right answers, and a cell of the student's own above the cell ``before``."""
        nb = self.answered()
        place = grade_ids(nb).index(before)
        nb["cells"].insert(place, {**code(source), "id": "scratch"})
        return nb

    def folder(self, student: str) -> Path:
        folder = self.root / "submitted" / student / "sums"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def hand_in(self, student: str, content: dict | str | bytes | None = None, *, name: str = "sums.ipynb") -> Path:
        """Puts the right answers, or ``content``, into the student's folder."""
        content = self.answered() if content is None else content
        content = json.dumps(content) if isinstance(content, dict) else content
        path = self.folder(student) / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def grade(self, *, workers: int = 2, **options) -> dict[str, SubmissionResult]:
        found = grade_class(Course.load(self.root), ["sums"], workers=workers, **options)
        self.results = {result.student: result for result in found}
        return self.results

    def scores(self, student: str) -> dict[str, float | None]:
        """What each exercise got."""
        return {exercise.id: exercise.score for exercise in self.results[student].exercises}

    def message(self, student: str, exercise: str) -> str:
        """What the student reads at the first check of the exercise that isn't passed."""
        (found,) = (item for item in self.results[student].exercises if item.id == exercise)
        return next((check.message for check in found.checks if check.outcome != "passed"), "")

    def rows(self) -> dict[str, dict[str, tuple]]:
        """By student and cell: the automatic score, and whether a person has to look."""
        query = """select s.student_id, c.name, g.auto_score, g.needs_manual_grade from grade g
            join base_cell c on c.id = g.cell_id join submitted_notebook n on n.id = g.notebook_id
            join submitted_assignment s on s.id = n.assignment_id"""
        found: dict[str, dict[str, tuple]] = {}
        database = sqlite3.connect(self.root / "gradebook.db")
        try:
            for student, cell, score, manual in database.execute(query):
                found.setdefault(student, {})[cell] = (score, bool(manual))
        finally:
            database.close()
        return found

    def assert_gradebook_agrees(self, *, unanswered: tuple[str, ...] = ()) -> None:
        """Everybody has rows, and they say what the results say; no verdict is no score, and waits for a person.

        Only an answer as it was released has a score without a person: none.
        """
        rows = self.rows()
        assert set(rows) == set(self.results)
        for student in self.results:
            given = self.scores(student) or dict.fromkeys(FULL)
            assert rows[student] == {
                **{name: (score, score is None) for name, score in given.items()},
                "written_why": (0, False) if student in unanswered else (None, True),
            }, student

    def autograded(self, student: str) -> Path:
        return self.root / "autograded" / student / "sums" / "sums.ipynb"


def grade_ids(nb: dict) -> list[str]:
    return [cell["metadata"].get("nbgrader", {}).get("grade_id", "") for cell in nb["cells"]]


def cell_of(nb: dict, grade_id: str) -> dict:
    return nb["cells"][grade_ids(nb).index(grade_id)]


def duplicated(nb: dict, grade_id: str) -> dict:
    """``nb`` with a second cell of that grade_id at its end."""
    nb = copy.deepcopy(nb)
    nb["cells"].append({**copy.deepcopy(cell_of(nb, grade_id)), "id": "twice"})
    return nb


class OneProcess(Executor):
    """Work done by the coordinator itself: for what only the coordinator does, other processes change nothing."""

    def __init__(self, workers, initializer, arguments):
        initializer(*arguments)

    def submit(self, function, /, *arguments):
        future = Future()
        future.set_result(function(*arguments))
        return future

    def shutdown(self, wait=True, *, cancel_futures=False):
        worker._examiner.engine.close()
