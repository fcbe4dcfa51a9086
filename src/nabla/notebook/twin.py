"""The text twin of a source notebook: the jupytext Markdown that people review, and the notebook that it gives.

Knows files and formats only. Both directions are exact, so either side may be edited and the other made from it.
Each cell of the twin carries its own ``id``: ids stay the same when cells are moved, added or reworded.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbformat import NotebookNode

_FORMAT = {"extension": ".md", "format_name": "markdown"}
_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_CELL_FIELDS = {"tags", "nbgrader", "deletable", "editable"}


class TwinError(Exception):
    """A twin can't be used or isn't equal to its notebook; the message says where, what is wrong and what to do."""


def twin_to_notebook(twin: Path) -> NotebookNode:
    """The notebook that the text in ``twin`` stands for: nbformat 4.5, without outputs, ids as the text says.

    Raises `TwinError` for a cell without an id, a repeated id, or a metadata key that no reader knows.
    """
    read = jupytext.reads(twin.read_text(encoding="utf-8"), fmt="md")
    seen: set[str] = set()
    cells = [_cell(cell, twin, number, seen) for number, cell in enumerate(read.cells, start=1)]
    kept = {key: value for key, value in read.metadata.items() if key != "jupytext"}
    nb: NotebookNode = nbformat.v4.new_notebook(cells=cells, metadata={"language_info": {"name": "python"}, **kept})
    nb.nbformat_minor = 5
    nbformat.validate(nb)
    return nb


def notebook_to_twin(nb: NotebookNode) -> str:
    """The text of the twin for ``nb``; outputs are left out."""
    copy = nbformat.from_dict(_clean(nb))
    for cell in copy.cells:
        cell.metadata = nbformat.from_dict({"id": cell.id, **cell.metadata})
    copy.metadata.pop("language_info", None)
    copy.metadata["jupytext"] = {"text_representation": dict(_FORMAT), "notebook_metadata_filter": "all"}
    text: str = jupytext.writes(copy, fmt="md")
    # The versions would make the text differ from one machine to the next.
    return re.sub(
        r"^ +(?:format_version|jupytext_version|notebook_metadata_filter): .*\n", "", text, flags=re.MULTILINE
    )


def notebook_text(nb: NotebookNode) -> str:
    """The bytes-for-bytes text of a source notebook."""
    return str(nbformat.writes(nb, version=nbformat.NO_CONVERT)).rstrip("\n") + "\n"


def write_source(twin: Path, ipynb: Path) -> None:
    """Make ``ipynb`` from ``twin``."""
    ipynb.parent.mkdir(parents=True, exist_ok=True)
    ipynb.write_text(notebook_text(twin_to_notebook(twin)), encoding="utf-8")


def write_twin(ipynb: Path, twin: Path) -> None:
    """Make ``twin`` from ``ipynb``, after an instructor has edited the notebook."""
    twin.write_text(notebook_to_twin(nbformat.read(ipynb, as_version=4)), encoding="utf-8")


def check_equal(twin: Path, ipynb: Path) -> None:
    """Raise `TwinError` unless ``ipynb`` is, byte for byte, what ``twin`` gives."""
    if not ipynb.is_file():
        raise TwinError(f"{ipynb}: missing. Make it from {twin} with: python -m nabla.notebook.twin {twin} {ipynb}")
    made, found = notebook_text(twin_to_notebook(twin)), ipynb.read_text(encoding="utf-8")
    if made == found:
        return
    pairs = enumerate(zip(made.splitlines(), found.splitlines(), strict=False), start=1)
    line = next((number for number, (left, right) in pairs if left != right), 0)
    raise TwinError(
        f"{ipynb}, line {line or 'last'}: differs from what {twin} gives. Make the notebook from the text with: "
        f"python -m nabla.notebook.twin {twin} {ipynb}; or, where the notebook was edited, the text from the notebook: "
        f"python -m nabla.notebook.twin {ipynb} {twin}"
    )


def _cell(cell: NotebookNode, twin: Path, number: int, seen: set[str]) -> NotebookNode:
    metadata = dict(cell.metadata)
    where = f"{twin}, cell {number} ({cell.source[:40]!r})"
    name = str(metadata.pop("id", ""))
    if not _ID.fullmatch(name):
        raise TwinError(f'{where}: give it an id of letters, digits, "-" and "_", for instance id="goal-en".')
    if name in seen:
        raise TwinError(f"{where}: the id {name} is used twice; give this cell another.")
    if strange := sorted(set(metadata) - _CELL_FIELDS):
        raise TwinError(f"{where}: unknown metadata {', '.join(strange)}; known are {', '.join(sorted(_CELL_FIELDS))}.")
    seen.add(name)
    make = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}[cell.cell_type]
    made: NotebookNode = make(cell.source, metadata=metadata, id=name)
    return made


def _clean(nb: NotebookNode) -> dict[str, Any]:
    """``nb`` without outputs, counts and what editors leave in the metadata of cells."""
    cells = []
    for cell in nb.cells:
        kept = {key: value for key, value in cell.metadata.items() if key in _CELL_FIELDS}
        fresh = {"cell_type": cell.cell_type, "id": cell.id, "source": cell.source, "metadata": kept}
        cells.append({**fresh, "outputs": [], "execution_count": None} if cell.cell_type == "code" else fresh)
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": dict(nb.metadata), "cells": cells}


def main(arguments: list[str]) -> None:
    """``python -m nabla.notebook.twin FROM TO``: makes one from the other, by their endings."""
    if len(arguments) != 2:
        raise SystemExit("usage: python -m nabla.notebook.twin FROM TO   (one of them .md, the other .ipynb)")
    here, there = (Path(argument) for argument in arguments)
    (write_source if here.suffix == ".md" else write_twin)(here, there)


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
