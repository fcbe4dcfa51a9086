"""Cells that every student got, and which of them need not run to grade a notebook: unchanged ones that only show.

An author tags a cell ``picture`` that shows something and does nothing else. Knows neither files nor the sandbox.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nbformat import NotebookNode

from nabla.notebook.hardening import grade_id

PICTURE = "picture"


@dataclass(frozen=True)
class Given:
    """Sources of what every student got as code: cells without a mark of nbgrader, tests, and cells that only show."""

    cells: frozenset[str] = frozenset()
    tests: frozenset[str] = frozenset()
    pictures: frozenset[str] = frozenset()


NOTHING_GIVEN = Given()


@dataclass(frozen=True)
class Names:
    """Names that a cell binds; all that it binds or uses; those that it takes from others; whether it may take any."""

    binds: frozenset[str]
    touches: frozenset[str]
    needs: frozenset[str]
    any: bool = False


def given_of(nb: NotebookNode) -> Given:
    """What students of ``nb``, a notebook of one edition, were given."""
    code = [cell for cell in nb.cells if cell.cell_type == "code"]
    plain = [cell for cell in code if grade_id(cell) is None]
    tests = (cell.source for cell in code if is_test(cell))
    pictures = (cell.source for cell in plain if PICTURE in cell.metadata.get("tags", ()))
    return Given(frozenset(cell.source for cell in plain), frozenset(tests), frozenset(pictures))


def is_test(cell: NotebookNode) -> bool:
    """Whether nbgrader scores this cell by itself: graded, and no answer that a person marks."""
    marks = cell.metadata.get("nbgrader", {})
    return bool(marks.get("grade")) and not marks.get("solution") and not marks.get("task")


def unneeded(sources: Sequence[str], given: Given, names: Mapping[int, Names]) -> frozenset[int]:
    """Places in ``sources``, the code cells, of unchanged pictures whose names no other cell can miss.

    Of the student's cells none may bind or use them, and where it can't be told whether they do, every picture runs. A
    given cell or a test may use a name of its own that a picture has too, if it binds it first.
    """
    found = {place for place, source in enumerate(sources) if source in given.pictures and place in names}
    theirs = [place for place, source in enumerate(sources) if source not in given.cells | given.tests]
    if any(place not in names or names[place].any for place in theirs):
        return frozenset()
    missed = {name for place in theirs for name in names[place].touches}
    ours = set(names) - set(theirs)
    missed |= {name for place in ours - found for name in names[place].needs}
    while needed := {place for place in found if names[place].binds & missed}:
        found -= needed
        missed |= {name for place in needed for name in names[place].needs}
    return frozenset(found)
