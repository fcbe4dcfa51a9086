"""Small notebooks for the tests of this room."""

from __future__ import annotations

import json
from typing import Any

from nbformat import NotebookNode

from nabla.notebook.hardening import SourceCell, SourceNotebook
from nabla.notebook.reading import parse_notebook


def code(source: str, **metadata: Any) -> dict:
    return {"cell_type": "code", "execution_count": None, "metadata": metadata, "outputs": [], "source": source}


def text(source: str, **metadata: Any) -> dict:
    return {"cell_type": "markdown", "metadata": metadata, "source": source}


def marks(grade_id: str, *, grade: bool = False, solution: bool = False, **more: Any) -> dict:
    return {
        "grade_id": grade_id,
        "grade": grade,
        "solution": solution,
        "locked": grade and not solution,
        "schema_version": 3,
        **({"points": 2} if grade else {}),
        **more,
    }


def raw_notebook(*cells: dict, **metadata: Any) -> bytes:
    return json.dumps({"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}).encode()


def notebook(*cells: dict, **metadata: Any) -> NotebookNode:
    return parse_notebook(raw_notebook(*cells, **metadata), file="p1.ipynb")


def source_cell(name: str, source: str, kind: str = "code", **flags: Any) -> SourceCell:
    given: dict[str, Any] = {"grade": False, "solution": False, "locked": False, "checksum": "0" * 32, **flags}
    return SourceCell(id=name, cell_type=kind, source=source, **given)


STUB = "def square(x):\n    raise NotImplementedError"
TEST = "assert square(3) == 9"

SOURCE = SourceNotebook(
    "p1",
    (
        source_cell("prelude", "import math", locked=True),
        source_cell("square", STUB, solution=True),
        source_cell("test_square", TEST, grade=True, locked=True, points=2.0),
        source_cell("cube", "def cube(x): ...", solution=True),
        source_cell("test_cube", "assert cube(2) == 8", grade=True, locked=True, points=2.0),
        source_cell("written_why", "YOUR ANSWER HERE", "markdown", grade=True, solution=True, points=2.0),
    ),
    {"name": "python3", "display_name": "Python 3", "language": "python"},
)


def released(**replaced: str) -> list[dict]:
    """The cells of SOURCE as a student has them, some with another text."""
    made = []
    for cell in SOURCE.cells:
        make = code if cell.cell_type == "code" else text
        made.append(make(replaced.get(cell.id, cell.source), nbgrader=cell.metadata()))
    return made
