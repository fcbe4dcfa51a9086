"""Whether what ``docs/coverage.md`` names is there: the cells that teach an item, the checks that grade it.

The page writes a cell as `` `assignment#cell` `` (by id or grade_id), a check as `` `assignment#grade_id::check` ``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from nbformat import NotebookNode

from nabla.checks import Judge
from nabla.course import Course

PAGE = "docs/coverage.md"
_NAME = re.compile(r"`(\w+)#([\w-]+)(?:::(\w+))?`")


def coverage_problems(
    course: Course, assignment: str, sources: Iterable[NotebookNode], judge: Judge | None
) -> Iterator[str]:
    """What the page says of ``assignment`` (or of none that the course has) and isn't so. A course needs no page."""
    page = course.root / PAGE
    if not page.is_file():
        return
    known = course.assignments()
    cells = {name for source in sources for cell in source.cells for name in (cell.get("id"), _grade_id(cell))}
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        for owner, cell, check in _NAME.findall(line):
            if owner not in known:
                yield f"{PAGE}, line {number}: there is no assignment {owner!r}"
            elif owner == assignment and cell not in cells:
                yield f"{PAGE}, line {number}: {assignment} has no cell {cell!r}"
            elif owner == assignment and check and check not in _checks(judge, cell):
                yield f"{PAGE}, line {number}: {cell} has no check {check!r}"


def _grade_id(cell: NotebookNode) -> str | None:
    found: str | None = cell.metadata.get("nbgrader", {}).get("grade_id")
    return found


def _checks(judge: Judge | None, grade_id: str) -> set[str]:
    found = judge.exercises.get(grade_id) if judge else None
    return {check.name for check in found.checks} if found else set()
