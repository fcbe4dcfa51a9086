"""Moodle: the grading worksheet of one assignment, or the gradebook that it exported, with grades filled in.

A worksheet has ``Identifier`` and ``Grade`` and says what the grade is out of; a gradebook has a column for each
assignment. Both are exported in the language of who exports them: titles are known in English and Japanese, and others
are named with ``--column``, by the names of `_TITLES`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from nabla.course import CourseError
from nabla.export.filling import Layout, Target, number_in, only_column, same, targets
from nabla.export.table import Table
from nabla.export.totals import ClassGrades

_TITLES = {
    "identifier": ("identifier", "識別子"),
    "grade": ("grade", "評点"),
    "maximum": ("maximum grade", "最大評点"),
    "changeable": ("grade can be changed", "評点の変更可否", "評点変更可"),
    "id number": ("id number", "idナンバー", "id番号"),
    "email": ("email address", "メールアドレス"),
    "full name": ("full name", "フルネーム", "氏名"),
    "first name": ("first name", "名"),
    "last name": ("last name", "surname", "姓"),
}
_GRADE_OF = re.compile(r"[^:：]+[:：]\s*(.+?)\s*(?:[(（][^()（）]*[)）])?")
_NO = ("no", "いいえ")


def moodle_layout(table: Table, path: Path, grades: ClassGrades, columns: Mapping[str, str]) -> Layout:
    """Where things are in a worksheet or an exported gradebook. Raises `CourseError` where it is neither."""
    header = table.header()
    at = {name: column for name in _TITLES if (column := _column(header, name)) is not None}
    at |= {name: only_column(header, title) for name, title in columns.items() if name in _TITLES}
    columns = {name: title for name, title in columns.items() if name not in _TITLES}
    if not {"id number", "email", "full name"} & set(at):
        raise CourseError(
            f"{path}: no file of Moodle's that names students: its header has {'; '.join(header[:8])}. "
            "In the assignment: View all submissions → Download grading worksheet. In another language than English or "
            "Japanese, say which column is which: --column 'email=TITLE' (or 'full name', 'id number')"
        )
    chosen = _chosen(header, at, grades, columns)
    comma = "maximum" in at and any("," in table.value(row, at["maximum"]) for row in range(1, len(table.rows)))
    students = [row for row in range(1, len(table.rows)) if any(cell.strip() for cell in table.rows[row])]
    points = {row: number_in(table.value(row, at["maximum"])) for row in students} if "maximum" in at else None
    return Layout(
        targets=[Target(name, column, points) for name, column in chosen],
        students=students,
        keys=[(at[title], names) for title, names in _KEYS.items() if title in at],
        name=lambda row: _name(table, at, row),
        untouched=lambda row, _: "Moodle lets nobody change this grade" if _is_fixed(table, at, row) else "",
        decimal_comma=comma,
    )


_KEYS = {
    "id number": lambda person: [person.id, person.lms_user_id],
    "email": lambda person: [person.email, person.id],
    "identifier": lambda person: [person.id],
}


def _chosen(
    header: list[str], at: Mapping[str, int], grades: ClassGrades, columns: Mapping[str, str]
) -> list[tuple[str, int]]:
    """The columns to fill. A worksheet has one for grades, so one assignment has to be named."""
    if columns or not {"identifier", "grade"} <= set(at):
        matches = {column: _GRADE_OF.fullmatch(title) for column, title in enumerate(header)}
        titles = {column: match[1] for column, match in matches.items() if match}
        return targets(titles, columns, grades.assignments, header)
    if len(grades.assignments) != 1:
        names = ", ".join(grades.assignments)
        raise CourseError(f"A grading worksheet is of one assignment. Name the one that it is of: {names}.")
    return [(grades.assignments[0], at["grade"])]


def _column(header: list[str], name: str) -> int | None:
    return next((at for at, title in enumerate(header) if same(title) in _TITLES[name]), None)


def _name(table: Table, at: Mapping[str, int], row: int) -> str:
    if "full name" in at:
        return table.value(row, at["full name"]).strip()
    return " ".join(table.value(row, at[part]).strip() for part in ("first name", "last name") if part in at)


def _is_fixed(table: Table, at: Mapping[str, int], row: int) -> bool:
    return "changeable" in at and same(table.value(row, at["changeable"])) in _NO
