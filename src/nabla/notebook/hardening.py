"""Puts a submitted notebook back into the shape of its source before anything of it runs.

A pure function of the notebook and the source's cells: the student's code and words stay, everything that steers
nbgrader, Jupyter or the grading comes from the source. Knows no database and no files.
"""

from __future__ import annotations

import base64
import copy
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode

from nabla.notebook.editions import FRAMEWORKS, Edition
from nabla.notebook.pictures import is_picture
from nabla.notebook.reading import UnreadableNotebook, fresh_id, node

SCHEMA_VERSION = 3
_HARMLESS = ("kernel put back", "tags were removed")
_KEPT_FLAGS = ("deletable", "editable")
_KEPT_KERNELSPEC = ("display_name", "language", "name")
_KEPT_LANGUAGE_INFO = ("file_extension", "mimetype", "name", "version")
_PLAIN = re.compile(r"[\w .+/()-]{1,100}\Z")
_ATTACHMENT = re.compile(r"[\w .()-]{1,100}\Z")


@dataclass(frozen=True)
class SourceCell:
    """One cell of the source notebook that nbgrader knows by a grade_id."""

    id: str
    cell_type: str
    source: str
    checksum: str | None
    grade: bool
    solution: bool
    locked: bool
    task: bool = False
    points: float | None = None

    def metadata(self) -> dict[str, Any]:
        """The cell's nbgrader metadata as a release has it."""
        marks: dict[str, Any] = {"schema_version": SCHEMA_VERSION, "grade_id": self.id, "cell_type": self.cell_type}
        marks |= {"grade": self.grade, "solution": self.solution, "locked": self.locked, "task": self.task}
        if self.points is not None:
            marks["points"] = self.points
        if self.checksum:
            marks["checksum"] = self.checksum
        return marks

    @property
    def restored(self) -> bool:
        """Whether a deleted cell is put back: what carries points, and locked code that graded cells may need.

        Not a mere solution cell: its stub could hide an answer that the student wrote elsewhere.
        """
        return self.grade or self.task or (self.locked and self.cell_type == "code")


@dataclass(frozen=True)
class SourceNotebook:
    """A source notebook in one edition: its nbgrader cells in their order, and its kernel."""

    name: str
    cells: tuple[SourceCell, ...]
    kernelspec: Mapping[str, Any] = field(default_factory=dict)


def harden(nb: NotebookNode, source: SourceNotebook, edition: Edition) -> tuple[NotebookNode, list[str]]:
    """The notebook as it may be graded, and a remark in plain words for each thing that was put right.

    ``nb`` isn't changed. Raises `UnreadableNotebook` for a notebook that belongs to something else altogether.
    """
    remarks: list[str] = []
    known = {cell.id: cell for cell in source.cells}
    hard = copy.copy(nb)
    hard.cells = [_own(cell) for cell in nb.cells]
    _drop_foreign(hard.cells, known, source.name, remarks)
    _drop_duplicates(hard.cells, known, remarks)
    for cell in hard.cells:
        _put_back_cell(cell, known, remarks)
    hard.cells = _in_order(hard.cells, source.cells, remarks)
    hard.cells = _with_missing(hard.cells, source.cells, remarks)
    hard.metadata = _notebook_metadata(nb.metadata, source, edition, remarks)
    return hard, remarks


def alterations(remarks: Iterable[str]) -> list[str]:
    """Those of `harden`'s remarks that tell of altered cells or another edition: not of tags and kernels."""
    return [remark for remark in remarks if not remark.startswith(_HARMLESS)]


def grade_id(cell: NotebookNode) -> str | None:
    """The cell's grade_id, or ``None`` where it has none that could be one."""
    marks = cell.metadata.get("nbgrader")
    name = marks.get("grade_id") if isinstance(marks, dict) else None
    return name if isinstance(name, str) and name else None


def _own(cell: NotebookNode) -> NotebookNode:
    """A copy as deep as the steps below change it."""
    mine = copy.copy(cell)
    mine.metadata = copy.copy(cell.metadata)
    return mine


