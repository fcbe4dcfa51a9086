import math

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.utils import compute_checksum

from nabla.gradebook import notebook_grades
from nabla.verdicts import ExerciseVerdict, NotebookVerdict


def marked(cell, name, **flags):
    base = {"schema_version": 3, "grade_id": name, "grade": False, "solution": False, "locked": False, "points": 2}
    cell.metadata["nbgrader"] = base | flags
    return cell


def graded(**flags):
    return marked(new_code_cell("assert True"), "test_one", grade=True, locked=True, **flags)


def verdict(score):
    return NotebookVerdict((ExerciseVerdict("test_one", score, 2.0, sealed=True),))


@pytest.mark.parametrize(("given", "saved"), [(0.0, 0.0), (1.5, 1.5), (2.0, 2.0), (None, None)])
def test_a_test_cell_has_the_score_of_its_verdict(given, saved):
    assert notebook_grades(new_notebook(cells=[graded()]), verdict(given)).scores == {"test_one": saved}


@pytest.mark.parametrize("impossible", [-1.0, 2.5, math.nan, math.inf])
def test_a_score_outside_the_points_is_none(impossible):
    assert notebook_grades(new_notebook(cells=[graded()]), verdict(impossible)).scores == {"test_one": None}


@pytest.mark.parametrize("output", ["2", "nan", "-1", "[1, 2]"])
def test_without_a_verdict_no_output_is_a_score(output):
    cell = graded()
    cell.outputs = [
        {"output_type": "execute_result", "data": {"text/plain": output}, "metadata": {}, "execution_count": 1}
    ]
    assert notebook_grades(new_notebook(cells=[cell]), None).scores == {"test_one": None}
    assert notebook_grades(new_notebook(cells=[cell]), NotebookVerdict()).scores == {"test_one": None}


def test_a_written_answer_waits_for_a_person_unless_it_is_empty():
    answer = marked(new_markdown_cell("stub"), "why", grade=True, solution=True)
    answer.metadata.nbgrader["checksum"] = compute_checksum(answer)
    empty = notebook_grades(new_notebook(cells=[answer]), None)
    assert (empty.scores, empty.comments) == ({"why": 0.0}, {"why": "No response."})
    answer.source = "Because"
    given = notebook_grades(new_notebook(cells=[answer]), None)
    assert (given.scores, given.comments) == ({"why": None}, {"why": None})


def test_a_verdict_is_no_score_for_a_written_answer():
    answer = marked(new_markdown_cell("Because"), "test_one", grade=True, solution=True)
    assert notebook_grades(new_notebook(cells=[answer]), verdict(2.0)).scores == {"test_one": None}
