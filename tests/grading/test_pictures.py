"""Given cells that only show a picture don't run while grading, unless somebody may miss them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from nabla.course import Course
from nabla.grading.submission import NOT_RUN, Engine
from nabla.notebook.given import Given, Names
from nabla.sandbox import names_of
from nabla.verdicts import NotebookVerdict

PICTURE = "scale = 3\nprint('drawn', double(scale))"
TEST = "assert double(2) == 4"
NAMES = {source: Names.said(names_of(source, str)) for source in (PICTURE, TEST)}
GIVEN = Given(NAMES, cells=frozenset({PICTURE}), pictures=frozenset({PICTURE}))
HONEST = "def double(x):\n    return 2 * x"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(Course.load(tmp_path_factory.mktemp("course"))) as engine:
        yield engine


def graded(engine: Engine, answer: str, given: Given = GIVEN) -> NotebookVerdict:
    marks = {"grade": True, "grade_id": "test_double", "points": 1, "locked": True, "solution": False, "task": False}
    cells = [new_code_cell(PICTURE), new_code_cell(answer), new_code_cell(TEST, metadata={"nbgrader": marks})]
    return engine.grade(new_notebook(cells=[cells[1], cells[0], cells[2]]), assignment="ps", given=given)


def test_a_picture_that_nobody_misses_is_not_run_and_says_so(engine: Engine) -> None:
    verdict = graded(engine, HONEST)
    assert verdict.cells[1] == NOT_RUN
    assert verdict.exercises[0].score == 1


def test_who_uses_a_name_of_a_picture_gets_it_and_his_points(engine: Engine) -> None:
    verdict = graded(engine, "def double(x):\n    return x * (scale - 1)")
    assert verdict.cells[1].status == "ok"
    assert verdict.exercises[0].score == 1


def test_without_a_tag_every_given_cell_runs(engine: Engine) -> None:
    assert graded(engine, HONEST, Given(NAMES, cells=frozenset({PICTURE}))).cells[1].status == "ok"


def test_a_cell_that_ends_the_compiler_only_means_that_all_run(engine: Engine) -> None:
    verdict = graded(engine, HONEST + "\n# " + "-" * 10_000 + "\nx = " + "-" * 200_000 + "1")
    assert verdict.cells[1].status != "skipped"


def test_a_course_may_want_its_pictures_drawn(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(engine.course.settings, "draw_given", True)
    assert graded(engine, HONEST).cells[1].status == "ok"
