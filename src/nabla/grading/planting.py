"""Submissions with known answers: the reference solutions, the untouched release, or a given function in one place.

`nabla verify` and `nabla simulate` grade them through the real engine. Knows notebooks, not the judge.
"""

from __future__ import annotations

import ast
import copy
import re
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from nabla.course import Course
from nabla.notebook.editions import Edition, keep_edition, release_notebook

DELIMITER = re.compile(r"^[^\n]*(BEGIN|END) SOLUTION[^\n]*\n?", re.M)

DEFINITION = re.compile(r"^(?:def|class) (\w+)", re.M)

# Stands between a function in plain numpy and an edition's own arrays. Arguments share memory where they can, so that
# changing one in place still shows (MXNet's own way to numpy copies); results keep their dtype. `array` is from the
# notebook's prelude.
BRIDGE = """
import numpy as _np

def _plain(value):
    if hasattr(value, "asnumpy"):
        return _on_the_same_memory(value)
    if hasattr(value, "detach"):
        return value.detach().numpy()
    if type(value) in (tuple, list):
        return type(value)(_plain(item) for item in value)
    if type(value) is dict:
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (bool, int, float, complex, str, type(None), _np.ndarray, _np.generic)):
        return value
    if hasattr(value, "__array__"):
        return _np.asarray(value)
    return (lambda *given: _plain(value(*map(_own, given)))) if callable(value) else value

def _own(value):
    if isinstance(value, _np.ndarray):
        return _kind(value)
    if type(value) in (tuple, list):
        return type(value)(_own(item) for item in value)
    if type(value) is dict:
        return {key: _own(item) for key, item in value.items()}
    return (lambda *given: _own(value(*map(_plain, given)))) if callable(value) else value

def _kind(value):
    own = array(value)
    root = type(own).__module__.partition(".")[0]
    if root == "torch":
        import torch
        return torch.from_numpy(_np.array(value))
    if root == "tensorflow":
        import tensorflow
        return tensorflow.constant(value)
    if root == "jaxlib":
        import jax
        return jax.numpy.asarray(value)
    if root == "mxnet":
        import mxnet
        return mxnet.np.array(value, dtype=value.dtype)
    return own

def _on_the_same_memory(value):
    import ctypes
    import mxnet
    if not value.size:
        return value.asnumpy()
    mxnet.nd.waitall()
    place = ctypes.c_void_p()
    mxnet.base.check_call(mxnet.base._LIB.MXNDArrayGetData(value.handle, ctypes.byref(place)))
    memory = (ctypes.c_char * (value.size * value.dtype.itemsize)).from_address(place.value)
    memory.owner = value
    return _np.frombuffer(memory, dtype=value.dtype).reshape(value.shape)

def _bridged(function):
    return lambda *given, **named: _own(function(*map(_plain, given), **{k: _plain(v) for k, v in named.items()}))
"""


def notebooks_of(course: Course, assignment: str) -> list[Path]:
    """The source notebooks of ``assignment``, sorted by name."""
    return sorted((course.folder("source") / assignment).glob("*.ipynb"))


def read_source(path: Path) -> NotebookNode:
    """The source notebook in ``path``."""
    nb: NotebookNode = nbformat.read(path, as_version=4)
    return nb


def untouched(source: NotebookNode, edition: Edition, course: Course) -> NotebookNode:
    """What a student of ``edition`` has who does nothing."""
    return release_notebook(source, edition, course.config)


def reference_cells(source: NotebookNode, edition: Edition) -> dict[str, str]:
    """The reference solution of each solution cell, by grade_id, without its delimiters."""
    return {name: DELIMITER.sub("", text).rstrip("\n") for name, text in _solution_cells(source, edition).items()}


def solution_lines(source: NotebookNode, edition: Edition) -> dict[str, frozenset[int]]:
    """Which lines (from 1) of each of `reference_cells` students don't get; all where nothing is delimited."""
    return {name: frozenset(_between(text)) for name, text in _solution_cells(source, edition).items()}


def independent_cells(cells: Mapping[str, str]) -> dict[str, str]:
    """The same solutions, each with a private copy of those that it calls: what is wrong in one stays in that one."""
    home = {name: grade_id for grade_id, text in cells.items() for name in DEFINITION.findall(text)}
    return {grade_id: _alone(grade_id, cells, home) for grade_id in cells}


def with_cells(nb: NotebookNode, sources: Mapping[str, str]) -> NotebookNode:
    """A copy of ``nb`` in which the cells with these grade_ids have these sources."""
    filled = copy.deepcopy(nb)
    for cell in filled.cells:
        grade_id = _marking(cell).get("grade_id", "")
        if grade_id in sources:
            cell.source = sources[grade_id]
    return filled


def solved(source: NotebookNode, edition: Edition, course: Course) -> NotebookNode:
    """The submission of someone who answers as the reference does."""
    return with_cells(untouched(source, edition, course), reference_cells(source, edition))


def planted(reference: str, function: str, plain: str, name: str, *, framework: str = "") -> str:
    """A solution cell in which ``function`` is ``plain``: source in plain numpy of a function called ``name``.

    The cell's other functions stay as the reference has them; the edition's arrays are turned into numpy's and back.
    Source of a ``framework`` stays as it is.
    """
    if framework:
        return "\n".join((reference, textwrap.dedent(plain).rstrip("\n"), f"{function} = {name}")) + "\n"
    hidden = f"_planted_{name}"
    renamed = re.sub(rf"^def {re.escape(name)}\b", f"def {hidden}", textwrap.dedent(plain), count=1, flags=re.M)
    parts = (reference, BRIDGE, "import numpy as np", renamed.rstrip("\n"), f"{function} = _bridged({hidden})")
    return "\n".join(parts) + "\n"


def graded_cells(nb: NotebookNode) -> dict[str, float]:
    """Points of each code cell that is graded without a person, by grade_id."""
    return {
        _marking(cell)["grade_id"]: float(_marking(cell)["points"])
        for cell in nb.cells
        if cell.cell_type == "code" and _marking(cell).get("grade") and not _marking(cell).get("solution")
    }


def _solution_cells(source: NotebookNode, edition: Edition) -> dict[str, str]:
    kept = keep_edition(copy.deepcopy(source), edition)
    solutions = (cell for cell in kept.cells if cell.cell_type == "code" and _marking(cell).get("solution"))
    return {_marking(cell)["grade_id"]: cell.source for cell in solutions}


def _between(text: str) -> Iterator[int]:
    """Numbers of the lines between delimiters, counted without the delimiters."""
    number, inside = 0, not DELIMITER.search(text)
    for line in text.splitlines():
        if delimiter := DELIMITER.match(line):
            inside = delimiter[1] == "BEGIN"
        else:
            number += 1
            if inside:
                yield number


def _alone(grade_id: str, cells: Mapping[str, str], home: Mapping[str, str]) -> str:
    needed = [grade_id]
    for cell in needed:  # grows while it is read: what is called may call again
        names = {node.id for node in ast.walk(ast.parse(cells[cell])) if isinstance(node, ast.Name)}
        needed += sorted({home[name] for name in names & set(home)} - set(needed))
    if needed == [grade_id]:
        return cells[grade_id]
    body = textwrap.indent("\n".join(cells[cell] for cell in reversed(needed)), "    ")
    own = ", ".join(DEFINITION.findall(cells[grade_id]))
    return f"def _with_its_own_copies():\n{body}\n    return {own}\n\n{own} = _with_its_own_copies()"


def _marking(cell: NotebookNode) -> dict[str, Any]:
    marking: dict[str, Any] = cell.metadata.get("nbgrader", {})
    return marking
