"""Writes into a graded notebook what is to be seen of it: outputs, verdicts, and texts in which nothing runs.

Both doors call these functions. Knows no files, no gradebook and no sandbox.
"""

from __future__ import annotations

import html
from collections.abc import Container

from nbformat import NotebookNode

from nabla.notebook.hardening import grade_id
from nabla.notebook.markdown import inert_markdown
from nabla.notebook.outputs import clean_outputs, safe_outputs, safe_text, with_verdict
from nabla.notebook.reading import node
from nabla.verdicts import CellResult, NotebookVerdict


def show_verdict(nb: NotebookNode, verdict: NotebookVerdict, *, limit: int) -> None:
    """Fills the outputs of every code cell from the run, and of every sealed graded cell from its verdict."""
    number = 0
    for index, cell in enumerate(nb.cells):
        if cell.cell_type != "code":
            continue
        result = verdict.cells.get(index, CellResult(status="skipped"))
        cell.outputs = safe_outputs(result, limit=limit) + _ending(result)
        cell.execution_count = None
        if result.status != "skipped":
            number += 1
            cell.execution_count = number
    show_exercises(nb, verdict)


def show_exercises(nb: NotebookNode, verdict: NotebookVerdict) -> None:
    """Adds to each sealed graded cell the lines of its checks and its score."""
    sealed = {exercise.id: exercise for exercise in verdict.exercises if exercise.sealed}
    for cell in nb.cells:
        exercise = sealed.get(grade_id(cell) or "")
        if exercise is not None and cell.cell_type == "code":
            cell.outputs = with_verdict(cell.outputs, exercise)


def clean_submitted_outputs(nb: NotebookNode, *, limit: int) -> None:
    """Makes the outputs that came with a submission inert (they stay only where nothing is run again)."""
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs = clean_outputs(cell.outputs, limit=limit)


def make_texts_inert(nb: NotebookNode, given: Container[tuple[str, str]] = ()) -> None:
    """Makes the text cells inert, but the course's own. The last step: an answer's checksum is of what it says."""
    for cell in nb.cells:
        if (cell.cell_type, cell.source) in given and not cell.get("attachments"):
            continue
        if cell.cell_type == "markdown":
            attachments = {name: dict(bundle) for name, bundle in cell.get("attachments", {}).items()}
            cell.source = inert_markdown(cell.source, attachments)
        elif cell.cell_type == "raw":
            cell.source = html.escape(cell.source, quote=False)


def _ending(result: CellResult) -> list[NotebookNode]:
    """How a cell ended that ended otherwise than by itself, as Jupyter shows errors."""
    if result.status != "lost" or any(output.get("output_type") == "error" for output in result.outputs):
        return []
    reason = safe_text(result.reason) or "the cell did not finish"
    return [node({"output_type": "error", "ename": "CellLost", "evalue": reason, "traceback": [f"CellLost: {reason}"]})]