def _drop_foreign(cells: list[NotebookNode], known: Mapping[str, SourceCell], name: str, remarks: list[str]) -> None:
    foreign = []
    for cell in cells:
        if "nbgrader" in cell.metadata and grade_id(cell) not in known:
            marks = cell.metadata.pop("nbgrader")
            if isinstance(marks, dict) and any(marks.get(flag) for flag in ("grade", "solution", "locked", "task")):
                foreign.append(str(marks.get("grade_id", "")))
    if not foreign:
        return
    if not any(grade_id(cell) for cell in cells):
        wrong = "none of its graded cells belongs to this notebook of the assignment"
        raise UnreadableNotebook(f"{name}.ipynb", wrong, "Ask the student to submit the right notebook")
    remarks.append(f"cells that the assignment doesn't know count as ordinary cells: {_names(foreign)}")


def _drop_duplicates(cells: list[NotebookNode], known: Mapping[str, SourceCell], remarks: list[str]) -> None:
    """Of several cells with one grade_id the last stays marked, of written answers the last that was answered."""
    places: dict[str, list[NotebookNode]] = {}
    for cell in cells:
        if (name := grade_id(cell)) is not None:
            places.setdefault(name, []).append(cell)
    doubled = {name: found for name, found in places.items() if len(found) > 1}
    for name, found in doubled.items():
        answered = [cell for cell in found if known[name].solution and cell.source != known[name].source]
        keeper = (answered or found)[-1]
        for cell in found:
            if cell is not keeper:
                del cell.metadata["nbgrader"]
    if doubled:
        remarks.append(f"cells that were there more than once count once: {_names(doubled)}")


def _put_back_cell(cell: NotebookNode, known: Mapping[str, SourceCell], remarks: list[str]) -> None:
    name = grade_id(cell)
    given = cell.metadata
    cell.metadata = NotebookNode({flag: given[flag] for flag in _KEPT_FLAGS if isinstance(given.get(flag), bool)})
    if given.get("tags"):
        remarks.append(f"tags were removed: {_names(_words(given['tags']))}")
    if name is not None:
        source = known[name]
        _report(given["nbgrader"], cell, source, remarks)
        cell.metadata["nbgrader"] = node(source.metadata())
        if source.locked:
            cell.source = source.source
        _retype(cell, source.cell_type)
    _keep_pictures(cell)


def _report(marks: Mapping[str, Any], cell: NotebookNode, source: SourceCell, remarks: list[str]) -> None:
    if source.points is not None and marks.get("points") != source.points:
        remarks.append(f"{source.id}: points put back to {source.points:g}")
    flags = {"grade": source.grade, "solution": source.solution, "task": source.task}
    if any(bool(marks.get(flag, False)) is not value for flag, value in flags.items()):
        remarks.append(f"{source.id}: its marks as a graded or answer cell put back")
    if cell.cell_type != source.cell_type:
        remarks.append(f"{source.id}: made a {source.cell_type} cell again")
    elif source.locked and not _is_released_form(cell, source):
        remarks.append(f"{source.id}: its text was changed and has been put back")


def _is_released_form(cell: NotebookNode, source: SourceCell) -> bool:
    """Whether the cell is the source without lines that a release leaves out (hidden tests, marking schemes)."""
    lines = iter(source.source.split("\n"))
    return all(any(line == kept for kept in lines) for line in cell.source.split("\n"))


def _retype(cell: NotebookNode, cell_type: str) -> None:
    cell.cell_type = cell_type
    if cell_type == "code":
        cell.setdefault("outputs", [])
        cell.setdefault("execution_count", None)
        cell.pop("attachments", None)
    else:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)


def _keep_pictures(cell: NotebookNode) -> None:
    """Of attachments only PNG and JPEG pictures stay: a photo of a calculation is an answer."""
    given = cell.pop("attachments", None)
    if cell.cell_type != "markdown" or not isinstance(given, dict):
        return
    kept = {name: pictures for name, bundle in given.items() if (pictures := _pictures(name, bundle))}
    if kept:
        cell["attachments"] = node(kept)


