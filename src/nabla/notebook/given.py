"""Cells that every student got, and which of them need not run to grade a notebook: unchanged ones that only show.

An author tags a cell ``picture`` that shows something and does nothing else. Knows neither files nor the sandbox.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from nbformat import NotebookNode

from nabla.notebook.hardening import grade_id

PICTURE = "picture"


@dataclass(frozen=True)
class Names:
    """Names that a cell binds; all that it binds or uses; those that it takes from others; whether it may take any."""

    binds: frozenset[str]
    touches: frozenset[str]
    needs: frozenset[str]
    any: bool = False

    @classmethod
    def said(cls, told: object) -> Names | None:
        """What ``told`` (by `nabla.sandbox.runner.names`, perhaps in a student's process) says, where it is whole."""
        if not isinstance(told, dict):
            return None
        binds, touches, needs = (told.get(kind) for kind in ("binds", "touches", "needs"))
        if not (isinstance(binds, list) and isinstance(touches, list) and isinstance(needs, list)):
            return None
        names = [frozenset(str(name) for name in part) for part in (binds, touches, needs)]
        return cls(names[0], names[1], names[2], told.get("any") is not False)


@dataclass(frozen=True)
class Given:
    """Sources of what every student got as code: all of it, cells without a mark of nbgrader, cells that only show."""

    names: Mapping[str, Names | None] = field(default_factory=dict)
    cells: frozenset[str] = frozenset()
    pictures: frozenset[str] = frozenset()
    texts: frozenset[tuple[str, str]] = frozenset()
    """Type and source of the cells that are no code and that nobody is to change."""


NOTHING_GIVEN = Given()


def given_of(nb: NotebookNode, tell: Callable[[str], object]) -> Given:
    """What students of ``nb``, a notebook of one edition, were given; ``tell`` says which names a cell touches."""
    code = [cell for cell in nb.cells if cell.cell_type == "code"]
    plain = [cell for cell in code if grade_id(cell) is None]
    pictures = frozenset(cell.source for cell in plain if PICTURE in cell.metadata.get("tags", ()))
    known = [*plain, *(cell for cell in code if is_test(cell))] if pictures else []
    names = {cell.source: Names.said(tell(cell.source)) for cell in known}
    texts = ((cell.cell_type, cell.source) for cell in nb.cells if cell.cell_type != "code" and not _answered(cell))
    return Given(names, frozenset(c.source for c in plain), pictures, frozenset(texts))


def _answered(cell: NotebookNode) -> bool:
    marks = cell.metadata.get("nbgrader", {})
    return bool(marks.get("solution") or marks.get("task"))


def is_test(cell: NotebookNode) -> bool:
    """Whether nbgrader scores this cell by itself: graded, and no answer that a person marks."""
    marks = cell.metadata.get("nbgrader", {})
    return bool(marks.get("grade")) and not marks.get("solution") and not marks.get("task")


def unneeded(sources: Sequence[str], given: Given, theirs: Mapping[str, Names | None]) -> frozenset[int]:
    """Places in ``sources``, the code cells, of unchanged pictures whose names no other cell can miss.

    ``theirs``: what the other cells, the student's, touch. They may not bind a picture's names either, and where it
    can't be told whether they do, every picture runs. A given cell may use a name that a picture has too, if it binds
    it first.
    """
    if any(names is None or names.any for names in theirs.values()):
        return frozenset()
    known = {place: names for place, source in enumerate(sources) if (names := given.names.get(source)) is not None}
    found = {place for place in known if sources[place] in given.pictures}
    missed = {name for names in theirs.values() if names is not None for name in names.touches}
    missed |= {name for place in set(known) - found for name in known[place].needs}
    while needed := {place for place in found if known[place].binds & missed}:
        found -= needed
        missed |= {name for place in needed for name in known[place].needs}
    return frozenset(found)
