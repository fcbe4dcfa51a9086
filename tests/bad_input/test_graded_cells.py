"""Notebooks whose cells were deleted, doubled, moved or changed: they are put back, and what was answered counts."""

import pytest

from tests.bad_input.classroom import FULL, SCALED, cell_of, code, duplicated, grade_ids, marks

CHEAT = "def scaled(x):\n    return 0 * x"


def submissions(room):
    hand_in, answered = room.hand_in, room.answered
    hand_in("deleted_test", without(answered(), "test_scaled"))
    hand_in("deleted_tests", without(answered(), "test_scaled", "test_total"))
    hand_in("deleted_prelude", without(answered(), "prelude"))
    hand_in("deleted_answer", without(answered(), "scaled"))
    hand_in("answer_elsewhere", with_cell(without(answered(), "scaled"), 1, code(SCALED)))
    hand_in("emptied", answered() | {"cells": []})
    hand_in("duplicated_test", duplicated(answered(), "test_scaled"))
    hand_in("duplicated_answer", duplicated(answered(), "scaled"))
    hand_in("moved_up", moved(answered(), "test_total", 0))
    hand_in("swapped", moved(answered(), "total", 1))
    hand_in("edited_test", answered(test_scaled="pass"))
    hand_in("edited_test_redefines", answered(test_scaled="def scaled(x):\n    return 3 * x + 1", scaled=CHEAT))
    hand_in("edited_prelude", answered(prelude="import os as np"))
    hand_in("points", marked(answered(), "test_total", points=100))
    hand_in("no_points", marked(answered(), "test_total", points=0))
    hand_in("negative_points", marked(answered(), "test_total", points=-1e308))
    hand_in("points_of_text", marked(answered(), "test_total", points="100"))
    hand_in("ungraded", marked(answered(), "test_total", grade=False, locked=False))
    hand_in("manual", marked(answered(), "test_total", solution=True))
    hand_in("task", marked(answered(), "test_total", task=True))
    hand_in("other_grade_id", marked(answered(), "test_total", grade_id="test_sum"))
    hand_in("swapped_grade_ids", swapped_ids(answered()))
    hand_in("list_as_grade_id", marked(answered(), "test_total", grade_id=["test_total"]))
    hand_in("foreign_cell", with_cell(answered(), 1, code("1", nbgrader=marks("bonus", grade=True, points=50))))
    hand_in("foreign_only", answered() | {"cells": [code("1", nbgrader=marks("bonus", grade=True, points=50))]})
    hand_in("marks_are_text", with_metadata(answered(), "test_total", nbgrader="full points please"))
    hand_in("tags", with_metadata(answered(), "scaled", tags=["raises-exception", "remove-cell", "skip-execution"]))
    hand_in("odd_tags", with_metadata(answered(), "scaled", tags={"a": 1}))
    hand_in("as_text", retyped(answered(), "test_total", "markdown"))
    hand_in("answer_as_raw", retyped(answered(), "total", "raw"))
    hand_in(
        "kernel", answered() | {"metadata": {"kernelspec": {"name": "bash", "display_name": "B", "language": "bash"}}}
    )
    hand_in("no_kernel", answered() | {"metadata": {}})
    hand_in("odd_metadata", answered() | {"metadata": {"kernelspec": "python", "language_info": 3, "nabla": []}})
    hand_in("edition", answered() | {"metadata": {"nabla": {"language": "../ja", "framework": "os"}}})
    hand_in("other_edition", answered() | {"metadata": {"nabla": {"language": "en", "framework": "jax"}}})
    hand_in("old_outputs", with_old_outputs(answered(scaled=CHEAT)))
    hand_in("same_ids", same_ids(answered()))


def without(nb, *names):
    nb["cells"] = [cell for cell, name in zip(nb["cells"], grade_ids(nb), strict=True) if name not in names]
    return nb


def with_cell(nb, place, cell):
    nb["cells"].insert(place, cell | {"id": "added"})
    return nb


def moved(nb, name, place):
    cell = cell_of(nb, name)
    nb["cells"].remove(cell)
    nb["cells"].insert(place, cell)
    return nb


