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
MARKS = {"grade": True, "grade_id": "test_double", "points": 1, "locked": True, "solution": False, "task": False}
HONEST = "def double(x):\n    return 2 * x"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(Course.load(tmp_path_factory.mktemp("course"))) as engine:
        yield engine


def graded(engine: Engine, answer: str, given: Given = GIVEN, *, extra: str = "") -> NotebookVerdict:
    cells = [new_code_cell(PICTURE), new_code_cell(answer), new_code_cell(TEST, metadata={"nbgrader": MARKS})]
    more = [new_code_cell(extra)] if extra else []
    return engine.grade(new_notebook(cells=[cells[1], *more, cells[0], cells[2]]), assignment="ps", given=given)


def test_a_picture_that_nobody_misses_is_not_run_and_says_so(engine: Engine) -> None:
    verdict = graded(engine, HONEST)
    assert verdict.cells[1] == NOT_RUN
    assert verdict.exercises[0].score == 1


def test_who_uses_a_name_of_a_picture_gets_it_and_his_points(engine: Engine) -> None:
    verdict = graded(engine, "def double(x):\n    return x * (scale - 1)")
    assert verdict.cells[1].status == "ok"
    assert verdict.exercises[0].score == 1


def test_an_annotation_may_use_what_only_a_picture_imports(engine: Engine) -> None:
    picture = "from collections.abc import Callable"
    given = Given(
        {source: Names.said(names_of(source, str)) for source in (picture, TEST)}, pictures=frozenset({picture})
    )
    cells = [new_code_cell(picture), new_code_cell("def double(x) -> Callable:\n    return 2 * x")]
    cells.append(new_code_cell(TEST, metadata={"nbgrader": MARKS}))
    assert engine.grade(new_notebook(cells=cells), assignment="ps", given=given).exercises[0].score == 1


def test_without_a_tag_every_given_cell_runs(engine: Engine) -> None:
    assert graded(engine, HONEST, Given(NAMES, cells=frozenset({PICTURE}))).cells[1].status == "ok"


def test_a_cell_that_ends_the_compiler_only_means_that_all_run(engine: Engine) -> None:
    verdict = graded(engine, HONEST + "\n# " + "-" * 10_000 + "\nx = " + "-" * 200_000 + "1")
    assert verdict.cells[1].status != "skipped"


def test_a_course_may_want_its_pictures_drawn(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(engine.course.settings, "draw_given", True)
    assert graded(engine, HONEST).cells[1].status == "ok"


def test_what_the_compiler_warns_of_is_shown_below_its_own_cell_only(engine: Engine) -> None:
    verdict = graded(engine, HONEST, extra="y = 1\nif y is 1:\n    pass")
    assert [bool(verdict.cells[place].outputs) for place in (0, 1)] == [False, True]


def test_a_cell_that_runs_but_whose_bytecode_cannot_be_read_loses_no_process(engine: Engine) -> None:
    verdict = graded(engine, HONEST, extra="x = 0x" + "f" * 20_000)
    assert (verdict.cells[1].status, verdict.lost) == ("ok", ())
