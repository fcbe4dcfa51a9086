"""The page that says where each item of the chapter is taught and graded: complete, and true of the notebooks as text."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from nabla.notebook.twin import twin_to_notebook

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
ITEMS, MISTAKES = 53, 24
NAME = re.compile(r"`(\w+)#([\w-]+)(?:::(\w+))?`")
ROW = re.compile(r"^\| (\d+) \| (.+) \|$", re.M)


def rows(heading: str) -> dict[int, list[str]]:
    """The numbered rows below ``heading``: what stands in the columns behind the number."""
    _, _, rest = PAGE.partition(f"## {heading}\n")
    return {int(number): columns.split(" | ") for number, columns in ROW.findall(rest.split("\n## ")[0])}


@pytest.fixture(scope="module")
def cells():
    """Of each assignment, its cells by id and by grade_id; a cell in two languages counts by its id."""
    found = {}
    for twin in sorted((ROOT / "notebooks").glob("*.md")):
        own = found[twin.stem] = {}
        for cell in twin_to_notebook(twin).cells:
            for name in (cell.id, cell.metadata.get("nbgrader", {}).get("grade_id")):
                own.setdefault(name, cell)
    return found


@pytest.fixture(scope="module")
def checks():
    """Of each assignment, its classes of checks with the names of their checks, read as text."""
    return {
        path.stem.removeprefix("test_"): {
            node.name: {each.name for each in node.body if isinstance(each, ast.FunctionDef)}
            for node in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(node, ast.ClassDef)
        }
        for path in (ROOT / "grader_tests").glob("test_*.py")
    }


def test_every_item_of_the_chapter_has_its_row():
    assert list(rows("The chapter, item by item")) == list(range(1, ITEMS + 1))
    assert list(rows("Where the chapter errs")) == list(range(1, MISTAKES + 1))


def test_every_row_names_what_teaches_the_item_and_what_grades_it_or_says_that_nothing_does():
    for number, (_, taught, graded) in rows("The chapter, item by item").items():
        assert NAME.search(taught), number
        assert NAME.search(graded) or graded.startswith(("taught, not graded", "see below")), number


def test_every_cell_on_the_page_exists(cells):
    assert [name for name in NAME.findall(PAGE) if name[1] not in cells.get(name[0], {})] == []


def test_every_check_on_the_page_exists(checks):
    for assignment, grade_id, check in NAME.findall(PAGE):
        if check:
            name = "".join(part.capitalize() for part in grade_id.split("_"))
            assert check in checks[assignment].get(name, ()), f"{assignment}#{grade_id}::{check}"


def test_every_graded_cell_of_the_course_is_on_the_page(cells):
    named = {(assignment, cell) for assignment, cell, _ in NAME.findall(PAGE)}
    graded = {
        (assignment, cell.metadata.nbgrader.grade_id)
        for assignment, own in cells.items()
        for cell in own.values()
        if cell.metadata.get("nbgrader", {}).get("grade")
    }
    assert sorted(graded - named) == []


def test_what_is_said_of_a_mistake_speaks_of_the_chapter_in_both_languages(cells):
    for number, (_, _, said) in rows("Where the chapter errs").items():
        for assignment, cell, _ in NAME.findall(said):
            japanese = cells[assignment][cell.removesuffix("-en") + "-ja"]
            assert "chapter" in cells[assignment][cell].source, number
            assert "教科書" in japanese.source, number


def test_readers_find_the_page():
    for page in ("README.md", "docs/writing-exercises.md"):
        assert "coverage.md)" in (ROOT / page).read_text(encoding="utf-8"), page