def marked(nb, name, **changed):
    cell_of(nb, name)["metadata"]["nbgrader"] |= changed
    return nb


def with_metadata(nb, name, **changed):
    cell_of(nb, name)["metadata"] |= changed
    return nb


def swapped_ids(nb):
    one, other = cell_of(nb, "test_scaled"), cell_of(nb, "test_total")
    one["metadata"], other["metadata"] = other["metadata"], one["metadata"]
    return nb


def retyped(nb, name, kind):
    cell = cell_of(nb, name)
    cell["cell_type"] = kind
    del cell["outputs"], cell["execution_count"]
    return nb


def with_old_outputs(nb):
    result = {"output_type": "execute_result", "data": {"text/plain": "4"}, "metadata": {}, "execution_count": 1}
    cell_of(nb, "test_scaled")["outputs"] = [result]
    return nb


def same_ids(nb):
    for cell in nb["cells"]:
        cell["id"] = "same"
    return nb


@pytest.mark.parametrize(
    "student",
    [
        "honest",
        "deleted_test",
        "deleted_tests",
        "deleted_prelude",
        "answer_elsewhere",
        "duplicated_test",
        "duplicated_answer",
        "moved_up",
        "edited_test",
        "edited_prelude",
        "points",
        "no_points",
        "negative_points",
        "points_of_text",
        "ungraded",
        "manual",
        "task",
        "other_grade_id",
        "swapped_grade_ids",
        "list_as_grade_id",
        "foreign_cell",
        "marks_are_text",
        "tags",
        "odd_tags",
        "as_text",
        "kernel",
        "no_kernel",
        "odd_metadata",
        "edition",
        "same_ids",
        "swapped",
        "answer_as_raw",
    ],
)
def test_right_answers_in_a_changed_notebook_get_all_points_and_no_more(graded, student):
    assert graded.results[student].status == "graded"
    assert graded.scores(student) == FULL
    assert graded.results[student].max_score == sum(FULL.values())


def test_a_deleted_answer_costs_its_own_exercise(graded):
    assert graded.scores("deleted_answer") == {"test_scaled": 0, "test_total": 2}
    assert "There is no function `scaled` in the notebook" in graded.message("deleted_answer", "test_scaled")


def test_a_notebook_without_cells_gets_no_points(graded):
    assert graded.scores("emptied") == {"test_scaled": 0, "test_total": 0}


def test_a_solution_written_into_the_graded_cell_does_not_count(graded):
    assert graded.scores("edited_test_redefines") == {"test_scaled": 0, "test_total": 2}


def test_a_score_left_in_the_outputs_does_not_count(graded):
    assert graded.scores("old_outputs") == {"test_scaled": 0, "test_total": 2}


def test_a_notebook_of_something_else_is_named(graded):
    result = graded.results["foreign_only"]
    assert (result.status, result.score) == ("failed", None)
    assert "none of its graded cells belongs to this notebook" in result.reason
    assert "submit the right notebook" in result.reason


def test_each_of_the_class_stands_in_the_gradebook(graded):
    graded.assert_gradebook_agrees(unanswered=("emptied",))


@pytest.mark.parametrize(
    ("student", "remark"),
    [
        ("points", "test_total: points put back to 2"),
        ("edited_test", "test_scaled: its text was changed and has been put back"),
        ("deleted_test", "deleted cells were put back: test_scaled"),
        ("duplicated_answer", "cells that were there more than once count once: scaled"),
        ("foreign_cell", "cells that the assignment doesn't know count as ordinary cells: bonus"),
        ("other_edition", "taken for the numpy edition: jax isn't among c.Nabla.frameworks"),
    ],
)
def test_what_was_put_right_is_told_to_who_grades(graded, student, remark):
    assert remark in graded.results[student].remarks


@pytest.mark.parametrize("student", ["honest", "tags", "kernel", "old_outputs"])
def test_nothing_is_told_where_no_cell_was_altered(graded, student):
    assert graded.results[student].remarks == ()