def _pictures(name: str, bundle: Any) -> dict[str, str]:
    if not _ATTACHMENT.match(name) or not isinstance(bundle, dict):
        return {}
    return {kind: _tidy(data) for kind, data in bundle.items() if is_picture(kind, data)}


def _tidy(data: str) -> str:
    return base64.b64encode(base64.b64decode("".join(data.split()))).decode()


def _in_order(cells: list[NotebookNode], source: tuple[SourceCell, ...], remarks: list[str]) -> list[NotebookNode]:
    """The cells, with each test cell that stands above the answer that it tests moved to just below it."""
    answer: str | None = None
    for wanted in source:
        if wanted.solution:
            answer = wanted.id
        elif wanted.grade and answer is not None:
            test_at, answer_at = _index(cells, wanted.id), _index(cells, answer)
            if test_at is not None and answer_at is not None and test_at < answer_at:
                cells.insert(answer_at, cells.pop(test_at))
                remarks.append(f"{wanted.id}: moved back below {answer}")
    return cells


def _with_missing(cells: list[NotebookNode], source: tuple[SourceCell, ...], remarks: list[str]) -> list[NotebookNode]:
    """The cells, with each deleted graded cell put back.

    It stands just above the next cell of the source that is still there, so below everything written for it.
    """
    added = []
    for place, wanted in enumerate(source):
        if not wanted.restored or _index(cells, wanted.id) is not None:
            continue
        before = [at for cell in source[:place] if (at := _index(cells, cell.id)) is not None]
        after = [at for cell in source[place + 1 :] if (at := _index(cells, cell.id)) is not None]
        after = [at for at in after if not before or at > before[-1]]
        cells.insert(after[0] if after else len(cells), _new_cell(wanted, {cell.id for cell in cells}))
        added.append(wanted.id)
    if added:
        remarks.append(f"deleted cells were put back: {_names(added)}")
    return cells


def _new_cell(wanted: SourceCell, taken: set[str]) -> NotebookNode:
    metadata: dict[str, Any] = {"deletable": False, "nbgrader": wanted.metadata()}
    if wanted.locked:
        metadata["editable"] = False
    cell: dict[str, Any] = {"cell_type": wanted.cell_type, "id": fresh_id(wanted.id, taken), "metadata": metadata}
    cell["source"] = wanted.source
    if wanted.cell_type == "code":
        cell |= {"execution_count": None, "outputs": []}
    return node(cell)


def _index(cells: list[NotebookNode], name: str) -> int | None:
    return next((at for at, cell in enumerate(cells) if grade_id(cell) == name), None)


def _notebook_metadata(
    given: Mapping[str, Any], source: SourceNotebook, edition: Edition, remarks: list[str]
) -> NotebookNode:
    metadata: dict[str, Any] = {}
    kernel = _plain(given.get("kernelspec"), _KEPT_KERNELSPEC)
    if source.kernelspec:
        if kernel.get("name") != source.kernelspec.get("name"):
            remarks.append(f"kernel put back to {source.kernelspec.get('name')}")
        metadata["kernelspec"] = dict(source.kernelspec)
    elif kernel:
        metadata["kernelspec"] = kernel
    if language := _plain(given.get("language_info"), _KEPT_LANGUAGE_INFO):
        metadata["language_info"] = language
    if "nabla" in given:
        said = given["nabla"].get("framework") if isinstance(given["nabla"], dict) else None
        if said in FRAMEWORKS and said != edition.framework:
            why = f"{said} isn't among c.Nabla.frameworks"
            remarks.append(f"taken for the {edition.framework} edition: {why}")
        metadata["nabla"] = edition._asdict()
    return node(metadata)


def _plain(given: Any, names: tuple[str, ...]) -> dict[str, str]:
    """Of a mapping the named entries that are short and harmless words."""
    given = given if isinstance(given, dict) else {}
    return {name: given[name] for name in names if isinstance(given.get(name), str) and _PLAIN.match(given[name])}


def _words(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _names(names: Any) -> str:
    """At most five names, short and on one line."""
    short = [re.sub(r"[^\w.-]", "?", name)[:40] or "(no name)" for name in names]
    return ", ".join(short[:5]) + (f" and {len(short) - 5} more" if len(short) > 5 else "")
