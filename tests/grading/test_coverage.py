"""The page that says what the course covers names nothing that isn't there."""

from __future__ import annotations

from pathlib import Path

import pytest

from nabla.course import Course
from nabla.grading.coverage import coverage_problems
from nabla.grading.planting import notebooks_of, read_source
from nabla.grading.submission import Engine


def problems(root: Path, page: str) -> list[str]:
    (root / "docs").mkdir()
    (root / "docs" / "coverage.md").write_text(page, encoding="utf-8")
    course = Course.load(root)
    with Engine.for_course(course) as engine:
        sources = [read_source(path) for path in notebooks_of(course, "tiny")]
        return list(coverage_problems(course, "tiny", sources, engine.judge("tiny")))


def test_a_page_whose_names_are_all_there_has_no_problem(released_course: Path) -> None:
    page = "| 1 | twice | `tiny#double` | `tiny#test_double::test_is_twice_its_argument` |\n"
    assert problems(released_course, page) == []


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("`tiny#triple`", "line 2: tiny has no cell 'triple'"),
        ("`huge#double`", "line 2: there is no assignment 'huge'"),
        ("`tiny#test_double::test_is_it`", "line 2: test_double has no check 'test_is_it'"),
        ("`tiny#double::test_is_twice_its_argument`", "line 2: double has no check 'test_is_twice_its_argument'"),
    ],
)
def test_a_name_that_is_not_there_is_told_with_its_line(released_course: Path, name: str, problem: str) -> None:
    assert problems(released_course, f"# Coverage\n| 1 | twice | {name} |\n") == [f"docs/coverage.md, {problem}"]
