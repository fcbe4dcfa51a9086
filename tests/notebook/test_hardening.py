import copy

import pytest
from nbformat import validate
from nbgrader.nbgraderformat import MetadataValidator

from nabla.notebook.editions import Edition
from nabla.notebook.hardening import harden
from nabla.notebook.reading import UnreadableNotebook
from tests.notebook.building import SOURCE, STUB, TEST, code, marks, notebook, released, text

EN = Edition("en", "torch")
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def hardened(*cells, **metadata):
    nb = notebook(*cells, **metadata)
    before = copy.deepcopy(nb)
    hard, remarks = harden(nb, SOURCE, EN)
    assert nb == before, "harden changed what it was given"
    validate(hard)
    MetadataValidator().validate_nb(hard)
    return hard, remarks


def ids(nb):
    return [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in nb.cells]


def cell_of(nb, name):
    (found,) = [cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name]
    return found


def test_an_untouched_release_stays_as_it_is_without_a_remark():
    nb, remarks = hardened(*released(), kernelspec=dict(SOURCE.kernelspec))
    assert remarks == []
    assert ids(nb) == [cell.id for cell in SOURCE.cells]
    assert [cell.source for cell in nb.cells] == [cell.source for cell in SOURCE.cells]


def test_an_answer_stays_word_for_word():
    nb, _ = hardened(*released(square="def square(x):\n    return x*x", written_why="Because $a<b$."))
    assert cell_of(nb, "square").source == "def square(x):\n    return x*x"
    assert cell_of(nb, "written_why").source == "Because $a<b$."


def test_an_edited_graded_cell_is_put_back():
    nb, remarks = hardened(*released(test_square="pass"), kernelspec=dict(SOURCE.kernelspec))
    assert cell_of(nb, "test_square").source == TEST
    assert remarks == ["test_square: its text was changed and has been put back"]


def test_lines_that_a_release_leaves_out_are_put_back_without_a_remark():
    hidden = "assert square(3) == 9\n### BEGIN HIDDEN TESTS\nassert square(4) == 16\n### END HIDDEN TESTS"
    cells = [c if c.id != "test_square" else type(c)(**{**c.__dict__, "source": hidden}) for c in SOURCE.cells]
    source = type(SOURCE)("p1", tuple(cells))
    nb, remarks = harden(notebook(*released()), source, EN)
    assert cell_of(nb, "test_square").source == hidden
    assert remarks == []


@pytest.mark.parametrize(
    ("change", "remark"),
    [
        ({"points": 100}, "points put back to 2"),
        ({"points": "many"}, "points put back to 2"),
        ({"grade": False}, "marks"),
        ({"solution": True}, "marks"),
        ({"locked": False}, None),
        ({"checksum": "f" * 32}, None),
        ({"schema_version": 99}, None),
        ({"schema_version": "x", "more": {"a": 1}}, None),
    ],
)
def test_changed_marks_are_put_back(change, remark):
    cells = released()
    cells[2]["metadata"]["nbgrader"] |= change
    nb, remarks = hardened(*cells)
    assert cell_of(nb, "test_square").metadata.nbgrader == SOURCE.cells[2].metadata()
    assert remark is None or any(remark in line for line in remarks)


def test_a_graded_cell_made_text_is_code_again():
    cells = released()
    cells[2] = text(TEST, nbgrader=cells[2]["metadata"]["nbgrader"])
    nb, remarks = hardened(*cells)
    assert cell_of(nb, "test_square").cell_type == "code"
    assert "test_square: made a code cell again" in remarks


def test_a_written_answer_made_code_is_text_again():
    cells = released()
    cells[5] = code("Because", nbgrader=cells[5]["metadata"]["nbgrader"])
    nb, _ = hardened(*cells)
    assert cell_of(nb, "written_why").cell_type == "markdown"
    assert "outputs" not in cell_of(nb, "written_why")


def test_tags_and_other_steering_metadata_go():
    cells = released()
    for cell in cells:
        cell["metadata"] |= {
            "tags": ["skip-execution", "raises-exception"],
            "magics_language": "html",
            "deletable": False,
        }
    nb, remarks = hardened(
        *cells, widgets={"application/vnd.jupyter.widget-state+json": {}}, title="<script>", authors=[]
    )
    assert all(set(cell.metadata) <= {"nbgrader", "deletable"} for cell in nb.cells)
    assert set(nb.metadata) == {"kernelspec"}
    assert any("skip-execution" in line for line in remarks)


def test_a_changed_kernel_is_put_back():
    nb, remarks = hardened(*released(), kernelspec={"name": "bash", "display_name": "Bash", "language": "bash"})
    assert nb.metadata.kernelspec == SOURCE.kernelspec
    assert "kernel put back to python3" in remarks


