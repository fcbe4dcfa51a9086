"""The source notebooks of an assignment, in the edition that a submission is.

The default edition is what nbgrader stored when it was released; the others are computed from ``source/`` in memory.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path

from nbformat import NotebookNode
from traitlets.config import Config

from nabla.gradebook import StoredAssignment, StoredNotebook, stored_assignment
from nabla.notebook.editions import (
    Edition,
    default_edition,
    edition_of,
    handed_in,
    has_editions,
    keep_edition,
    master_notebook,
)
from nabla.notebook.given import NOTHING_GIVEN, Given, given_of
from nabla.notebook.hardening import SourceCell, SourceNotebook, grade_id
from nabla.notebook.reading import UnreadableNotebook, read_notebook
from nabla.sandbox import names_of

_SOURCE_LIMIT = 2**30


class Sources:
    """One assignment's source notebooks; each edition is made when first asked for and kept."""

    def __init__(self, stored: StoredAssignment, folder: Path, config: Config) -> None:
        self.stored, self.folder, self.config = stored, folder, config
        self.default = default_edition(config)
        self._frameworks = handed_in(config)
        self._made: dict[tuple[str, Edition], SourceNotebook] = {}
        self._given: dict[tuple[str, Edition], Given] = {}

    @classmethod
    def load(cls, db_url: str, assignment: str, folder: Path, config: Config) -> Sources:
        """The sources of ``assignment``, whose source files lie in ``folder``. Raises `GradebookError`."""
        return cls(stored_assignment(db_url, assignment), folder, config)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the assignment's notebooks, sorted."""
        return tuple(sorted(self.stored.notebooks))

    def read(self) -> None:
        """Make the edition that most hand in. Raises `UnreadableNotebook`."""
        for name in self.names:
            self.notebook(name, self.default)
            self.given(name, self.default)

    def notebook(self, name: str, edition: Edition) -> SourceNotebook:
        """The source of notebook ``name`` in ``edition``. Raises `UnreadableNotebook` for a name that isn't known."""
        if name not in self.stored.notebooks:
            names = ", ".join(f"{known}.ipynb" for known in self.names)
            raise UnreadableNotebook(f"{name}.ipynb", "is no notebook of this assignment", f"Its notebooks: {names}")
        key = (name, edition)
        if key not in self._made:
            self._made[key] = self._make(self.stored.notebooks[name], edition)
        return self._made[key]

    def given(self, name: str, edition: Edition) -> Given:
        """The code cells of notebook ``name`` that carry no mark of nbgrader: examples and pictures."""
        key = (name, edition)
        if key not in self._given:
            path = self.folder / f"{name}.ipynb"
            source = keep_edition(_source(path), edition) if path.is_file() else None
            self._given[key] = given_of(source, _names) if source is not None else NOTHING_GIVEN
        return self._given[key]

    def edition(self, nb: NotebookNode) -> Edition:
        """The edition that a submitted notebook says it is, as far as that is one we know."""
        return edition_of(nb, self.default, self._frameworks)

    def _make(self, stored: StoredNotebook, edition: Edition) -> SourceNotebook:
        path = self.folder / f"{stored.name}.ipynb"
        cells = {cell.id: SourceCell(**asdict(cell)) for cell in stored.cells}
        if not path.is_file():
            return SourceNotebook(stored.name, tuple(cells.values()), stored.kernelspec)
        source = _source(path)
        if edition != self.default and has_editions(source):
            master = master_notebook(source, edition, self.config)
            cells = _in_edition(cells, master)
        order = _order(keep_edition(source, edition).cells)
        ordered = sorted(cells.values(), key=lambda cell: order.get(cell.id, len(order)))
        return SourceNotebook(stored.name, tuple(ordered), stored.kernelspec)


def _source(path: Path) -> NotebookNode:
    """A notebook of the course's own. Raises `UnreadableNotebook`, which tells the instructor."""
    try:
        return read_notebook(path, limit=_SOURCE_LIMIT)
    except UnreadableNotebook as error:
        advice = "It is the course's own: mend it, release it again (nabla release), then grade again"
        raise UnreadableNotebook(path, error.wrong, advice) from error


def _names(source: str) -> object:
    """The names of a cell of the course's own, read here: it is trusted, and the same for every submission."""
    return names_of(source, _as_python)


def _as_python(source: str) -> str:
    from IPython.core.inputtransformer2 import TransformerManager  # only where a cell isn't plain Python

    return str(TransformerManager().transform_cell(source))


def _order(cells: Iterable[NotebookNode]) -> dict[str, int]:
    return {name: place for place, cell in enumerate(cells) if (name := grade_id(cell)) is not None}


def _in_edition(cells: dict[str, SourceCell], master: NotebookNode) -> dict[str, SourceCell]:
    """The stored cells with this edition's text and checksum; points and marks stay those of the gradebook."""
    found: dict[str, SourceCell] = {}
    for cell in master.cells:
        name = grade_id(cell)
        if name is not None and name in cells:
            checksum = cell.metadata.nbgrader.get("checksum")
            found[name] = replace(cells[name], source=cell.source, checksum=checksum, cell_type=cell.cell_type)
    return found
