"""Canvas: the gradebook that it exported, with grades filled in, ready to be imported again.

Columns: ``Student,ID,SIS User ID,SIS Login ID,Section,<Title (id)>…``; a row ``Points Possible`` above the students.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from nabla.course import CourseError
from nabla.export.filling import Layout, Target, number_in, same, targets
from nabla.export.table import Table
from nabla.export.totals import ClassGrades

_TITLE = re.compile(r"(.+?)\s*\(\d+\)")
_POINTS = "points possible"


def canvas_layout(table: Table, path: Path, grades: ClassGrades, columns: Mapping[str, str]) -> Layout:
    """Where things are in an exported gradebook. Raises `CourseError` where it is something else."""
    header = table.header()
    at = {same(title): column for column, title in enumerate(header)}
    if "student" not in at or "id" not in at:
        found = "; ".join(header[:8])
        raise CourseError(
            f"{path}: no Canvas gradebook: its header has no 'Student' and 'ID', but {found}. "
            "In Canvas: Grades → Export → Export Entire Gradebook."
        )
    points = next((row for row in range(1, len(table.rows)) if same(table.value(row, 0)) == _POINTS), None)
    matches = {column: _TITLE.fullmatch(title) for column, title in enumerate(header)}
    titles = {column: match[1] for column, match in matches.items() if match}
    chosen = targets(titles, columns, grades.assignments, header)
    return Layout(
        targets=[Target(name, column, _points(table, points, column)) for name, column in chosen],
        students=[row for row in range(1, len(table.rows)) if table.value(row, at["id"]).strip()],
        keys=[(at[title], names) for title, names in _KEYS.items() if title in at],
        name=lambda row: table.value(row, at["student"]).strip(),
        untouched=lambda row, column: "excused in Canvas" if same(table.value(row, column)) == "ex" else "",
    )


_KEYS = {
    "id": lambda person: [person.lms_user_id],
    "sis user id": lambda person: [person.id, person.lms_user_id],
    "sis login id": lambda person: [person.id, person.email],
    "integration id": lambda person: [person.id],
}


def _points(table: Table, row: int | None, column: int) -> float | None:
    return None if row is None else number_in(table.value(row, column))