def test_cells_with_foreign_grade_ids_are_ordinary_cells():
    nb, remarks = hardened(*released(), code("5", nbgrader=marks("bonus", grade=True)))
    assert ids(nb)[-1] is None
    assert nb.cells[-1].source == "5"
    assert any("bonus" in line for line in remarks)


def test_another_assignments_notebook_is_refused_with_a_line_that_says_so():
    with pytest.raises(UnreadableNotebook, match="none of its graded cells belongs"):
        hardened(code("x", nbgrader=marks("other", grade=True)))


@pytest.mark.parametrize("broken", [None, 7, "x", [], {"grade_id": 3}, {"grade_id": ""}, {"grade_id": ["square"]}])
def test_malformed_marks_are_dropped(broken):
    nb, _ = hardened(*released(), code("x", nbgrader=broken))
    assert ids(nb)[-1] is None


def test_all_marks_lost_puts_the_graded_cells_back_below_the_answers():
    nb, remarks = hardened(code("def square(x): return x*x"), code("def cube(x): return x**3"))
    assert ids(nb) == [None, None, "prelude", "test_square", "test_cube", "written_why"]
    assert any("were put back" in line for line in remarks)


@pytest.mark.parametrize("at", [0, 2, 3, 6])
def test_a_doubled_graded_cell_counts_once(at):
    cells = released()
    cells.insert(at, code("pass", nbgrader=cells[2]["metadata"]["nbgrader"]))
    nb, remarks = hardened(*cells)
    assert ids(nb).count("test_square") == 1
    assert cell_of(nb, "test_square").source == TEST
    assert any("more than once" in line for line in remarks)


@pytest.mark.parametrize("order", [0, 1])
def test_of_a_doubled_answer_the_answered_one_counts(order):
    cells = released()
    twin = text("My answer", nbgrader=cells[5]["metadata"]["nbgrader"])
    cells.insert(5 + order, twin)
    nb, _ = hardened(*cells)
    assert cell_of(nb, "written_why").source == "My answer"


def test_a_doubled_solution_cell_loses_no_code():
    cells = released(square="def square(x): return x*x")
    cells.insert(
        2, code(STUB.replace("raise NotImplementedError", "return 0"), nbgrader=cells[1]["metadata"]["nbgrader"])
    )
    nb, _ = hardened(*cells)
    assert [cell.source for cell in nb.cells if "square(x)" in cell.source and "assert" not in cell.source] == [
        "def square(x): return x*x",
        "def square(x):\n    return 0",
    ]


@pytest.mark.parametrize("gone", [2, 4])
def test_a_deleted_graded_cell_is_put_back_where_it_was(gone):
    cells = released()
    del cells[gone]
    nb, remarks = hardened(*cells)
    assert ids(nb) == [cell.id for cell in SOURCE.cells]
    assert any("deleted cells were put back" in line for line in remarks)


def test_several_deleted_cells_are_put_back_in_order():
    cells = released()
    nb, _ = hardened(cells[1], cells[3])
    assert ids(nb) == ["prelude", "square", "test_square", "cube", "test_cube", "written_why"]


def test_a_deleted_graded_cell_is_put_back_below_an_answer_in_a_new_cell():
    cells = released()
    new = code("def square(x): return x*x")
    nb, _ = hardened(cells[0], new, *cells[3:])
    assert nb.cells[1].source == new["source"]
    assert ids(nb)[2] == "test_square"


def test_a_deleted_answer_cell_stays_away_so_that_its_stub_hides_nothing():
    cells = released()
    nb, _ = hardened(code("def square(x): return x*x"), cells[0], *cells[2:])
    assert "square" not in ids(nb)


def test_a_graded_cell_moved_above_its_answer_is_moved_back_below():
    cells = released()
    nb, remarks = hardened(cells[2], *cells[:2], *cells[3:])
    assert ids(nb).index("test_square") == ids(nb).index("square") + 1
    assert "test_square: moved back below square" in remarks


def test_a_graded_cell_moved_down_may_stay():
    cells = released()
    nb, remarks = hardened(*cells[:2], *cells[3:], cells[2], kernelspec=dict(SOURCE.kernelspec))
    assert ids(nb)[-1] == "test_square"
    assert remarks == []


def test_of_attachments_only_pictures_stay():
    cells = released()
    cells[5]["attachments"] = {
        "photo.png": {"image/png": PNG, "text/html": "<script>"},
        "fake.png": {"image/png": "PHNjcmlwdD4="},
        'x" onerror="y.png': {"image/png": PNG},
    }
    nb, _ = hardened(*cells)
    assert cell_of(nb, "written_why").attachments == {"photo.png": {"image/png": PNG}}


def test_the_edition_is_written_as_it_was_understood():
    nb, _ = hardened(*released(), nabla={"language": "xx", "framework": "../..", "points": 9})
    assert nb.metadata.nabla == {"language": "en", "framework": "torch"}
