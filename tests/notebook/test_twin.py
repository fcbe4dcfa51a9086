"""The text twin and its notebook: exact in both directions, and clear about what doesn't fit."""

from __future__ import annotations

import nbformat
import pytest

from nabla.notebook.twin import TwinError, check_equal, main, notebook_to_twin, twin_to_notebook, write_source

TEXT = """---
jupyter:
  jupytext:
    text_representation:
      extension: .md
      format_name: markdown
  kernelspec:
    display_name: Python 3 (ipykernel)
    language: python
    name: python3
---

<!-- #region id="goal-ja" tags=["ja"] -->
# 目標

勾配 $\\nabla f$


二つの空行のあと
<!-- #endregion -->

```python id="half" nbgrader={"grade": false, "grade_id": "half", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["torch"]
%matplotlib inline
def half(x):
    ### BEGIN SOLUTION
    return x / 2
    ### END SOLUTION


print(half(4))
```
"""


@pytest.fixture
def twin(tmp_path):
    path = tmp_path / "tiny.md"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_the_notebook_carries_ids_tags_and_marking_of_the_text(twin):
    goal, half = twin_to_notebook(twin).cells
    assert (goal.id, goal.cell_type, goal.metadata) == ("goal-ja", "markdown", {"tags": ["ja"]})
    assert goal.source.endswith("$\n\n\n二つの空行のあと")
    assert half.metadata.nbgrader.grade_id == "half"
    assert half.metadata.tags == ["torch"]
    assert half.source.startswith("%matplotlib inline\ndef half")
    assert "id" not in half.metadata


def test_text_to_notebook_to_text_changes_no_byte(twin):
    assert notebook_to_twin(twin_to_notebook(twin)) == TEXT


def test_the_same_text_gives_the_same_bytes(twin, tmp_path):
    first, second = tmp_path / "first.ipynb", tmp_path / "second.ipynb"
    write_source(twin, first)
    write_source(twin, second)
    assert first.read_bytes() == second.read_bytes()
    check_equal(twin, first)


def test_outputs_and_what_editors_leave_do_not_reach_the_text(twin):
    nb = twin_to_notebook(twin)
    nb.cells[1].outputs = [nbformat.v4.new_output("stream", text="2.0")]
    nb.cells[1].execution_count = 7
    nb.cells[1].metadata["collapsed"] = True
    assert notebook_to_twin(nb) == TEXT


def test_an_edited_notebook_is_named_with_the_line_and_both_ways_out(twin, tmp_path):
    ipynb = tmp_path / "tiny.ipynb"
    write_source(twin, ipynb)
    ipynb.write_text(ipynb.read_text(encoding="utf-8").replace("x / 2", "x / 3"), encoding="utf-8")
    line = next(n for n, text in enumerate(ipynb.read_text(encoding="utf-8").splitlines(), 1) if "x / 3" in text)
    with pytest.raises(TwinError, match=rf"tiny\.ipynb, line {line}: differs.*tiny\.md.*tiny\.ipynb; or"):
        check_equal(twin, ipynb)
    main([str(ipynb), str(twin)])
    check_equal(twin, ipynb)


def test_a_missing_notebook_is_named_with_the_command_that_makes_it(twin, tmp_path):
    with pytest.raises(TwinError, match=r"missing\. Make it from"):
        check_equal(twin, tmp_path / "tiny.ipynb")
    main([str(twin), str(tmp_path / "tiny.ipynb")])
    check_equal(twin, tmp_path / "tiny.ipynb")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('id="goal-ja" ', "", "give it an id"),
        ('id="goal-ja" ', 'id="what is this?" ', "give it an id"),
        ('id="half"', 'id="goal-ja"', "used twice"),
        ('tags=["ja"]', 'tags=["ja"] colour="red"', "unknown metadata colour"),
    ],
)
def test_a_cell_that_does_not_fit_is_named(twin, old, new, problem):
    twin.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(TwinError, match=problem):
        twin_to_notebook(twin)


def test_two_files_are_needed():
    with pytest.raises(SystemExit, match="FROM TO"):
        main(["one.md"])
